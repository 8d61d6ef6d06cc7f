/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapter 3.2.2.3: the properties of CONNACK as they come.
 */
#include "spec.h"

#define METHOD "15 00 01 6d"

/* CONNECT has left: with the method "m", and a wish for response information,
 * so that every property may come. maximum: of a packet that comes; 0: none. */
static void open_for_all(struct rig *r, uint32_t maximum)
{
    static const struct hawser_property asked[] = {
        {.id = HAWSER_PROP_AUTH_METHOD, .value = {(const uint8_t *)"m", 1}},
        {.id = HAWSER_PROP_REQUEST_RESPONSE_INFO, .number = 1}};

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.properties = asked;
    r->cfg.property_count = 2;
    r->cfg.maximum_packet_size = maximum;
    rig_open(r);
}

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

/* This property is told as it came. */
static void expect_told(struct rig *r, const char *property)
{
    char text[200];

    open_for_all(r, 0);
    (void)snprintf(text, sizeof text, METHOD " %s", property);
    assert_int_equal(receive(r, text), 0);
    (void)snprintf(text, sizeof text,
                   "CONNECTED session=0 props=" METHOD " %s\n", property);
    REPORTS(r, text);
}

/* This one ends the connection. */
static void expect_fault(struct rig *r, const char *property)
{
    char text[200];

    open_for_all(r, 0);
    (void)snprintf(text, sizeof text, METHOD " %s", property);
    assert_int_equal(receive(r, text), HAWSER_E_PROTOCOL);
    assert_false(hawser_is_connected(&r->c));
    REPORTS(r, "ERROR protocol 82\n");
    SENDS(r, "e0 01 82");
}

/* Once it is taken; twice it is a fault, next to itself or not. */
static void expect_once(struct rig *r, const char *property)
{
    char text[200];

    expect_told(r, property);
    (void)snprintf(text, sizeof text, "%s %s", property, property);
    expect_fault(r, text);
    (void)snprintf(text, sizeof text, "%s 26 00 01 6b 00 01 76 %s", property,
                   property);
    expect_fault(r, text);
}

/* 0 and 1 are all that it may be. */
static void expect_truth(struct rig *r, unsigned id)
{
    char text[20];

    for (unsigned value = 0; value < 256; value++) {
        (void)snprintf(text, sizeof text, "%02x %02x", id, value);
        if (value < 2) {
            expect_once(r, text);
        } else {
            expect_fault(r, text);
        }
    }
}

static void mqtt5_3_2_2_3_2_u1_session_expiry_comes_once(void **state)
{
    expect_once(*state, "11 00 00 00 00");
    expect_once(*state, "11 ff ff ff ff");
}

static void mqtt5_3_2_2_3_3_u1_receive_maximum_is_not_0_and_once(void **state)
{
    expect_once(*state, "21 00 01");
    expect_once(*state, "21 ff ff");
    expect_fault(*state, "21 00 00");
}

static void mqtt5_3_2_2_3_4_u1_maximum_qos_is_0_or_1_and_once(void **state)
{
    expect_truth(*state, HAWSER_PROP_MAXIMUM_QOS);
}

static void mqtt5_3_2_2_3_5_u1_retain_available_is_0_or_1_and_once(void **state)
{
    expect_truth(*state, HAWSER_PROP_RETAIN_AVAILABLE);
}

static void mqtt5_3_2_2_3_6_u1_maximum_packet_size_is_not_0_and_once(void **s)
{
    expect_once(*s, "27 00 00 00 64");
    expect_once(*s, "27 ff ff ff ff");
    expect_fault(*s, "27 00 00 00 00");
}

static void mqtt5_3_2_2_3_7_u1_the_assigned_identifier_comes_once(void **state)
{
    expect_once(*state, "12 00 02 69 64");
}

static void mqtt5_3_2_2_3_8_u1_topic_alias_maximum_comes_once(void **state)
{
    expect_once(*state, "22 00 00");
    expect_once(*state, "22 ff ff");
}

static void mqtt5_3_2_2_3_9_u1_the_reason_string_comes_once(void **state)
{
    expect_once(*state, "1f 00 03 77 68 79");
}

static void mqtt5_3_2_2_3_11_u1_wildcards_are_0_or_1_and_once(void **state)
{
    expect_truth(*state, HAWSER_PROP_WILDCARD_AVAILABLE);
}

static void mqtt5_3_2_2_3_12_u1_identifiers_are_0_or_1_and_once(void **state)
{
    expect_truth(*state, HAWSER_PROP_SUBSCRIPTION_ID_AVAILABLE);
}

static void mqtt5_3_2_2_3_13_u1_shared_ones_are_0_or_1_and_once(void **state)
{
    expect_truth(*state, HAWSER_PROP_SHARED_AVAILABLE);
}

static void mqtt5_3_2_2_3_14_u1_the_servers_keep_alive_comes_once(void **state)
{
    expect_once(*state, "13 00 00");
    expect_once(*state, "13 00 3c");
}

static void mqtt5_3_2_2_3_15_u1_response_information_comes_once(void **state)
{
    expect_once(*state, "1a 00 02 72 2f");
}

static void mqtt5_3_2_2_3_16_u1_the_server_reference_comes_once(void **state)
{
    expect_once(*state, "1c 00 05 62 3a 31 38 38");
}

static void mqtt5_3_2_2_3_17_u1_the_method_comes_once(void **state)
{
    expect_told(*state, "26 00 01 6b 00 01 76"); /* with one */
    expect_fault(*state, METHOD);                /* behind another */
    expect_fault(*state, "26 00 01 6b 00 01 76 " METHOD);
}

static void mqtt5_3_2_2_3_18_u1_the_methods_data_come_once(void **state)
{
    expect_once(*state, "16 00 03 00 ff 80");
    expect_once(*state, "16 00 00");
}

/* A CONNACK of len bytes is taken if that is our maximum, and none above. */
static void expect_limit(struct rig *r, const char *properties, unsigned len)
{
    open_for_all(r, len);
    assert_int_equal(receive(r, properties), 0);
    open_for_all(r, len - 1);
    assert_int_equal(receive(r, properties), HAWSER_E_PROTOCOL);
    assert_false(hawser_is_connected(&r->c));
    REPORTS(r, "ERROR protocol 95\n");
    SENDS(r, "e0 01 95");
}

static void mqtt5_3_2_2_19_a_reason_string_in_connack_keeps_the_limit(void **s)
{
    expect_limit(*s, METHOD " 1f 00 03 77 68 79", 15);
}

static void mqtt5_3_2_2_20_user_properties_in_connack_keep_the_limit(void **s)
{
    expect_limit(*s, METHOD " 26 00 01 6b 00 01 76", 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt5_3_2_2_3_2_u1_session_expiry_comes_once),
        cmocka_unit_test(mqtt5_3_2_2_3_3_u1_receive_maximum_is_not_0_and_once),
        cmocka_unit_test(mqtt5_3_2_2_3_4_u1_maximum_qos_is_0_or_1_and_once),
        cmocka_unit_test(
            mqtt5_3_2_2_3_5_u1_retain_available_is_0_or_1_and_once),
        cmocka_unit_test(
            mqtt5_3_2_2_3_6_u1_maximum_packet_size_is_not_0_and_once),
        cmocka_unit_test(mqtt5_3_2_2_3_7_u1_the_assigned_identifier_comes_once),
        cmocka_unit_test(mqtt5_3_2_2_3_8_u1_topic_alias_maximum_comes_once),
        cmocka_unit_test(mqtt5_3_2_2_3_9_u1_the_reason_string_comes_once),
        cmocka_unit_test(mqtt5_3_2_2_3_11_u1_wildcards_are_0_or_1_and_once),
        cmocka_unit_test(mqtt5_3_2_2_3_12_u1_identifiers_are_0_or_1_and_once),
        cmocka_unit_test(mqtt5_3_2_2_3_13_u1_shared_ones_are_0_or_1_and_once),
        cmocka_unit_test(mqtt5_3_2_2_3_14_u1_the_servers_keep_alive_comes_once),
        cmocka_unit_test(mqtt5_3_2_2_3_15_u1_response_information_comes_once),
        cmocka_unit_test(mqtt5_3_2_2_3_16_u1_the_server_reference_comes_once),
        cmocka_unit_test(mqtt5_3_2_2_3_17_u1_the_method_comes_once),
        cmocka_unit_test(mqtt5_3_2_2_3_18_u1_the_methods_data_come_once),
        cmocka_unit_test(
            mqtt5_3_2_2_19_a_reason_string_in_connack_keeps_the_limit),
        cmocka_unit_test(
            mqtt5_3_2_2_20_user_properties_in_connack_keep_the_limit),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
