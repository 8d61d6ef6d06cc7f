/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the bytes to be sent.
 */
#include "mqtt/client.h"
#include "mqtt/rig.h"

static void test_sent_in_parts_leaves_the_rest(void **state)
{
    struct rig r;
    const uint8_t *at;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(rig_publish(&r, 0, "a", "hi", NULL), 0);
    assert_int_equal(hawser_out(&r.c, &at), 7);
    hawser_sent(&r.c, r.now_ms, 0);
    assert_int_equal(hawser_out(&r.c, &at), 7);
    hawser_sent(&r.c, r.now_ms, 4);
    assert_int_equal(hawser_out(&r.c, &at), 3);
    assert_memory_equal(at, "ahi", 3);
    hawser_sent(&r.c, r.now_ms, 100);
    assert_int_equal(hawser_out(&r.c, &at), 0);
}

/* Is this text anywhere in tx? */
static bool holds(const struct rig *r, const char *text)
{
    size_t n = strlen(text);

    for (size_t i = 0; i + n <= sizeof r->tx; i++) {
        if (memcmp(r->tx + i, text, n) == 0) {
            return true;
        }
    }
    return false;
}

static void test_sent_connect_leaves_no_password_behind(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.password = TEXT("sesame");
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    assert_true(holds(&r, "sesame"));
    hawser_sent(&r.c, r.now_ms, 20);
    (void)rig_out(&r);
    assert_false(holds(&r, "sesame"));
}

static void test_sent_connect_of_a_reconnect_leaves_none_either(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.password = TEXT("sesame");
    rig_open(&r);
    rig_reopen(&r);
    assert_false(holds(&r, "sesame"));
}

static void test_sent_takes_the_time(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(rig_publish(&r, 0, "a", "hi", NULL), 0);
    r.now_ms = 4000;
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "D0 00"), 0);
    hawser_sent(&r.c, 9000, 1); /* nothing is there to be sent */
    assert_int_equal(hawser_deadline_ms(&r.c), 14000);
}

static void test_lost_before_connect_left_wipes_it(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.password = TEXT("sesame");
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    hawser_sent(&r.c, r.now_ms, 5);
    hawser_lost(&r.c, r.now_ms);
    assert_false(holds(&r, "sesame"));
}

static void test_tx_room_keeps_place_for_ping_and_disconnect(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(hwi_tx_begin(&r.c, HWI_TX_RESERVE).left,
                     sizeof r.tx - HWI_TX_RESERVE);
    assert_int_equal(rig_publish(&r, 0, "a", "12345", NULL), 0);
    while (rig_publish(&r, 0, "a", "", NULL) == 0) {
    }
    assert_int_equal(hawser_tick(&r.c, r.now_ms + 10000), 0);
    assert_int_equal(hwi_tx_begin(&r.c, HWI_TX_RESERVE).left, 0);
    assert_int_equal(rig_feed(&r, "00"), HAWSER_E_PROTOCOL);
    assert_non_null(strstr(rig_out(&r), " c0 00 e0 01 82"));
}

static void
test_packets_behind_a_part_of_connect_leave_no_password_behind(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.sends_early = true;
    r.cfg.password = TEXT("0123456789");
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    hawser_sent(&r.c, r.now_ms, 10);
    assert_int_equal(rig_publish(&r, 0, "a", "", NULL), 0); /* moves it up */
    assert_non_null(strstr(rig_out(&r), " 38 39 30 04 00 01 61 00"));
    assert_false(holds(&r, "6789"));
}

static void test_publish_too_long_for_tx_and_server_is_a_limit(void **state)
{
    static const struct {
        const char *connack;
        int err;
    } rows[] = {
        {"20 08 00 00 05 27 00 00 00 FA", HAWSER_E_LIMIT}, /* 250 */
        {"20 08 00 00 05 27 00 00 00 FB", HAWSER_E_LIMIT}, /* as the room */
        {"20 08 00 00 05 27 00 00 00 FC", HAWSER_E_FULL},
    };
    char text[260];

    (void)state;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rig r;

        rig_prepare(&r, HAWSER_MQTT_5);
        rig_open(&r);
        assert_int_equal(rig_feed(&r, rows[i].connack), 0);
        assert_int_equal(rig_publish(&r, 0, "a", text, NULL), rows[i].err);
        assert_string_equal(rig_out(&r), "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_publish_too_long_for_tx_and_server_is_a_limit),
        cmocka_unit_test(
            test_packets_behind_a_part_of_connect_leave_no_password_behind),
        cmocka_unit_test(test_sent_takes_the_time),
        cmocka_unit_test(test_sent_in_parts_leaves_the_rest),
        cmocka_unit_test(test_sent_connect_leaves_no_password_behind),
        cmocka_unit_test(test_sent_connect_of_a_reconnect_leaves_none_either),
        cmocka_unit_test(test_lost_before_connect_left_wipes_it),
        cmocka_unit_test(test_tx_room_keeps_place_for_ping_and_disconnect),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
