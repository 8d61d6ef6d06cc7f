/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of requests in one flight with CONNECT. [MQTT5 3.1.4, MQTT3 3.1.4]
 */
#include "mqtt/rig.h"

static void open_early(struct rig *r)
{
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.sends_early = true;
    assert_int_equal(hawser_init(&r->c, &r->cfg), 0);
    assert_int_equal(hawser_opened(&r->c, r->now_ms), 0);
}

#define CONNECT "10 11 00 04 4d 51 54 54 05 02 00 0a 03 21 00 20 00 01 63"

static void test_early_requests_leave_with_connect(void **state)
{
    struct rig r;

    (void)state;
    open_early(&r);
    (void)rig_subscribe(&r, "c", 1);
    assert_int_equal(rig_publish(&r, 1, "a", "", NULL), 0);
    assert_int_equal(rig_publish(&r, 0, "b", "", NULL), 0);
    assert_string_equal(rig_out(&r), CONNECT " 82 07 00 01 00 00 01 63 01 "
                                             "32 06 00 01 61 00 02 00 "
                                             "30 04 00 01 62 00");
    assert_int_equal(rig_feed(&r, "20 03 00 00 00 90 04 00 01 00 01 "
                                  "40 02 00 02"),
                     0);
    assert_string_equal(rig_out(&r), "");
    assert_string_equal(rig_log(&r), "CONNECTED session=0 props=\n"
                                     "SUBSCRIBED 1 codes=01 props=\n"
                                     "PUBLISHED 2 00 props=\n");
}

static void test_early_message_of_a_refused_connect_was_never_sent(void **state)
{
    struct rig r;

    (void)state;
    open_early(&r);
    assert_int_equal(rig_publish(&r, 2, "a", "", NULL), 0);
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "20 03 00 88 00"), HAWSER_E_REFUSED);
    assert_int_equal(rig_publish(&r, 1, "b", "", NULL), HAWSER_E_STATE);
    rig_reopen(&r);
    /* It goes first, so nothing may overtake it before CONNACK. */
    assert_int_equal(rig_publish(&r, 1, "b", "", NULL), HAWSER_E_FULL);
    assert_int_equal(rig_publish(&r, 0, "b", "", NULL), 0);
    (void)rig_out(&r);
    (void)rig_log(&r);
    assert_int_equal(rig_feed(&r, "20 03 00 00 00"), 0);
    assert_string_equal(rig_out(&r), "34 06 00 01 61 00 01 00");
    assert_string_equal(rig_log(&r), "CONNECTED session=0 props=\n");
}

static void test_early_message_on_its_way_is_sent_again_after_a_loss(void **s)
{
    struct rig r;

    (void)s;
    open_early(&r);
    r.cfg.clean_start = false;
    assert_int_equal(rig_publish(&r, 1, "a", "", NULL), 0);
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "20 03 00 00 00"), 0);
    rig_reopen(&r);
    /* It goes first, and how is said by CONNACK. */
    assert_int_equal(rig_publish(&r, 1, "b", "", NULL), HAWSER_E_FULL);
    assert_int_equal(rig_feed(&r, "20 03 01 00 00"), 0);
    assert_string_equal(rig_out(&r), "3a 06 00 01 61 00 01 00");
}

static void test_without_the_switch_nothing_is_early(void **state)
{
    const struct hawser_filter f = {.topic_filter = TEXT("a")};
    struct rig r;
    uint16_t id;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    rig_open(&r);
    assert_int_equal(rig_publish(&r, 0, "a", "", NULL), HAWSER_E_STATE);
    assert_int_equal(hawser_subscribe(&r.c, 0, &f, 1, &id), HAWSER_E_STATE);
}

static void test_nothing_is_early_that_has_to_authenticate(void **state)
{
    const struct hawser_property method = {.id = HAWSER_PROP_AUTH_METHOD,
                                           .value = TEXT("m")};
    const struct hawser_filter f = {.topic_filter = TEXT("a")};
    struct rig r;
    uint16_t id;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.sends_early = true;
    r.cfg.properties = &method;
    r.cfg.property_count = 1;
    rig_open(&r);
    assert_int_equal(rig_publish(&r, 1, "a", "", NULL), HAWSER_E_STATE);
    assert_int_equal(hawser_subscribe(&r.c, 0, &f, 1, &id), HAWSER_E_STATE);
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(rig_feed(&r, "20 07 00 00 04 15 00 01 6d"), 0);
    assert_int_equal(rig_publish(&r, 1, "a", "", NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_early_requests_leave_with_connect),
        cmocka_unit_test(
            test_early_message_of_a_refused_connect_was_never_sent),
        cmocka_unit_test(
            test_early_message_on_its_way_is_sent_again_after_a_loss),
        cmocka_unit_test(test_without_the_switch_nothing_is_early),
        cmocka_unit_test(test_nothing_is_early_that_has_to_authenticate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
