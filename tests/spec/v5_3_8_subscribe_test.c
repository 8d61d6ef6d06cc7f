/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapters 3.8 and 3.9: SUBSCRIBE and SUBACK.
 */
#include "spec.h"

static void start(struct rig *r)
{
    rig_start(r, HAWSER_MQTT_5);
}

static int subscribe(struct rig *r, const struct hawser_filter *f)
{
    uint16_t id;

    return hawser_subscribe(&r->c, r->now_ms, f, 1, &id);
}

/* SUBSCRIBE 1 for three filters has left. maximum: of a packet that comes;
 * 0: none. */
static void subscribe_three(struct rig *r, uint32_t maximum)
{
    const struct hawser_filter f[] = {{.topic_filter = TEXT("a"), .qos = 0},
                                      {.topic_filter = TEXT("b/+"), .qos = 1},
                                      {.topic_filter = TEXT("c/#"), .qos = 2}};
    uint16_t id;

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.maximum_packet_size = maximum;
    rig_go_online(r);
    assert_int_equal(hawser_subscribe(&r->c, r->now_ms, f, 3, &id), 0);
    assert_int_equal(id, 1);
    SENDS(r, "82 13 00 01 00 00 01 61 00 00 03 62 2f 2b 01 00 03 63 2f 23 02");
}

/* SUBSCRIBE ------------------------------------------------------------------- */

static void mqtt5_3_8_1_1_subscribe_has_the_flags_0010(void **state)
{
    struct rig *r = *state;

    start(r);
    (void)rig_subscribe(r, "a", 0);
    SENDS(r, "82 07 00 01 00 00 01 61 00");
}

static void mqtt5_3_8_3_1_filters_to_subscribe_are_utf_8(void **state)
{
    struct hawser_filter f[] = {{.topic_filter = TEXT("a")}, {.qos = 0}};
    struct rig *r = *state;
    struct hex h;
    uint16_t id;

    start(r);
    for (size_t i = 0; spec_ill_formed[i] != NULL; i++) {
        f[1].topic_filter = hex_read(&h, spec_ill_formed[i]);
        assert_int_equal(hawser_subscribe(&r->c, 0, f, 2, &id), HAWSER_E_ARG);
        SENDS(r, "");
    }
    (void)rig_subscribe(r, "\xC3\xA9/+", 0);
    SENDS(r, "82 0a 00 01 00 00 04 c3 a9 2f 2b 00");
}

static void mqtt5_3_8_3_2_subscribe_has_at_least_one_filter(void **state)
{
    const struct hawser_filter f = {.topic_filter = TEXT("a")};
    struct rig *r = *state;
    uint16_t id;

    start(r);
    assert_int_equal(hawser_subscribe(&r->c, 0, &f, 0, &id), HAWSER_E_ARG);
    SENDS(r, "");
    assert_int_equal(subscribe(r, &f), 0);
    SENDS(r, "82 07 00 01 00 00 01 61 00");
}

/* That they do not come is the server's part; the option asks for it. */
static void mqtt5_3_8_3_3_no_local_is_asked_for(void **state)
{
    struct hawser_filter f = {.topic_filter = TEXT("a"), .no_local = true};
    struct rig *r = *state;

    start(r);
    assert_int_equal(subscribe(r, &f), 0);
    SENDS(r, "82 07 00 01 00 00 01 61 04");
    TAKES(r, "90 04 00 01 00 00");
    (void)rig_log(r);
    PUBLISHES(r, 1, "a");
    (void)rig_out(r);
    TAKES(r, "40 02 00 02");
    REPORTS(r, "PUBLISHED 2 00 props=\n"); /* and no MESSAGE */
    f.no_local = false;
    assert_int_equal(subscribe(r, &f), 0);
    SENDS(r, "82 07 00 03 00 00 01 61 00");
}

static void mqtt5_3_8_3_4_no_local_is_refused_for_shared_ones(void **state)
{
    struct hawser_filter f = {.topic_filter = TEXT("$share/g/a"),
                              .no_local = true};
    struct rig *r = *state;

    start(r);
    assert_int_equal(subscribe(r, &f), HAWSER_E_ARG);
    SENDS(r, "");
    f.no_local = false;
    assert_int_equal(subscribe(r, &f), 0);
    SENDS(r, "82 10 00 01 00 00 0a 24 73 68 61 72 65 2f 67 2f 61 00");
}

/* Every combination of options: QoS in bits 0 and 1, no local 2, retain as
 * published 3, retain handling 4 and 5. What is not defined is refused. */
static void subscribe_with_all_options(struct rig *r)
{
    char expected[60];

    for (unsigned bits = 0; bits < 64; bits++) {
        const struct hawser_filter f = {.topic_filter = TEXT("a"),
                                        .qos = (uint8_t)(bits & 3u),
                                        .no_local = (bits & 4u) != 0,
                                        .retain_as_published = (bits & 8u) != 0,
                                        .retain_handling =
                                            (uint8_t)(bits >> 4)};
        bool is_defined = f.qos < 3 && f.retain_handling < 3;

        start(r);
        assert_int_equal(subscribe(r, &f), is_defined ? 0 : HAWSER_E_ARG);
        (void)snprintf(expected, sizeof expected,
                       "82 07 00 01 00 00 01 61 %02x", bits);
        SENDS(r, is_defined ? expected : "");
    }
}

static void mqtt5_3_8_3_5_reserved_option_bits_are_0(void **state)
{
    subscribe_with_all_options(*state);
}

static void mqtt5_3_8_3_1_u1_qos_3_and_handling_3_never_leave(void **state)
{
    struct hawser_filter f = {.topic_filter = TEXT("a")};
    struct rig *r = *state;

    subscribe_with_all_options(r);
    start(r);
    for (unsigned value = 3; value < 256; value++) {
        f.qos = (uint8_t)value;
        f.retain_handling = 0;
        assert_int_equal(subscribe(r, &f), HAWSER_E_ARG);
        f.qos = 0;
        f.retain_handling = (uint8_t)value;
        assert_int_equal(subscribe(r, &f), HAWSER_E_ARG);
    }
    SENDS(r, "");
}

static int subscribe_with_ids(struct rig *r, const struct hawser_property *p,
                              size_t n)
{
    const struct hawser_filter f = {.topic_filter = TEXT("a")};
    const struct hawser_subscription s = {&f, 1, {p, n}};
    uint16_t id;

    start(r);
    return hawser_subscribe_with(&r->c, 0, &s, &id);
}

static void mqtt5_3_8_2_1_2_u1_an_identifier_has_28_bits_and_is_one(void **s)
{
    struct hawser_property p[] = {
        {.id = HAWSER_PROP_SUBSCRIPTION_ID, .number = 1},
        {.id = HAWSER_PROP_SUBSCRIPTION_ID, .number = 2}};
    struct rig *r = *s;

    assert_int_equal(subscribe_with_ids(r, p, 1), 0);
    SENDS(r, "82 09 00 01 02 0b 01 00 01 61 00");
    assert_int_equal(subscribe_with_ids(r, p, 2), HAWSER_E_ARG);
    SENDS(r, "");
    p[0].number = 268435455;
    assert_int_equal(subscribe_with_ids(r, p, 1), 0);
    SENDS(r, "82 0c 00 01 05 0b ff ff ff 7f 00 01 61 00");
    p[0].number = 268435456;
    assert_int_equal(subscribe_with_ids(r, p, 1), HAWSER_E_ARG);
    p[0].number = 0;
    assert_int_equal(subscribe_with_ids(r, p, 1), HAWSER_E_ARG);
    SENDS(r, "");
}

/* SUBACK ---------------------------------------------------------------------- */

static void mqtt5_3_8_4_1_a_missing_suback_ends_in_a_time_limit(void **state)
{
    struct rig *r = *state;

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.ack_timeout_ms = 500;
    rig_go_online(r);
    (void)rig_subscribe(r, "a", 0);
    (void)rig_out(r);
    TAKES(r, "90 04 00 01 00 00"); /* in time */
    REPORTS(r, "SUBSCRIBED 1 codes=00 props=\n");
    (void)rig_subscribe(r, "a", 0);
    (void)rig_out(r);
    assert_int_equal(hawser_deadline_ms(&r->c), 1500);
    assert_int_equal(hawser_tick(&r->c, 1499), 0);
    assert_int_equal(hawser_tick(&r->c, 1500), HAWSER_E_KEEPALIVE);
    assert_false(hawser_is_connected(&r->c));
}

static void mqtt5_3_8_4_2_suback_has_the_identifier_of_subscribe(void **state)
{
    struct rig *r = *state;

    subscribe_three(r, 0);
    TAKES(r, "90 06 00 01 00 00 01 02");
    REPORTS(r, "SUBSCRIBED 1 codes=00 01 02 props=\n");
    subscribe_three(r, 0);
    REFUSES(r, "90 06 00 02 00 00 01 02", HAWSER_E_PROTOCOL);
    SENDS(r, "e0 01 82");
    start(r);
    REFUSES(r, "90 04 00 01 00 00", HAWSER_E_PROTOCOL);
}

static void mqtt5_3_8_4_6_suback_has_one_code_for_each_filter(void **state)
{
    struct rig *r = *state;

    subscribe_three(r, 0);
    REFUSES(r, "90 05 00 01 00 00 01", HAWSER_E_PROTOCOL);
    SENDS(r, "e0 01 82");
    subscribe_three(r, 0);
    REFUSES(r, "90 07 00 01 00 00 01 02 00", HAWSER_E_PROTOCOL);
    SENDS(r, "e0 01 82");
    subscribe_three(r, 0);
    REFUSES(r, "90 03 00 01 00", HAWSER_E_MALFORMED);
    SENDS(r, "e0 01 81");
}

static void mqtt5_3_8_4_7_granted_and_refused_are_told_by_filter(void **state)
{
    struct rig *r = *state;

    subscribe_three(r, 0); /* 0, 1, 2 */
    TAKES(r, "90 06 00 01 00 00 00 01");
    REPORTS(r, "SUBSCRIBED 1 codes=00 00 01 props=\n");
    subscribe_three(r, 0);
    TAKES(r, "90 06 00 01 00 87 01 97");
    REPORTS(r, "SUBSCRIBED 1 codes=87 01 97 props=\n");
}

/* This answer of len bytes is taken if that is our maximum, and none above. */
static void expect_limit(struct rig *r, const char *answer, unsigned len)
{
    subscribe_three(r, len);
    TAKES(r, answer);
    subscribe_three(r, len - 1);
    REFUSES(r, answer, HAWSER_E_PROTOCOL);
    SENDS(r, "e0 01 95");
}

static void mqtt5_3_9_2_1_a_reason_string_in_suback_keeps_the_limit(void **s)
{
    expect_limit(*s, "90 0A 00 01 04 1F 00 01 77 00 01 02", 12);
}

static void mqtt5_3_9_2_2_user_properties_in_suback_keep_the_limit(void **s)
{
    expect_limit(*s, "90 0D 00 01 07 26 00 01 6B 00 01 76 00 01 02", 15);
}

static void mqtt5_3_9_3_1_codes_are_told_in_the_order_of_the_filters(void **s)
{
    struct rig *r = *s;

    subscribe_three(r, 0);
    TAKES(r, "90 06 00 01 00 80 01 00");
    REPORTS(r, "SUBSCRIBED 1 codes=80 01 00 props=\n");
}

static void mqtt5_3_9_3_2_a_suback_code_is_one_of_the_table(void **state)
{
    static const uint8_t table[] = {0x00, 0x01, 0x02, 0x80, 0x83, 0x87,
                                    0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2};
    struct rig *r = *state;
    char answer[30];

    for (unsigned code = 0; code < 256; code++) {
        bool is_listed = memchr(table, (int)code, sizeof table) != NULL;

        start(r);
        (void)rig_subscribe(r, "a", 2);
        (void)rig_out(r);
        (void)snprintf(answer, sizeof answer, "90 04 00 01 00 %02x", code);
        assert_int_equal(rig_feed(r, answer),
                         is_listed ? 0 : HAWSER_E_PROTOCOL);
        SENDS(r, is_listed ? "" : "e0 01 82");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt5_3_8_1_1_subscribe_has_the_flags_0010),
        cmocka_unit_test(mqtt5_3_8_3_1_filters_to_subscribe_are_utf_8),
        cmocka_unit_test(mqtt5_3_8_3_2_subscribe_has_at_least_one_filter),
        cmocka_unit_test(mqtt5_3_8_3_3_no_local_is_asked_for),
        cmocka_unit_test(mqtt5_3_8_3_4_no_local_is_refused_for_shared_ones),
        cmocka_unit_test(mqtt5_3_8_3_5_reserved_option_bits_are_0),
        cmocka_unit_test(mqtt5_3_8_3_1_u1_qos_3_and_handling_3_never_leave),
        cmocka_unit_test(
            mqtt5_3_8_2_1_2_u1_an_identifier_has_28_bits_and_is_one),
        cmocka_unit_test(mqtt5_3_8_4_1_a_missing_suback_ends_in_a_time_limit),
        cmocka_unit_test(mqtt5_3_8_4_2_suback_has_the_identifier_of_subscribe),
        cmocka_unit_test(mqtt5_3_8_4_6_suback_has_one_code_for_each_filter),
        cmocka_unit_test(mqtt5_3_8_4_7_granted_and_refused_are_told_by_filter),
        cmocka_unit_test(
            mqtt5_3_9_2_1_a_reason_string_in_suback_keeps_the_limit),
        cmocka_unit_test(
            mqtt5_3_9_2_2_user_properties_in_suback_keep_the_limit),
        cmocka_unit_test(
            mqtt5_3_9_3_1_codes_are_told_in_the_order_of_the_filters),
        cmocka_unit_test(mqtt5_3_9_3_2_a_suback_code_is_one_of_the_table),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
