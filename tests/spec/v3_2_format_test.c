/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 3.1.1, chapters 1 and 2: strings, flags and packet identifiers.
 */
#include "spec.h"

static void start(struct rig *r)
{
    rig_start(r, HAWSER_MQTT_3_1_1);
}

/* Strings ------------------------------------------------------------------- */

static void
mqtt3_1_5_3_1_ill_formed_strings_neither_leave_nor_are_taken(void **state)
{
    static const char *const at_the_edge[] = {
        "C2 80",       /* U+0080, the first of two bytes */
        "ED 9F BF",    /* U+D7FF, before the surrogates */
        "EE 80 80",    /* U+E000, behind them */
        "F4 8F BF BF", /* U+10FFFF, the last */
    };
    struct rig *r = *state;
    struct hex h;

    for (size_t i = 0; spec_ill_formed[i] != NULL; i++) {
        spec_refuses_string(r, HAWSER_MQTT_3_1_1, spec_ill_formed[i]);
        SENDS(r, "");
    }
    start(r);
    for (size_t i = 0; i < 4; i++) {
        struct hawser_message m = {.topic = hex_read(&h, at_the_edge[i])};

        assert_int_equal(hawser_publish(&r->c, 0, &m, NULL), 0);
        assert_int_equal(spec_receive_topic(r, at_the_edge[i]), 0);
    }
}

static void mqtt3_1_5_3_2_u_0000_neither_leaves_nor_is_taken(void **state)
{
    struct rig *r = *state;

    spec_refuses_string(r, HAWSER_MQTT_3_1_1, "00");
    spec_refuses_string(r, HAWSER_MQTT_3_1_1, "61 00 62");
    SENDS(r, "");
}

static void mqtt3_1_5_3_3_u_feff_is_handed_on(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "30 0A 00 08 EF BB BF 61 2F EF BB BF");
    REPORTS(r, "MESSAGE \xEF\xBB\xBF"
               "a/\xEF\xBB\xBF id=0 qos=0 retain=0 dup=0 props= payload=\n");
    assert_false(hawser_topic_matches(TEXT("a"), TEXT("\xEF\xBB\xBF"
                                                      "a")));
}

/* Flags --------------------------------------------------------------------- */

static void mqtt3_2_2_2_1_each_packet_leaves_with_its_flags(void **state)
{
    struct rig *r = *state;

    rig_prepare(r, HAWSER_MQTT_3_1_1);
    CONNECTS(r, "10 0d 00 04 4d 51 54 54 04 02 00 0a 00 01 63");
    TAKES(r, "20 02 00 00");
    (void)rig_subscribe(r, "a", 0);
    SENDS(r, "82 06 00 01 00 01 61 00");
    TAKES(r, "90 03 00 01 00");
    (void)rig_unsubscribe(r, "a");
    SENDS(r, "a2 05 00 02 00 01 61");
    TAKES(r, "32 05 00 01 61 00 07 34 05 00 01 61 00 08");
    ACCEPTS(r, 7);
    ACCEPTS(r, 8);
    SENDS(r, "40 02 00 07 50 02 00 08");
    TAKES(r, "62 02 00 08");
    SENDS(r, "70 02 00 08");
    PUBLISHES(r, 2, "a");
    (void)rig_out(r);
    TAKES(r, "50 02 00 03");
    SENDS(r, "62 02 00 03");
    assert_int_equal(hawser_tick(&r->c, r->now_ms + 10000), 0);
    SENDS(r, "c0 00");
    assert_int_equal(hawser_disconnect(&r->c, r->now_ms, 0), 0);
    SENDS(r, "e0 00");
}

/* Packets that a client takes, each with the only flags it may have. */
static const struct {
    unsigned type;
    unsigned flags;
    const char *rest;
} taken[] = {
    {4, 0, "02 00 01"}, {5, 0, "02 00 02"},    {6, 2, "02 00 07"},
    {7, 0, "02 00 02"}, {9, 0, "03 00 03 00"}, {11, 0, "02 00 04"},
    {13, 0, "00"},
};

/* Something for each of them to answer. */
static void wait_for(struct rig *r, unsigned type)
{
    start(r);
    PUBLISHES(r, 1, "a");           /* 1 */
    PUBLISHES(r, 2, "a");           /* 2 */
    (void)rig_subscribe(r, "a", 0); /* 3 */
    if (type == 11) {
        TAKES(r, "90 03 00 03 00");
        (void)rig_unsubscribe(r, "a"); /* 4 */
    }
    (void)rig_out(r);
}

static void
mqtt3_2_2_2_2_flags_that_are_not_in_the_table_close_the_connection(void **state)
{
    struct rig *r = *state;
    char packet[40];

    for (size_t i = 0; i < 7 * 16; i++) {
        unsigned flags = i % 16;
        bool is_right = flags == taken[i / 16].flags;

        wait_for(r, taken[i / 16].type);
        (void)snprintf(packet, sizeof packet, "%x%x %s", taken[i / 16].type,
                       flags, taken[i / 16].rest);
        assert_int_equal(rig_feed(r, packet),
                         is_right ? 0 : HAWSER_E_MALFORMED);
        assert_int_equal(hawser_is_connected(&r->c), is_right);
    }
    for (unsigned flags = 1; flags < 16; flags++) {
        rig_prepare(r, HAWSER_MQTT_3_1_1);
        rig_open(r);
        (void)snprintf(packet, sizeof packet, "2%x 02 00 00", flags);
        REFUSES(r, packet, HAWSER_E_MALFORMED);
    }
}

/* Packet identifiers -------------------------------------------------------- */

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
                       : expected % 3 == 1 ? "90 03 %04x 00"
                                           : "b0 02 %04x",
                       expected);
        (void)rig_out(r);
        TAKES(r, answer);
        (void)rig_log(r);
    }
}

static void mqtt3_2_3_1_1_requests_carry_an_identifier_that_is_not_0(void **s)
{
    struct rig *r = *s;

    use_all_ids_but_1(r);
    PUBLISHES(r, 1, "a"); /* not 0 behind 65535 */
    SENDS(r, "32 06 00 01 61 00 02 78");
    PUBLISHES(r, 2, "a");
    SENDS(r, "34 06 00 01 61 00 03 78");
    (void)rig_subscribe(r, "a", 0);
    SENDS(r, "82 06 00 04 00 01 61 00");
    TAKES(r, "90 03 00 04 00");
    (void)rig_unsubscribe(r, "a");
    SENDS(r, "a2 05 00 05 00 01 61");
}

static void mqtt3_2_3_1_2_a_new_identifier_is_not_in_use(void **state)
{
    struct rig *r = *state;
    uint16_t id;

    use_all_ids_but_1(r);
    assert_int_equal(rig_publish(r, 2, "a", "", &id), 0);
    assert_int_equal(id, 2); /* 1 is in use */
    assert_int_equal(rig_subscribe(r, "a", 0), 3);
}

static void
mqtt3_2_3_1_3_an_identifier_is_free_only_after_its_answer(void **state)
{
    struct rig *r = *state;
    uint16_t id;

    use_all_ids_but_1(r);
    r->cfg.clean_start = false;
    rig_reopen(r);
    TAKES(r, "20 02 01 00");
    SENDS(r, "3a 06 00 01 61 00 01 78"); /* the same again */
    TAKES(r, "40 02 00 01");
    assert_int_equal(rig_publish(r, 1, "a", "", &id), 0);
    assert_int_equal(id, 1); /* free by now */
}

static void
mqtt3_2_3_1_4_a_publish_with_identifier_0_closes_the_connection(void **state)
{
    struct rig *r = *state;

    start(r);
    REFUSES(r, "32 05 00 01 61 00 00", HAWSER_E_MALFORMED);
    start(r);
    REFUSES(r, "34 05 00 01 61 00 00", HAWSER_E_MALFORMED);
    REPORTS(r, "ERROR malformed 81\n");
}

static void mqtt3_2_3_1_5_a_publish_of_qos_0_has_no_identifier(void **state)
{
    struct rig *r = *state;

    start(r);
    PUBLISHES(r, 0, "a");
    SENDS(r, "30 04 00 01 61 78");
    TAKES(r, "30 05 00 01 61 00 07");
    REPORTS(r, "MESSAGE a id=0 qos=0 retain=0 dup=0 props= payload=00 07\n");
}

static void
mqtt3_2_3_1_6_acknowledgements_carry_the_identifier_of_the_publish(void **s)
{
    struct rig *r = *s;

    start(r);
    TAKES(r, "32 05 00 01 61 12 34 34 05 00 01 61 56 78");
    ACCEPTS(r, 0x1234);
    ACCEPTS(r, 0x5678);
    SENDS(r, "40 02 12 34 50 02 56 78");
    TAKES(r, "62 02 56 78");
    SENDS(r, "70 02 56 78");
    (void)rig_log(r);
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "a");
    SENDS(r, "32 06 00 01 61 00 01 78 34 06 00 01 61 00 02 78");
    TAKES(r, "50 02 00 02");
    SENDS(r, "62 02 00 02");
    TAKES(r, "70 02 00 02 40 02 00 01");
    REPORTS(r, "PUBLISHED 2 00 props=\nPUBLISHED 1 00 props=\n");
}

static void
mqtt3_2_3_1_7_answers_with_an_unknown_identifier_are_no_success(void **state)
{
    static const char *const answers[] = {"90 03 00 02 00", "90 03 00 00 00",
                                          "B0 02 00 02", "B0 02 00 01"};
    struct rig *r = *state;

    for (size_t i = 0; i < 4; i++) {
        start(r);
        (void)rig_subscribe(r, "a", 0); /* 1 */
        REFUSES(r, answers[i], HAWSER_E_PROTOCOL);
        REPORTS(r, "ERROR protocol 82\n");
    }
    start(r);
    (void)rig_unsubscribe(r, "a"); /* 1 */
    REFUSES(r, "B0 02 00 02", HAWSER_E_PROTOCOL);
    start(r);
    REFUSES(r, "90 03 00 01 00", HAWSER_E_PROTOCOL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            mqtt3_1_5_3_1_ill_formed_strings_neither_leave_nor_are_taken),
        cmocka_unit_test(mqtt3_1_5_3_2_u_0000_neither_leaves_nor_is_taken),
        cmocka_unit_test(mqtt3_1_5_3_3_u_feff_is_handed_on),
        cmocka_unit_test(mqtt3_2_2_2_1_each_packet_leaves_with_its_flags),
        cmocka_unit_test(
            mqtt3_2_2_2_2_flags_that_are_not_in_the_table_close_the_connection),
        cmocka_unit_test(
            mqtt3_2_3_1_1_requests_carry_an_identifier_that_is_not_0),
        cmocka_unit_test(mqtt3_2_3_1_2_a_new_identifier_is_not_in_use),
        cmocka_unit_test(
            mqtt3_2_3_1_3_an_identifier_is_free_only_after_its_answer),
        cmocka_unit_test(
            mqtt3_2_3_1_4_a_publish_with_identifier_0_closes_the_connection),
        cmocka_unit_test(mqtt3_2_3_1_5_a_publish_of_qos_0_has_no_identifier),
        cmocka_unit_test(
            mqtt3_2_3_1_6_acknowledgements_carry_the_identifier_of_the_publish),
        cmocka_unit_test(
            mqtt3_2_3_1_7_answers_with_an_unknown_identifier_are_no_success),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
