/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of PUBLISH, SUBSCRIBE and UNSUBSCRIBE as requests.
 */
#include "mqtt/client.h"
#include "mqtt/rig.h"

static void test_publish_writes_each_quality(void **state)
{
    struct rig r;
    uint16_t id = 9;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(rig_publish(&r, 0, "a", "hi", &id), 0);
    assert_int_equal(id, 0);
    assert_string_equal(rig_out(&r), "30 05 00 01 61 68 69");
    assert_int_equal(rig_publish(&r, 1, "a", "hi", &id), 0);
    assert_int_equal(id, 1);
    assert_string_equal(rig_out(&r), "32 07 00 01 61 00 01 68 69");
    assert_int_equal(rig_publish(&r, 1, "a", "hi", NULL), 0);
    assert_string_equal(rig_out(&r), "32 07 00 01 61 00 02 68 69");
}

static void test_publish_of_what_is_no_message_is_refused(void **state)
{
    const struct hawser_property wrong = {.id = HAWSER_PROP_SUBSCRIPTION_ID,
                                          .number = 1};
    const struct hawser_property alias = {.id = HAWSER_PROP_TOPIC_ALIAS,
                                          .number = 1};
    struct hawser_message m = {.topic = TEXT("a")};
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_publish(&r, 3, "a", "", NULL), HAWSER_E_ARG);
    assert_int_equal(rig_publish(&r, 0, "", "", NULL), HAWSER_E_ARG);
    assert_int_equal(rig_publish(&r, 0, "a/+", "", NULL), HAWSER_E_ARG);
    assert_int_equal(rig_publish(&r, 0, "\xff", "", NULL), HAWSER_E_ARG);
    m.properties = &wrong;
    m.property_count = 1;
    assert_int_equal(hawser_publish(&r.c, 0, &m, NULL), HAWSER_E_ARG);
    m.properties = &alias; /* no memory for aliases */
    assert_int_equal(hawser_publish(&r.c, 0, &m, NULL), HAWSER_E_LIMIT);
    m.property_count = 0;
    m.payload.len = 268435455;
    assert_int_equal(hawser_publish(&r.c, 0, &m, NULL), HAWSER_E_ARG);
    assert_string_equal(rig_out(&r), "");
}

static void test_publish_when_not_connected_is_refused(void **state)
{
    const struct hawser_filter f = {.topic_filter = TEXT("a")};
    struct rig r;
    uint16_t id;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    rig_open(&r);
    assert_int_equal(rig_publish(&r, 0, "a", "", NULL), HAWSER_E_STATE);
    assert_int_equal(hawser_subscribe(&r.c, 0, &f, 1, &id), HAWSER_E_STATE);
    assert_int_equal(hawser_unsubscribe(&r.c, 0, &f.topic_filter, 1, &id),
                     HAWSER_E_STATE);
}

static void test_publish_without_room_changes_nothing(void **state)
{
    static char big[240];
    struct rig r;
    uint16_t id = 9;

    (void)state;
    memset(big, 'x', sizeof big - 1);
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(rig_publish(&r, 0, "a", big, NULL), 0);
    assert_int_equal(rig_publish(&r, 0, "a", big, NULL), HAWSER_E_FULL);
    assert_int_equal(rig_publish(&r, 1, "a", big, &id), HAWSER_E_FULL);
    assert_int_equal(id, 9);
    (void)rig_out(&r);
    assert_int_equal(rig_publish(&r, 1, "a", big, &id), 0);
    (void)rig_out(&r);
    /* The store is full now, tx is not. */
    assert_int_equal(rig_publish(&r, 1, "a", big, &id), HAWSER_E_FULL);
    assert_string_equal(rig_out(&r), "");
}

static void test_publish_in_pieces_of_tx_moves_what_waits(void **state)
{
    static const char packet[] = "30 08 00 01 61 31 32 33 34 35 ";
    char expected[HEX_BYTES_MAX];
    size_t len = 0;
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    while (rig_publish(&r, 0, "a", "12345", NULL) == 0) {
        memcpy(expected + len, packet, sizeof packet);
        len += sizeof packet - 1;
    }
    /* A part leaves; the next packet needs its place. */
    hawser_sent(&r.c, r.now_ms, 23);
    assert_int_equal(rig_publish(&r, 0, "b", "54321", NULL), 0);
    (void)snprintf(expected + len, sizeof expected - len,
                   "30 08 00 01 62 35 34 33 32 31");
    assert_string_equal(rig_out(&r), expected + 69); /* 3 letters a byte */
}

static void test_subscribe_writes_all_filters(void **state)
{
    const struct hawser_filter f[] = {
        {.topic_filter = TEXT("a"), .qos = 1},
        {.topic_filter = TEXT("b"), .no_local = true, .retain_handling = 1}};
    struct rig r;
    uint16_t id;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_subscribe(&r.c, r.now_ms, f, 2, &id), 0);
    assert_int_equal(id, 1);
    assert_string_equal(rig_out(&r), "82 0b 00 01 00 00 01 61 01 00 01 62 14");
    assert_int_equal(hawser_subscribe(&r.c, r.now_ms, f, 1, &id),
                     HAWSER_E_STATE);
    assert_int_equal(rig_feed(&r, "90 05 00 01 00 01 80"), 0);
    assert_string_equal(rig_log(&r), "SUBSCRIBED 1 codes=01 80 props=\n");
    assert_int_equal(hawser_subscribe(&r.c, r.now_ms, f, 1, &id), 0);
}

static void test_subscribe_to_what_is_no_filter_is_refused(void **state)
{
    struct hawser_filter f = {.topic_filter = TEXT("a#")};
    struct rig r;
    uint16_t id;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_subscribe(&r.c, 0, &f, 0, &id), HAWSER_E_ARG);
    assert_int_equal(hawser_subscribe(&r.c, 0, &f, 1, &id), HAWSER_E_ARG);
    f.topic_filter = TEXT("a");
    f.qos = 3;
    assert_int_equal(hawser_subscribe(&r.c, 0, &f, 1, &id), HAWSER_E_ARG);
    f.qos = 1;
    f.retain_handling = 3;
    assert_int_equal(hawser_subscribe(&r.c, 0, &f, 1, &id), HAWSER_E_ARG);
    f.retain_handling = 2;
    f.no_local = true;
    f.topic_filter = TEXT("$share/g/a");
    assert_int_equal(hawser_subscribe(&r.c, 0, &f, 1, &id), HAWSER_E_ARG);
    f.no_local = false;
    assert_int_equal(hawser_subscribe(&r.c, 0, &f, 1, &id), 0);
    assert_string_equal(rig_out(&r),
                        "82 10 00 01 00 00 0a 24 73 68 61 72 65 2f 67 2f 61 "
                        "21");
}

static void test_unsubscribe_writes_all_filters(void **state)
{
    const struct hawser_view f[] = {TEXT("a"), TEXT("b/#")};
    const struct hawser_view bad = TEXT("#/b");
    struct rig r;
    uint16_t id;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(hawser_unsubscribe(&r.c, 0, f, 0, &id), HAWSER_E_ARG);
    assert_int_equal(hawser_unsubscribe(&r.c, 0, &bad, 1, &id), HAWSER_E_ARG);
    assert_int_equal(hawser_unsubscribe(&r.c, 0, f, 2, &id), 0);
    assert_string_equal(rig_out(&r), "a2 0a 00 01 00 01 61 00 03 62 2f 23");
    assert_int_equal(hawser_unsubscribe(&r.c, 0, f, 2, &id), HAWSER_E_STATE);
    assert_int_equal(rig_feed(&r, "B0 02 00 01"), 0);
    assert_int_equal(hawser_unsubscribe(&r.c, 0, f, 2, &id), 0);
}

static void test_requests_without_room_change_nothing(void **state)
{
    const struct hawser_filter f = {.topic_filter = TEXT("a")};
    struct rig r;
    uint16_t id = 9;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    while (rig_publish(&r, 0, "a", "", NULL) == 0) {
    }
    assert_int_equal(hawser_subscribe(&r.c, 0, &f, 1, &id), HAWSER_E_FULL);
    assert_int_equal(hawser_unsubscribe(&r.c, 0, &f.topic_filter, 1, &id),
                     HAWSER_E_FULL);
    assert_int_equal(id, 9);
    (void)rig_out(&r);
    assert_int_equal(hawser_subscribe(&r.c, 0, &f, 1, &id), 0);
}

static void test_requests_carry_properties(void **state)
{
    const struct hawser_property id = {.id = HAWSER_PROP_SUBSCRIPTION_ID,
                                       .number = 200};
    const struct hawser_property user = {
        .id = HAWSER_PROP_USER, .name = TEXT("n"), .value = TEXT("v")};
    const struct hawser_filter f = {.topic_filter = TEXT("a")};
    struct hawser_subscription s = {&f, 1, {&id, 1}};
    struct hawser_unsubscription u = {&f.topic_filter, 1, {&user, 1}};
    struct rig r;
    uint16_t packet_id;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_subscribe_with(&r.c, 0, &s, &packet_id), 0);
    assert_string_equal(rig_out(&r), "82 0a 00 01 03 0b c8 01 00 01 61 00");
    assert_int_equal(rig_feed(&r, "90 04 00 01 00 00"), 0);
    assert_int_equal(hawser_unsubscribe_with(&r.c, 0, &u, &packet_id), 0);
    assert_string_equal(rig_out(&r),
                        "a2 0d 00 02 07 26 00 01 6e 00 01 76 00 01 61");
    assert_int_equal(rig_feed(&r, "b0 04 00 02 00 00"), 0);
    s.properties.at = &user;
    u.properties.at = &id;
    assert_int_equal(hawser_subscribe_with(&r.c, 0, &s, &packet_id), 0);
    assert_int_equal(rig_feed(&r, "90 04 00 03 00 00"), 0);
    assert_int_equal(hawser_unsubscribe_with(&r.c, 0, &u, &packet_id),
                     HAWSER_E_ARG);
    s.properties.at = &(struct hawser_property){
        .id = HAWSER_PROP_RECEIVE_MAXIMUM, .number = 1};
    assert_int_equal(hawser_subscribe_with(&r.c, 0, &s, &packet_id),
                     HAWSER_E_ARG);
    /* A server without subscription identifiers. */
    s.properties.at = &id;
    rig_open(&r);
    assert_int_equal(rig_feed(&r, "20 05 00 00 02 29 00"), 0);
    assert_int_equal(hawser_subscribe_with(&r.c, 0, &s, &packet_id),
                     HAWSER_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_publish_writes_each_quality),
        cmocka_unit_test(test_publish_of_what_is_no_message_is_refused),
        cmocka_unit_test(test_publish_when_not_connected_is_refused),
        cmocka_unit_test(test_publish_without_room_changes_nothing),
        cmocka_unit_test(test_publish_in_pieces_of_tx_moves_what_waits),
        cmocka_unit_test(test_subscribe_writes_all_filters),
        cmocka_unit_test(test_subscribe_to_what_is_no_filter_is_refused),
        cmocka_unit_test(test_unsubscribe_writes_all_filters),
        cmocka_unit_test(test_requests_without_room_change_nothing),
        cmocka_unit_test(test_requests_carry_properties),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
