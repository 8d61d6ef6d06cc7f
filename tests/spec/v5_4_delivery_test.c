/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapters 4.1 to 4.3: session state, the stream, and the three
 * qualities of service.
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

/* State and transport ------------------------------------------------------- */

static void mqtt5_4_1_0_1_state_is_not_dropped_while_connected(void **state)
{
    struct rig *r = *state;

    rig_start(r, HAWSER_MQTT_5); /* it may end with the connection */
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "b");
    TAKES(r, "34 06 00 01 61 00 07 00");
    ACCEPTS(r, 7);
    (void)rig_out(r);
    (void)rig_log(r);
    for (int i = 0; i < 1000; i++) {
        r->now_ms += 10000;
        assert_int_equal(hawser_tick(&r->c, r->now_ms), 0);
        SENDS(r, "c0 00");
        TAKES(r, "D0 00");
    }
    TAKES(r, "62 02 00 07 50 02 00 02 40 02 00 01");
    SENDS(r, "70 02 00 07 62 02 00 02");
    REPORTS(r, "PUBLISHED 1 00 props=\n");
}

/* All bytes of the output, n at a time. */
static const char *out_in_pieces(struct rig *r, struct hex *h, size_t n)
{
    uint8_t bytes[256];
    size_t len = 0;
    const uint8_t *at;
    size_t left;

    while ((left = hawser_out(&r->c, &at)) > 0) {
        size_t piece = left < n ? left : n;

        memcpy(bytes + len, at, piece);
        len += piece;
        hawser_sent(&r->c, r->now_ms, piece);
    }
    return hex_text(h, bytes, len);
}

/* A stream keeps order and loses nothing; where it cuts means nothing. */
static void mqtt5_4_2_1_a_stream_of_bytes_is_all_that_is_needed(void **state)
{
    static const char expected[] =
        "CONNECTED session=0 props=\n"
        "MESSAGE a/b id=7 qos=1 retain=0 dup=0 props=01 01 payload=68 69\n"
        "MESSAGE a id=8 qos=2 retain=1 dup=0 props= payload=\n";
    struct rig *r = *state;
    struct hex h;
    const struct hawser_view in =
        hex_read(&h, "20 03 00 00 00 32 0C 00 03 61 2F 62 00 07 02 01 01 68 69 "
                     "35 06 00 01 61 00 08 00 D0 00");

    for (size_t cut = 0; cut <= in.len; cut++) {
        struct hex out;

        rig_prepare(r, HAWSER_MQTT_5);
        rig_open(r);
        assert_int_equal(rig_feed_bytes(r, in.at, cut), 0);
        assert_int_equal(rig_feed_bytes(r, in.at + cut, in.len - cut), 0);
        REPORTS(r, expected);
        ACCEPTS(r, 7);
        ACCEPTS(r, 8);
        PUBLISHES(r, 1, "a");
        assert_string_equal(
            out_in_pieces(r, &out, cut + 1),
            "40 02 00 07 50 02 00 08 32 07 00 01 61 00 01 00 78");
    }
}

/* QoS 0 and 1 --------------------------------------------------------------- */

static void mqtt5_4_3_1_1_qos_0_leaves_once_without_dup(void **state)
{
    struct rig *r = *state;

    start(r);
    PUBLISHES(r, 0, "a");
    SENDS(r, "30 05 00 01 61 00 78");
    SENDS(r, "");
    resume(r);
    SENDS(r, "");
}

/* Message 1 is never answered, 2 is; each step of a sender of QoS 1. */
static void send_qos_1(struct rig *r)
{
    start(r);
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 1, "b"); /* 1 is in use */
    SENDS(r, "32 07 00 01 61 00 01 00 78 32 07 00 01 62 00 02 00 78");
    TAKES(r, "40 02 00 02");
    REPORTS(r, "PUBLISHED 2 00 props=\n");
    resume(r);
    SENDS(r, "3a 07 00 01 61 00 01 00 78");
    resume(r);
    SENDS(r, "3a 07 00 01 61 00 01 00 78");
    (void)rig_log(r);
    TAKES(r, "40 02 00 01");
    REPORTS(r, "PUBLISHED 1 00 props=\n");
    resume(r);
    SENDS(r, "");
}

static void mqtt5_4_3_2_1_qos_1_takes_an_unused_identifier(void **state)
{
    struct rig *r = *state;
    uint16_t id;

    send_qos_1(r);
    start(r);
    PUBLISHES(r, 2, "b"); /* 1 stays in use while all others go by */
    for (unsigned i = 2; i <= 65535; i++) {
        char puback[20];

        assert_int_equal(rig_publish(r, 1, "a", "", &id), 0);
        assert_int_equal(id, i);
        (void)rig_out(r);
        (void)snprintf(puback, sizeof puback, "40 02 %04x", i);
        TAKES(r, puback);
        (void)rig_log(r);
    }
    assert_int_equal(rig_publish(r, 1, "a", "", &id), 0);
    assert_int_equal(id, 2);
}

static void mqtt5_4_3_2_2_qos_1_leaves_without_dup_at_first(void **state)
{
    send_qos_1(*state);
}

static void mqtt5_4_3_2_3_qos_1_is_unacknowledged_until_puback(void **state)
{
    send_qos_1(*state);
}

static void mqtt5_4_3_2_4_qos_1_is_acknowledged_once_it_is_accepted(void **s)
{
    struct rig *r = *s;

    start(r);
    TAKES(r, "32 07 00 01 61 00 07 00 78");
    REPORTS(r, "MESSAGE a id=7 qos=1 retain=0 dup=0 props= payload=78\n");
    SENDS(r, ""); /* ownership has not been taken */
    ACCEPTS(r, 7);
    SENDS(r, "40 02 00 07");
}

static void mqtt5_4_3_2_5_behind_puback_the_identifier_is_new(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "32 07 00 01 61 00 07 00 78");
    ACCEPTS(r, 7);
    TAKES(r, "32 07 00 01 61 00 07 00 79");
    ACCEPTS(r, 7);
    TAKES(r, "3A 07 00 01 61 00 07 00 7A"); /* whatever DUP says */
    REPORTS(r, "MESSAGE a id=7 qos=1 retain=0 dup=0 props= payload=78\n"
               "MESSAGE a id=7 qos=1 retain=0 dup=0 props= payload=79\n"
               "MESSAGE a id=7 qos=1 retain=0 dup=1 props= payload=7a\n");
}

/* QoS 2, ours ---------------------------------------------------------------- */

/* Each step of a sender of QoS 2. */
static void send_qos_2(struct rig *r)
{
    start(r);
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "b"); /* 1 is in use; DUP is 0 */
    SENDS(r, "32 07 00 01 61 00 01 00 78 34 07 00 01 62 00 02 00 78");
    TAKES(r, "40 02 00 01");
    (void)rig_log(r);
    resume(r); /* no PUBREC: unacknowledged */
    SENDS(r, "3c 07 00 01 62 00 02 00 78");
    TAKES(r, "50 02 00 02");
    SENDS(r, "62 02 00 02"); /* with the same identifier */
    for (int i = 0; i < 3; i++) {
        resume(r); /* no PUBCOMP: PUBREL again, and never PUBLISH */
        SENDS(r, "62 02 00 02");
    }
    TAKES(r, "50 02 00 02"); /* nor behind another PUBREC */
    SENDS(r, "62 02 00 02");
    (void)rig_log(r);
    TAKES(r, "70 02 00 02");
    REPORTS(r, "PUBLISHED 2 00 props=\n");
    resume(r);
    SENDS(r, "");
}

static void mqtt5_4_3_3_1_qos_2_takes_an_unused_identifier(void **state)
{
    struct rig *r = *state;
    uint16_t id;

    send_qos_2(r);
    start(r); /* also one whose PUBREL is under way is in use */
    PUBLISHES(r, 2, "a");
    TAKES(r, "50 02 00 01");
    for (unsigned i = 2; i <= 65535; i++) {
        char answers[40];

        assert_int_equal(rig_publish(r, 2, "a", "", &id), 0);
        assert_int_equal(id, i);
        (void)rig_out(r);
        (void)snprintf(answers, sizeof answers, "50 03 %04x 83", i);
        TAKES(r, answers);
        (void)rig_log(r);
    }
    assert_int_equal(rig_publish(r, 2, "a", "", &id), 0);
    assert_int_equal(id, 2);
}

static void mqtt5_4_3_3_2_qos_2_leaves_without_dup_at_first(void **state)
{
    send_qos_2(*state);
}

static void mqtt5_4_3_3_3_qos_2_is_unacknowledged_until_pubrec(void **state)
{
    send_qos_2(*state);
}

static void mqtt5_4_3_3_4_pubrel_answers_pubrec_below_0x80(void **state)
{
    struct rig *r = *state;

    send_qos_2(r);
    start(r);
    PUBLISHES(r, 2, "a");
    PUBLISHES(r, 2, "b");
    (void)rig_out(r);
    TAKES(r, "50 03 00 01 10"); /* no subscribers */
    SENDS(r, "62 02 00 01");
    TAKES(r, "50 03 00 02 80");
    SENDS(r, "");
}

static void mqtt5_4_3_3_5_pubrel_is_unacknowledged_until_pubcomp(void **state)
{
    send_qos_2(*state);
}

static void mqtt5_4_3_3_6_publish_is_not_sent_again_behind_pubrel(void **state)
{
    send_qos_2(*state);
}

static void mqtt5_4_3_3_7_what_was_sent_does_not_expire(void **state)
{
    const struct hawser_property expiry = {.id = HAWSER_PROP_MESSAGE_EXPIRY,
                                           .number = 1};
    const struct hawser_message m = {.topic = TEXT("a"),
                                     .qos = 2,
                                     .properties = &expiry,
                                     .property_count = 1};
    struct rig *r = *state;

    start(r);
    assert_int_equal(hawser_publish(&r->c, 0, &m, NULL), 0);
    assert_int_equal(hawser_publish(&r->c, 0, &m, NULL), 0);
    SENDS(r, "34 0b 00 01 61 00 01 05 02 00 00 00 01 "
             "34 0b 00 01 61 00 02 05 02 00 00 00 01");
    TAKES(r, "50 02 00 01");
    SENDS(r, "62 02 00 01");
    (void)rig_log(r);
    r->now_ms += 9000; /* both had a second */
    resume(r);
    SENDS(r, "62 02 00 01 3c 0b 00 01 61 00 02 05 02 00 00 00 01");
    TAKES(r, "70 02 00 01 50 02 00 02");
    SENDS(r, "62 02 00 02");
    REPORTS(r, "CONNECTED session=1 props=\nPUBLISHED 1 00 props=\n");
}

/* QoS 2, the server's -------------------------------------------------------- */

/* Each step of a receiver of QoS 2. */
static void receive_qos_2(struct rig *r)
{
    start(r);
    TAKES(r, "34 07 00 01 61 00 07 00 78");
    REPORTS(r, "MESSAGE a id=7 qos=2 retain=0 dup=0 props= payload=78\n");
    SENDS(r, ""); /* ownership has not been taken */
    ACCEPTS(r, 7);
    SENDS(r, "50 02 00 07");
    TAKES(r, "3C 07 00 01 61 00 07 00 78"); /* answered, not delivered */
    SENDS(r, "50 02 00 07");
    resume(r);
    TAKES(r, "3C 07 00 01 61 00 07 00 78");
    SENDS(r, "50 02 00 07");
    REPORTS(r, "CONNECTED session=1 props=\n");
    TAKES(r, "62 02 00 07");
    SENDS(r, "70 02 00 07");                /* with the same identifier */
    TAKES(r, "34 07 00 01 61 00 07 00 79"); /* a new one */
    REPORTS(r, "MESSAGE a id=7 qos=2 retain=0 dup=0 props= payload=79\n");
}

static void mqtt5_4_3_3_8_qos_2_has_its_pubrec_once_it_is_accepted(void **state)
{
    receive_qos_2(*state);
}

static void mqtt5_4_3_3_9_behind_a_refusal_the_identifier_is_new(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "34 07 00 01 61 00 07 00 78");
    assert_int_equal(accept_with(r, 7, 0x83), 0);
    SENDS(r, "50 03 00 07 83");
    TAKES(r, "34 07 00 01 61 00 07 00 79");
    REPORTS(r, "MESSAGE a id=7 qos=2 retain=0 dup=0 props= payload=78\n"
               "MESSAGE a id=7 qos=2 retain=0 dup=0 props= payload=79\n");
}

static void mqtt5_4_3_3_10_until_pubrel_it_is_answered_not_delivered(void **s)
{
    receive_qos_2(*s);
}

static void mqtt5_4_3_3_11_pubcomp_answers_pubrel(void **state)
{
    receive_qos_2(*state);
}

static void mqtt5_4_3_3_12_behind_pubcomp_the_identifier_is_new(void **state)
{
    receive_qos_2(*state);
}

static void mqtt5_4_3_3_13_an_expired_message_is_answered_to_its_end(void **s)
{
    struct rig *r = *s;

    start(r); /* it may be kept for one second */
    TAKES(r, "34 0B 00 01 61 00 07 05 02 00 00 00 01");
    r->now_ms += 9000;
    ACCEPTS(r, 7);
    SENDS(r, "50 02 00 07");
    r->now_ms += 9000;
    TAKES(r, "62 02 00 07");
    SENDS(r, "70 02 00 07");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt5_4_1_0_1_state_is_not_dropped_while_connected),
        cmocka_unit_test(mqtt5_4_2_1_a_stream_of_bytes_is_all_that_is_needed),
        cmocka_unit_test(mqtt5_4_3_1_1_qos_0_leaves_once_without_dup),
        cmocka_unit_test(mqtt5_4_3_2_1_qos_1_takes_an_unused_identifier),
        cmocka_unit_test(mqtt5_4_3_2_2_qos_1_leaves_without_dup_at_first),
        cmocka_unit_test(mqtt5_4_3_2_3_qos_1_is_unacknowledged_until_puback),
        cmocka_unit_test(
            mqtt5_4_3_2_4_qos_1_is_acknowledged_once_it_is_accepted),
        cmocka_unit_test(mqtt5_4_3_2_5_behind_puback_the_identifier_is_new),
        cmocka_unit_test(mqtt5_4_3_3_1_qos_2_takes_an_unused_identifier),
        cmocka_unit_test(mqtt5_4_3_3_2_qos_2_leaves_without_dup_at_first),
        cmocka_unit_test(mqtt5_4_3_3_3_qos_2_is_unacknowledged_until_pubrec),
        cmocka_unit_test(mqtt5_4_3_3_4_pubrel_answers_pubrec_below_0x80),
        cmocka_unit_test(mqtt5_4_3_3_5_pubrel_is_unacknowledged_until_pubcomp),
        cmocka_unit_test(mqtt5_4_3_3_6_publish_is_not_sent_again_behind_pubrel),
        cmocka_unit_test(mqtt5_4_3_3_7_what_was_sent_does_not_expire),
        cmocka_unit_test(
            mqtt5_4_3_3_8_qos_2_has_its_pubrec_once_it_is_accepted),
        cmocka_unit_test(mqtt5_4_3_3_9_behind_a_refusal_the_identifier_is_new),
        cmocka_unit_test(
            mqtt5_4_3_3_10_until_pubrel_it_is_answered_not_delivered),
        cmocka_unit_test(mqtt5_4_3_3_11_pubcomp_answers_pubrel),
        cmocka_unit_test(mqtt5_4_3_3_12_behind_pubcomp_the_identifier_is_new),
        cmocka_unit_test(
            mqtt5_4_3_3_13_an_expired_message_is_answered_to_its_end),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
