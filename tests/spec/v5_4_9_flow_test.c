/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapter 4.9: flow control by the server's receive maximum.
 */
#include "spec.h"

/* Online with a server that takes two messages at a time. */
static void start(struct rig *r)
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

    start(r);
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
    start(r);
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

    start(r);
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
        cmocka_unit_test(mqtt5_4_9_0_1_the_quota_begins_at_the_receive_maximum),
        cmocka_unit_test(mqtt5_4_9_0_2_at_quota_0_no_message_leaves),
        cmocka_unit_test(mqtt5_4_9_0_3_at_quota_0_all_others_go_on),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
