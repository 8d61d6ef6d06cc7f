/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of accepting inbound QoS 1 messages.
 */
#include "mqtt/rig.h"

/* Two messages of QoS 1, ids 7 and 8. */
static void receive_two(struct rig *r)
{
    bool is_v5 = r->cfg.version == HAWSER_MQTT_5;

    assert_int_equal(rig_feed(r, is_v5 ? "32 06 00 01 61 00 07 00"
                                         "32 06 00 01 61 00 08 00"
                                       : "32 05 00 01 61 00 07"
                                         "32 05 00 01 61 00 08"),
                     0);
    assert_string_equal(rig_out(r), "");
}

static int accept_id(struct rig *r, uint16_t id, uint8_t reason)
{
    return hawser_accept(&r->c, r->now_ms, id, reason);
}

static void test_accept_in_order_acknowledges_at_once(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    receive_two(&r);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    assert_string_equal(rig_out(&r), "40 02 00 07");
    assert_int_equal(accept_id(&r, 8, 0x87), 0);
    assert_string_equal(rig_out(&r), "40 02 00 08");
}

static void test_accept_out_of_order_acknowledges_in_order(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    receive_two(&r);
    assert_int_equal(accept_id(&r, 8, 0x80), 0);
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(accept_id(&r, 8, 0), HAWSER_E_STATE);
    assert_int_equal(accept_id(&r, 7, 0x99), 0);
    assert_string_equal(rig_out(&r), "40 03 00 07 99 40 03 00 08 80");
    assert_int_equal(accept_id(&r, 7, 0), HAWSER_E_STATE);
}

static void test_accept_of_what_is_not_there_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    receive_two(&r);
    assert_int_equal(accept_id(&r, 0, 0), HAWSER_E_STATE);
    assert_int_equal(accept_id(&r, 9, 0), HAWSER_E_STATE);
    assert_int_equal(accept_id(&r, 7, 0x10), HAWSER_E_ARG);
    assert_int_equal(accept_id(&r, 7, 0x92), HAWSER_E_ARG);
    hawser_lost(&r.c, r.now_ms);
    assert_int_equal(accept_id(&r, 7, 0), HAWSER_E_STATE);
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, "20 03 00 00 00"), 0);
    assert_int_equal(accept_id(&r, 7, 0), HAWSER_E_STATE);
}

static void test_accept_after_an_error_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    receive_two(&r);
    assert_int_equal(rig_feed(&r, "00"), HAWSER_E_PROTOCOL);
    assert_int_equal(accept_id(&r, 7, 0), HAWSER_E_STATE);
}

static void test_accept_of_half_a_message_is_refused(void **state)
{
    struct rig r;
    uint8_t head[] = {0x32, 0x80, 0x01, 0, 1, 'a', 0, 9, 1};
    uint8_t rest[122] = {0};

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    receive_two(&r);
    assert_int_equal(rig_feed_bytes(&r, head, sizeof head), 0);
    assert_int_equal(accept_id(&r, 9, 0), HAWSER_E_STATE);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    assert_int_equal(accept_id(&r, 8, 0), 0);
    assert_int_equal(rig_feed_bytes(&r, rest, sizeof rest), 0);
    assert_int_equal(accept_id(&r, 9, 0), 0);
    assert_string_equal(rig_out(&r), "40 02 00 07 40 02 00 08 40 02 00 09");
}

static void test_accept_with_full_tx_acknowledges_when_there_is_room(void **s)
{
    struct rig r;
    const char *out;

    (void)s;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    receive_two(&r);
    while (rig_publish(&r, 0, "a", "", NULL) == 0) {
    }
    assert_int_equal(accept_id(&r, 7, 0), 0);
    assert_int_equal(accept_id(&r, 8, 0), 0);
    out = rig_out(&r);
    assert_null(strstr(out, "40 02"));
    assert_string_equal(rig_out(&r), "40 02 00 07 40 02 00 08");
}

static void test_accept_of_a_repeated_message_acknowledges_once(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    receive_two(&r);
    assert_int_equal(accept_id(&r, 8, 0), 0);
    assert_int_equal(rig_feed(&r, "3A 05 00 01 61 00 08"), 0);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    assert_string_equal(rig_out(&r), "40 02 00 07");
    assert_int_equal(accept_id(&r, 8, 0), 0);
    assert_string_equal(rig_out(&r), "40 02 00 08");
}

static void test_inbound_above_the_configured_maximum_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.receive_maximum = 1;
    rig_go_online(&r);
    assert_int_equal(rig_feed(&r, "32 06 00 01 61 00 07 00"), 0);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    assert_int_equal(rig_feed(&r, "32 06 00 01 61 00 08 00"), 0);
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "32 06 00 01 61 00 09 00"),
                     HAWSER_E_PROTOCOL);
    assert_string_equal(rig_out(&r), "e0 01 93");
}

static void test_inbound_of_3_1_1_is_bounded_by_memory_alone(void **state)
{
    char packet[] = "32 05 00 01 61 00 xx";
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.receive_maximum = 1; /* the server was not told */
    rig_go_online(&r);
    for (unsigned i = 1; i <= r.cfg.inbound_count; i++) {
        (void)snprintf(packet + 18, 3, "%02x", i & 0xFF);
        assert_int_equal(rig_feed(&r, packet), 0);
    }
    assert_int_equal(rig_feed(&r, "32 05 00 01 61 00 FF"), HAWSER_E_PROTOCOL);
}

static void test_accept_with_properties_leaves_at_once_or_not(void **state)
{
    const struct hawser_property why[] = {
        {.id = HAWSER_PROP_REASON_STRING, .value = TEXT("no")},
        {.id = HAWSER_PROP_USER, .name = TEXT("k"), .value = TEXT("v")}};
    const struct hawser_property wrong = {.id = HAWSER_PROP_SESSION_EXPIRY};
    const struct hawser_properties list = {why, 2};
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, "32 06 00 01 61 00 01 00"
                                  "34 06 00 01 61 00 02 00"),
                     0);
    assert_int_equal(hawser_accept_with(&r.c, 0, 2, 0x87, &list),
                     HAWSER_E_FULL);
    assert_int_equal(hawser_accept_with(&r.c, 0, 1, 0,
                                        &(struct hawser_properties){&wrong, 1}),
                     HAWSER_E_ARG);
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(hawser_accept_with(&r.c, 0, 1, 0, &list), 0);
    assert_string_equal(
        rig_out(&r), "40 10 00 01 00 0c 1f 00 02 6e 6f 26 00 01 6b 00 01 76");
    while (rig_publish(&r, 0, "a", "", NULL) == 0) {
    }
    assert_int_equal(hawser_accept_with(&r.c, 0, 2, 0, &list), HAWSER_E_FULL);
    (void)rig_out(&r);
    assert_int_equal(hawser_accept_with(&r.c, 0, 2, 0, &list), 0);
    assert_string_equal(
        rig_out(&r), "50 10 00 02 00 0c 1f 00 02 6e 6f 26 00 01 6b 00 01 76");
    assert_int_equal(rig_feed(&r, "62 02 00 02"), 0);
    assert_string_equal(rig_out(&r), "70 02 00 02");
    assert_int_equal(hawser_accept(&r.c, 0, 2, 0), HAWSER_E_STATE);
}

static void test_accept_with_properties_leaves_them_out_of_3_1_1(void **state)
{
    const struct hawser_property why = {.id = HAWSER_PROP_REASON_STRING,
                                        .value = TEXT("no")};
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(rig_feed(&r, "32 05 00 01 61 00 01"), 0);
    assert_int_equal(
        hawser_accept_with(&r.c, 0, 1, 0, &(struct hawser_properties){&why, 1}),
        0);
    assert_string_equal(rig_out(&r), "40 02 00 01");
}

static void test_reopen_forgets_an_acknowledgement_that_waited(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.clean_start = false;
    rig_go_online(&r);
    receive_two(&r);
    while (rig_publish(&r, 0, "a", "1234", NULL) == 0) {
    }
    assert_int_equal(accept_id(&r, 7, 0), 0); /* no room for its PUBACK */
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, "20 03 01 00 00"), 0);
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(rig_feed(&r, "3A 06 00 01 61 00 07 00"), 0);
    assert_int_equal(accept_id(&r, 7, 0), 0);
    assert_string_equal(rig_out(&r), "40 02 00 07");
}

static void test_accept_takes_the_time(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5); /* at 1000, keep-alive 10 s */
    receive_two(&r);
    assert_int_equal(hawser_accept(&r.c, 5000, 7, 0), 0);
    (void)rig_out(&r); /* is late */
    r.now_ms = 5000;
    assert_int_equal(rig_feed(&r, "D0 00"), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 15000);
}

static void test_accept_of_all_but_a_byte_is_refused(void **state)
{
    static const uint8_t head[] = {0x32, 0x48, 0, 1, 'a', 0, 7, 0};
    static const uint8_t text[65];
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed_bytes(&r, head, sizeof head), 0);
    assert_int_equal(rig_feed_bytes(&r, text, sizeof text), 0);
    assert_int_equal(accept_id(&r, 7, 0), HAWSER_E_STATE);
    assert_int_equal(rig_feed_bytes(&r, text, 1), 0);
    assert_int_equal(accept_id(&r, 7, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accept_with_properties_leaves_at_once_or_not),
        cmocka_unit_test(test_accept_with_properties_leaves_them_out_of_3_1_1),
        cmocka_unit_test(test_reopen_forgets_an_acknowledgement_that_waited),
        cmocka_unit_test(test_accept_takes_the_time),
        cmocka_unit_test(test_accept_of_all_but_a_byte_is_refused),
        cmocka_unit_test(test_accept_in_order_acknowledges_at_once),
        cmocka_unit_test(test_accept_out_of_order_acknowledges_in_order),
        cmocka_unit_test(test_accept_of_what_is_not_there_is_refused),
        cmocka_unit_test(test_accept_after_an_error_is_refused),
        cmocka_unit_test(test_accept_of_half_a_message_is_refused),
        cmocka_unit_test(
            test_accept_with_full_tx_acknowledges_when_there_is_room),
        cmocka_unit_test(test_accept_of_a_repeated_message_acknowledges_once),
        cmocka_unit_test(test_inbound_above_the_configured_maximum_is_refused),
        cmocka_unit_test(test_inbound_of_3_1_1_is_bounded_by_memory_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
