/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authenticated time: the question, answers that are ours and those that are
 * not, what it does to the clock, to other sources and to the floor.
 */
#include "device/story_test.h"

#include "device/alerts.h"
#include "device/lasting.h"
#include "device/time_ask.h"

#define HOUR UINT64_C(3600000)
#define DAY  (24 * HOUR)
#define HELD "/alert/time_held"

static uint64_t true_ms(const struct rig *r)
{
    return r->fake.unix_ms + r->fake.now_ms;
}

static int64_t clock_error_ms(const struct rig *r)
{
    return (int64_t)(r->device.clock.offset_ms - r->fake.unix_ms);
}

static unsigned asked(const struct rig *r)
{
    return told(r, "/event", "time_request");
}

/* Answers with this nonce (NULL: the one of the newest question). */
static void answer(struct rig *r, const char *nonce, uint64_t unix_ms)
{
    char newest[HWI_TIME_NONCE_SIZE + 1] = "";
    char text[200];

    if (nonce == NULL) {
        const struct fake_message *m = fake_broker_find(
            &r->fake.broker, "/event", "time_request", asked(r) - 1);
        assert_non_null(m);
        assert_int_equal(sscanf(strstr(m->payload, "nonce"),
                                "nonce\":\"%32[0-9a-f]", newest),
                         1);
        nonce = newest;
    }
    (void)snprintf(text, sizeof(text),
                   "{\"command\":\"set_time\",\"args\":{\"nonce\":\"%s\","
                   "\"unix_ms\":%llu}}",
                   nonce, (unsigned long long)unix_ms);
    rig_command(r, text);
}

static void authenticate(struct rig *r)
{
    rig_online(r);
    answer(r, NULL, true_ms(r));
    assert_int_equal(r->device.clock.confidence, 3);
}

static void come_back(struct rig *r)
{
    rig_reboot(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
}

/* Little else is to be said. */
static int set_up(void **state)
{
    int err = story_set_up(state);

    ((struct rig *)*state)->config.interval_s = 86400;
    return err;
}

#define QUIET(test) \
    cmocka_unit_test_setup_teardown(test, set_up, story_tear_down)

/* The question ---------------------------------------------------------------- */

static void test_question_is_asked_once_a_session(void **state)
{
    struct rig *r = *state;
    const struct fake_message *m;

    rig_online(r);
    assert_int_equal(asked(r), 1);
    m = fake_broker_find(&r->fake.broker, "/event", "time_request", 0);
    assert_non_null(strstr(m->payload,
                           "{\"device\":\"esp32_factory_001\",\"event\":"
                           "\"time_request\",\"nonce\":\""));
    assert_int_equal(strlen(strstr(m->payload, "nonce\":\"")),
                     8 + 32 + strlen("\",\"boot\":1}"));
    assert_false(m->retain);
}

static void test_question_nobody_answers_is_asked_four_times_a_day(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    rig_run(r, DAY - HOUR);
    assert_int_equal(asked(r), 4);
}

static void test_question_answered_is_asked_again_after_a_day(void **state)
{
    struct rig *r = *state;

    authenticate(r);
    rig_run(r, 22 * HOUR);
    assert_int_equal(asked(r), 1);
    rig_run(r, 2 * HOUR);
    assert_int_equal(asked(r), 2);
}

static void test_question_of_a_flapping_line_is_rare(void **state)
{
    struct rig *r = *state;
    uint64_t begin_ms;

    rig_online(r);
    begin_ms = r->fake.now_ms;
    for (unsigned i = 0; i < 12; i++) {
        fake_broker_close(&r->fake.broker);
        rig_run(r, 10);
        assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 3600000));
        rig_run(r, 100);
    }
    assert_in_range(asked(r), 2, 2 + (r->fake.now_ms - begin_ms) / 60000);
}

static void test_question_waits_for_random_numbers(void **state)
{
    struct rig *r = *state;

    r->fake.has_entropy = false;
    r->config.time_server_count = 0;
    rig_online(r);
    assert_int_equal(asked(r), 0);
    r->fake.has_entropy = true;
    rig_run(r, 7 * HOUR);
    assert_true(asked(r) >= 1);
}

/* The answer ------------------------------------------------------------------ */

static void test_answer_sets_the_clock_and_is_reported(void **state)
{
    struct rig *r = *state;

    r->config.time_server_count = 0;
    rig_online(r);
    assert_int_equal(r->device.clock.confidence, 1);
    answer(r, NULL, true_ms(r));
    assert_int_equal(r->device.clock.confidence, 3);
    assert_in_range(clock_error_ms(r) + 1000, 1000 - 60, 1000 + 60);
    assert_non_null(strstr(last(r, "/security"), "\"time_confidence\":3"));
    assert_int_equal(fake_logged(&r->fake, "time", "source=line"), 1);
    assert_int_equal(told(r, "/reply", ""), 0);
}

static void test_answer_that_took_long_is_corrected_by_half(void **state)
{
    struct rig *r = *state;
    uint64_t then_ms;

    rig_online(r);
    then_ms = true_ms(r) + 2000; /* the moment in the middle */
    rig_run(r, 4000 - 100);
    answer(r, NULL, then_ms);
    assert_int_equal(r->device.clock.confidence, 3);
    assert_in_range(clock_error_ms(r) + 1000, 900, 1100);
}

static void test_answers_that_are_not_ours_change_nothing(void **state)
{
    static const char *const nonces[] = {
        "", "00000000000000000000000000000000", "0",
        "000000000000000000000000000000000000"};
    struct rig *r = *state;

    rig_online(r);
    for (size_t i = 0; i < sizeof(nonces) / sizeof(nonces[0]); i++) {
        answer(r, nonces[i], true_ms(r) + HOUR);
        assert_int_equal(r->device.clock.confidence, 2);
    }
    rig_run(r, 11000);
    answer(r, NULL, true_ms(r)); /* too late */
    assert_int_equal(r->device.clock.confidence, 2);
    assert_true(clock_error_ms(r) == 0);
}

static void test_answer_counts_once(void **state)
{
    struct rig *r = *state;

    authenticate(r);
    answer(r, NULL, true_ms(r) + HOUR); /* a second one, another opinion */
    assert_in_range(clock_error_ms(r) + 1000, 900, 1100);
    assert_int_equal(told(r, HELD, ""), 0);
}

static void test_answer_to_an_earlier_session_counts_no_more(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    fake_broker_close(&r->fake.broker);
    rig_run(r, 10);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 5000));
    rig_run(r, 10);
    answer(r, NULL, true_ms(r));
    assert_int_equal(r->device.clock.confidence, 2);
}

static void test_answer_malformed_is_rejected(void **state)
{
    static const char *const texts[] = {
        "{\"command\":\"set_time\"}",
        "{\"command\":\"set_time\",\"nonce\":\"x\"}",
        "{\"command\":\"set_time\",\"nonce\":\"x\",\"unix_ms\":-1}",
        "{\"command\":\"set_time\",\"nonce\":7,\"unix_ms\":1}",
    };
    struct rig *r = *state;

    rig_online(r);
    for (unsigned i = 0; i < 4; i++) {
        rig_command(r, texts[i]);
        assert_int_equal(told(r, "/reply", "bad_time"), i + 1);
    }
}

static void test_answer_before_the_floor_is_not_believed(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    answer(r, NULL, (r->config.build_time_s - 1) * 1000);
    assert_int_equal(r->device.clock.confidence, 2);
    assert_non_null(strstr(last(r, HELD), "implausible"));
}

/* Against other sources --------------------------------------------------------- */

static void lie(struct rig *r, int64_t error_ms)
{
    for (unsigned i = 0; i < 3; i++) {
        r->fake.time[i].error_ms = error_ms;
    }
}

static void test_agreed_servers_cannot_move_authenticated_time(void **state)
{
    struct rig *r = *state;

    authenticate(r);
    lie(r, 16 * 60000);
    rig_run(r, 5 * HOUR); /* a round of the time servers */
    assert_in_range(clock_error_ms(r) + 1000, 900, 1100);
    assert_int_equal(r->device.clock.confidence, 3);
    assert_non_null(strstr(last(r, HELD), "\"code\":\"sntp\""));
    assert_int_equal(asked(r), 2); /* at once, because of it */
    lie(r, 0);
    rig_run(r, 5 * HOUR);
    assert_string_equal(last(r, HELD), "");
    assert_int_equal(r->device.clock.confidence, 3);
}

static void test_servers_cannot_lead_it_away_in_small_steps(void **state)
{
    struct rig *r = *state;

    authenticate(r);
    for (int64_t i = 1; i <= 40; i++) {
        lie(r, i * 5 * 60000);
        rig_run(r, 2 * HOUR);
    }
    assert_in_range(clock_error_ms(r), 0, 16 * 60000);
}

static void test_answer_corrects_what_servers_had_agreed_on(void **state)
{
    struct rig *r = *state;

    lie(r, 40 * (int64_t)DAY);
    rig_online(r);
    assert_true(clock_error_ms(r) == 40 * (int64_t)DAY);
    answer(r, NULL, true_ms(r));
    assert_in_range(clock_error_ms(r) + 1000, 900, 1100);
    assert_non_null(strstr(last(r, HELD), "contradicted"));
    /* One of the two lies: nobody knows which, so it is no floor. */
    assert_true(r->device.clock.floor_s < true_ms(r) / 1000 - 1000);
}

static void test_certificate_that_looks_ended_takes_the_confidence(void **state)
{
    struct rig *r = *state;
    struct fake_plan ended = {HAWSER_STREAM_TLS, HAWSER_CAUSE_TLS_EXPIRED};

    authenticate(r);
    plan_all(r, ended);
    fake_broker_close(&r->fake.broker);
    rig_run(r, 120000);
    assert_int_equal(r->device.clock.confidence, 2);
    lie(r, -30 * 60000); /* two that agree may say so now */
    rig_run(r, 2 * HOUR);
    assert_true(clock_error_ms(r) == -30 * 60000);
}

/* The floor ---------------------------------------------------------------------- */

static void test_floor_rises_once_a_day(void **state)
{
    struct rig *r = *state;
    uint32_t programs;
    uint64_t floor_s;

    authenticate(r);
    assert_in_range(true_ms(r) / 1000 - r->device.clock.floor_s, 0, 1);
    floor_s = r->device.clock.floor_s;
    programs = r->fake.flash.programs;
    for (unsigned i = 0; i < 10; i++) {
        unsigned before = asked(r);
        while (asked(r) == before) {
            rig_run(r, 8000);
        }
        answer(r, NULL, true_ms(r));
    }
    assert_in_range(r->fake.flash.programs - programs, 4, 10);
    assert_true(r->device.clock.floor_s > floor_s + 8 * 86400);
}

static void test_floor_outlives_a_power_cut(void **state)
{
    struct rig *r = *state;
    uint64_t floor_s;

    authenticate(r);
    floor_s = r->device.clock.floor_s;
    r->config.time_server_count = 0;
    come_back(r);
    assert_true(r->device.clock.floor_s == floor_s);
    assert_int_equal(r->device.clock.confidence, 1);
}

static void test_floor_of_agreed_time_does_not_rise(void **state)
{
    struct rig *r = *state;

    r->fake.security.peer_not_before_s = 0;
    rig_online(r);
    rig_run(r, 10 * DAY);
    hawser_device_stop(&r->device);
    rig_run(r, 1000);
    assert_true(r->device.lasting.floor_s == 0);
    come_back(r);
    assert_true(r->device.clock.floor_s == r->config.build_time_s);
}

static void test_floor_is_that_of_the_stop(void **state)
{
    struct rig *r = *state;

    authenticate(r);
    rig_run(r, 5 * HOUR);
    hawser_device_stop(&r->device);
    rig_run(r, 1000);
    assert_in_range(true_ms(r) / 1000 - r->device.lasting.floor_s, 0, 2);
}

static void test_floor_can_be_forgotten_on_the_spot(void **state)
{
    struct rig *r = *state;

    authenticate(r);
    r->config.time_server_count = 0;
    r->config.forget_floor = true;
    come_back(r);
    assert_true(r->device.clock.floor_s == r->config.build_time_s);
    r->config.forget_floor = false;
    come_back(r);
    assert_true(r->device.clock.floor_s == r->config.build_time_s);
}

/* The clock is right without it; only the next start begins lower. */
static void test_floor_that_cannot_be_written_is_told(void **state)
{
    struct rig *r = *state;
    uint64_t floor_s;

    authenticate(r);
    floor_s = r->device.lasting.floor_s;
    r->fake.flash.is_broken = true;
    for (unsigned i = 0; i < 5; i++) {
        unsigned before = asked(r);
        while (asked(r) == before) {
            rig_run(r, 8000);
        }
        answer(r, NULL, true_ms(r));
    }
    assert_true(fake_logged(&r->fake, "alert", "code=storage") > 0);
    assert_true(r->device.lasting.floor_s > floor_s + 86400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        QUIET(test_question_is_asked_once_a_session),
        QUIET(test_question_nobody_answers_is_asked_four_times_a_day),
        QUIET(test_question_answered_is_asked_again_after_a_day),
        QUIET(test_question_of_a_flapping_line_is_rare),
        QUIET(test_question_waits_for_random_numbers),
        QUIET(test_answer_sets_the_clock_and_is_reported),
        QUIET(test_answer_that_took_long_is_corrected_by_half),
        QUIET(test_answers_that_are_not_ours_change_nothing),
        QUIET(test_answer_counts_once),
        QUIET(test_answer_to_an_earlier_session_counts_no_more),
        QUIET(test_answer_malformed_is_rejected),
        QUIET(test_answer_before_the_floor_is_not_believed),
        QUIET(test_agreed_servers_cannot_move_authenticated_time),
        QUIET(test_servers_cannot_lead_it_away_in_small_steps),
        QUIET(test_answer_corrects_what_servers_had_agreed_on),
        QUIET(test_certificate_that_looks_ended_takes_the_confidence),
        QUIET(test_floor_rises_once_a_day),
        QUIET(test_floor_outlives_a_power_cut),
        QUIET(test_floor_of_agreed_time_does_not_rise),
        QUIET(test_floor_is_that_of_the_stop),
        QUIET(test_floor_can_be_forgotten_on_the_spot),
        QUIET(test_floor_that_cannot_be_written_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
