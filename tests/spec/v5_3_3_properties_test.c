/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapter 3.3.2.3: the properties of PUBLISH, topic aliases among
 * them.
 */
#include "spec.h"

/* Online; both sides may use two aliases. */
static void start(struct rig *r)
{
    static uint8_t in[64];
    static uint8_t out[64];

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.aliases_in = (struct hawser_span){in, sizeof in};
    r->cfg.alias_in_count = 2;
    r->cfg.aliases_out = (struct hawser_span){out, sizeof out};
    r->cfg.alias_out_count = 2;
    rig_open(r);
    TAKES(r, "20 06 00 00 03 22 00 02");
    (void)rig_log(r);
}

/* A PUBLISH of QoS 0 to "a" with these properties, in hex, comes. */
static int receive(struct rig *r, const char *properties)
{
    struct hex h;
    unsigned len = (unsigned)hex_read(&h, properties).len;
    char packet[200];

    (void)snprintf(packet, sizeof packet, "30 %02x 00 01 61 %02x %s", 4 + len,
                   len, properties);
    return rig_feed(r, packet);
}

/* They reach the application as they are. */
static void expect_told(struct rig *r, const char *properties)
{
    char line[200];

    start(r);
    assert_int_equal(receive(r, properties), 0);
    (void)snprintf(line, sizeof line,
                   "MESSAGE a id=0 qos=0 retain=0 dup=0 props=%s payload=\n",
                   properties);
    REPORTS(r, line);
}

/* They end the connection: nothing is told, and this leaves. */
static void expect_refusal(struct rig *r, const char *properties,
                           const char *out)
{
    start(r);
    assert_true(receive(r, properties) != 0);
    assert_false(hawser_is_connected(&r->c));
    assert_null(strstr(rig_log(r), "MESSAGE"));
    SENDS(r, out);
}

static int publish_with(struct rig *r, const char *topic,
                        struct hawser_property p)
{
    const struct hawser_message m = {
        .topic = rig_view(topic), .properties = &p, .property_count = 1};

    return hawser_publish(&r->c, r->now_ms, &m, NULL);
}

/* A text in one property: none that is ill-formed leaves, or is told. */
static void expect_utf_8(struct rig *r, enum hawser_property_id id)
{
    struct hex h;
    char encoded[60];

    for (size_t i = 0; spec_ill_formed[i] != NULL; i++) {
        struct hawser_view text = hex_read(&h, spec_ill_formed[i]);

        start(r);
        assert_int_equal(
            publish_with(r, "a",
                         (struct hawser_property){.id = id, .value = text}),
            HAWSER_E_ARG);
        SENDS(r, "");
        (void)snprintf(encoded, sizeof encoded, "%02x 00 %02zx %s",
                       (unsigned)id, text.len, spec_ill_formed[i]);
        expect_refusal(r, encoded, "e0 01 81");
    }
}

/* Payload format, expiry -------------------------------------------------------- */

static void mqtt5_3_3_2_4_payload_format_is_handed_on(void **state)
{
    expect_told(*state, "01 00");
    expect_told(*state, "01 01");
}

static void mqtt5_3_3_2_3_2_u1_payload_format_is_0_or_1_and_once(void **state)
{
    expect_refusal(*state, "01 01 01 01", "e0 01 82");
    expect_refusal(*state, "01 02", "e0 01 82");
    expect_refusal(*state, "01 FF", "e0 01 82");
}

/* The core does not read payloads. The application, which may, refuses one. */
static void mqtt5_3_3_2_3_2_u2_a_payload_that_is_not_utf_8_is_refused(void **s)
{
    struct rig *r = *s;

    start(r);
    TAKES(r, "32 09 00 01 61 00 07 02 01 01 FF");
    REPORTS(r, "MESSAGE a id=7 qos=1 retain=0 dup=0 props=01 01 payload=ff\n");
    assert_int_equal(hawser_accept(&r->c, r->now_ms, 7, 0x99), 0);
    SENDS(r, "40 03 00 07 99");
    TAKES(r, "34 09 00 01 61 00 08 02 01 01 FF");
    assert_int_equal(hawser_accept(&r->c, r->now_ms, 8, 0x99), 0);
    SENDS(r, "50 03 00 08 99");
}

static void mqtt5_3_3_2_6_the_expiry_that_is_left_is_handed_on(void **state)
{
    expect_told(*state, "02 00 00 00 3c");
    expect_told(*state, "02 ff ff ff ff");
}

static void mqtt5_3_3_2_3_3_u1_expiry_comes_once(void **state)
{
    expect_refusal(*state, "02 00 00 00 01 02 00 00 00 01", "e0 01 82");
}

/* Topic aliases ------------------------------------------------------------------ */

static void mqtt5_3_3_2_7_aliases_end_with_the_connection(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "30 07 00 01 61 03 23 00 01 30 06 00 00 03 23 00 01");
    PUBLISHES(r, 0, "topic");
    PUBLISHES(r, 0, "topic");
    SENDS(r, "30 0c 00 05 74 6f 70 69 63 03 23 00 01 78 "
             "30 07 00 00 03 23 00 01 78");
    rig_reopen(r);
    TAKES(r, "20 06 00 00 03 22 00 02");
    PUBLISHES(r, 0, "topic"); /* the topic stands there again */
    SENDS(r, "30 0c 00 05 74 6f 70 69 63 03 23 00 01 78");
    (void)rig_log(r);
    assert_true(rig_feed(r, "30 06 00 00 03 23 00 01") != 0);
    assert_null(strstr(rig_log(r), "MESSAGE"));
}

static struct hawser_property alias(uint32_t number)
{
    return (struct hawser_property){.id = HAWSER_PROP_TOPIC_ALIAS,
                                    .number = number};
}

static void mqtt5_3_3_2_8_alias_0_neither_leaves_nor_is_taken(void **state)
{
    struct rig *r = *state;

    start(r);
    assert_int_equal(publish_with(r, "a", alias(0)), HAWSER_E_ARG);
    SENDS(r, "");
    expect_refusal(r, "23 00 00", "e0 01 94");
}

static void mqtt5_3_3_2_9_no_alias_leaves_above_the_servers_maximum(void **s)
{
    struct rig *r = *s;

    start(r); /* it takes two */
    assert_int_equal(publish_with(r, "a", alias(3)), HAWSER_E_LIMIT);
    assert_int_equal(publish_with(r, "a", alias(65535)), HAWSER_E_LIMIT);
    SENDS(r, "");
    assert_int_equal(publish_with(r, "a", alias(2)), 0);
    SENDS(r, "30 07 00 01 61 03 23 00 02");
    for (char topic[] = "b/topic"; topic[0] < 'h'; topic[0]++) {
        const char *out;

        PUBLISHES(r, 0, topic); /* by itself: 1 and 2 alone */
        out = rig_out(r);
        assert_true(strstr(out, "03 23 00 01") != NULL ||
                    strstr(out, "03 23 00 02") != NULL);
    }
    rig_reopen(r);
    TAKES(r, "20 06 00 00 03 22 00 01"); /* one by now */
    assert_int_equal(publish_with(r, "a", alias(2)), HAWSER_E_LIMIT);
    PUBLISHES(r, 0, "topic");
    PUBLISHES(r, 0, "topi2");
    SENDS(r, "30 0c 00 05 74 6f 70 69 63 03 23 00 01 78 "
             "30 0c 00 05 74 6f 70 69 32 03 23 00 01 78");
}

static void mqtt5_3_3_2_10_each_alias_up_to_our_maximum_is_taken(void **state)
{
    struct rig *r = *state;

    start(r);
    TAKES(r, "30 07 00 01 61 03 23 00 01 30 07 00 01 62 03 23 00 02 "
             "30 06 00 00 03 23 00 01 30 06 00 00 03 23 00 02 "
             "30 07 00 01 63 03 23 00 01 30 06 00 00 03 23 00 01");
    REPORTS(r, "MESSAGE a id=0 qos=0 retain=0 dup=0 props=23 00 01 payload=\n"
               "MESSAGE b id=0 qos=0 retain=0 dup=0 props=23 00 02 payload=\n"
               "MESSAGE a id=0 qos=0 retain=0 dup=0 props=23 00 01 payload=\n"
               "MESSAGE b id=0 qos=0 retain=0 dup=0 props=23 00 02 payload=\n"
               "MESSAGE c id=0 qos=0 retain=0 dup=0 props=23 00 01 payload=\n"
               "MESSAGE c id=0 qos=0 retain=0 dup=0 props=23 00 01 payload=\n");
}

static void mqtt5_3_3_2_11_an_alias_above_our_maximum_is_refused(void **state)
{
    expect_refusal(*state, "23 00 03", "e0 01 94");
    expect_refusal(*state, "23 FF FF", "e0 01 94");
}

static void mqtt5_3_3_2_3_4_u1_topic_alias_comes_once(void **state)
{
    expect_refusal(*state, "23 00 01 23 00 01", "e0 01 82");
}

static void
mqtt5_3_3_2_3_4_u2_an_alias_that_stands_for_nothing_is_a_fault(void **state)
{
    struct rig *r = *state;

    start(r);
    REFUSES(r, "30 06 00 00 03 23 00 01", HAWSER_E_PROTOCOL);
    SENDS(r, "e0 01 82");
}

/* Request and response ------------------------------------------------------------ */

static void mqtt5_3_3_2_13_the_response_topic_is_utf_8(void **state)
{
    expect_utf_8(*state, HAWSER_PROP_RESPONSE_TOPIC);
}

static void mqtt5_3_3_2_14_the_response_topic_has_no_wildcards(void **state)
{
    static const char *const topics[] = {"+", "#", "a/+", "a/#"};
    struct rig *r = *state;
    struct hex h;
    char encoded[60];

    for (size_t i = 0; i < 4; i++) {
        start(r);
        assert_int_equal(publish_with(r, "a",
                                      (struct hawser_property){
                                          .id = HAWSER_PROP_RESPONSE_TOPIC,
                                          .value = rig_view(topics[i])}),
                         HAWSER_E_ARG);
        SENDS(r, "");
        (void)snprintf(
            encoded, sizeof encoded, "08 00 %02zx %s", strlen(topics[i]),
            hex_text(&h, (const uint8_t *)topics[i], strlen(topics[i])));
        start(r);
        assert_true(receive(r, encoded) != 0);
        assert_false(hawser_is_connected(&r->c));
    }
}

static void mqtt5_3_3_2_15_the_response_topic_is_handed_on(void **state)
{
    expect_told(*state, "08 00 03 72 2f 74");
}

static void mqtt5_3_3_2_3_5_u1_the_response_topic_comes_once(void **state)
{
    expect_refusal(*state, "08 00 01 72 08 00 01 72", "e0 01 82");
}

static void mqtt5_3_3_2_16_correlation_data_are_handed_on(void **state)
{
    expect_told(*state, "09 00 03 00 ff 80");
    expect_told(*state, "09 00 00");
}

static void mqtt5_3_3_2_3_6_u1_correlation_data_come_once(void **state)
{
    expect_refusal(*state, "09 00 01 00 09 00 01 00", "e0 01 82");
}

/* User properties, identifiers, content type --------------------------------------- */

static void mqtt5_3_3_2_17_all_user_properties_are_handed_on(void **state)
{
    struct rig *r = *state;

    expect_told(r, "26 00 01 6b 00 01 31 26 00 01 6b 00 01 31 26 00 00 00 00");
}

static void mqtt5_3_3_2_18_user_properties_keep_their_order(void **state)
{
    static const char *const values[] = {"1", "3", "2", "1"};
    struct rig *r = *state;
    struct hawser_event ev;
    struct hawser_property p;
    struct hawser_view rest;
    struct hex h;
    size_t used;
    struct hawser_view in =
        hex_read(&h, "30 20 00 01 61 1C 26 00 01 6B 00 01 31 "
                     "26 00 01 6A 00 01 33 26 00 01 6B 00 01 32 "
                     "26 00 01 6A 00 01 31");

    start(r);
    assert_int_equal(hawser_feed(&r->c, 0, in.at, in.len, &used), 0);
    assert_true(hawser_next_event(&r->c, &ev));
    rest = ev.properties;
    for (size_t i = 0; i < 4; i++) {
        assert_true(hawser_property_next(&rest, &p));
        assert_int_equal(p.id, HAWSER_PROP_USER);
        assert_view(p.name, i % 2 == 0 ? "k" : "j");
        assert_view(p.value, values[i]);
    }
    assert_false(hawser_property_next(&rest, &p));
}

static void mqtt5_3_3_2_3_8_u1_subscription_identifier_0_is_a_fault(void **s)
{
    expect_refusal(*s, "0B 00", "e0 01 82");
    expect_told(*s, "0b ff ff ff 7f"); /* the largest */
}

static void mqtt5_3_3_2_19_the_content_type_is_utf_8(void **state)
{
    expect_utf_8(*state, HAWSER_PROP_CONTENT_TYPE);
}

static void mqtt5_3_3_2_20_the_content_type_is_handed_on(void **state)
{
    expect_told(*state, "03 00 04 61 2f 62 20");
}

static void mqtt5_3_3_2_3_9_u1_the_content_type_comes_once(void **state)
{
    expect_refusal(*state, "03 00 01 63 03 00 01 63", "e0 01 82");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt5_3_3_2_4_payload_format_is_handed_on),
        cmocka_unit_test(mqtt5_3_3_2_3_2_u1_payload_format_is_0_or_1_and_once),
        cmocka_unit_test(
            mqtt5_3_3_2_3_2_u2_a_payload_that_is_not_utf_8_is_refused),
        cmocka_unit_test(mqtt5_3_3_2_6_the_expiry_that_is_left_is_handed_on),
        cmocka_unit_test(mqtt5_3_3_2_3_3_u1_expiry_comes_once),
        cmocka_unit_test(mqtt5_3_3_2_7_aliases_end_with_the_connection),
        cmocka_unit_test(mqtt5_3_3_2_8_alias_0_neither_leaves_nor_is_taken),
        cmocka_unit_test(
            mqtt5_3_3_2_9_no_alias_leaves_above_the_servers_maximum),
        cmocka_unit_test(mqtt5_3_3_2_10_each_alias_up_to_our_maximum_is_taken),
        cmocka_unit_test(mqtt5_3_3_2_11_an_alias_above_our_maximum_is_refused),
        cmocka_unit_test(mqtt5_3_3_2_3_4_u1_topic_alias_comes_once),
        cmocka_unit_test(
            mqtt5_3_3_2_3_4_u2_an_alias_that_stands_for_nothing_is_a_fault),
        cmocka_unit_test(mqtt5_3_3_2_13_the_response_topic_is_utf_8),
        cmocka_unit_test(mqtt5_3_3_2_14_the_response_topic_has_no_wildcards),
        cmocka_unit_test(mqtt5_3_3_2_15_the_response_topic_is_handed_on),
        cmocka_unit_test(mqtt5_3_3_2_3_5_u1_the_response_topic_comes_once),
        cmocka_unit_test(mqtt5_3_3_2_16_correlation_data_are_handed_on),
        cmocka_unit_test(mqtt5_3_3_2_3_6_u1_correlation_data_come_once),
        cmocka_unit_test(mqtt5_3_3_2_17_all_user_properties_are_handed_on),
        cmocka_unit_test(mqtt5_3_3_2_18_user_properties_keep_their_order),
        cmocka_unit_test(
            mqtt5_3_3_2_3_8_u1_subscription_identifier_0_is_a_fault),
        cmocka_unit_test(mqtt5_3_3_2_19_the_content_type_is_utf_8),
        cmocka_unit_test(mqtt5_3_3_2_20_the_content_type_is_handed_on),
        cmocka_unit_test(mqtt5_3_3_2_3_9_u1_the_content_type_comes_once),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
