/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of time: keep-alive and every limit.
 */
#include "mqtt/rig.h"

static int tick_at(struct rig *r, uint64_t now_ms)
{
    r->now_ms = now_ms;
    return hawser_tick(&r->c, now_ms);
}

static void test_tick_without_connack_times_out(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    rig_open(&r);
    assert_int_equal(hawser_deadline_ms(&r.c), 31000);
    assert_int_equal(tick_at(&r, 30999), 0);
    assert_int_equal(tick_at(&r, 31000), HAWSER_E_TIMEOUT);
    assert_int_equal(tick_at(&r, 31000), HAWSER_E_TIMEOUT);
    assert_int_equal(hawser_deadline_ms(&r.c), HAWSER_NEVER);
    assert_string_equal(rig_out(&r), "");
    hawser_lost(&r.c, r.now_ms);
    r.cfg.connack_timeout_ms = 500;
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 31500);
}

static void test_tick_at_keep_alive_pings_and_waits_for_the_answer(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(hawser_deadline_ms(&r.c), 11000);
    assert_int_equal(tick_at(&r, 10999), 0);
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(tick_at(&r, 11000), 0);
    assert_int_equal(tick_at(&r, 11000), 0);
    assert_string_equal(rig_out(&r), "c0 00");
    assert_int_equal(hawser_deadline_ms(&r.c), 16000);
    r.now_ms = 12000;
    assert_int_equal(rig_feed(&r, "D0 00"), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 21000);
    assert_int_equal(tick_at(&r, 21000), 0);
    assert_string_equal(rig_out(&r), "c0 00");
    assert_int_equal(tick_at(&r, 25999), 0);
    assert_int_equal(tick_at(&r, 26000), HAWSER_E_KEEPALIVE);
    assert_false(hawser_is_connected(&r.c));
    assert_string_equal(rig_out(&r), "");
}

static void test_sent_puts_the_ping_off(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    r.now_ms = 6000;
    assert_int_equal(rig_publish(&r, 0, "a", "", NULL), 0);
    assert_int_equal(rig_feed(&r, "30 03 00 01 61"), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 11000);
    (void)rig_out(&r);
    assert_int_equal(hawser_deadline_ms(&r.c), 16000);
}

static void test_tick_pings_a_silent_server_while_we_send(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    r.now_ms = 6000;
    assert_int_equal(rig_publish(&r, 0, "a", "", NULL), 0);
    (void)rig_out(&r);
    assert_int_equal(hawser_deadline_ms(&r.c), 11000);
    assert_int_equal(tick_at(&r, 11000), 0);
    assert_string_equal(rig_out(&r), "c0 00");
}

static void test_tick_with_unsent_ping_does_not_repeat_it(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.pingresp_timeout_ms = 60000;
    rig_go_online(&r);
    assert_int_equal(tick_at(&r, 11000), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 71000);
    assert_int_equal(tick_at(&r, 50000), 0);
    assert_string_equal(rig_out(&r), "c0 00");
    /* It has left, and silence goes on: the server must hear something. */
    assert_int_equal(hawser_deadline_ms(&r.c), 60000);
    assert_int_equal(tick_at(&r, 60000), 0);
    assert_string_equal(rig_out(&r), "c0 00");
    assert_int_equal(tick_at(&r, 71000), HAWSER_E_KEEPALIVE);
}

static void test_tick_takes_other_bytes_for_a_sign_of_life(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(tick_at(&r, 11000), 0);
    (void)rig_out(&r);
    r.now_ms = 15000;
    assert_int_equal(rig_feed(&r, "30 03 00"), 0);
    assert_int_equal(tick_at(&r, 19999), 0);
    assert_int_equal(tick_at(&r, 20000), HAWSER_E_KEEPALIVE);
}

static void test_deadline_without_keep_alive_is_never(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.keep_alive_s = 0;
    rig_go_online(&r);
    assert_int_equal(hawser_deadline_ms(&r.c), HAWSER_NEVER);
    assert_int_equal(tick_at(&r, 1u << 30), 0);
    assert_string_equal(rig_out(&r), "");
}

static void test_deadline_follows_the_servers_keep_alive(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    rig_open(&r);
    assert_int_equal(rig_feed(&r, "20 06 00 00 03 13 00 01"), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 2000);
    assert_int_equal(tick_at(&r, 2000), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 2500);
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, "20 06 00 00 03 13 FF FF"), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 2000 + 65535000);
}

static void test_tick_with_publish_unanswered_ends_in_keepalive(void **state)
{
    struct rig r;
    uint16_t id;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.ack_timeout_ms = 3000;
    rig_go_online(&r);
    assert_int_equal(rig_publish(&r, 1, "a", "1", &id), 0);
    r.now_ms = 2000;
    assert_int_equal(rig_publish(&r, 1, "a", "2", &id), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 4000);
    assert_int_equal(rig_feed(&r, "40 02 00 01"), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 5000);
    assert_int_equal(tick_at(&r, 4999), 0);
    assert_int_equal(tick_at(&r, 5000), HAWSER_E_KEEPALIVE);
}

static void test_tick_with_subscribe_unanswered_ends_in_keepalive(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.ack_timeout_ms = 3000;
    rig_go_online(&r);
    (void)rig_subscribe(&r, "a", 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 4000);
    assert_int_equal(rig_feed(&r, "90 03 00 01 00"), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 11000);
    (void)rig_unsubscribe(&r, "a");
    assert_int_equal(tick_at(&r, 4000), HAWSER_E_KEEPALIVE);
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, "20 02 00 00"), 0);
    r.cfg.ack_timeout_ms = 0;
    (void)rig_subscribe(&r, "a", 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 14000);
}

static void test_time_across_any_32_bit_edge_goes_on(void **state)
{
    static const uint64_t starts[] = {INT32_MAX, UINT32_MAX,
                                      (uint64_t)INT64_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        uint64_t t = starts[i] - 2;
        struct rig r;
        uint16_t id;

        rig_prepare(&r, HAWSER_MQTT_3_1_1);
        r.cfg.ack_timeout_ms = 3000;
        r.now_ms = t;
        rig_go_online(&r);
        assert_int_equal(rig_publish(&r, 1, "a", "1", &id), 0);
        (void)rig_out(&r);
        assert_true(hawser_deadline_ms(&r.c) == t + 3000);
        assert_int_equal(tick_at(&r, t + 5), 0);
        assert_true(hawser_deadline_ms(&r.c) == t + 3000);
        assert_int_equal(rig_feed(&r, "40 02 00 01"), 0);
        assert_true(hawser_deadline_ms(&r.c) == t + 10000);
        assert_int_equal(tick_at(&r, t + 10000), 0);
        assert_string_equal(rig_out(&r), "c0 00");
    }
}

static void test_time_at_the_end_of_the_clock_stands_still(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.now_ms = UINT64_MAX - 5;
    rig_go_online(&r);
    assert_true(hawser_deadline_ms(&r.c) == HAWSER_NEVER);
}

static void test_time_running_backwards_is_not_taken(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(tick_at(&r, 5000), 0);
    assert_int_equal(rig_publish(&r, 0, "a", "", NULL), 0);
    r.now_ms = 100;
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "D0 00"), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 15000);
}

static void test_reopen_forgets_an_unanswered_ping(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(tick_at(&r, 11000), 0);
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, "20 02 00 00"), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 21000);
    assert_int_equal(tick_at(&r, 21000), 0);
    assert_string_equal(rig_out(&r), "c0 00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tick_without_connack_times_out),
        cmocka_unit_test(
            test_tick_at_keep_alive_pings_and_waits_for_the_answer),
        cmocka_unit_test(test_sent_puts_the_ping_off),
        cmocka_unit_test(test_tick_pings_a_silent_server_while_we_send),
        cmocka_unit_test(test_tick_with_unsent_ping_does_not_repeat_it),
        cmocka_unit_test(test_tick_takes_other_bytes_for_a_sign_of_life),
        cmocka_unit_test(test_deadline_without_keep_alive_is_never),
        cmocka_unit_test(test_deadline_follows_the_servers_keep_alive),
        cmocka_unit_test(test_tick_with_publish_unanswered_ends_in_keepalive),
        cmocka_unit_test(test_tick_with_subscribe_unanswered_ends_in_keepalive),
        cmocka_unit_test(test_time_across_any_32_bit_edge_goes_on),
        cmocka_unit_test(test_time_at_the_end_of_the_clock_stands_still),
        cmocka_unit_test(test_time_running_backwards_is_not_taken),
        cmocka_unit_test(test_reopen_forgets_an_unanswered_ping),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
