/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's clocks: one that only goes forward, and the time of day.
 */
#ifndef HWI_LINUX_CLOCK_H
#define HWI_LINUX_CLOCK_H

#include "hawser/port.h"

/* Milliseconds since the machine's boot, its sleep included. */
uint64_t hwi_linux_now_ms(void);

/* The time of day. is_synchronised is the kernel's own word: something
 * disciplines the clock (an NTP or PTP service) and its error is bounded.
 * 0, or ABSENT (the clock stands before 1970); *out is then untouched. */
int hwi_linux_wall_clock(struct hawser_wall_clock *out) HAWSER_CHECKED;

#endif
