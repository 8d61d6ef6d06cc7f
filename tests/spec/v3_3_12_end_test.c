/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 3.1.1, chapters 3.12 to 3.14: PINGREQ, PINGRESP and DISCONNECT.
 */
#include "spec.h"

/* Online at 1000 ms with keep-alive 10 s; a PINGREQ has left at 11000. */
static void ping(struct rig *r)
{
    rig_start(r, HAWSER_MQTT_3_1_1);
    r->now_ms = 11000;
    assert_int_equal(hawser_tick(&r->c, r->now_ms), 0);
    SENDS(r, "c0 00");
}

static void mqtt3_3_12_4_1_a_missing_pingresp_ends_the_connection(void **state)
{
    struct rig *r = *state;

    ping(r);
    assert_int_equal(hawser_deadline_ms(&r->c), 16000);
    assert_int_equal(hawser_tick(&r->c, 15999), 0);
    assert_int_equal(hawser_tick(&r->c, 16000), HAWSER_E_KEEPALIVE);
    assert_false(hawser_is_connected(&r->c));
    ping(r);
    TAKES(r, "D0 00");
    assert_int_equal(hawser_deadline_ms(&r->c), 21000); /* the next one */
    assert_int_equal(hawser_tick(&r->c, 20999), 0);
    assert_true(hawser_is_connected(&r->c));
}

static void mqtt3_3_14_1_1_disconnect_has_the_flags_0000(void **state)
{
    struct rig *r = *state;

    rig_start(r, HAWSER_MQTT_3_1_1);
    assert_int_equal(hawser_disconnect(&r->c, r->now_ms, 0), 0);
    SENDS(r, "e0 00");
    rig_start(r, HAWSER_MQTT_3_1_1); /* a reason has no place in 3.1.1 */
    assert_int_equal(hawser_disconnect(&r->c, r->now_ms, 4), 0);
    SENDS(r, "e0 00");
}

/* A message waits for its acceptance, one of ours for its PUBACK. */
static void disconnect(struct rig *r)
{
    rig_start(r, HAWSER_MQTT_3_1_1);
    PUBLISHES(r, 2, "a");
    TAKES(r, "32 05 00 01 61 00 07");
    (void)rig_out(r);
    (void)rig_log(r);
    assert_int_equal(hawser_disconnect(&r->c, r->now_ms, 0), 0);
    SENDS(r, "e0 00");
}

static void mqtt3_3_14_4_2_nothing_is_sent_after_disconnect(void **state)
{
    const struct hawser_filter f = {.topic_filter = TEXT("a")};
    struct rig *r = *state;
    uint16_t id;

    disconnect(r);
    assert_int_equal(rig_publish(r, 0, "a", "", &id), HAWSER_E_STATE);
    assert_int_equal(rig_publish(r, 1, "a", "", &id), HAWSER_E_STATE);
    assert_int_equal(hawser_subscribe(&r->c, 0, &f, 1, &id), HAWSER_E_STATE);
    assert_int_equal(hawser_unsubscribe(&r->c, 0, &f.topic_filter, 1, &id),
                     HAWSER_E_STATE);
    assert_int_equal(hawser_accept(&r->c, 0, 7, 0), HAWSER_E_STATE);
    assert_int_equal(hawser_disconnect(&r->c, 0, 0), HAWSER_E_STATE);
    TAKES(r, "50 02 00 01 34 05 00 01 61 00 08"); /* is ignored */
    REPORTS(r, "");
    assert_int_equal(hawser_tick(&r->c, r->now_ms + 3600000), 0);
    SENDS(r, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt3_3_12_4_1_a_missing_pingresp_ends_the_connection),
        cmocka_unit_test(mqtt3_3_14_1_1_disconnect_has_the_flags_0000),
        cmocka_unit_test(mqtt3_3_14_4_2_nothing_is_sent_after_disconnect),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
