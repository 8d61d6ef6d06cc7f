/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapter 3.1.2.11, rules without a number: the properties of CONNECT.
 */
#include "spec.h"

/* A property of CONNECT that is given beside those of the configuration. */
static int init_with(struct rig *r, enum hawser_property_id id)
{
    const struct hawser_property p = {.id = id, .number = 1};

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.properties = &p;
    r->cfg.property_count = 1;
    return hawser_init(&r->c, &r->cfg);
}

static void mqtt5_3_1_2_11_2_u1_expiry_may_be_never_and_leaves_once(void **s)
{
    struct rig *r = *s;

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.session_expiry_s = UINT32_MAX;
    CONNECTS(r, "10 16 00 04 4d 51 54 54 05 02 00 0a 08 11 ff ff ff ff "
                "21 00 20 00 01 63");
    assert_int_equal(init_with(r, HAWSER_PROP_SESSION_EXPIRY), HAWSER_E_ARG);
}

static void mqtt5_3_1_2_11_3_u1_receive_maximum_0_never_leaves(void **state)
{
    struct rig *r = *state;

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.receive_maximum = 0; /* as much as there is memory for: 32 */
    CONNECTS(r, "10 11 00 04 4d 51 54 54 05 02 00 0a 03 21 00 20 00 01 63");
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.inbound_count = 0;
    assert_int_equal(hawser_init(&r->c, &r->cfg), HAWSER_E_ARG);
    assert_int_equal(init_with(r, HAWSER_PROP_RECEIVE_MAXIMUM), HAWSER_E_ARG);
    /* Also with all places taken by the last connection's messages. */
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.clean_start = false;
    r->cfg.inbound_count = 1;
    rig_go_online(r);
    TAKES(r, "34 06 00 01 61 00 07 00");
    ACCEPTS(r, 7);
    hawser_lost(&r->c, r->now_ms);
    assert_int_equal(hawser_opened(&r->c, r->now_ms), 0);
    SENDS(r, "10 11 00 04 4d 51 54 54 05 00 00 0a 03 21 00 01 00 01 63");
}

static void mqtt5_3_1_2_11_4_u1_maximum_packet_size_0_never_leaves(void **state)
{
    struct rig *r = *state;

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.maximum_packet_size = 0; /* not sent: no limit */
    CONNECTS(r, "10 11 00 04 4d 51 54 54 05 02 00 0a 03 21 00 20 00 01 63");
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.maximum_packet_size = 1;
    CONNECTS(r, "10 16 00 04 4d 51 54 54 05 02 00 0a 08 21 00 20 "
                "27 00 00 00 01 00 01 63");
    assert_int_equal(init_with(r, HAWSER_PROP_MAXIMUM_PACKET_SIZE),
                     HAWSER_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            mqtt5_3_1_2_11_2_u1_expiry_may_be_never_and_leaves_once),
        cmocka_unit_test(mqtt5_3_1_2_11_3_u1_receive_maximum_0_never_leaves),
        cmocka_unit_test(
            mqtt5_3_1_2_11_4_u1_maximum_packet_size_0_never_leaves),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
