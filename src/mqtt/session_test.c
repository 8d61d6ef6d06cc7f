/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the session: what a connection asked for decides what may come. The
 * rest of the table is tested by vectors.
 */
#include "mqtt/rig.h"

static const struct hawser_property silence = {
    .id = HAWSER_PROP_REQUEST_PROBLEM_INFO, .number = 0};
static const struct hawser_property wants_response = {
    .id = HAWSER_PROP_REQUEST_RESPONSE_INFO, .number = 1};

static void start_with(struct rig *r, const struct hawser_property *p)
{
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.properties = p;
    r->cfg.property_count = 1;
    rig_go_online(r);
}

static void test_acks_with_problem_info_that_was_declined_are_refused(void **s)
{
    static const char *const acks[] = {
        "40 08 00 01 00 04 1F 00 01 6E", "62 08 00 01 00 04 1F 00 01 6E",
        "90 08 00 02 04 1F 00 01 6E 00", "B0 08 00 02 04 1F 00 01 6E 00"};

    (void)s;
    for (size_t i = 0; i < 4; i++) {
        struct rig r;
        uint16_t id;

        start_with(&r, &silence);
        assert_int_equal(rig_publish(&r, 1, "a", "", &id), 0);
        if (i == 3) {
            (void)rig_unsubscribe(&r, "a");
        } else {
            (void)rig_subscribe(&r, "a", 0);
        }
        (void)rig_out(&r);
        assert_int_equal(rig_feed(&r, acks[i]), HAWSER_E_PROTOCOL);
        assert_string_equal(rig_out(&r), "e0 01 82");
    }
}

static void test_acks_without_problem_info_are_fine(void **state)
{
    struct rig r;
    uint16_t id;

    (void)state;
    start_with(&r, &silence);
    assert_int_equal(rig_publish(&r, 1, "a", "", &id), 0);
    assert_int_equal(rig_feed(&r, "40 04 00 01 00 00"), 0);
    assert_string_equal(rig_log(&r), "PUBLISHED 1 00 props=\n");
}

static void test_connack_with_response_info_that_was_asked_for_is_fine(void **s)
{
    struct rig r;

    (void)s;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.properties = &wants_response;
    r.cfg.property_count = 1;
    rig_open(&r);
    assert_int_equal(rig_feed(&r, "20 07 00 00 04 1A 00 01 78"), 0);
    assert_string_equal(rig_log(&r), "CONNECTED session=0 props=1a 00 01 78\n");
}

static void test_connack_without_the_id_that_was_asked_for_is_refused(void **s)
{
    struct rig r;

    (void)s;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.client_id.len = 0;
    rig_open(&r);
    assert_int_equal(rig_feed(&r, "20 03 00 00 00"), HAWSER_E_PROTOCOL);
    rig_reopen(&r); /* nor is an empty one an identifier */
    assert_int_equal(rig_feed(&r, "20 06 00 00 03 12 00 00"),
                     HAWSER_E_PROTOCOL);
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, "20 07 00 00 04 12 00 01 78"), 0);
    assert_true(hawser_is_connected(&r.c));
}

static void test_pubrel_without_room_is_left_unanswered(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_publish(&r, 0, "a", "12345", NULL), 0);
    while (rig_publish(&r, 0, "a", "", NULL) == 0) {
    }
    assert_int_equal(rig_feed(&r, "62 02 00 05"), 0);
    assert_null(strstr(rig_out(&r), "70 03"));
}

static void test_connack_in_each_answer_of_a_refusal_ends_the_session(void **s)
{
    struct rig r;

    (void)s;
    rig_prepare(&r, HAWSER_MQTT_5);
    rig_open(&r);
    assert_int_equal(rig_feed(&r, "20 03 00 97 00"), HAWSER_E_REFUSED);
    assert_false(hawser_is_connected(&r.c));
    assert_int_equal(hawser_deadline_ms(&r.c), HAWSER_NEVER);
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(hawser_disconnect(&r.c, 0, 0), HAWSER_E_STATE);
}

static void open_for_session(struct rig *r)
{
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.clean_start = false;
    rig_open(r);
}

#define CONNACK_KEPT "20 03 01 00 00"

static void test_connack_with_a_session_that_nobody_knows_is_refused(void **s)
{
    struct rig r;

    (void)s;
    open_for_session(&r);
    assert_int_equal(rig_feed(&r, CONNACK_KEPT), HAWSER_E_PROTOCOL);
    assert_string_equal(rig_out(&r), "e0 01 82");
    rig_reopen(&r); /* nor is it known by now */
    assert_int_equal(rig_feed(&r, CONNACK_KEPT), HAWSER_E_PROTOCOL);
    r.cfg.clean_start = true;
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, "20 03 00 00 00"), 0);
    r.cfg.clean_start = false;
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, CONNACK_KEPT), 0);
}

static void test_connack_with_the_session_of_a_lost_connack_is_fine(void **s)
{
    struct rig r;

    (void)s;
    open_for_session(&r);
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, CONNACK_KEPT), 0);
    open_for_session(&r);
    r.now_ms += 30000;
    assert_int_equal(hawser_tick(&r.c, r.now_ms), HAWSER_E_TIMEOUT);
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, CONNACK_KEPT), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_acks_with_problem_info_that_was_declined_are_refused),
        cmocka_unit_test(test_acks_without_problem_info_are_fine),
        cmocka_unit_test(
            test_connack_with_response_info_that_was_asked_for_is_fine),
        cmocka_unit_test(
            test_connack_without_the_id_that_was_asked_for_is_refused),
        cmocka_unit_test(test_pubrel_without_room_is_left_unanswered),
        cmocka_unit_test(
            test_connack_in_each_answer_of_a_refusal_ends_the_session),
        cmocka_unit_test(
            test_connack_with_a_session_that_nobody_knows_is_refused),
        cmocka_unit_test(
            test_connack_with_the_session_of_a_lost_connack_is_fine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
