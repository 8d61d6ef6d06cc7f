/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 3.1.1, chapters 3.3 to 3.7: PUBLISH and what answers it.
 */
#include "spec.h"

static void start(struct rig *r)
{
    rig_prepare(r, HAWSER_MQTT_3_1_1);
    r->cfg.clean_start = false;
    rig_go_online(r);
}

/* A new connection to a server that kept the session. */
static void resume(struct rig *r)
{
    rig_reopen(r);
    TAKES(r, "20 02 01 00");
}

static void mqtt3_3_3_1_1_dup_is_1_on_every_redelivery(void **state)
{
    struct rig *r = *state;

    start(r);
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 2, "b");
    SENDS(r, "32 06 00 01 61 00 01 78 34 06 00 01 62 00 02 78");
    for (int i = 0; i < 3; i++) {
        resume(r);
        SENDS(r, "3a 06 00 01 61 00 01 78 3c 06 00 01 62 00 02 78");
    }
    (void)rig_log(r);
    /* And of the server's: told, and asked for within a connection. */
    TAKES(r, "32 05 00 01 61 00 07");
    resume(r);
    TAKES(r, "3A 05 00 01 61 00 07");
    REPORTS(r, "MESSAGE a id=7 qos=1 retain=0 dup=0 props= payload=\n"
               "CONNECTED session=1 props=\n"
               "MESSAGE a id=7 qos=1 retain=0 dup=1 props= payload=\n");
    REFUSES(r, "32 05 00 01 61 00 07", HAWSER_E_PROTOCOL);
}

static void mqtt3_3_3_1_2_dup_is_0_on_qos_0(void **state)
{
    static const char *const marked[] = {"38 03 00 01 61", "39 03 00 01 61"};
    struct rig *r = *state;

    start(r);
    PUBLISHES(r, 0, "a");
    SENDS(r, "30 04 00 01 61 78");
    PUBLISHES(r, 0, "a"); /* the same text is no redelivery */
    SENDS(r, "30 04 00 01 61 78");
    resume(r);
    SENDS(r, "");
    for (size_t i = 0; i < 2; i++) {
        start(r);
        REFUSES(r, marked[i], HAWSER_E_MALFORMED);
        REPORTS(r, "ERROR malformed 81\n");
    }
}

static void mqtt3_3_3_1_3_dup_does_not_follow_that_of_what_came(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "3B 06 00 01 61 00 01 78");
    REPORTS(r, "MESSAGE a id=1 qos=1 retain=1 dup=1 props= payload=78\n");
    PUBLISHES(r, 1, "a"); /* handed on */
    SENDS(r, "32 06 00 01 61 00 01 78");
    TAKES(r, "32 05 00 01 62 00 02");
    resume(r);
    SENDS(r, "3a 06 00 01 61 00 01 78");
    PUBLISHES(r, 1, "a"); /* a new one, beside a redelivery */
    SENDS(r, "32 06 00 01 61 00 02 78");
}

static void mqtt3_3_3_1_4_qos_3_never_leaves_and_closes_when_it_comes(void **s)
{
    struct rig *r = *s;
    char packet[40];

    start(r);
    for (unsigned qos = 3; qos < 256; qos++) {
        assert_int_equal(rig_publish(r, (uint8_t)qos, "a", "x", NULL),
                         HAWSER_E_ARG);
    }
    SENDS(r, "");
    for (unsigned flags = 0; flags < 16; flags++) {
        bool has_both = (flags & 6) == 6;

        if (flags == 8 || flags == 9) {
            continue; /* DUP without QoS: [MQTT-3.3.1-2] */
        }
        start(r);
        (void)snprintf(packet, sizeof packet, "3%x 05 00 01 61 00 07", flags);
        assert_int_equal(rig_feed(r, packet),
                         has_both ? HAWSER_E_MALFORMED : 0);
        assert_int_equal(hawser_is_connected(&r->c), !has_both);
    }
}

static void mqtt3_3_3_1_8_retain_1_of_a_new_subscription_is_told(void **state)
{
    struct rig *r = *state;

    start(r);
    (void)rig_subscribe(r, "a", 2);
    TAKES(r, "90 03 00 01 02 31 04 00 01 61 78 33 06 00 01 61 00 07 79 "
             "35 06 00 01 61 00 08 7a");
    REPORTS(r, "SUBSCRIBED 1 codes=02 props=\n"
               "MESSAGE a id=0 qos=0 retain=1 dup=0 props= payload=78\n"
               "MESSAGE a id=7 qos=1 retain=1 dup=0 props= payload=79\n"
               "MESSAGE a id=8 qos=2 retain=1 dup=0 props= payload=7a\n");
}

static void mqtt3_3_3_1_9_retain_0_of_live_messages_is_told(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "30 04 00 01 61 78 32 06 00 01 61 00 07 79 "
             "34 06 00 01 61 00 08 7a");
    REPORTS(r, "MESSAGE a id=0 qos=0 retain=0 dup=0 props= payload=78\n"
               "MESSAGE a id=7 qos=1 retain=0 dup=0 props= payload=79\n"
               "MESSAGE a id=8 qos=2 retain=0 dup=0 props= payload=7a\n");
}

static void
mqtt3_3_3_1_10_an_empty_retained_message_leaves_only_if_asked_for(void **state)
{
    struct hawser_message m = {.topic = TEXT("a")};
    struct rig *r = *state;

    start(r);
    assert_int_equal(hawser_publish(&r->c, 0, &m, NULL), 0);
    SENDS(r, "30 03 00 01 61"); /* empty, and deletes nothing */
    m.retain = true;
    assert_int_equal(hawser_publish(&r->c, 0, &m, NULL), 0);
    SENDS(r, "31 03 00 01 61");
    m.qos = 1;
    assert_int_equal(hawser_publish(&r->c, 0, &m, NULL), 0);
    SENDS(r, "33 05 00 01 61 00 01");
}

static void mqtt3_3_3_2_1_the_topic_is_first_and_utf_8(void **state)
{
    struct hawser_message m = {.qos = 1};
    struct rig *r = *state;
    struct hex h;

    start(r);
    PUBLISHES(r, 1, "\xC3\xA9/t");
    SENDS(r, "32 09 00 04 c3 a9 2f 74 00 01 78");
    TAKES(r, "32 08 00 04 C3 A9 2F 74 00 07");
    REPORTS(r, "MESSAGE \xC3\xA9/t id=7 qos=1 retain=0 dup=0 props= "
               "payload=\n");
    for (size_t i = 0; spec_ill_formed[i] != NULL; i++) {
        start(r);
        m.topic = hex_read(&h, spec_ill_formed[i]);
        assert_int_equal(hawser_publish(&r->c, 0, &m, NULL), HAWSER_E_ARG);
        SENDS(r, "");
        assert_int_equal(spec_receive_topic(r, spec_ill_formed[i]),
                         HAWSER_E_MALFORMED);
    }
    start(r); /* longer than its packet */
    REFUSES(r, "30 04 00 03 61 62", HAWSER_E_MALFORMED);
}

static void mqtt3_3_3_2_2_a_topic_name_has_no_wildcards(void **state)
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
        REPORTS(r, "ERROR malformed 81\n");
    }
}

/* Subscriptions are the application's: it is handed every topic as it came, and
 * what tells it whether a filter of its own matches. */
static void mqtt3_3_3_2_3_a_topic_can_be_held_against_the_filters(void **state)
{
    static const struct {
        const char *packet;
        struct hawser_view topic;
        bool matches;
    } rows[] = {
        {"30 05 00 03 61 2F 62", {(const uint8_t *)"a/b", 3}, true},
        {"30 04 00 02 61 2F", {(const uint8_t *)"a/", 2}, true},
        {"30 03 00 01 61", {(const uint8_t *)"a", 1}, false},
        {"30 05 00 03 62 2F 62", {(const uint8_t *)"b/b", 3}, false},
    };
    struct rig *r = *state;
    struct hawser_event ev;
    struct hex h;
    size_t used;

    for (size_t i = 0; i < 4; i++) {
        struct hawser_view in = hex_read(&h, rows[i].packet);

        start(r);
        (void)rig_subscribe(r, "a/+", 0);
        TAKES(r, "90 03 00 01 00");
        assert_int_equal(hawser_feed(&r->c, 0, in.at, in.len, &used), 0);
        assert_true(hawser_next_event(&r->c, &ev));
        assert_int_equal(ev.topic.len, rows[i].topic.len);
        assert_memory_equal(ev.topic.at, rows[i].topic.at, ev.topic.len);
        assert_int_equal(hawser_topic_matches(TEXT("a/+"), ev.topic),
                         rows[i].matches);
    }
}

static void mqtt3_3_3_4_1_each_publish_is_answered_by_its_qos(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "30 03 00 01 61");
    assert_int_equal(hawser_accept(&r->c, r->now_ms, 0, 0), HAWSER_E_STATE);
    SENDS(r, "");
    TAKES(r, "32 05 00 01 61 00 07");
    ACCEPTS(r, 7);
    SENDS(r, "40 02 00 07");
    TAKES(r, "34 05 00 01 61 00 08");
    ACCEPTS(r, 8);
    SENDS(r, "50 02 00 08");
}

static void
mqtt3_3_3_5_2_an_unauthorised_publish_is_answered_or_comes_back(void **state)
{
    struct rig *r = *state;

    start(r);
    PUBLISHES(r, 1, "a");
    PUBLISHES(r, 1, "b");
    (void)rig_out(r);
    TAKES(r, "40 02 00 01"); /* acknowledged all the same */
    REPORTS(r, "PUBLISHED 1 00 props=\n");
    resume(r); /* the server closed at the other */
    SENDS(r, "3a 06 00 01 62 00 02 78");
    REPORTS(r, "CONNECTED session=1 props=\n");
}

static void mqtt3_3_6_1_1_pubrel_has_the_flags_0010(void **state)
{
    struct rig *r = *state;
    char packet[20];

    start(r);
    PUBLISHES(r, 2, "a");
    (void)rig_out(r);
    TAKES(r, "50 02 00 01");
    SENDS(r, "62 02 00 01");
    for (unsigned flags = 0; flags < 16; flags++) {
        start(r);
        TAKES(r, "34 05 00 01 61 00 07");
        ACCEPTS(r, 7);
        SENDS(r, "50 02 00 07");
        (void)snprintf(packet, sizeof packet, "6%x 02 00 07", flags);
        assert_int_equal(rig_feed(r, packet),
                         flags == 2 ? 0 : HAWSER_E_MALFORMED);
        SENDS(r, flags == 2 ? "70 02 00 07" : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt3_3_3_1_1_dup_is_1_on_every_redelivery),
        cmocka_unit_test(mqtt3_3_3_1_2_dup_is_0_on_qos_0),
        cmocka_unit_test(mqtt3_3_3_1_3_dup_does_not_follow_that_of_what_came),
        cmocka_unit_test(
            mqtt3_3_3_1_4_qos_3_never_leaves_and_closes_when_it_comes),
        cmocka_unit_test(mqtt3_3_3_1_8_retain_1_of_a_new_subscription_is_told),
        cmocka_unit_test(mqtt3_3_3_1_9_retain_0_of_live_messages_is_told),
        cmocka_unit_test(
            mqtt3_3_3_1_10_an_empty_retained_message_leaves_only_if_asked_for),
        cmocka_unit_test(mqtt3_3_3_2_1_the_topic_is_first_and_utf_8),
        cmocka_unit_test(mqtt3_3_3_2_2_a_topic_name_has_no_wildcards),
        cmocka_unit_test(mqtt3_3_3_2_3_a_topic_can_be_held_against_the_filters),
        cmocka_unit_test(mqtt3_3_3_4_1_each_publish_is_answered_by_its_qos),
        cmocka_unit_test(
            mqtt3_3_3_5_2_an_unauthorised_publish_is_answered_or_comes_back),
        cmocka_unit_test(mqtt3_3_6_1_1_pubrel_has_the_flags_0010),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
