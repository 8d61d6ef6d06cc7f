/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings by name: what each does to the configuration, and what is refused.
 */
#include "ports/shared/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char room[64][80]; /* values stay where they are */
static unsigned used;

static bool take(struct hwi_settings *s, const char *name, const char *value)
{
    char *at = room[used++];

    (void)snprintf(at, sizeof room[0], "%s", value);
    return hwi_settings_take(
        s, name, (struct hawser_span){(uint8_t *)at, strlen(value)});
}

static struct hwi_settings *fresh(void)
{
    static struct hwi_settings s;

    used = 0;
    hwi_settings_init(&s);
    return &s;
}

static void assert_view(struct hawser_view got, const char *wanted)
{
    assert_int_equal(got.len, strlen(wanted));
    assert_memory_equal(got.at, wanted, got.len);
}

static void test_take_texts_and_files(void **state)
{
    struct hwi_settings *s = fresh();

    (void)state;
    assert_true(take(s, "id", "dev1"));
    assert_true(take(s, "firmware", "2.1.0"));
    assert_true(take(s, "root", "hawser"));
    assert_true(take(s, "ca", "CA"));
    assert_true(take(s, "chain", "CHAIN"));
    assert_true(take(s, "key", "KEY"));
    assert_true(take(s, "username", "u"));
    assert_true(take(s, "password", "p"));
    assert_true(take(s, "alpn", "mqtt"));
    assert_true(take(s, "command_key", "C"));
    assert_string_equal(s->device.id, "dev1");
    assert_string_equal(s->device.firmware, "2.1.0");
    assert_string_equal(s->device.root, "hawser");
    assert_view(s->device.credentials.ca, "CA");
    assert_view(s->device.credentials.chain, "CHAIN");
    assert_view(s->device.credentials.key, "KEY");
    assert_view(s->device.username, "u");
    assert_view(s->device.password, "p");
    assert_view(s->device.alpn, "mqtt");
    assert_view(s->device.command_key, "C");
}

static void test_take_numbers(void **state)
{
    struct hwi_settings *s = fresh();

    (void)state;
    assert_true(take(s, "keep_alive_s", "45"));
    assert_true(take(s, "interval_s", "86400"));
    assert_true(take(s, "qos", "1"));
    assert_true(take(s, "layout", "1"));
    assert_true(take(s, "outbox_policy", "2"));
    assert_true(take(s, "outbox_expiry_s", "4294967295"));
    assert_true(take(s, "replay", "1000"));
    assert_true(take(s, "trust_system_clock", "1"));
    assert_true(take(s, "retry_speed", "20"));
    assert_int_equal(s->device.keep_alive_s, 45);
    assert_int_equal(s->device.interval_s, 86400);
    assert_int_equal(s->device.qos, 1);
    assert_int_equal(s->device.layout, HAWSER_LAYOUT_FLAT);
    assert_int_equal(s->device.outbox_policy, HAWSER_OUTBOX_LATEST_ONLY);
    assert_int_equal(s->device.outbox_expiry_s, UINT32_MAX);
    assert_int_equal(s->device.replay_per_second, 1000);
    assert_true(s->device.trust_system_clock);
    assert_int_equal(s->device.retry_speed, 20);
}

static void test_take_lists_up_to_their_end(void **state)
{
    struct hwi_settings *s = fresh();

    (void)state;
    for (unsigned i = 0; i < HAWSER_BROKERS_MAX; i++) {
        assert_true(take(s, "broker", "b.example 8883"));
    }
    assert_false(take(s, "broker", "b.example 8883"));
    assert_int_equal(s->device.broker_count, HAWSER_BROKERS_MAX);
    assert_ptr_equal(s->device.brokers, s->brokers);
    assert_string_equal(s->brokers[7].host, "b.example");
    assert_int_equal(s->brokers[7].port, 8883);
    assert_true(take(s, "time_server", "2001:db8::1 123"));
    assert_string_equal(s->time_servers[0].host, "2001:db8::1");
    assert_true(take(s, "update_key", "1"));
    assert_true(take(s, "update_key", "2"));
    assert_false(take(s, "update_key", "3"));
    for (unsigned i = 0; i < HAWSER_SENSORS_MAX; i++) {
        assert_true(take(s, "sensor", "t -405 1250"));
    }
    assert_false(take(s, "sensor", "t 0 1"));
    assert_string_equal(s->device.sensors[15], "t");
    assert_int_equal(s->ranges[15].min.mantissa, -405);
    assert_int_equal(s->ranges[15].max.mantissa, 1250);
    assert_int_equal(s->ranges[15].max.decimals, 1);
    assert_true(take(s, "name_server", "10 0 2 3 5353"));
    assert_int_equal(s->name_server.family, 4);
    assert_memory_equal(s->name_server.bytes, "\x0a\x00\x02\x03", 4);
    assert_int_equal(s->name_server.port, 5353);
}

static void test_take_what_is_not_known_is_refused(void **state)
{
    struct hwi_settings *s = fresh();

    (void)state;
    assert_false(take(s, "", "1"));
    assert_false(take(s, "insecure", "1"));
    assert_false(take(s, "broker", "no-port"));
    assert_false(take(s, "sensor", "no-range"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_take_texts_and_files),
        cmocka_unit_test(test_take_numbers),
        cmocka_unit_test(test_take_lists_up_to_their_end),
        cmocka_unit_test(test_take_what_is_not_known_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
