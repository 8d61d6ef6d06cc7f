/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 3.1.1, chapters 3.8 to 3.11: SUBSCRIBE, UNSUBSCRIBE and their answers.
 */
#include "spec.h"

static void start(struct rig *r)
{
    rig_start(r, HAWSER_MQTT_3_1_1);
}

/* SUBSCRIBE 1 for three filters has left. */
static void subscribe_three(struct rig *r)
{
    const struct hawser_filter f[] = {{.topic_filter = TEXT("a"), .qos = 0},
                                      {.topic_filter = TEXT("b/+"), .qos = 1},
                                      {.topic_filter = TEXT("c/#"), .qos = 2}};
    uint16_t id;

    start(r);
    assert_int_equal(hawser_subscribe(&r->c, r->now_ms, f, 3, &id), 0);
    assert_int_equal(id, 1);
    SENDS(r, "82 12 00 01 00 01 61 00 00 03 62 2f 2b 01 00 03 63 2f 23 02");
}

/* UNSUBSCRIBE 1 for two filters has left. */
static void unsubscribe_two(struct rig *r)
{
    const struct hawser_view f[] = {TEXT("a"), TEXT("b/+")};
    uint16_t id;

    start(r);
    assert_int_equal(hawser_unsubscribe(&r->c, r->now_ms, f, 2, &id), 0);
    assert_int_equal(id, 1);
    SENDS(r, "a2 0a 00 01 00 01 61 00 03 62 2f 2b");
}

static void mqtt3_3_8_1_1_subscribe_has_the_flags_0010(void **state)
{
    struct rig *r = *state;

    start(r);
    (void)rig_subscribe(r, "a", 0);
    SENDS(r, "82 06 00 01 00 01 61 00");
}

static void mqtt3_3_8_3_1_filters_to_subscribe_are_utf_8(void **state)
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
    SENDS(r, "82 09 00 01 00 04 c3 a9 2f 2b 00");
}

static void mqtt3_3_8_3_2_a_rejected_wildcard_is_reported(void **state)
{
    struct rig *r = *state;

    subscribe_three(r);
    TAKES(r, "90 05 00 01 00 80 80");
    REPORTS(r, "SUBSCRIBED 1 codes=00 80 80 props=\n");
    /* Or by a close: the request is over, another may be made. */
    subscribe_three(r);
    rig_reopen(r);
    TAKES(r, "20 02 00 00");
    REPORTS(r, "CONNECTED session=0 props=\n");
    (void)rig_subscribe(r, "a", 0);
    SENDS(r, "82 06 00 02 00 01 61 00");
}

static void mqtt3_3_8_3_3_subscribe_has_at_least_one_filter(void **state)
{
    const struct hawser_filter f = {.topic_filter = TEXT("a")};
    struct rig *r = *state;
    uint16_t id;

    start(r);
    assert_int_equal(hawser_subscribe(&r->c, 0, &f, 0, &id), HAWSER_E_ARG);
    SENDS(r, "");
    assert_int_equal(hawser_subscribe(&r->c, 0, &f, 1, &id), 0);
    SENDS(r, "82 06 00 01 00 01 61 00");
}

static void mqtt3_3_8_3_4_qos_is_0_to_2_and_its_reserved_bits_are_0(void **s)
{
    /* Options of 5.0 stand in those bits: they are left out. */
    struct hawser_filter f = {.topic_filter = TEXT("a"),
                              .no_local = true,
                              .retain_as_published = true,
                              .retain_handling = 2};
    struct rig *r = *s;
    char expected[40];
    uint16_t id;

    for (unsigned qos = 0; qos < 256; qos++) {
        start(r);
        f.qos = (uint8_t)qos;
        assert_int_equal(hawser_subscribe(&r->c, 0, &f, 1, &id),
                         qos < 3 ? 0 : HAWSER_E_ARG);
        (void)snprintf(expected, sizeof expected, "82 06 00 01 00 01 61 %02x",
                       qos);
        SENDS(r, qos < 3 ? expected : "");
    }
}

static void mqtt3_3_8_4_1_a_missing_suback_ends_in_a_time_limit(void **state)
{
    struct rig *r = *state;

    rig_prepare(r, HAWSER_MQTT_3_1_1);
    r->cfg.ack_timeout_ms = 500;
    rig_go_online(r);
    (void)rig_subscribe(r, "a", 0);
    (void)rig_out(r);
    assert_int_equal(hawser_deadline_ms(&r->c), 1500);
    assert_int_equal(hawser_tick(&r->c, 1499), 0);
    assert_int_equal(hawser_tick(&r->c, 1500), HAWSER_E_KEEPALIVE);
    assert_false(hawser_is_connected(&r->c));
    /* In time it is reported, and nothing is due but the keep-alive. */
    r->now_ms = 1500;
    rig_reopen(r);
    TAKES(r, "20 02 00 00");
    (void)rig_subscribe(r, "a", 0);
    (void)rig_out(r);
    TAKES(r, "90 03 00 02 00");
    REPORTS(r, "CONNECTED session=0 props=\nSUBSCRIBED 2 codes=00 props=\n");
    assert_int_equal(hawser_deadline_ms(&r->c), 11500);
}

static void mqtt3_3_8_4_2_suback_has_the_identifier_of_subscribe(void **state)
{
    struct rig *r = *state;

    subscribe_three(r);
    TAKES(r, "90 05 00 01 00 01 02");
    REPORTS(r, "SUBSCRIBED 1 codes=00 01 02 props=\n");
    subscribe_three(r);
    REFUSES(r, "90 05 00 02 00 01 02", HAWSER_E_PROTOCOL);
    subscribe_three(r);
    REFUSES(r, "90 05 01 00 00 01 02", HAWSER_E_PROTOCOL);
    REPORTS(r, "ERROR protocol 82\n");
}

static void mqtt3_3_8_4_5_suback_has_one_code_for_each_filter(void **state)
{
    struct rig *r = *state;

    subscribe_three(r);
    REFUSES(r, "90 04 00 01 00 01", HAWSER_E_PROTOCOL);
    subscribe_three(r);
    REFUSES(r, "90 06 00 01 00 01 02 00", HAWSER_E_PROTOCOL);
    subscribe_three(r);
    REFUSES(r, "90 02 00 01", HAWSER_E_MALFORMED);
    REPORTS(r, "ERROR malformed 81\n");
    subscribe_three(r);
    TAKES(r, "90 05 00 01 00 01 02");
}

static void mqtt3_3_8_4_6_a_lower_granted_qos_is_reported(void **state)
{
    struct rig *r = *state;

    subscribe_three(r); /* 0, 1, 2 */
    TAKES(r, "90 05 00 01 00 00 01");
    REPORTS(r, "SUBSCRIBED 1 codes=00 00 01 props=\n");
}

static void mqtt3_3_9_3_1_codes_are_told_in_the_order_of_the_filters(void **s)
{
    struct rig *r = *s;

    subscribe_three(r);
    TAKES(r, "90 05 00 01 80 01 00");
    REPORTS(r, "SUBSCRIBED 1 codes=80 01 00 props=\n");
}

static void mqtt3_3_9_3_2_other_codes_close_the_connection(void **state)
{
    struct rig *r = *state;
    char suback[40];

    for (unsigned code = 0; code < 256; code++) {
        bool is_known = code < 3 || code == 0x80;

        subscribe_three(r);
        (void)snprintf(suback, sizeof suback, "90 05 00 01 00 01 %02x", code);
        assert_int_equal(rig_feed(r, suback), is_known ? 0 : HAWSER_E_PROTOCOL);
        assert_int_equal(hawser_is_connected(&r->c), is_known);
    }
}

static void mqtt3_3_10_1_1_unsubscribe_has_the_flags_0010(void **state)
{
    struct rig *r = *state;

    start(r);
    (void)rig_unsubscribe(r, "a");
    SENDS(r, "a2 05 00 01 00 01 61");
}

static void mqtt3_3_10_3_1_filters_to_leave_are_utf_8_side_by_side(void **state)
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
    SENDS(r, "a2 0b 00 01 00 01 61 00 04 c3 a9 2f 2b");
}

static void mqtt3_3_10_3_2_unsubscribe_has_at_least_one_filter(void **state)
{
    const struct hawser_view f = TEXT("a");
    struct rig *r = *state;
    uint16_t id;

    start(r);
    assert_int_equal(hawser_unsubscribe(&r->c, 0, &f, 0, &id), HAWSER_E_ARG);
    SENDS(r, "");
    assert_int_equal(hawser_unsubscribe(&r->c, 0, &f, 1, &id), 0);
    SENDS(r, "a2 05 00 01 00 01 61");
}

/* The packet's bytes behind its identifier, of n; a QoS is left out. */
static void expect_same_filter(struct rig *r, const char *filter)
{
    size_t len = strlen(filter);
    uint8_t subscribed[64];
    const uint8_t *at;
    size_t n;

    start(r);
    (void)rig_subscribe(r, filter, 0);
    n = hawser_out(&r->c, &at);
    assert_int_equal(n, 2 + 2 + 2 + len + 1);
    memcpy(subscribed, at, n);
    (void)rig_out(r);
    TAKES(r, "90 03 00 01 00");
    (void)rig_unsubscribe(r, filter);
    assert_int_equal(hawser_out(&r->c, &at), n - 1);
    assert_memory_equal(at + 4, subscribed + 4, 2 + len);
    assert_memory_equal(at + 6, filter, len);
}

static void mqtt3_3_10_4_1_a_filter_leaves_as_the_bytes_that_came(void **state)
{
    struct rig *r = *state;

    expect_same_filter(r, "a");
    expect_same_filter(r, "A/ /+//#");
    expect_same_filter(r, "\xC3\xA9");  /* e acute, in one */
    expect_same_filter(r, "e\xCC\x81"); /* and in two */
    expect_same_filter(r, "\xEF\xBB\xBF"
                          "a");
}

static void
mqtt3_3_10_4_3_messages_that_had_begun_end_behind_unsuback(void **state)
{
    struct rig *r = *state;

    unsubscribe_two(r);
    TAKES(r, "34 05 00 01 61 00 07"); /* began before */
    ACCEPTS(r, 7);
    SENDS(r, "50 02 00 07");
    (void)rig_log(r);
    TAKES(r, "B0 02 00 01 32 05 00 01 61 00 08 62 02 00 07");
    REPORTS(r, "UNSUBSCRIBED 1 codes= props=\n"
               "MESSAGE a id=8 qos=1 retain=0 dup=0 props= payload=\n");
    ACCEPTS(r, 8);
    SENDS(r, "70 02 00 07 40 02 00 08");
}

static void mqtt3_3_10_4_4_unsuback_has_the_identifier_of_unsubscribe(void **s)
{
    struct rig *r = *s;

    unsubscribe_two(r);
    TAKES(r, "B0 02 00 01");
    REPORTS(r, "UNSUBSCRIBED 1 codes= props=\n");
    unsubscribe_two(r);
    REFUSES(r, "B0 02 00 02", HAWSER_E_PROTOCOL);
    REPORTS(r, "ERROR protocol 82\n");
}

/* 3.1.1's UNSUBACK does not tell: it is awaited and reported the same. */
static void
mqtt3_3_10_4_5_unsuback_is_awaited_also_when_nothing_is_deleted(void **state)
{
    struct rig *r = *state;

    rig_prepare(r, HAWSER_MQTT_3_1_1);
    r->cfg.ack_timeout_ms = 500;
    rig_go_online(r);
    (void)rig_unsubscribe(r, "never/subscribed");
    (void)rig_out(r);
    TAKES(r, "B0 02 00 01");
    REPORTS(r, "UNSUBSCRIBED 1 codes= props=\n");
    (void)rig_unsubscribe(r, "never/subscribed");
    (void)rig_out(r);
    assert_int_equal(hawser_tick(&r->c, 1500), HAWSER_E_KEEPALIVE);
}

static void mqtt3_3_10_4_6_one_unsuback_answers_several_filters(void **state)
{
    struct rig *r = *state;

    unsubscribe_two(r);
    TAKES(r, "B0 02 00 01");
    REPORTS(r, "UNSUBSCRIBED 1 codes= props=\n");
    REFUSES(r, "B0 02 00 01", HAWSER_E_PROTOCOL); /* no second one */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt3_3_8_1_1_subscribe_has_the_flags_0010),
        cmocka_unit_test(mqtt3_3_8_3_1_filters_to_subscribe_are_utf_8),
        cmocka_unit_test(mqtt3_3_8_3_2_a_rejected_wildcard_is_reported),
        cmocka_unit_test(mqtt3_3_8_3_3_subscribe_has_at_least_one_filter),
        cmocka_unit_test(
            mqtt3_3_8_3_4_qos_is_0_to_2_and_its_reserved_bits_are_0),
        cmocka_unit_test(mqtt3_3_8_4_1_a_missing_suback_ends_in_a_time_limit),
        cmocka_unit_test(mqtt3_3_8_4_2_suback_has_the_identifier_of_subscribe),
        cmocka_unit_test(mqtt3_3_8_4_5_suback_has_one_code_for_each_filter),
        cmocka_unit_test(mqtt3_3_8_4_6_a_lower_granted_qos_is_reported),
        cmocka_unit_test(
            mqtt3_3_9_3_1_codes_are_told_in_the_order_of_the_filters),
        cmocka_unit_test(mqtt3_3_9_3_2_other_codes_close_the_connection),
        cmocka_unit_test(mqtt3_3_10_1_1_unsubscribe_has_the_flags_0010),
        cmocka_unit_test(
            mqtt3_3_10_3_1_filters_to_leave_are_utf_8_side_by_side),
        cmocka_unit_test(mqtt3_3_10_3_2_unsubscribe_has_at_least_one_filter),
        cmocka_unit_test(mqtt3_3_10_4_1_a_filter_leaves_as_the_bytes_that_came),
        cmocka_unit_test(
            mqtt3_3_10_4_3_messages_that_had_begun_end_behind_unsuback),
        cmocka_unit_test(
            mqtt3_3_10_4_4_unsuback_has_the_identifier_of_unsubscribe),
        cmocka_unit_test(
            mqtt3_3_10_4_5_unsuback_is_awaited_also_when_nothing_is_deleted),
        cmocka_unit_test(mqtt3_3_10_4_6_one_unsuback_answers_several_filters),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
