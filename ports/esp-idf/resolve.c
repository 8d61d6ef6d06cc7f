/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A question is handed to lwIP's task and its answer handed back: resolve.h. lwIP
 * knows no way to take one back, so a question that was given up is told by its
 * number when its answer comes. RFC 1035.
 */
#include "ports/esp-idf/resolve.h"

#include <stdatomic.h>
#include <string.h>

#include "lwip/dns.h"
#include "lwip/tcpip.h"

enum stage { FREE, ASKED, ANSWERED, FAILED };

/* host and the question are ours until ASKED is stored, address and the answer
 * lwIP's until ANSWERED is. */
static struct {
    atomic_int stage;
    atomic_uint number; /* of the question */
    atomic_uint address;
    char host[HAWSER_HOST_SIZE];
} lookups[HAWSER_RESOLVE_SLOTS];

static void (*tell)(void);

void hwi_esp_resolve_init(void (*news)(void))
{
    tell = news;
}

static void *mark(unsigned slot)
{
    return (void *)((uintptr_t)atomic_load(&lookups[slot].number) << 8 | slot);
}

/* In lwIP's task. */
static void answered(const char *host, const ip_addr_t *address, void *ctx)
{
    unsigned slot = (unsigned)((uintptr_t)ctx & 0xff);

    (void)host;
    if (mark(slot) != ctx) {
        return; /* nobody waits for it any more */
    }
    if (address != NULL) {
        atomic_store(&lookups[slot].address, ip_addr_get_ip4_u32(address));
    }
    atomic_store(&lookups[slot].stage, address != NULL ? ANSWERED : FAILED);
    tell();
}

/* In lwIP's task. */
static void ask(void *ctx)
{
    unsigned slot = (unsigned)((uintptr_t)ctx & 0xff);
    ip_addr_t address;
    err_t err;

    if (mark(slot) != ctx) {
        return;
    }
    err = dns_gethostbyname_addrtype(lookups[slot].host, &address, answered,
                                     ctx, LWIP_DNS_ADDRTYPE_IPV4);
    if (err == ERR_OK) {
        answered(NULL, &address, ctx); /* a literal, or known still */
    } else if (err != ERR_INPROGRESS) {
        answered(NULL, NULL, ctx);
    }
}

static void begin(unsigned slot, const char *host)
{
    size_t len = strlen(host);

    (void)atomic_fetch_add(&lookups[slot].number, 1);
    atomic_store(&lookups[slot].stage, FAILED);
    if (len >= sizeof lookups[slot].host) {
        return;
    }
    memcpy(lookups[slot].host, host, len + 1);
    atomic_store(&lookups[slot].stage, ASKED);
    if (tcpip_callback(ask, mark(slot)) != ERR_OK) {
        atomic_store(&lookups[slot].stage, FAILED);
    }
}

int hwi_esp_resolve(enum hawser_resolve_slot slot, const char *host,
                    struct hawser_address *out, size_t max)
{
    uint32_t address;
    int stage;

    if ((unsigned)slot >= HAWSER_RESOLVE_SLOTS || max == 0) {
        return HAWSER_E_LINK;
    }
    if (atomic_load(&lookups[slot].stage) == FREE) {
        begin(slot, host);
    }
    stage = atomic_load(&lookups[slot].stage);
    if (stage == ASKED) {
        return HAWSER_E_WAIT;
    }
    atomic_store(&lookups[slot].stage, FREE);
    if (stage == FAILED) {
        return HAWSER_E_LINK;
    }
    address = atomic_load(&lookups[slot].address);
    *out = (struct hawser_address){.family = 4};
    memcpy(out->bytes, &address, sizeof address);
    return 1;
}

void hwi_esp_resolve_cancel(enum hawser_resolve_slot slot)
{
    if ((unsigned)slot < HAWSER_RESOLVE_SLOTS) {
        (void)atomic_fetch_add(&lookups[slot].number, 1);
        atomic_store(&lookups[slot].stage, FREE);
    }
}
