/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the stories about the time have in common: how wrong the clock is, and a
 * start that stays on its way to the broker.
 */
#ifndef HWI_DEVICE_TIME_SYNC_TEST_H
#define HWI_DEVICE_TIME_SYNC_TEST_H

#include "device/clock.h"
#include "device/story_test.h"

#define SECOND 1000u
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

static inline int64_t clock_error_ms(const struct rig *r)
{
    uint64_t now_ms = r->fake.now_ms;
    uint64_t unix_ms = hwi_clock_unix_ms(&r->device.clock, now_ms);

    assert_true(unix_ms > 0);
    return (int64_t)(unix_ms - r->fake.unix_ms - now_ms);
}

static inline bool is_known(const struct rig *r)
{
    return hwi_clock_is_known(&r->device.clock);
}

static inline unsigned logged(const struct rig *r, const char *event,
                              const char *text)
{
    return fake_logged(&r->fake, event, text);
}

static inline void set_all(struct rig *r, enum fake_time mode)
{
    for (unsigned i = 0; i < HAWSER_TIME_SERVERS_MAX; i++) {
        r->fake.time[i].mode = mode;
    }
}

/* Nothing may stay open when a round is over. */
static inline void assert_closed(const struct rig *r)
{
    assert_false(r->device.time.is_asking);
    for (unsigned i = 0; i < HAWSER_TIME_SERVERS_MAX; i++) {
        assert_false(r->fake.time[i].is_open);
    }
}

/* Starts and runs until the state TIME is over; the look-up of the broker takes
 * until fake.dns is set. Answers how long it was. */
static inline uint64_t seek_time(struct rig *r)
{
    uint64_t start_ms = r->fake.now_ms;

    r->config.interval_s = 86400; /* these stories are not about telemetry */
    r->fake.dns = HAWSER_E_WAIT;
    rig_start(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_RESOLVE, 20 * SECOND));
    assert_closed(r);
    return r->fake.now_ms - start_ms;
}

#endif
