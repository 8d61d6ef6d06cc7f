/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-net with one queue each way: ethernet.h. Frames are copied, so that
 * lwIP's memory and the card's stay apart. Virtio 1.1: 5.1.
 */
#include "ports/rv32/ethernet.h"

#include <string.h>

#include "lwip/etharp.h"
#include "lwip/netif.h"
#include "netif/ethernet.h"
#include "ports/rv32/virtio.h"

#define HEAD         12u /* of virtio's own, in front of each frame */
#define FRAME        1514u
#define IN_QUEUE     0u
#define OUT_QUEUE    1u
#define IN_BUFFERS   HWI_RV32_QUEUE_SIZE
#define OUT_BUFFERS  4u
#define FEATURE_MAC  (1u << 5)
#define FEATURE_LINK (1u << 16) /* the card knows whether there is carrier */
#define CONFIG_LINK  6u
#define LINK_UP      1u

struct buffer {
    uint8_t bytes[HEAD + FRAME + 2];
};

static struct hwi_rv32_virtio device;
static struct hwi_rv32_queue in_queue;
static struct hwi_rv32_queue out_queue;
static struct buffer in_buffers[IN_BUFFERS];
static struct buffer out_buffers[OUT_BUFFERS];
static bool is_out_busy[OUT_BUFFERS];
static struct netif interface;
static uint8_t address[HWI_RV32_MAC_SIZE];

static void in_offer(unsigned number)
{
    const struct hwi_rv32_part part = {&in_buffers[number],
                                       sizeof in_buffers[number], true};

    hwi_rv32_virtio_put(&device, &in_queue, number, &part, 1);
}

bool hwi_rv32_ethernet_open(uint8_t mac[HWI_RV32_MAC_SIZE])
{
    unsigned i;

    if (!hwi_rv32_virtio_begin(&device, HWI_RV32_VIRTIO_NET,
                               FEATURE_MAC | FEATURE_LINK)) {
        return false;
    }
    hwi_rv32_virtio_queue(&device, IN_QUEUE, &in_queue);
    hwi_rv32_virtio_queue(&device, OUT_QUEUE, &out_queue);
    hwi_rv32_virtio_run(&device);
    for (i = 0; i < HWI_RV32_MAC_SIZE; i++) {
        address[i] = hwi_rv32_virtio_config(&device, i);
    }
    memcpy(mac, address, sizeof address);
    for (i = 0; i < IN_BUFFERS; i++) {
        in_offer(i);
    }
    return true;
}

static void out_reclaim(void)
{
    unsigned first = 0;
    uint32_t len = 0;

    while (hwi_rv32_virtio_take(&out_queue, &first, &len)) {
        if (first < OUT_BUFFERS) {
            is_out_busy[first] = false;
        }
    }
}

/* lwIP's way out: one frame. */
static err_t send_frame(struct netif *netif, struct pbuf *frame)
{
    struct hwi_rv32_part part = {NULL, HEAD + frame->tot_len, false};
    unsigned i = 0;

    (void)netif;
    out_reclaim();
    while (i < OUT_BUFFERS && is_out_busy[i]) {
        i++;
    }
    if (i == OUT_BUFFERS || frame->tot_len > FRAME) {
        return ERR_MEM; /* lost, as frames may be; TCP sends it again */
    }
    memset(out_buffers[i].bytes, 0, HEAD);
    (void)pbuf_copy_partial(frame, out_buffers[i].bytes + HEAD, frame->tot_len,
                            0);
    is_out_busy[i] = true;
    part.at = &out_buffers[i];
    hwi_rv32_virtio_put(&device, &out_queue, i, &part, 1);
    return ERR_OK;
}

static void frame_take(const uint8_t *bytes, uint32_t len)
{
    struct pbuf *frame;

    if (len > FRAME) {
        return;
    }
    frame = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_POOL);
    if (frame == NULL) {
        return; /* no room: lost on the way */
    }
    (void)pbuf_take(frame, bytes, (u16_t)len);
    if (interface.input(frame, &interface) != ERR_OK) {
        (void)pbuf_free(frame);
    }
}

void hwi_rv32_ethernet_drive(void)
{
    unsigned first = 0;
    uint32_t len = 0;

    out_reclaim();
    while (hwi_rv32_virtio_take(&in_queue, &first, &len)) {
        if (len > HEAD) {
            frame_take(in_buffers[first].bytes + HEAD, len - HEAD);
        }
        in_offer(first);
    }
}

bool hwi_rv32_ethernet_has_carrier(void)
{
    return (hwi_rv32_virtio_config(&device, CONFIG_LINK) & LINK_UP) != 0;
}

static err_t interface_fill(struct netif *netif)
{
    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->mtu = 1500;
    netif->hwaddr_len = HWI_RV32_MAC_SIZE;
    memcpy(netif->hwaddr, address, sizeof address);
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP;
    netif->output = etharp_output;
    netif->linkoutput = send_frame;
    return ERR_OK;
}

struct netif *hwi_rv32_ethernet_netif(void)
{
    (void)netif_add(&interface, NULL, NULL, NULL, NULL, interface_fill,
                    ethernet_input);
    netif_set_default(&interface);
    netif_set_up(&interface);
    return &interface;
}
