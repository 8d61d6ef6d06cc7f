/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounded text, and what becomes of bytes that a terminal or a JSON reader
 * must not see.
 */
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_add_beyond_the_room_is_cut_whole(void **state)
{
    (void)state;
    char room[6];
    struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
    hawser_cli_text_add(&t, "abc");
    hawser_cli_text_add(&t, "def");
    hawser_cli_text_add(&t, "g");
    assert_string_equal(room, "abc");
    assert_true(t.cut);
    hawser_cli_text_back_to(&t, 2);
    hawser_cli_text_addf(&t, "%d", 123);
    assert_string_equal(room, "ab123");
    assert_false(t.cut);
    hawser_cli_text_addf(&t, "%d", 4);
    assert_string_equal(room, "ab123");
    assert_true(t.cut);
}

/* Bytes, and how they are shown and written into JSON. */
static const struct {
    const char *bytes;
    const char *shown;
    const char *json;
} escapes[] = {
    {"plain", "plain", "plain"},
    {"\x1b[2J", "\\x1b[2J", "\\u001b[2J"},
    {"a\nb\tc\r", "a\\x0ab\\x09c\\x0d", "a\\nb\\tc\\u000d"},
    {"\x7f", "\\x7f", "\\u007f"},
    {"\xc2\x9b"
     "31m",
     "\\u009b31m", "\\u009b31m"},
    {"caf\xc3\xa9 \xe6\xb8\xa9", "caf\xc3\xa9 \xe6\xb8\xa9",
     "caf\xc3\xa9 \xe6\xb8\xa9"},
    {"\xe2\x80\xae"
     "evil",
     "\\u202eevil", "\\u202eevil"},
    {"\xf0\x9f\x8c\xa1", "\xf0\x9f\x8c\xa1", "\xf0\x9f\x8c\xa1"},
    {"\xf3\xa0\x80\x81", "\\ue0001", "\\udb40\\udc01"},
    {"\xff\xc3", "\\xff\\xc3", "\\ufffd\\ufffd"},
    {"\xc0\x80", "\\xc0\\x80", "\\ufffd\\ufffd"},
    {"\xe0\x80\x80", "\\xe0\\x80\\x80", "\\ufffd\\ufffd\\ufffd"},
    {"\xed\xa0\x80", "\\xed\\xa0\\x80", "\\ufffd\\ufffd\\ufffd"},
    {"\"\\", "\"\\", "\\\"\\\\"},
    {"\xd8\x9c", "\\u061c", "\\u061c"},
    {"\xe1\xa0\x8e", "\\u180e", "\\u180e"},
};

static void test_add_shown_leaves_nothing_a_terminal_obeys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        char room[64];
        struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
        hawser_cli_text_add_shown(&t, hawser_cli_view(escapes[i].bytes));
        assert_string_equal(room, escapes[i].shown);
    }
}

static void test_add_json_writes_the_inside_of_a_string(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        char room[64];
        struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
        hawser_cli_text_add_json(&t, hawser_cli_view(escapes[i].bytes));
        assert_string_equal(room, escapes[i].json);
    }
}

static void test_add_shown_is_cut_between_characters(void **state)
{
    (void)state;
    char room[6];
    struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
    hawser_cli_text_add_shown(&t, hawser_cli_view("abc\xe6\xb8\xa9"));
    assert_string_equal(room, "abc");
    assert_true(t.cut);
}

static void test_add_json_string_beyond_the_room_adds_nothing(void **state)
{
    (void)state;
    char room[8];
    struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
    hawser_cli_text_add(&t, "{");
    hawser_cli_text_add_json_string(&t, hawser_cli_view("longer"));
    assert_string_equal(room, "{");
    assert_true(t.cut);
}

static void test_columns_count_wide_and_combining(void **state)
{
    (void)state;
    assert_int_equal(hawser_cli_text_columns("abc"), 3);
    assert_int_equal(hawser_cli_text_columns("\xe6\xb8\xa9\xe5\xba\xa6"), 4);
    assert_int_equal(hawser_cli_text_columns("e\xcc\x81"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_beyond_the_room_is_cut_whole),
        cmocka_unit_test(test_add_shown_leaves_nothing_a_terminal_obeys),
        cmocka_unit_test(test_add_json_writes_the_inside_of_a_string),
        cmocka_unit_test(test_add_shown_is_cut_between_characters),
        cmocka_unit_test(test_add_json_string_beyond_the_room_adds_nothing),
        cmocka_unit_test(test_columns_count_wide_and_combining),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
