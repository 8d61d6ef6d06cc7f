/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 3.1.1, chapters 4.7 to 7: topics, errors and the transport.
 */
#include "spec.h"

static void start(struct rig *r)
{
    rig_start(r, HAWSER_MQTT_3_1_1);
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

/* As bytes of a topic, in hex. */
static int receive(struct rig *r, const char *topic)
{
    struct hex h;

    start(r);
    return spec_receive_topic(
        r, hex_text(&h, (const uint8_t *)topic, strlen(topic)));
}

static void mqtt3_4_7_1_1_topic_names_have_no_wildcards(void **state)
{
    static const char *const names[] = {"+",     "#",   "a/+", "a/#",
                                        "a/+/b", "a#b", "+a"};
    struct hawser_message will = {.qos = 0};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        start(r);
        assert_int_equal(rig_publish(r, 0, names[i], "", NULL), HAWSER_E_ARG);
        assert_int_equal(receive(r, names[i]), HAWSER_E_MALFORMED);
        assert_false(hawser_is_connected(&r->c));
        rig_prepare(r, HAWSER_MQTT_3_1_1);
        will.topic = rig_view(names[i]);
        r->cfg.will = &will;
        assert_int_equal(hawser_init(&r->c, &r->cfg), HAWSER_E_ARG);
    }
}

static void mqtt3_4_7_1_2_a_number_sign_stands_alone_and_last(void **state)
{
    static const char *const right[] = {"#", "/#", "a/#", "+/#", "a//#", NULL};
    static const char *const wrong[] = {"a#",  "#a",    "##",   "a/b#",
                                        "#/a", "a/#/b", "a/#/", NULL};

    expect_all(*state, right, 0);
    expect_all(*state, wrong, HAWSER_E_ARG);
}

static void mqtt3_4_7_1_3_a_plus_sign_is_a_whole_level(void **state)
{
    static const char *const right[] = {"+",   "+/a", "a/+",   "a/+/b",
                                        "+/+", "/+",  "+/a/#", NULL};
    static const char *const wrong[] = {"a+", "+a",   "++",   "a/b+",
                                        "+#", "a/+b", "+a/b", NULL};

    expect_all(*state, right, 0);
    expect_all(*state, wrong, HAWSER_E_ARG);
}

static bool matches(const char *filter, const char *topic)
{
    return hawser_topic_matches(rig_view(filter), rig_view(topic));
}

static void mqtt3_4_7_2_1_a_leading_wildcard_matches_no_dollar_topic(void **s)
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

static void mqtt3_4_7_3_1_names_and_filters_have_a_character(void **state)
{
    const struct hawser_message will = {.topic = TEXT("")};
    static const char *const none[] = {"", NULL};
    static const char *const one[] = {"/", " ", "a", NULL};
    struct rig *r = *state;

    expect_all(r, none, HAWSER_E_ARG);
    expect_all(r, one, 0);
    start(r);
    assert_int_equal(rig_publish(r, 0, "", "x", NULL), HAWSER_E_ARG);
    assert_int_equal(rig_publish(r, 0, "/", "x", NULL), 0);
    SENDS(r, "30 04 00 01 2f 78");
    rig_prepare(r, HAWSER_MQTT_3_1_1);
    r->cfg.will = &will;
    assert_int_equal(hawser_init(&r->c, &r->cfg), HAWSER_E_ARG);
    start(r);
    REFUSES(r, "30 03 00 00 78", HAWSER_E_PROTOCOL);
    assert_int_equal(receive(r, "/"), 0);
}

static void mqtt3_4_7_3_2_names_and_filters_have_no_u_0000(void **state)
{
    spec_refuses_string(*state, HAWSER_MQTT_3_1_1, "00");
    spec_refuses_string(*state, HAWSER_MQTT_3_1_1, "61 2F 00");
}

/* A name of 65535 bytes, and one more. The length of one that comes has only
 * 16 bits: it cannot be longer. */
static void mqtt3_4_7_3_3_names_and_filters_have_65535_bytes_at_most(void **s)
{
    static uint8_t text[65536];
    static uint8_t rx[70000];
    static uint8_t tx[70000];
    struct hawser_message m = {.topic = {text, 65535}};
    struct hawser_filter f = {.topic_filter = {text, 65535}};
    static const uint8_t head[] = {0x30, 0x81, 0x80, 0x04, 0xFF, 0xFF};
    struct rig *r = *s;
    struct hawser_event ev;
    const uint8_t *at;
    uint16_t id;
    size_t used;

    memset(text, 'a', sizeof text);
    rig_prepare(r, HAWSER_MQTT_3_1_1);
    r->cfg.rx = (struct hawser_span){rx, sizeof rx};
    r->cfg.tx = (struct hawser_span){tx, sizeof tx};
    rig_go_online(r);
    assert_int_equal(hawser_publish(&r->c, 0, &m, NULL), 0);
    assert_int_equal(hawser_out(&r->c, &at), sizeof head + 65535);
    assert_memory_equal(at, head, sizeof head);
    assert_memory_equal(at + sizeof head, text, 65535);
    hawser_sent(&r->c, 0, sizeof head + 65535);
    assert_int_equal(hawser_subscribe(&r->c, 0, &f, 1, &id), 0);
    TAKES(r, "90 03 00 01 00");
    hawser_sent(&r->c, 0, sizeof tx);
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
    assert_true(hawser_next_event(&r->c, &ev));
    assert_int_equal(ev.topic.len, 65535);
    assert_memory_equal(ev.topic.at, text, 65535);
}

static void mqtt3_4_7_3_4_names_are_compared_byte_by_byte(void **state)
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

/* Errors -------------------------------------------------------------------- */

static void mqtt3_4_8_0_1_a_violation_closes_its_connection(void **state)
{
    static const struct {
        const char *packet;
        int error;
    } rows[] = {
        {"00 00", HAWSER_E_PROTOCOL},                   /* types that */
        {"10 0C 00 04 4D 51", HAWSER_E_PROTOCOL},       /* no server */
        {"82 06 00 01 00 01 61 00", HAWSER_E_PROTOCOL}, /* sends */
        {"A2 05 00 01 00 01 61", HAWSER_E_PROTOCOL},
        {"C0 00", HAWSER_E_PROTOCOL},
        {"E0 00", HAWSER_E_PROTOCOL},
        {"F0 00", HAWSER_E_PROTOCOL},
        {"20 02 00 00", HAWSER_E_PROTOCOL},        /* a second CONNACK */
        {"30 80 80 80 80 01", HAWSER_E_MALFORMED}, /* a length of 5 bytes */
        {"D0 01 00", HAWSER_E_MALFORMED},          /* a body for none */
        {"40 03 00 01 00", HAWSER_E_MALFORMED},    /* one too long */
        {"40 01 00", HAWSER_E_MALFORMED},          /* and too short */
        {"50 02 00 01", HAWSER_E_PROTOCOL},        /* PUBREC for QoS 1 */
        {"90 03 00 09 00", HAWSER_E_PROTOCOL},     /* answers nothing */
    };
    struct rig *r = *state;
    size_t used;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start(r);
        PUBLISHES(r, 1, "a");
        PUBLISHES(r, 2, "a");
        (void)rig_out(r);
        REFUSES(r, rows[i].packet, rows[i].error);
        SENDS(r, ""); /* 3.1.1 has no word for it */
        assert_int_equal(
            hawser_feed(&r->c, 0, (const uint8_t *)"\xD0", 1, &used),
            rows[i].error);
        rig_reopen(r); /* another connection is not touched by it */
        TAKES(r, "20 02 00 00");
        assert_true(hawser_is_connected(&r->c));
    }
}

static void mqtt3_4_8_0_2_what_cannot_be_handled_closes_its_connection(void **s)
{
    struct rig *r = *s;
    char packet[40];

    rig_prepare(r, HAWSER_MQTT_3_1_1);
    r->cfg.inbound_count = 2;
    rig_go_online(r);
    TAKES(r, "32 05 00 01 61 00 01 34 05 00 01 61 00 02");
    REFUSES(r, "32 05 00 01 61 00 03", HAWSER_E_PROTOCOL); /* one too many */
    start(r);
    (void)rig_subscribe(r, "a", 0);
    REFUSES(r, "90 41", HAWSER_E_PROTOCOL); /* 65 bytes; rx has 64 */
    start(r);
    (void)snprintf(packet, sizeof packet, "30 %x 00 %x 61", 70, 65);
    REFUSES(r, packet, HAWSER_E_PROTOCOL); /* a topic that rx cannot hold */
    SENDS(r, "");
}

/* Conformance and transport ------------------------------------------------- */

/* A server that speaks 3.1.1 and nothing else, and a client whose settings for
 * 5.0 are all made: each packet is as chapter 3 has it. */
static void mqtt3_7_0_0_2_nothing_outside_the_standard_is_needed(void **state)
{
    static uint8_t aliases[64];
    const struct hawser_property user = {
        .id = HAWSER_PROP_USER, .name = TEXT("k"), .value = TEXT("v")};
    const struct hawser_message m = {.topic = TEXT("a"),
                                     .payload = TEXT("x"),
                                     .qos = 1,
                                     .properties = &user,
                                     .property_count = 1};
    struct rig *r = *state;

    rig_prepare(r, HAWSER_MQTT_3_1_1);
    r->cfg.session_expiry_s = 3600;
    r->cfg.receive_maximum = 5;
    r->cfg.maximum_packet_size = 1000;
    r->cfg.properties = &user;
    r->cfg.property_count = 1;
    r->cfg.aliases_out = (struct hawser_span){aliases, sizeof aliases};
    r->cfg.alias_out_count = 2;
    CONNECTS(r, "10 0d 00 04 4d 51 54 54 04 02 00 0a 00 01 63");
    TAKES(r, "20 02 00 00");
    (void)rig_subscribe(r, "a", 2);
    SENDS(r, "82 06 00 01 00 01 61 02");
    TAKES(r, "90 03 00 01 02");
    assert_int_equal(hawser_publish(&r->c, 0, &m, NULL), 0);
    SENDS(r, "32 06 00 01 61 00 02 78");
    TAKES(r, "40 02 00 02 34 06 00 01 61 00 07 78");
    assert_int_equal(hawser_accept(&r->c, 0, 7, 0x80), 0);
    SENDS(r, "50 02 00 07");
    TAKES(r, "62 02 00 07");
    SENDS(r, "70 02 00 07");
    PUBLISHES(r, 2, "a");
    SENDS(r, "34 06 00 01 61 00 03 78");
    TAKES(r, "50 02 00 03");
    SENDS(r, "62 02 00 03");
    TAKES(r, "70 02 00 03");
    (void)rig_unsubscribe(r, "a");
    SENDS(r, "a2 05 00 04 00 01 61");
    TAKES(r, "B0 02 00 04");
    assert_int_equal(hawser_tick(&r->c, r->now_ms + 10000), 0);
    SENDS(r, "c0 00");
    TAKES(r, "D0 00");
    assert_int_equal(hawser_disconnect(&r->c, r->now_ms, 0), 0);
    SENDS(r, "e0 00");
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
static void mqtt3_7_1_2_1_a_stream_of_bytes_is_all_that_is_needed(void **state)
{
    static const char expected[] =
        "CONNECTED session=0 props=\n"
        "MESSAGE a/b id=7 qos=1 retain=0 dup=0 props= payload=68 69\n"
        "MESSAGE a id=8 qos=2 retain=1 dup=0 props= payload=\n";
    struct rig *r = *state;
    struct hex h;
    const struct hawser_view in =
        hex_read(&h, "20 02 00 00 32 09 00 03 61 2F 62 00 07 68 69 "
                     "35 05 00 01 61 00 08 D0 00");

    for (size_t cut = 0; cut <= in.len; cut++) {
        struct hex out;

        rig_prepare(r, HAWSER_MQTT_3_1_1);
        rig_open(r);
        assert_int_equal(rig_feed_bytes(r, in.at, cut), 0);
        assert_int_equal(rig_feed_bytes(r, in.at + cut, in.len - cut), 0);
        REPORTS(r, expected);
        ACCEPTS(r, 7);
        ACCEPTS(r, 8);
        PUBLISHES(r, 1, "a");
        assert_string_equal(out_in_pieces(r, &out, cut + 1),
                            "40 02 00 07 50 02 00 08 32 06 00 01 61 00 01 78");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt3_4_7_1_1_topic_names_have_no_wildcards),
        cmocka_unit_test(mqtt3_4_7_1_2_a_number_sign_stands_alone_and_last),
        cmocka_unit_test(mqtt3_4_7_1_3_a_plus_sign_is_a_whole_level),
        cmocka_unit_test(
            mqtt3_4_7_2_1_a_leading_wildcard_matches_no_dollar_topic),
        cmocka_unit_test(mqtt3_4_7_3_1_names_and_filters_have_a_character),
        cmocka_unit_test(mqtt3_4_7_3_2_names_and_filters_have_no_u_0000),
        cmocka_unit_test(
            mqtt3_4_7_3_3_names_and_filters_have_65535_bytes_at_most),
        cmocka_unit_test(mqtt3_4_7_3_4_names_are_compared_byte_by_byte),
        cmocka_unit_test(mqtt3_4_8_0_1_a_violation_closes_its_connection),
        cmocka_unit_test(
            mqtt3_4_8_0_2_what_cannot_be_handled_closes_its_connection),
        cmocka_unit_test(mqtt3_7_0_0_2_nothing_outside_the_standard_is_needed),
        cmocka_unit_test(mqtt3_7_1_2_1_a_stream_of_bytes_is_all_that_is_needed),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
