/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapters 3.12 to 3.14 and 4.13: PINGREQ, DISCONNECT, and how faults
 * end a connection.
 */
#include "spec.h"

static void start(struct rig *r)
{
    rig_start(r, HAWSER_MQTT_5);
}

static int disconnect_with(struct rig *r, const struct hawser_property *p)
{
    const struct hawser_properties list = {p, 1};

    return hawser_disconnect_with(&r->c, r->now_ms, 0, &list);
}

/* The connection is over: nothing more leaves, nothing more is taken up. */
static void expect_end(struct rig *r)
{
    static const uint8_t more[] = {0x30, 4, 0, 1, 'a', 0};
    uint16_t id;
    size_t used;
    const struct hawser_filter f = {.topic_filter = TEXT("a")};

    assert_false(hawser_is_connected(&r->c));
    assert_int_equal(rig_publish(r, 0, "a", "", &id), HAWSER_E_STATE);
    assert_int_equal(rig_publish(r, 1, "a", "", &id), HAWSER_E_STATE);
    assert_int_equal(hawser_subscribe(&r->c, 0, &f, 1, &id), HAWSER_E_STATE);
    assert_int_equal(hawser_unsubscribe(&r->c, 0, &f.topic_filter, 1, &id),
                     HAWSER_E_STATE);
    assert_int_equal(hawser_accept(&r->c, 0, 7, 0), HAWSER_E_STATE);
    assert_int_equal(hawser_disconnect(&r->c, 0, 0), HAWSER_E_STATE);
    assert_true(hawser_feed(&r->c, 0, more, sizeof more, &used) <= 0);
    REPORTS(r, "");
    assert_true(hawser_tick(&r->c, r->now_ms + 3600000) <= 0);
    assert_true(hawser_deadline_ms(&r->c) == HAWSER_NEVER);
    SENDS(r, "");
}

/* PINGREQ -------------------------------------------------------------------- */

/* Online at 1000 ms with keep-alive 10 s; a PINGREQ has left at 11000. */
static void ping(struct rig *r)
{
    start(r);
    r->now_ms = 11000;
    assert_int_equal(hawser_tick(&r->c, r->now_ms), 0);
    SENDS(r, "c0 00");
}

static void mqtt5_3_12_4_1_a_missing_pingresp_ends_the_connection(void **state)
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

static void mqtt5_3_12_u1_pingresp_with_a_body_is_malformed(void **state)
{
    struct rig *r = *state;

    ping(r);
    REFUSES(r, "D0 01 00", HAWSER_E_MALFORMED);
    SENDS(r, "e0 01 81");
}

/* DISCONNECT ----------------------------------------------------------------- */

static void mqtt5_3_14_0_1_before_connack_there_is_no_disconnect(void **state)
{
    struct rig *r = *state;

    rig_prepare(r, HAWSER_MQTT_5);
    rig_open(r);
    REFUSES(r, "E0 01 8B", HAWSER_E_PROTOCOL);
    REPORTS(r, "ERROR protocol 82\n");
    SENDS(r, "e0 01 82");
    start(r);
    TAKES(r, "E0 01 8B");
    REPORTS(r, "DISCONNECTED 8b props=\n");
}

static void mqtt5_3_14_1_1_disconnect_has_the_flags_0000(void **state)
{
    struct rig *r = *state;
    char packet[20];

    start(r);
    assert_int_equal(hawser_disconnect(&r->c, 0, 4), 0);
    SENDS(r, "e0 01 04");
    for (unsigned flags = 1; flags < 16; flags++) {
        start(r);
        (void)snprintf(packet, sizeof packet, "e%x 01 8B", flags);
        REFUSES(r, packet, HAWSER_E_MALFORMED);
        SENDS(r, "e0 01 81");
    }
}

static bool is_in(unsigned code, const uint8_t *list)
{
    for (size_t i = 0; list[i] != 0xFF; i++) {
        if (list[i] == code) {
            return true;
        }
    }
    return false;
}

/* Table 3-10 by who may send it. A server's 0x00 is what DISCONNECT without a
 * code means, and 2.4 lists its 0x8C. */
static void mqtt5_3_14_2_1_its_reason_is_one_of_the_table(void **state)
{
    static const uint8_t ours[] = {0x00, 0x04, 0x80, 0x81, 0x82,
                                   0x83, 0x90, 0x93, 0x94, 0x95,
                                   0x96, 0x97, 0x98, 0x99, 0xFF};
    static const uint8_t theirs[] = {
        0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D,
        0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
        0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2, 0xFF};
    struct rig *r = *state;
    char text[40];

    for (unsigned code = 0; code < 256; code++) {
        start(r);
        assert_int_equal(hawser_disconnect(&r->c, 0, (uint8_t)code),
                         is_in(code, ours) ? 0 : HAWSER_E_ARG);
        start(r);
        (void)snprintf(text, sizeof text, "e0 01 %02x", code);
        if (is_in(code, theirs)) {
            TAKES(r, text);
            (void)snprintf(text, sizeof text, "DISCONNECTED %02x props=\n",
                           code);
            REPORTS(r, text);
        } else {
            REFUSES(r, text, HAWSER_E_PROTOCOL);
            SENDS(r, "e0 01 82");
        }
    }
}

static void mqtt5_3_14_2_2_a_server_gives_no_session_expiry(void **state)
{
    struct rig *r = *state;

    start(r);
    REFUSES(r, "E0 07 00 05 11 00 00 00 01", HAWSER_E_MALFORMED);
    REPORTS(r, "ERROR malformed 81\n");
    SENDS(r, "e0 01 81");
}

/* With this property DISCONNECT has 4 + len bytes: none leaves above the limit
 * of the server, and none is taken above ours. */
static void expect_limit(struct rig *r, const struct hawser_property *p,
                         const char *encoded, unsigned len)
{
    char packet[60];

    for (unsigned limit = 4 + len - 1; limit <= 4 + len; limit++) {
        bool fits = limit == 4 + len;

        rig_prepare(r, HAWSER_MQTT_5);
        rig_open(r);
        (void)snprintf(packet, sizeof packet, "20 08 00 00 05 27 00 00 00 %02x",
                       limit);
        TAKES(r, packet);
        assert_int_equal(disconnect_with(r, p), fits ? 0 : HAWSER_E_LIMIT);
        (void)snprintf(packet, sizeof packet, "e0 %02x 00 %02x %s", 2 + len,
                       len, encoded);
        SENDS(r, fits ? packet : "");
        rig_prepare(r, HAWSER_MQTT_5);
        r->cfg.maximum_packet_size = limit;
        rig_go_online(r);
        if (fits) {
            TAKES(r, packet);
        } else {
            REFUSES(r, packet, HAWSER_E_PROTOCOL);
            SENDS(r, "e0 01 95");
        }
    }
}

static void mqtt5_3_14_2_3_a_reason_string_stays_below_the_limit(void **state)
{
    const struct hawser_property why = {.id = HAWSER_PROP_REASON_STRING,
                                        .value = TEXT("why")};

    expect_limit(*state, &why, "1f 00 03 77 68 79", 6);
}

static void mqtt5_3_14_2_4_user_properties_stay_below_the_limit(void **state)
{
    const struct hawser_property user = {
        .id = HAWSER_PROP_USER, .name = TEXT("k"), .value = TEXT("v")};

    expect_limit(*state, &user, "26 00 01 6b 00 01 76", 7);
}

static void mqtt5_3_14_4_1_nothing_is_sent_after_disconnect(void **state)
{
    struct rig *r = *state;

    start(r);
    PUBLISHES(r, 2, "a");
    TAKES(r, "32 06 00 01 61 00 07 00");
    (void)rig_out(r);
    (void)rig_log(r);
    assert_int_equal(hawser_disconnect(&r->c, r->now_ms, 0), 0);
    SENDS(r, "e0 00");
    expect_end(r);
}

static void mqtt5_3_14_2_1_u1_a_short_disconnect_has_its_defaults(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "E0 00");
    REPORTS(r, "DISCONNECTED 00 props=\n");
    start(r);
    TAKES(r, "E0 01 8B");
    REPORTS(r, "DISCONNECTED 8b props=\n");
    start(r);
    TAKES(r, "E0 02 8B 00");
    REPORTS(r, "DISCONNECTED 8b props=\n");
}

static void
mqtt5_3_14_2_2_2_u1_a_session_without_expiry_is_given_none_later(void **state)
{
    struct hawser_property expiry = {.id = HAWSER_PROP_SESSION_EXPIRY,
                                     .number = 60};
    struct rig *r = *state;

    start(r); /* CONNECT had none: 0 */
    assert_int_equal(disconnect_with(r, &expiry), HAWSER_E_ARG);
    assert_true(hawser_is_connected(&r->c));
    SENDS(r, "");
    expiry.number = 0;
    assert_int_equal(disconnect_with(r, &expiry), 0);
    SENDS(r, "e0 07 00 05 11 00 00 00 00");
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.session_expiry_s = 1;
    rig_go_online(r);
    expiry.number = 60;
    assert_int_equal(disconnect_with(r, &expiry), 0);
    SENDS(r, "e0 07 00 05 11 00 00 00 3c");
}

/* The core only tells; it is the application that knows which hosts it trusts,
 * and that opens the next connection. */
static void
mqtt5_3_14_2_2_5_u1_another_server_is_told_not_followed(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "E0 06 9C 04 1C 00 01 68");
    REPORTS(r, "DISCONNECTED 9c props=1c 00 01 68\n");
    expect_end(r);
    start(r);
    TAKES(r, "E0 06 9D 04 1C 00 01 68");
    REPORTS(r, "DISCONNECTED 9d props=1c 00 01 68\n");
    expect_end(r);
}

/* Faults --------------------------------------------------------------------- */

static void
mqtt5_4_13_2_1_a_reason_from_0x80_on_closes_the_connection(void **state)
{
    struct rig *r = *state;
    size_t used;

    rig_prepare(r, HAWSER_MQTT_5); /* received in CONNACK */
    rig_open(r);
    REFUSES(r, "20 03 00 97 00", HAWSER_E_REFUSED);
    (void)rig_log(r);
    expect_end(r);
    start(r); /* received in DISCONNECT */
    TAKES(r, "E0 01 97");
    (void)rig_log(r);
    expect_end(r);
    start(r); /* sent by the application */
    assert_int_equal(hawser_disconnect(&r->c, 0, 0x97), 0);
    SENDS(r, "e0 01 97");
    expect_end(r);
    start(r); /* by the client; over before it has left */
    assert_int_equal(hawser_feed(&r->c, 0, (const uint8_t *)"\xFF", 1, &used),
                     HAWSER_E_MALFORMED);
    assert_int_equal(rig_publish(r, 0, "a", "", NULL), HAWSER_E_STATE);
    assert_false(hawser_is_connected(&r->c));
    SENDS(r, "e0 01 81");
    expect_end(r);
}

static void mqtt5_4_13_1_u1_a_fault_is_named_by_disconnect(void **state)
{
    static const struct {
        const char *packet;
        int error;
        const char *out;
    } rows[] = {
        {"30 FF FF FF FF 01", HAWSER_E_MALFORMED, "e0 01 81"},
        {"20 03 00 00 00", HAWSER_E_PROTOCOL, "e0 01 82"},
        {"32 06 00 01 61 00 07 00 32 06 00 01 61 00 08 00", HAWSER_E_PROTOCOL,
         "e0 01 93"},
        {"30 07 00 01 61 03 23 00 01", HAWSER_E_PROTOCOL, "e0 01 94"},
        {"30 11 00 01 61 00", HAWSER_E_PROTOCOL, "e0 01 95"},
    };
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig_prepare(r, HAWSER_MQTT_5);
        r->cfg.receive_maximum = 1;
        r->cfg.maximum_packet_size = 18;
        rig_go_online(r);
        REFUSES(r, rows[i].packet, rows[i].error);
        SENDS(r, rows[i].out);
        (void)rig_log(r);
        expect_end(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt5_3_12_4_1_a_missing_pingresp_ends_the_connection),
        cmocka_unit_test(mqtt5_3_12_u1_pingresp_with_a_body_is_malformed),
        cmocka_unit_test(mqtt5_3_14_0_1_before_connack_there_is_no_disconnect),
        cmocka_unit_test(mqtt5_3_14_1_1_disconnect_has_the_flags_0000),
        cmocka_unit_test(mqtt5_3_14_2_1_its_reason_is_one_of_the_table),
        cmocka_unit_test(mqtt5_3_14_2_2_a_server_gives_no_session_expiry),
        cmocka_unit_test(mqtt5_3_14_2_3_a_reason_string_stays_below_the_limit),
        cmocka_unit_test(mqtt5_3_14_2_4_user_properties_stay_below_the_limit),
        cmocka_unit_test(mqtt5_3_14_4_1_nothing_is_sent_after_disconnect),
        cmocka_unit_test(mqtt5_3_14_2_1_u1_a_short_disconnect_has_its_defaults),
        cmocka_unit_test(
            mqtt5_3_14_2_2_2_u1_a_session_without_expiry_is_given_none_later),
        cmocka_unit_test(
            mqtt5_3_14_2_2_5_u1_another_server_is_told_not_followed),
        cmocka_unit_test(
            mqtt5_4_13_2_1_a_reason_from_0x80_on_closes_the_connection),
        cmocka_unit_test(mqtt5_4_13_1_u1_a_fault_is_named_by_disconnect),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
