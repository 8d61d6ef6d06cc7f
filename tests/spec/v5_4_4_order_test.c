/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapters 4.4 to 4.6 and 4.9: what is sent again, in which order, and
 * flow control.
 */
#include "spec.h"

#define CONNACK_KEPT "20 03 01 00 00"

static void start(struct rig *r)
{
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.clean_start = false;
    r->cfg.session_expiry_s = 3600;
    rig_go_online(r);
}

/* A new connection to a server that kept the session. */
static void resume(struct rig *r)
{
    rig_reopen(r);
    TAKES(r, CONNACK_KEPT);
}

static int accept_with(struct rig *r, uint16_t id, uint8_t reason)
{
    return hawser_accept(&r->c, r->now_ms, id, reason);
}

/* Again, and in order -------------------------------------------------------- */

static void mqtt5_4_4_0_1_all_is_sent_again_only_on_a_new_connection(void **s)
{
    struct rig *r = *s;

    start(r);
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "b");
    PUBLISHES(r, 2, "c");
    (void)rig_out(r);
    TAKES(r, "50 02 00 02");
    SENDS(r, "62 02 00 02");
    for (int i = 1; i < 100; i++) {
        r->now_ms += 9999; /* however long it takes */
        TAKES(r, "D0 00");
        assert_int_equal(hawser_tick(&r->c, r->now_ms), 0);
        assert_null(strstr(rig_out(r), "62"));
    }
    (void)rig_log(r);
    rig_reopen(r);
    SENDS(r, "");
    TAKES(r, CONNACK_KEPT);
    SENDS(r, "62 02 00 02 3a 07 00 01 61 00 01 00 78 "
             "3c 07 00 01 63 00 03 00 78");
}

static void mqtt5_4_4_0_2_a_refused_message_is_over_and_reported(void **state)
{
    struct rig *r = *state;

    start(r);
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "b");
    (void)rig_out(r);
    TAKES(r, "40 03 00 01 87 50 03 00 02 97");
    REPORTS(r, "PUBLISHED 1 87 props=\nPUBLISHED 2 97 props=\n");
    SENDS(r, "");
    resume(r);
    SENDS(r, "");
    REPORTS(r, "CONNECTED session=1 props=\n");
}

static void
mqtt5_4_5_0_2_what_the_application_refuses_is_acknowledged_too(void **state)
{
    struct rig *r = *state;

    start(r); /* nobody subscribed, the application wants none of it */
    TAKES(r, "30 04 00 01 61 00 32 06 00 01 61 00 07 00 "
             "34 06 00 01 61 00 08 00 34 06 00 01 61 00 09 00");
    assert_int_equal(accept_with(r, 7, 0x83), 0);
    assert_int_equal(accept_with(r, 8, 0x83), 0);
    ACCEPTS(r, 9);
    SENDS(r, "40 03 00 07 83 50 03 00 08 83 50 02 00 09");
    TAKES(r, "62 02 00 09");
    SENDS(r, "70 02 00 09");
}

static void mqtt5_4_6_0_1_messages_are_sent_again_in_their_order(void **state)
{
    struct rig *r = *state;

    start(r); /* four slots: the ring goes round */
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "b");
    PUBLISHES(r, 1, "c");
    PUBLISHES(r, 1, "d");
    (void)rig_out(r);
    TAKES(r, "40 02 00 01 40 02 00 03");
    PUBLISHES(r, 2, "e");
    PUBLISHES(r, 1, "f");
    (void)rig_out(r);
    for (int i = 0; i < 2; i++) {
        resume(r);
        SENDS(r, "3c 07 00 01 62 00 02 00 78 3a 07 00 01 64 00 04 00 78 "
                 "3c 07 00 01 65 00 05 00 78 3a 07 00 01 66 00 06 00 78");
    }
}

/* Messages 7, 9 and 8 are there. */
static void accept_out_of_order(struct rig *r)
{
    ACCEPTS(r, 9);
    ACCEPTS(r, 8);
    SENDS(r, "");
    ACCEPTS(r, 7);
}

static void mqtt5_4_6_0_2_pubacks_leave_in_the_order_of_publishes(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "32 06 00 01 61 00 07 00 32 06 00 01 61 00 09 00 "
             "32 06 00 01 61 00 08 00");
    accept_out_of_order(r);
    SENDS(r, "40 02 00 07 40 02 00 09 40 02 00 08");
}

static void mqtt5_4_6_0_3_pubrecs_leave_in_the_order_of_publishes(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "34 06 00 01 61 00 07 00 34 06 00 01 61 00 09 00 "
             "34 06 00 01 61 00 08 00");
    accept_out_of_order(r);
    SENDS(r, "50 02 00 07 50 02 00 09 50 02 00 08");
}

static void mqtt5_4_6_0_4_pubrels_leave_in_the_order_of_pubrecs(void **state)
{
    struct rig *r = *state;

    start(r);
    PUBLISHES(r, 2, "a");
    PUBLISHES(r, 2, "b");
    PUBLISHES(r, 2, "c");
    (void)rig_out(r);
    TAKES(r, "50 02 00 03 50 02 00 01 50 02 00 02");
    SENDS(r, "62 02 00 03 62 02 00 01 62 02 00 02");
    resume(r);
    SENDS(r, "62 02 00 03 62 02 00 01 62 02 00 02");
}

/* Flow control ----------------------------------------------------------------- */

/* Online with a server that takes two messages at a time. */
static void start_with_two(struct rig *r)
{
    rig_prepare(r, HAWSER_MQTT_5);
    rig_open(r);
    TAKES(r, "20 06 00 00 03 21 00 02");
    (void)rig_log(r);
}

static int publish(struct rig *r, uint8_t qos)
{
    return rig_publish(r, qos, "a", "", NULL);
}

static void mqtt5_4_9_0_1_the_quota_begins_at_the_receive_maximum(void **state)
{
    struct rig *r = *state;

    start_with_two(r);
    assert_int_equal(publish(r, 1), 0);
    assert_int_equal(publish(r, 2), 0);
    assert_int_equal(publish(r, 1), HAWSER_E_LIMIT);
    assert_int_equal(publish(r, 2), HAWSER_E_LIMIT);
    SENDS(r, "32 06 00 01 61 00 01 00 34 06 00 01 61 00 02 00");
    /* Without one in CONNACK the caller's slots are the bound. */
    rig_start(r, HAWSER_MQTT_5);
    for (size_t i = 0; i < r->cfg.slot_count; i++) {
        assert_int_equal(publish(r, 1), 0);
    }
    assert_int_equal(publish(r, 1), HAWSER_E_FULL);
}

/* One that has to be answered: takes one from the quota; the answers give it
 * back, or not. */
static void expect_quota(struct rig *r, uint8_t qos, const char *answer,
                         bool gives_back)
{
    start_with_two(r);
    assert_int_equal(publish(r, qos), 0);
    assert_int_equal(publish(r, qos), 0);
    (void)rig_out(r);
    TAKES(r, answer);
    (void)rig_out(r);
    assert_int_equal(publish(r, 1), gives_back ? 0 : HAWSER_E_LIMIT);
    assert_int_equal(publish(r, 1), HAWSER_E_LIMIT); /* not two */
}

static void mqtt5_4_9_0_2_at_quota_0_no_message_leaves(void **state)
{
    struct rig *r = *state;

    expect_quota(r, 1, "40 02 00 01", true);
    expect_quota(r, 1, "40 03 00 01 87", true);
    expect_quota(r, 2, "50 02 00 01", false); /* PUBCOMP does */
    expect_quota(r, 2, "50 02 00 01 70 02 00 01", true);
    expect_quota(r, 2, "50 03 00 01 87", true);
    expect_quota(r, 1, "D0 00", false);
    /* On a new connection no more than its own maximum are sent again. */
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.clean_start = false;
    rig_go_online(r);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(publish(r, 1), 0);
    }
    rig_reopen(r);
    TAKES(r, "20 06 01 00 03 21 00 02");
    SENDS(r, "3a 06 00 01 61 00 01 00 3a 06 00 01 61 00 02 00");
    TAKES(r, "40 02 00 01");
    SENDS(r, "3a 06 00 01 61 00 03 00");
}

static void mqtt5_4_9_0_3_at_quota_0_all_others_go_on(void **state)
{
    struct rig *r = *state;

    start_with_two(r);
    assert_int_equal(publish(r, 2), 0);
    assert_int_equal(publish(r, 2), 0);
    (void)rig_out(r);
    assert_int_equal(publish(r, 0), 0);
    SENDS(r, "30 04 00 01 61 00");
    (void)rig_subscribe(r, "a", 0);
    SENDS(r, "82 07 00 03 00 00 01 61 00");
    TAKES(r, "90 04 00 03 00 00");
    (void)rig_unsubscribe(r, "a");
    SENDS(r, "a2 06 00 04 00 00 01 61");
    TAKES(r, "B0 04 00 04 00 00 32 06 00 01 61 00 07 00 "
             "34 06 00 01 61 00 08 00");
    ACCEPTS(r, 7);
    ACCEPTS(r, 8);
    SENDS(r, "40 02 00 07 50 02 00 08");
    TAKES(r, "62 02 00 08 50 02 00 01");
    SENDS(r, "70 02 00 08 62 02 00 01");
    assert_int_equal(hawser_tick(&r->c, r->now_ms + 10000), 0);
    SENDS(r, "c0 00");
    assert_int_equal(hawser_disconnect(&r->c, r->now_ms, 0), 0);
    SENDS(r, "e0 00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            mqtt5_4_4_0_1_all_is_sent_again_only_on_a_new_connection),
        cmocka_unit_test(mqtt5_4_4_0_2_a_refused_message_is_over_and_reported),
        cmocka_unit_test(
            mqtt5_4_5_0_2_what_the_application_refuses_is_acknowledged_too),
        cmocka_unit_test(mqtt5_4_6_0_1_messages_are_sent_again_in_their_order),
        cmocka_unit_test(mqtt5_4_6_0_2_pubacks_leave_in_the_order_of_publishes),
        cmocka_unit_test(mqtt5_4_6_0_3_pubrecs_leave_in_the_order_of_publishes),
        cmocka_unit_test(mqtt5_4_6_0_4_pubrels_leave_in_the_order_of_pubrecs),
        cmocka_unit_test(mqtt5_4_9_0_1_the_quota_begins_at_the_receive_maximum),
        cmocka_unit_test(mqtt5_4_9_0_2_at_quota_0_no_message_leaves),
        cmocka_unit_test(mqtt5_4_9_0_3_at_quota_0_all_others_go_on),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
