/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings in NVS: all that is stored is read, in its order, and what cannot be
 * is named.
 */
#include "ports/esp-idf/stored.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "nvs.h"

static struct hwi_esp_stored s;
static char bad[16];

static int fresh(void **state)
{
    (void)state;
    fake_esp_init();
    return 0;
}

static void put(const char *name, const char *value)
{
    assert_int_equal(hwi_esp_stored_write(name, value, strlen(value)), ESP_OK);
}

static void test_read_of_an_empty_chip(void **state)
{
    (void)state;
    assert_int_equal(hwi_esp_stored_read(&s, bad), ESP_ERR_NVS_NOT_FOUND);
}

static void test_read_takes_lists_in_their_order(void **state)
{
    (void)state;
    put("broker.1", "b.example 8884"); /* as it may be stored */
    put("wifi.1", "office\npassphrase two");
    put("id", "dev1");
    put("broker", "a.example 8883");
    put("wifi", "home\npassphrase");
    put("wifi.2", "guests\n");
    put("keep_alive_s", "45");
    put("password", "secret");
    assert_int_equal(hwi_esp_stored_read(&s, bad), ESP_OK);
    assert_string_equal(s.settings.device.id, "dev1");
    assert_int_equal(s.settings.device.broker_count, 2);
    assert_string_equal(s.settings.brokers[0].host, "a.example");
    assert_int_equal(s.settings.brokers[1].port, 8884);
    assert_int_equal(s.settings.device.keep_alive_s, 45);
    assert_int_equal(s.settings.device.password.len, 6);
    assert_int_equal(s.network_count, 3);
    assert_string_equal(s.networks[0].ssid, "home");
    assert_string_equal(s.networks[1].passphrase, "passphrase two");
    assert_string_equal(s.networks[2].ssid, "guests");
    assert_string_equal(s.networks[2].passphrase, "");
    assert_non_null(strstr(fake_esp.calls, "nvs_close"));
}

static void test_read_names_what_is_not_usable(void **state)
{
    static char large[4096];

    (void)state;
    put("broker", "no port");
    put("broker.1", "none");
    assert_int_equal(hwi_esp_stored_read(&s, bad), ESP_ERR_INVALID_ARG);
    assert_string_equal(bad, "broker.1");
    fake_esp_init();
    put("wifi", "an SSID that is longer than thirty-two bytes\nx");
    assert_int_equal(hwi_esp_stored_read(&s, bad), ESP_ERR_INVALID_ARG);
    assert_string_equal(bad, "wifi");
    fake_esp_init();
    put("wifi", "\npassphrase");
    assert_int_equal(hwi_esp_stored_read(&s, bad), ESP_ERR_INVALID_ARG);
    fake_esp_init();
    memset(large, 'x', sizeof large - 1);
    put("ca", large);
    put("chain", large);
    put("key", large);
    put("username", "u");
    assert_int_equal(hwi_esp_stored_read(&s, bad), ESP_ERR_NO_MEM);
}

static void test_read_takes_five_networks_at_most(void **state)
{
    (void)state;
    put("wifi", "n0");
    for (int i = 1; i <= 5; i++) {
        char name[16];

        (void)snprintf(name, sizeof name, "wifi.%d", i);
        put(name, "n");
    }
    assert_int_equal(hwi_esp_stored_read(&s, bad), ESP_ERR_INVALID_ARG);
    assert_string_equal(bad, "wifi.5");
}

static bool is_usable(const char *name, const char *value)
{
    char copy[128];

    (void)snprintf(copy, sizeof copy, "%s", value);
    return hwi_esp_stored_is_usable(
        name, (struct hawser_span){(uint8_t *)copy, strlen(copy)});
}

static void test_is_usable_is_what_a_device_takes(void **state)
{
    (void)state;
    assert_true(is_usable("id", "dev1"));
    assert_false(is_usable("id", "dev/1"));
    assert_false(is_usable("id", ""));
    assert_true(is_usable("broker", "b.example 8883"));
    assert_false(is_usable("broker", "b.example"));
    assert_false(is_usable("broker", "b.example 0"));
    assert_true(is_usable("time_server", "a.example 123"));
    assert_true(is_usable("keep_alive_s", "45"));
    assert_false(is_usable("keep_alive_s", "3"));
    assert_true(is_usable("key", "k")); /* its chain may come later */
    assert_false(is_usable("no_such", "1"));
    assert_true(is_usable("wifi", "home"));
    assert_true(is_usable("wifi", "home\n12345678"));
    assert_false(is_usable("wifi", "home\n1234567"));
    assert_false(is_usable("wifi", "\n12345678"));
    assert_false(is_usable("wifi", "home\np\xc3\xa4ssword1"));
    assert_false(is_usable("wifi", "home\npassword\nand more"));
}

static void test_get_tells_the_length_and_what_does_not_fit(void **state)
{
    uint8_t out[5];
    size_t len = 9;

    (void)state;
    assert_int_equal(
        hwi_esp_stored_get("id", (struct hawser_span){NULL, 0}, &len),
        ESP_ERR_NVS_NOT_FOUND);
    put("id", "dev1");
    assert_int_equal(
        hwi_esp_stored_get("id", (struct hawser_span){NULL, 0}, &len), ESP_OK);
    assert_int_equal(len, 4);
    assert_int_equal(
        hwi_esp_stored_get("id", (struct hawser_span){out, 5}, &len), ESP_OK);
    assert_string_equal((char *)out, "dev1");
    assert_int_equal(
        hwi_esp_stored_get("id", (struct hawser_span){out, 4}, &len),
        ESP_ERR_NVS_INVALID_LENGTH);
}

/* The last one first, so that a list never has a hole. */
static void test_cut_from_behind(void **state)
{
    (void)state;
    put("wifi", "n0");
    put("wifi.1", "n1");
    put("wifi.2", "n2");
    fake_esp.calls[0] = '\0';
    assert_int_equal(hwi_esp_stored_cut("wifi", 1), ESP_OK);
    assert_true(strstr(fake_esp.calls, "erase_key=wifi.2") <
                strstr(fake_esp.calls, "erase_key=wifi.1"));
    assert_int_equal(hwi_esp_stored_read(&s, bad), ESP_OK);
    assert_int_equal(s.network_count, 1);
    fake_esp.fails = "nvs_erase_key";
    assert_int_equal(hwi_esp_stored_cut("wifi", 0), ESP_FAIL);
    fake_esp.fails = NULL;
    assert_int_equal(hwi_esp_stored_cut("wifi", 0), ESP_OK);
    assert_int_equal(hwi_esp_stored_read(&s, bad), ESP_ERR_NVS_NOT_FOUND);
}

static void test_missing_says_how_to_give_it(void **state)
{
    (void)state;
    assert_non_null(strstr(hwi_esp_stored_missing(0), "set wifi"));
    assert_non_null(strstr(hwi_esp_stored_missing(1), "set broker"));
    assert_non_null(strstr(hwi_esp_stored_missing(2), "set ca"));
    assert_null(hwi_esp_stored_missing(3));
    put("broker", "b.example 8883");
    assert_string_equal(hwi_esp_stored_missing(1), "");
}

static void test_write_commits_and_removes(void **state)
{
    (void)state;
    put("id", "dev1");
    assert_string_equal(fake_esp.calls,
                        "nvs_open=1 nvs_set_blob=id nvs_commit nvs_close ");
    fake_esp.calls[0] = '\0';
    assert_int_equal(hwi_esp_stored_write("id", NULL, 0), ESP_OK);
    assert_string_equal(fake_esp.calls,
                        "nvs_open=1 nvs_erase_key=id nvs_commit nvs_close ");
    assert_int_equal(hwi_esp_stored_write("id", NULL, 0), ESP_OK);
    fake_esp.fails = "nvs_set_blob";
    assert_int_equal(hwi_esp_stored_write("id", "x", 1), ESP_FAIL);
    fake_esp.fails = "nvs_open";
    assert_int_not_equal(hwi_esp_stored_write("id", "x", 1), ESP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_read_of_an_empty_chip, fresh),
        cmocka_unit_test_setup(test_read_takes_lists_in_their_order, fresh),
        cmocka_unit_test_setup(test_read_names_what_is_not_usable, fresh),
        cmocka_unit_test_setup(test_read_takes_five_networks_at_most, fresh),
        cmocka_unit_test_setup(test_is_usable_is_what_a_device_takes, fresh),
        cmocka_unit_test_setup(test_get_tells_the_length_and_what_does_not_fit,
                               fresh),
        cmocka_unit_test_setup(test_cut_from_behind, fresh),
        cmocka_unit_test_setup(test_missing_says_how_to_give_it, fresh),
        cmocka_unit_test_setup(test_write_commits_and_removes, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
