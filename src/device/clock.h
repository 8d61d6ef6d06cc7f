/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time of day with a confidence: 0 none, 1 a floor (the true time is not
 * before it), 2 agreed by time servers or the machine, 3 authenticated. It runs
 * on the monotonic clock; unauthenticated time never raises the floor.
 */
#ifndef HWI_DEVICE_CLOCK_H
#define HWI_DEVICE_CLOCK_H

#include <stdbool.h>

#include "hawser/device.h"

enum hwi_clock_answer {
    HWI_CLOCK_SET,
    HWI_CLOCK_IMPLAUSIBLE, /* before the floor, or 20 years after the build (or,
                              if that is unknown, the floor) */
    HWI_CLOCK_HELD,        /* too far from a proven clock; nothing changed */
    HWI_CLOCK_CONTRADICTED /* set, but far from what servers had agreed on */
};

/* build_s: of the firmware; saved_s: the floor that outlived the restart; 0:
 * unknown. */
void hwi_clock_init(struct hwi_clock *c, uint64_t build_s, uint64_t saved_s);

/* The true time is not before unix_s; an earlier one than known is fine. Only
 * for what is authenticated: too high a floor refuses every certificate. */
void hwi_clock_raise_floor(struct hwi_clock *c, uint64_t unix_s);

/* Somebody who may do so says that the floor is wrong: back to unix_s, but not
 * before the build. */
void hwi_clock_lower_floor(struct hwi_clock *c, uint64_t unix_s);

/* Can it be the time at all? */
bool hwi_clock_is_plausible(const struct hwi_clock *c, uint64_t unix_ms);

/*
 * Somebody says that it is unix_ms now. agreed: two sources say so. A step of
 * more than 15 minutes against a clock by which a certificate was found valid
 * needs that; against authenticated time it is never made. Such time was set
 * once and then drifts: a day later it may be 8 s more.
 */
enum hwi_clock_answer hwi_clock_offer(struct hwi_clock *c, uint64_t now_ms,
                                      uint64_t unix_ms, bool agreed);

/*
 * The same from somebody who proved to be the one that was asked: confidence 3.
 * SET, CONTRADICTED (set, too) or IMPLAUSIBLE.
 */
enum hwi_clock_answer hwi_clock_authenticate(struct hwi_clock *c,
                                             uint64_t now_ms, uint64_t unix_ms);

/* A certificate looked ended or not yet valid: nothing is proven any more, and
 * servers that agree may set the clock, however far. */
void hwi_clock_doubt(struct hwi_clock *c);

/* Is the time of day known (confidence 2 or 3)? */
bool hwi_clock_is_known(const struct hwi_clock *c);

/* The Unix time of a moment; 0 if the time of day is not known. */
uint64_t hwi_clock_unix_ms(const struct hwi_clock *c, uint64_t at_ms);

/* How certificate dates are to be judged now. */
struct hawser_date_policy hwi_clock_policy(const struct hwi_clock *c,
                                           uint64_t now_ms);

#endif
