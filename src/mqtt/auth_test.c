/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of enhanced authentication. [MQTT5 3.15, 4.12]
 */
#include "mqtt/rig.h"

#define METHOD     "15 00 01 6d"
#define AUTH_18    "f0 06 18 04 " METHOD
#define CONNACK_OK "20 07 00 00 04 " METHOD

static const struct hawser_property method = {
    .id = HAWSER_PROP_AUTH_METHOD, .value = {(const uint8_t *)"m", 1}};

static void prepare(struct rig *r)
{
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.properties = &method;
    r->cfg.property_count = 1;
}

static void go_online(struct rig *r)
{
    prepare(r);
    rig_open(r);
    assert_int_equal(rig_feed(r, CONNACK_OK), 0);
    (void)rig_log(r);
}

static int auth(struct rig *r, uint8_t reason, const struct hawser_property *p,
                size_t n)
{
    const struct hawser_properties list = {p, n};

    return hawser_auth(&r->c, r->now_ms, reason, &list);
}

static void test_auth_goes_to_and_fro_before_connack(void **state)
{
    const struct hawser_property data = {.id = HAWSER_PROP_AUTH_DATA,
                                         .value = TEXT("d")};
    struct rig r;

    (void)state;
    prepare(&r);
    rig_open(&r);
    assert_int_equal(auth(&r, 0x18, NULL, 0), HAWSER_E_STATE); /* not asked */
    assert_int_equal(rig_feed(&r, AUTH_18), 0);
    assert_string_equal(rig_log(&r), "AUTH 18 props=15 00 01 6d\n");
    assert_int_equal(auth(&r, 0x18, &data, 1), 0);
    assert_string_equal(rig_out(&r), "f0 0a 18 08 15 00 01 6d 16 00 01 64");
    assert_int_equal(auth(&r, 0x18, NULL, 0), HAWSER_E_STATE); /* their turn */
    assert_int_equal(rig_feed(&r, "20 07 00 00 04 " METHOD), 0);
    assert_string_equal(rig_log(&r), "CONNECTED session=0 props=15 00 01 6d\n");
    assert_int_equal(auth(&r, 0x18, NULL, 0), HAWSER_E_STATE);
}

/* Else a server need not prove what the next AUTH would ask of it. */
static void test_connack_before_our_answer_is_refused(void **state)
{
    struct rig r;

    (void)state;
    prepare(&r);
    rig_open(&r);
    assert_int_equal(rig_feed(&r, AUTH_18), 0);
    assert_int_equal(rig_feed(&r, CONNACK_OK), HAWSER_E_PROTOCOL);
    assert_string_equal(rig_out(&r), "e0 01 82");
}

static void test_auth_by_a_method_without_a_name_is_possible(void **state)
{
    const struct hawser_property empty = {.id = HAWSER_PROP_AUTH_METHOD};
    struct rig r;

    (void)state;
    prepare(&r);
    r.cfg.properties = &empty;
    rig_open(&r);
    assert_int_equal(rig_feed(&r, "20 06 00 00 03 15 00 00"), 0);
    assert_string_equal(rig_log(&r), "CONNECTED session=0 props=15 00 00\n");
}

static void test_auth_again_while_connected(void **state)
{
    struct rig r;

    (void)state;
    go_online(&r);
    assert_int_equal(auth(&r, 0x19, NULL, 0), 0);
    assert_string_equal(rig_out(&r), "f0 06 19 04 15 00 01 6d");
    assert_int_equal(auth(&r, 0x19, NULL, 0), HAWSER_E_STATE);
    assert_int_equal(rig_feed(&r, AUTH_18), 0);
    assert_int_equal(auth(&r, 0x19, NULL, 0), HAWSER_E_STATE);
    assert_int_equal(auth(&r, 0x18, NULL, 0), 0);
    assert_string_equal(rig_out(&r), "f0 06 18 04 15 00 01 6d");
    assert_int_equal(rig_feed(&r, "f0 06 00 04 " METHOD), 0);
    assert_string_equal(rig_log(&r), "AUTH 18 props=15 00 01 6d\n"
                                     "AUTH 00 props=15 00 01 6d\n");
    assert_int_equal(auth(&r, 0x19, NULL, 0), 0);
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, CONNACK_OK), 0);
    assert_int_equal(auth(&r, 0x19, NULL, 0), 0);
}

static void test_auth_of_what_cannot_be_is_refused(void **state)
{
    struct hawser_property users[16];
    const struct hawser_property wrong = {.id = HAWSER_PROP_RECEIVE_MAXIMUM,
                                          .number = 1};
    struct rig r;

    (void)state;
    go_online(&r);
    assert_int_equal(auth(&r, 0x00, NULL, 0), HAWSER_E_STATE);
    assert_int_equal(auth(&r, 0x19, &wrong, 1), HAWSER_E_ARG);
    assert_int_equal(auth(&r, 0x19, &method, 1), HAWSER_E_ARG);
    for (size_t i = 0; i < 16; i++) {
        users[i] = (struct hawser_property){
            .id = HAWSER_PROP_USER, .name = TEXT("n"), .value = TEXT("v")};
    }
    assert_int_equal(auth(&r, 0x19, users, 16), HAWSER_E_ARG);
    assert_int_equal(auth(&r, 0x19, users, 15), 0);
    (void)rig_out(&r);
    go_online(&r);
    assert_int_equal(rig_feed(&r, "e0 00"), 0);
    assert_int_equal(auth(&r, 0x19, NULL, 0), HAWSER_E_STATE);
    rig_start(&r, HAWSER_MQTT_5); /* without a method */
    assert_int_equal(auth(&r, 0x19, NULL, 0), HAWSER_E_STATE);
    prepare(&r);
    r.cfg.version = HAWSER_MQTT_3_1_1;
    rig_go_online(&r);
    assert_int_equal(auth(&r, 0x19, NULL, 0), HAWSER_E_STATE);
}

static void test_auth_with_another_reason_is_refused(void **state)
{
    struct rig r;

    (void)state;
    prepare(&r);
    rig_open(&r);
    assert_int_equal(rig_feed(&r, AUTH_18), 0);
    assert_int_equal(auth(&r, 0x00, NULL, 0), HAWSER_E_ARG);
    assert_int_equal(auth(&r, 0x19, NULL, 0), HAWSER_E_STATE);
}

static void test_auth_without_room_is_full(void **state)
{
    struct rig r;

    (void)state;
    go_online(&r);
    while (rig_publish(&r, 0, "a", "", NULL) == 0) {
    }
    assert_int_equal(auth(&r, 0x19, NULL, 0), HAWSER_E_FULL);
    (void)rig_out(&r);
    assert_int_equal(auth(&r, 0x19, NULL, 0), 0);
}

static void test_auth_takes_the_time(void **state)
{
    struct rig r;

    (void)state;
    go_online(&r); /* at 1000, keep-alive 10 s */
    r.now_ms = 5000;
    assert_int_equal(auth(&r, 0x19, NULL, 0), 0);
    r.now_ms = 2000; /* is late */
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, AUTH_18), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 15000);
}

static void expect_protocol_error(struct rig *r, const char *hex)
{
    assert_int_equal(rig_feed(r, hex), HAWSER_E_PROTOCOL);
    assert_string_equal(rig_out(r), "e0 01 82");
}

static void test_auth_out_of_turn_is_a_protocol_error(void **state)
{
    struct rig r;

    (void)state;
    go_online(&r);
    expect_protocol_error(&r, AUTH_18); /* only we begin again */
    rig_open(&r);
    assert_int_equal(rig_feed(&r, AUTH_18), 0);
    expect_protocol_error(&r, AUTH_18); /* we were asked already */
    rig_open(&r);
    expect_protocol_error(&r, "f0 06 00 04 " METHOD); /* CONNACK says so */
}

static void test_auth_with_another_method_is_a_protocol_error(void **state)
{
    struct rig r;

    (void)state;
    prepare(&r);
    rig_open(&r);
    expect_protocol_error(&r, "f0 06 18 04 15 00 01 6e");
    rig_open(&r);
    expect_protocol_error(&r, "f0 07 18 05 15 00 02 6d 6d");
    rig_open(&r);
    expect_protocol_error(&r, "f0 02 18 00"); /* none */
    rig_open(&r);
    expect_protocol_error(&r, "20 07 00 00 04 15 00 01 6e");
    rig_open(&r);
    expect_protocol_error(&r, "20 03 00 00 00"); /* none */
    rig_start(&r, HAWSER_MQTT_5);
    expect_protocol_error(&r, AUTH_18); /* we named none */
}

static void test_connect_with_data_but_no_method_is_refused(void **state)
{
    const struct hawser_property both[] = {
        {.id = HAWSER_PROP_AUTH_DATA, .value = TEXT("d")},
        {.id = HAWSER_PROP_AUTH_METHOD, .value = TEXT("m")}};
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.properties = both;
    r.cfg.property_count = 1;
    assert_int_equal(hawser_init(&r.c, &r.cfg), HAWSER_E_ARG);
    r.cfg.property_count = 2;
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
}

static void test_auth_after_the_end_is_refused(void **state)
{
    struct rig r;

    (void)state;
    go_online(&r);
    assert_int_equal(auth(&r, 0x19, NULL, 0), 0);
    assert_int_equal(rig_feed(&r, AUTH_18), 0); /* our turn */
    assert_int_equal(hawser_disconnect(&r.c, 0, 0), 0);
    assert_int_equal(auth(&r, 0x18, NULL, 0), HAWSER_E_STATE);
    assert_int_equal(auth(&r, 0x19, NULL, 0), HAWSER_E_STATE);
}

static void test_auth_with_problem_info_that_was_declined_is_refused(void **s)
{
    static const char *const told[] = {"f0 0a 18 08 " METHOD " 1f 00 01 78",
                                       "f0 0d 18 0b " METHOD
                                       " 26 00 01 61 00 01 78"};
    const struct hawser_property both[] = {
        method, {.id = HAWSER_PROP_REQUEST_PROBLEM_INFO, .number = 0}};
    struct rig r;

    (void)s;
    for (size_t i = 0; i < 4; i++) {
        prepare(&r);
        r.cfg.properties = both;
        r.cfg.property_count = i < 2 ? 2 : 1; /* it is asked for by default */
        rig_open(&r);
        assert_int_equal(rig_feed(&r, told[i % 2]),
                         i < 2 ? HAWSER_E_PROTOCOL : 0);
    }
    r.cfg.properties = both;
    r.cfg.property_count = 2;
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, AUTH_18), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_auth_after_the_end_is_refused),
        cmocka_unit_test(test_auth_goes_to_and_fro_before_connack),
        cmocka_unit_test(test_auth_again_while_connected),
        cmocka_unit_test(test_connack_before_our_answer_is_refused),
        cmocka_unit_test(test_auth_by_a_method_without_a_name_is_possible),
        cmocka_unit_test(test_auth_of_what_cannot_be_is_refused),
        cmocka_unit_test(test_auth_with_another_reason_is_refused),
        cmocka_unit_test(test_auth_without_room_is_full),
        cmocka_unit_test(test_auth_takes_the_time),
        cmocka_unit_test(test_auth_out_of_turn_is_a_protocol_error),
        cmocka_unit_test(test_auth_with_another_method_is_a_protocol_error),
        cmocka_unit_test(test_connect_with_data_but_no_method_is_refused),
        cmocka_unit_test(
            test_auth_with_problem_info_that_was_declined_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
