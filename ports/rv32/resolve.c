/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lwIP's resolver knows no way to take a question back: an answer that nobody
 * waits for any more is told by its number. RFC 1035.
 */
#include "ports/rv32/resolve.h"

#include <string.h>

#include "lwip/dns.h"
#include "ports/rv32/address.h"

enum stage { FREE, ASKED, ANSWERED, FAILED };

static struct {
    enum stage stage;
    uint16_t number; /* of the question */
    ip_addr_t address;
} lookups[HAWSER_RESOLVE_SLOTS];

/* A question's mark, as lwIP hands it back. */
static void *mark(unsigned slot)
{
    return (void *)((uintptr_t)lookups[slot].number << 8 | slot);
}

static void answered(const char *host, const ip_addr_t *address, void *ctx)
{
    unsigned slot = (unsigned)((uintptr_t)ctx & 0xff);

    (void)host;
    if (slot >= HAWSER_RESOLVE_SLOTS || mark(slot) != ctx ||
        lookups[slot].stage != ASKED) {
        return;
    }
    lookups[slot].stage = address != NULL ? ANSWERED : FAILED;
    if (address != NULL) {
        lookups[slot].address = *address;
    }
}

static void ask(unsigned slot, const char *host)
{
    err_t err;

    lookups[slot].number++;
    lookups[slot].stage = ASKED;
    err = dns_gethostbyname(host, &lookups[slot].address, answered, mark(slot));
    if (err == ERR_OK) {
        lookups[slot].stage = ANSWERED; /* a literal, or known still */
    } else if (err != ERR_INPROGRESS) {
        lookups[slot].stage = FAILED;
    }
}

int hwi_rv32_resolve(enum hawser_resolve_slot slot, const char *host,
                     struct hawser_address *out, size_t max)
{
    enum stage stage;

    if ((unsigned)slot >= HAWSER_RESOLVE_SLOTS || max == 0) {
        return HAWSER_E_LINK;
    }
    if (lookups[slot].stage == FREE) {
        ask(slot, host);
    }
    stage = lookups[slot].stage;
    if (stage == ASKED) {
        return HAWSER_E_WAIT;
    }
    lookups[slot].stage = FREE;
    if (stage == FAILED) {
        return HAWSER_E_LINK;
    }
    hwi_rv32_address_from_lwip(&lookups[slot].address, 0, out);
    return 1;
}

void hwi_rv32_resolve_cancel(enum hawser_resolve_slot slot)
{
    if ((unsigned)slot < HAWSER_RESOLVE_SLOTS) {
        lookups[slot].stage = FREE;
    }
}
