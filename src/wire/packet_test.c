/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the fixed header and the table of packets.
 */
#include "wire/hex.h"
#include "wire/reason.h"

static int read_header(const char *bytes, enum hawser_version version,
                       uint32_t *body_len)
{
    struct hex h;
    struct hawser_view v = hex_read(&h, bytes);

    *body_len = 0;
    return hwi_header_read(v.at, v.len, version, body_len);
}

static void test_header_read_in_pieces_asks_for_more(void **state)
{
    uint32_t len;

    (void)state;
    assert_int_equal(read_header("", HAWSER_MQTT_5, &len), 0);
    assert_int_equal(read_header("30", HAWSER_MQTT_5, &len), 0);
    assert_int_equal(read_header("30 80", HAWSER_MQTT_5, &len), 0);
    assert_int_equal(read_header("30 80 01", HAWSER_MQTT_5, &len), 3);
    assert_int_equal(len, 128);
    assert_int_equal(read_header("30 FF FF FF 7F", HAWSER_MQTT_5, &len), 5);
    assert_int_equal(len, 268435455);
    assert_int_equal(read_header("30 FF FF FF FF 01", HAWSER_MQTT_5, &len),
                     -HWI_MALFORMED);
}

/* What the first byte alone decides: for each value, by version, 0 (fine),
 * 0x81 or 0x82. */
static int expected_of(unsigned first, bool is_v5)
{
    unsigned type = first >> 4;
    unsigned flags = first & 15;
    unsigned qos = flags >> 1 & 3;

    if (type == 0 || type == HWI_CONNECT || type == HWI_SUBSCRIBE ||
        type == HWI_UNSUBSCRIBE || type == HWI_PINGREQ ||
        (!is_v5 && type >= HWI_DISCONNECT)) {
        return HWI_PROTOCOL_ERROR;
    }
    if (type == HWI_PUBLISH) {
        return qos == 3 || (qos == 0 && flags >= 8) ? HWI_MALFORMED : 0;
    }
    return flags == (type == HWI_PUBREL ? 2 : 0) ? 0 : HWI_MALFORMED;
}

static void test_header_read_of_every_first_byte_agrees(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        uint8_t byte = (uint8_t)first;
        uint32_t len;

        assert_int_equal(hwi_header_read(&byte, 1, HAWSER_MQTT_5, &len),
                         -expected_of(first, true));
        assert_int_equal(hwi_header_read(&byte, 1, HAWSER_MQTT_3_1_1, &len),
                         -expected_of(first, false));
    }
}

struct bounds {
    uint8_t first;
    enum hawser_version version;
    uint32_t least, most; /* most 127: any */
};

static void test_header_read_of_lengths_keeps_the_bounds(void **state)
{
    static const struct bounds rows[] = {
        {0x20, HAWSER_MQTT_3_1_1, 2, 2},   {0x20, HAWSER_MQTT_5, 2, 127},
        {0x30, HAWSER_MQTT_3_1_1, 3, 127}, {0x30, HAWSER_MQTT_5, 3, 127},
        {0x40, HAWSER_MQTT_3_1_1, 2, 2},   {0x40, HAWSER_MQTT_5, 2, 127},
        {0x50, HAWSER_MQTT_3_1_1, 2, 2},   {0x50, HAWSER_MQTT_5, 2, 127},
        {0x62, HAWSER_MQTT_3_1_1, 2, 2},   {0x62, HAWSER_MQTT_5, 2, 127},
        {0x70, HAWSER_MQTT_3_1_1, 2, 2},   {0x70, HAWSER_MQTT_5, 2, 127},
        {0x90, HAWSER_MQTT_3_1_1, 3, 127}, {0x90, HAWSER_MQTT_5, 4, 127},
        {0xB0, HAWSER_MQTT_3_1_1, 2, 2},   {0xB0, HAWSER_MQTT_5, 4, 127},
        {0xD0, HAWSER_MQTT_3_1_1, 0, 0},   {0xD0, HAWSER_MQTT_5, 0, 0},
        {0xE0, HAWSER_MQTT_5, 0, 127},     {0xF0, HAWSER_MQTT_5, 0, 127},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (uint32_t n = 0; n <= 127; n++) {
            uint8_t bytes[2] = {rows[i].first, (uint8_t)n};
            bool is_fine = n >= rows[i].least && n <= rows[i].most;
            uint32_t len;

            assert_int_equal(hwi_header_read(bytes, 2, rows[i].version, &len),
                             is_fine ? 2 : -HWI_MALFORMED);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header_read_in_pieces_asks_for_more),
        cmocka_unit_test(test_header_read_of_every_first_byte_agrees),
        cmocka_unit_test(test_header_read_of_lengths_keeps_the_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
