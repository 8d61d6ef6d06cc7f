/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time that wraps, stops and jumps. The same story is told with a monotonic
 * clock that begins just before 2^31, 2^32 or 2^53 ms: what the device does, and
 * when, has to be the same to the millisecond. The time of day jumps by years:
 * no keep-alive and no wait may move. And a machine sleeps.
 */
#include "device/story_test.h"

#define LINES_MAX 400
#define HOUR      UINT64_C(3600000)

/* What a device did: a line a log entry, with the time since the start. */
struct diary {
    unsigned count;
    struct {
        uint64_t at_ms;
        char text[240];
    } lines[LINES_MAX];
    unsigned pings;
    uint64_t online_ms; /* when it was online for the last time */
};

/* A clock of the machine that jumps with each minute. */
static void jump(struct rig *r, uint64_t minute)
{
    static const int64_t years_ms = INT64_C(365) * 86400 * 1000;
    static const int64_t jumps_ms[] = {
        0, 10 * years_ms, -5 * years_ms, INT64_MIN, 0, 60000};

    r->fake.wall.unix_ms = (uint64_t)jumps_ms[minute % 6];
    r->device.time.due_ms = r->fake.now_ms; /* it is looked at at once */
}

static void write_down(struct diary *d, struct rig *r, uint64_t begin_ms)
{
    for (unsigned i = 0; i < r->fake.log_count; i++) {
        const char *text = r->fake.logs[i].text;
        assert_true(d->count < LINES_MAX);
        d->lines[d->count].at_ms = r->fake.now_ms - begin_ms;
        (void)snprintf(d->lines[d->count].text, sizeof(d->lines[0].text), "%s",
                       text);
        d->count++;
    }
    r->fake.log_count = 0;
}

/* Ten minutes: online with keep-alives, no network for a while, a broker that
 * does not answer, a broker that stops to answer pings. */
static void live(struct rig *r, struct diary *d)
{
    uint64_t begin_ms = r->fake.now_ms;

    rig_start(r);
    for (uint64_t at_ms = 0; at_ms < 15 * 60000; at_ms += 100) {
        uint64_t minute = at_ms / 60000;
        r->fake.broker.ignores_ping = minute == 3 || minute == 4;
        r->fake.dns = minute >= 6 && minute < 9 ? HAWSER_E_LINK : 1;
        r->fake.broker.ignores_connect = minute == 10;
        if (at_ms == 6 * 60000) {
            fake_broker_close(&r->fake.broker);
        }
        rig_run(r, 100);
        write_down(d, r, begin_ms);
        if (hawser_device_state(&r->device) == HAWSER_DEVICE_ONLINE) {
            d->online_ms = r->fake.now_ms - begin_ms;
        }
    }
    d->pings = r->fake.broker.pings;
}

static void prepare(struct rig *r, uint64_t begin_ms)
{
    rig_init(r);
    r->config.interval_s = 200;
    r->config.keep_alive_s = 20;
    r->fake.unix_ms += r->fake.now_ms - begin_ms; /* the same time of day */
    r->fake.now_ms = begin_ms;
}

static void assert_same(const struct diary *a, const struct diary *b)
{
    assert_int_equal(a->count, b->count);
    for (unsigned i = 0; i < a->count; i++) {
        assert_string_equal(a->lines[i].text, b->lines[i].text);
        assert_true(a->lines[i].at_ms == b->lines[i].at_ms);
    }
    assert_int_equal(a->pings, b->pings);
    assert_true(a->online_ms == b->online_ms);
}

static void test_monotonic_time_wraps_unnoticed(void **state)
{
    static const uint64_t wraps[] = {UINT64_C(1) << 31, UINT64_C(1) << 32,
                                     UINT64_C(1) << 33, UINT64_C(1) << 53};
    static const uint64_t before_ms[] = {1, 70000, 200000, 400000, 620000};
    struct rig *r = *state;
    static struct diary plain_diary;
    static struct diary wrapped_diary;
    struct diary *plain = &plain_diary;
    struct diary *wrapped = &wrapped_diary;

    memset(plain, 0, sizeof(*plain));
    prepare(r, 5000);
    live(r, plain);
    assert_true(plain->count > 20 && plain->pings > 10);
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < 5; k++) {
            memset(wrapped, 0, sizeof(*wrapped));
            prepare(r, wraps[i] - before_ms[k]);
            live(r, wrapped);
            assert_same(plain, wrapped);
        }
    }
    print_message("%u events, %u pings, the same over 20 wraps\n", plain->count,
                  plain->pings);
}

/* The machine's own clock is trusted, and jumps. */
static void trust_clock(struct rig *r)
{
    r->config.interval_s = 86400;
    r->config.keep_alive_s = 20;
    r->config.trust_system_clock = true;
    r->config.time_server_count = 0;
    r->fake.has_wall_clock = true;
    r->fake.wall.is_synchronised = true;
}

static void test_time_of_day_jumps_the_keep_alive_is_unmoved(void **state)
{
    struct rig *r = *state;

    trust_clock(r);
    rig_online(r);
    for (uint64_t minute = 0; minute < 60; minute++) {
        unsigned pings = r->fake.broker.pings;
        jump(r, minute);
        rig_run(r, 60000);
        assert_in_range(r->fake.broker.pings - pings, 2, 3);
    }
    assert_int_equal(counters(r)->failures, 0);
    assert_true(fake_logged(&r->fake, "time", "source=system") > 10);
}

static void test_time_of_day_jumps_the_wait_is_unmoved(void **state)
{
    struct rig *r = *state;

    trust_clock(r);
    r->fake.broker.connack = 0x87;
    rig_start(r);
    for (unsigned n = 0; n < 8; n++) {
        uint64_t due_ms;
        uint32_t failures = counters(r)->failures;
        assert_true(rig_run_until(r, HAWSER_DEVICE_RETRY, 60000));
        due_ms = r->device.state_due_ms;
        for (uint64_t k = 0; r->fake.now_ms + 7 < due_ms; k++) {
            uint64_t left_ms = due_ms - 7 - r->fake.now_ms;
            jump(r, k);
            rig_run(r, left_ms < 20000 ? left_ms : 20000);
            assert_true(r->device.state_due_ms == due_ms);
        }
        rig_run(r, 10);
        assert_true(counters(r)->failures > failures);
    }
}

/* Sleep ------------------------------------------------------------------------- */

/* now_ms counts while the machine sleeps; nobody steps the device. */
static void sleep_for(struct rig *r, uint64_t ms)
{
    r->fake.now_ms += ms;
}

static void test_sleep_online_a_line_that_died_is_made_anew(void **state)
{
    struct rig *r = *state;
    uint64_t awake_ms;

    rig_online(r);
    sleep_for(r, 3 * HOUR);
    fake_broker_close(&r->fake.broker); /* long ago, by its keep-alive */
    awake_ms = r->fake.now_ms;
    rig_run(r, 10);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    assert_in_range(r->fake.now_ms - awake_ms, 0, 5000);
    assert_int_equal(r->fake.broker.connections, 2);
}

/* A half-open line: nothing comes back; it is noticed by the ping. */
static void test_sleep_online_a_line_that_hangs_is_noticed(void **state)
{
    struct rig *r = *state;
    uint64_t awake_ms;

    rig_online(r);
    sleep_for(r, 3 * HOUR);
    r->fake.is_cut_off = true;
    awake_ms = r->fake.now_ms;
    while (counters(r)->failures == 0) {
        rig_run(r, 1000);
    }
    r->fake.is_cut_off = false;
    assert_true(fake_logged(&r->fake, "offline", "cause=ping_lost") == 1);
    assert_in_range(r->fake.now_ms - awake_ms, 0, 95000);
}

static void test_sleep_while_waiting_retries_at_once(void **state)
{
    struct rig *r = *state;

    r->fake.broker.connack = 0x87; /* waits up to an hour */
    rig_start(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_RETRY, 60000));
    r->fake.broker.connack = 0;
    sleep_for(r, HOUR);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 1000));
}

static void test_sleep_measures_once_not_for_all_that_was_missed(void **state)
{
    struct rig *r = *state;
    unsigned data;

    rig_online(r);
    rig_run(r, 60000);
    data = told(r, "/data", "");
    sleep_for(r, 10 * HOUR);
    rig_run(r, 1000);
    assert_in_range(told(r, "/data", "") - data, 1, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_monotonic_time_wraps_unnoticed),
        STORY(test_time_of_day_jumps_the_keep_alive_is_unmoved),
        STORY(test_time_of_day_jumps_the_wait_is_unmoved),
        STORY(test_sleep_online_a_line_that_died_is_made_anew),
        STORY(test_sleep_online_a_line_that_hangs_is_noticed),
        STORY(test_sleep_while_waiting_retries_at_once),
        STORY(test_sleep_measures_once_not_for_all_that_was_missed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
