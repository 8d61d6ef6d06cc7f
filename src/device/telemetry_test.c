/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a measurement says, and when it is made: sensors that fail or are slow,
 * numbers of all kinds, intervals, and steps that come late.
 */
#include "device/telemetry.h"

#include "device/telemetry_test.h"

#define SECOND 1000u

/* What is said -------------------------------------------------------------- */

static void test_data_is_as_documented(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    assert_int_equal(data_count(r), 1);
    assert_string_equal(data(r, 0)->topic, "hawser/esp32_factory_001/data");
    assert_string_equal(data(r, 0)->payload,
                        "{\"device\":\"esp32_factory_001\","
                        "\"temperature\":24.5,\"humidity\":65.2,\"rssi\":-61,"
                        "\"heap\":214332,\"uptime\":3605,\"seq\":1,\"boot\":1,"
                        "\"time\":1790000005}");
    assert_int_equal(data(r, 0)->qos, 1);
    assert_false(data(r, 0)->retain);
    assert_int_equal(counters(r)->published, 1);
    assert_int_equal(hwi_outbox_count(&r->device.outbox), 0);
    assert_int_equal(fake_logged(&r->fake, "published", "seq=1 waiting=0"), 1);
    assert_int_equal(fake_logged(&r->fake, "stored", ""), 0);
}

static void test_data_qos_0_is_published_when_it_is_sent(void **state)
{
    struct rig *r = *state;

    r->config.qos = 0;
    rig_online(r);
    assert_int_equal(data(r, 0)->qos, 0);
    assert_int_equal(counters(r)->published, 1);
    assert_int_equal(hwi_outbox_count(&r->device.outbox), 0);
    rig_run(r, 60 * SECOND);
    assert_seqs(r, 0, 1, 3);
    assert_int_equal(counters(r)->published, 3);
}

static void test_data_flat_layout_has_the_classic_topic(void **state)
{
    struct rig *r = *state;

    r->config.layout = HAWSER_LAYOUT_FLAT;
    r->config.root = "plant/1";
    rig_online(r);
    assert_string_equal(data(r, 0)->topic, "plant/1/data");
    assert_non_null(
        strstr(data(r, 0)->payload, "{\"device\":\"esp32_factory_001\","));
}

static void test_data_sensor_that_fails_is_left_out(void **state)
{
    static const int errors[] = {HAWSER_E_ABSENT, HAWSER_E_LINK};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        rig_init(r);
        r->fake.sensor_err[0] = errors[i];
        rig_online(r);
        assert_null(strstr(data(r, 0)->payload, "temperature"));
        assert_non_null(strstr(data(r, 0)->payload, ",\"humidity\":65.2,"));
    }
}

static void test_data_all_sensors_fail_still_is_a_message(void **state)
{
    struct rig *r = *state;

    r->fake.sensor_err[0] = HAWSER_E_ABSENT;
    r->fake.sensor_err[1] = HAWSER_E_ABSENT;
    r->fake.system.has_rssi = false;
    r->fake.system.has_heap = false;
    rig_online(r);
    assert_string_equal(data(r, 0)->payload,
                        "{\"device\":\"esp32_factory_001\",\"uptime\":3605,"
                        "\"seq\":1,\"boot\":1,\"time\":1790000005}");
}

static void test_data_without_sensors_is_a_message(void **state)
{
    struct rig *r = *state;

    r->config.sensor_count = 0;
    rig_online(r);
    assert_non_null(
        strstr(data(r, 0)->payload, "\"esp32_factory_001\",\"rssi\":-61,"));
}

static void test_data_sensor_that_recovers_is_there_again(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.sensor_err[0] = HAWSER_E_ABSENT;
    rig_run(r, 30 * SECOND);
    assert_null(strstr(data(r, 1)->payload, "temperature"));
    r->fake.sensor_err[0] = 0;
    r->fake.readings[0].value.mantissa = -31;
    rig_run(r, 30 * SECOND);
    assert_non_null(strstr(data(r, 2)->payload, ",\"temperature\":-3.1,"));
}

static void test_data_numbers_are_written_digit_by_digit(void **state)
{
    static const struct {
        struct hawser_number value;
        const char *text;
    } rows[] = {
        {{0, 0}, ":0,"},
        {{0, 3}, ":0.000,"},
        {{-5, 1}, ":-0.5,"},
        {{-50, 1}, ":-5.0,"},
        {{7, 9}, ":0.000000007,"},
        {{-40, 0}, ":-40,"},
        {{1234567, 2}, ":12345.67,"},
        {{INT64_MAX, 0}, ":9223372036854775807,"},
        {{INT64_MAX, 9}, ":9223372036.854775807,"},
        {{INT64_MIN, 0}, ":-9223372036854775808,"},
        {{INT64_MIN, 9}, ":-9223372036.854775808,"},
    };
    struct rig *r = *state;

    rig_online(r);
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[64];
        snprintf(text, sizeof(text), "\"temperature\"%s", rows[i].text);
        r->fake.readings[0].value = rows[i].value;
        rig_run(r, 30 * SECOND);
        assert_non_null(strstr(data(r, i + 1)->payload, text));
    }
}

static void test_data_impossible_number_is_left_out(void **state)
{
    struct rig *r = *state;

    r->fake.readings[0].value.decimals = 10;
    rig_online(r);
    assert_null(strstr(data(r, 0)->payload, "temperature"));
    assert_non_null(strstr(data(r, 0)->payload, "\"humidity\":65.2"));
}

static void test_data_longest_measurement_fits(void **state)
{
    struct rig *r = *state;

    measure_much(r);
    r->fake.readings[15].simulated = true;
    rig_online(r);
    for (unsigned i = 0; i < HAWSER_SENSORS_MAX; i++) {
        char text[100];
        (void)snprintf(text, sizeof(text), ",\"%s\":-9223372036.854775808,",
                       r->config.sensors[i]);
        assert_non_null(strstr(data(r, 0)->payload, text));
    }
    assert_non_null(strstr(data(r, 0)->payload, ",\"simulated\":true}"));
}

static void test_data_one_simulated_sensor_marks_the_message(void **state)
{
    struct rig *r = *state;

    r->fake.readings[0].simulated = true;
    rig_online(r);
    r->fake.sensor_err[0] =
        HAWSER_E_ABSENT; /* what is left out marks nothing */
    rig_run(r, 30 * SECOND);
    r->fake.sensor_err[0] = 0;
    r->fake.readings[0].simulated = false;
    r->fake.readings[1].simulated = true;
    rig_run(r, 30 * SECOND);
    assert_non_null(strstr(data(r, 0)->payload, ",\"simulated\":true}"));
    assert_null(strstr(data(r, 1)->payload, "simulated"));
    assert_non_null(strstr(data(r, 2)->payload, ",\"simulated\":true}"));
}

static void test_data_without_time_has_none(void **state)
{
    struct rig *r = *state;

    r->config.time_server_count = 0;
    rig_online(r);
    assert_null(strstr(data(r, 0)->payload, "\"time\""));
}

/* Slow sensors -------------------------------------------------------------- */

static void test_measure_slow_sensor_is_waited_for(void **state)
{
    struct rig *r = *state;

    r->fake.sensor_err[1] = HAWSER_E_WAIT;
    rig_online(r);
    rig_run(r, 2 * SECOND);
    assert_int_equal(data_count(r), 0);
    r->fake.readings[0].value.mantissa = 999; /* was read already */
    r->fake.sensor_err[1] = 0;
    rig_run(r, 50);
    assert_int_equal(data_count(r), 1);
    assert_non_null(
        strstr(data(r, 0)->payload, "\"temperature\":24.5,\"humidity\":65.2,"));
}

static void test_measure_sensor_that_hangs_is_left_out(void **state)
{
    struct rig *r = *state;

    r->fake.sensor_err[0] = HAWSER_E_WAIT;
    rig_online(r);
    rig_run(r, 4800);
    assert_int_equal(data_count(r), 0);
    rig_run(r, 200);
    assert_int_equal(data_count(r), 1);
    assert_null(strstr(data(r, 0)->payload, "temperature"));
    assert_non_null(strstr(data(r, 0)->payload, "\"humidity\":65.2"));
}

static void test_measure_slower_than_the_interval_makes_no_burst(void **state)
{
    struct rig *r = *state;

    r->config.interval_s = 1;
    r->fake.sensor_err[0] = HAWSER_E_WAIT;
    rig_online(r);
    rig_run(r, 20 * SECOND);
    assert_in_range(data_count(r), 3, 4); /* one each 5 s */
    r->fake.sensor_err[0] = 0;
    rig_run(r, 10 * SECOND);
    assert_in_range(data_count(r), 13, 15);
}

static void test_cancel_forgets_the_measurement(void **state)
{
    struct rig *r = *state;
    struct hawser_device_config next = r->config;

    rig_online(r);
    r->fake.sensor_err[0] = HAWSER_E_WAIT;
    rig_run(r, 31 * SECOND);
    assert_true(r->device.telemetry.is_measuring);
    next.sensor_count = 0;
    assert_int_equal(hawser_device_reconfigure(&r->device, &next), 0);
    assert_false(r->device.telemetry.is_measuring);
    rig_run(r, 31 * SECOND);
    assert_seqs(r, 0, 1, 2);
    assert_null(strstr(data(r, 1)->payload, "humidity"));
}

/* When ---------------------------------------------------------------------- */

static void test_interval_default_is_thirty_seconds(void **state)
{
    struct rig *r = *state;

    rig_online(r); /* and 100 ms */
    assert_true(r->device.telemetry.next_ms - r->fake.now_ms > 29 * SECOND);
    rig_run(r, 29800);
    assert_int_equal(data_count(r), 1);
    rig_run(r, 200);
    assert_int_equal(data_count(r), 2);
    rig_run(r, 300 * SECOND);
    assert_seqs(r, 0, 1, 12);
}

static void test_interval_of_the_configuration_counts(void **state)
{
    struct rig *r = *state;

    r->config.interval_s = 7;
    rig_online(r);
    rig_run(r, 70 * SECOND);
    assert_seqs(r, 0, 1, 11);
}

static void test_interval_change_counts_from_then_on(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    rig_run(r, 20 * SECOND);
    rig_command(r, "{\"command\":\"set_interval\","
                   "\"args\":{\"interval_s\":5}}");
    rig_run(r, 4900);
    assert_int_equal(data_count(r), 1);
    rig_run(r, 100);
    assert_int_equal(data_count(r), 2);
    rig_run(r, 10 * SECOND);
    assert_seqs(r, 0, 1, 4);
    hwi_telemetry_set_interval(&r->device, 86400);
    rig_run(r, 3600 * SECOND);
    assert_seqs(r, 0, 1, 4);
}

static void test_step_a_little_late_does_not_shift_the_rest(void **state)
{
    struct rig *r = *state;
    uint64_t next_ms;

    rig_online(r);
    next_ms = r->device.telemetry.next_ms;
    r->fake.now_ms = next_ms + 700; /* the machine was busy */
    hawser_device_step(&r->device);
    assert_true(r->device.telemetry.next_ms == next_ms + 30 * SECOND);
}

static void test_step_after_a_sleep_measures_once(void **state)
{
    static const uint64_t sleeps_ms[] = {30 * SECOND, 60 * SECOND,
                                         60 * SECOND - 1, 3601 * SECOND};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(sleeps_ms) / sizeof(sleeps_ms[0]); i++) {
        uint64_t now_ms;
        rig_init(r);
        rig_online(r);
        r->fake.now_ms = r->device.telemetry.next_ms + sleeps_ms[i];
        now_ms = r->fake.now_ms;
        hawser_device_step(&r->device);
        assert_int_equal(r->device.telemetry.seq, 2);
        assert_in_range(r->device.telemetry.next_ms, now_ms + 1,
                        now_ms + 30 * SECOND);
        rig_run(r, 0);
        assert_int_equal(r->device.telemetry.seq, 2);
    }
}

static void test_connected_measures_at_once_the_first_time(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    assert_int_equal(data_count(r), 1);
    fake_broker_close(&r->fake.broker);
    assert_true(rig_run_until(r, HAWSER_DEVICE_RETRY, SECOND));
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 20 * SECOND));
    rig_run(r, 100);
    assert_int_equal(data_count(r), 1); /* not at every connect */
}

static void test_connected_while_measuring_goes_on_with_it(void **state)
{
    struct rig *r = *state;
    uint64_t next_ms;

    r->fake.sensor_err[0] = HAWSER_E_WAIT;
    rig_start(r);
    be_offline(r, 31 * SECOND);
    assert_true(r->device.telemetry.is_measuring);
    next_ms = r->device.telemetry.next_ms;
    come_back(r);
    assert_true(r->device.telemetry.is_measuring);
    assert_true(r->device.telemetry.next_ms == next_ms);
    r->fake.sensor_err[0] = 0;
    rig_run(r, 100);
    assert_seqs(r, 0, 1, 1);
}

static void test_measure_is_besides_the_interval(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    rig_run(r, 10 * SECOND);
    hawser_device_measure(&r->device);
    hawser_device_measure(&r->device); /* both are the same one */
    assert_true(hawser_device_deadline_ms(&r->device) <= r->fake.now_ms);
    rig_run(r, SECOND);
    assert_seqs(r, 0, 1, 2);
    rig_run(r, 18 * SECOND);
    assert_seqs(r, 0, 1, 2);
    rig_run(r, SECOND); /* the interval is as it was */
    assert_seqs(r, 0, 1, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_data_is_as_documented),
        STORY(test_data_qos_0_is_published_when_it_is_sent),
        STORY(test_data_flat_layout_has_the_classic_topic),
        STORY(test_data_sensor_that_fails_is_left_out),
        STORY(test_data_all_sensors_fail_still_is_a_message),
        STORY(test_data_without_sensors_is_a_message),
        STORY(test_data_sensor_that_recovers_is_there_again),
        STORY(test_data_numbers_are_written_digit_by_digit),
        STORY(test_data_impossible_number_is_left_out),
        STORY(test_data_longest_measurement_fits),
        STORY(test_data_one_simulated_sensor_marks_the_message),
        STORY(test_data_without_time_has_none),
        STORY(test_measure_slow_sensor_is_waited_for),
        STORY(test_measure_sensor_that_hangs_is_left_out),
        STORY(test_measure_slower_than_the_interval_makes_no_burst),
        STORY(test_cancel_forgets_the_measurement),
        STORY(test_interval_default_is_thirty_seconds),
        STORY(test_interval_of_the_configuration_counts),
        STORY(test_interval_change_counts_from_then_on),
        STORY(test_step_a_little_late_does_not_shift_the_rest),
        STORY(test_step_after_a_sleep_measures_once),
        STORY(test_connected_measures_at_once_the_first_time),
        STORY(test_connected_while_measuring_goes_on_with_it),
        STORY(test_measure_is_besides_the_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
