/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapters 4.7 and 4.8: topic names, filters, shared subscriptions.
 */
#include "spec.h"

static void start(struct rig *r)
{
    rig_start(r, HAWSER_MQTT_5);
}

static int subscribe(struct rig *r, const char *filter)
{
    const struct hawser_filter f = {.topic_filter = rig_view(filter)};
    uint16_t id;

    start(r);
    return hawser_subscribe(&r->c, 0, &f, 1, &id);
}

static int unsubscribe(struct rig *r, const char *filter)
{
    const struct hawser_view f = rig_view(filter);
    uint16_t id;

    start(r);
    return hawser_unsubscribe(&r->c, 0, &f, 1, &id);
}

/* Each filter of a list that NULL ends. */
static void expect_all(struct rig *r, const char *const *filters, int answer)
{
    for (size_t i = 0; filters[i] != NULL; i++) {
        assert_int_equal(subscribe(r, filters[i]), answer);
        assert_int_equal(rig_out(r)[0] == 0, answer != 0);
        assert_int_equal(unsubscribe(r, filters[i]), answer);
        assert_int_equal(rig_out(r)[0] == 0, answer != 0);
    }
}

static int receive(struct rig *r, const char *topic)
{
    struct hex h;

    start(r);
    return spec_receive_topic(
        r, hex_text(&h, (const uint8_t *)topic, strlen(topic)));
}

static void mqtt5_4_7_0_1_topic_names_have_no_wildcards(void **state)
{
    static const char *const names[] = {"+",     "#",   "a/+", "a/#",
                                        "a/+/b", "a#b", "+a"};
    struct hawser_message will = {.qos = 0};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        start(r);
        assert_int_equal(rig_publish(r, 0, names[i], "", NULL), HAWSER_E_ARG);
        SENDS(r, "");
        assert_int_equal(receive(r, names[i]), HAWSER_E_MALFORMED);
        SENDS(r, "e0 01 81");
        rig_prepare(r, HAWSER_MQTT_5);
        will.topic = rig_view(names[i]);
        r->cfg.will = &will;
        assert_int_equal(hawser_init(&r->c, &r->cfg), HAWSER_E_ARG);
    }
}

static void mqtt5_4_7_1_1_a_number_sign_stands_alone_and_last(void **state)
{
    static const char *const right[] = {"#",    "/#",           "a/#", "+/#",
                                        "a//#", "$share/g/a/#", NULL};
    static const char *const wrong[] = {
        "a#", "#a", "##", "a/b#", "#/a", "a/#/b", "a/#/", "$share/g/a#", NULL};

    expect_all(*state, right, 0);
    expect_all(*state, wrong, HAWSER_E_ARG);
}

static void mqtt5_4_7_1_2_a_plus_sign_is_a_whole_level(void **state)
{
    static const char *const right[] = {"+",  "+/a",   "a/+",        "a/+/b",
                                        "/+", "+/a/#", "$share/g/+", NULL};
    static const char *const wrong[] = {"a+", "+a",   "++",          "a/b+",
                                        "+#", "a/+b", "$share/g/+a", NULL};

    expect_all(*state, right, 0);
    expect_all(*state, wrong, HAWSER_E_ARG);
}

static bool matches(const char *filter, const char *topic)
{
    return hawser_topic_matches(rig_view(filter), rig_view(topic));
}

static void mqtt5_4_7_2_1_a_leading_wildcard_matches_no_dollar_topic(void **s)
{
    (void)s;
    assert_false(matches("#", "$SYS"));
    assert_false(matches("#", "$SYS/a"));
    assert_false(matches("+", "$SYS"));
    assert_false(matches("+/a", "$SYS/a"));
    assert_false(matches("+/#", "$SYS/a"));
    assert_true(matches("$SYS/#", "$SYS/a"));
    assert_true(matches("$SYS/#", "$SYS"));
    assert_true(matches("$SYS/+", "$SYS/a"));
    assert_true(matches("#", "a/$b"));
    assert_true(matches("+/+", "a/$b"));
}

static void mqtt5_4_7_3_1_names_and_filters_have_a_character(void **state)
{
    static uint8_t aliases[64];
    const struct hawser_message will = {.topic = TEXT("")};
    static const char *const none[] = {"", NULL};
    static const char *const one[] = {"/", " ", "a", NULL};
    struct rig *r = *state;

    expect_all(r, none, HAWSER_E_ARG);
    expect_all(r, one, 0);
    start(r);
    assert_int_equal(rig_publish(r, 0, "", "x", NULL), HAWSER_E_ARG);
    assert_int_equal(rig_publish(r, 0, "/", "x", NULL), 0);
    SENDS(r, "30 05 00 01 2f 00 78");
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.will = &will;
    assert_int_equal(hawser_init(&r->c, &r->cfg), HAWSER_E_ARG);
    start(r);
    REFUSES(r, "30 04 00 00 00 78", HAWSER_E_PROTOCOL);
    SENDS(r, "e0 01 82");
    assert_int_equal(receive(r, "/"), 0);
    /* Only an alias may stand for it. */
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.aliases_in = (struct hawser_span){aliases, sizeof aliases};
    r->cfg.alias_in_count = 1;
    rig_go_online(r);
    TAKES(r, "30 07 00 01 61 03 23 00 01 30 06 00 00 03 23 00 01");
    REPORTS(r, "MESSAGE a id=0 qos=0 retain=0 dup=0 props=23 00 01 payload=\n"
               "MESSAGE a id=0 qos=0 retain=0 dup=0 props=23 00 01 payload=\n");
}

static void mqtt5_4_7_3_2_names_and_filters_have_no_u_0000(void **state)
{
    spec_refuses_string(*state, HAWSER_MQTT_5, "00");
    SENDS((struct rig *)*state, "e0 01 81");
    spec_refuses_string(*state, HAWSER_MQTT_5, "61 2F 00");
    SENDS((struct rig *)*state, "e0 01 81");
}

/* A name of 65535 bytes, and one more. The length of one that comes has only
 * 16 bits: it cannot be longer. */
static void mqtt5_4_7_3_3_names_and_filters_have_65535_bytes_at_most(void **s)
{
    static uint8_t text[65536];
    static uint8_t rx[70000];
    static uint8_t tx[70000];
    struct hawser_message m = {.topic = {text, 65535}};
    struct hawser_filter f = {.topic_filter = {text, 65535}};
    static const uint8_t no_properties[] = {0};
    static const uint8_t head[] = {0x30, 0x82, 0x80, 0x04, 0xFF, 0xFF};
    struct rig *r = *s;
    struct hawser_event ev;
    const uint8_t *at;
    uint16_t id;
    size_t used;

    memset(text, 'a', sizeof text);
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.rx = (struct hawser_span){rx, sizeof rx};
    r->cfg.tx = (struct hawser_span){tx, sizeof tx};
    rig_go_online(r);
    assert_int_equal(hawser_publish(&r->c, 0, &m, NULL), 0);
    assert_int_equal(hawser_out(&r->c, &at), sizeof head + 65535 + 1);
    assert_memory_equal(at, head, sizeof head);
    assert_memory_equal(at + sizeof head, text, 65535);
    hawser_sent(&r->c, 0, sizeof tx);
    assert_int_equal(hawser_subscribe(&r->c, 0, &f, 1, &id), 0);
    hawser_sent(&r->c, 0, sizeof tx);
    TAKES(r, "90 04 00 01 00 00");
    m.topic.len++;
    f.topic_filter.len++;
    assert_int_equal(hawser_publish(&r->c, 0, &m, NULL), HAWSER_E_ARG);
    assert_int_equal(hawser_subscribe(&r->c, 0, &f, 1, &id), HAWSER_E_ARG);
    assert_int_equal(hawser_unsubscribe(&r->c, 0, &f.topic_filter, 1, &id),
                     HAWSER_E_ARG);
    SENDS(r, "");
    (void)rig_log(r);
    assert_int_equal(hawser_feed(&r->c, 0, head, sizeof head, &used), 0);
    assert_int_equal(hawser_feed(&r->c, 0, text, 65535, &used), 0);
    assert_int_equal(hawser_feed(&r->c, 0, no_properties, 1, &used), 0);
    assert_true(hawser_next_event(&r->c, &ev));
    assert_int_equal(ev.topic.len, 65535);
    assert_memory_equal(ev.topic.at, text, 65535);
}

static void mqtt5_4_7_3_4_names_are_compared_byte_by_byte(void **state)
{
    (void)state;
    assert_true(matches("\xC3\xA9", "\xC3\xA9"));
    assert_false(matches("\xC3\xA9", "e\xCC\x81")); /* the same letter */
    assert_false(matches("a", "A"));
    assert_false(matches("a/b", "a//b"));
    assert_false(matches("a", "a/"));
    assert_false(matches("a", "/a"));
    assert_false(matches("a", "a "));
    assert_false(matches("a", "\xEF\xBB\xBF"
                              "a"));
    assert_true(matches("a/+", "a/"));
    assert_true(matches("/+", "/a"));
    assert_false(matches("+", "/a"));
}

static void mqtt5_4_8_2_1_a_share_name_has_a_character(void **state)
{
    static const char *const right[] = {"$share/g/a", "$share/a b/#", NULL};
    static const char *const wrong[] = {"$share/", "$share//", "$share//a",
                                        NULL};

    expect_all(*state, right, 0);
    expect_all(*state, wrong, HAWSER_E_ARG);
}

static void mqtt5_4_8_2_2_a_share_name_is_followed_by_a_filter(void **state)
{
    static const char *const right[] = {"$share/g/+/a", "$share/g//", NULL};
    static const char *const wrong[] = {
        "$share/g",   "$share/g/",   "$share/+/a",    "$share/g+/a",
        "$share/#/a", "$share/g#/a", "$share/g/a/#b", NULL};

    expect_all(*state, right, 0);
    expect_all(*state, wrong, HAWSER_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt5_4_7_0_1_topic_names_have_no_wildcards),
        cmocka_unit_test(mqtt5_4_7_1_1_a_number_sign_stands_alone_and_last),
        cmocka_unit_test(mqtt5_4_7_1_2_a_plus_sign_is_a_whole_level),
        cmocka_unit_test(
            mqtt5_4_7_2_1_a_leading_wildcard_matches_no_dollar_topic),
        cmocka_unit_test(mqtt5_4_7_3_1_names_and_filters_have_a_character),
        cmocka_unit_test(mqtt5_4_7_3_2_names_and_filters_have_no_u_0000),
        cmocka_unit_test(
            mqtt5_4_7_3_3_names_and_filters_have_65535_bytes_at_most),
        cmocka_unit_test(mqtt5_4_7_3_4_names_are_compared_byte_by_byte),
        cmocka_unit_test(mqtt5_4_8_2_1_a_share_name_has_a_character),
        cmocka_unit_test(mqtt5_4_8_2_2_a_share_name_is_followed_by_a_filter),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
