/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the variable byte integer.
 */
#include "wire/hex.h"
#include "wire/reason.h"
#include "wire/varint.h"

struct row {
    const char *bytes;
    int used;
    uint32_t value;
};

static void test_varint_read_of_each_form_answers_value(void **state)
{
    static const struct row rows[] = {
        {"00", 1, 0},
        {"7F", 1, 127},
        {"80 01", 2, 128},
        {"FF 7F", 2, 16383},
        {"80 80 01", 3, 16384},
        {"FF FF 7F", 3, 2097151},
        {"80 80 80 01", 4, 2097152},
        {"FF FF FF 7F", 4, HWI_VARINT_MAX},
        {"FF FF FF 7F FF", 4, HWI_VARINT_MAX},
        {"", 0, 0},
        {"80", 0, 0},
        {"FF FF FF", 0, 0},
        {"80 00", -HWI_MALFORMED, 0},
        {"81 80 00", -HWI_MALFORMED, 0},
        {"81 80 80 00", -HWI_MALFORMED, 0},
        {"FF FF FF 80", -HWI_MALFORMED, 0},
        {"FF FF FF FF", -HWI_MALFORMED, 0},
        {"FF FF FF FF 7F", -HWI_MALFORMED, 0},
        {"80 80 80 80 01", -HWI_MALFORMED, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hex h;
        struct hawser_view v = hex_read(&h, rows[i].bytes);
        uint32_t value = 0;

        assert_int_equal(hwi_varint_read(v.at, v.len, &value), rows[i].used);
        assert_int_equal(value, rows[i].value);
    }
}

static void test_varint_len_at_each_edge_answers_bytes(void **state)
{
    (void)state;
    assert_int_equal(hwi_varint_len(0), 1);
    assert_int_equal(hwi_varint_len(127), 1);
    assert_int_equal(hwi_varint_len(128), 2);
    assert_int_equal(hwi_varint_len(16383), 2);
    assert_int_equal(hwi_varint_len(16384), 3);
    assert_int_equal(hwi_varint_len(2097151), 3);
    assert_int_equal(hwi_varint_len(2097152), 4);
    assert_int_equal(hwi_varint_len(HWI_VARINT_MAX), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_varint_read_of_each_form_answers_value),
        cmocka_unit_test(test_varint_len_at_each_edge_answers_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
