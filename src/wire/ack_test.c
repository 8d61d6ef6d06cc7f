/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of PUBACK, PUBREC, PUBREL and PUBCOMP.
 */
#include "wire/ack.h"
#include "wire/hex.h"
#include "wire/reason.h"

static uint8_t read_body(struct hwi_ack *m, struct hex *h, uint8_t header,
                         enum hawser_version version, const char *body)
{
    struct hwi_packet p = hex_packet(h, header, version, body);

    return hwi_ack_read(m, &p);
}

static void test_ack_read_in_each_length_answers_the_fields(void **state)
{
    struct hwi_ack m;
    struct hex h;

    (void)state;
    assert_int_equal(read_body(&m, &h, 0x40, HAWSER_MQTT_3_1_1, "12 34"),
                     HWI_OK);
    assert_int_equal(m.packet_id, 0x1234);
    assert_int_equal(read_body(&m, &h, 0x40, HAWSER_MQTT_5, "00 01"), HWI_OK);
    assert_int_equal(m.reason, 0);
    assert_int_equal(read_body(&m, &h, 0x40, HAWSER_MQTT_5, "00 01 87"),
                     HWI_OK);
    assert_int_equal(m.reason, 0x87);
    assert_int_equal(read_body(&m, &h, 0x50, HAWSER_MQTT_5, "00 01 10 00"),
                     HWI_OK);
    assert_int_equal(
        read_body(&m, &h, 0x62, HAWSER_MQTT_5, "00 01 92 04 1F 00 01 61"),
        HWI_OK);
    assert_int_equal(m.properties.len, 4);
    assert_int_equal(read_body(&m, &h, 0x70, HAWSER_MQTT_5, "00 01 92"),
                     HWI_OK);
}

static void test_ack_read_of_bad_bodies_answers_the_fault(void **state)
{
    static const struct {
        uint8_t header;
        uint8_t fault;
        const char *body;
    } rows[] = {
        {0x40, HWI_MALFORMED, "00 00"},
        {0x40, HWI_PROTOCOL_ERROR, "00 01 01"},
        {0x40, HWI_PROTOCOL_ERROR, "00 01 92"},
        {0x62, HWI_PROTOCOL_ERROR, "00 01 87"},
        {0x40, HWI_MALFORMED, "00 01 00 01"},
        {0x40, HWI_MALFORMED, "00 01 00 00 00"},
        {0x40, HWI_MALFORMED, "00 01 00 02 01 00"},
        {0x40, HWI_PROTOCOL_ERROR, "00 01 00 08 1F 00 01 61 1F 00 01 61"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hwi_ack m;
        struct hex h;

        assert_int_equal(
            read_body(&m, &h, rows[i].header, HAWSER_MQTT_5, rows[i].body),
            rows[i].fault);
    }
}

static const char *written(struct hex *h, enum hwi_packet_type type,
                           uint8_t reason, enum hawser_version version)
{
    const struct hwi_ack_out ack = {.packet_id = 0x0102, .reason = reason};
    uint8_t bytes[8];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});

    hwi_ack_write(&w, type, &ack, version);
    assert_false(w.is_bad);
    return hex_text(h, bytes, hwi_written(&w));
}

static void test_ack_write_of_each_type_is_short(void **state)
{
    struct hex h;

    (void)state;
    assert_string_equal(written(&h, HWI_PUBACK, 0, HAWSER_MQTT_5),
                        "40 02 01 02");
    assert_string_equal(written(&h, HWI_PUBACK, 0x87, HAWSER_MQTT_5),
                        "40 03 01 02 87");
    assert_string_equal(written(&h, HWI_PUBACK, 0x87, HAWSER_MQTT_3_1_1),
                        "40 02 01 02");
    assert_string_equal(written(&h, HWI_PUBREC, 0, HAWSER_MQTT_5),
                        "50 02 01 02");
    assert_string_equal(written(&h, HWI_PUBREL, 0, HAWSER_MQTT_5),
                        "62 02 01 02");
    assert_string_equal(written(&h, HWI_PUBCOMP, 0x92, HAWSER_MQTT_5),
                        "70 03 01 02 92");
}

static void test_ack_write_with_properties_has_a_reason(void **state)
{
    const struct hawser_property why = {.id = HAWSER_PROP_REASON_STRING,
                                        .value = TEXT("a")};
    const struct hwi_ack_out ack = {.packet_id = 1, .properties = {&why, 1}};
    uint8_t bytes[16];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    struct hex h;

    (void)state;
    hwi_ack_write(&w, HWI_PUBACK, &ack, HAWSER_MQTT_5);
    hwi_ack_write(&w, HWI_PUBACK, &ack, HAWSER_MQTT_3_1_1);
    assert_string_equal(hex_text(&h, bytes, hwi_written(&w)),
                        "40 08 00 01 00 04 1f 00 01 61 40 02 00 01");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ack_read_in_each_length_answers_the_fields),
        cmocka_unit_test(test_ack_read_of_bad_bodies_answers_the_fault),
        cmocka_unit_test(test_ack_write_of_each_type_is_short),
        cmocka_unit_test(test_ack_write_with_properties_has_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
