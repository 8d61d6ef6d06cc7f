/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is JSON and what is not, and how its strings reach a person.
 */
#include "json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *json;
    const char *copy;
} valid[] = {
    {"{}", "{}"},
    {" [ ] ", "[]"},
    {"{ \"a\" : 1 , \"b\" : [ true , false , null ] }\n",
     "{\"a\":1,\"b\":[true,false,null]}"},
    {"-0.5e+10", "-0.5e+10"},
    {"0", "0"},
    {"\"\"", "\"\""},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
     "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\""},
    {"\"\xc2\x9b\x7f\xe2\x80\xae\"", "\"\\u009b\\u007f\\u202e\""},
    {"[[[[{\"a\":{}}]]]]", "[[[[{\"a\":{}}]]]]"},
};

static void test_copy_valid_is_compact_and_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
        char room[128];
        struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
        assert_true(hawser_cli_json_copy(&t, hawser_cli_view(valid[i].json)));
        assert_string_equal(room, valid[i].copy);
    }
}

static const char *const invalid[] = {
    "",          " ",        "{",         "}",           "[1",
    "[1 2]",     "[1,]",     "[,1]",      "{\"a\"}",     "{\"a\":}",
    "{\"a\" 1}", "{a:1}",    "{1:2}",     "{,}",         "{\"a\":1,}",
    "01",        "1.",       ".5",        "-",           "+1",
    "1e",        "1e+",      "tru",       "nul",         "\"",
    "\"\\",      "\"\\x\"",  "\"\\u12\"", "\"\\u12g4\"", "\"\n\"",
    "\"\x1b\"",  "\"\xff\"", "{}{}",      "1 2",         "[1}",
    "{\"a\":1]", "'a'",      "[1]]",      "NaN",         "\xef\xbb\xbf{}",
};

static void test_copy_invalid_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
        char room[128];
        struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
        hawser_cli_text_add(&t, "x");
        if (hawser_cli_json_copy(&t, hawser_cli_view(invalid[i]))) {
            fail_msg("%s was taken", invalid[i]);
        }
        assert_string_equal(room, "x");
    }
}

static void test_copy_nesting_is_bounded(void **state)
{
    (void)state;
    char json[2 * HAWSER_CLI_JSON_DEPTH_MAX + 3];
    char room[128];
    struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
    for (size_t depth = HAWSER_CLI_JSON_DEPTH_MAX;
         depth <= HAWSER_CLI_JSON_DEPTH_MAX + 1; depth++) {
        memset(json, '[', depth);
        memset(json + depth, ']', depth);
        struct hawser_view whole = {(const uint8_t *)json, 2 * depth};
        assert_int_equal(hawser_cli_json_copy(&t, whole),
                         depth == HAWSER_CLI_JSON_DEPTH_MAX);
    }
}

static void test_copy_without_room_changes_nothing(void **state)
{
    (void)state;
    char room[6];
    struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
    assert_false(hawser_cli_json_copy(&t, hawser_cli_view("[1,2,3]")));
    assert_string_equal(room, "");
    assert_true(hawser_cli_json_copy(&t, hawser_cli_view("[1,2]")));
}

static void test_read_gives_members_in_order(void **state)
{
    (void)state;
    struct hawser_cli_object o;
    assert_true(hawser_cli_json_read(
        &o, hawser_cli_view("{\"a\":\"x\",\"b\":{\"a\":1},\"c\":[{\"a\":2}],"
                            "\"a\":3}")));
    assert_int_equal(o.count, 4);
    assert_true(hawser_cli_json_is(hawser_cli_json_get(&o, "a"), "x"));
    assert_false(hawser_cli_json_is(hawser_cli_json_get(&o, "a"), "xy"));
    assert_int_equal(hawser_cli_json_get(&o, "b").len, 7);
    assert_int_equal(hawser_cli_json_get(&o, "c").len, 9);
    assert_null(hawser_cli_json_get(&o, "d").at);
}

static void test_read_refuses_what_is_no_object(void **state)
{
    (void)state;
    struct hawser_cli_object o;
    assert_false(hawser_cli_json_read(&o, hawser_cli_view("[]")));
    assert_false(hawser_cli_json_read(&o, hawser_cli_view("{\"a\":1 2}")));
    assert_false(hawser_cli_json_read(&o, hawser_cli_view("")));
    char many[1024] = "{\"m\":0";
    for (int i = 0; i <= HAWSER_CLI_JSON_MEMBERS_MAX; i++) {
        size_t len = strlen(many);
        snprintf(many + len, sizeof(many) - len,
                 i < HAWSER_CLI_JSON_MEMBERS_MAX ? ",\"m\":0" : "}");
    }
    assert_false(hawser_cli_json_read(&o, hawser_cli_view(many)));
}

static void test_add_shown_undoes_escapes_safely(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        const char *shown;
    } rows[] = {
        {"\"plain\"", "plain"},
        {"\"\\u001b[2J\"", "\\x1b[2J"},
        {"\"a\\nb\\\"\\\\\\/\"", "a\\x0ab\"\\/"},
        {"\"\\u00e9\\u6e29\"", "\xc3\xa9\xe6\xb8\xa9"},
        {"\"\\ud83c\\udf21\"", "\xf0\x9f\x8c\xa1"},
        {"\"\\ud83c\"", "\\xed\\xa0\\xbc"},
        {"\"\\u009b\"", "\\u009b"},
        {"12.5", "12.5"},
        {"{\"a\":1}", "{\"a\":1}"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char room[64];
        struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
        hawser_cli_json_add_shown(&t, hawser_cli_view(rows[i].value));
        assert_string_equal(room, rows[i].shown);
    }
}

static void test_next_walks_through_an_array(void **state)
{
    (void)state;
    static const char *const want[] = {"1", "\"a,]\\\"\"", "[2,[3]]",
                                       "{\"b\":[4,5]}", "true"};
    struct hawser_view rest =
        hawser_cli_view("[1, \"a,]\\\"\",[2,[3]],{\"b\":[4,5]} ,true ]");
    struct hawser_view v;
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        assert_true(hawser_cli_json_next(&rest, &v));
        assert_int_equal(v.len, strlen(want[i]));
        assert_memory_equal(v.at, want[i], v.len);
    }
    assert_false(hawser_cli_json_next(&rest, &v));
    static const char *const none[] = {"[]",        "[ ]",     "7",
                                       "{\"a\":1}", "\"[1]\"", ""};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        rest = hawser_cli_view(none[i]);
        assert_false(hawser_cli_json_next(&rest, &v));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy_valid_is_compact_and_safe),
        cmocka_unit_test(test_copy_invalid_changes_nothing),
        cmocka_unit_test(test_copy_nesting_is_bounded),
        cmocka_unit_test(test_copy_without_room_changes_nothing),
        cmocka_unit_test(test_read_gives_members_in_order),
        cmocka_unit_test(test_read_refuses_what_is_no_object),
        cmocka_unit_test(test_next_walks_through_an_array),
        cmocka_unit_test(test_add_shown_undoes_escapes_safely),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
