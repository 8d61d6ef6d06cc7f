/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a port waits for: pollset.h.
 */
#include "ports/linux/pollset.h"

void hwi_linux_pollset_add(struct hwi_linux_pollset *set, int fd, int events)
{
    if (fd < 0) {
        return;
    }
    if (set->count == HWI_LINUX_POLL_MAX) {
        hwi_linux_pollset_until(set, 0);
        return;
    }
    set->fds[set->count++] = (struct pollfd){.fd = fd, .events = (short)events};
}

void hwi_linux_pollset_until(struct hwi_linux_pollset *set, uint64_t at_ms)
{
    if (at_ms < set->deadline_ms) {
        set->deadline_ms = at_ms;
    }
}
