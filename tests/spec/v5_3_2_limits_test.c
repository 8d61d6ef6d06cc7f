/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapter 3.2.2.3: what the properties of CONNACK forbid the client.
 */
#include "spec.h"

/* A CONNACK with these properties, in hex, comes. */
static int receive(struct rig *r, const char *properties)
{
    struct hex h;
    unsigned len = (unsigned)hex_read(&h, properties).len;
    char packet[200];

    (void)snprintf(packet, sizeof packet, "20 %02x 00 00 %02x %s", 3 + len, len,
                   properties);
    return rig_feed(r, packet);
}

/* Online at a server with these properties; the session may go on later. */
static void start(struct rig *r, const char *properties)
{
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.clean_start = false;
    r->cfg.session_expiry_s = 3600;
    rig_open(r);
    assert_int_equal(receive(r, properties), 0);
    (void)rig_log(r);
}

/* The session goes on, at a server that has become stricter. */
static void resume(struct rig *r, const char *connack)
{
    (void)rig_out(r);
    rig_reopen(r);
    TAKES(r, connack);
}

static int publish(struct rig *r, uint8_t qos, bool retain)
{
    const struct hawser_message m = {
        .topic = TEXT("a"), .qos = qos, .retain = retain};

    return hawser_publish(&r->c, r->now_ms, &m, NULL);
}

/* The largest QoS that leaves is what the server named. */
static void expect_maximum_qos(struct rig *r)
{
    for (uint8_t maximum = 0; maximum < 3; maximum++) {
        start(r, maximum == 0 ? "24 00" : maximum == 1 ? "24 01" : "");
        for (uint8_t qos = 0; qos < 3; qos++) {
            assert_int_equal(publish(r, qos, false),
                             qos > maximum ? HAWSER_E_LIMIT : 0);
            assert_int_equal(rig_out(r)[0] != 0, qos <= maximum);
        }
    }
}

static void mqtt5_3_2_2_9_the_maximum_qos_of_the_server_is_held(void **state)
{
    struct rig *r = *state;

    expect_maximum_qos(r);
    start(r, "24 00"); /* it is a limit of PUBLISH, not of SUBSCRIBE */
    (void)rig_subscribe(r, "a", 2);
    SENDS(r, "82 07 00 01 00 00 01 61 02");
}

static void mqtt5_3_2_2_11_no_publish_leaves_above_the_maximum_qos(void **state)
{
    struct rig *r = *state;

    expect_maximum_qos(r);
    start(r, "");
    assert_int_equal(publish(r, 1, false), 0);
    assert_int_equal(publish(r, 2, false), 0);
    resume(r, "20 05 01 00 02 24 01"); /* no longer QoS 2 */
    SENDS(r, "3a 06 00 01 61 00 01 00");
    REPORTS(r, "CONNECTED session=1 props=24 01\nPUBLISHED 2 9b props=\n");
}

static void mqtt5_3_2_2_14_no_retain_leaves_where_it_is_not_available(void **s)
{
    struct rig *r = *s;

    for (uint8_t qos = 0; qos < 3; qos++) {
        start(r, "25 00");
        assert_int_equal(publish(r, qos, true), HAWSER_E_LIMIT);
        SENDS(r, "");
        assert_int_equal(publish(r, qos, false), 0);
        start(r, "25 01");
        assert_int_equal(publish(r, qos, true), 0);
        start(r, "");
        assert_int_equal(publish(r, qos, true), 0);
    }
    start(r, "");
    assert_int_equal(publish(r, 1, true), 0);
    assert_int_equal(publish(r, 1, false), 0);
    resume(r, "20 05 01 00 02 25 00"); /* no longer */
    SENDS(r, "3a 06 00 01 61 00 02 00");
    REPORTS(r, "CONNECTED session=1 props=25 00\nPUBLISHED 1 9a props=\n");
}

/* The server takes packets of so many bytes. */
static void start_with_size(struct rig *r, unsigned size)
{
    char property[20];

    (void)snprintf(property, sizeof property, "27 %08x", size);
    start(r, property);
}

static void mqtt5_3_2_2_15_no_packet_leaves_above_the_maximum_size(void **state)
{
    const struct hawser_view filter = TEXT("a");
    const struct hawser_filter f = {.topic_filter = TEXT("a")};
    struct rig *r = *state;
    uint16_t id;

    start_with_size(r, 7);
    assert_int_equal(rig_publish(r, 1, "a", "x", NULL), HAWSER_E_LIMIT);
    assert_int_equal(rig_publish(r, 2, "a", "x", NULL), HAWSER_E_LIMIT);
    assert_int_equal(rig_publish(r, 0, "a", "xy", NULL), HAWSER_E_LIMIT);
    assert_int_equal(hawser_subscribe(&r->c, 0, &f, 1, &id), HAWSER_E_LIMIT);
    assert_int_equal(hawser_unsubscribe(&r->c, 0, &filter, 1, &id),
                     HAWSER_E_LIMIT);
    SENDS(r, "");
    PUBLISHES(r, 0, "a");
    SENDS(r, "30 05 00 01 61 00 78");
    start_with_size(r, 9); /* as long as they are */
    PUBLISHES(r, 1, "a");
    (void)rig_subscribe(r, "a", 0);
    SENDS(r, "32 07 00 01 61 00 01 00 78 82 07 00 02 00 00 01 61 00");
    start(r, "");
    PUBLISHES(r, 1, "ab");
    PUBLISHES(r, 1, "a");
    resume(r, "20 08 01 00 05 27 00 00 00 09"); /* no longer 10 */
    SENDS(r, "3a 07 00 01 61 00 02 00 78");
    REPORTS(r, "CONNECTED session=1 props=27 00 00 00 09\n"
               "PUBLISHED 1 95 props=\n");
}

/* Nor does an answer: a refusal, or what names a fault. */
static void mqtt5_3_2_2_15_no_answer_leaves_above_the_maximum_size(void **state)
{
    struct rig *r = *state;

    for (unsigned size = 4; size <= 5; size++) {
        start_with_size(r, size);
        TAKES(r, "32 06 00 01 61 00 07 00");
        assert_int_equal(hawser_accept(&r->c, r->now_ms, 7, 0x83), 0);
        SENDS(r, size == 5 ? "40 03 00 07 83" : "");
    }
    for (unsigned size = 2; size <= 3; size++) {
        start_with_size(r, size);
        REFUSES(r, "d0 01 00", HAWSER_E_MALFORMED);
        SENDS(r, size == 3 ? "e0 01 81" : "");
    }
}

static int publish_alias(struct rig *r, uint32_t alias)
{
    const struct hawser_property p = {.id = HAWSER_PROP_TOPIC_ALIAS,
                                      .number = alias};
    const struct hawser_message m = {
        .topic = TEXT("topic"), .properties = &p, .property_count = 1};

    return hawser_publish(&r->c, r->now_ms, &m, NULL);
}

/* Three aliases of our own, at a server with these properties. */
static void start_with_aliases(struct rig *r, const char *properties)
{
    static uint8_t memory[96];

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.aliases_out = (struct hawser_span){memory, sizeof memory};
    r->cfg.alias_out_count = 3;
    rig_open(r);
    assert_int_equal(receive(r, properties), 0);
}

static void mqtt5_3_2_2_17_no_alias_leaves_above_the_servers_maximum(void **s)
{
    struct rig *r = *s;

    start_with_aliases(r, "22 00 02");
    for (char topic[] = "a/topic"; topic[0] < 'h'; topic[0]++) {
        const char *out;

        PUBLISHES(r, 0, topic);
        out = rig_out(r);
        assert_true(strstr(out, " 03 23 00 01") != NULL ||
                    strstr(out, " 03 23 00 02") != NULL);
    }
    assert_int_equal(publish_alias(r, 3), HAWSER_E_LIMIT);
    SENDS(r, "");
    assert_int_equal(publish_alias(r, 2), 0);
    SENDS(r, "30 0b 00 05 74 6f 70 69 63 03 23 00 02");
}

static void mqtt5_3_2_2_18_no_alias_leaves_without_a_maximum(void **state)
{
    static const char *const none[] = {"", "22 00 00"};
    struct rig *r = *state;

    for (size_t i = 0; i < 2; i++) {
        start_with_aliases(r, none[i]);
        for (int n = 0; n < 3; n++) {
            PUBLISHES(r, 0, "topic");
            SENDS(r, "30 09 00 05 74 6f 70 69 63 00 78");
        }
        assert_int_equal(publish_alias(r, 1), HAWSER_E_LIMIT);
        SENDS(r, "");
    }
    start_with_aliases(r, "22 00 01"); /* of an earlier connection */
    rig_reopen(r);
    TAKES(r, "20 03 00 00 00");
    PUBLISHES(r, 0, "topic");
    SENDS(r, "30 09 00 05 74 6f 70 69 63 00 78");
}

/* What SUBSCRIBE answers; it leaves where that is 0. */
static int subscribe(struct rig *r, const char *filter, uint32_t identifier)
{
    const struct hawser_property p = {.id = HAWSER_PROP_SUBSCRIPTION_ID,
                                      .number = identifier};
    const struct hawser_filter f[] = {{.topic_filter = TEXT("plain")},
                                      {.topic_filter = rig_view(filter)}};
    const struct hawser_subscription s = {f, 2, {&p, identifier == 0 ? 0 : 1}};
    uint16_t id;
    int answer = hawser_subscribe_with(&r->c, r->now_ms, &s, &id);

    assert_int_equal(rig_out(r)[0] != 0, answer == 0);
    return answer;
}

static void mqtt5_3_2_2_3_11_u2_no_wildcard_leaves_where_none_is_taken(void **s)
{
    static const char *const filters[] = {"+", "#", "a/+/b", "a/#",
                                          "$share/g/a/#"};
    struct rig *r = *s;

    for (size_t i = 0; i < 5; i++) {
        start(r, "28 00");
        assert_int_equal(subscribe(r, filters[i], 0), HAWSER_E_LIMIT);
        assert_int_equal(subscribe(r, "a/b", 0), 0);
        start(r, "28 01");
        assert_int_equal(subscribe(r, filters[i], 0), 0);
        start(r, "");
        assert_int_equal(subscribe(r, filters[i], 0), 0);
    }
}

static void
mqtt5_3_2_2_3_12_u2_no_identifier_leaves_where_none_is_taken(void **state)
{
    struct rig *r = *state;

    start(r, "29 00");
    assert_int_equal(subscribe(r, "a", 1), HAWSER_E_LIMIT);
    assert_int_equal(subscribe(r, "a", 0), 0);
    start(r, "29 01");
    assert_int_equal(subscribe(r, "a", 1), 0);
    start(r, "");
    assert_int_equal(subscribe(r, "a", 1), 0);
}

static void
mqtt5_3_2_2_3_13_u2_no_shared_filter_leaves_where_none_is_taken(void **state)
{
    struct rig *r = *state;

    start(r, "2A 00");
    assert_int_equal(subscribe(r, "$share/g/a", 0), HAWSER_E_LIMIT);
    assert_int_equal(subscribe(r, "share/g/a", 0), 0); /* is none */
    start(r, "2A 01");
    assert_int_equal(subscribe(r, "$share/g/a", 0), 0);
    start(r, "");
    assert_int_equal(subscribe(r, "$share/g/a", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt5_3_2_2_9_the_maximum_qos_of_the_server_is_held),
        cmocka_unit_test(
            mqtt5_3_2_2_11_no_publish_leaves_above_the_maximum_qos),
        cmocka_unit_test(
            mqtt5_3_2_2_14_no_retain_leaves_where_it_is_not_available),
        cmocka_unit_test(
            mqtt5_3_2_2_15_no_packet_leaves_above_the_maximum_size),
        cmocka_unit_test(
            mqtt5_3_2_2_15_no_answer_leaves_above_the_maximum_size),
        cmocka_unit_test(
            mqtt5_3_2_2_17_no_alias_leaves_above_the_servers_maximum),
        cmocka_unit_test(mqtt5_3_2_2_18_no_alias_leaves_without_a_maximum),
        cmocka_unit_test(
            mqtt5_3_2_2_3_11_u2_no_wildcard_leaves_where_none_is_taken),
        cmocka_unit_test(
            mqtt5_3_2_2_3_12_u2_no_identifier_leaves_where_none_is_taken),
        cmocka_unit_test(
            mqtt5_3_2_2_3_13_u2_no_shared_filter_leaves_where_none_is_taken),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
