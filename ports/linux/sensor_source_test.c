/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of sensor_source.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ports/linux/sensor_source.h"
#include "ports/linux/text_file.h"

static void test_source_parse_good_ones(void **state)
{
    static const struct {
        const char *text;
        enum hwi_linux_sensor_kind kind;
        const char *argument;
    } rows[] = {
        {"auto", HWI_LINUX_SENSOR_AUTO, ""},
        {"thermal:0", HWI_LINUX_SENSOR_THERMAL, "0"},
        {"hwmon:k10temp/Tctl", HWI_LINUX_SENSOR_HWMON, "k10temp/Tctl"},
        {"iio:bme280", HWI_LINUX_SENSOR_IIO, "bme280"},
        {"file:/run/room:1", HWI_LINUX_SENSOR_FILE, "/run/room:1"},
        {"exec:read-it -v  now", HWI_LINUX_SENSOR_EXEC, "read-it -v  now"},
        {"simulated", HWI_LINUX_SENSOR_SIMULATED, ""},
        {"simulated:-5..5", HWI_LINUX_SENSOR_SIMULATED, "-5..5"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hwi_linux_sensor_source source;
        char message[HAWSER_LINUX_MESSAGE_SIZE] = "";

        assert_int_equal(
            hwi_linux_sensor_source_parse(rows[i].text, &source, message), 0);
        assert_int_equal(source.kind, rows[i].kind);
        assert_string_equal(source.argument, rows[i].argument);
    }
}

static void test_source_parse_bad_ones_refused_in_words(void **state)
{
    static const struct {
        const char *text;
        const char *words;
    } rows[] = {
        {"", "allowed: auto, thermal:TYPE"},
        {"Auto", "\"Auto\" is no sensor source"},
        {"thermometer:1", "is no sensor source"},
        {"auto:1", "stands alone"},
        {"auto:", "stands alone"},
        {"thermal", "behind the colon"},
        {"hwmon:", "behind the colon"},
        {"file:", "behind the colon"},
        {"exec:  ", "a program and"},
        {"exec:a b c d e f g h i j k l m n o p q", "at most 15 words"},
        {"simulated:", "behind the colon"},
        {"simulated:1", "MIN..MAX"},
        {"simulated:..", "MIN..MAX"},
        {"simulated:1..", "MIN..MAX"},
        {"simulated:2..1", "MIN below MAX"},
        {"simulated:1..1.0", "MIN below MAX"},
        {"simulated:1...2.5.", "MIN..MAX"},
        {"simulated:1..2C", "MIN..MAX"},
        {"simulated:0..999999999999999999", "MIN..MAX"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hwi_linux_sensor_source source;
        char message[HAWSER_LINUX_MESSAGE_SIZE] = "";

        assert_int_equal(
            hwi_linux_sensor_source_parse(rows[i].text, &source, message),
            HAWSER_E_ARG);
        if (strstr(message, rows[i].words) == NULL) {
            fail_msg("\"%s\": %s", rows[i].text, message);
        }
    }
}

static void test_source_parse_too_long_refused(void **state)
{
    struct hwi_linux_sensor_source source;
    char message[HAWSER_LINUX_MESSAGE_SIZE] = "";
    char text[HWI_LINUX_PATH_SIZE + 6] = "file:";

    (void)state;
    memset(text + 5, 'a', HWI_LINUX_PATH_SIZE);
    text[5 + HWI_LINUX_PATH_SIZE] = '\0';
    assert_int_equal(hwi_linux_sensor_source_parse(text, &source, message),
                     HAWSER_E_ARG);
    text[4 + HWI_LINUX_PATH_SIZE] = '\0';
    assert_int_equal(hwi_linux_sensor_source_parse(text, &source, message), 0);
}

static void test_source_parse_range_gets_equal_decimals(void **state)
{
    struct hwi_linux_sensor_source source;
    char message[HAWSER_LINUX_MESSAGE_SIZE];

    (void)state;
    assert_int_equal(
        hwi_linux_sensor_source_parse("simulated:-18..26.25", &source, message),
        0);
    assert_true(source.has_range);
    assert_int_equal(source.min.mantissa, -1800);
    assert_int_equal(source.max.mantissa, 2625);
    assert_int_equal(source.min.decimals, 2);
    assert_int_equal(source.max.decimals, 2);
}

static void test_quantity_of_names(void **state)
{
    (void)state;
    assert_string_equal(hwi_linux_quantity_of("temperature")->hwmon, "temp");
    assert_string_equal(hwi_linux_quantity_of("humidity_cellar")->iio,
                        "in_humidityrelative");
    assert_null(hwi_linux_quantity_of("temperatures"));
    assert_null(hwi_linux_quantity_of("temp"));
    assert_null(hwi_linux_quantity_of(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_source_parse_good_ones),
        cmocka_unit_test(test_source_parse_bad_ones_refused_in_words),
        cmocka_unit_test(test_source_parse_too_long_refused),
        cmocka_unit_test(test_source_parse_range_gets_equal_decimals),
        cmocka_unit_test(test_quantity_of_names),
    };

    return cmocka_run_group_tests_name("linux sensor_source", tests, NULL,
                                       NULL);
}
