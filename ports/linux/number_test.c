/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of number.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ports/linux/number.h"

struct row {
    const char *text;
    long len; /* characters read; < 0: refused */
    int64_t mantissa;
    uint8_t decimals;
};

static void test_number_parse_table(void **state)
{
    static const struct row rows[] = {
        {"0", 1, 0, 0},
        {"21.50", 5, 2150, 2},
        {"-0.5", 4, -5, 1},
        {"+7", 2, 7, 0},
        {".5", 2, 5, 1},
        {"5.", 2, 5, 0},
        {"007", 3, 7, 0},
        {"21.5C", 4, 215, 1},
        {"65%", 2, 65, 0},
        {"21.5\xc2\xb0", 4, 215, 1},
        {"21.5, 22.5", 4, 215, 1},
        {"12 34", 2, 12, 0},
        {"1e3", 3, 1000, 0},
        {"1.5E-2", 6, 15, 3},
        {"2.50e1", 6, 250, 1},
        {"3eggs", 1, 3, 0},
        {"0e99", 4, 0, 0},
        {"1e-99", 5, 0, 9},
        {"1e999999999999", -1, 0, 0},
        {"21.450000000000003", 18, INT64_C(21450000000), 9},
        {"0.1234567899", 12, 123456789, 9},
        {"-0.9999999999", 13, -999999999, 9},
        {"999999999999999999", 18, INT64_C(999999999999999999), 0},
        {"-999999999999999999", 19, INT64_C(-999999999999999999), 0},
        {"1000000000000000000", -1, 0, 0},
        {"9223372036854775808", -1, 0, 0},
        {"1e17", 4, INT64_C(100000000000000000), 0},
        {"1e18", -1, 0, 0},
        {"", -1, 0, 0},
        {"-", -1, 0, 0},
        {".", -1, 0, 0},
        {"-.", -1, 0, 0},
        {"nan", -1, 0, 0},
        {" 1", -1, 0, 0},
        {"--1", -1, 0, 0},
        {"1.2.3", -1, 0, 0},
        {"0x1f", -1, 0, 0},
        {"21,5", -1, 0, 0},
        {"2026-11-23", -1, 0, 0},
        {"12:30", -1, 0, 0},
        {"1/2", -1, 0, 0},
        {"1_000", -1, 0, 0},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hawser_number number = {77, 7};
        int len = hwi_linux_number_parse(rows[i].text, &number);

        if (len != (rows[i].len < 0 ? HAWSER_E_ABSENT : rows[i].len) ||
            number.mantissa != (rows[i].len < 0 ? 77 : rows[i].mantissa) ||
            number.decimals != (rows[i].len < 0 ? 7 : rows[i].decimals)) {
            fail_msg("\"%s\": %d, %lld / 10^%u", rows[i].text, len,
                     (long long)number.mantissa, number.decimals);
        }
    }
}

static void test_number_find_table(void **state)
{
    static const struct row rows[] = {
        {"24.5", 0, 245, 1},
        {"  24.5\n99", 0, 245, 1},
        {"t=23125", 0, 23125, 0},
        {"t1 sensor: -4.5 C", 0, -45, 1},
        {"temp (21.5)", 0, 215, 1},
        {"a-5 -6", 0, -6, 0},
        {"v1.2 3", 0, 3, 0},
        {"\n24.5", -1, 0, 0},
        {"no number", -1, 0, 0},
        {"", -1, 0, 0},
        {"at 12:30 it was 21.5", -1, 0, 0},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hawser_number number = {77, 7};
        int err = hwi_linux_number_find(rows[i].text, &number);

        if (err != (rows[i].len < 0 ? HAWSER_E_ABSENT : 0) ||
            number.mantissa != (rows[i].len < 0 ? 77 : rows[i].mantissa) ||
            number.decimals != (rows[i].len < 0 ? 7 : rows[i].decimals)) {
            fail_msg("\"%s\": %d, %lld / 10^%u", rows[i].text, err,
                     (long long)number.mantissa, number.decimals);
        }
    }
}

static void assert_number(struct hawser_number number, int64_t mantissa,
                          uint8_t decimals)
{
    assert_int_equal(number.mantissa, mantissa);
    assert_int_equal(number.decimals, decimals);
}

static struct hawser_number number(int64_t mantissa, uint8_t decimals)
{
    return (struct hawser_number){mantissa, decimals};
}

static void test_number_add_of_unequal_decimals_is_exact(void **state)
{
    struct hawser_number sum;

    (void)state;
    assert_int_equal(hwi_linux_number_add(number(15, 1), number(-125, 2), &sum),
                     0);
    assert_number(sum, 25, 2);
}

static void test_number_add_too_large_refused(void **state)
{
    struct hawser_number sum = {77, 7};

    (void)state;
    assert_int_equal(
        hwi_linux_number_add(number(INT64_MAX, 0), number(1, 0), &sum),
        HAWSER_E_ABSENT);
    assert_int_equal(
        hwi_linux_number_add(number(INT64_MAX / 10, 0), number(1, 9), &sum),
        HAWSER_E_ABSENT);
    assert_int_equal(
        hwi_linux_number_add(number(1, 9), number(INT64_MIN / 10, 0), &sum),
        HAWSER_E_ABSENT);
    assert_number(sum, 77, 7);
}

static void test_number_multiply_small_is_exact(void **state)
{
    struct hawser_number product;

    (void)state;
    assert_int_equal(
        hwi_linux_number_multiply(number(-6000, 0), number(1025, 2), &product),
        0);
    assert_number(product, -6150000, 2);
}

static void test_number_multiply_large_drops_last_decimals(void **state)
{
    struct hawser_number product;

    (void)state;
    /* 4000000000 * 10.727539062 */
    assert_int_equal(hwi_linux_number_multiply(number(INT64_C(4000000000), 0),
                                               number(INT64_C(10727539062), 9),
                                               &product),
                     0);
    assert_number(product, INT64_C(4291015624000000000), 8);
    assert_int_equal(
        hwi_linux_number_multiply(number(INT64_MAX, 0), number(2, 0), &product),
        HAWSER_E_ABSENT);
}

static void test_number_from_milli_table(void **state)
{
    (void)state;
    assert_number(hwi_linux_number_from_milli(number(45000, 0)), 450, 1);
    assert_number(hwi_linux_number_from_milli(number(24125, 0)), 24125, 3);
    assert_number(hwi_linux_number_from_milli(number(24120, 0)), 2412, 2);
    assert_number(hwi_linux_number_from_milli(number(-500, 0)), -5, 1);
    assert_number(hwi_linux_number_from_milli(number(0, 0)), 0, 1);
    assert_number(hwi_linux_number_from_milli(number(241254, 1)), 24125, 3);
    assert_number(hwi_linux_number_from_milli(number(241255, 1)), 24126, 3);
    assert_number(hwi_linux_number_from_milli(number(-2412549, 2)), -24125, 3);
    assert_number(hwi_linux_number_from_milli(number(-2412550, 2)), -24126, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number_parse_table),
        cmocka_unit_test(test_number_find_table),
        cmocka_unit_test(test_number_add_of_unequal_decimals_is_exact),
        cmocka_unit_test(test_number_add_too_large_refused),
        cmocka_unit_test(test_number_multiply_small_is_exact),
        cmocka_unit_test(test_number_multiply_large_drops_last_decimals),
        cmocka_unit_test(test_number_from_milli_table),
    };

    return cmocka_run_group_tests_name("linux number", tests, NULL, NULL);
}
