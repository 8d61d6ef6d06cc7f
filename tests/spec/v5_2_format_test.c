/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapter 2: flags, packet identifiers, empty lists of
 * properties.
 */
#include "spec.h"

static void start(struct rig *r)
{
    rig_start(r, HAWSER_MQTT_5);
}

/* Flags ------------------------------------------------------------------------ */

static void expect_flags_sent(struct rig *r)
{
    rig_prepare(r, HAWSER_MQTT_5);
    CONNECTS(r, "10 11 00 04 4d 51 54 54 05 02 00 0a 03 21 00 20 00 01 63");
    TAKES(r, "20 03 00 00 00");
    (void)rig_subscribe(r, "a", 0);
    SENDS(r, "82 07 00 01 00 00 01 61 00");
    TAKES(r, "90 04 00 01 00 00");
    (void)rig_unsubscribe(r, "a");
    SENDS(r, "a2 06 00 02 00 00 01 61");
    TAKES(r, "32 06 00 01 61 00 07 00 34 06 00 01 61 00 08 00");
    ACCEPTS(r, 7);
    ACCEPTS(r, 8);
    SENDS(r, "40 02 00 07 50 02 00 08");
    TAKES(r, "62 02 00 08");
    SENDS(r, "70 02 00 08");
    PUBLISHES(r, 2, "a");
    SENDS(r, "34 07 00 01 61 00 03 00 78");
    TAKES(r, "50 02 00 03");
    SENDS(r, "62 02 00 03");
    assert_int_equal(hawser_tick(&r->c, r->now_ms + 10000), 0);
    SENDS(r, "c0 00");
    assert_int_equal(hawser_disconnect(&r->c, r->now_ms, 0), 0);
    SENDS(r, "e0 00");
}

static void mqtt5_2_1_3_1_reserved_flags_have_their_values(void **state)
{
    struct rig *r = *state;
    char packet[40];

    expect_flags_sent(r); /* of AUTH: [MQTT-3.15.1-1] */
    for (size_t i = 0; i < spec_packet_count; i++) {
        struct spec_packet p = spec_packets[i];

        if (p.first == 0x30) {
            continue; /* all of its flags mean something */
        }
        spec_await(r, &p);
        assert_int_equal(spec_feed(r, &p, ""), 0);
        for (unsigned flags = 0; flags < 16; flags++) {
            if (flags == (spec_packets[i].first & 15u)) {
                continue;
            }
            p.first = (spec_packets[i].first & 0xF0u) | flags;
            spec_await(r, &spec_packets[i]);
            assert_int_equal(spec_feed(r, &p, ""), HAWSER_E_MALFORMED);
            assert_false(hawser_is_connected(&r->c));
            SENDS(r, "e0 01 81");
        }
    }
    for (unsigned flags = 1; flags < 16; flags++) {
        start(r);
        (void)snprintf(packet, sizeof packet, "d%x 00", flags);
        FAULTS(r, packet, HAWSER_E_MALFORMED);
    }
}

/* Packet identifiers ---------------------------------------------------------- */

static void mqtt5_2_2_1_2_a_publish_of_qos_0_has_no_identifier(void **state)
{
    struct rig *r = *state;
    uint16_t id = 9;

    start(r);
    assert_int_equal(rig_publish(r, 0, "a", "x", &id), 0);
    assert_int_equal(id, 0);
    SENDS(r, "30 05 00 01 61 00 78");
    /* What could be one is the properties' length, and a payload. */
    TAKES(r, "30 06 00 01 61 00 07 08");
    REPORTS(r, "MESSAGE a id=0 qos=0 retain=0 dup=0 props= payload=07 08\n");
}

/* Message 1 stays unanswered while all other identifiers are used once, by
 * PUBLISH, SUBSCRIBE and UNSUBSCRIBE in turn. */
static void use_all_ids_but_1(struct rig *r)
{
    struct hawser_filter f = {.topic_filter = TEXT("a")};
    uint16_t id;
    char answer[20];

    start(r);
    PUBLISHES(r, 1, "a");
    for (unsigned expected = 2; expected <= 65535; expected++) {
        if (expected % 3 == 0) {
            assert_int_equal(rig_publish(r, 1, "a", "", &id), 0);
        } else if (expected % 3 == 1) {
            assert_int_equal(hawser_subscribe(&r->c, 0, &f, 1, &id), 0);
        } else {
            assert_int_equal(
                hawser_unsubscribe(&r->c, 0, &f.topic_filter, 1, &id), 0);
        }
        assert_int_equal(id, expected);
        (void)snprintf(answer, sizeof answer,
                       expected % 3 == 0   ? "40 02 %04x"
                       : expected % 3 == 1 ? "90 04 %04x 00 00"
                                           : "b0 04 %04x 00 00",
                       expected);
        (void)rig_out(r);
        TAKES(r, answer);
        (void)rig_log(r);
    }
}

static void
mqtt5_2_2_1_3_requests_take_an_identifier_that_is_free_and_not_0(void **state)
{
    struct rig *r = *state;

    use_all_ids_but_1(r);
    PUBLISHES(r, 1, "a"); /* neither 0 nor 1 behind 65535 */
    SENDS(r, "32 07 00 01 61 00 02 00 78");
    PUBLISHES(r, 2, "a");
    SENDS(r, "34 07 00 01 61 00 03 00 78");
    (void)rig_subscribe(r, "a", 0);
    SENDS(r, "82 07 00 04 00 00 01 61 00");
    TAKES(r, "90 04 00 04 00 00");
    (void)rig_unsubscribe(r, "a");
    SENDS(r, "a2 06 00 05 00 00 01 61");
    TAKES(r, "50 02 00 03"); /* 3 is in use until PUBCOMP */
    use_all_ids_but_1(r);
    TAKES(r, "40 02 00 01"); /* 1 is free by now */
    PUBLISHES(r, 1, "a");
    SENDS(r, "32 07 00 01 61 00 01 00 78");
}

static void
mqtt5_2_2_1_4_an_identifier_of_the_server_is_free_and_not_0(void **state)
{
    struct rig *r = *state;

    start(r);
    FAULTS(r, "32 06 00 01 61 00 00 00", HAWSER_E_MALFORMED);
    start(r);
    FAULTS(r, "34 06 00 01 61 00 00 00", HAWSER_E_MALFORMED);
    for (int first = 1; first <= 2; first++) { /* 7, not acknowledged */
        for (int second = 1; second <= 2; second++) {
            start(r);
            TAKES(r, first == 1 ? "32 06 00 01 61 00 07 00"
                                : "34 06 00 01 61 00 07 00");
            (void)rig_log(r);
            FAULTS(r,
                   second == 1 ? "32 06 00 01 62 00 07 00"
                               : "34 06 00 01 62 00 07 00",
                   HAWSER_E_PROTOCOL);
        }
    }
    /* Ours are others: 1 is in use in both directions. */
    start(r);
    PUBLISHES(r, 1, "a");
    TAKES(r, "32 06 00 01 61 00 01 00");
    ACCEPTS(r, 1);
    TAKES(r, "32 06 00 01 61 00 01 00"); /* free by its PUBACK */
    assert_true(hawser_is_connected(&r->c));
}

static void
mqtt5_2_2_1_5_acknowledgements_carry_the_identifier_of_the_publish(void **s)
{
    struct rig *r = *s;

    start(r);
    TAKES(r, "32 06 00 01 61 12 34 00 34 06 00 01 61 56 78 00");
    ACCEPTS(r, 0x1234);
    ACCEPTS(r, 0x5678);
    SENDS(r, "40 02 12 34 50 02 56 78");
    TAKES(r, "62 02 56 78");
    SENDS(r, "70 02 56 78");
    (void)rig_log(r);
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "a");
    SENDS(r, "32 07 00 01 61 00 01 00 78 34 07 00 01 61 00 02 00 78");
    TAKES(r, "50 02 00 02");
    SENDS(r, "62 02 00 02");
    TAKES(r, "70 02 00 02 40 02 00 01");
    REPORTS(r, "PUBLISHED 2 00 props=\nPUBLISHED 1 00 props=\n");
    PUBLISHES(r, 1, "a"); /* 3; an answer to another is none to it */
    TAKES(r, "40 02 00 04");
    REPORTS(r, "");
}

static void
mqtt5_2_2_1_6_answers_carry_the_identifier_of_the_request(void **state)
{
    static const char *const others[] = {
        "90 04 00 02 00 00", "90 04 00 00 00 00", "B0 04 00 01 00 00"};
    struct rig *r = *state;

    for (size_t i = 0; i < 3; i++) {
        start(r);
        (void)rig_subscribe(r, "a", 0); /* 1 */
        (void)rig_out(r);
        FAULTS(r, others[i], HAWSER_E_PROTOCOL);
    }
    start(r);
    (void)rig_unsubscribe(r, "a"); /* 1 */
    (void)rig_out(r);
    FAULTS(r, "B0 04 00 02 00 00", HAWSER_E_PROTOCOL);
    start(r);
    (void)rig_subscribe(r, "a", 0);
    TAKES(r, "90 04 00 01 00 00");
    (void)rig_unsubscribe(r, "a");
    TAKES(r, "B0 04 00 02 00 00");
    REPORTS(r,
            "SUBSCRIBED 1 codes=00 props=\nUNSUBSCRIBED 2 codes=00 props=\n");
}

/* Properties ------------------------------------------------------------------ */

static void mqtt5_2_2_2_1_no_properties_are_a_length_of_0(void **state)
{
    static const char *const without[] = {"30 03 00 01 61",
                                          "32 05 00 01 61 00 07",
                                          "90 03 00 01 00", "90 02 00 01"};
    const struct hawser_message will = {.topic = TEXT("w")};
    struct rig *r = *state;

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.will = &will;
    CONNECTS(r, "10 17 00 04 4d 51 54 54 05 06 00 0a 03 21 00 20 00 01 63 "
                "00 00 01 77 00 00");
    TAKES(r, "20 03 00 00 00");
    PUBLISHES(r, 1, "a");
    SENDS(r, "32 07 00 01 61 00 01 00 78");
    (void)rig_subscribe(r, "a", 0);
    SENDS(r, "82 07 00 02 00 00 01 61 00");
    TAKES(r, "90 04 00 02 00 00");
    (void)rig_unsubscribe(r, "a");
    SENDS(r, "a2 06 00 03 00 00 01 61");
    for (size_t i = 0; i < 4; i++) {
        start(r);
        (void)rig_subscribe(r, "a", 0);
        (void)rig_out(r);
        FAULTS(r, without[i], HAWSER_E_MALFORMED);
    }
    start(r);
    (void)rig_unsubscribe(r, "a");
    (void)rig_out(r);
    FAULTS(r, "B0 02 00 01", HAWSER_E_MALFORMED);
    rig_prepare(r, HAWSER_MQTT_5);
    rig_open(r);
    FAULTS(r, "20 02 00 00", HAWSER_E_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt5_2_1_3_1_reserved_flags_have_their_values),
        cmocka_unit_test(mqtt5_2_2_1_2_a_publish_of_qos_0_has_no_identifier),
        cmocka_unit_test(
            mqtt5_2_2_1_3_requests_take_an_identifier_that_is_free_and_not_0),
        cmocka_unit_test(
            mqtt5_2_2_1_4_an_identifier_of_the_server_is_free_and_not_0),
        cmocka_unit_test(
            mqtt5_2_2_1_5_acknowledgements_carry_the_identifier_of_the_publish),
        cmocka_unit_test(
            mqtt5_2_2_1_6_answers_carry_the_identifier_of_the_request),
        cmocka_unit_test(mqtt5_2_2_2_1_no_properties_are_a_length_of_0),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
