/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapters 3.8 to 3.11: SUBSCRIBE, UNSUBSCRIBE and their answers.
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

/* UNSUBSCRIBE 1 for two filters has left. */
static void unsubscribe_two(struct rig *r, uint32_t maximum)
{
    const struct hawser_view f[] = {TEXT("a"), TEXT("b/+")};
    uint16_t id;

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.maximum_packet_size = maximum;
    rig_go_online(r);
    assert_int_equal(hawser_unsubscribe(&r->c, r->now_ms, f, 2, &id), 0);
    assert_int_equal(id, 1);
    SENDS(r, "a2 0b 00 01 00 00 01 61 00 03 62 2f 2b");
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

/* The answer, of 3 + extra bytes of body, is taken within this limit; else the
 * connection is ended by DISCONNECT 0x95. */
static void expect_limit(struct rig *r,
                         void (*request)(struct rig *r, uint32_t maximum),
                         const char *answer, unsigned len)
{
    request(r, len);
    TAKES(r, answer);
    request(r, len - 1);
    REFUSES(r, answer, HAWSER_E_PROTOCOL);
    SENDS(r, "e0 01 95");
}

/* A request without an answer ends in a time limit, whichever it is. */
static void expect_time_limit(struct rig *r, bool unsubscribes)
{
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.ack_timeout_ms = 500;
    rig_go_online(r);
    for (int i = 0; i < 2; i++) {
        if (unsubscribes) {
            (void)rig_unsubscribe(r, "a");
        } else {
            (void)rig_subscribe(r, "a", 0);
        }
        (void)rig_out(r);
        if (i == 0) {
            TAKES(r, unsubscribes ? "B0 04 00 01 00 00" : "90 04 00 01 00 00");
            REPORTS(r, unsubscribes ? "UNSUBSCRIBED 1 codes=00 props=\n"
                                    : "SUBSCRIBED 1 codes=00 props=\n");
        }
    }
    assert_int_equal(hawser_deadline_ms(&r->c), 1500);
    assert_int_equal(hawser_tick(&r->c, 1499), 0);
    assert_int_equal(hawser_tick(&r->c, 1500), HAWSER_E_KEEPALIVE);
    assert_false(hawser_is_connected(&r->c));
}

static void mqtt5_3_8_4_1_a_missing_suback_ends_in_a_time_limit(void **state)
{
    expect_time_limit(*state, false);
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

static void mqtt5_3_9_2_1_a_reason_string_in_suback_keeps_the_limit(void **s)
{
    expect_limit(*s, subscribe_three, "90 0A 00 01 04 1F 00 01 77 00 01 02",
                 12);
}

static void mqtt5_3_9_2_2_user_properties_in_suback_keep_the_limit(void **s)
{
    expect_limit(*s, subscribe_three,
                 "90 0D 00 01 07 26 00 01 6B 00 01 76 00 01 02", 15);
}

static void mqtt5_3_9_3_1_codes_are_told_in_the_order_of_the_filters(void **s)
{
    struct rig *r = *s;

    subscribe_three(r, 0);
    TAKES(r, "90 06 00 01 00 80 01 00");
    REPORTS(r, "SUBSCRIBED 1 codes=80 01 00 props=\n");
}

/* A code that is in a table is taken as the answer for one filter. */
static void expect_codes(struct rig *r, bool unsubscribes, const uint8_t *table,
                         size_t n)
{
    char answer[30];

    for (unsigned code = 0; code < 256; code++) {
        bool is_listed = memchr(table, (int)code, n) != NULL;

        start(r);
        if (unsubscribes) {
            (void)rig_unsubscribe(r, "a");
        } else {
            (void)rig_subscribe(r, "a", 2);
        }
        (void)rig_out(r);
        (void)snprintf(answer, sizeof answer, "%s 04 00 01 00 %02x",
                       unsubscribes ? "B0" : "90", code);
        assert_int_equal(rig_feed(r, answer),
                         is_listed ? 0 : HAWSER_E_PROTOCOL);
        SENDS(r, is_listed ? "" : "e0 01 82");
    }
}

static void mqtt5_3_9_3_2_a_suback_code_is_one_of_the_table(void **state)
{
    static const uint8_t table[] = {0x00, 0x01, 0x02, 0x80, 0x83, 0x87,
                                    0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2};

    expect_codes(*state, false, table, sizeof table);
}

/* UNSUBSCRIBE ------------------------------------------------------------------ */

static void mqtt5_3_10_1_1_unsubscribe_has_the_flags_0010(void **state)
{
    struct rig *r = *state;

    start(r);
    (void)rig_unsubscribe(r, "a");
    SENDS(r, "a2 06 00 01 00 00 01 61");
}

static void mqtt5_3_10_3_1_filters_to_leave_are_utf_8(void **state)
{
    struct hawser_view f[] = {TEXT("a"), TEXT("")};
    struct rig *r = *state;
    struct hex h;
    uint16_t id;

    start(r);
    for (size_t i = 0; spec_ill_formed[i] != NULL; i++) {
        f[1] = hex_read(&h, spec_ill_formed[i]);
        assert_int_equal(hawser_unsubscribe(&r->c, 0, f, 2, &id), HAWSER_E_ARG);
        SENDS(r, "");
    }
    f[1] = TEXT("\xC3\xA9/+");
    assert_int_equal(hawser_unsubscribe(&r->c, 0, f, 2, &id), 0);
    SENDS(r, "a2 0c 00 01 00 00 01 61 00 04 c3 a9 2f 2b");
}

static void mqtt5_3_10_3_2_unsubscribe_has_at_least_one_filter(void **state)
{
    const struct hawser_view f = TEXT("a");
    struct rig *r = *state;
    uint16_t id;

    start(r);
    assert_int_equal(hawser_unsubscribe(&r->c, 0, &f, 0, &id), HAWSER_E_ARG);
    SENDS(r, "");
    assert_int_equal(hawser_unsubscribe(&r->c, 0, &f, 1, &id), 0);
    SENDS(r, "a2 06 00 01 00 00 01 61");
}

/* The packets' bytes from the filter on are the same; a byte of options is
 * behind that of SUBSCRIBE. */
static void expect_same_filter(struct rig *r, const char *filter)
{
    size_t len = strlen(filter);
    uint8_t subscribed[64];
    const uint8_t *at;
    size_t n;

    start(r);
    (void)rig_subscribe(r, filter, 0);
    n = hawser_out(&r->c, &at);
    assert_int_equal(n, 2 + 2 + 1 + 2 + len + 1);
    memcpy(subscribed, at, n);
    (void)rig_out(r);
    TAKES(r, "90 04 00 01 00 00");
    (void)rig_unsubscribe(r, filter);
    assert_int_equal(hawser_out(&r->c, &at), n - 1);
    assert_memory_equal(at + 5, subscribed + 5, 2 + len);
    assert_memory_equal(at + 7, filter, len);
}

static void mqtt5_3_10_4_1_a_filter_leaves_as_the_bytes_that_came(void **state)
{
    struct rig *r = *state;

    expect_same_filter(r, "a");
    expect_same_filter(r, "A/ /+//#");
    expect_same_filter(r, "$share/g/a/#");
    expect_same_filter(r, "\xC3\xA9");  /* e acute, in one */
    expect_same_filter(r, "e\xCC\x81"); /* and in two */
    expect_same_filter(r, "\xEF\xBB\xBF"
                          "a");
}

static void
mqtt5_3_10_4_3_messages_that_had_begun_end_behind_unsuback(void **state)
{
    struct rig *r = *state;

    unsubscribe_two(r, 0);
    TAKES(r, "34 06 00 01 61 00 07 00"); /* began before */
    ACCEPTS(r, 7);
    SENDS(r, "50 02 00 07");
    (void)rig_log(r);
    TAKES(r, "B0 05 00 01 00 00 00 32 06 00 01 61 00 08 00 62 02 00 07");
    REPORTS(r, "UNSUBSCRIBED 1 codes=00 00 props=\n"
               "MESSAGE a id=8 qos=1 retain=0 dup=0 props= payload=\n");
    ACCEPTS(r, 8);
    SENDS(r, "70 02 00 07 40 02 00 08");
}

static void mqtt5_3_10_4_4_a_missing_unsuback_ends_in_a_time_limit(void **state)
{
    expect_time_limit(*state, true);
}

static void mqtt5_3_10_4_5_unsuback_has_the_identifier_of_unsubscribe(void **s)
{
    struct rig *r = *s;

    unsubscribe_two(r, 0);
    TAKES(r, "B0 05 00 01 00 00 11");
    REPORTS(r, "UNSUBSCRIBED 1 codes=00 11 props=\n");
    unsubscribe_two(r, 0);
    REFUSES(r, "B0 05 00 02 00 00 11", HAWSER_E_PROTOCOL);
    SENDS(r, "e0 01 82");
}

static void mqtt5_3_10_4_6_one_unsuback_answers_several_filters(void **state)
{
    struct rig *r = *state;

    unsubscribe_two(r, 0);
    TAKES(r, "B0 05 00 01 00 00 00");
    REPORTS(r, "UNSUBSCRIBED 1 codes=00 00 props=\n");
    REFUSES(r, "B0 05 00 01 00 00 00", HAWSER_E_PROTOCOL); /* no second one */
}

/* UNSUBACK --------------------------------------------------------------------- */

static void mqtt5_3_11_2_1_a_reason_string_in_unsuback_keeps_the_limit(void **s)
{
    expect_limit(*s, unsubscribe_two, "B0 09 00 01 04 1F 00 01 77 00 00", 11);
}

static void mqtt5_3_11_2_2_user_properties_in_unsuback_keep_the_limit(void **s)
{
    expect_limit(*s, unsubscribe_two,
                 "B0 0C 00 01 07 26 00 01 6B 00 01 76 00 00", 14);
}

static void mqtt5_3_11_3_1_codes_are_one_for_each_filter_in_order(void **state)
{
    struct rig *r = *state;

    unsubscribe_two(r, 0);
    TAKES(r, "B0 05 00 01 00 87 11");
    REPORTS(r, "UNSUBSCRIBED 1 codes=87 11 props=\n");
    unsubscribe_two(r, 0);
    REFUSES(r, "B0 04 00 01 00 00", HAWSER_E_PROTOCOL);
    unsubscribe_two(r, 0);
    REFUSES(r, "B0 06 00 01 00 00 00 00", HAWSER_E_PROTOCOL);
}

static void mqtt5_3_11_3_2_an_unsuback_code_is_one_of_the_table(void **state)
{
    static const uint8_t table[] = {0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91};

    expect_codes(*state, true, table, sizeof table);
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
        cmocka_unit_test(mqtt5_3_10_1_1_unsubscribe_has_the_flags_0010),
        cmocka_unit_test(mqtt5_3_10_3_1_filters_to_leave_are_utf_8),
        cmocka_unit_test(mqtt5_3_10_3_2_unsubscribe_has_at_least_one_filter),
        cmocka_unit_test(mqtt5_3_10_4_1_a_filter_leaves_as_the_bytes_that_came),
        cmocka_unit_test(
            mqtt5_3_10_4_3_messages_that_had_begun_end_behind_unsuback),
        cmocka_unit_test(
            mqtt5_3_10_4_4_a_missing_unsuback_ends_in_a_time_limit),
        cmocka_unit_test(
            mqtt5_3_10_4_5_unsuback_has_the_identifier_of_unsubscribe),
        cmocka_unit_test(mqtt5_3_10_4_6_one_unsuback_answers_several_filters),
        cmocka_unit_test(
            mqtt5_3_11_2_1_a_reason_string_in_unsuback_keeps_the_limit),
        cmocka_unit_test(
            mqtt5_3_11_2_2_user_properties_in_unsuback_keep_the_limit),
        cmocka_unit_test(mqtt5_3_11_3_1_codes_are_one_for_each_filter_in_order),
        cmocka_unit_test(mqtt5_3_11_3_2_an_unsuback_code_is_one_of_the_table),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
