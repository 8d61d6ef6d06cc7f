/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 3.1.1, chapters 3.1 and 3.2: what CONNECT and CONNACK make of a session,
 * and the keep-alive that they agree on.
 */
#include "spec.h"

#define CONNECT_CLEAN "10 0d 00 04 4d 51 54 54 04 02 00 0a 00 01 63"
#define CONNECT_KEEP  "10 0d 00 04 4d 51 54 54 04 00 00 0a 00 01 63"
#define CONNACK_NEW   "20 02 00 00"
#define CONNACK_KEPT  "20 02 01 00"

/* A session with something open of each kind: QoS 1, of ours: 1; QoS 2 with
 * PUBREC: 2; QoS 2 without: 3; QoS 2 of the server, accepted: 7. */
static void start_busy_session(struct rig *r)
{
    rig_prepare(r, HAWSER_MQTT_3_1_1);
    r->cfg.clean_start = false;
    rig_go_online(r);
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "b");
    PUBLISHES(r, 2, "c");
    TAKES(r, "34 05 00 01 61 00 07 50 02 00 02");
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
    start_busy_session(r);
    reopen(r, CONNECT_KEEP);
    TAKES(r, CONNACK_KEPT);
    SENDS(r, "62 02 00 02 3a 06 00 01 61 00 01 78 3c 06 00 01 63 00 03 78");
    TAKES(r, "3c 05 00 01 61 00 07"); /* was delivered: PUBREC again */
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
    SENDS(r, "32 06 00 01 61 00 01 78"); /* DUP is 0 */
    TAKES(r, "34 05 00 01 61 00 07");    /* a new message by now */
    REPORTS(r, "MESSAGE a id=7 qos=2 retain=0 dup=0 props= payload=\n");
}

static void mqtt3_3_1_2_4_without_clean_session_the_state_is_kept(void **state)
{
    goes_on(*state);
}

static void mqtt3_3_1_2_6_a_clean_session_uses_nothing_of_the_last(void **state)
{
    struct rig *r = *state;

    start_busy_session(r);
    r->cfg.clean_start = true;
    reopen(r, CONNECT_CLEAN);
    begins_anew(r);
    TAKES(r, "40 02 00 01");
    (void)rig_log(r);
    /* Nor does any later session. */
    r->cfg.clean_start = false;
    reopen(r, CONNECT_KEEP);
    TAKES(r, CONNACK_KEPT);
    SENDS(r, "");
    REPORTS(r, "CONNECTED session=1 props=\n");
}

static void mqtt3_3_1_2_23_a_silent_client_sends_pingreq_in_time(void **state)
{
    struct rig *r = *state;

    rig_start(r, HAWSER_MQTT_3_1_1); /* at 1000 ms, keep-alive 10 s */
    assert_int_equal(hawser_deadline_ms(&r->c), 11000);
    assert_int_equal(hawser_tick(&r->c, 10999), 0);
    SENDS(r, "");
    assert_int_equal(hawser_tick(&r->c, 11000), 0);
    r->now_ms = 11000;
    SENDS(r, "c0 00");
    r->now_ms = 16000;
    TAKES(r, "D0 00");
    PUBLISHES(r, 0, "a"); /* puts it off */
    SENDS(r, "30 04 00 01 61 78");
    assert_int_equal(hawser_tick(&r->c, 25999), 0);
    SENDS(r, "");
    assert_int_equal(hawser_tick(&r->c, 26000), 0);
    SENDS(r, "c0 00");
    rig_prepare(r, HAWSER_MQTT_3_1_1);
    r->cfg.keep_alive_s = 0; /* off */
    rig_go_online(r);
    assert_true(hawser_deadline_ms(&r->c) == HAWSER_NEVER);
}

static void mqtt3_3_1_3_2_another_identifier_has_another_state(void **state)
{
    struct rig *r = *state;

    start_busy_session(r);
    r->cfg.client_id = TEXT("d");
    reopen(r, "10 0d 00 04 4d 51 54 54 04 00 00 0a 00 01 64");
    TAKES(r, CONNACK_KEPT); /* of "d" */
    REPORTS(r, "CONNECTED session=1 props=\n"
               "PUBLISHED 2 92 props=\nPUBLISHED 3 92 props=\n");
    SENDS(r, "32 06 00 01 61 00 01 78");
    TAKES(r, "3c 05 00 01 61 00 07");
    REPORTS(r, "MESSAGE a id=7 qos=2 retain=0 dup=1 props= payload=\n");
}

/* Refusals ------------------------------------------------------------------ */

static void
mqtt3_3_1_3_8_refusal_2_of_no_identifier_is_reported_as_such(void **state)
{
    struct rig *r = *state;

    rig_prepare(r, HAWSER_MQTT_3_1_1);
    r->cfg.client_id = TEXT("");
    r->cfg.clean_start = false; /* is not even asked for */
    assert_int_equal(hawser_init(&r->c, &r->cfg), HAWSER_E_ARG);
    r->cfg.clean_start = true;
    rig_open(r);
    REFUSES(r, "20 02 00 02", HAWSER_E_REFUSED);
    REPORTS(r, "REFUSED 85 props=\nERROR refused 00\n");
}

static void mqtt3_3_1_3_9_refusal_2_is_reported_as_identifier_rejected(void **s)
{
    struct rig *r = *s;

    rig_prepare(r, HAWSER_MQTT_3_1_1);
    rig_open(r);
    REFUSES(r, "20 02 00 02", HAWSER_E_REFUSED);
    REPORTS(r, "REFUSED 85 props=\nERROR refused 00\n");
}

static void mqtt3_3_1_4_4_only_return_code_0_is_success(void **state)
{
    struct rig *r = *state;
    char connack[20];

    for (unsigned code = 0; code < 256; code++) {
        rig_prepare(r, HAWSER_MQTT_3_1_1);
        rig_open(r);
        (void)snprintf(connack, sizeof connack, "20 02 00 %02x", code);
        assert_int_equal(rig_feed(r, connack), code == 0   ? 0
                                               : code <= 5 ? HAWSER_E_REFUSED
                                                           : HAWSER_E_PROTOCOL);
        assert_int_equal(hawser_is_connected(&r->c), code == 0);
        assert_int_equal(strstr(rig_log(r), "CONNECTED") != NULL, code == 0);
    }
}

static void
mqtt3_3_1_4_5_what_was_sent_before_a_refusal_is_sent_as_new(void **state)
{
    struct rig *r = *state;

    rig_prepare(r, HAWSER_MQTT_3_1_1);
    r->cfg.sends_early = true;
    r->cfg.clean_start = false;
    rig_open(r);
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "b");
    SENDS(r, "32 06 00 01 61 00 01 78 34 06 00 01 62 00 02 78");
    REFUSES(r, "20 02 00 03", HAWSER_E_REFUSED);
    reopen(r, CONNECT_KEEP);
    (void)rig_log(r);
    TAKES(r, CONNACK_KEPT); /* of a time before */
    SENDS(r, "32 06 00 01 61 00 01 78 34 06 00 01 62 00 02 78");
    REPORTS(r, "CONNECTED session=1 props=\n");
}

/* CONNACK ------------------------------------------------------------------- */

static void mqtt3_3_2_0_1_what_is_not_connack_closes_if_it_is_first(void **s)
{
    static const char *const others[] = {
        "00 00",          "10 0d 00 04", "30 03 00 01 61", "40 02 00 01",
        "50 02 00 01",    "62 02 00 01", "70 02 00 01",    "82 06 00 01",
        "90 03 00 01 00", "A2 05 00 01", "B0 02 00 01",    "C0 00",
        "D0 00",          "E0 00",       "F0 00",
    };
    struct rig *r = *s;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        rig_prepare(r, HAWSER_MQTT_3_1_1);
        r->cfg.sends_early = true; /* so that some have a request */
        rig_open(r);
        (void)rig_subscribe(r, "a", 0);
        (void)rig_out(r);
        REFUSES(r, others[i], HAWSER_E_PROTOCOL);
        REPORTS(r, "ERROR protocol 82\n");
        SENDS(r, "");
    }
}

static void
mqtt3_3_2_2_1_session_present_after_a_clean_session_closes(void **state)
{
    struct rig *r = *state;

    rig_prepare(r, HAWSER_MQTT_3_1_1);
    rig_open(r);
    REFUSES(r, CONNACK_KEPT, HAWSER_E_PROTOCOL);
    REPORTS(r, "ERROR protocol 82\n");
}

static void mqtt3_3_2_2_2_session_present_lets_the_session_go_on(void **state)
{
    goes_on(*state);
}

static void
mqtt3_3_2_2_3_no_session_present_is_told_and_nothing_goes_on(void **state)
{
    struct rig *r = *state;

    start_busy_session(r);
    reopen(r, CONNECT_KEEP);
    begins_anew(r);
}

static void mqtt3_3_2_2_4_a_refusal_with_a_session_breaks_the_rule(void **state)
{
    struct rig *r = *state;
    char connack[20];

    for (unsigned code = 1; code <= 5; code++) {
        rig_prepare(r, HAWSER_MQTT_3_1_1);
        r->cfg.clean_start = false;
        rig_open(r);
        (void)snprintf(connack, sizeof connack, "20 02 01 %02x", code);
        REFUSES(r, connack, HAWSER_E_PROTOCOL);
    }
}

static void mqtt3_3_2_2_5_a_refusal_ends_the_connection(void **state)
{
    struct rig *r = *state;
    char connack[20];
    size_t used;

    for (unsigned code = 1; code <= 5; code++) {
        rig_prepare(r, HAWSER_MQTT_3_1_1);
        rig_open(r);
        (void)snprintf(connack, sizeof connack, "20 02 00 %02x", code);
        REFUSES(r, connack, HAWSER_E_REFUSED);
        assert_int_equal(
            hawser_feed(&r->c, r->now_ms, (const uint8_t *)"\xD0", 1, &used),
            HAWSER_E_REFUSED);
        assert_int_equal(used, 0);
        assert_int_equal(rig_publish(r, 0, "a", "", NULL), HAWSER_E_STATE);
        assert_true(hawser_deadline_ms(&r->c) == HAWSER_NEVER);
        SENDS(r, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt3_3_1_2_4_without_clean_session_the_state_is_kept),
        cmocka_unit_test(
            mqtt3_3_1_2_6_a_clean_session_uses_nothing_of_the_last),
        cmocka_unit_test(mqtt3_3_1_2_23_a_silent_client_sends_pingreq_in_time),
        cmocka_unit_test(mqtt3_3_1_3_2_another_identifier_has_another_state),
        cmocka_unit_test(
            mqtt3_3_1_3_8_refusal_2_of_no_identifier_is_reported_as_such),
        cmocka_unit_test(
            mqtt3_3_1_3_9_refusal_2_is_reported_as_identifier_rejected),
        cmocka_unit_test(mqtt3_3_1_4_4_only_return_code_0_is_success),
        cmocka_unit_test(
            mqtt3_3_1_4_5_what_was_sent_before_a_refusal_is_sent_as_new),
        cmocka_unit_test(
            mqtt3_3_2_0_1_what_is_not_connack_closes_if_it_is_first),
        cmocka_unit_test(
            mqtt3_3_2_2_1_session_present_after_a_clean_session_closes),
        cmocka_unit_test(mqtt3_3_2_2_2_session_present_lets_the_session_go_on),
        cmocka_unit_test(
            mqtt3_3_2_2_3_no_session_present_is_told_and_nothing_goes_on),
        cmocka_unit_test(
            mqtt3_3_2_2_4_a_refusal_with_a_session_breaks_the_rule),
        cmocka_unit_test(mqtt3_3_2_2_5_a_refusal_ends_the_connection),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
