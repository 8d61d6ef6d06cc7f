/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of DISCONNECT.
 */
#include "wire/disconnect.h"
#include "wire/hex.h"
#include "wire/reason.h"

static uint8_t read_body(struct hwi_disconnect *m, struct hex *h,
                         enum hawser_version version, const char *body)
{
    struct hwi_packet p = hex_packet(h, 0xE0, version, body);

    return hwi_disconnect_read(m, &p);
}

static void test_disconnect_read_in_each_length_answers_the_reason(void **state)
{
    struct hwi_disconnect m;
    struct hex h;

    (void)state;
    assert_int_equal(read_body(&m, &h, HAWSER_MQTT_5, ""), HWI_OK);
    assert_int_equal(m.reason, 0);
    assert_int_equal(read_body(&m, &h, HAWSER_MQTT_5, "8E"), HWI_OK);
    assert_int_equal(m.reason, 0x8E);
    assert_int_equal(read_body(&m, &h, HAWSER_MQTT_5, "8B 00"), HWI_OK);
    assert_int_equal(m.reason, 0x8B);
    assert_int_equal(read_body(&m, &h, HAWSER_MQTT_5, "9C 04 1C 00 01 61"),
                     HWI_OK);
    assert_int_equal(m.properties.len, 4);
}

static const char *written(struct hex *h, uint8_t reason,
                           enum hawser_version version)
{
    uint8_t bytes[HWI_DISCONNECT_LEN];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});

    hwi_disconnect_write(&w, &(struct hwi_disconnect_out){.reason = reason},
                         version);
    assert_false(w.is_bad);
    return hex_text(h, bytes, hwi_written(&w));
}

static void test_disconnect_write_is_short(void **state)
{
    struct hex h;

    (void)state;
    assert_string_equal(written(&h, 0, HAWSER_MQTT_5), "e0 00");
    assert_string_equal(written(&h, 4, HAWSER_MQTT_5), "e0 01 04");
    assert_string_equal(written(&h, 4, HAWSER_MQTT_3_1_1), "e0 00");
}

static void test_disconnect_write_with_properties_has_a_reason(void **state)
{
    const struct hawser_property why = {.id = HAWSER_PROP_REASON_STRING,
                                        .value = TEXT("a")};
    const struct hwi_disconnect_out m = {0, &why, 1};
    uint8_t bytes[16];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    struct hex h;

    (void)state;
    hwi_disconnect_write(&w, &m, HAWSER_MQTT_5);
    hwi_disconnect_write(&w, &m, HAWSER_MQTT_3_1_1);
    assert_string_equal(hex_text(&h, bytes, hwi_written(&w)),
                        "e0 06 00 04 1f 00 01 61 e0 00");
}

static void test_disconnect_read_of_bad_bodies_answers_the_fault(void **state)
{
    static const struct {
        enum hawser_version version;
        uint8_t fault;
        const char *body;
    } rows[] = {
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "04"},
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "01"},
        {HAWSER_MQTT_5, HWI_PROTOCOL_ERROR, "FF"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "00 01"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "00 00 00"},
        {HAWSER_MQTT_5, HWI_MALFORMED, "00 05 11 00 00 00 01"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hwi_disconnect m;
        struct hex h;

        assert_int_equal(read_body(&m, &h, rows[i].version, rows[i].body),
                         rows[i].fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_disconnect_read_in_each_length_answers_the_reason),
        cmocka_unit_test(test_disconnect_write_is_short),
        cmocka_unit_test(test_disconnect_write_with_properties_has_a_reason),
        cmocka_unit_test(test_disconnect_read_of_bad_bodies_answers_the_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
