/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One round of asking for the time: servers that agree, lie, are silent or busy,
 * and names that are not found.
 */
#include "device/time_sync.h"

#include "device/time_sync_test.h"

/* Agreement ----------------------------------------------------------------- */

static void test_round_three_agree_sets_the_clock(void **state)
{
    struct rig *r = *state;

    assert_true(seek_time(r) == 40);
    assert_true(clock_error_ms(r) == 0);
    assert_int_equal(r->device.clock.confidence, 2);
    assert_int_equal(r->fake.time[0].asked, 1);
    assert_int_equal(r->fake.time[0].to.port, 123);
    assert_int_equal(logged(r, "time", ""), 1);
    assert_int_equal(
        logged(r, "time", " source=sntp confidence=2 unix=1790000005"), 1);
    assert_int_equal(logged(r, "alert", ""), 0);
}

static void test_round_one_liar_is_outvoted(void **state)
{
    static const int64_t lies_ms[] = {3600000, -3600000, 1001, -1001};
    struct rig *r = *state;

    for (unsigned liar = 0; liar < 3; liar++) {
        for (size_t i = 0; i < sizeof(lies_ms) / sizeof(lies_ms[0]); i++) {
            rig_init(r);
            r->fake.time[liar].error_ms = lies_ms[i];
            r->fake.time[liar].delay_ms = 10; /* the first to answer */
            assert_true(seek_time(r) == 40);
            assert_true(clock_error_ms(r) == 0);
        }
    }
}

static void test_round_two_that_disagree_set_nothing(void **state)
{
    static const int64_t errors_ms[] = {1001, -1001, 86400000};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(errors_ms) / sizeof(errors_ms[0]); i++) {
        rig_init(r);
        r->config.time_server_count = 2;
        r->fake.time[1].error_ms = errors_ms[i];
        assert_true(seek_time(r) == 40); /* nobody is left to wait for */
        assert_false(is_known(r));
        assert_int_equal(logged(r, "time", ""), 0);
        assert_int_equal(logged(r, "alert", "code=time_unknown"), 1);
    }
}

static void test_round_two_within_a_second_agree(void **state)
{
    static const int64_t errors_ms[] = {1000, -1000};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(errors_ms) / sizeof(errors_ms[0]); i++) {
        rig_init(r);
        r->config.time_server_count = 2;
        r->fake.time[1].error_ms = errors_ms[i];
        (void)seek_time(r);
        assert_true(is_known(r));
    }
}

static void test_round_two_of_which_one_answers_set_nothing(void **state)
{
    struct rig *r = *state;

    r->config.time_server_count = 2;
    r->fake.time[1].mode = FAKE_TIME_SILENT;
    assert_true(seek_time(r) == 2 * SECOND);
    assert_false(is_known(r));
}

static void test_round_one_server_alone_is_believed(void **state)
{
    struct rig *r = *state;

    r->config.time_server_count = 1;
    r->fake.time[0].error_ms = 3600000;
    assert_true(seek_time(r) == 40);
    assert_true(clock_error_ms(r) == 3600000);
}

static void test_round_impossible_time_is_no_answer(void **state)
{
    struct rig *r = *state;

    r->config.time_server_count = 1;
    r->fake.time_dns = 2;
    r->fake.time[0].error_ms = -INT64_C(40000000) * 1000; /* before the build */
    assert_true(seek_time(r) == 80);
    assert_int_equal(r->fake.time[0].asked, 2);
    assert_false(is_known(r));
}

/* Servers that do not answer ------------------------------------------------ */

static void test_round_silent_servers_are_asked_at_each_address(void **state)
{
    struct rig *r = *state;

    r->fake.time_dns = 3;
    set_all(r, FAKE_TIME_SILENT);
    assert_true(seek_time(r) == 6 * SECOND);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(r->fake.time[i].asked, 3);
        assert_int_equal(r->fake.time[i].to.bytes[3], 2);
    }
    assert_int_equal(logged(r, "alert", "code=time_unknown"), 1);
}

static void test_round_second_address_answers(void **state)
{
    struct rig *r = *state;

    r->config.time_server_count = 1;
    r->config.interval_s = 86400;
    r->fake.time_dns = 2;
    r->fake.time[0].mode = FAKE_TIME_SILENT;
    rig_start(r);
    rig_run(r, SECOND);
    r->fake.time[0].mode = FAKE_TIME_GOOD;
    rig_run(r, SECOND + 39);
    assert_false(is_known(r));
    rig_run(r, 1);
    assert_true(clock_error_ms(r) == 0);
    assert_int_equal(r->fake.time[0].to.family, 6);
}

static void test_round_forged_origin_is_ignored(void **state)
{
    struct rig *r = *state;

    set_all(r, FAKE_TIME_FORGED);
    assert_true(seek_time(r) == 2 * SECOND); /* they were waited for */
    assert_false(is_known(r));
}

static void test_round_real_answer_behind_a_forged_one_is_taken(void **state)
{
    struct rig *r = *state;

    r->config.time_server_count = 1;
    r->fake.time[0].mode = FAKE_TIME_FORGED;
    rig_start(r);
    rig_run(r, 50); /* the forged one is faster */
    assert_false(is_known(r));
    r->fake.time[0].reply[24] ^= 1;
    r->fake.time[0].has_reply = true;
    r->fake.time[0].reply_ms = r->fake.now_ms;
    rig_run(r, 0);
    assert_true(is_known(r));
    assert_int_equal(r->fake.time[0].asked, 1);
}

static unsigned flood_count;

static int flood(void *ctx, unsigned slot, uint8_t *out, size_t size)
{
    (void)ctx;
    (void)slot;
    flood_count++;
    memset(out, 0, size);
    return (int)size;
}

static void test_round_flood_of_datagrams_does_not_hold_a_step(void **state)
{
    struct rig *r = *state;

    r->config.time_server_count = 1;
    r->fake.time[0].mode = FAKE_TIME_SILENT;
    r->fake.port.udp_receive = flood;
    rig_start(r);
    hawser_device_step(&r->device); /* asks */
    flood_count = 0;
    hawser_device_step(&r->device);
    assert_int_equal(flood_count, 8);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 3 * SECOND));
}

static void test_round_alarm_goes_on_to_the_next_address(void **state)
{
    struct rig *r = *state;

    r->fake.time_dns = 2;
    set_all(r, FAKE_TIME_ALARM);
    assert_true(seek_time(r) == 80);
    assert_int_equal(r->fake.time[2].asked, 2);
    assert_false(is_known(r));
}

static void test_round_reply_that_slept_on_the_way_is_unusable(void **state)
{
    struct rig *r = *state;

    rig_start(r);
    hawser_device_step(&r->device);
    r->fake.now_ms += 3 * SECOND; /* nobody stepped the device */
    hawser_device_step(&r->device);
    assert_false(is_known(r));
    assert_closed(r);
}

static void test_round_socket_fails_goes_on_to_the_next_address(void **state)
{
    struct rig *r = *state;

    r->fake.time_dns = 3;
    r->fake.time[0].mode = FAKE_TIME_NO_SEND;
    r->fake.time[0].delay_ms = 1;
    assert_true(seek_time(r) == 40);
    assert_int_equal(r->fake.time[0].to.bytes[3], 2);
    rig_init(r);
    set_all(r, FAKE_TIME_NO_SEND);
    assert_true(seek_time(r) == 0);
    assert_false(is_known(r));
}

static void test_round_socket_busy_is_tried_again(void **state)
{
    struct rig *r = *state;

    set_all(r, FAKE_TIME_BUSY);
    assert_true(seek_time(r) == 8 * SECOND); /* as long as a round lasts */
    assert_in_range(r->fake.time[0].asked, 79, 81);
    rig_init(r);
    set_all(r, FAKE_TIME_BUSY);
    rig_start(r);
    rig_run(r, 250);
    set_all(r, FAKE_TIME_GOOD);
    rig_run(r, 90); /* at 300 ms, and 40 for the reply */
    assert_true(clock_error_ms(r) == 0);
}

static void test_round_without_entropy_asks_nobody(void **state)
{
    struct rig *r = *state;

    r->fake.has_entropy = false;
    rig_start(r);
    rig_run(r, 250);
    assert_int_equal(r->fake.time[0].asked, 0);
    r->fake.has_entropy = true;
    rig_run(r, 90);
    assert_true(clock_error_ms(r) == 0);
}

/* Look-ups ------------------------------------------------------------------ */

static void name_servers(struct rig *r)
{
    static const char *const names[] = {"t0.example", "t1.example",
                                        "t2.example"};

    for (unsigned i = 0; i < 3; i++) {
        r->time_servers[i].host = names[i];
    }
}

static void test_resolve_one_fails_the_others_do(void **state)
{
    struct rig *r = *state;

    name_servers(r);
    r->fake.lost_host = "t0.example";
    assert_true(seek_time(r) == 40);
    assert_true(clock_error_ms(r) == 0);
    assert_int_equal(r->fake.time[0].asked, 0);
}

static void test_resolve_all_fail_does_not_wait(void **state)
{
    static const int errors[] = {HAWSER_E_LINK, 0};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        rig_init(r);
        r->fake.time_dns = errors[i];
        assert_true(seek_time(r) == 0);
        assert_int_equal(logged(r, "alert", "code=time_unknown"), 1);
    }
}

static void test_resolve_hangs_ends_with_the_round(void **state)
{
    struct rig *r = *state;

    r->fake.time_dns = HAWSER_E_WAIT;
    assert_true(seek_time(r) == 8 * SECOND);
    assert_int_equal(r->fake.resolve_cancels, 1);
    assert_int_equal(logged(r, "alert", "code=time_unknown"), 1);
}

static void test_resolve_servers_take_turns(void **state)
{
    struct rig *r = *state;

    name_servers(r);
    r->fake.time_dns = HAWSER_E_WAIT;
    rig_start(r);
    rig_run(r, 3 * SECOND);
    hawser_device_step(&r->device);
    assert_string_equal(r->fake.last_host, "t0.example");
    r->fake.time_dns = 1;
    r->fake.has_news = true;
    rig_run(r, 40);
    assert_int_equal(r->fake.time[2].asked, 1);
    assert_true(clock_error_ms(r) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_round_three_agree_sets_the_clock),
        STORY(test_round_one_liar_is_outvoted),
        STORY(test_round_two_that_disagree_set_nothing),
        STORY(test_round_two_within_a_second_agree),
        STORY(test_round_two_of_which_one_answers_set_nothing),
        STORY(test_round_one_server_alone_is_believed),
        STORY(test_round_impossible_time_is_no_answer),
        STORY(test_round_silent_servers_are_asked_at_each_address),
        STORY(test_round_second_address_answers),
        STORY(test_round_forged_origin_is_ignored),
        STORY(test_round_real_answer_behind_a_forged_one_is_taken),
        STORY(test_round_flood_of_datagrams_does_not_hold_a_step),
        STORY(test_round_alarm_goes_on_to_the_next_address),
        STORY(test_round_reply_that_slept_on_the_way_is_unusable),
        STORY(test_round_socket_fails_goes_on_to_the_next_address),
        STORY(test_round_socket_busy_is_tried_again),
        STORY(test_round_without_entropy_asks_nobody),
        STORY(test_resolve_one_fails_the_others_do),
        STORY(test_resolve_all_fail_does_not_wait),
        STORY(test_resolve_hangs_ends_with_the_round),
        STORY(test_resolve_servers_take_turns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
