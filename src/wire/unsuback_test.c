/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of UNSUBACK.
 */
#include "wire/hex.h"
#include "wire/reason.h"
#include "wire/unsuback.h"

static uint8_t read_body(struct hwi_unsuback *m, struct hex *h,
                         enum hawser_version version, const char *body)
{
    struct hwi_packet p = hex_packet(h, 0xB0, version, body);

    return hwi_unsuback_read(m, &p);
}

static void test_unsuback_read_by_version_answers_the_fields(void **state)
{
    struct hwi_unsuback m;
    struct hex h;

    (void)state;
    assert_int_equal(read_body(&m, &h, HAWSER_MQTT_3_1_1, "12 34"), HWI_OK);
    assert_int_equal(m.packet_id, 0x1234);
    assert_int_equal(m.reasons.len, 0);
    assert_int_equal(read_body(&m, &h, HAWSER_MQTT_5, "00 01 00 00 11 87"),
                     HWI_OK);
    assert_int_equal(m.reasons.len, 3);
}

static void test_unsuback_read_of_bad_bodies_answers_the_fault(void **state)
{
    static const struct {
        enum hawser_version version;
        uint8_t fault;
        const char *body;
    } rows[] = {
        {HAWSER_MQTT_3_1_1, HWI_MALFORMED, "00"},
        {HAWSER_MQTT_3_1_1, HWI_MALFORMED, "00 01 00"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "00 01"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "00 01 02 00"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "00 01 02 01 00 00"},
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "00 01 00 01"},
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "00 01 00 00 01"},
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "00 01 00 9E"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hwi_unsuback m;
        struct hex h;

        assert_int_equal(read_body(&m, &h, rows[i].version, rows[i].body),
                         rows[i].fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unsuback_read_by_version_answers_the_fields),
        cmocka_unit_test(test_unsuback_read_of_bad_bodies_answers_the_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
