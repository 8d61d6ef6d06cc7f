/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time from round to round: when it is asked for again, which servers are
 * left alone, steps of a proven clock, and the machine's own clock.
 */
#include "device/time_sync.h"

#include "device/time_sync_test.h"

/* Runs to the next round, which must be over at once; answers how long after
 * the last one it was. */
static uint64_t next_round(struct rig *r)
{
    uint64_t wait_ms = r->device.time.due_ms - r->fake.now_ms;

    assert_closed(r);
    rig_run(r, wait_ms);
    return wait_ms;
}

/* Online, with hardly any telemetry, so that hours leave few messages. */
static void go_online(struct rig *r)
{
    r->config.interval_s = 86400;
    rig_online(r);
}

/* When to ask again --------------------------------------------------------- */

static void test_round_after_success_comes_within_four_hours(void **state)
{
    struct rig *r = *state;
    uint64_t first_ms;

    go_online(r);
    assert_true(clock_error_ms(r) == 0);
    first_ms = r->device.time.due_ms - r->fake.now_ms;
    assert_in_range(first_ms, 3 * HOUR + 29 * MINUTE, 4 * HOUR);
    r->fake.unix_ms += 5 * SECOND; /* the machine's crystal is slow */
    rig_run(r, first_ms - 1);
    assert_int_equal(r->fake.time[0].asked, 1);
    assert_true(clock_error_ms(r) == -5000);
    rig_run(r, 41);
    assert_int_equal(r->fake.time[0].asked, 2);
    assert_true(clock_error_ms(r) == 0);
    assert_in_range(r->device.time.due_ms - r->fake.now_ms,
                    3 * HOUR + 29 * MINUTE, 4 * HOUR);
    assert_int_equal(told(r, "/status", "\"status\":\"online\""), 1);
    assert_int_equal(logged(r, "time", ""), 2);
}

static void test_round_after_success_does_not_come_to_all_at_once(void **state)
{
    struct rig *r = *state;
    uint64_t first_ms = HAWSER_NEVER;
    uint64_t last_ms = 0;

    for (uint32_t seed = 0; seed < 20; seed++) {
        uint64_t due_ms;
        rig_init(r);
        r->fake.random = seed * 7919;
        go_online(r);
        due_ms = r->device.time.due_ms;
        first_ms = due_ms < first_ms ? due_ms : first_ms;
        last_ms = due_ms > last_ms ? due_ms : last_ms;
    }
    assert_in_range(last_ms - first_ms, 15 * MINUTE, 30 * MINUTE);
}

static void test_round_without_result_comes_ever_later(void **state)
{
    struct rig *r = *state;

    r->fake.time_dns = HAWSER_E_LINK; /* such a round takes no time */
    go_online(r);
    rig_run(r, r->device.time.due_ms - r->fake.now_ms);
    for (unsigned n = 1; n < 9; n++) {
        uint64_t base_ms = (uint64_t)(15 * SECOND) << (n < 6 ? n : 6);
        assert_in_range(next_round(r), base_ms, base_ms + 15 * SECOND - 1);
        assert_int_equal(r->device.time.failures, n + 2);
    }
    r->fake.time_dns = 1;
    (void)next_round(r);
    rig_run(r, 40);
    assert_true(is_known(r));
    assert_int_equal(r->device.time.failures, 0);
}

static void test_round_retry_speed_divides_the_wait(void **state)
{
    struct rig *r = *state;

    r->config.retry_speed = 10;
    r->fake.time_dns = HAWSER_E_LINK;
    go_online(r);
    assert_in_range(r->device.time.due_ms - r->fake.now_ms, 1300, 3000);
}

static void test_round_first_success_is_told_at_once(void **state)
{
    struct rig *r = *state;

    r->fake.time_dns = HAWSER_E_LINK;
    go_online(r);
    assert_int_equal(told(r, "/status", "\"time_confidence\":1"), 1);
    r->fake.time_dns = 1;
    (void)next_round(r);
    rig_run(r, 100);
    assert_int_equal(told(r, "/status", "\"time_confidence\":2"), 1);
    assert_int_equal(told(r, "/status", "\"time\":17900000"), 1);
    assert_int_equal(told(r, "/security", "\"days_left\""), 1);
}

static void test_round_link_down_meanwhile_fails_and_comes_again(void **state)
{
    struct rig *r = *state;

    go_online(r);
    r->fake.link.state = HAWSER_LINK_DOWN;
    r->fake.time[0].mode = FAKE_TIME_SILENT;
    rig_run(r, 5 * HOUR);
    assert_int_equal(r->fake.time[0].asked, 1); /* not without a link */
    r->fake.link.state = HAWSER_LINK_UP;
    r->fake.has_news = true;
    rig_run(r, SECOND);
    assert_int_equal(r->fake.time[0].asked, 2);
    assert_closed(r);
}

static void test_round_link_gap_begins_anew(void **state)
{
    struct rig *r = *state;

    for (size_t i = 0; i < HAWSER_UDP_SLOTS; i++) {
        r->fake.time[i].mode = FAKE_TIME_SILENT;
    }
    rig_start(r);
    rig_run(r, 100);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_TIME);
    r->fake.link.state = HAWSER_LINK_DOWN;
    r->fake.has_news = true;
    rig_run(r, 500);
    /* Nothing is left open that could be readable, and nobody reads. */
    assert_closed(r);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_TIME);
    r->fake.time[0].mode = FAKE_TIME_GOOD;
    r->fake.time[1].mode = FAKE_TIME_GOOD;
    r->fake.link.state = HAWSER_LINK_UP;
    r->fake.has_news = true;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 10 * SECOND));
    assert_int_equal(r->fake.time[0].asked, 2);
    assert_int_equal(r->device.clock.confidence, 2);
}

static void test_cancel_at_stop_leaves_nothing_open(void **state)
{
    struct rig *r = *state;

    r->fake.time[1].mode = FAKE_TIME_SILENT;
    r->fake.time[2].mode = FAKE_TIME_SILENT;
    rig_start(r);
    rig_run(r, SECOND);
    assert_true(r->fake.time[1].is_open);
    assert_false(r->fake.time[0].is_open); /* it has answered */
    hawser_device_stop(&r->device);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, SECOND));
    assert_closed(r);
    assert_true(r->fake.resolve_cancels > 0);
}

static void test_request_while_asking_changes_nothing(void **state)
{
    struct rig *r = *state;
    uint64_t due_ms;

    set_all(r, FAKE_TIME_SILENT);
    rig_start(r);
    rig_run(r, SECOND);
    due_ms = r->device.time.due_ms;
    hwi_time_sync_request(&r->device);
    assert_true(r->device.time.due_ms == due_ms);
    assert_int_equal(r->device.time.servers[0].state, HWI_TIME_WAITING);
}

/* Kisses -------------------------------------------------------------------- */

static void test_kiss_rate_is_obeyed_for_an_hour(void **state)
{
    struct rig *r = *state;

    r->config.time_server_count = 1;
    r->fake.time_dns = 3; /* the others are the same server */
    r->fake.time[0].mode = FAKE_TIME_RATE;
    go_online(r);
    assert_false(is_known(r));
    r->fake.time[0].mode = FAKE_TIME_GOOD;
    rig_run(r, HOUR - SECOND);
    assert_int_equal(r->fake.time[0].asked, 1);
    rig_run(r, 20 * MINUTE); /* the next round after that */
    assert_int_equal(r->fake.time[0].asked, 2);
    assert_true(is_known(r));
}

static void test_kiss_deny_is_obeyed_for_ever(void **state)
{
    struct rig *r = *state;

    r->fake.time[0].mode = FAKE_TIME_DENY;
    r->fake.time[0].delay_ms = 10;
    go_online(r);
    assert_true(clock_error_ms(r) == 0); /* by the two others */
    r->fake.time[0].mode = FAKE_TIME_GOOD;
    rig_run(r, 20 * HOUR);
    assert_int_equal(r->fake.time[0].asked, 1);
    assert_true(r->fake.time[1].asked > 4);
}

/* Steps --------------------------------------------------------------------- */

static void test_step_by_one_server_is_held_and_told(void **state)
{
    struct rig *r = *state;

    r->config.time_server_count = 1;
    go_online(r);
    r->fake.time[0].error_ms = 20 * MINUTE;
    (void)next_round(r);
    rig_run(r, 100);
    assert_true(clock_error_ms(r) == 0);
    assert_int_equal(logged(r, "alert", "code=time_held"), 1);
    assert_int_equal(told(r, "/alert/time_held", "\"step_s\":1200"), 1);
    r->fake.time[0].error_ms = 14 * MINUTE;
    (void)next_round(r); /* soon, as after every round without result */
    rig_run(r, 100);
    assert_true(clock_error_ms(r) == 14 * MINUTE);
    assert_int_equal(logged(r, "alert", "code=time_held"), 1);
    assert_string_equal(last(r, "/alert/time_held"), "");
}

static void test_step_by_two_that_agree_is_made(void **state)
{
    struct rig *r = *state;

    go_online(r);
    r->fake.time[0].error_ms = -20 * (int64_t)MINUTE;
    r->fake.time[1].error_ms = -20 * (int64_t)MINUTE;
    r->fake.time[2].mode = FAKE_TIME_SILENT;
    (void)next_round(r);
    rig_run(r, 100);
    assert_true(clock_error_ms(r) == -20 * (int64_t)MINUTE);
    assert_int_equal(logged(r, "alert", "code=time_held"), 0);
}

/* The machine's clock ------------------------------------------------------- */

static void trust(struct rig *r, bool is_synchronised)
{
    r->config.trust_system_clock = true;
    r->config.time_server_count = 0;
    r->fake.has_wall_clock = true;
    r->fake.wall.is_synchronised = is_synchronised;
}

static void test_system_synchronised_is_taken_at_once(void **state)
{
    struct rig *r = *state;

    trust(r, true);
    assert_true(seek_time(r) == 0);
    assert_true(clock_error_ms(r) == 0);
    assert_int_equal(logged(r, "time", " source=system confidence=2"), 1);
    assert_int_equal(logged(r, "time", ""), 1);
    assert_int_equal(r->fake.time[0].asked, 0);
}

static void test_system_becomes_synchronised_is_waited_for(void **state)
{
    struct rig *r = *state;

    trust(r, false);
    r->config.interval_s = 86400;
    rig_start(r);
    rig_run(r, 3 * SECOND);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_TIME);
    assert_int_equal(logged(r, "time_wait",
                            " source=system confidence=1 detail=waits for this "
                            "machine's clock to be synchronised"),
                     1);
    /* Said once, not each time. */
    assert_int_equal(logged(r, "time_wait", ""), 1);
    r->fake.wall.is_synchronised = true;
    rig_run(r, 100);
    assert_true(clock_error_ms(r) == 0);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, SECOND));
    assert_true(r->fake.target.dates.has_now);
}

static void test_system_never_synchronised_goes_on_by_the_floor(void **state)
{
    struct rig *r = *state;

    trust(r, false);
    assert_true(seek_time(r) == 8 * SECOND);
    assert_false(is_known(r));
    assert_int_equal(logged(r, "alert", "code=time_unknown"), 1);
    r->fake.dns = 1;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, SECOND));
    assert_false(r->fake.target.dates.has_now);
    rig_run(r, HOUR);
    assert_int_equal(logged(r, "time_wait", ""), 1);
    r->fake.wall.is_synchronised = true;
    rig_run(r, 20 * MINUTE);
    assert_true(clock_error_ms(r) == 0);
    assert_int_equal(told(r, "/status", "\"time_confidence\":2"), 1);
}

static void test_system_loses_its_source_is_said_again(void **state)
{
    struct rig *r = *state;

    trust(r, false);
    r->config.interval_s = 86400;
    rig_start(r);
    rig_run(r, SECOND);
    r->fake.wall.is_synchronised = true;
    rig_run(r, SECOND);
    r->fake.wall.is_synchronised = false;
    rig_run(r, 5 * HOUR);
    assert_true(clock_error_ms(r) == 0); /* what was known stays known */
    assert_int_equal(logged(r, "time_wait", "confidence=1 detail=waits"), 1);
    assert_int_equal(logged(r, "time_wait", "confidence=2 detail=waits"), 1);
}

static void test_system_without_clock_says_so(void **state)
{
    struct rig *r = *state;

    trust(r, true);
    r->fake.has_wall_clock = false;
    assert_true(seek_time(r) == 8 * SECOND);
    assert_false(is_known(r));
    assert_int_equal(
        logged(r, "time_wait", "detail=waits for this machine to have a clock"),
        1);
}

static void test_system_impossible_time_is_not_taken(void **state)
{
    struct rig *r = *state;

    trust(r, true);
    r->fake.wall.unix_ms = 0 - UINT64_C(40000000) * 1000; /* before the build */
    assert_true(seek_time(r) == 0);
    assert_false(is_known(r));
    assert_int_equal(logged(r, "alert", "code=time_implausible"), 1);
    assert_int_equal(logged(r, "alert", "code=time_unknown"), 1);
}

static void test_system_large_step_is_held(void **state)
{
    struct rig *r = *state;

    trust(r, true);
    go_online(r);
    r->fake.wall.unix_ms = 20 * MINUTE;
    (void)next_round(r);
    assert_true(clock_error_ms(r) == 0);
    assert_int_equal(logged(r, "alert", "code=time_held"), 1);
}

/* No source ----------------------------------------------------------------- */

static void test_no_source_goes_on_by_the_floor(void **state)
{
    struct rig *r = *state;

    r->config.time_server_count = 0;
    assert_true(seek_time(r) == 0);
    r->fake.dns = 1;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, SECOND));
    rig_run(r, 5 * HOUR);
    hwi_time_sync_request(&r->device);
    assert_closed(r);
    assert_false(is_known(r));
    assert_true(hwi_time_sync_deadline_ms(&r->device) == HAWSER_NEVER);
    assert_int_equal(logged(r, "time", ""), 0);
    assert_int_equal(logged(r, "alert", ""), 0);
    assert_int_equal(told(r, "/status", "\"time_confidence\":1"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_round_after_success_comes_within_four_hours),
        STORY(test_round_after_success_does_not_come_to_all_at_once),
        STORY(test_round_without_result_comes_ever_later),
        STORY(test_round_retry_speed_divides_the_wait),
        STORY(test_round_first_success_is_told_at_once),
        STORY(test_round_link_down_meanwhile_fails_and_comes_again),
        STORY(test_round_link_gap_begins_anew),
        STORY(test_cancel_at_stop_leaves_nothing_open),
        STORY(test_request_while_asking_changes_nothing),
        STORY(test_kiss_rate_is_obeyed_for_an_hour),
        STORY(test_kiss_deny_is_obeyed_for_ever),
        STORY(test_step_by_one_server_is_held_and_told),
        STORY(test_step_by_two_that_agree_is_made),
        STORY(test_system_synchronised_is_taken_at_once),
        STORY(test_system_becomes_synchronised_is_waited_for),
        STORY(test_system_never_synchronised_goes_on_by_the_floor),
        STORY(test_system_loses_its_source_is_said_again),
        STORY(test_system_without_clock_says_so),
        STORY(test_system_impossible_time_is_not_taken),
        STORY(test_system_large_step_is_held),
        STORY(test_no_source_goes_on_by_the_floor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
