/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the client as a program has it that speaks 3.1.1 alone.
 */
#include "mqtt/client.h"
#include "mqtt/rig.h"
#include "wire/property.h"
#include "wire/reason.h"

void hwi_only_3_1_1(void);

static void test_only_3_1_1_refuses_version_5(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_init(&r.c, &r.cfg), HAWSER_E_ARG);
}

static void test_only_3_1_1_plays_a_session(void **state)
{
    const struct hawser_property user = {
        .id = HAWSER_PROP_USER, .name = TEXT("a"), .value = TEXT("b")};
    struct hawser_message m = {.topic = TEXT("a"),
                               .payload = TEXT("hi"),
                               .qos = 1,
                               .properties = &user,
                               .property_count = 1};
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.properties = &user;
    r.cfg.property_count = 1;
    rig_open(&r);
    assert_int_equal(rig_feed(&r, "20 02 00 00"), 0);
    assert_int_equal(rig_subscribe(&r, "a", 2), 1);
    assert_string_equal(rig_out(&r), "82 06 00 01 00 01 61 02");
    assert_int_equal(rig_feed(&r, "90 03 00 01 02"), 0);
    assert_int_equal(hawser_publish(&r.c, r.now_ms, &m, NULL), 0);
    assert_string_equal(rig_out(&r), "32 07 00 01 61 00 02 68 69");
    (void)rig_log(&r);
    assert_int_equal(rig_feed(&r, "40 02 00 02"), 0);
    assert_string_equal(rig_log(&r), "PUBLISHED 2 00 props=\n");
    assert_int_equal(rig_feed(&r, "34 07 00 01 61 00 01 68 69"), 0);
    assert_int_equal(hawser_accept(&r.c, 0, 1, 0), 0);
    assert_string_equal(rig_out(&r), "50 02 00 01");
    assert_int_equal(rig_feed(&r, "62 02 00 01"), 0);
    assert_string_equal(rig_out(&r), "70 02 00 01");
    assert_int_equal(
        hawser_auth(&r.c, 0, 0x19, &(struct hawser_properties){NULL, 0}),
        HAWSER_E_STATE);
    assert_int_equal(hawser_disconnect(&r.c, 0, 0), 0);
    assert_string_equal(rig_out(&r), "e0 00");
}

static void test_only_3_1_1_holds_no_properties(void **state)
{
    struct hawser_view rest = TEXT("\x01\x01");
    struct hawser_property p;
    struct hwi_reader r = hwi_reader_of(rest);

    (void)state;
    assert_false(hawser_property_next(&rest, &p));
    assert_null(hwi_read_properties(&r, HWI_PUBLISH).at);
    assert_int_not_equal(r.fault, 0);
}

static void test_only_3_1_1_takes_a_configuration_for_both(void **state)
{
    const struct hawser_property auth[] = {
        {.id = HAWSER_PROP_AUTH_METHOD, .value = TEXT("m")},
        {.id = HAWSER_PROP_AUTH_DATA, .value = TEXT("d")}};
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.properties = auth;
    r.cfg.property_count = 2;
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
}

/* Those that 3.1.1 itself never calls. */
static void test_only_3_1_1_answers_as_if_there_were_no_properties(void **state)
{
    const struct hawser_property user = {
        .id = HAWSER_PROP_USER, .name = TEXT("a"), .value = TEXT("b")};
    struct hwi_publish_out m = {.topic = TEXT("a")};
    struct hwi_packet auth = {.header = 0xF0};
    uint8_t bytes[8];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    hwi_write_property(&w, &user);
    hwi_write_properties(&w, &user, 1);
    assert_int_equal(hwi_written(&w), 0);
    assert_int_equal(hwi_property_len(&user), 0);
    assert_true(hwi_auth_fits(&r.c, TEXT("")));
    assert_int_equal(hwi_auth_take(&r.c, &auth), HWI_PROTOCOL_ERROR);
    assert_false(hwi_alias_is_possible(&r.c, 1, m.topic));
    assert_int_equal(hwi_alias_topic(&r.c, 1).len, 0);
    hwi_alias_apply(&r.c, &m);
    hwi_alias_set(&r.c, 1, m.topic, true);
    assert_view(m.topic, "a");
    assert_int_equal(m.alias, 0);
    hwi_only_3_1_1(); /* a name for the linker */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_3_1_1_takes_a_configuration_for_both),
        cmocka_unit_test(test_only_3_1_1_refuses_version_5),
        cmocka_unit_test(test_only_3_1_1_plays_a_session),
        cmocka_unit_test(test_only_3_1_1_holds_no_properties),
        cmocka_unit_test(
            test_only_3_1_1_answers_as_if_there_were_no_properties),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
