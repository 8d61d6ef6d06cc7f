/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing JSON: commas, quotes, escapes, numbers to the last digit, and that
 * what does not fit leaves nothing that looks whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "device/json_write.h"

static uint8_t room[256];

static struct hwi_json begin(void)
{
    memset(room, 0xA5, sizeof(room));
    return hwi_json_to((struct hawser_span){room, sizeof(room)});
}

static void assert_text(const struct hwi_json *j, const char *text)
{
    struct hawser_view v = hwi_json_end(j);
    char got[sizeof(room) + 1] = "";

    assert_non_null(v.at);
    memcpy(got, v.at, v.len);
    assert_string_equal(got, text);
}

static void test_view_of_a_text(void **state)
{
    (void)state;
    assert_int_equal(hwi_view("abc").len, 3);
    assert_int_equal(hwi_view("").len, 0);
    assert_non_null(hwi_view("").at);
    assert_null(hwi_view(NULL).at);
    assert_int_equal(hwi_view(NULL).len, 0);
}

static void test_open_commas_stand_between(void **state)
{
    struct hwi_json j = begin();

    (void)state;
    hwi_json_open(&j, NULL, '{');
    hwi_json_uint(&j, "a", 1);
    hwi_json_open(&j, "b", '[');
    hwi_json_bool(&j, NULL, true);
    hwi_json_bool(&j, NULL, false);
    hwi_json_open(&j, NULL, '{');
    hwi_json_close(&j, '}');
    hwi_json_int(&j, NULL, -5);
    hwi_json_close(&j, ']');
    hwi_json_word(&j, "c", "d");
    hwi_json_close(&j, '}');
    assert_text(&j, "{\"a\":1,\"b\":[true,false,{},-5],\"c\":\"d\"}");
}

static void test_text_is_escaped(void **state)
{
    struct hwi_json j = begin();
    static const uint8_t bytes[] = "\"\\/\b\n\x01\x1F\x7F\xC3\xA9";

    (void)state;
    hwi_json_open(&j, NULL, '{');
    hwi_json_text(&j, "a\"b", (struct hawser_view){bytes, sizeof(bytes) - 1});
    hwi_json_close(&j, '}');
    assert_text(&j, "{\"a\\\"b\":\"\\\"\\\\/\\u0008\\u000a\\u0001\\u001f\x7F"
                    "\xC3\xA9\"}");
}

static void test_text_not_utf8_is_question_marks(void **state)
{
    struct hwi_json j = begin();
    static const uint8_t bytes[] = {'a', 0xC3, 0xA9, 0xFF, '\n', 0x00, 'b'};

    (void)state;
    hwi_json_text(&j, NULL, (struct hawser_view){bytes, sizeof(bytes)});
    assert_text(&j, "\"a???\\u000a\\u0000b\"");
}

static void test_text_none_is_empty(void **state)
{
    struct hwi_json j = begin();

    (void)state;
    hwi_json_word(&j, "a", NULL);
    hwi_json_word(&j, "b", "");
    assert_text(&j, "\"a\":\"\",\"b\":\"\"");
}

static void test_uint_and_int_to_their_ends(void **state)
{
    struct hwi_json j = begin();

    (void)state;
    hwi_json_uint(&j, NULL, 0);
    hwi_json_uint(&j, NULL, UINT64_MAX);
    hwi_json_int(&j, NULL, 0);
    hwi_json_int(&j, NULL, INT64_MAX);
    hwi_json_int(&j, NULL, INT64_MIN);
    assert_text(&j, "0,18446744073709551615,0,9223372036854775807,"
                    "-9223372036854775808");
}

static void test_number_digit_by_digit(void **state)
{
    static const struct hawser_number numbers[] = {
        {245, 1},       {-5, 1},        {0, 2},          {7, 3},
        {100, 2},       {-1000, 3},     {10, 0},         {INT64_MIN, 9},
        {INT64_MAX, 1}, {999999999, 9}, {1000000000, 9},
    };
    struct hwi_json j = begin();

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        hwi_json_number(&j, NULL, numbers[i]);
    }
    assert_text(&j, "24.5,-0.5,0.00,0.007,1.00,-1.000,10,"
                    "-9223372036.854775808,922337203685477580.7,"
                    "0.999999999,1.000000000");
}

static void test_number_too_many_decimals_is_left_out(void **state)
{
    struct hwi_json j = begin();

    (void)state;
    hwi_json_number(&j, "a", (struct hawser_number){1, 0});
    hwi_json_number(&j, "b", (struct hawser_number){1, 10});
    hwi_json_number(&j, "c", (struct hawser_number){1, 255});
    hwi_json_number(&j, "d", (struct hawser_number){2, 0});
    assert_text(&j, "\"a\":1,\"d\":2");
}

static void test_members_join_the_others(void **state)
{
    struct hwi_json j = begin();

    (void)state;
    hwi_json_open(&j, NULL, '{');
    hwi_json_members(&j, hwi_view(""));
    hwi_json_members(&j, hwi_view("\"a\":1,\"b\":2"));
    hwi_json_members(&j, hwi_view(""));
    hwi_json_uint(&j, "c", 3);
    hwi_json_close(&j, '}');
    assert_text(&j, "{\"a\":1,\"b\":2,\"c\":3}");
}

static void test_end_empty_is_empty(void **state)
{
    struct hwi_json j = begin();

    (void)state;
    assert_int_equal(hwi_json_end(&j).len, 0);
    assert_ptr_equal(hwi_json_end(&j).at, room);
}

/* At each size but the right one nothing comes out, and no byte is written
 * behind the room. */
static void test_end_not_fitting_is_nothing(void **state)
{
    static const char text[] = "{\"a\\\"\":\"\\u0001\",\"b\":-0.5,\"c\":true}";

    (void)state;
    for (size_t size = 0; size < sizeof(text); size++) {
        struct hwi_json j = begin();
        j.out.size = size;
        hwi_json_open(&j, NULL, '{');
        hwi_json_word(&j, "a\"", "\x01");
        hwi_json_number(&j, "b", (struct hawser_number){-5, 1});
        hwi_json_bool(&j, "c", true);
        hwi_json_close(&j, '}');
        for (size_t i = size; i < sizeof(room); i++) {
            assert_int_equal(room[i], 0xA5);
        }
        if (size == sizeof(text) - 1) {
            assert_text(&j, text);
            continue;
        }
        assert_null(hwi_json_end(&j).at);
        assert_int_equal(hwi_json_end(&j).len, 0);
    }
}

/* A short piece behind one that did not fit would make another text. */
static void test_end_stays_bad(void **state)
{
    struct hwi_json j = begin();

    (void)state;
    j.out.size = 4;
    hwi_json_word(&j, NULL, "too long");
    hwi_json_close(&j, '}');
    assert_null(hwi_json_end(&j).at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view_of_a_text),
        cmocka_unit_test(test_open_commas_stand_between),
        cmocka_unit_test(test_text_is_escaped),
        cmocka_unit_test(test_text_not_utf8_is_question_marks),
        cmocka_unit_test(test_text_none_is_empty),
        cmocka_unit_test(test_uint_and_int_to_their_ends),
        cmocka_unit_test(test_number_digit_by_digit),
        cmocka_unit_test(test_number_too_many_decimals_is_left_out),
        cmocka_unit_test(test_members_join_the_others),
        cmocka_unit_test(test_end_empty_is_empty),
        cmocka_unit_test(test_end_not_fitting_is_nothing),
        cmocka_unit_test(test_end_stays_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
