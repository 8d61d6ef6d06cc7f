/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of AUTH.
 */
#include "wire/auth.h"
#include "wire/hex.h"
#include "wire/reason.h"

static uint8_t read_body(struct hwi_auth *m, struct hex *h,
                         enum hawser_version version, const char *body)
{
    struct hwi_packet p = hex_packet(h, 0xF0, version, body);

    return hwi_auth_read(m, &p);
}

static void test_auth_read_answers_the_reason(void **state)
{
    struct hwi_auth m;
    struct hex h;

    (void)state;
    assert_int_equal(read_body(&m, &h, HAWSER_MQTT_5, ""), HWI_OK);
    assert_int_equal(m.reason, 0);
    assert_int_equal(
        read_body(&m, &h, HAWSER_MQTT_5, "18 08 15 00 01 61 16 00 01 62"),
        HWI_OK);
    assert_int_equal(m.reason, 0x18);
    assert_int_equal(m.properties.len, 8);
}

static void test_auth_read_of_bad_bodies_answers_the_fault(void **state)
{
    static const struct {
        enum hawser_version version;
        uint8_t fault;
        const char *body;
    } rows[] = {
        {HAWSER_MQTT_5, HWI_MALFORMED, "18"},
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "19 00"},
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "80 00"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "18 00 00"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "18 02 01 01"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hwi_auth m;
        struct hex h;

        assert_int_equal(read_body(&m, &h, rows[i].version, rows[i].body),
                         rows[i].fault);
    }
}

static void test_auth_write_names_reason_and_properties(void **state)
{
    const struct hawser_property method = {.id = HAWSER_PROP_AUTH_METHOD,
                                           .value = TEXT("m")};
    const struct hwi_auth_out m = {0x18, &method, 1};
    uint8_t bytes[16];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    struct hex h;

    (void)state;
    hwi_auth_write(&w, &m);
    assert_string_equal(hex_text(&h, bytes, hwi_written(&w)),
                        "f0 06 18 04 15 00 01 6d");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_auth_read_answers_the_reason),
        cmocka_unit_test(test_auth_read_of_bad_bodies_answers_the_fault),
        cmocka_unit_test(test_auth_write_names_reason_and_properties),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
