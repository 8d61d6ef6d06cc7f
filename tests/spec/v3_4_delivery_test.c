/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 3.1.1, chapters 4.1 to 4.6: session state, the three qualities of
 * service, what is sent again and in which order.
 */
#include "spec.h"

static void start(struct rig *r)
{
    rig_prepare(r, HAWSER_MQTT_3_1_1);
    r->cfg.clean_start = false;
    rig_go_online(r);
}

/* A new connection to a server that kept the session. */
static void resume(struct rig *r)
{
    rig_reopen(r);
    TAKES(r, "20 02 01 00");
}

/* Session state ------------------------------------------------------------- */

/* Of ours: 1 with QoS 1, 2 with PUBREC, 3 with QoS 2. Of the server's: 7 with
 * QoS 2, accepted. */
static void start_busy_session(struct rig *r)
{
    start(r);
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "b");
    PUBLISHES(r, 2, "c");
    TAKES(r, "34 05 00 01 61 00 07 50 02 00 02");
    ACCEPTS(r, 7);
    (void)rig_out(r);
    (void)rig_log(r);
}

/* The session has just been resumed; all of it is there. */
static void expect_busy_session(struct rig *r)
{
    SENDS(r, "62 02 00 02 3a 06 00 01 61 00 01 78 3c 06 00 01 63 00 03 78");
    TAKES(r, "3c 05 00 01 61 00 07");
    SENDS(r, "50 02 00 07");
    REPORTS(r, "CONNECTED session=1 props=\n"); /* no MESSAGE */
}

static void mqtt3_4_1_0_1_state_outlives_connections_and_restarts(void **state)
{
    struct rig *r = *state;
    uint8_t saved[256];
    size_t len;

    start_busy_session(r);
    for (int i = 0; i < 3; i++) {
        resume(r);
        expect_busy_session(r);
    }
    assert_int_equal(
        hawser_save(&r->c, (struct hawser_span){saved, sizeof saved}, &len), 0);
    rig_prepare(r, HAWSER_MQTT_3_1_1); /* as a new program */
    r->cfg.clean_start = false;
    assert_int_equal(hawser_init(&r->c, &r->cfg), 0);
    assert_int_equal(hawser_load(&r->c, (struct hawser_view){saved, len}), 0);
    assert_int_equal(hawser_opened(&r->c, r->now_ms), 0);
    (void)rig_out(r);
    TAKES(r, "20 02 01 00");
    expect_busy_session(r);
}

static void mqtt3_4_1_0_2_state_lasts_while_the_connection_does(void **state)
{
    struct rig *r = *state;

    rig_start(r, HAWSER_MQTT_3_1_1); /* a clean session */
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "b");
    TAKES(r, "34 05 00 01 61 00 07");
    ACCEPTS(r, 7);
    (void)rig_out(r);
    (void)rig_log(r);
    for (int i = 0; i < 1000; i++) {
        r->now_ms += 10000;
        assert_int_equal(hawser_tick(&r->c, r->now_ms), 0);
        SENDS(r, "c0 00");
        TAKES(r, "D0 00");
    }
    TAKES(r, "3C 05 00 01 61 00 07"); /* still known */
    SENDS(r, "50 02 00 07");
    TAKES(r, "50 02 00 02 40 02 00 01");
    SENDS(r, "62 02 00 02");
    REPORTS(r, "PUBLISHED 1 00 props=\n");
}

/* Qualities of service ------------------------------------------------------ */

static void mqtt3_4_3_1_1_qos_0_leaves_once_without_dup(void **state)
{
    struct rig *r = *state;
    uint16_t id = 9;

    start(r);
    assert_int_equal(rig_publish(r, 0, "a", "x", &id), 0);
    assert_int_equal(id, 0);
    SENDS(r, "30 04 00 01 61 78");
    SENDS(r, "");
    resume(r);
    SENDS(r, "");
}

static void mqtt3_4_3_2_1_qos_1_is_unacknowledged_until_puback(void **state)
{
    struct rig *r = *state;

    start(r);
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 1, "b"); /* another identifier */
    SENDS(r, "32 06 00 01 61 00 01 78 32 06 00 01 62 00 02 78");
    REPORTS(r, "");
    TAKES(r, "40 02 00 02");
    REPORTS(r, "PUBLISHED 2 00 props=\n");
    resume(r);
    SENDS(r, "3a 06 00 01 61 00 01 78");
    TAKES(r, "40 02 00 01");
    REPORTS(r, "CONNECTED session=1 props=\nPUBLISHED 1 00 props=\n");
    resume(r);
    SENDS(r, "");
}

static void mqtt3_4_3_2_2_qos_1_is_acknowledged_once_it_is_accepted(void **s)
{
    struct rig *r = *s;

    start(r);
    TAKES(r, "32 06 00 01 61 00 07 78");
    REPORTS(r, "MESSAGE a id=7 qos=1 retain=0 dup=0 props= payload=78\n");
    SENDS(r, ""); /* ownership has not been taken */
    ACCEPTS(r, 7);
    SENDS(r, "40 02 00 07");
    TAKES(r, "32 06 00 01 61 00 07 79"); /* new, whatever DUP says */
    ACCEPTS(r, 7);
    TAKES(r, "3A 06 00 01 61 00 07 7a");
    ACCEPTS(r, 7);
    REPORTS(r, "MESSAGE a id=7 qos=1 retain=0 dup=0 props= payload=79\n"
               "MESSAGE a id=7 qos=1 retain=0 dup=1 props= payload=7a\n");
    SENDS(r, "40 02 00 07 40 02 00 07");
}

static void mqtt3_4_3_3_1_qos_2_goes_through_its_four_steps(void **state)
{
    struct rig *r = *state;

    start(r);
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "b"); /* an identifier of its own, DUP 0 */
    SENDS(r, "32 06 00 01 61 00 01 78 34 06 00 01 62 00 02 78");
    TAKES(r, "40 02 00 01");
    REPORTS(r, "PUBLISHED 1 00 props=\n");
    resume(r); /* no PUBREC: unacknowledged */
    SENDS(r, "3c 06 00 01 62 00 02 78");
    TAKES(r, "50 02 00 02");
    SENDS(r, "62 02 00 02"); /* with the same identifier */
    for (int i = 0; i < 3; i++) {
        resume(r); /* no PUBCOMP: PUBREL again, and never PUBLISH */
        SENDS(r, "62 02 00 02");
    }
    (void)rig_log(r);
    TAKES(r, "50 02 00 02"); /* nor after another PUBREC */
    SENDS(r, "62 02 00 02");
    REPORTS(r, "");
    TAKES(r, "70 02 00 02");
    REPORTS(r, "PUBLISHED 2 00 props=\n");
    resume(r);
    SENDS(r, "");
}

static void mqtt3_4_3_3_2_qos_2_is_delivered_once_until_pubrel(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "34 06 00 01 61 00 07 78");
    REPORTS(r, "MESSAGE a id=7 qos=2 retain=0 dup=0 props= payload=78\n");
    SENDS(r, ""); /* ownership has not been taken */
    ACCEPTS(r, 7);
    SENDS(r, "50 02 00 07");
    TAKES(r, "3C 06 00 01 61 00 07 78"); /* answered, not delivered */
    SENDS(r, "50 02 00 07");
    resume(r);
    TAKES(r, "3C 06 00 01 61 00 07 78");
    SENDS(r, "50 02 00 07");
    REPORTS(r, "CONNECTED session=1 props=\n");
    TAKES(r, "62 02 00 07");
    SENDS(r, "70 02 00 07"); /* with the same identifier */
    TAKES(r, "34 06 00 01 61 00 07 79");
    REPORTS(r, "MESSAGE a id=7 qos=2 retain=0 dup=0 props= payload=79\n");
}

static void mqtt3_4_4_0_1_what_is_unacknowledged_is_sent_again(void **state)
{
    struct rig *r = *state;

    start_busy_session(r);
    assert_int_equal(hawser_tick(&r->c, r->now_ms + 9999), 0);
    SENDS(r, ""); /* not within the connection */
    resume(r);
    SENDS(r, "62 02 00 02 3a 06 00 01 61 00 01 78 3c 06 00 01 63 00 03 78");
}

static void
mqtt3_4_5_0_2_what_the_application_refuses_is_acknowledged_too(void **state)
{
    struct rig *r = *state;

    start(r); /* nobody subscribed, the application wants none of it */
    TAKES(r, "30 03 00 01 61 32 05 00 01 61 00 07 34 05 00 01 61 00 08");
    assert_int_equal(hawser_accept(&r->c, r->now_ms, 7, 0x83), 0);
    assert_int_equal(hawser_accept(&r->c, r->now_ms, 8, 0x83), 0);
    SENDS(r, "40 02 00 07 50 02 00 08");
    TAKES(r, "62 02 00 08");
    SENDS(r, "70 02 00 08");
}

/* Order --------------------------------------------------------------------- */

static void mqtt3_4_6_0_1_messages_are_sent_again_in_their_order(void **state)
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
        SENDS(r, "3c 06 00 01 62 00 02 78 3a 06 00 01 64 00 04 78 "
                 "3c 06 00 01 65 00 05 78 3a 06 00 01 66 00 06 78");
    }
}

static void accept_out_of_order(struct rig *r)
{
    ACCEPTS(r, 9);
    ACCEPTS(r, 8);
    SENDS(r, "");
    ACCEPTS(r, 7);
}

static void mqtt3_4_6_0_2_pubacks_leave_in_the_order_of_publishes(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "32 05 00 01 61 00 07 32 05 00 01 61 00 09 32 05 00 01 61 00 08");
    accept_out_of_order(r);
    SENDS(r, "40 02 00 07 40 02 00 09 40 02 00 08");
}

static void mqtt3_4_6_0_3_pubrecs_leave_in_the_order_of_publishes(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "34 05 00 01 61 00 07 34 05 00 01 61 00 09 34 05 00 01 61 00 08");
    accept_out_of_order(r);
    SENDS(r, "50 02 00 07 50 02 00 09 50 02 00 08");
}

static void mqtt3_4_6_0_4_pubrels_leave_in_the_order_of_pubrecs(void **state)
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt3_4_1_0_1_state_outlives_connections_and_restarts),
        cmocka_unit_test(mqtt3_4_1_0_2_state_lasts_while_the_connection_does),
        cmocka_unit_test(mqtt3_4_3_1_1_qos_0_leaves_once_without_dup),
        cmocka_unit_test(mqtt3_4_3_2_1_qos_1_is_unacknowledged_until_puback),
        cmocka_unit_test(
            mqtt3_4_3_2_2_qos_1_is_acknowledged_once_it_is_accepted),
        cmocka_unit_test(mqtt3_4_3_3_1_qos_2_goes_through_its_four_steps),
        cmocka_unit_test(mqtt3_4_3_3_2_qos_2_is_delivered_once_until_pubrel),
        cmocka_unit_test(mqtt3_4_4_0_1_what_is_unacknowledged_is_sent_again),
        cmocka_unit_test(
            mqtt3_4_5_0_2_what_the_application_refuses_is_acknowledged_too),
        cmocka_unit_test(mqtt3_4_6_0_1_messages_are_sent_again_in_their_order),
        cmocka_unit_test(mqtt3_4_6_0_2_pubacks_leave_in_the_order_of_publishes),
        cmocka_unit_test(mqtt3_4_6_0_3_pubrecs_leave_in_the_order_of_publishes),
        cmocka_unit_test(mqtt3_4_6_0_4_pubrels_leave_in_the_order_of_pubrecs),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
