/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flight recorder by what get_flights answers: after failures, restarts,
 * power cuts, with flash that is broken or missing.
 */
#include "device/story_test.h"

#include "device/journal.h"
#include "device/medium.h"
#include "device/recorder.h"

#define GET   "{\"command\":\"get_flights\",\"id\":\"g\"}"
#define SHAPE ((struct hawser_flash_geometry){4096, 4, 4})

static void give_flash(struct rig *r)
{
    fake_flash_shape(&r->fake, HAWSER_REGION_FLIGHTS, SHAPE);
}

/* What get_flights answered, the numbers of the attempts in their order. */
struct answer {
    unsigned parts;
    unsigned count;
    unsigned numbers[200];
    char text[20000]; /* all parts */
};

static struct answer *ask(struct rig *r)
{
    static struct answer a;
    unsigned from = told(r, "/reply", "flights");
    const struct fake_message *m;

    a = (struct answer){.parts = 0};
    rig_command(r, GET);
    rig_run(r, 1000);
    while ((m = fake_broker_find(&r->fake.broker, "/reply", "flights\":[",
                                 from + a.parts)) != NULL) {
        const char *at = m->payload;
        a.parts++;
        assert_true(strlen(a.text) + strlen(at) < sizeof(a.text));
        (void)snprintf(a.text + strlen(a.text), sizeof(a.text) - strlen(a.text),
                       "%s", at);
        for (; (at = strstr(at, "{\"n\":")) != NULL; at++) {
            a.numbers[a.count++] = (unsigned)strtoul(at + 5, NULL, 10);
        }
    }
    assert_int_equal(told(r, "/reply", "\"status\":\"running\""),
                     told(r, "/reply", "flights") -
                         told(r, "/reply", "\"status\":\"succeeded\""));
    return &a;
}

/* Fails so many times, each at the look-up, then comes online. */
static void suffer(struct rig *r, unsigned times)
{
    uint32_t failures = counters(r)->failures;

    r->fake.dns = HAWSER_E_LINK;
    if (hawser_device_state(&r->device) == HAWSER_DEVICE_ONLINE) {
        fake_broker_close(&r->fake.broker);
        failures++;
    }
    rig_run(r, 0);
    while (counters(r)->failures < failures + times) {
        rig_run(r, hawser_device_deadline_ms(&r->device) - r->fake.now_ms);
    }
    r->fake.dns = 1;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 600000));
    rig_run(r, 100);
}

static void assert_ascending(const struct answer *a)
{
    for (unsigned i = 1; i < a->count; i++) {
        assert_int_equal(a->numbers[i], a->numbers[i - 1] + 1);
    }
}

/* What is recorded ------------------------------------------------------------ */

static void test_first_attempt_has_all_facts(void **state)
{
    struct rig *r = *state;

    r->fake.time[0].delay_ms = 40;
    r->fake.time[1].delay_ms = 40;
    r->fake.time[2].delay_ms = 40;
    rig_online(r);
    assert_string_equal(
        ask(r)->text,
        "{\"device\":\"esp32_factory_001\",\"id\":\"g\",\"command\":"
        "\"get_flights\",\"status\":\"succeeded\",\"result\":{\"flights\":["
        "{\"n\":1,\"boot\":1,\"uptime\":3605,\"time\":1790000005,"
        "\"time_confidence\":2,\"broker\":1,\"ms\":[0,40,0,0,0,0,0],"
        "\"cause\":\"none\",\"online_s\":0}]},\"boot\":1}");
}

static void test_failure_has_cause_and_detail(void **state)
{
    struct rig *r = *state;
    const struct answer *a;

    rig_start(r);
    suffer(r, 2);
    a = ask(r);
    assert_int_equal(a->count, 3);
    assert_ascending(a);
    assert_non_null(strstr(
        a->text, "\"cause\":\"dns\",\"detail\":\"broker.example\"},{\"n\":2"));
}

static void test_refusal_has_its_reason(void **state)
{
    struct rig *r = *state;

    r->fake.broker.connack = 0x87;
    rig_start(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_RETRY, 60000));
    r->fake.broker.connack = 0;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 7200000));
    rig_run(r, 100);
    assert_non_null(strstr(ask(r)->text,
                           "\"cause\":\"mqtt_not_authorised\",\"reason\":135"));
}

static void test_stages_add_up_over_several_addresses(void **state)
{
    struct rig *r = *state;
    struct fake_plan hangs = {.stage = HAWSER_STREAM_TCP};

    r->fake.dns = 2;
    r->fake.plans[0] = hangs;
    rig_start(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_non_null(strstr(ask(r)->text, "\"ms\":[0,40,0,10000,0,0,0]"));
}

static void test_detail_of_a_stranger_is_made_plain_and_short(void **state)
{
    struct rig *r = *state;
    const struct answer *a;

    rig_online(r);
    hwi_recorder_enter(&r->device, HAWSER_DEVICE_LINK);
    hwi_recorder_end(&r->device, HAWSER_CAUSE_TLS_OTHER,
                     "\"\\\n\x80\x7F 5678901234567890123456789012345");
    a = ask(r);
    assert_non_null(
        strstr(a->text, "\"detail\":\"????? 56789012345678901234567890\"}"));
}

static void test_session_that_ended_counts_once_with_its_length(void **state)
{
    struct rig *r = *state;
    const struct answer *a;

    give_flash(r);
    rig_online(r);
    rig_run(r, 100000);
    suffer(r, 1);
    a = ask(r);
    assert_int_equal(a->count, 3);
    assert_ascending(a);
    assert_non_null(strstr(
        a->text,
        "\"cause\":\"closed\",\"detail\":\"as scripted\",\"online_s\":100}"));
}

static void test_end_without_an_attempt_is_nothing(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    hwi_recorder_end(&r->device, HAWSER_CAUSE_STOPPED, "");
    hwi_recorder_end(&r->device, HAWSER_CAUSE_DNS, "");
    assert_int_equal(ask(r)->count, 1);
}

/* Parts ----------------------------------------------------------------------- */

static void test_get_flights_answers_the_last_64_in_parts(void **state)
{
    struct rig *r = *state;
    const struct answer *a;

    give_flash(r);
    rig_start(r);
    suffer(r, 100);
    a = ask(r);
    assert_int_equal(a->count, 64);
    assert_ascending(a);
    assert_int_equal(a->numbers[63], 101);
    assert_in_range(a->parts, 8, 22);
}

static void test_get_flights_keeps_to_the_brokers_packets(void **state)
{
    struct rig *r = *state;
    const struct answer *a;

    give_flash(r);
    r->fake.broker.maximum_packet = 1200;
    rig_start(r);
    suffer(r, 20);
    a = ask(r);
    assert_int_equal(a->count, 21);
    assert_in_range(a->parts, 10, 21);
    r->fake.broker.maximum_packet = 900; /* one does not fit any more */
    suffer(r, 1);
    a = ask(r);
    assert_int_equal(a->parts, 1);
    assert_int_equal(a->count, 0);
}

static void test_get_flights_without_flash_answers_the_last_eight(void **state)
{
    struct rig *r = *state;
    const struct answer *a;

    rig_start(r);
    suffer(r, 20);
    a = ask(r);
    assert_int_equal(a->count, 8);
    assert_ascending(a);
    assert_int_equal(a->numbers[7], 21);
}

/* Restarts -------------------------------------------------------------------- */

static void test_reboot_keeps_what_was_written(void **state)
{
    struct rig *r = *state;
    const struct answer *a;
    unsigned first;
    char text[40];

    give_flash(r);
    rig_start(r);
    suffer(r, 12);
    first = counters(r)->failures + 1; /* and one that led online */
    rig_reboot(r);
    suffer(r, 1);
    a = ask(r);
    assert_int_equal(a->count, first + counters(r)->failures + 1);
    assert_ascending(a);
    (void)snprintf(text, sizeof(text), "{\"n\":%u,\"boot\":2", first + 1);
    assert_non_null(strstr(a->text, text));
}

static void test_reboot_in_an_outage_costs_seven_at_most(void **state)
{
    struct rig *r = *state;
    const struct answer *a;

    give_flash(r);
    r->fake.dns = HAWSER_E_LINK;
    rig_start(r);
    while (counters(r)->failures < 23) {
        rig_run(r, 1000);
    }
    rig_reboot(r);
    suffer(r, 0);
    a = ask(r);
    assert_int_equal(a->count, 17 + 0);
    assert_ascending(a);
}

static void test_stop_writes_everything(void **state)
{
    struct rig *r = *state;
    const struct answer *a;

    give_flash(r);
    rig_online(r);
    hawser_device_stop(&r->device);
    rig_run(r, 1000);
    rig_reboot(r);
    suffer(r, 0);
    a = ask(r);
    assert_int_equal(a->count, 2);
    assert_non_null(strstr(a->text, "\"cause\":\"stopped\""));
}

/* Flash ----------------------------------------------------------------------- */

/* An outage of a day at the longest waits: what it costs. */
static void test_outage_is_cheap_for_flash(void **state)
{
    struct rig *r = *state;

    fake_flash_shape(&r->fake, HAWSER_REGION_STATE,
                     (struct hawser_flash_geometry){0});
    give_flash(r);
    r->fake.dns = HAWSER_E_LINK;
    rig_start(r);
    rig_run(r, UINT64_C(86400) * 1000);
    print_message("a day without DNS: %u attempts, %u programs, %u erases\n",
                  counters(r)->failures, r->fake.flash.programs,
                  r->fake.flash.erases);
    assert_in_range(counters(r)->failures, 1000, 2000);
    assert_in_range(r->fake.flash.erases, 20, 40);
}

static void test_broken_flash_alerts_and_goes_on(void **state)
{
    struct rig *r = *state;

    give_flash(r);
    rig_online(r);
    r->fake.flash.is_broken = true;
    suffer(r, 9);
    assert_true(fake_logged(&r->fake, "alert", "could not be recorded") > 0);
    assert_true(ask(r)->count >= 1);
}

static void test_unreadable_flash_is_an_error_and_no_end(void **state)
{
    struct rig *r = *state;

    give_flash(r);
    rig_online(r);
    hawser_device_stop(&r->device);
    rig_run(r, 1000);
    r->fake.flash.is_unreadable = true;
    assert_int_equal(hwi_recorder_init(&r->device), HAWSER_E_STORAGE);
    assert_int_equal(
        hawser_device_init(&r->device, &r->config, &r->memory, &r->fake.port),
        HAWSER_E_STORAGE);
    r->fake.flash.is_unreadable = false;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_int_equal(ask(r)->count, 1);
}

static void append(struct rig *r, uint8_t type, uint16_t len, uint8_t cause)
{
    uint8_t frame[HWI_JOURNAL_HEAD + 256 + HWI_JOURNAL_TAIL];
    struct hwi_record record = {.type = type, .len = len};
    struct hwi_journal j;

    memset(frame, 1, sizeof(frame));
    frame[HWI_JOURNAL_HEAD + 38] = cause;
    assert_int_equal(
        hwi_journal_open(
            &j, hwi_medium_flash(&r->fake.port, HAWSER_REGION_FLIGHTS)),
        0);
    assert_int_equal(hwi_journal_append(&j, &record, frame, 0), 0);
}

static void test_records_of_others_are_passed_over(void **state)
{
    struct rig *r = *state;

    give_flash(r);
    append(r, HAWSER_CAUSE_COUNT + 1, 42, 1);
    append(r, HAWSER_CAUSE_COUNT, 41, 1);
    append(r, HAWSER_CAUSE_COUNT, 42 + HWI_DETAIL_MAX + 1, 1);
    append(r, HAWSER_CAUSE_COUNT, 42, HAWSER_CAUSE_COUNT);
    rig_online(r);
    assert_int_equal(ask(r)->count, 1);
    rig_init(r);
    give_flash(r);
    append(r, HAWSER_CAUSE_COUNT, 42 + HWI_DETAIL_MAX, 1);
    rig_online(r);
    assert_int_equal(r->device.recorder.number, 0x01010102);
}

/* The power is cut at every change and at bytes of it, then the device starts
 * again: what it tells is a piece of what was, nothing false. */
static void test_power_cut_anywhere_leaves_what_was(void **state)
{
    struct rig *r = *state;
    unsigned cuts = 0;

    for (int change = 0; change < 12; change++) {
        for (unsigned torn = 0; torn < 100; torn += 9) {
            const struct answer *a;
            int err;
            rig_init(r);
            give_flash(r);
            r->fake.flash.power_left = change;
            r->fake.flash.torn_bytes = torn;
            r->fake.flash.leaves_garbage = torn % 2 == 0;
            r->fake.dns = HAWSER_E_LINK;
            err = hawser_device_init(&r->device, &r->config, &r->memory,
                                     &r->fake.port);
            assert_true(err == 0 || err == HAWSER_E_STORAGE);
            while (counters(r)->failures < 17) {
                rig_run(r, 1000);
            }
            fake_flash_power(&r->fake);
            rig_reboot(r);
            suffer(r, 0);
            a = ask(r);
            assert_in_range(a->count, 1, 17);
            assert_ascending(a);
            assert_int_equal(told(r, "/reply", "\"cause\":\"none\""), 1);
            cuts++;
        }
    }
    print_message("%u cuts\n", cuts);
}

static void test_attempt_without_the_time_has_none(void **state)
{
    struct rig *r = *state;
    const struct answer *a;

    r->config.time_server_count = 0;
    rig_online(r);
    a = ask(r);
    assert_int_equal(a->count, 1);
    assert_null(strstr(a->text, "\"time\":"));
    assert_non_null(strstr(a->text, "\"time_confidence\":1"));
}

/* Two bytes hold a stage: 65.5 s stand for that long, and longer. */
static void test_stage_that_took_minutes_is_at_its_greatest(void **state)
{
    struct rig *r = *state;

    r->fake.dns = 8;
    for (unsigned i = 0; i < 7; i++) {
        r->fake.plans[i] = (struct fake_plan){.stage = HAWSER_STREAM_TCP};
    }
    rig_start(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 600000));
    rig_run(r, 100);
    assert_non_null(strstr(ask(r)->text, "\"ms\":[0,40,0,65535,0,0,0]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_first_attempt_has_all_facts),
        STORY(test_failure_has_cause_and_detail),
        STORY(test_refusal_has_its_reason),
        STORY(test_stages_add_up_over_several_addresses),
        STORY(test_detail_of_a_stranger_is_made_plain_and_short),
        STORY(test_session_that_ended_counts_once_with_its_length),
        STORY(test_end_without_an_attempt_is_nothing),
        STORY(test_get_flights_answers_the_last_64_in_parts),
        STORY(test_get_flights_keeps_to_the_brokers_packets),
        STORY(test_get_flights_without_flash_answers_the_last_eight),
        STORY(test_reboot_keeps_what_was_written),
        STORY(test_reboot_in_an_outage_costs_seven_at_most),
        STORY(test_stop_writes_everything),
        STORY(test_outage_is_cheap_for_flash),
        STORY(test_broken_flash_alerts_and_goes_on),
        STORY(test_unreadable_flash_is_an_error_and_no_end),
        STORY(test_records_of_others_are_passed_over),
        STORY(test_power_cut_anywhere_leaves_what_was),
        STORY(test_attempt_without_the_time_has_none),
        STORY(test_stage_that_took_minutes_is_at_its_greatest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
