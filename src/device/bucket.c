/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The token bucket, in thousandths of a token so that no fraction is lost.
 */
#include "device/bucket.h"

#define ONE 1000u

void hwi_bucket_reset(struct hwi_bucket *b, const struct hwi_bucket_rule *rule,
                      uint64_t now_ms)
{
    b->level = rule->burst * ONE;
    b->at_ms = now_ms;
}

/* A millisecond brings per_second thousandths. */
static void refill(struct hwi_bucket *b, const struct hwi_bucket_rule *rule,
                   uint64_t now_ms)
{
    uint64_t passed_ms = now_ms - b->at_ms;
    uint32_t missing = rule->burst * ONE - b->level;

    b->at_ms = now_ms;
    if (passed_ms > missing / rule->per_second) {
        b->level += missing;
    } else {
        b->level += (uint32_t)passed_ms * rule->per_second;
    }
}

bool hwi_bucket_take(struct hwi_bucket *b, const struct hwi_bucket_rule *rule,
                     uint64_t now_ms)
{
    refill(b, rule, now_ms);
    if (b->level < ONE) {
        return false;
    }
    b->level -= ONE;
    return true;
}

uint64_t hwi_bucket_due_ms(const struct hwi_bucket *b,
                           const struct hwi_bucket_rule *rule)
{
    if (b->level >= ONE) {
        return b->at_ms;
    }
    return b->at_ms +
           (ONE - b->level + rule->per_second - 1) / rule->per_second;
}
