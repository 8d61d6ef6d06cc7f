/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapter 3.3: PUBLISH without its properties, and what the two sides
 * may have under way.
 */
#include "spec.h"

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
    TAKES(r, "20 03 01 00 00");
}

/* Flags ----------------------------------------------------------------------- */

static void mqtt5_3_3_1_1_dup_is_1_on_every_redelivery(void **state)
{
    struct rig *r = *state;

    start(r);
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "b");
    SENDS(r, "32 07 00 01 61 00 01 00 78 34 07 00 01 62 00 02 00 78");
    for (int i = 0; i < 3; i++) {
        resume(r);
        SENDS(r, "3a 07 00 01 61 00 01 00 78 3c 07 00 01 62 00 02 00 78");
    }
    (void)rig_log(r);
    TAKES(r, "32 06 00 01 61 00 07 00"); /* the server's is told */
    resume(r);
    TAKES(r, "3A 06 00 01 61 00 07 00");
    REPORTS(r, "MESSAGE a id=7 qos=1 retain=0 dup=0 props= payload=\n"
               "CONNECTED session=1 props=\n"
               "MESSAGE a id=7 qos=1 retain=0 dup=1 props= payload=\n");
}

static void expect_no_dup_on_qos_0(struct rig *r)
{
    static const char *const marked[] = {"38 04 00 01 61 00",
                                         "39 04 00 01 61 00"};

    start(r);
    PUBLISHES(r, 0, "a");
    PUBLISHES(r, 0, "a"); /* the same text is no redelivery */
    SENDS(r, "30 05 00 01 61 00 78 30 05 00 01 61 00 78");
    resume(r);
    SENDS(r, "");
    for (size_t i = 0; i < 2; i++) {
        start(r);
        REFUSES(r, marked[i], HAWSER_E_MALFORMED);
        REPORTS(r, "ERROR malformed 81\n");
        SENDS(r, "e0 01 81");
    }
}

static void mqtt5_3_3_1_2_dup_is_0_on_qos_0(void **state)
{
    expect_no_dup_on_qos_0(*state);
}

static void mqtt5_3_3_1_2_u1_dup_on_qos_0_is_malformed(void **state)
{
    expect_no_dup_on_qos_0(*state);
}

static void mqtt5_3_3_1_3_dup_does_not_follow_that_of_what_came(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "3B 07 00 01 61 00 01 00 78");
    REPORTS(r, "MESSAGE a id=1 qos=1 retain=1 dup=1 props= payload=78\n");
    PUBLISHES(r, 1, "a"); /* handed on */
    SENDS(r, "32 07 00 01 61 00 01 00 78");
    resume(r);
    SENDS(r, "3a 07 00 01 61 00 01 00 78");
    PUBLISHES(r, 1, "a"); /* a new one, beside a redelivery */
    SENDS(r, "32 07 00 01 61 00 02 00 78");
}

static void mqtt5_3_3_1_4_qos_3_never_leaves_and_is_malformed(void **state)
{
    static const char *const packets[] = {
        "36 06 00 01 61 00 07 00", "37 06 00 01 61 00 07 00",
        "3E 06 00 01 61 00 07 00", "3F 06 00 01 61 00 07 00"};
    struct rig *r = *state;

    start(r);
    for (unsigned qos = 3; qos < 256; qos++) {
        assert_int_equal(rig_publish(r, (uint8_t)qos, "a", "x", NULL),
                         HAWSER_E_ARG);
    }
    SENDS(r, "");
    for (size_t i = 0; i < 4; i++) {
        start(r);
        REFUSES(r, packets[i], HAWSER_E_MALFORMED);
        SENDS(r, "e0 01 81");
    }
}

/* The option leaves as it was asked for; RETAIN is told as it comes. */
static void subscribe_as(struct rig *r, bool as_published, const char *packet)
{
    const struct hawser_filter f = {.topic_filter = TEXT("a"),
                                    .retain_as_published = as_published};
    uint16_t id;

    start(r);
    assert_int_equal(hawser_subscribe(&r->c, 0, &f, 1, &id), 0);
    SENDS(r, packet);
    TAKES(r, "90 04 00 01 00 00");
    (void)rig_log(r);
}

static void mqtt5_3_3_1_12_retain_is_0_unless_it_was_asked_for(void **state)
{
    struct rig *r = *state;

    subscribe_as(r, false, "82 07 00 01 00 00 01 61 00");
    TAKES(r, "30 04 00 01 61 00");
    REPORTS(r, "MESSAGE a id=0 qos=0 retain=0 dup=0 props= payload=\n");
}

static void mqtt5_3_3_1_13_retain_is_as_published_if_asked_for(void **state)
{
    struct rig *r = *state;

    subscribe_as(r, true, "82 07 00 01 00 00 01 61 08");
    TAKES(r, "31 04 00 01 61 00 30 04 00 01 61 00");
    REPORTS(r, "MESSAGE a id=0 qos=0 retain=1 dup=0 props= payload=\n"
               "MESSAGE a id=0 qos=0 retain=0 dup=0 props= payload=\n");
}

/* Topic ----------------------------------------------------------------------- */

static void mqtt5_3_3_2_1_the_topic_is_first_and_utf_8(void **state)
{
    struct hawser_message m = {.qos = 1};
    struct rig *r = *state;
    struct hex h;

    start(r);
    PUBLISHES(r, 1, "\xC3\xA9/t");
    SENDS(r, "32 0a 00 04 c3 a9 2f 74 00 01 00 78");
    TAKES(r, "32 09 00 04 C3 A9 2F 74 00 07 00");
    REPORTS(r, "MESSAGE \xC3\xA9/t id=7 qos=1 retain=0 dup=0 props= "
               "payload=\n");
    for (size_t i = 0; spec_ill_formed[i] != NULL; i++) {
        start(r);
        m.topic = hex_read(&h, spec_ill_formed[i]);
        assert_int_equal(hawser_publish(&r->c, 0, &m, NULL), HAWSER_E_ARG);
        SENDS(r, "");
        assert_int_equal(spec_receive_topic(r, spec_ill_formed[i]),
                         HAWSER_E_MALFORMED);
        SENDS(r, "e0 01 81");
    }
    start(r); /* longer than its packet */
    REFUSES(r, "30 04 00 03 61 62", HAWSER_E_MALFORMED);
}

static void mqtt5_3_3_2_2_a_topic_name_has_no_wildcards(void **state)
{
    static const char *const topics[] = {"+", "#", "a/+", "a/#", "a+", "#a"};
    struct rig *r = *state;
    struct hex h;

    for (size_t i = 0; i < 6; i++) {
        start(r);
        assert_int_equal(rig_publish(r, 0, topics[i], "", NULL), HAWSER_E_ARG);
        SENDS(r, "");
        assert_int_equal(
            spec_receive_topic(
                r, hex_text(&h, (const uint8_t *)topics[i], strlen(topics[i]))),
            HAWSER_E_MALFORMED);
        SENDS(r, "e0 01 81");
    }
}

/* Subscriptions are the application's: it is handed every topic as it came, and
 * what tells it whether a filter of its own matches. */
static void mqtt5_3_3_2_3_a_topic_can_be_held_against_the_filters(void **state)
{
    static const struct {
        const char *packet;
        const char *topic;
        bool matches;
    } rows[] = {
        {"30 06 00 03 61 2F 62 00", "a/b", true},
        {"30 05 00 02 61 2F 00", "a/", true},
        {"30 04 00 01 61 00", "a", false},
        {"30 06 00 03 62 2F 62 00", "b/b", false},
    };
    struct rig *r = *state;
    struct hawser_event ev;
    struct hex h;
    size_t used;

    for (size_t i = 0; i < 4; i++) {
        struct hawser_view in = hex_read(&h, rows[i].packet);

        start(r);
        (void)rig_subscribe(r, "a/+", 0);
        TAKES(r, "90 04 00 01 00 00");
        assert_int_equal(hawser_feed(&r->c, 0, in.at, in.len, &used), 0);
        assert_true(hawser_next_event(&r->c, &ev));
        assert_view(ev.topic, rows[i].topic);
        assert_int_equal(hawser_topic_matches(TEXT("a/+"), ev.topic),
                         rows[i].matches);
    }
}

static void mqtt5_3_3_2_1_u1_an_empty_topic_needs_an_alias(void **state)
{
    struct rig *r = *state;

    start(r);
    assert_int_equal(rig_publish(r, 0, "", "", NULL), HAWSER_E_ARG);
    REFUSES(r, "30 04 00 00 00 78", HAWSER_E_PROTOCOL);
    SENDS(r, "e0 01 82");
}

/* Answers and windows ---------------------------------------------------------- */

static void mqtt5_3_3_4_1_each_publish_is_answered_by_its_qos(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "30 04 00 01 61 00");
    assert_int_equal(hawser_accept(&r->c, 0, 0, 0), HAWSER_E_STATE);
    SENDS(r, "");
    TAKES(r, "32 06 00 01 61 00 07 00 34 06 00 01 61 00 08 00");
    ACCEPTS(r, 7);
    SENDS(r, "40 02 00 07");
    ACCEPTS(r, 8);
    SENDS(r, "50 02 00 08");
}

static void
mqtt5_3_3_4_3_the_identifier_of_a_subscription_comes_with_its_message(void **s)
{
    const struct hawser_property id = {.id = HAWSER_PROP_SUBSCRIPTION_ID,
                                       .number = 128};
    const struct hawser_filter f = {.topic_filter = TEXT("a/#")};
    const struct hawser_subscription sub = {&f, 1, {&id, 1}};
    struct rig *r = *s;
    uint16_t packet_id;

    start(r);
    assert_int_equal(hawser_subscribe_with(&r->c, 0, &sub, &packet_id), 0);
    SENDS(r, "82 0c 00 01 03 0b 80 01 00 03 61 2f 23 00");
    TAKES(r, "90 04 00 01 00 00");
    (void)rig_log(r);
    TAKES(r, "30 07 00 01 61 03 0B 80 01");
    REPORTS(r, "MESSAGE a id=0 qos=0 retain=0 dup=0 props=0b 80 01 payload=\n");
}

static void mqtt5_3_3_4_4_one_copy_may_have_several_identifiers(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "30 0A 00 01 61 06 0B 01 0B 02 0B 01");
    REPORTS(r, "MESSAGE a id=0 qos=0 retain=0 dup=0 props=0b 01 0b 02 0b 01 "
               "payload=\n");
}

static void mqtt5_3_3_4_5_several_copies_may_have_one_each(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "30 06 00 01 61 02 0B 01 30 06 00 01 61 02 0B 02");
    REPORTS(r, "MESSAGE a id=0 qos=0 retain=0 dup=0 props=0b 01 payload=\n"
               "MESSAGE a id=0 qos=0 retain=0 dup=0 props=0b 02 payload=\n");
}

static void mqtt5_3_3_4_6_no_subscription_identifier_leaves(void **state)
{
    const struct hawser_property id = {.id = HAWSER_PROP_SUBSCRIPTION_ID,
                                       .number = 1};
    struct hawser_message m = {
        .topic = TEXT("a"), .properties = &id, .property_count = 1};
    struct rig *r = *state;

    start(r);
    for (m.qos = 0; m.qos < 3; m.qos++) {
        assert_int_equal(hawser_publish(&r->c, 0, &m, NULL), HAWSER_E_ARG);
    }
    SENDS(r, "");
}

/* Two messages are under way, and the server takes no more. */
static void fill_window(struct rig *r)
{
    rig_prepare(r, HAWSER_MQTT_5);
    rig_open(r);
    TAKES(r, "20 06 00 00 03 21 00 02");
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "a");
    assert_int_equal(rig_publish(r, 1, "a", "", NULL), HAWSER_E_LIMIT);
    assert_int_equal(rig_publish(r, 2, "a", "", NULL), HAWSER_E_LIMIT);
    SENDS(r, "32 07 00 01 61 00 01 00 78 34 07 00 01 61 00 02 00 78");
}

static void mqtt5_3_3_4_7_no_more_leave_than_the_receive_maximum(void **state)
{
    struct rig *r = *state;

    fill_window(r);
    TAKES(r, "50 02 00 02"); /* is still one of them, until PUBCOMP */
    assert_int_equal(rig_publish(r, 1, "a", "", NULL), HAWSER_E_LIMIT);
    TAKES(r, "40 02 00 01");
    PUBLISHES(r, 1, "a");
    assert_int_equal(rig_publish(r, 1, "a", "", NULL), HAWSER_E_LIMIT);
}

static void mqtt5_3_3_4_8_a_full_window_delays_no_other_packet(void **state)
{
    struct rig *r = *state;

    fill_window(r);
    PUBLISHES(r, 0, "a");
    (void)rig_subscribe(r, "a", 0);
    SENDS(r, "30 05 00 01 61 00 78 82 07 00 03 00 00 01 61 00");
    TAKES(r, "90 04 00 03 00 00 34 06 00 01 61 00 08 00");
    ACCEPTS(r, 8);
    (void)rig_unsubscribe(r, "a");
    SENDS(r, "50 02 00 08 a2 06 00 04 00 00 01 61");
    TAKES(r, "62 02 00 08 50 02 00 02");
    SENDS(r, "70 02 00 08 62 02 00 02");
    assert_int_equal(hawser_tick(&r->c, r->now_ms + 10000), 0);
    SENDS(r, "c0 00");
    assert_int_equal(hawser_disconnect(&r->c, 0, 0), 0);
    SENDS(r, "e0 00");
}

static void mqtt5_3_3_4_9_more_than_our_receive_maximum_is_a_fault(void **state)
{
    static const char *const third[] = {"32 06 00 01 61 00 09 00",
                                        "34 06 00 01 61 00 09 00"};
    struct rig *r = *state;

    for (size_t i = 0; i < 2; i++) {
        rig_prepare(r, HAWSER_MQTT_5);
        r->cfg.receive_maximum = 2;
        CONNECTS(r, "10 11 00 04 4d 51 54 54 05 02 00 0a 03 21 00 02 "
                    "00 01 63");
        TAKES(r, "20 03 00 00 00 32 06 00 01 61 00 07 00 "
                 "34 06 00 01 61 00 08 00");
        ACCEPTS(r, 7);
        ACCEPTS(r, 8); /* PUBREC ends nothing */
        TAKES(r, "32 06 00 01 61 00 07 00 30 04 00 01 61 00");
        SENDS(r, "40 02 00 07 50 02 00 08");
        REFUSES(r, third[i], HAWSER_E_PROTOCOL);
        SENDS(r, "e0 01 93");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt5_3_3_1_1_dup_is_1_on_every_redelivery),
        cmocka_unit_test(mqtt5_3_3_1_2_dup_is_0_on_qos_0),
        cmocka_unit_test(mqtt5_3_3_1_2_u1_dup_on_qos_0_is_malformed),
        cmocka_unit_test(mqtt5_3_3_1_3_dup_does_not_follow_that_of_what_came),
        cmocka_unit_test(mqtt5_3_3_1_4_qos_3_never_leaves_and_is_malformed),
        cmocka_unit_test(mqtt5_3_3_1_12_retain_is_0_unless_it_was_asked_for),
        cmocka_unit_test(mqtt5_3_3_1_13_retain_is_as_published_if_asked_for),
        cmocka_unit_test(mqtt5_3_3_2_1_the_topic_is_first_and_utf_8),
        cmocka_unit_test(mqtt5_3_3_2_2_a_topic_name_has_no_wildcards),
        cmocka_unit_test(mqtt5_3_3_2_3_a_topic_can_be_held_against_the_filters),
        cmocka_unit_test(mqtt5_3_3_2_1_u1_an_empty_topic_needs_an_alias),
        cmocka_unit_test(mqtt5_3_3_4_1_each_publish_is_answered_by_its_qos),
        cmocka_unit_test(
            mqtt5_3_3_4_3_the_identifier_of_a_subscription_comes_with_its_message),
        cmocka_unit_test(mqtt5_3_3_4_4_one_copy_may_have_several_identifiers),
        cmocka_unit_test(mqtt5_3_3_4_5_several_copies_may_have_one_each),
        cmocka_unit_test(mqtt5_3_3_4_6_no_subscription_identifier_leaves),
        cmocka_unit_test(mqtt5_3_3_4_7_no_more_leave_than_the_receive_maximum),
        cmocka_unit_test(mqtt5_3_3_4_8_a_full_window_delays_no_other_packet),
        cmocka_unit_test(
            mqtt5_3_3_4_9_more_than_our_receive_maximum_is_a_fault),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
