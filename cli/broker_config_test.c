/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configurations that `hawser broker` writes are ones that `hawser agent`,
 * `send` and `watch` take as they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "config.h"
#include "pki_fixture.h"

static const char tool[] =
    "#!/bin/sh\n"
    "sed 's/:.*/:$7$101$fake/' \"$2\" >hashed && cat hashed >\"$2\"\n";

/* A PKI folder "p" for a host that needs brackets. */
static int begin(void **state)
{
    int code = fixture_begin(state) != 0 || mkdir("bin", 0755) != 0;
    if (code == 0) {
        const struct fixture *f = *state;
        char path[256];
        fixture_put("bin/mosquitto_passwd", tool);
        snprintf(path, sizeof(path), "%s/bin:/usr/bin:/bin", f->dir);
        code = chmod("bin/mosquitto_passwd", 0755) != 0 ||
               setenv("PATH", path, 1) != 0 ||
               fixture_run(*state, "pki init p --host 2001:db8::1") != 0;
    }
    return code;
}

static struct hawser_cli_config *load(const char *path,
                                      enum hawser_cli_config_use use)
{
    struct hawser_cli_mistakes mistakes = {0};
    struct hawser_cli_config *config =
        hawser_cli_config_load(path, use, &mistakes);
    if (config == NULL) {
        fail_msg("%s", mistakes.text[0]);
    }
    return config;
}

static void test_operator_ini_is_taken_by_send_and_watch(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "broker init b --pki p --port 1883"), 0);
    struct hawser_cli_config *config =
        load("b/operator.ini", HAWSER_CLI_CONFIG_OPERATOR);
    assert_int_equal(config->device.broker_count, 1);
    assert_string_equal(config->device.brokers[0].host, "2001:db8::1");
    assert_int_equal(config->device.brokers[0].port, 1883);
    assert_string_equal(config->username, "operator");
    assert_int_equal(config->device.password.len, 32);
    hawser_cli_config_free(config);
}

static void test_device_ini_is_taken_by_the_agent(void **state)
{
    static const struct {
        const char *line;
        const char *path;
        const char *id;
    } devices[] = {
        {"broker user b esp-001", "b/devices/esp-001.ini", "esp-001"},
        {"broker user b d\xc3\xa9v~2", "b/devices/d\xc3\xa9v 2.ini",
         "d\xc3\xa9v 2"},
        {"broker user b 012345678901234567890123456789012345678901234567890123"
         "4567890123",
         "b/devices/012345678901234567890123456789012345678901234567890123456"
         "7890123.ini",
         "0123456789012345678901234567890123456789012345678901234567890123"},
        {"broker user b =[x]=", "b/devices/=[x]=.ini", "=[x]="},
    };
    struct fixture *f = *state;
    assert_int_equal(
        fixture_run(f, "broker init b --pki p --layout flat --root esp32"), 0);
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        assert_int_equal(fixture_run(f, devices[i].line), 0);
        struct hawser_cli_config *config =
            load(devices[i].path, HAWSER_CLI_CONFIG_DEVICE);
        assert_string_equal(config->device.id, devices[i].id);
        assert_string_equal(config->username, devices[i].id);
        assert_string_equal(config->device.root, "esp32");
        assert_int_equal(config->device.layout, HAWSER_LAYOUT_FLAT);
        assert_int_equal(config->device.password.len, 32);
        hawser_cli_config_free(config);
    }
}

static void test_device_ini_with_certificates_is_taken_too(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki device p operator"), 0);
    assert_int_equal(fixture_run(f, "pki device p esp-001"), 0);
    assert_int_equal(fixture_run(f, "broker init b --pki p --client-certs"), 0);
    assert_int_equal(fixture_run(f, "broker user b esp-001"), 0);
    assert_int_equal(rename("p/device/esp-001.crt", "b/devices/esp-001.crt"),
                     0);
    assert_int_equal(rename("p/device/esp-001.key", "b/devices/esp-001.key"),
                     0);
    hawser_cli_config_free(
        load("b/devices/esp-001.ini", HAWSER_CLI_CONFIG_DEVICE));
    hawser_cli_config_free(load("b/operator.ini", HAWSER_CLI_CONFIG_OPERATOR));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(test_operator_ini_is_taken_by_send_and_watch),
        TEST(test_device_ini_is_taken_by_the_agent),
        TEST(test_device_ini_with_certificates_is_taken_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
