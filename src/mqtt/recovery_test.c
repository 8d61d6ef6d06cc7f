/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of what a client makes of lost answers, and of a peer that does what it
 * need not: each once made a duplicate, a busy loop or an end without need.
 * [MQTT5 3.1.4, 3.2.2, 3.6.2, 3.7.2, 4.3.3, 4.4, MQTT3 4.3.3, 4.4]
 */
#include "mqtt/client.h"
#include "mqtt/rig.h"

#define CONNACK_NEW  "20 03 00 00 00"
#define CONNACK_KEPT "20 03 01 00 00"

static void prepare(struct rig *r)
{
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.clean_start = false;
    r->cfg.session_expiry_s = 100;
}

static void test_pubcomp_that_knows_nothing_ends_a_delivery_well(void **state)
{
    struct rig r;

    (void)state;
    prepare(&r);
    rig_go_online(&r);
    assert_int_equal(rig_publish(&r, 2, "a", "", NULL), 0);
    assert_int_equal(rig_feed(&r, "50 02 00 01"), 0);
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, CONNACK_KEPT), 0);
    (void)rig_log(&r);
    assert_int_equal(rig_feed(&r, "70 03 00 01 92"), 0);
    assert_string_equal(rig_log(&r), "PUBLISHED 1 00 props=\n");
}

static void test_pubrec_for_what_waits_as_new_is_of_nothing(void **state)
{
    struct rig r;

    (void)state;
    prepare(&r);
    rig_go_online(&r);
    assert_int_equal(rig_publish(&r, 1, "a", "", NULL), 0);
    assert_int_equal(rig_publish(&r, 1, "b", "", NULL), 0);
    rig_reopen(&r); /* no session, and one at a time */
    assert_int_equal(rig_feed(&r, "20 06 00 00 03 21 00 01"), 0);
    assert_string_equal(rig_out(&r), "32 06 00 01 61 00 01 00");
    assert_int_equal(rig_feed(&r, "50 02 00 02"), 0);
    assert_string_equal(rig_out(&r), "62 03 00 02 92");
}

static void test_pubrec_for_what_is_lost_is_of_nothing(void **state)
{
    static const uint8_t in[] = {0x20, 3, 0, 0, 0, 0x50, 2, 0, 1};
    struct hawser_event ev;
    struct rig r;
    size_t used;

    (void)state;
    prepare(&r);
    rig_go_online(&r);
    assert_int_equal(rig_publish(&r, 2, "a", "", NULL), 0);
    rig_reopen(&r);
    assert_int_equal(hawser_feed(&r.c, r.now_ms, in, sizeof in, &used), 0);
    assert_int_equal(used, 5);
    assert_true(hawser_next_event(&r.c, &ev));
    assert_int_equal(hawser_feed(&r.c, r.now_ms, in + 5, 4, &used), 0);
    assert_string_equal(rig_out(&r), "62 03 00 01 92");
    assert_string_equal(rig_log(&r), "PUBLISHED 1 92 props=\n");
}

static void test_pubrel_after_a_repeated_publish_is_answered(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(rig_feed(&r, "34 05 00 01 61 00 07"), 0);
    assert_int_equal(hawser_accept(&r.c, r.now_ms, 7, 0), 0);
    assert_string_equal(rig_out(&r), "50 02 00 07");
    assert_int_equal(rig_feed(&r, "32 05 00 01 61 00 08"), 0);
    assert_int_equal(rig_feed(&r, "3c 05 00 01 61 00 07"), 0);
    assert_int_equal(rig_feed(&r, "62 02 00 07"), 0);
    assert_string_equal(rig_out(&r), "70 02 00 07");
    assert_int_equal(hawser_accept(&r.c, r.now_ms, 8, 0), 0);
    assert_string_equal(rig_out(&r), "40 02 00 08");
}

/* Early, and the connection is lost before CONNACK. */
static void lose_early(struct rig *r, bool leaves)
{
    prepare(r);
    r->cfg.sends_early = true;
    assert_int_equal(hawser_init(&r->c, &r->cfg), 0);
    assert_int_equal(hawser_opened(&r->c, r->now_ms), 0);
    assert_int_equal(rig_publish(r, 2, "a", "", NULL), 0);
    if (leaves) {
        (void)rig_out(r);
    }
    rig_reopen(r);
}

static void test_early_message_without_connack_may_have_arrived(void **state)
{
    struct rig r;

    (void)state;
    lose_early(&r, true);
    assert_int_equal(rig_feed(&r, CONNACK_NEW), 0);
    assert_string_equal(rig_out(&r), "");
    assert_string_equal(rig_log(&r), "CONNECTED session=0 props=\n"
                                     "PUBLISHED 1 92 props=\n");
    lose_early(&r, true);
    assert_int_equal(rig_feed(&r, CONNACK_KEPT), 0);
    assert_string_equal(rig_out(&r), "3c 06 00 01 61 00 01 00");
}

static void test_early_message_that_did_not_leave_is_sent_as_new(void **state)
{
    struct rig r;

    (void)state;
    lose_early(&r, false);
    assert_int_equal(rig_feed(&r, CONNACK_NEW), 0);
    assert_string_equal(rig_out(&r), "34 06 00 01 61 00 01 00");
}

static void test_session_that_was_asked_for_is_ours(void **state)
{
    struct rig r;

    (void)state;
    prepare(&r); /* DISCONNECT instead of waiting for CONNACK */
    rig_open(&r);
    assert_int_equal(hawser_disconnect(&r.c, r.now_ms, 0), 0);
    (void)rig_out(&r);
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, CONNACK_KEPT), 0);
    /* As another client, whose CONNACK is lost. */
    hawser_lost(&r.c, r.now_ms);
    r.cfg.client_id = rig_view("d");
    rig_reopen(&r);
    rig_reopen(&r);
    (void)rig_log(&r);
    assert_int_equal(rig_feed(&r, CONNACK_KEPT), 0);
    assert_string_equal(rig_log(&r), "CONNECTED session=1 props=\n");
}

static void test_session_that_no_byte_asked_for_is_not_ours(void **state)
{
    struct rig r;

    (void)state;
    prepare(&r);
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, CONNACK_KEPT), HAWSER_E_PROTOCOL);
}

static void test_payload_begun_when_a_ping_is_due_has_its_time(void **state)
{
    const struct hawser_message m = {.topic = rig_view("a"),
                                     .payload_more = 100};
    struct rig r;
    uint64_t due;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    due = hawser_deadline_ms(&r.c);
    assert_int_equal(hawser_publish(&r.c, due, &m, NULL), 0);
    assert_int_equal(hawser_tick(&r.c, due), 0);
    assert_int_equal(hawser_tick(&r.c, due + 10000), HAWSER_E_KEEPALIVE);
}

static void test_server_that_takes_no_ping_gets_none(void **state)
{
    struct rig r;

    (void)state;
    prepare(&r);
    rig_open(&r);
    assert_int_equal(rig_feed(&r, "20 08 00 00 05 27 00 00 00 01"), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), HAWSER_NEVER);
}

static void test_unasked_pingresps_leave_room_for_disconnect(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.tx.size = 64;
    rig_go_online(&r);
    while (rig_publish(&r, 0, "a", "", NULL) == 0) {
    }
    for (int i = 0; i < 6; i++) {
        r.now_ms += 10000;
        assert_int_equal(hawser_tick(&r.c, r.now_ms), 0);
        assert_int_equal(rig_feed(&r, "d0 00"), 0);
    }
    assert_int_equal(hawser_disconnect(&r.c, r.now_ms, 0), 0);
}

static void test_payload_of_an_ended_connection_is_not_wanted(void **state)
{
    const struct hawser_message m = {.topic = rig_view("a"),
                                     .payload_more = 100};
    struct rig r;
    uint32_t offset;
    uint16_t id;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_publish(&r.c, r.now_ms, &m, NULL), 0);
    assert_int_equal(hawser_payload_wanted(&r.c, &id, &offset), 100);
    assert_int_equal(rig_feed(&r, CONNACK_NEW), HAWSER_E_PROTOCOL);
    assert_int_equal(hawser_payload_wanted(&r.c, &id, &offset), 0);
}

/* 61 bytes and more of properties do not fit rx. */
#define LARGE " 00 01 61 00 07 44 26 00 01 61 00 3e"

static void feed_large(struct rig *r, const char *head)
{
    uint8_t rest[64] = {0};
    size_t used;

    assert_int_equal(rig_feed(r, head), 0);
    assert_int_equal(hawser_feed(&r->c, r->now_ms, rest, 62, &used), 0);
}

static void test_message_with_too_large_properties_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    feed_large(&r, "32 4a" LARGE);
    assert_string_equal(rig_out(&r), "40 03 00 07 97");
    feed_large(&r, "34 4a" LARGE);
    assert_string_equal(rig_out(&r), "50 03 00 07 97");
    assert_string_equal(rig_log(&r), "");
    /* A second one with the identifier of one that is not accepted. */
    assert_int_equal(rig_feed(&r, "32 06 00 01 61 00 07 00"), 0);
    assert_int_equal(rig_feed(&r, "32 4a" LARGE), HAWSER_E_PROTOCOL);
}

static void test_repeated_message_with_too_large_properties(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, "34 06 00 01 61 00 07 00"), 0);
    assert_int_equal(hawser_accept(&r.c, r.now_ms, 7, 0), 0);
    (void)rig_out(&r);
    feed_large(&r, "3c 4a" LARGE);
    assert_string_equal(rig_out(&r), "50 02 00 07");
}

static void test_message_without_an_id_and_large_properties(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, "32 4a 00 01 61 00 00 44"),
                     HAWSER_E_PROTOCOL);
    assert_string_equal(rig_out(&r), "e0 01 95");
}

/* CONNECT said 1, as it cannot say 0; a new session holds none. */
static void test_new_session_after_all_places_were_held_has_one(void **state)
{
    static struct hawser_inbound many[65535];
    struct rig r;

    (void)state;
    prepare(&r);
    r.cfg.inbound = many;
    r.cfg.inbound_count = 65535;
    rig_go_online(&r);
    for (size_t i = 0; i < 65535; i++) { /* as if each had been accepted */
        hwi_inbound_restore(&r.c, (uint16_t)(i + 1));
    }
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, CONNACK_NEW), 0);
    assert_int_equal(rig_feed(&r, "34 06 00 01 61 00 07 00"), 0);
}

static void test_request_that_rx_cannot_answer_is_refused(void **state)
{
    struct hawser_view names[62];
    struct rig r;
    uint16_t id;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    for (size_t i = 0; i < 62; i++) {
        names[i] = rig_view("a");
    }
    assert_int_equal(hawser_unsubscribe(&r.c, 0, names, 62, &id), HAWSER_E_ARG);
    assert_int_equal(hawser_unsubscribe(&r.c, 0, names, 61, &id), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pubcomp_that_knows_nothing_ends_a_delivery_well),
        cmocka_unit_test(test_pubrec_for_what_waits_as_new_is_of_nothing),
        cmocka_unit_test(test_pubrec_for_what_is_lost_is_of_nothing),
        cmocka_unit_test(test_pubrel_after_a_repeated_publish_is_answered),
        cmocka_unit_test(test_early_message_without_connack_may_have_arrived),
        cmocka_unit_test(test_early_message_that_did_not_leave_is_sent_as_new),
        cmocka_unit_test(test_session_that_was_asked_for_is_ours),
        cmocka_unit_test(test_session_that_no_byte_asked_for_is_not_ours),
        cmocka_unit_test(test_payload_begun_when_a_ping_is_due_has_its_time),
        cmocka_unit_test(test_server_that_takes_no_ping_gets_none),
        cmocka_unit_test(test_unasked_pingresps_leave_room_for_disconnect),
        cmocka_unit_test(test_payload_of_an_ended_connection_is_not_wanted),
        cmocka_unit_test(test_message_with_too_large_properties_is_refused),
        cmocka_unit_test(test_repeated_message_with_too_large_properties),
        cmocka_unit_test(test_message_without_an_id_and_large_properties),
        cmocka_unit_test(test_new_session_after_all_places_were_held_has_one),
        cmocka_unit_test(test_request_that_rx_cannot_answer_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
