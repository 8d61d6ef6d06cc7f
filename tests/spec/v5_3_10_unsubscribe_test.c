/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapters 3.10 and 3.11: UNSUBSCRIBE and UNSUBACK.
 */
#include "spec.h"

static void start(struct rig *r)
{
    rig_start(r, HAWSER_MQTT_5);
}

/* UNSUBSCRIBE 1 for two filters has left. maximum: of a packet that comes;
 * 0: none. */
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
    struct rig *r = *state;

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.ack_timeout_ms = 500;
    rig_go_online(r);
    (void)rig_unsubscribe(r, "a");
    (void)rig_out(r);
    TAKES(r, "B0 04 00 01 00 00"); /* in time */
    REPORTS(r, "UNSUBSCRIBED 1 codes=00 props=\n");
    (void)rig_unsubscribe(r, "a");
    (void)rig_out(r);
    assert_int_equal(hawser_deadline_ms(&r->c), 1500);
    assert_int_equal(hawser_tick(&r->c, 1499), 0);
    assert_int_equal(hawser_tick(&r->c, 1500), HAWSER_E_KEEPALIVE);
    assert_false(hawser_is_connected(&r->c));
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

/* This answer of len bytes is taken if that is our maximum, and none above. */
static void expect_limit(struct rig *r, const char *answer, unsigned len)
{
    unsubscribe_two(r, len);
    TAKES(r, answer);
    unsubscribe_two(r, len - 1);
    REFUSES(r, answer, HAWSER_E_PROTOCOL);
    SENDS(r, "e0 01 95");
}

static void mqtt5_3_11_2_1_a_reason_string_in_unsuback_keeps_the_limit(void **s)
{
    expect_limit(*s, "B0 09 00 01 04 1F 00 01 77 00 00", 11);
}

static void mqtt5_3_11_2_2_user_properties_in_unsuback_keep_the_limit(void **s)
{
    expect_limit(*s, "B0 0C 00 01 07 26 00 01 6B 00 01 76 00 00", 14);
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
    struct rig *r = *state;
    char answer[30];

    for (unsigned code = 0; code < 256; code++) {
        bool is_listed = memchr(table, (int)code, sizeof table) != NULL;

        start(r);
        (void)rig_unsubscribe(r, "a");
        (void)rig_out(r);
        (void)snprintf(answer, sizeof answer, "B0 04 00 01 00 %02x", code);
        assert_int_equal(rig_feed(r, answer),
                         is_listed ? 0 : HAWSER_E_PROTOCOL);
        SENDS(r, is_listed ? "" : "e0 01 82");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
