/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of UTF-8 validation.
 */
#include "wire/hex.h"
#include "wire/utf8.h"

static bool is_valid(const char *bytes)
{
    struct hex h;

    return hwi_utf8_is_valid(hex_read(&h, bytes));
}

static void test_utf8_is_valid_with_well_formed_text_answers_true(void **state)
{
    static const char *const good[] = {
        "",
        "61",
        "01",
        "7F",
        "C2 80",
        "DF BF",
        "E0 A0 80",
        "E1 80 80",
        "EC BF BF",
        "ED 9F BF",
        "EE 80 80",
        "EF BF BF",
        "EF BB BF 61",
        "F0 90 80 80",
        "F1 80 80 80",
        "F3 BF BF BF",
        "F4 8F BF BF",
        "61 C3 A9 62",
        "E6 B8 A9 E5 BA A6",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(is_valid(good[i]));
    }
}

static void test_utf8_is_valid_with_ill_formed_text_answers_false(void **state)
{
    static const uint8_t cut[] = {0xC3}; /* nothing stands behind it */
    static const char *const bad[] = {
        "00",          "61 00",       "80",          "BF",
        "C0 80",       "C1 BF",       "C2",          "C2 7F",
        "C2 C0",       "E0 9F BF",    "E0 A0",       "E1 80",
        "E1 80 7F",    "E1 80 C0",    "ED A0 80",    "ED BF BF",
        "F0 8F BF BF", "F0 90 80",    "F1 80 80 7F", "F4 90 80 80",
        "F5 80 80 80", "FF",          "FE",          "61 C3",
        "E0 C0 80",    "E1 7F 80",    "E1 C0 80",    "ED 7F 80",
        "EE 7F 80",    "EE C0 80",    "F0 C0 80 80", "F1 7F 80 80",
        "F1 C0 80 80", "F4 7F 80 80",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(is_valid(bad[i]));
    }
    assert_false(hwi_utf8_is_valid((struct hawser_view){cut, sizeof cut}));
}

static void test_utf8_is_valid_at_the_length_limit_answers_by_it(void **state)
{
    static uint8_t text[UINT16_MAX + 1];

    (void)state;
    memset(text, 'a', sizeof text);
    assert_true(hwi_utf8_is_valid((struct hawser_view){text, UINT16_MAX}));
    assert_false(hwi_utf8_is_valid((struct hawser_view){text, sizeof text}));
}

/* Every scalar value in its own encoding, and no surrogate. */
static void test_utf8_is_valid_over_all_code_points_agrees(void **state)
{
    (void)state;
    for (uint32_t u = 1; u <= 0x10FFFF; u++) {
        uint8_t b[4];
        size_t n;

        if (u < 0x80) {
            b[0] = (uint8_t)u;
            n = 1;
        } else if (u < 0x800) {
            b[0] = (uint8_t)(0xC0 | u >> 6);
            n = 2;
        } else if (u < 0x10000) {
            b[0] = (uint8_t)(0xE0 | u >> 12);
            n = 3;
        } else {
            b[0] = (uint8_t)(0xF0 | u >> 18);
            n = 4;
        }
        for (size_t i = 1; i < n; i++) {
            b[i] = (uint8_t)(0x80 | (u >> 6 * (n - 1 - i) & 0x3F));
        }
        assert_int_equal(hwi_utf8_is_valid((struct hawser_view){b, n}),
                         u < 0xD800 || u > 0xDFFF);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_is_valid_with_well_formed_text_answers_true),
        cmocka_unit_test(test_utf8_is_valid_with_ill_formed_text_answers_false),
        cmocka_unit_test(test_utf8_is_valid_at_the_length_limit_answers_by_it),
        cmocka_unit_test(test_utf8_is_valid_over_all_code_points_agrees),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
