/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapters 3.1 and 3.2: what CONNECT and CONNACK make of a session.
 */
#include "spec.h"

/* CONNECT by its flags and the last letter of its id, "c" or "d". */
#define CONNECT(flags, id)                        \
    "10 16 00 04 4d 51 54 54 05 " flags " 00 0a " \
    "08 11 00 00 0e 10 21 00 01 00 01 " id
#define CONNECT_CLEAN CONNECT("02", "63")
#define CONNECT_KEEP  CONNECT("00", "63")
#define CONNECT_D     CONNECT("00", "64")
#define CONNACK_NEW   "20 03 00 00 00"
#define CONNACK_KEPT  "20 03 01 00 00"

static void prepare(struct rig *r)
{
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.clean_start = false;
    r->cfg.session_expiry_s = 3600;
    r->cfg.receive_maximum = 1;
}

/* A session with something open of each kind: QoS 1, of ours: 1; QoS 2 with
 * PUBREC: 2; QoS 2 without: 3; QoS 2 of the server, accepted: 7. */
static void start_busy_session(struct rig *r)
{
    prepare(r);
    rig_go_online(r);
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "b");
    PUBLISHES(r, 2, "c");
    TAKES(r, "34 06 00 01 61 00 07 00 50 02 00 02");
    ACCEPTS(r, 7);
    (void)rig_out(r);
    (void)rig_log(r);
}

static void reopen(struct rig *r, const char *connect)
{
    hawser_lost(&r->c, r->now_ms);
    assert_int_equal(hawser_opened(&r->c, r->now_ms), 0);
    SENDS(r, connect);
}

/* The server kept the session: all of it goes on. */
static void goes_on(struct rig *r)
{
    reopen(r, CONNECT_KEEP);
    TAKES(r, CONNACK_KEPT);
    SENDS(r, "62 02 00 02 3a 07 00 01 61 00 01 00 78 "
             "3c 07 00 01 63 00 03 00 78");
    TAKES(r, "3c 06 00 01 61 00 07 00"); /* was delivered: PUBREC again */
    SENDS(r, "50 02 00 07");
    REPORTS(r, "CONNECTED session=1 props=\n");
}

/* The server has no session: nothing of it goes on. What was not acknowledged
 * is still the application's: QoS 1 is published as a new message, QoS 2, which
 * may have arrived, is given back. */
static void begins_anew(struct rig *r)
{
    TAKES(r, CONNACK_NEW);
    REPORTS(r, "CONNECTED session=0 props=\n"
               "PUBLISHED 2 92 props=\nPUBLISHED 3 92 props=\n");
    SENDS(r, "32 07 00 01 61 00 01 00 78"); /* DUP is 0 */
    TAKES(r, "34 06 00 01 61 00 07 00");    /* a new message by now */
    REPORTS(r, "MESSAGE a id=7 qos=2 retain=0 dup=0 props= payload=\n");
}

static void mqtt5_3_1_2_4_a_clean_start_uses_nothing_of_the_last(void **state)
{
    struct rig *r = *state;

    start_busy_session(r);
    r->cfg.clean_start = true;
    reopen(r, CONNECT_CLEAN);
    begins_anew(r);
    TAKES(r, "40 02 00 01");
    (void)rig_log(r);
    r->cfg.clean_start = false; /* the one that began then */
    reopen(r, CONNECT_KEEP);
    TAKES(r, CONNACK_KEPT);
    SENDS(r, "");
    REPORTS(r, "CONNECTED session=1 props=\n");
}

static void mqtt5_3_1_2_23_with_an_expiry_the_state_outlives_a_close(void **s)
{
    struct rig *r = *s;
    static uint8_t saved[1024];
    size_t len;

    start_busy_session(r); /* the connection was lost */
    goes_on(r);
    start_busy_session(r); /* by our DISCONNECT */
    assert_int_equal(hawser_disconnect(&r->c, r->now_ms, 0), 0);
    SENDS(r, "e0 00");
    goes_on(r);
    start_busy_session(r); /* by the server's, and long ago */
    TAKES(r, "e0 01 8b");
    REPORTS(r, "DISCONNECTED 8b props=\n");
    r->now_ms += 3599000;
    goes_on(r);
    start_busy_session(r); /* with the end of the program */
    assert_int_equal(
        hawser_save(&r->c, (struct hawser_span){saved, sizeof saved}, &len), 0);
    prepare(r);
    assert_int_equal(hawser_init(&r->c, &r->cfg), 0);
    assert_int_equal(hawser_load(&r->c, (struct hawser_view){saved, len}), 0);
    goes_on(r);
}

static void mqtt5_3_1_3_2_another_identifier_has_another_state(void **state)
{
    struct rig *r = *state;

    start_busy_session(r);
    r->cfg.client_id = TEXT("d");
    reopen(r, CONNECT_D);
    begins_anew(r);
    reopen(r, CONNECT_D);
    TAKES(r, CONNACK_KEPT); /* by now there is one of "d" */
    SENDS(r, "3a 07 00 01 61 00 01 00 78");
}

static void mqtt5_3_2_2_2_session_present_after_a_clean_start_closes(void **s)
{
    struct rig *r = *s;

    rig_prepare(r, HAWSER_MQTT_5);
    rig_open(r);
    REFUSES(r, CONNACK_KEPT, HAWSER_E_PROTOCOL);
    REPORTS(r, "ERROR protocol 82\n");
    SENDS(r, "e0 01 82");
    start_busy_session(r); /* though there is one */
    r->cfg.clean_start = true;
    reopen(r, CONNECT_CLEAN);
    REFUSES(r, CONNACK_KEPT, HAWSER_E_PROTOCOL);
    SENDS(r, "e0 01 82");
}

static void mqtt5_3_2_2_3_session_present_lets_the_session_go_on(void **state)
{
    start_busy_session(*state);
    goes_on(*state);
}

static void mqtt5_3_2_2_4_a_session_that_nobody_knows_closes(void **state)
{
    struct rig *r = *state;

    prepare(r); /* a new client */
    rig_open(r);
    REFUSES(r, CONNACK_KEPT, HAWSER_E_PROTOCOL);
    REPORTS(r, "ERROR protocol 82\n");
    SENDS(r, "e0 01 82");
    start_busy_session(r); /* one with the state of another identifier */
    r->cfg.client_id = TEXT("d");
    reopen(r, CONNECT_D);
    REFUSES(r, CONNACK_KEPT, HAWSER_E_PROTOCOL);
    REPORTS(r, "ERROR protocol 82\n");
    SENDS(r, "e0 01 82");
}

static void mqtt5_3_2_2_5_without_session_present_nothing_goes_on(void **state)
{
    struct rig *r = *state;

    start_busy_session(r);
    reopen(r, CONNECT_KEEP);
    begins_anew(r);
}

static void mqtt5_3_1_3_7_the_assigned_identifier_is_used_from_then_on(void **s)
{
    static uint8_t kept[8];
    struct rig *r = *s;
    struct hawser_event ev;
    struct hawser_property p;
    struct hex h;
    struct hawser_view in = hex_read(&h, "20 07 00 00 04 12 00 01 63");
    size_t used;

    prepare(r);
    r->cfg.client_id = TEXT("");
    CONNECTS(r, "10 15 00 04 4d 51 54 54 05 00 00 0a "
                "08 11 00 00 0e 10 21 00 01 00 00");
    assert_int_equal(hawser_feed(&r->c, 0, in.at, in.len, &used), 0);
    assert_true(hawser_next_event(&r->c, &ev));
    assert_true(hawser_property_next(&ev.properties, &p));
    assert_int_equal(p.id, HAWSER_PROP_ASSIGNED_CLIENT_ID);
    assert_view(p.value, "c");
    memcpy(kept, p.value.at, p.value.len); /* the application's part */
    r->cfg.client_id = (struct hawser_view){kept, p.value.len};
    PUBLISHES(r, 1, "a");
    (void)rig_out(r);
    reopen(r, CONNECT_KEEP);
    TAKES(r, CONNACK_KEPT); /* it is the same session */
    SENDS(r, "3a 07 00 01 61 00 01 00 78");
}

static void mqtt5_3_2_2_16_no_identifier_is_answered_by_one(void **state)
{
    struct rig *r = *state;

    prepare(r);
    r->cfg.client_id = TEXT("");
    rig_open(r);
    REFUSES(r, CONNACK_NEW, HAWSER_E_PROTOCOL);
    SENDS(r, "e0 01 82");
    rig_open(r);
    TAKES(r, "20 07 00 00 04 12 00 01 63");
    REPORTS(r, "ERROR protocol 82\nCONNECTED session=0 props=12 00 01 63\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt5_3_1_2_4_a_clean_start_uses_nothing_of_the_last),
        cmocka_unit_test(
            mqtt5_3_1_2_23_with_an_expiry_the_state_outlives_a_close),
        cmocka_unit_test(mqtt5_3_1_3_2_another_identifier_has_another_state),
        cmocka_unit_test(
            mqtt5_3_2_2_2_session_present_after_a_clean_start_closes),
        cmocka_unit_test(mqtt5_3_2_2_3_session_present_lets_the_session_go_on),
        cmocka_unit_test(mqtt5_3_2_2_4_a_session_that_nobody_knows_closes),
        cmocka_unit_test(mqtt5_3_2_2_5_without_session_present_nothing_goes_on),
        cmocka_unit_test(
            mqtt5_3_1_3_7_the_assigned_identifier_is_used_from_then_on),
        cmocka_unit_test(mqtt5_3_2_2_16_no_identifier_is_answered_by_one),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
