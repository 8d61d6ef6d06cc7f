/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of QoS 2 messages of ours: inflight.c through the client.
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

static void publish(struct rig *r, uint8_t qos, const char *text)
{
    assert_int_equal(rig_publish(r, qos, "a", text, NULL), 0);
}

static void test_publish_goes_through_four_steps(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    publish(&r, 2, "x");
    assert_string_equal(rig_out(&r), "34 07 00 01 61 00 01 00 78");
    assert_int_equal(rig_feed(&r, "50 03 00 01 10"), 0); /* no subscribers */
    assert_string_equal(rig_out(&r), "62 02 00 01");
    assert_string_equal(rig_log(&r), "");
    assert_int_equal(rig_feed(&r, "70 02 00 01"), 0);
    assert_string_equal(rig_log(&r), "PUBLISHED 1 00 props=\n");
    assert_int_equal(r.c.slot_used, 0);
}

static void test_publish_refused_by_pubrec_is_over(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    publish(&r, 2, "x");
    publish(&r, 2, "y");
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "50 03 00 01 87"), 0);
    assert_string_equal(rig_log(&r), "PUBLISHED 1 87 props=\n");
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(rig_feed(&r, "50 02 00 02"), 0);
    assert_string_equal(rig_out(&r), "62 02 00 02");
}

static void test_answer_of_another_qos_is_a_protocol_error(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    publish(&r, 2, "x");
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "40 02 00 01"), HAWSER_E_PROTOCOL);
    start(&r, HAWSER_MQTT_3_1_1);
    publish(&r, 1, "x");
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "50 02 00 01"), HAWSER_E_PROTOCOL);
}

static void test_pubcomp_before_pubrec_does_nothing(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    publish(&r, 2, "x");
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "70 02 00 01"), 0);
    assert_string_equal(rig_log(&r), "");
    assert_int_equal(rig_feed(&r, "50 02 00 01"), 0);
    assert_string_equal(rig_out(&r), "62 02 00 01");
}

static void test_stray_pubrec_is_answered(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    publish(&r, 2, "x");
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "50 02 00 01"), 0);
    assert_string_equal(rig_out(&r), "62 02 00 01");
    assert_int_equal(rig_feed(&r, "50 02 00 01"), 0);
    assert_string_equal(rig_out(&r), "62 02 00 01");
    assert_int_equal(rig_feed(&r, "50 02 00 09"), 0);
    assert_string_equal(rig_out(&r), "62 03 00 09 92");
    assert_string_equal(rig_log(&r), "");
}

static void test_pubrels_leave_in_the_order_of_pubrecs(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_3_1_1);
    publish(&r, 2, "x");
    publish(&r, 1, "y");
    publish(&r, 2, "z");
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "50 02 00 03 50 02 00 01"), 0);
    assert_string_equal(rig_out(&r), "62 02 00 03 62 02 00 01");
    /* The same after a reconnect, and before the PUBLISH that is left. */
    resume(&r, "20 02 01 00");
    assert_string_equal(rig_out(&r), "62 02 00 03 62 02 00 01 "
                                     "3a 06 00 01 61 00 02 79");
    assert_int_equal(rig_feed(&r, "70 02 00 01 40 02 00 02 70 02 00 03"), 0);
    assert_string_equal(rig_log(&r),
                        "CONNECTED session=1 props=\n"
                        "PUBLISHED 1 00 props=\nPUBLISHED 2 00 props=\n"
                        "PUBLISHED 3 00 props=\n");
    assert_int_equal(r.c.slot_used, 0);
}

static void test_pubrel_waits_for_room(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_3_1_1);
    publish(&r, 2, "x");
    publish(&r, 2, "y");
    (void)rig_out(&r);
    while (rig_publish(&r, 0, "a", "", NULL) == 0) {
    }
    assert_int_equal(rig_feed(&r, "50 02 00 02 50 02 00 01"), 0);
    /* Not on its way: no answer can be meant for it, and a PUBREC again
     * changes nothing. */
    assert_int_equal(rig_feed(&r, "70 02 00 01 50 02 00 01"), 0);
    assert_null(strstr(rig_out(&r), "62 02"));
    assert_string_equal(rig_out(&r), "62 02 00 02 62 02 00 01");
}

static void test_reopen_sends_an_unanswered_publish_with_dup(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    publish(&r, 2, "x");
    (void)rig_out(&r);
    resume(&r, CONNACK_KEPT);
    assert_string_equal(rig_out(&r), "3c 07 00 01 61 00 01 00 78");
    assert_int_equal(rig_feed(&r, "50 02 00 01"), 0);
    resume(&r, CONNACK_KEPT);
    assert_string_equal(rig_out(&r), "62 02 00 01");
}

static void test_reopen_without_session_gives_back_what_had_left(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "20 06 00 00 03 21 00 03"), 0);
    publish(&r, 2, "x"); /* PUBREC will come */
    publish(&r, 2, "y"); /* unanswered */
    publish(&r, 1, "z"); /* QoS 1 */
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "50 02 00 01"), 0);
    (void)rig_out(&r);
    (void)rig_log(&r);
    resume(&r, CONNACK_NEW);
    assert_string_equal(rig_log(&r), "CONNECTED session=0 props=\n"
                                     "PUBLISHED 1 92 props=\n"
                                     "PUBLISHED 2 92 props=\n");
    assert_string_equal(rig_out(&r), "32 07 00 01 61 00 03 00 7a");
    /* The store is free again. */
    publish(&r, 2, "w");
    assert_string_equal(rig_out(&r), "34 07 00 01 61 00 04 00 77");
}

static void test_reopen_twice_without_answer_still_counts_as_sent(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    publish(&r, 2, "x");
    publish(&r, 2, "y");
    (void)rig_out(&r);
    /* Only the first can leave now; both had left before. */
    resume(&r, "20 06 01 00 03 21 00 01");
    assert_string_equal(rig_out(&r), "3c 07 00 01 61 00 01 00 78");
    (void)rig_log(&r);
    resume(&r, CONNACK_NEW);
    assert_string_equal(rig_log(&r), "CONNECTED session=0 props=\n"
                                     "PUBLISHED 1 92 props=\n"
                                     "PUBLISHED 2 92 props=\n");
}

static void test_reopen_with_what_was_never_sent_sends_it(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    publish(&r, 2, "x");
    (void)rig_out(&r);
    publish(&r, 2, "y");
    /* As if there had been no room for the second. */
    r.c.slot_sent = 1;
    resume(&r, CONNACK_NEW);
    assert_string_equal(rig_log(&r), "CONNECTED session=0 props=\n"
                                     "PUBLISHED 1 92 props=\n");
    assert_string_equal(rig_out(&r), "34 07 00 01 61 00 02 00 79");
}

static void test_released_message_frees_its_store(void **state)
{
    static char big[100];
    struct rig r;

    (void)state;
    memset(big, 'x', sizeof big - 1);
    start(&r, HAWSER_MQTT_3_1_1);
    publish(&r, 2, big);
    (void)rig_out(&r);
    publish(&r, 2, big);
    (void)rig_out(&r);
    assert_int_equal(rig_publish(&r, 2, "a", big, NULL), HAWSER_E_FULL);
    assert_int_equal(rig_feed(&r, "50 02 00 01"), 0);
    publish(&r, 2, big);
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "50 02 00 02 50 02 00 03"), 0);
    publish(&r, 2, big);
    assert_int_equal(r.c.slot_used, 4);
    assert_int_equal(rig_publish(&r, 2, "a", "", NULL), HAWSER_E_FULL);
}

static void test_ack_timeout_counts_for_pubrel_too(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.keep_alive_s = 0;
    r.cfg.ack_timeout_ms = 100;
    rig_go_online(&r);
    assert_true(hawser_deadline_ms(&r.c) == HAWSER_NEVER);
    publish(&r, 2, "x");
    (void)rig_out(&r);
    r.now_ms += 60;
    assert_int_equal(rig_feed(&r, "50 02 00 01"), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), r.now_ms + 100);
    r.now_ms += 10;
    publish(&r, 1, "y");
    assert_int_equal(hawser_deadline_ms(&r.c), r.now_ms + 90);
    assert_int_equal(rig_feed(&r, "70 02 00 01"), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), r.now_ms + 100);
    r.now_ms += 100;
    assert_int_equal(hawser_tick(&r.c, r.now_ms), HAWSER_E_KEEPALIVE);
}

static void test_reopen_before_the_loss_was_told_tells_it_later(void **state)
{
    static const uint8_t connack[] = {0x20, 3, 0, 0, 0};
    struct rig r;
    size_t used;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    publish(&r, 2, "x");
    publish(&r, 2, "y");
    rig_reopen(&r);
    assert_int_equal(
        hawser_feed(&r.c, r.now_ms, connack, sizeof connack, &used), 0);
    resume(&r, CONNACK_NEW); /* CONNECTED was not fetched */
    assert_string_equal(rig_log(&r), "CONNECTED session=0 props=\n"
                                     "PUBLISHED 1 92 props=\n"
                                     "PUBLISHED 2 92 props=\n");
    assert_string_equal(rig_out(&r), "");
}

static void test_pubrec_again_is_answered_for_each_released(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    publish(&r, 2, "x");
    publish(&r, 2, "y");
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "50 02 00 01 50 02 00 02"), 0);
    assert_string_equal(rig_out(&r), "62 02 00 01 62 02 00 02");
    assert_int_equal(rig_feed(&r, "50 02 00 02"), 0);
    assert_string_equal(rig_out(&r), "62 02 00 02");
}

/* To answer 0x92 would make the server forget the identifier: what is sent once
 * more would arrive a second time. */
static void test_pubrec_of_a_message_that_waits_is_left_alone(void **state)
{
    struct rig r;

    (void)state;
    start(&r, HAWSER_MQTT_5);
    publish(&r, 2, "x");
    publish(&r, 2, "y");
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "50 02 00 01"), 0);
    resume(&r, "20 06 01 00 03 21 00 01"); /* one at a time */
    assert_string_equal(rig_out(&r), "62 02 00 01");
    assert_int_equal(rig_feed(&r, "50 02 00 02"), 0);
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(rig_feed(&r, "70 02 00 01"), 0);
    assert_string_equal(rig_out(&r), "3c 07 00 01 61 00 02 00 79");
}

static void test_puback_for_qos_2_is_the_end_in_3_1_1_only(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(rig_publish(&r, 2, "a", "", NULL), 0);
    (void)rig_out(&r);
    (void)rig_log(&r);
    assert_int_equal(rig_feed(&r, "40 02 00 01"), 0);
    assert_string_equal(rig_log(&r), "PUBLISHED 1 9b props=\n");
    assert_string_equal(rig_out(&r), "");
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_publish(&r, 2, "a", "", NULL), 0);
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "40 02 00 01"), HAWSER_E_PROTOCOL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_puback_for_qos_2_is_the_end_in_3_1_1_only),
        cmocka_unit_test(test_reopen_before_the_loss_was_told_tells_it_later),
        cmocka_unit_test(test_pubrec_again_is_answered_for_each_released),
        cmocka_unit_test(test_pubrec_of_a_message_that_waits_is_left_alone),
        cmocka_unit_test(test_publish_goes_through_four_steps),
        cmocka_unit_test(test_publish_refused_by_pubrec_is_over),
        cmocka_unit_test(test_answer_of_another_qos_is_a_protocol_error),
        cmocka_unit_test(test_pubcomp_before_pubrec_does_nothing),
        cmocka_unit_test(test_stray_pubrec_is_answered),
        cmocka_unit_test(test_pubrels_leave_in_the_order_of_pubrecs),
        cmocka_unit_test(test_pubrel_waits_for_room),
        cmocka_unit_test(test_reopen_sends_an_unanswered_publish_with_dup),
        cmocka_unit_test(test_reopen_without_session_gives_back_what_had_left),
        cmocka_unit_test(test_reopen_twice_without_answer_still_counts_as_sent),
        cmocka_unit_test(test_reopen_with_what_was_never_sent_sends_it),
        cmocka_unit_test(test_released_message_frees_its_store),
        cmocka_unit_test(test_ack_timeout_counts_for_pubrel_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
