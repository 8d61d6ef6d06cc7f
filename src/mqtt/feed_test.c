/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of cutting the stream into packets; most of them are vectors.
 */
#include "mqtt/client.h"
#include "mqtt/rig.h"

static void test_feed_keeps_no_pointer_to_bytes_it_gathered(void **state)
{
    struct rig r;
    uint8_t part[3] = {0x30, 5, 0};
    size_t used;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(hawser_feed(&r.c, 0, part, 3, &used), 0);
    assert_int_equal(used, 3);
    memset(part, 0xFF, sizeof part);
    assert_int_equal(rig_feed(&r, "01 61 68 69"), 0);
    assert_string_equal(rig_log(&r), "MESSAGE a id=0 qos=0 retain=0 dup=0 "
                                     "props= payload=68 69\n");
}

static void test_feed_of_a_packet_that_fits_rx_makes_one_event(void **state)
{
    struct rig r;
    struct hawser_event ev;
    size_t used;
    uint8_t packet[66] = {0x30, 64, 0, 1, 'a'};

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    for (size_t i = 0; i < sizeof packet; i++) {
        assert_false(hawser_next_event(&r.c, &ev));
        assert_int_equal(hawser_feed(&r.c, 0, packet + i, 1, &used), 0);
        assert_int_equal(used, 1);
    }
    assert_true(hawser_next_event(&r.c, &ev));
    assert_int_equal(ev.payload.len, 61);
    assert_int_equal(ev.payload_left, 0);
}

static void test_feed_of_a_large_payload_makes_an_event_a_piece(void **state)
{
    struct rig r;
    struct hawser_event ev;
    size_t used;
    uint8_t head[] = {0x30, 0x80, 0x08, 0, 1, 'a', 1, 2};
    uint8_t body[2000] = {0};
    uint32_t left = 1024 - 3 - 2;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(hawser_feed(&r.c, 0, head, sizeof head, &used), 0);
    assert_true(hawser_next_event(&r.c, &ev));
    assert_int_equal(ev.payload_offset, 0);
    assert_int_equal(ev.payload.len, 2);
    assert_int_equal(ev.payload_left, left);
    assert_int_equal(hawser_feed(&r.c, 0, body, 1000, &used), 0);
    assert_true(hawser_next_event(&r.c, &ev));
    assert_view(ev.topic, "a");
    assert_int_equal(ev.payload_offset, 2);
    assert_int_equal(ev.payload.len, 1000);
    assert_int_equal(hawser_feed(&r.c, 0, body, 2000, &used), 0);
    assert_int_equal(used, left - 1000);
    assert_true(hawser_next_event(&r.c, &ev));
    assert_int_equal(ev.payload_offset, 1002);
    assert_int_equal(ev.payload_left, 0);
}

static void test_feed_above_the_announced_size_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.maximum_packet_size = 8;
    rig_go_online(&r);
    assert_int_equal(rig_feed(&r, "30 06 00 01 61 00 68 69"), 0);
    assert_int_equal(rig_feed(&r, "30 07"), HAWSER_E_PROTOCOL);
    assert_string_equal(rig_out(&r), "e0 01 95");
    /* 3.1.1 cannot announce one. */
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.maximum_packet_size = 8;
    rig_go_online(&r);
    assert_int_equal(rig_feed(&r, "30 07"), 0);
}

static void test_feed_of_nothing_does_nothing(void **state)
{
    struct rig r;
    size_t used = 1;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    r.now_ms = 4000;
    assert_int_equal(rig_publish(&r, 0, "a", "", NULL), 0);
    (void)rig_out(&r);
    assert_int_equal(hawser_feed(&r.c, 5000, r.rx, 0, &used), 0);
    assert_int_equal(used, 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 11000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_feed_keeps_no_pointer_to_bytes_it_gathered),
        cmocka_unit_test(test_feed_of_a_packet_that_fits_rx_makes_one_event),
        cmocka_unit_test(test_feed_of_a_large_payload_makes_an_event_a_piece),
        cmocka_unit_test(test_feed_above_the_announced_size_is_refused),
        cmocka_unit_test(test_feed_of_nothing_does_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
