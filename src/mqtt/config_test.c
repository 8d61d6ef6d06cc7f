/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of what may stand in a configuration.
 */
#include "mqtt/client.h"
#include "mqtt/rig.h"

static int check(const struct rig *r)
{
    struct hawser_client c;

    return hawser_init(&c, &r->cfg);
}

static void test_init_with_bad_memory_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    assert_int_equal(check(&r), 0);
    r.cfg.rx.size = 63;
    assert_int_equal(check(&r), HAWSER_E_ARG);
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.rx.at = NULL;
    assert_int_equal(check(&r), HAWSER_E_ARG);
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.tx.size = 63;
    assert_int_equal(check(&r), HAWSER_E_ARG);
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.tx.at = NULL;
    assert_int_equal(check(&r), HAWSER_E_ARG);
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.store.at = NULL;
    assert_int_equal(check(&r), HAWSER_E_ARG);
    r.cfg.store.size = 0;
    assert_int_equal(check(&r), 0);
    r.cfg.slots = NULL;
    assert_int_equal(check(&r), HAWSER_E_ARG);
}

static void test_init_with_sizes_out_of_range_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.slot_count = 0;
    assert_int_equal(check(&r), HAWSER_E_ARG);
    r.cfg.slot_count = 1;
    assert_int_equal(check(&r), 0);
    r.cfg.slot_count = 32767;
    assert_int_equal(check(&r), 0);
    r.cfg.slot_count = 32768;
    assert_int_equal(check(&r), HAWSER_E_ARG);
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.receive_maximum = 33;
    assert_int_equal(check(&r), HAWSER_E_ARG);
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.inbound_count = 0;
    assert_int_equal(check(&r), HAWSER_E_ARG);
    r.cfg.inbound_count = 65535;
    assert_int_equal(check(&r), 0);
    r.cfg.inbound_count = 65536;
    assert_int_equal(check(&r), HAWSER_E_ARG);
    r.cfg.inbound_count = 1;
    r.cfg.inbound = NULL;
    assert_int_equal(check(&r), HAWSER_E_ARG);
#if SIZE_MAX > UINT32_MAX
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.store.size = (size_t)UINT32_MAX + 1;
    assert_int_equal(check(&r), HAWSER_E_ARG);
#endif
}

static void test_init_with_sizes_at_the_edge_is_possible(void **state)
{
    static uint8_t big[UINT16_MAX];
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.tx.size = 64;
    r.cfg.rx.size = 64;
    r.cfg.receive_maximum = (uint16_t)r.cfg.inbound_count;
    r.cfg.password = (struct hawser_view){big, sizeof big};
    assert_int_equal(check(&r), 0);
    r.cfg.store.size = UINT32_MAX;
    assert_int_equal(check(&r), 0);
    r.cfg.store = (struct hawser_span){NULL, 0};
    assert_int_equal(check(&r), 0);
    r.cfg.store.size = 1;
    assert_int_equal(check(&r), HAWSER_E_ARG);
}

static void test_init_with_data_behind_others_asks_for_a_method(void **state)
{
    const struct hawser_property list[] = {
        {.id = HAWSER_PROP_USER, .name = TEXT("n"), .value = TEXT("v")},
        {.id = HAWSER_PROP_AUTH_DATA, .value = TEXT("d")}};
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.properties = list;
    r.cfg.property_count = 2;
    assert_int_equal(check(&r), HAWSER_E_ARG);
}

static void test_init_with_unknown_version_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, (enum hawser_version)3);
    assert_int_equal(check(&r), HAWSER_E_ARG);
    rig_prepare(&r, (enum hawser_version)6);
    assert_int_equal(check(&r), HAWSER_E_ARG);
}

static void test_init_with_a_bad_login_is_refused(void **state)
{
    static uint8_t big[UINT16_MAX + 1];
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.client_id = TEXT("\xff");
    assert_int_equal(check(&r), HAWSER_E_ARG);
    r.cfg.client_id = TEXT("");
    assert_int_equal(check(&r), 0);
    r.cfg.username = TEXT("\xff");
    assert_int_equal(check(&r), HAWSER_E_ARG);
    r.cfg.username = TEXT("u");
    r.cfg.password = (struct hawser_view){big, sizeof big};
    assert_int_equal(check(&r), HAWSER_E_ARG);
}

static void test_init_of_3_1_1_has_rules_of_its_own(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.client_id.len = 0;
    assert_int_equal(check(&r), 0);
    r.cfg.clean_start = false;
    assert_int_equal(check(&r), HAWSER_E_ARG);
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.password = TEXT("p");
    assert_int_equal(check(&r), HAWSER_E_ARG);
    r.cfg.username = TEXT("u");
    assert_int_equal(check(&r), 0);
    r.cfg.username.at = NULL;
    r.cfg.username.len = 0;
    r.cfg.version = HAWSER_MQTT_5;
    assert_int_equal(check(&r), 0);
}

static void test_init_with_a_bad_will_is_refused(void **state)
{
    static uint8_t big[UINT16_MAX + 1];
    const struct hawser_property delay = {.id = HAWSER_PROP_WILL_DELAY,
                                          .number = 1};
    const struct hawser_property wrong = {.id = HAWSER_PROP_TOPIC_ALIAS,
                                          .number = 1};
    struct hawser_message will = {.topic = TEXT("w"),
                                  .properties = &delay,
                                  .property_count = 1,
                                  .qos = 2};
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.will = &will;
    assert_int_equal(check(&r), 0);
    will.qos = 3;
    assert_int_equal(check(&r), HAWSER_E_ARG);
    will.qos = 0;
    will.topic = TEXT("w/#");
    assert_int_equal(check(&r), HAWSER_E_ARG);
    will.topic = TEXT("w");
    will.payload = (struct hawser_view){big, sizeof big};
    assert_int_equal(check(&r), HAWSER_E_ARG);
    will.payload.len = UINT16_MAX;
    will.payload_more = 1;
    assert_int_equal(check(&r), HAWSER_E_ARG);
    will.payload_more = 0;
    assert_int_equal(check(&r), 0);
    will.properties = &wrong;
    assert_int_equal(check(&r), HAWSER_E_ARG);
}

static void test_init_with_properties_of_its_own_making_is_refused(void **state)
{
    static const enum hawser_property_id reserved[] = {
        HAWSER_PROP_SESSION_EXPIRY,      HAWSER_PROP_RECEIVE_MAXIMUM,
        HAWSER_PROP_TOPIC_ALIAS_MAXIMUM, HAWSER_PROP_MAXIMUM_PACKET_SIZE,
        HAWSER_PROP_TOPIC_ALIAS,
    };
    struct hawser_property p = {.number = 1};
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.properties = &p;
    r.cfg.property_count = 1;
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        p.id = reserved[i];
        assert_int_equal(check(&r), HAWSER_E_ARG);
    }
    p.id = HAWSER_PROP_REQUEST_RESPONSE_INFO;
    assert_int_equal(check(&r), 0);
}

static void test_config_asks_reads_the_callers_list(void **state)
{
    const struct hawser_property list[] = {
        {.id = HAWSER_PROP_USER, .name = TEXT("k"), .value = TEXT("v")},
        {.id = HAWSER_PROP_REQUEST_PROBLEM_INFO, .number = 0},
    };
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    assert_true(
        hwi_config_asks(&r.cfg, HAWSER_PROP_REQUEST_PROBLEM_INFO, true));
    r.cfg.properties = list;
    r.cfg.property_count = 2;
    assert_false(
        hwi_config_asks(&r.cfg, HAWSER_PROP_REQUEST_PROBLEM_INFO, true));
    assert_false(
        hwi_config_asks(&r.cfg, HAWSER_PROP_REQUEST_RESPONSE_INFO, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_init_with_bad_memory_is_refused),
        cmocka_unit_test(test_init_with_sizes_out_of_range_is_refused),
        cmocka_unit_test(test_init_with_sizes_at_the_edge_is_possible),
        cmocka_unit_test(test_init_with_data_behind_others_asks_for_a_method),
        cmocka_unit_test(test_init_with_unknown_version_is_refused),
        cmocka_unit_test(test_init_with_a_bad_login_is_refused),
        cmocka_unit_test(test_init_of_3_1_1_has_rules_of_its_own),
        cmocka_unit_test(test_init_with_a_bad_will_is_refused),
        cmocka_unit_test(
            test_init_with_properties_of_its_own_making_is_refused),
        cmocka_unit_test(test_config_asks_reads_the_callers_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
