/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: sleeps on what a facility waits for: test_wait.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ports/linux/clock.h"
#include "ports/linux/test_wait.h"

struct hwi_linux_pollset wait_set(void)
{
    return (struct hwi_linux_pollset){.deadline_ms = HAWSER_NEVER};
}

void wait_on(struct hwi_linux_pollset *set, uint64_t end_ms)
{
    uint64_t now_ms = hwi_linux_now_ms();
    uint64_t until_ms = set->deadline_ms < end_ms ? set->deadline_ms : end_ms;

    if (now_ms >= end_ms) {
        fail_msg("nothing happened in time");
    }
    (void)poll(set->fds, set->count,
               until_ms > now_ms ? (int)(until_ms - now_ms) : 0);
}
