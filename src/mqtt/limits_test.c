/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the server's limits: taken from CONNACK, held before sending.
 */
#include "mqtt/client.h"
#include "mqtt/rig.h"

static void connack(struct rig *r, const char *hex)
{
    rig_prepare(r, HAWSER_MQTT_5);
    rig_open(r);
    assert_int_equal(rig_feed(r, hex), 0);
}

static void test_limits_before_connack_are_the_defaults(void **state)
{
    struct rig r;
    const struct hawser_limits *limits;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.session_expiry_s = 77;
    rig_open(&r);
    limits = hawser_limits(&r.c);
    assert_int_equal(limits->session_expiry_s, 77);
    assert_int_equal(limits->receive_maximum, 65535);
    assert_int_equal(limits->maximum_qos, 2);
    assert_true(limits->retain_available);
    assert_int_equal(limits->maximum_packet_size, UINT32_MAX);
    assert_int_equal(limits->topic_alias_maximum, 0);
    assert_true(limits->wildcard_available);
    assert_true(limits->subscription_id_available);
    assert_true(limits->shared_available);
    assert_int_equal(limits->keep_alive_s, 10);
}

static void test_limits_take_every_property(void **state)
{
    struct rig r;
    const struct hawser_limits *limits;

    (void)state;
    connack(&r, "20 23 00 00 20 11 00 00 00 64 21 00 05 24 01 25 00"
                "27 00 00 01 00 22 00 03 28 00 29 00 2A 00 13 00 1E 1F 00 00");
    limits = hawser_limits(&r.c);
    assert_int_equal(limits->session_expiry_s, 100);
    assert_int_equal(limits->receive_maximum, 5);
    assert_int_equal(limits->maximum_qos, 1);
    assert_false(limits->retain_available);
    assert_int_equal(limits->maximum_packet_size, 256);
    assert_int_equal(limits->topic_alias_maximum, 3);
    assert_false(limits->wildcard_available);
    assert_false(limits->subscription_id_available);
    assert_false(limits->shared_available);
    assert_int_equal(limits->keep_alive_s, 30);
    rig_reopen(&r);
    assert_int_equal(hawser_limits(&r.c)->receive_maximum, 65535);
}

static void test_publish_above_maximum_qos_is_refused(void **state)
{
    struct rig r;

    (void)state;
    connack(&r, "20 05 00 00 02 24 00");
    assert_int_equal(rig_publish(&r, 1, "a", "", NULL), HAWSER_E_LIMIT);
    assert_int_equal(rig_publish(&r, 0, "a", "", NULL), 0);
}

static void test_publish_retained_where_there_is_none_is_refused(void **state)
{
    struct hawser_message m = {.topic = TEXT("a"), .retain = true};
    struct rig r;

    (void)state;
    connack(&r, "20 05 00 00 02 25 00");
    assert_int_equal(hawser_publish(&r.c, 0, &m, NULL), HAWSER_E_LIMIT);
    m.retain = false;
    assert_int_equal(hawser_publish(&r.c, 0, &m, NULL), 0);
}

static void test_requests_above_maximum_packet_size_are_refused(void **state)
{
    const struct hawser_filter f = {.topic_filter = TEXT("abcde")};
    const struct hawser_view u = TEXT("abcdef");
    struct rig r;
    uint16_t id = 99;

    (void)state;
    connack(&r, "20 08 00 00 05 27 00 00 00 0A");
    assert_int_equal(rig_publish(&r, 0, "a", "12345", NULL), HAWSER_E_LIMIT);
    assert_int_equal(rig_publish(&r, 0, "a", "1234", NULL), 0);
    assert_int_equal(rig_publish(&r, 1, "a", "123", NULL), HAWSER_E_LIMIT);
    assert_int_equal(hawser_subscribe(&r.c, 0, &f, 1, &id), HAWSER_E_LIMIT);
    assert_int_equal(hawser_unsubscribe(&r.c, 0, &u, 1, &id), HAWSER_E_LIMIT);
    assert_int_equal(id, 99);
}

static void test_publish_above_receive_maximum_is_refused(void **state)
{
    struct rig r;
    uint16_t id;

    (void)state;
    connack(&r, "20 06 00 00 03 21 00 02");
    assert_int_equal(rig_publish(&r, 1, "a", "", &id), 0);
    assert_int_equal(rig_publish(&r, 1, "a", "", &id), 0);
    assert_int_equal(rig_publish(&r, 1, "a", "", &id), HAWSER_E_LIMIT);
    assert_int_equal(rig_publish(&r, 0, "a", "", NULL), 0);
    assert_int_equal(rig_feed(&r, "40 02 00 01"), 0);
    assert_int_equal(rig_publish(&r, 1, "a", "", &id), 0);
}

static void test_subscribe_to_what_is_not_available_is_refused(void **state)
{
    struct hawser_filter f = {.topic_filter = TEXT("a/#")};
    struct rig r;
    uint16_t id;

    (void)state;
    connack(&r, "20 07 00 00 04 28 00 2A 00");
    assert_int_equal(hawser_subscribe(&r.c, 0, &f, 1, &id), HAWSER_E_LIMIT);
    f.topic_filter = TEXT("$share/g/a");
    assert_int_equal(hawser_subscribe(&r.c, 0, &f, 1, &id), HAWSER_E_LIMIT);
    f.topic_filter = TEXT("a");
    assert_int_equal(hawser_subscribe(&r.c, 0, &f, 1, &id), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits_before_connack_are_the_defaults),
        cmocka_unit_test(test_limits_take_every_property),
        cmocka_unit_test(test_publish_above_maximum_qos_is_refused),
        cmocka_unit_test(test_publish_retained_where_there_is_none_is_refused),
        cmocka_unit_test(test_requests_above_maximum_packet_size_are_refused),
        cmocka_unit_test(test_publish_above_receive_maximum_is_refused),
        cmocka_unit_test(test_subscribe_to_what_is_not_available_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
