/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the test programs of whole stories have in common: cmocka, a rig for
 * each test, and short words for looking at what the broker got.
 */
#ifndef HWI_DEVICE_STORY_TEST_H
#define HWI_DEVICE_STORY_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "device/rig.h"

static inline int story_set_up(void **state)
{
    struct rig *r = malloc(sizeof(*r));

    rig_init(r);
    *state = r;
    return 0;
}

static inline int story_tear_down(void **state)
{
    free(*state);
    return 0;
}

#define STORY(test) \
    cmocka_unit_test_setup_teardown(test, story_set_up, story_tear_down)

/* How many messages to a topic that ends so hold this text. */
static inline unsigned told(const struct rig *r, const char *topic_end,
                            const char *text)
{
    return fake_broker_count(&r->fake.broker, topic_end, text);
}

/* The newest message to a topic that ends so; "" if there is none. */
static inline const char *last(const struct rig *r, const char *topic_end)
{
    unsigned n = told(r, topic_end, "");

    return n == 0 ? ""
                  : fake_broker_find(&r->fake.broker, topic_end, "", n - 1)
                        ->payload;
}

static inline const struct hawser_device_counters *counters(const struct rig *r)
{
    return hawser_device_counters(&r->device);
}

/* The next streams all fail so; 0: all open again. */
static inline void plan_all(struct rig *r, struct fake_plan plan)
{
    for (unsigned i = 0; i < FAKE_PLANS_MAX; i++) {
        r->fake.plans[i] = plan;
    }
    r->fake.plan_at = 0;
}

#endif
