/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapter 1: strings, pairs of strings, variable byte integers.
 */
#include "spec.h"

/* Sending --------------------------------------------------------------------- */

enum place {
    CONNECT,
    WILL,
    PUBLISH,
    SUBSCRIBE,
    UNSUBSCRIBE,
    PUBACK,
    DISCONNECT
};
#define PLACES 7

static int connect_with(struct rig *r, const struct hawser_property *p,
                        bool is_will)
{
    struct hawser_message will = {.topic = TEXT("w")};

    rig_prepare(r, HAWSER_MQTT_5);
    will.properties = r->cfg.properties = p;
    will.property_count = is_will ? 1 : 0;
    r->cfg.property_count = is_will ? 0 : 1;
    r->cfg.will = is_will ? &will : NULL;
    return hawser_init(&r->c, &r->cfg);
}

/* The application wants this property in that packet: what it is answered. */
static int send_with(struct rig *r, enum place place,
                     const struct hawser_property *p)
{
    const struct hawser_properties list = {p, 1};
    const struct hawser_message m = {
        .topic = TEXT("t"), .properties = p, .property_count = 1};
    const struct hawser_view name = TEXT("f");
    const struct hawser_filter filter = {.topic_filter = name};
    const struct hawser_subscription s = {&filter, 1, list};
    const struct hawser_unsubscription u = {&name, 1, list};
    uint16_t id;

    rig_start(r, HAWSER_MQTT_5);
    TAKES(r, "32 06 00 01 61 00 07 00");
    switch (place) {
    case CONNECT:
    case WILL:
        return connect_with(r, p, place == WILL);
    case PUBLISH:
        return hawser_publish(&r->c, 0, &m, &id);
    case SUBSCRIBE:
        return hawser_subscribe_with(&r->c, 0, &s, &id);
    case UNSUBSCRIBE:
        return hawser_unsubscribe_with(&r->c, 0, &u, &id);
    case PUBACK:
        return hawser_accept_with(&r->c, 0, 7, 0, &list);
    case DISCONNECT:
        return hawser_disconnect_with(&r->c, 0, 0, &list);
    }
    return 1;
}

/* A string in every field of ours that is one: all are refused, or none is. */
static void expect_strings(struct rig *r, struct hawser_view text, int answer)
{
    static const struct {
        enum place place;
        enum hawser_property_id id;
    } fields[] = {
        {CONNECT, HAWSER_PROP_AUTH_METHOD},
        {WILL, HAWSER_PROP_CONTENT_TYPE},
        {WILL, HAWSER_PROP_RESPONSE_TOPIC},
        {PUBLISH, HAWSER_PROP_CONTENT_TYPE},
        {PUBLISH, HAWSER_PROP_RESPONSE_TOPIC},
        {PUBACK, HAWSER_PROP_REASON_STRING},
        {DISCONNECT, HAWSER_PROP_REASON_STRING},
    };

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        struct hawser_property p = {.id = fields[i].id, .value = text};

        assert_int_equal(send_with(r, fields[i].place, &p), answer);
        if (answer != 0 && fields[i].place > WILL) {
            SENDS(r, "");
        }
    }
}

/* Receiving ------------------------------------------------------------------- */

/* Properties that are strings: in which packet, and which. */
static const struct {
    unsigned first;
    const char *id;
} strings[] = {
    {0x20, "12"}, {0x20, "1A"}, {0x20, "1C"}, {0x20, "1F"}, {0x30, "03"},
    {0x30, "08"}, {0x40, "1F"}, {0x50, "1F"}, {0x62, "1F"}, {0x70, "1F"},
    {0x90, "1F"}, {0xB0, "1F"}, {0xE0, "1F"}, {0xE0, "1C"}, {0xF0, "1F"},
};

static const struct spec_packet *packet_of(unsigned first)
{
    size_t i = 0;

    while (spec_packets[i].first != first) {
        i++;
    }
    return &spec_packets[i];
}

/* A string (hex) in every field of a server's that is one. */
static void expect_received(struct rig *r, const char *string, int answer)
{
    struct hex h;
    char property[100];
    size_t len = hex_read(&h, string).len;

    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        const struct spec_packet *p = packet_of(strings[i].first);

        spec_await(r, p);
        (void)snprintf(property, sizeof property, "%s 00 %02zx %s",
                       strings[i].id, len, string);
        assert_int_equal(spec_feed(r, p, property), answer);
        if (answer != 0) {
            REPORTS(r, "ERROR malformed 81\n");
            SENDS(r, "e0 01 81");
        }
    }
}

static void expect_no_such_string(struct rig *r, const char *string)
{
    struct hex h;

    spec_refuses_string(r, HAWSER_MQTT_5, string); /* outside of properties */
    expect_strings(r, hex_read(&h, string), HAWSER_E_ARG);
    expect_received(r, string, HAWSER_E_MALFORMED);
}

/* Strings --------------------------------------------------------------------- */

static void
mqtt5_1_5_4_1_ill_formed_strings_neither_leave_nor_are_taken(void **state)
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
        expect_no_such_string(r, spec_ill_formed[i]);
    }
    for (size_t i = 0; i < 4; i++) {
        expect_strings(r, hex_read(&h, at_the_edge[i]), 0);
        expect_received(r, at_the_edge[i], 0);
        rig_start(r, HAWSER_MQTT_5);
        assert_int_equal(spec_receive_topic(r, at_the_edge[i]), 0);
    }
}

static void mqtt5_1_5_4_2_u_0000_neither_leaves_nor_is_taken(void **state)
{
    struct rig *r = *state;

    expect_no_such_string(r, "00");
    expect_no_such_string(r, "61 00 62");
}

static void mqtt5_1_5_4_3_u_feff_is_handed_on(void **state)
{
    struct rig *r = *state;
    struct hex h;

    rig_start(r, HAWSER_MQTT_5);
    TAKES(r, "30 11 00 07 EF BB BF 61 EF BB BF 07 03 00 04 EF BB BF 78");
    REPORTS(r, "MESSAGE \xEF\xBB\xBF"
               "a\xEF\xBB\xBF id=0 qos=0 retain=0 dup=0 "
               "props=03 00 04 ef bb bf 78 payload=\n");
    assert_false(hawser_topic_matches(TEXT("a"), TEXT("\xEF\xBB\xBF"
                                                      "a")));
    assert_int_equal(rig_publish(r, 0, "\xEF\xBB\xBF", "", NULL), 0);
    SENDS(r, "30 06 00 03 ef bb bf 00");
    expect_strings(r, hex_read(&h, "EF BB BF"), 0);
    expect_received(r, "EF BB BF", 0);
}

static void
mqtt5_1_5_7_1_both_halves_of_a_pair_obey_the_rules_of_strings(void **state)
{
    struct hawser_property p = {.id = HAWSER_PROP_USER};
    struct rig *r = *state;
    struct hex h;
    char pair[100];

    for (size_t i = 0; spec_ill_formed[i] != NULL; i++) {
        struct hawser_view bad = hex_read(&h, spec_ill_formed[i]);
        struct hawser_view good = TEXT("x");

        for (int half = 0; half < 2; half++) {
            p.name = half == 0 ? bad : good;
            p.value = half == 0 ? good : bad;
            for (int k = 0; k < PLACES; k++) {
                assert_int_equal(send_with(r, (enum place)k, &p), HAWSER_E_ARG);
            }
            for (size_t k = 0; k < spec_packet_count; k++) {
                spec_await(r, &spec_packets[k]);
                (void)snprintf(pair, sizeof pair,
                               half == 0 ? "26 00 %02zx %s 00 01 78"
                                         : "26 00 01 78 00 %02zx %s",
                               bad.len, spec_ill_formed[i]);
                assert_int_equal(spec_feed(r, &spec_packets[k], pair),
                                 HAWSER_E_MALFORMED);
                SENDS(r, "e0 01 81");
            }
        }
    }
    p.name = p.value = TEXT("\xC3\xA9");
    for (int k = 0; k < PLACES; k++) {
        assert_int_equal(send_with(r, (enum place)k, &p), 0);
    }
    for (size_t k = 0; k < spec_packet_count; k++) {
        spec_await(r, &spec_packets[k]);
        assert_int_equal(
            spec_feed(r, &spec_packets[k], "26 00 02 C3 A9 00 02 C3 A9"), 0);
    }
}

/* Variable byte integers ------------------------------------------------------ */

static const struct {
    uint32_t value;
    const char *bytes;
} varints[] = {
    {1, "01"},
    {127, "7f"},
    {128, "80 01"},
    {16383, "ff 7f"},
    {16384, "80 80 01"},
    {2097151, "ff ff 7f"},
    {2097152, "80 80 80 01"},
    {268435455, "ff ff ff 7f"},
};

/* As a subscription identifier, and as a remaining length. */
static void expect_varint_sent(struct rig *r, uint32_t value, const char *bytes)
{
    const struct hawser_filter f = {.topic_filter = TEXT("f")};
    const struct hawser_property p = {.id = HAWSER_PROP_SUBSCRIPTION_ID,
                                      .number = value};
    const struct hawser_subscription s = {&f, 1, {&p, 1}};
    struct hawser_message m = {.topic = TEXT("t")};
    char expected[80];
    unsigned len = (unsigned)(strlen(bytes) + 1) / 3;
    uint16_t id;

    rig_start(r, HAWSER_MQTT_5);
    assert_int_equal(hawser_subscribe_with(&r->c, 0, &s, &id), 0);
    (void)snprintf(expected, sizeof expected,
                   "82 %02x 00 01 %02x 0b %s 00 01 66 00", 8 + len, 1 + len,
                   bytes);
    SENDS(r, expected);
    if (value >= 4) {
        m.payload_more = value - 4;
        assert_int_equal(hawser_publish(&r->c, 0, &m, &id), 0);
        (void)snprintf(expected, sizeof expected, "30 %s 00 01 74 00", bytes);
        SENDS(r, expected);
    }
}

static void mqtt5_1_5_5_1_integers_use_the_fewest_bytes(void **state)
{
    static const char *const longer[] = {
        "30 84 00 00 01 61 00",          /* remaining length 4 */
        "30 84 80 00 00 01 61 00",       /* and longer still */
        "30 05 00 01 61 80 00",          /* property length 0 */
        "30 08 00 01 61 04 0B 81 80 00", /* subscription identifier 1 */
        "30 07 00 01 61 03 81 00 01",    /* property identifier 1 */
        "30 84 80 80 00 00 01 61 00",    /* four bytes for 4 */
    };
    struct rig *r = *state;
    char packet[60];

    for (size_t i = 0; i < sizeof varints / sizeof varints[0]; i++) {
        unsigned len = (unsigned)(strlen(varints[i].bytes) + 1) / 3;

        expect_varint_sent(r, varints[i].value, varints[i].bytes);
        (void)snprintf(packet, sizeof packet, "30 %02x 00 01 61 %02x 0B %s",
                       5 + len, 1 + len, varints[i].bytes);
        TAKES(r, packet);
    }
    for (size_t i = 0; i < sizeof longer / sizeof longer[0]; i++) {
        rig_start(r, HAWSER_MQTT_5);
        REFUSES(r, longer[i], HAWSER_E_MALFORMED);
        SENDS(r, "e0 01 81");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            mqtt5_1_5_4_1_ill_formed_strings_neither_leave_nor_are_taken),
        cmocka_unit_test(mqtt5_1_5_4_2_u_0000_neither_leaves_nor_is_taken),
        cmocka_unit_test(mqtt5_1_5_4_3_u_feff_is_handed_on),
        cmocka_unit_test(
            mqtt5_1_5_7_1_both_halves_of_a_pair_obey_the_rules_of_strings),
        cmocka_unit_test(mqtt5_1_5_5_1_integers_use_the_fewest_bytes),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
