/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapters 3.1.4 and 3.2: what may come first, and the codes of
 * CONNACK.
 */
#include "spec.h"

#define CONNACK_NEW "20 03 00 00 00"

/* What may come first ----------------------------------------------------------- */

static void mqtt5_3_2_0_1_only_auth_may_come_before_connack(void **state)
{
    static const struct hawser_property method = {
        .id = HAWSER_PROP_AUTH_METHOD, .value = {(const uint8_t *)"m", 1}};
    static const char *const others[] = {
        "00 00",
        "10 0d 00 04",
        "30 04 00 01 61 00",
        "40 02 00 01",
        "50 02 00 01",
        "62 02 00 01",
        "70 02 00 01",
        "82 07 00 01 00",
        "90 04 00 01 00 00",
        "A2 06 00 01 00",
        "B0 04 00 01 00 00",
        "C0 00",
        "D0 00",
        "E0 00",
    };
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        rig_prepare(r, HAWSER_MQTT_5);
        r->cfg.sends_early = true; /* so that some have a request */
        rig_open(r);
        (void)rig_subscribe(r, "a", 0);
        PUBLISHES(r, 1, "a");
        (void)rig_out(r);
        REFUSES(r, others[i], HAWSER_E_PROTOCOL);
        REPORTS(r, "ERROR protocol 82\n");
        SENDS(r, "e0 01 82");
    }
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.properties = &method;
    r->cfg.property_count = 1;
    rig_open(r);
    TAKES(r, "f0 06 18 04 15 00 01 6d");
    REPORTS(r, "AUTH 18 props=15 00 01 6d\n");
}

static void mqtt5_3_2_0_2_a_second_connack_is_a_fault(void **state)
{
    struct rig *r = *state;

    rig_start(r, HAWSER_MQTT_5);
    REFUSES(r, CONNACK_NEW, HAWSER_E_PROTOCOL);
    REPORTS(r, "ERROR protocol 82\n");
    SENDS(r, "e0 01 82");
}

static void mqtt5_3_2_2_1_other_flags_of_connack_are_0(void **state)
{
    struct rig *r = *state;
    char connack[20];

    for (unsigned flags = 2; flags < 256; flags++) {
        rig_prepare(r, HAWSER_MQTT_5);
        rig_open(r);
        (void)snprintf(connack, sizeof connack, "20 03 %02x 00 00", flags);
        REFUSES(r, connack, HAWSER_E_MALFORMED);
        REPORTS(r, "ERROR malformed 81\n");
        SENDS(r, "e0 01 81");
    }
}

/* Refusals ---------------------------------------------------------------------- */

/* Table 3-1. */
static const uint8_t refusals[] = {0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86,
                                   0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95,
                                   0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F};

/* What comes of each code: success, a refusal that is told, or a fault. */
static void connect_with_all_codes(struct rig *r)
{
    char text[60];

    for (unsigned code = 0; code < 256; code++) {
        bool is_refusal = memchr(refusals, (int)code, sizeof refusals) != NULL;

        rig_prepare(r, HAWSER_MQTT_5);
        rig_open(r);
        (void)snprintf(text, sizeof text, "20 03 00 %02x 00", code);
        if (code == 0) {
            TAKES(r, text);
            REPORTS(r, "CONNECTED session=0 props=\n");
            assert_true(hawser_is_connected(&r->c));
        } else if (is_refusal) {
            REFUSES(r, text, HAWSER_E_REFUSED);
            (void)snprintf(text, sizeof text,
                           "REFUSED %02x props=\nERROR refused 00\n", code);
            REPORTS(r, text);
            SENDS(r, "");
        } else {
            REFUSES(r, text, HAWSER_E_PROTOCOL);
            REPORTS(r, "ERROR protocol 82\n");
            SENDS(r, "e0 01 82");
        }
    }
}

static void mqtt5_3_1_4_5_only_code_0_is_success(void **state)
{
    connect_with_all_codes(*state);
}

static void mqtt5_3_2_2_8_the_code_of_connack_is_one_of_the_table(void **state)
{
    connect_with_all_codes(*state);
}

static void
mqtt5_3_1_4_6_what_was_sent_before_a_refusal_is_sent_as_new(void **s)
{
    struct rig *r = *s;

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.sends_early = true;
    rig_open(r);
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "b");
    (void)rig_subscribe(r, "a", 0);
    SENDS(r, "32 07 00 01 61 00 01 00 78 34 07 00 01 62 00 02 00 78 "
             "82 07 00 03 00 00 01 61 00");
    REFUSES(r, "20 03 00 88 00", HAWSER_E_REFUSED);
    (void)rig_log(r);
    rig_reopen(r);
    TAKES(r, CONNACK_NEW);
    SENDS(r, "32 07 00 01 61 00 01 00 78 34 07 00 01 62 00 02 00 78");
    REPORTS(r, "CONNECTED session=0 props=\n");
    (void)rig_subscribe(r, "a", 0); /* may be asked for again */
}

static void mqtt5_3_2_2_6_a_refusal_with_a_session_breaks_the_rule(void **state)
{
    struct rig *r = *state;
    char connack[20];

    for (size_t i = 0; i < sizeof refusals; i++) {
        rig_prepare(r, HAWSER_MQTT_5);
        r->cfg.clean_start = false;
        rig_go_online(r);
        rig_reopen(r);
        (void)snprintf(connack, sizeof connack, "20 03 01 %02x 00",
                       refusals[i]);
        REFUSES(r, connack, HAWSER_E_PROTOCOL);
        REPORTS(r, "ERROR protocol 82\n");
        SENDS(r, "e0 01 82");
    }
}

static void mqtt5_3_2_2_7_a_refusal_ends_the_connection(void **state)
{
    struct rig *r = *state;
    char connack[20];
    size_t used;

    for (size_t i = 0; i < sizeof refusals; i++) {
        rig_prepare(r, HAWSER_MQTT_5);
        rig_open(r);
        (void)snprintf(connack, sizeof connack, "20 03 00 %02x 00",
                       refusals[i]);
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

/* This code, with a reason string, is told as it is. */
static void expect_report(struct rig *r, unsigned code)
{
    char text[60];

    rig_prepare(r, HAWSER_MQTT_5);
    rig_open(r);
    (void)snprintf(text, sizeof text, "20 07 00 %02x 04 1f 00 01 77", code);
    REFUSES(r, text, HAWSER_E_REFUSED);
    (void)snprintf(text, sizeof text,
                   "REFUSED %02x props=1f 00 01 77\nERROR refused 00\n", code);
    REPORTS(r, text);
}

static void mqtt5_3_1_3_8_refusal_85_of_the_identifier_is_reported(void **state)
{
    struct rig *r = *state;

    expect_report(r, 0x85);
    rig_prepare(r, HAWSER_MQTT_5); /* also of none, and none is assigned */
    r->cfg.client_id = TEXT("");
    rig_open(r);
    REFUSES(r, "20 03 00 85 00", HAWSER_E_REFUSED);
    REPORTS(r, "REFUSED 85 props=\nERROR refused 00\n");
}

static void mqtt5_3_2_2_12_refusal_9b_of_the_wills_qos_is_reported(void **state)
{
    expect_report(*state, 0x9B);
}

static void mqtt5_3_2_2_13_refusal_9a_of_the_wills_retain_is_reported(void **s)
{
    expect_report(*s, 0x9A);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt5_3_2_0_1_only_auth_may_come_before_connack),
        cmocka_unit_test(mqtt5_3_2_0_2_a_second_connack_is_a_fault),
        cmocka_unit_test(mqtt5_3_2_2_1_other_flags_of_connack_are_0),
        cmocka_unit_test(mqtt5_3_1_4_5_only_code_0_is_success),
        cmocka_unit_test(mqtt5_3_2_2_8_the_code_of_connack_is_one_of_the_table),
        cmocka_unit_test(
            mqtt5_3_1_4_6_what_was_sent_before_a_refusal_is_sent_as_new),
        cmocka_unit_test(
            mqtt5_3_2_2_6_a_refusal_with_a_session_breaks_the_rule),
        cmocka_unit_test(mqtt5_3_2_2_7_a_refusal_ends_the_connection),
        cmocka_unit_test(
            mqtt5_3_1_3_8_refusal_85_of_the_identifier_is_reported),
        cmocka_unit_test(
            mqtt5_3_2_2_12_refusal_9b_of_the_wills_qos_is_reported),
        cmocka_unit_test(
            mqtt5_3_2_2_13_refusal_9a_of_the_wills_retain_is_reported),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
