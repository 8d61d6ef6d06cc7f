/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token bucket: so many at once, so many a second after that. Limits what a
 * stranger can make the device say, and how fast old telemetry is replayed.
 */
#ifndef HWI_DEVICE_BUCKET_H
#define HWI_DEVICE_BUCKET_H

#include <stdbool.h>

#include "hawser/device.h"

struct hwi_bucket_rule {
    uint32_t burst;      /* at once; >= 1 */
    uint32_t per_second; /* >= 1 */
};

/* Fills the bucket. */
void hwi_bucket_reset(struct hwi_bucket *b, const struct hwi_bucket_rule *rule,
                      uint64_t now_ms);

/* Takes one, if there is one. */
bool hwi_bucket_take(struct hwi_bucket *b, const struct hwi_bucket_rule *rule,
                     uint64_t now_ms);

/* When one can be taken: not later than now_ms if there is one. */
uint64_t hwi_bucket_due_ms(const struct hwi_bucket *b,
                           const struct hwi_bucket_rule *rule);

#endif
