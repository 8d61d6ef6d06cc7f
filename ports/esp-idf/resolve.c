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

/* TAKEN: lwIP's task is writing the answer down. */
enum stage { FREE, ASKED, TAKEN, ANSWERED, FAILED };

#define STAGE_BITS  3
#define NUMBER_MASK 0xffffffu /* it travels in a pointer, beside the slot */

/* host is ours until ASKED is stored, address lwIP's until ANSWERED is. Both
 * cores may be at it: who changes the stage of a question that the other one has
 * given up finds another number, and leaves it. */
static struct {
    atomic_uint state; /* number of the question, then its stage */
    atomic_uint address;
    char host[HAWSER_HOST_SIZE];
} lookups[HAWSER_RESOLVE_SLOTS];

static void (*tell)(void);

void hwi_esp_resolve_init(void (*news)(void))
{
    tell = news;
}

static unsigned state_of(unsigned number, enum stage stage)
{
    return number << STAGE_BITS | (unsigned)stage;
}

static unsigned number_of(unsigned slot)
{
    return atomic_load(&lookups[slot].state) >> STAGE_BITS;
}

static enum stage stage_of(unsigned slot)
{
    return (enum stage)(atomic_load(&lookups[slot].state) &
                        ((1u << STAGE_BITS) - 1));
}

/* What lwIP is handed, and hands back. */
static void *mark(unsigned number, unsigned slot)
{
    return (void *)((uintptr_t)number << 8 | slot);
}

static unsigned slot_in(void *mark)
{
    return (unsigned)((uintptr_t)mark & 0xff);
}

static unsigned number_in(void *mark)
{
    return (unsigned)((uintptr_t)mark >> 8);
}

/* From one stage to another; false: the question was given up. */
static bool move(void *mark, enum stage from, enum stage to)
{
    unsigned was = state_of(number_in(mark), from);

    return atomic_compare_exchange_strong(&lookups[slot_in(mark)].state, &was,
                                          state_of(number_in(mark), to));
}

/* In lwIP's task. */
static void answered(const char *host, const ip_addr_t *address, void *ctx)
{
    (void)host;
    if (!move(ctx, ASKED, TAKEN)) {
        return; /* nobody waits for it any more */
    }
    if (address != NULL) {
        atomic_store(&lookups[slot_in(ctx)].address,
                     ip_addr_get_ip4_u32(address));
    }
    if (move(ctx, TAKEN, address != NULL ? ANSWERED : FAILED)) {
        tell();
    }
}

/* In lwIP's task. */
static void ask(void *ctx)
{
    unsigned slot = slot_in(ctx);
    ip_addr_t address;
    err_t err;

    if (number_of(slot) != number_in(ctx)) {
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

/* A new number: answers to what was asked before are nobody's. */
static unsigned renumber(unsigned slot, enum stage stage)
{
    unsigned number = (number_of(slot) + 1) & NUMBER_MASK;

    atomic_store(&lookups[slot].state, state_of(number, stage));
    return number;
}

static void begin(unsigned slot, const char *host)
{
    size_t len = strlen(host);
    unsigned number = renumber(slot, FAILED);

    if (len >= sizeof lookups[slot].host) {
        return;
    }
    memcpy(lookups[slot].host, host, len + 1);
    atomic_store(&lookups[slot].state, state_of(number, ASKED));
    if (tcpip_callback(ask, mark(number, slot)) != ERR_OK) {
        atomic_store(&lookups[slot].state, state_of(number, FAILED));
    }
}

int hwi_esp_resolve(enum hawser_resolve_slot slot, const char *host,
                    struct hawser_address *out, size_t max)
{
    uint32_t address;
    enum stage stage;

    if ((unsigned)slot >= HAWSER_RESOLVE_SLOTS || max == 0) {
        return HAWSER_E_LINK;
    }
    if (stage_of(slot) == FREE) {
        begin(slot, host);
    }
    stage = stage_of(slot);
    if (stage == ASKED || stage == TAKEN) {
        return HAWSER_E_WAIT;
    }
    (void)renumber(slot, FREE);
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
        (void)renumber(slot, FREE);
    }
}
