/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of QoS 2 messages of the server: inbound.c through the client.
 * [MQTT5 4.3.3, 4.4, 4.6, MQTT3 4.3.3, 4.4, 4.6]
 */
#include "mqtt/client.h"
#include "mqtt/rig.h"

#define CONNACK_NEW  "20 03 00 00 00"
#define CONNACK_KEPT "20 03 01 00 00"

static void start(struct rig *r, enum hawser_version version)
{
    rig_prepare(r, version);
    r->cfg.clean_start = false;
    rig_go_online(r);
}

static void resume(struct rig *r, const char *connack)
{
    rig_reopen(r);
    assert_int_equal(rig_feed(r, connack), 0);
}

static int accept_id(struct rig *r, uint16_t id, uint8_t reason)
{
    return hawser_accept(&r->c, r->now_ms, id, reason);
}

#define QOS_2_ID_7 "34 06 00 01 61 00 07 00"
#define MESSAGE_7  "MESSAGE a id=7 qos=2 retain=0 dup=0 props= payload=\n"
#define MESSAGE_7D "MESSAGE a id=7 qos=2 retain=0 dup=1 props= payload=\n"

static void test_message_goes_through_four_steps(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_string_equal(rig_log(&r), MESSAGE_7);
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(accept_id(&r, 7, 0), 0);
    assert_string_equal(rig_out(&r), "50 02 00 07");
    assert_int_equal(accept_id(&r, 7, 0), HAWSER_E_STATE);
    assert_int_equal(rig_feed(&r, "62 02 00 07"), 0);
    assert_string_equal(rig_out(&r), "70 02 00 07");
    /* The identifier is free again. */
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_string_equal(rig_log(&r), MESSAGE_7);
}

static void test_message_refused_is_over(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_int_equal(accept_id(&r, 7, 0x87), 0);
    assert_string_equal(rig_out(&r), "50 03 00 07 87");
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_string_equal(rig_log(&r), MESSAGE_7 MESSAGE_7);
    /* 3.1.1 cannot refuse: it stays known. */
    start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(rig_feed(&r, "34 05 00 01 61 00 07"), 0);
    assert_int_equal(accept_id(&r, 7, 0x87), 0);
    assert_string_equal(rig_out(&r), "50 02 00 07");
    assert_int_equal(rig_feed(&r, "3C 05 00 01 61 00 07"), 0);
    assert_string_equal(rig_out(&r), "50 02 00 07");
    assert_string_equal(rig_log(&r), MESSAGE_7);
}

static void test_repeated_message_is_acknowledged_not_told(void **state)
{
    static uint8_t head[] = {0x3C, 0x81, 0x01, 0, 1, 'a', 0, 7, 0, 1};
    static uint8_t rest[122];
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    (void)rig_out(&r);
    (void)rig_log(&r);
    assert_int_equal(rig_feed(&r, "3C 06 00 01 61 00 07 00"), 0);
    assert_string_equal(rig_out(&r), "50 02 00 07");
    /* Nor if it is larger than rx. */
    assert_int_equal(rig_feed_bytes(&r, head, sizeof head), 0);
    assert_int_equal(rig_feed_bytes(&r, rest, sizeof rest), 0);
    assert_string_equal(rig_out(&r), "50 02 00 07");
    assert_string_equal(rig_log(&r), "");
    assert_int_equal(rig_feed(&r, "62 02 00 07 30 04 00 01 62 00"), 0);
    assert_string_equal(rig_out(&r), "70 02 00 07");
    assert_string_equal(
        rig_log(&r), "MESSAGE b id=0 qos=0 retain=0 dup=0 props= payload=\n");
}

static void test_repeated_before_acceptance_is_told_once(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(rig_feed(&r, "34 05 00 01 61 00 07"), 0);
    assert_int_equal(rig_feed(&r, "3C 05 00 01 61 00 07"), 0);
    assert_string_equal(rig_log(&r), MESSAGE_7);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    assert_string_equal(rig_out(&r), "50 02 00 07");
    /* With 5.0 a server may not do so. */
    start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_int_equal(rig_feed(&r, "3C 06 00 01 61 00 07 00"),
                     HAWSER_E_PROTOCOL);
}

static void test_identifier_with_another_qos_is_a_protocol_error(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(rig_feed(&r, "34 05 00 01 61 00 07"), 0);
    assert_int_equal(rig_feed(&r, "3A 05 00 01 61 00 07"), HAWSER_E_PROTOCOL);
}

static void test_pubrel_before_acceptance_is_a_protocol_error(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_int_equal(rig_feed(&r, "62 02 00 07"), HAWSER_E_PROTOCOL);
}

static void test_pubrecs_leave_in_the_order_of_messages(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7 "32 06 00 01 61 00 08 00"
                                             "34 06 00 01 61 00 09 00"),
                     0);
    assert_int_equal(accept_id(&r, 9, 0), 0);
    assert_int_equal(accept_id(&r, 8, 0), 0);
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(accept_id(&r, 7, 0), 0);
    assert_string_equal(rig_out(&r), "50 02 00 07 40 02 00 08 50 02 00 09");
    assert_int_equal(rig_feed(&r, "62 02 00 09 62 02 00 07"), 0);
    assert_string_equal(rig_out(&r), "70 02 00 09 70 02 00 07");
}

static void test_pubcomp_waits_for_room(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(rig_feed(&r, "34 05 00 01 61 00 07 34 05 00 01 61 00 08"),
                     0);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    assert_int_equal(accept_id(&r, 8, 0), 0);
    (void)rig_out(&r);
    while (rig_publish(&r, 0, "a", "", NULL) == 0) {
    }
    assert_int_equal(rig_feed(&r, "62 02 00 08 62 02 00 07 62 02 00 08"), 0);
    assert_null(strstr(rig_out(&r), "70 02"));
    assert_string_equal(rig_out(&r), "70 02 00 08 70 02 00 07");
    while (rig_publish(&r, 0, "a", "", NULL) == 0) {
    }
    /* An identifier whose PUBCOMP has not left is not free. */
    assert_int_equal(rig_feed(&r, "62 02 00 08 34 05 00 01 61 00 08"),
                     HAWSER_E_PROTOCOL);
}

static void test_pubrels_above_the_memory_are_left_alone(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.inbound_count = 1;
    rig_go_online(&r);
    while (rig_publish(&r, 0, "a", "", NULL) == 0) {
    }
    assert_int_equal(rig_feed(&r, "62 02 00 01 62 02 00 02"), 0);
    (void)rig_out(&r);
    assert_string_equal(rig_out(&r), "70 02 00 01");
}

static void test_reopen_keeps_what_was_accepted(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.clean_start = false;
    r.cfg.receive_maximum = 3;
    rig_go_online(&r);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7 "34 06 00 01 61 00 08 00"
                                             "34 06 00 01 61 00 09 00"),
                     0);
    (void)rig_log(&r);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    (void)rig_out(&r);
    assert_int_equal(accept_id(&r, 9, 0), 0); /* 8 stands before it */
    hawser_lost(&r.c, r.now_ms);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    /* CONNECT tells that two places are taken. */
    assert_string_equal(rig_out(&r), "10 11 00 04 4d 51 54 54 05 00 00 0a 03 "
                                     "21 00 01 00 01 63");
    assert_int_equal(rig_feed(&r, CONNACK_KEPT), 0);
    assert_int_equal(rig_feed(&r, "3C 06 00 01 61 00 07 00 62 02 00 09"), 0);
    assert_string_equal(rig_out(&r), "50 02 00 07 70 02 00 09");
    assert_string_equal(rig_log(&r), "CONNECTED session=1 props=\n");
    assert_int_equal(rig_feed(&r, "3C 06 00 01 61 00 08 00"), 0);
    assert_string_equal(
        rig_log(&r), "MESSAGE a id=8 qos=2 retain=0 dup=1 props= payload=\n");
}

static void test_reopen_forgets_what_was_refused_or_has_no_session(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, "32 06 00 01 61 00 08 00" QOS_2_ID_7
                                  "34 06 00 01 61 00 09 00"),
                     0);
    assert_int_equal(accept_id(&r, 7, 0x87), 0); /* 8 stands before it */
    assert_int_equal(accept_id(&r, 9, 0), 0);
    (void)rig_log(&r);
    resume(&r, CONNACK_KEPT);
    assert_int_equal(rig_feed(&r, "3C 06 00 01 61 00 07 00"), 0);
    assert_string_equal(rig_log(&r), "CONNECTED session=1 props=\n" MESSAGE_7D);
    resume(&r, CONNACK_NEW);
    assert_int_equal(rig_feed(&r, "34 06 00 01 61 00 09 00"), 0);
    assert_string_equal(rig_log(&r), "CONNECTED session=0 props=\n"
                                     "MESSAGE a id=9 qos=2 retain=0 dup=0 "
                                     "props= payload=\n");
}

static void test_reopen_with_every_place_taken_asks_for_one(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.clean_start = false;
    r.cfg.inbound_count = 1;
    rig_go_online(&r);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    hawser_lost(&r.c, r.now_ms);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    assert_non_null(strstr(rig_out(&r), "21 00 01"));
    assert_int_equal(rig_feed(&r, CONNACK_KEPT), 0);
    assert_int_equal(rig_feed(&r, "34 06 00 01 61 00 08 00"),
                     HAWSER_E_PROTOCOL);
    assert_string_equal(rig_out(&r), "e0 01 93");
}

static void test_reopen_with_the_maximum_taken_still_takes_one(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.clean_start = false;
    r.cfg.receive_maximum = 1;
    rig_go_online(&r);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    resume(&r, CONNACK_KEPT);
    assert_int_equal(rig_feed(&r, "34 06 00 01 61 00 08 00"), 0);
    assert_int_equal(rig_feed(&r, "34 06 00 01 61 00 09 00"),
                     HAWSER_E_PROTOCOL);
    /* Without the session no place is taken, but the server was told one. */
    resume(&r, CONNACK_NEW);
    assert_int_equal(rig_feed(&r, "34 06 00 01 61 00 08 00"), 0);
    assert_int_equal(rig_feed(&r, "34 06 00 01 61 00 09 00"),
                     HAWSER_E_PROTOCOL);
}

static void test_reopen_forgets_a_refusal_that_waited(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_int_equal(accept_id(&r, 7, 0x80), 0);
    assert_string_equal(rig_out(&r), "50 03 00 07 80");
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0); /* it was over */
    while (rig_publish(&r, 0, "a", "1234", NULL) == 0) {
    }
    assert_int_equal(accept_id(&r, 7, 0x80), 0);
    resume(&r, CONNACK_KEPT);
    assert_string_equal(rig_out(&r), "");
    (void)rig_log(&r);
    assert_int_equal(rig_feed(&r, "3C 06 00 01 61 00 07 00"), 0);
    assert_string_equal(rig_log(&r), MESSAGE_7D);
}

static void test_reopen_forgets_a_pubcomp_that_waited(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    (void)rig_out(&r);
    while (rig_publish(&r, 0, "a", "1234", NULL) == 0) {
    }
    assert_int_equal(rig_feed(&r, "62 02 00 07"), 0);
    resume(&r, CONNACK_KEPT);
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(rig_feed(&r, "62 02 00 07"), 0); /* comes again */
    assert_string_equal(rig_out(&r), "70 02 00 07");
}

static void test_reopen_without_a_session_begins_at_none(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    resume(&r, CONNACK_NEW);
    assert_int_equal(rig_feed(&r, "34 06 00 01 61 00 08 00"), 0);
    assert_int_equal(accept_id(&r, 8, 0), 0);
    assert_string_equal(rig_out(&r), "50 02 00 08");
}

static void test_reopen_keeps_what_was_accepted_with_properties(void **state)
{
    const struct hawser_property why = {.id = HAWSER_PROP_REASON_STRING,
                                        .value = TEXT("a")};
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_int_equal(
        hawser_accept_with(&r.c, 0, 7, 0, &(struct hawser_properties){&why, 1}),
        0);
    resume(&r, CONNACK_KEPT);
    (void)rig_log(&r);
    assert_int_equal(rig_feed(&r, "3C 06 00 01 61 00 07 00"), 0);
    assert_string_equal(rig_log(&r), "");
    assert_string_equal(rig_out(&r), "50 02 00 07");
}

static void test_pubcomp_that_waits_takes_no_place_of_the_maximum(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.receive_maximum = 2;
    rig_go_online(&r);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    (void)rig_out(&r);
    while (rig_publish(&r, 0, "a", "1234", NULL) == 0) {
    }
    assert_int_equal(rig_feed(&r, "62 02 00 07 34 06 00 01 61 00 08 00 "
                                  "34 06 00 01 61 00 09 00"),
                     0);
    assert_int_equal(rig_feed(&r, "34 06 00 01 61 00 0A 00"),
                     HAWSER_E_PROTOCOL);
}

static void test_pubcomp_leaves_before_events_are_asked_for(void **state)
{
    static const uint8_t pubrel[] = {0x62, 2, 0, 7};
    const uint8_t *at;
    struct rig r;
    size_t used;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    (void)rig_out(&r);
    assert_int_equal(hawser_feed(&r.c, r.now_ms, pubrel, sizeof pubrel, &used),
                     0);
    assert_int_equal(hawser_out(&r.c, &at), 4);
    assert_memory_equal(at, "\x70\x02\x00\x07", 4);
}

static void test_repeated_message_in_parts_lets_others_be_accepted(void **state)
{
    static const uint8_t head[] = {0x3C, 0x80, 1, 0, 1, 'a', 0, 7, 0, 1};
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    assert_int_equal(rig_feed(&r, "32 06 00 01 61 00 01 00"), 0);
    assert_int_equal(rig_feed_bytes(&r, head, sizeof head), 0);
    assert_int_equal(accept_id(&r, 1, 0), 0); /* it is whole */
}

static void
test_message_before_the_pubcomp_of_its_identifier_is_refused(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), 0);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    (void)rig_out(&r);
    while (rig_publish(&r, 0, "a", "1234", NULL) == 0) {
    }
    assert_int_equal(rig_feed(&r, "62 02 00 07"), 0); /* no room to answer */
    assert_int_equal(rig_feed(&r, QOS_2_ID_7), HAWSER_E_PROTOCOL);
}

static void test_reopen_with_every_identifier_taken_is_possible(void **state)
{
    static struct hawser_inbound all[UINT16_MAX];
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.clean_start = false;
    r.cfg.inbound = all;
    r.cfg.inbound_count = UINT16_MAX;
    rig_go_online(&r);
    for (unsigned id = 1; id <= UINT16_MAX; id++) {
        hwi_inbound_restore(&r.c, (uint16_t)id);
    }
    resume(&r, CONNACK_KEPT);
    assert_int_equal(r.c.inbound_limit, UINT16_MAX);
    assert_int_equal(rig_feed(&r, "62 02 FF FF"), 0);
    assert_string_equal(rig_out(&r), "70 02 ff ff");
    assert_int_equal(rig_feed(&r, "34 06 00 01 61 FF FF 00"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reopen_with_every_identifier_taken_is_possible),
        cmocka_unit_test(
            test_message_before_the_pubcomp_of_its_identifier_is_refused),
        cmocka_unit_test(test_message_goes_through_four_steps),
        cmocka_unit_test(test_message_refused_is_over),
        cmocka_unit_test(test_repeated_message_is_acknowledged_not_told),
        cmocka_unit_test(test_repeated_before_acceptance_is_told_once),
        cmocka_unit_test(test_identifier_with_another_qos_is_a_protocol_error),
        cmocka_unit_test(test_pubrel_before_acceptance_is_a_protocol_error),
        cmocka_unit_test(test_pubrecs_leave_in_the_order_of_messages),
        cmocka_unit_test(test_pubcomp_waits_for_room),
        cmocka_unit_test(test_pubrels_above_the_memory_are_left_alone),
        cmocka_unit_test(test_reopen_keeps_what_was_accepted),
        cmocka_unit_test(
            test_reopen_forgets_what_was_refused_or_has_no_session),
        cmocka_unit_test(test_reopen_with_every_place_taken_asks_for_one),
        cmocka_unit_test(test_reopen_with_the_maximum_taken_still_takes_one),
        cmocka_unit_test(test_reopen_forgets_a_refusal_that_waited),
        cmocka_unit_test(test_reopen_forgets_a_pubcomp_that_waited),
        cmocka_unit_test(test_reopen_without_a_session_begins_at_none),
        cmocka_unit_test(test_reopen_keeps_what_was_accepted_with_properties),
        cmocka_unit_test(test_pubcomp_that_waits_takes_no_place_of_the_maximum),
        cmocka_unit_test(test_pubcomp_leaves_before_events_are_asked_for),
        cmocka_unit_test(
            test_repeated_message_in_parts_lets_others_be_accepted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
