/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of a chip at its start: with whatever stands in NVS, and whatever
 * the program brings.
 */
#include "ports/esp-idf/provision.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "nvs.h"

static struct hwi_esp_provision provision;
static char said[1024];

static const struct hawser_esp_sensor sensors[] = {{"temperature", NULL},
                                                   {"humidity", NULL}};
static const struct hawser_esp_config program = {
    .firmware = "1.0.0", .sensors = sensors, .sensor_count = 2};

static void tell(const char *line)
{
    size_t len = strlen(said);

    (void)snprintf(said + len, sizeof said - len, "%s\n", line);
}

static int fresh(void **state)
{
    (void)state;
    fake_esp_init();
    said[0] = '\0';
    assert_true(hwi_esp_provision_init(&provision, &program, "esp32c3-1"));
    return 0;
}

static void put(const char *name, const char *value)
{
    assert_int_equal(hwi_esp_stored_write(name, value, strlen(value)), ESP_OK);
}

static bool is_ready(esp_err_t nvs)
{
    said[0] = '\0';
    return hwi_esp_provision_read(&provision, nvs, tell);
}

static void put_all(void)
{
    put("wifi", "home\npassphrase");
    put("broker", "b.example 8883");
    put("ca", "CA");
}

/* It is no failure: all is named, and what to do. */
static void test_a_new_chip_waits(void **state)
{
    (void)state;
    assert_false(is_ready(ESP_OK));
    assert_string_equal(
        said, "missing: a WiFi network: set wifi NAME\n"
              "missing: the broker: set broker HOST:PORT\n"
              "missing: the CA that signed the broker's certificate: set ca\n"
              "the device waits for its settings: \"help\" at the serial "
              "console, if the program has one, or a factory image of NVS\n");
    put("id", "dev1");
    put("broker", "b.example 8883");
    assert_false(is_ready(ESP_OK));
    assert_null(strstr(said, "set broker"));
    assert_null(strstr(said, "not usable"));
    assert_null(strstr(said, "range"));
    assert_non_null(strstr(said, "set ca"));
}

static void test_settings_and_program_make_a_device(void **state)
{
    const struct hawser_device_config *d = &provision.stored.settings.device;

    (void)state;
    put_all();
    assert_true(is_ready(ESP_OK));
    assert_string_equal(said, "");
    assert_string_equal(d->id, "esp32c3-1");
    assert_string_equal(d->firmware, "1.0.0");
    assert_int_equal(d->sensor_count, 2);
    assert_string_equal(d->sensors[1], "humidity");
    assert_int_equal(d->build_time_s, HAWSER_BUILD_TIME_S);
    put("id", "dev1");
    assert_true(is_ready(ESP_OK));
    assert_string_equal(d->id, "dev1");
    assert_int_equal(provision.stored.network_count, 1);
}

static void test_what_is_not_usable_is_named(void **state)
{
    static char large[4000];

    (void)state;
    put_all();
    put("wifi.1", "office\nshort");
    assert_false(is_ready(ESP_OK));
    assert_non_null(strstr(said, "\"wifi.1\" in NVS is not usable"));
    assert_int_equal(hwi_esp_stored_cut("wifi", 1), ESP_OK);
    put("keep_alive_s", "2");
    assert_false(is_ready(ESP_OK));
    assert_non_null(strstr(said, "out of its range"));
    put("keep_alive_s", "60");
    memset(large, 'x', sizeof large - 1);
    put("ca", large);
    put("chain", large);
    put("key", large);
    put("command_key", large);
    assert_false(is_ready(ESP_OK));
    assert_non_null(strstr(said, "more than 12288 bytes"));
}

static void test_nvs_that_cannot_be_opened_has_a_way_out(void **state)
{
    (void)state;
    put_all();
    assert_false(is_ready(ESP_FAIL));
    assert_non_null(strstr(said, "ESP_FAIL. \"erase\" at the console"));
    assert_non_null(strstr(said, "the device waits"));
    assert_null(strstr(said, "missing"));
    fake_esp.fails = "nvs_open";
    assert_false(is_ready(ESP_OK));
    assert_non_null(strstr(said, "NVS cannot be read: ESP_FAIL"));
}

static void test_init_judges_the_program(void **state)
{
    static const struct hawser_esp_sensor twice[] = {{"a", NULL}, {"a", NULL}};
    struct hawser_esp_config bad = program;

    (void)state;
    bad.firmware = NULL;
    assert_false(hwi_esp_provision_init(&provision, &bad, "x"));
    bad = program;
    bad.sensors = twice;
    assert_false(hwi_esp_provision_init(&provision, &bad, "x"));
    bad = program;
    bad.sensor_count = HAWSER_SENSORS_MAX + 1;
    assert_false(hwi_esp_provision_init(&provision, &bad, "x"));
    bad = program;
    bad.command_count = 1; /* of no table */
    assert_false(hwi_esp_provision_init(&provision, &bad, "x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_new_chip_waits, fresh),
        cmocka_unit_test_setup(test_settings_and_program_make_a_device, fresh),
        cmocka_unit_test_setup(test_what_is_not_usable_is_named, fresh),
        cmocka_unit_test_setup(test_nvs_that_cannot_be_opened_has_a_way_out,
                               fresh),
        cmocka_unit_test_setup(test_init_judges_the_program, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
