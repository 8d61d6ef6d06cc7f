/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of SUBACK.
 */
#include "wire/hex.h"
#include "wire/reason.h"
#include "wire/suback.h"

static uint8_t read_body(struct hwi_suback *m, struct hex *h,
                         enum hawser_version version, const char *body)
{
    struct hwi_packet p = hex_packet(h, 0x90, version, body);

    return hwi_suback_read(m, &p);
}

static void test_suback_read_answers_one_code_a_filter(void **state)
{
    struct hwi_suback m;
    struct hex h;
    struct hex text;

    (void)state;
    assert_int_equal(read_body(&m, &h, HAWSER_MQTT_3_1_1, "12 34 00 01 02 80"),
                     HWI_OK);
    assert_int_equal(m.packet_id, 0x1234);
    assert_string_equal(hex_text(&text, m.reasons.at, m.reasons.len),
                        "00 01 02 80");
    assert_int_equal(
        read_body(&m, &h, HAWSER_MQTT_5, "00 01 04 1F 00 01 61 9E 02"), HWI_OK);
    assert_int_equal(m.properties.len, 4);
    assert_string_equal(hex_text(&text, m.reasons.at, m.reasons.len), "9e 02");
}

static void test_suback_read_of_bad_bodies_answers_the_fault(void **state)
{
    static const struct {
        enum hawser_version version;
        uint8_t fault;
        const char *body;
    } rows[] = {
        {HAWSER_MQTT_3_1_1, HWI_MALFORMED, "00 01"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "00 01 00"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "00 01"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "00 01 05 00"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "00 01 02 01 01 00"},
        {HAWSER_MQTT_3_1_1, HWI_PROTOCOL_ERROR, "00 01 03"},
        {HAWSER_MQTT_3_1_1, HWI_PROTOCOL_ERROR, "00 01 00 7F"},
        {HAWSER_MQTT_3_1_1, HWI_PROTOCOL_ERROR, "00 01 81"},
        {HAWSER_MQTT_3_1_1, HWI_PROTOCOL_ERROR, "00 01 00 87"},
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "00 01 00 03"},
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "00 01 00 81"},
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "00 01 00 FF"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hwi_suback m;
        struct hex h;

        assert_int_equal(read_body(&m, &h, rows[i].version, rows[i].body),
                         rows[i].fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suback_read_answers_one_code_a_filter),
        cmocka_unit_test(test_suback_read_of_bad_bodies_answers_the_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
