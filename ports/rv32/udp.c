/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lwIP's connected UDP: it passes on only what came from that address and port.
 * One datagram waits; another that comes meanwhile is dropped.
 */
#include "ports/rv32/udp.h"

#include "lwip/udp.h"
#include "ports/rv32/address.h"

/* Ports of our own: IANA's dynamic ones. */
#define FIRST_PORT 49152u
#define PORT_TRIES 4

uint32_t hwi_rv32_random(void);

static struct {
    struct udp_pcb *pcb; /* NULL: closed */
    struct pbuf *waiting;
} sockets[HAWSER_UDP_SLOTS];

static void received(void *ctx, struct udp_pcb *pcb, struct pbuf *datagram,
                     const ip_addr_t *from, u16_t port)
{
    unsigned slot = (unsigned)(uintptr_t)ctx;

    (void)pcb;
    (void)from;
    (void)port;
    if (sockets[slot].waiting == NULL) {
        sockets[slot].waiting = datagram;
    } else {
        (void)pbuf_free(datagram);
    }
}

/* A random port of our own, so that answers cannot be guessed. */
static err_t bind(struct udp_pcb *pcb)
{
    err_t err = ERR_USE;
    int i;

    for (i = 0; i < PORT_TRIES && err == ERR_USE; i++) {
        u16_t port = (u16_t)(FIRST_PORT + (hwi_rv32_random() & 0x3fff));

        err = udp_bind(pcb, IP_ADDR_ANY, port);
    }
    return err;
}

int hwi_rv32_udp_open(unsigned slot, const struct hawser_address *to)
{
    struct udp_pcb *pcb;
    ip_addr_t address;

    if (slot >= HAWSER_UDP_SLOTS || !hwi_rv32_address_to_lwip(to, &address)) {
        return HAWSER_E_LINK;
    }
    hwi_rv32_udp_close(slot);
    pcb = udp_new();
    if (pcb == NULL) {
        return HAWSER_E_LINK;
    }
    if (bind(pcb) != ERR_OK || udp_connect(pcb, &address, to->port) != ERR_OK) {
        udp_remove(pcb);
        return HAWSER_E_LINK;
    }
    udp_recv(pcb, received, (void *)(uintptr_t)slot);
    sockets[slot].pcb = pcb;
    return 0;
}

int hwi_rv32_udp_send(unsigned slot, const uint8_t *bytes, size_t len)
{
    struct pbuf *datagram;
    err_t err;

    if (slot >= HAWSER_UDP_SLOTS || sockets[slot].pcb == NULL ||
        len > UINT16_MAX) {
        return HAWSER_E_LINK;
    }
    datagram = pbuf_alloc(PBUF_TRANSPORT, (u16_t)len, PBUF_RAM);
    if (datagram == NULL) {
        return HAWSER_E_WAIT;
    }
    (void)pbuf_take(datagram, bytes, (u16_t)len);
    err = udp_send(sockets[slot].pcb, datagram);
    (void)pbuf_free(datagram);
    if (err == ERR_MEM || err == ERR_BUF) {
        return HAWSER_E_WAIT;
    }
    return err == ERR_OK ? 0 : HAWSER_E_LINK;
}

int hwi_rv32_udp_receive(unsigned slot, uint8_t *out, size_t size)
{
    struct pbuf *datagram;
    u16_t len;

    if (slot >= HAWSER_UDP_SLOTS || sockets[slot].pcb == NULL) {
        return HAWSER_E_LINK;
    }
    datagram = sockets[slot].waiting;
    if (datagram == NULL) {
        return HAWSER_E_WAIT;
    }
    len = size < datagram->tot_len ? (u16_t)size : datagram->tot_len;
    (void)pbuf_copy_partial(datagram, out, len, 0);
    (void)pbuf_free(datagram);
    sockets[slot].waiting = NULL;
    return len;
}

void hwi_rv32_udp_close(unsigned slot)
{
    if (slot >= HAWSER_UDP_SLOTS) {
        return;
    }
    if (sockets[slot].pcb != NULL) {
        udp_remove(sockets[slot].pcb);
    }
    if (sockets[slot].waiting != NULL) {
        (void)pbuf_free(sockets[slot].waiting);
    }
    sockets[slot].pcb = NULL;
    sockets[slot].waiting = NULL;
}
