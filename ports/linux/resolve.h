/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Name look-ups through c-ares: /etc/hosts, then DNS, both families. Each has a
 * channel of its own, so that it sees resolv.conf as it is now, and ends after
 * HWI_LINUX_RESOLVE_LIMIT_MS. Names of other kinds (mDNS) are not looked for.
 */
#ifndef HWI_LINUX_RESOLVE_H
#define HWI_LINUX_RESOLVE_H

#include <ares.h>

#include "ports/linux/pollset.h"

#define HWI_LINUX_RESOLVE_LIMIT_MS 10000
/* Of the addresses of a name so many are kept. */
#define HWI_LINUX_RESOLVE_MAX 32

/* One look-up. Not to be moved while it is under way. */
struct hwi_linux_lookup {
    ares_channel channel; /* NULL: none under way */
    uint64_t deadline_ms;
    bool is_done; /* found and count are the answer */
    size_t turn;  /* where the next answer begins that has to be cut */
    size_t count;
    struct hawser_address found[HWI_LINUX_RESOLVE_MAX];
};

/*
 * Starts or polls, as struct hawser_port's resolve. Of more addresses than max
 * each look-up hands out the next ones, so that none is left out for ever.
 * servers: NULL, the
 * machine's own; or "address:port,..." instead.
 */
int hwi_linux_lookup_poll(struct hwi_linux_lookup *lookup, const char *host,
                          const char *servers, struct hawser_address *out,
                          size_t max) HAWSER_CHECKED;
/* Ends it; none under way is fine. */
void hwi_linux_lookup_cancel(struct hwi_linux_lookup *lookup);

/* Does what can be done now; none under way is fine. */
void hwi_linux_lookup_drive(struct hwi_linux_lookup *lookup);
/* Adds what it waits for. */
void hwi_linux_lookup_wait(const struct hwi_linux_lookup *lookup,
                           struct hwi_linux_pollset *set);

#endif
