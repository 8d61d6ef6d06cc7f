/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of CONNACK.
 */
#include "wire/connack.h"
#include "wire/hex.h"
#include "wire/reason.h"

static uint8_t read_body(struct hwi_connack *m, struct hex *h,
                         enum hawser_version version, const char *body)
{
    struct hwi_packet p = hex_packet(h, 0x20, version, body);

    return hwi_connack_read(m, &p);
}

static void test_connack_read_of_3_1_1_translates_the_code(void **state)
{
    static const uint8_t reasons[] = {0, 0x84, 0x85, 0x88, 0x86, 0x87};
    struct hwi_connack m;
    struct hex h;

    (void)state;
    for (unsigned code = 0; code < 6; code++) {
        char body[8];

        (void)snprintf(body, sizeof body, "00 %02X", code);
        assert_int_equal(read_body(&m, &h, HAWSER_MQTT_3_1_1, body), HWI_OK);
        assert_int_equal(m.reason, reasons[code]);
        assert_false(m.session_present);
    }
    assert_int_equal(read_body(&m, &h, HAWSER_MQTT_3_1_1, "01 00"), HWI_OK);
    assert_true(m.session_present);
}

static void test_connack_read_of_5_hands_properties_on(void **state)
{
    struct hwi_connack m;
    struct hex h;

    (void)state;
    assert_int_equal(
        read_body(&m, &h, HAWSER_MQTT_5, "01 00 06 21 00 01 22 00 05"), HWI_OK);
    assert_true(m.session_present);
    assert_int_equal(m.properties.len, 6);
    assert_int_equal(read_body(&m, &h, HAWSER_MQTT_5, "00 87 04 1F 00 01 61"),
                     HWI_OK);
    assert_int_equal(m.reason, 0x87);
    assert_int_equal(
        read_body(&m, &h, HAWSER_MQTT_5, "00 00 08 15 00 01 61 16 00 01 62"),
        HWI_OK);
}

static void test_connack_read_of_an_old_server_says_version(void **state)
{
    struct hwi_connack m;
    struct hex h;

    (void)state;
    assert_int_equal(read_body(&m, &h, HAWSER_MQTT_5, "00 01"), HWI_OK);
    assert_int_equal(m.reason, HWI_UNSUPPORTED_VERSION);
}

static void test_connack_read_of_bad_bodies_answers_the_fault(void **state)
{
    static const struct {
        enum hawser_version version;
        uint8_t fault;
        const char *body;
    } rows[] = {
        {HAWSER_MQTT_3_1_1, HWI_MALFORMED, "02 00"},
        {HAWSER_MQTT_3_1_1, HWI_MALFORMED, "80 00"},
        {HAWSER_MQTT_3_1_1, HWI_PROTOCOL_ERROR, "00 06"},
        {HAWSER_MQTT_3_1_1, HWI_PROTOCOL_ERROR, "00 FF"},
        {HAWSER_MQTT_3_1_1, HWI_PROTOCOL_ERROR, "01 05"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "00 00"},
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "00 02"},
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "01 01"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "02 00 00"},
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "00 01 00"},
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "00 8B 00"},
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "01 80 00"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "00 00 01"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "00 00 00 00"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "00 00 02 01 00"},
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "00 00 04 16 00 01 62"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hwi_connack m;
        struct hex h;

        assert_int_equal(read_body(&m, &h, rows[i].version, rows[i].body),
                         rows[i].fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connack_read_of_3_1_1_translates_the_code),
        cmocka_unit_test(test_connack_read_of_5_hands_properties_on),
        cmocka_unit_test(test_connack_read_of_an_old_server_says_version),
        cmocka_unit_test(test_connack_read_of_bad_bodies_answers_the_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
