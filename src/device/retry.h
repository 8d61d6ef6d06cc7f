/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long to wait after a failure: a table with one row a cause, full jitter
 * and a phase of the device's own, so that a fleet that was cut off together
 * does not come back together.
 */
#ifndef HWI_DEVICE_RETRY_H
#define HWI_DEVICE_RETRY_H

#include "hawser/device.h"

/* What else to do about a cause. */
#define HWI_REMEDY_AT_ONCE      0x01u /* the first retry does not wait */
#define HWI_REMEDY_NEXT_BROKER  0x02u /* after five in a row */
#define HWI_REMEDY_LINK_RECOVER 0x04u /* tell the port to join again */
#define HWI_REMEDY_RESYNC       0x08u /* ask for the time, once */
#define HWI_REMEDY_SPREAD       0x10u /* it may have hit a whole fleet */
#define HWI_REMEDY_RENEW        0x20u /* join again after each five */
#define HWI_REMEDY_RESTART      0x40u /* after twenty, and an hour */

struct hwi_retry_rule {
    uint32_t base_ms;
    uint32_t cap_ms;
    uint8_t remedies;
};

/* The row of a cause. Static. */
const struct hwi_retry_rule *hwi_retry_rule(enum hawser_cause cause);

/* Nothing has failed yet. id: the device's, for its phase. */
void hwi_retry_init(struct hwi_retry *r, struct hawser_view id);

/*
 * Counts a failure and answers how long to wait: 0 up to
 * min(cap, base * 2^n) ms, n being the failures of this cause before.
 * random: 32 fair bits.
 */
uint32_t hwi_retry_wait_ms(struct hwi_retry *r, enum hawser_cause cause,
                           uint32_t random);

/* The session has been healthy for a while: all counters to 0. */
void hwi_retry_reset(struct hwi_retry *r);

#endif
