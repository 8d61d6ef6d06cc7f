/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stories of loss and return on the way to the broker: each cause, what is
 * waited, what is tried next, and that it never stops. What a broker does to a
 * session: supervisor_mqtt_test.c.
 */
#include "device/story_test.h"

/* Link ---------------------------------------------------------------------- */

static void test_link_down_recovers_and_waits(void **state)
{
    struct rig *r = *state;

    r->fake.link.state = HAWSER_LINK_DOWN;
    rig_start(r);
    rig_run(r, 600000);
    assert_true(fake_logged(&r->fake, "offline", "cause=link_down") > 5);
    assert_int_equal(r->fake.recovers,
                     fake_logged(&r->fake, "offline", "cause=link_down"));
    assert_int_equal(r->fake.last_recover, r->fake.recovers);
    assert_int_equal(r->fake.plan_at, 0);
    r->fake.link.state = HAWSER_LINK_UP;
    /* At once: a link that is back ends the waiting. */
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 1000));
}

static void test_link_refused_is_a_cause_of_its_own(void **state)
{
    struct rig *r = *state;

    r->fake.link.state = HAWSER_LINK_REFUSED;
    rig_start(r);
    rig_run(r, 100);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=link_refused"), 1);
}

static void test_link_without_address_is_a_cause_of_its_own(void **state)
{
    struct rig *r = *state;

    r->fake.link.state = HAWSER_LINK_NO_ADDRESS;
    rig_start(r);
    rig_run(r, 31000);
    assert_true(fake_logged(&r->fake, "offline", "cause=no_address") >= 1);
    r->fake.link.state = HAWSER_LINK_UP;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 3000));
}

static void test_link_short_gap_keeps_the_session(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.link.state = HAWSER_LINK_JOINING;
    rig_run(r, 14000);
    assert_int_equal(fake_logged(&r->fake, "link_down", "interface=wlan0"), 1);
    r->fake.link.state = HAWSER_LINK_UP;
    rig_run(r, 60000);
    assert_int_equal(r->fake.broker.connections, 1);
}

static void test_link_long_gap_ends_the_session(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.is_cut_off = true;
    r->fake.link.state = HAWSER_LINK_DOWN;
    rig_run(r, 16000);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=link_down"), 1);
    r->fake.is_cut_off = false;
    r->fake.link.state = HAWSER_LINK_UP;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 3000));
    assert_int_equal(r->fake.broker.connections, 2);
}

/* Names and addresses ------------------------------------------------------- */

static void test_resolve_fails_is_asked_afresh(void **state)
{
    struct rig *r = *state;

    r->fake.dns = HAWSER_E_LINK;
    rig_start(r);
    rig_run(r, 120000);
    assert_true(r->fake.resolves > 3);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=dns"),
                     r->fake.resolves);
    r->fake.dns = 1;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 130000));
}

/* The resolver is gone, the broker is not. */
static void test_resolve_fails_the_last_address_is_tried(void **state)
{
    struct rig *r = *state;
    unsigned resolves;

    rig_online(r);
    resolves = r->fake.resolves;
    r->fake.dns = HAWSER_E_LINK;
    r->fake.has_lost_names = true;
    fake_broker_close(&r->fake.broker);
    rig_run(r, 10);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    assert_true(r->fake.resolves > resolves); /* it asks every time */
    assert_string_equal(r->fake.target_host, "broker.example");
    assert_int_equal(r->fake.target.address.port, 8883);
}

/* Somebody else may have the address by now: that is no fault of the broker's
 * certificate, and not to be waited for an hour. */
static void test_resolve_fails_the_last_address_is_another_s(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    plan_all(
        r, (struct fake_plan){HAWSER_STREAM_TLS, HAWSER_CAUSE_TLS_UNKNOWN_CA});
    r->fake.dns = HAWSER_E_LINK;
    r->fake.has_lost_names = true;
    fake_broker_close(&r->fake.broker);
    rig_run(r, 30000);
    assert_true(fake_logged(&r->fake, "offline", "cause=dns") >= 2);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=tls"), 0);
}

static void
test_resolve_fails_another_broker_s_address_is_not_tried(void **state)
{
    struct rig *r = *state;
    uint32_t failures;
    unsigned streams;

    r->config.broker_count = 2;
    rig_online(r);
    r->fake.dns = HAWSER_E_LINK; /* the network, too: the next broker's turn */
    fake_broker_close(&r->fake.broker);
    while (strcmp(r->fake.last_host, "backup.example") != 0) {
        rig_run(r, 1000);
    }
    assert_int_equal(r->device.line.broker, 1);
    streams = r->fake.plan_at;
    failures = counters(r)->failures;
    r->fake.has_lost_names = true;
    while (counters(r)->failures == failures) {
        rig_run(r, 1000);
    }
    assert_string_equal(r->fake.last_host, "backup.example");
    assert_int_equal(r->fake.plan_at, streams);
}

static void test_resolve_hangs_is_ended(void **state)
{
    struct rig *r = *state;
    unsigned cancels;

    r->fake.dns = HAWSER_E_WAIT;
    rig_start(r);
    rig_run(r, 1000);
    cancels = r->fake.resolve_cancels;
    rig_run(r, 20000);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=dns"), 1);
    assert_true(r->fake.resolve_cancels > cancels);
}

static void test_tcp_all_addresses_are_tried_before_it_counts(void **state)
{
    struct rig *r = *state;

    r->fake.dns = 4;
    r->fake.plans[0] =
        (struct fake_plan){HAWSER_STREAM_TCP, HAWSER_CAUSE_TCP_REFUSED};
    r->fake.plans[1] = (struct fake_plan){HAWSER_STREAM_TCP, 0}; /* hangs */
    r->fake.plans[2] =
        (struct fake_plan){HAWSER_STREAM_TLS, HAWSER_CAUSE_TLS_OTHER};
    rig_start(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 11000));
    assert_int_equal(counters(r)->failures, 0);
    assert_int_equal(r->fake.target.address.bytes[3], 3);
    assert_int_equal(r->fake.target.address.family, 6);
}

static void test_tcp_furthest_cause_is_told(void **state)
{
    struct rig *r = *state;

    r->fake.dns = 2;
    plan_all(r,
             (struct fake_plan){HAWSER_STREAM_TCP, HAWSER_CAUSE_TCP_REFUSED});
    r->fake.plans[0] =
        (struct fake_plan){HAWSER_STREAM_TLS, HAWSER_CAUSE_TLS_WRONG_NAME};
    rig_start(r);
    rig_run(r, 200);
    assert_int_equal(fake_logged(&r->fake, "offline",
                                 "cause=tls_wrong_name detail=as scripted"),
                     1);
}

static void test_tcp_open_fails_at_once_is_a_failure(void **state)
{
    struct rig *r = *state;

    r->fake.dns = 3;
    r->fake.opens_at_once_fail = true;
    rig_start(r);
    rig_run(r, 100);
    assert_int_equal(r->fake.plan_at % 3, 0);
    assert_true(fake_logged(&r->fake, "offline", "cause=tcp_unreachable") > 0);
}

static void test_tcp_hangs_ends_after_thirty_seconds(void **state)
{
    struct rig *r = *state;

    plan_all(r, (struct fake_plan){HAWSER_STREAM_TCP, 0});
    rig_start(r);
    rig_run(r, 29000);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_TCP);
    rig_run(r, 1200);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=tcp_timeout"), 1);
}

static void test_tls_hangs_ends_after_thirty_seconds(void **state)
{
    struct rig *r = *state;

    plan_all(r, (struct fake_plan){HAWSER_STREAM_TLS, 0});
    rig_start(r);
    rig_run(r, 29000);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_TLS);
    rig_run(r, 1200);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=tls_timeout"), 1);
}

static void test_fail_five_times_next_broker_is_tried(void **state)
{
    struct rig *r = *state;

    r->config.broker_count = 2;
    plan_all(r,
             (struct fake_plan){HAWSER_STREAM_TCP, HAWSER_CAUSE_TCP_REFUSED});
    r->fake.plans[5] = (struct fake_plan){0};
    rig_start(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 130000));
    assert_int_equal(counters(r)->failures, 5);
    assert_string_equal(r->fake.target_host, "backup.example");
    assert_int_equal(r->fake.target.address.port, 8884);
}

/* Time ---------------------------------------------------------------------- */

static void test_time_unknown_goes_on_by_the_floor(void **state)
{
    struct rig *r = *state;

    for (unsigned i = 0; i < 3; i++) {
        r->fake.time[i].mode = FAKE_TIME_SILENT;
    }
    plan_all(r,
             (struct fake_plan){HAWSER_STREAM_TCP, HAWSER_CAUSE_TCP_REFUSED});
    r->fake.plans[1] = (struct fake_plan){0};
    rig_start(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_RETRY, 11000));
    /* The second way does not wait for the time again. */
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 1100));
    assert_int_equal(counters(r)->failures, 1);
    assert_false(r->fake.target.dates.has_now);
    assert_int_equal(r->fake.target.dates.floor_s, r->config.build_time_s);
    assert_true(fake_logged(&r->fake, "alert", "code=time_unknown") > 0);
}

/* TLS ----------------------------------------------------------------------- */

static void test_tls_refused_asks_for_the_time_now_and_then(void **state)
{
    static const enum hawser_cause causes[] = {HAWSER_CAUSE_TLS_EXPIRED,
                                               HAWSER_CAUSE_TLS_NOT_YET_VALID,
                                               HAWSER_CAUSE_TLS_UNKNOWN_CA};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        rig_init(r);
        plan_all(r, (struct fake_plan){HAWSER_STREAM_TLS, causes[i]});
        rig_start(r);
        rig_run(r, 1000);
        assert_int_equal(r->fake.time[0].asked, 2);
        rig_run(r, 14 * 60 * 1000);
        assert_int_equal(r->fake.time[0].asked, 2);
        rig_run(r, 3 * 3600 * 1000);
        assert_in_range(r->fake.time[0].asked, 3, 2 + 3 * 4);
        assert_true(counters(r)->failures > 5);
        assert_int_equal(r->fake.broker.connections, 0);
    }
}

static void
test_tls_dates_refused_the_clock_is_not_proven_any_more(void **state)
{
    static const struct {
        enum hawser_cause cause;
        bool is_proven;
    } rows[] = {{HAWSER_CAUSE_TLS_EXPIRED, false},
                {HAWSER_CAUSE_TLS_NOT_YET_VALID, false},
                {HAWSER_CAUSE_TLS_WRONG_NAME, true}};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_init(r);
        rig_online(r);
        assert_true(r->device.clock.is_proven);
        plan_all(r, (struct fake_plan){HAWSER_STREAM_TLS, rows[i].cause});
        fake_broker_close(&r->fake.broker);
        rig_run(r, 3000); /* kicked: at most 2 s */
        assert_true(counters(r)->failures > 1);
        assert_int_equal(r->device.clock.is_proven, rows[i].is_proven);
    }
}

static void test_fail_retry_speed_divides_the_waits(void **state)
{
    struct rig *r = *state;

    r->config.retry_speed = 1000;
    plan_all(r,
             (struct fake_plan){HAWSER_STREAM_TLS, HAWSER_CAUSE_TLS_EXPIRED});
    rig_start(r);
    rig_run(r, 60000); /* waits of an hour at most are 3.6 s now */
    assert_true(counters(r)->failures > 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_link_down_recovers_and_waits),
        STORY(test_link_refused_is_a_cause_of_its_own),
        STORY(test_link_without_address_is_a_cause_of_its_own),
        STORY(test_link_short_gap_keeps_the_session),
        STORY(test_link_long_gap_ends_the_session),
        STORY(test_resolve_fails_is_asked_afresh),
        STORY(test_resolve_fails_the_last_address_is_tried),
        STORY(test_resolve_fails_the_last_address_is_another_s),
        STORY(test_resolve_fails_another_broker_s_address_is_not_tried),
        STORY(test_resolve_hangs_is_ended),
        STORY(test_tcp_all_addresses_are_tried_before_it_counts),
        STORY(test_tcp_furthest_cause_is_told),
        STORY(test_tcp_open_fails_at_once_is_a_failure),
        STORY(test_tcp_hangs_ends_after_thirty_seconds),
        STORY(test_tls_hangs_ends_after_thirty_seconds),
        STORY(test_fail_five_times_next_broker_is_tried),
        STORY(test_time_unknown_goes_on_by_the_floor),
        STORY(test_tls_refused_asks_for_the_time_now_and_then),
        STORY(test_tls_dates_refused_the_clock_is_not_proven_any_more),
        STORY(test_fail_retry_speed_divides_the_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
