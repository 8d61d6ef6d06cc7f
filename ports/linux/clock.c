/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's clocks: clock.h.
 */
#include "ports/linux/clock.h"

#include <string.h>
#include <sys/timex.h>
#include <time.h>

static uint64_t milliseconds(const struct timespec *time)
{
    return (uint64_t)time->tv_sec * 1000 + (uint64_t)time->tv_nsec / 1000000;
}

uint64_t hwi_linux_now_ms(void)
{
    struct timespec now = {0};

    /* Cannot fail: the clock exists since Linux 2.6.39. */
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return milliseconds(&now);
}

/* Asking needs no right; where a sandbox forbids it, nothing is known. */
static bool is_synchronised(void)
{
    struct timex state;
    int verdict;

    memset(&state, 0, sizeof state);
    verdict = adjtimex(&state);
    return verdict >= 0 && verdict != TIME_ERROR &&
           (state.status & STA_UNSYNC) == 0;
}

int hwi_linux_wall_clock(struct hawser_wall_clock *out)
{
    struct timespec now;

    if (clock_gettime(CLOCK_REALTIME, &now) != 0 || now.tv_sec < 0) {
        return HAWSER_E_ABSENT;
    }
    out->unix_ms = milliseconds(&now);
    out->is_synchronised = is_synchronised();
    return 0;
}
