/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading JSON: what is an object and what is not, the bounds of size, depth
 * and number, and values by type. Each text is read from a buffer of just its
 * length, so that a sanitizer sees a byte too many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "device/json_read.h"

#define TOKENS_MAX 96

static int check_bytes(const char *bytes, size_t len)
{
    uint8_t *copy = malloc(len + (len == 0 ? 1 : 0));
    int err;

    assert_non_null(copy);
    memcpy(copy, bytes, len);
    err = hwi_json_check((struct hawser_view){copy, len});
    free(copy);
    return err;
}

static struct hawser_view view(const char *text)
{
    return (struct hawser_view){(const uint8_t *)text, strlen(text)};
}

/* The text under "k"; its length or an error. */
static int get_text(const char *object, char *out, size_t size)
{
    size_t len = 0;
    int err = hwi_json_get_text(
        view(object), "k", (struct hawser_span){(uint8_t *)out, size}, &len);

    if (err == 0 && len < size) {
        out[len] = '\0';
    }
    return err == 0 ? (int)len : err;
}

static void check_all(const char *const *texts, size_t count, int expected)
{
    for (size_t i = 0; i < count; i++) {
        int err = check_bytes(texts[i], strlen(texts[i]));
        if (err != expected) {
            fail_msg("%s: %d, not %d", texts[i], err, expected);
        }
    }
}

#define CHECK_ALL(texts, expected) \
    check_all(texts, sizeof(texts) / sizeof((texts)[0]), expected)

/* Check --------------------------------------------------------------------- */

static void test_check_objects_are_taken(void **state)
{
    static const char *const texts[] = {
        "{}",
        " \t\r\n{ } \t\r\n",
        "{\"\":\"\"}",
        "{\"a\":1,\"b\":[true,false,null,{\"c\":[]}],\"d\":{\"e\":\"f\"}}",
        "{\"a\":[1,\"2\",[3],{}]}",
        "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"}",
        "{\"a\":\"\xC3\xA9\xF0\x9F\x98\x80\x7F\"}",
        "{\"a\":0,\"b\":-0,\"c\":10,\"d\":-1.5,\"e\":0.10,\"f\":1e5}",
        "{\"a\":1E+05,\"b\":1.0e-2,\"c\":123456789012345678901234567890}",
        "{\"a\":{\"b\":{}},\"c\":1}",
    };

    (void)state;
    CHECK_ALL(texts, 0);
}

static void test_check_other_things_are_refused(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "restart",
        "1",
        "\"a\"",
        "null",
        "[]",
        "[{}]",
        "{",
        "}",
        "{]",
        "{}}",
        "{} {}",
        "{}x",
        "x{}",
        "{}1",
        "{}\"a\"",
        "{}[]",
        "{}:",
        ":{}",
        "{},",
        ",{}",
        "\v{}",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{'a':1}",
        "{1:2}",
        "{true:1}",
        "{[]:1}",
        "{{}:1}",
        "{\"a\"1}",
        "{\"a\"",
        "{\"a\":1",
        "{\"a\":\"b}",
        "{\"a\":",
        "{\"",
        "{\"\\",
        "{\"\\u12}",
        "{\"a\":1]",
        "\xEF\xBB\xBF{}", /* a byte order mark */
        "{} // a",
        /* jsmn goes on with "x" after it is closed. */
        "{\"\":{\"a\":\"52.e3\",\"x\"}:\"\"}",
    };

    (void)state;
    CHECK_ALL(texts, HAWSER_E_ARG);
}

static void
test_check_keys_with_more_or_less_than_a_value_are_refused(void **state)
{
    static const char *const texts[] = {
        "{\"a\",\"b\":1}",       "{\"a\" \"b\"}",
        "{\"a\":1 2}",           "{\"a\":1 \"b\":2}",
        "{\"a\":\"b\":1}",       "{\"a\":[\"b\":1]}",
        "{\"a\":[1:2]}",         "{\"a\":[\"b\" \"c\":1]}",
        "{\"a\":1 \"b\"}",       "{\"a\":{} []}",
        "{\"a\":1:2}",           "{\"a\":{\"b\"}}",
        "{\"a\":{}:1}",          "{\"a\":{}:\"b\"}",
        "{\"a\":{}:\"b\":1}",    "{\"a\":[]:1}",
        "{\"a\":[]:[2]}",        "{\"a\":1}:}",
        "{\"a\":1}:,\"b\":2}}}", "{\"a\":[[]]:{\"b\":1}}",
    };

    (void)state;
    CHECK_ALL(texts, HAWSER_E_ARG);
}

static void test_check_bad_primitives_are_refused(void **state)
{
    static const char *const values[] = {
        "-",   "--1",    "+1",        "01",   "-01",   "00",
        ".5",  "1.",     "1.e5",      "-.5",  "1e",    "1e+",
        "1E-", "1e5.0",  "1.2.3",     "0x10", "1a",    "True",
        "tru", "truey",  "nul",       "nan",  "NaN",   "Infinity",
        "-e5", "false1", "undefined", "1-2",  "1_000", "e5",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char text[40];
        int len = snprintf(text, sizeof(text), "{\"a\":%s}", values[i]);
        if (check_bytes(text, (size_t)len) != HAWSER_E_ARG) {
            fail_msg("%s is taken", text);
        }
    }
}

static void test_check_bad_strings_are_refused(void **state)
{
    static const char *const texts[] = {
        "{\"a\":\"\n\"}",       "{\"a\":\"\x1F\"}",     "{\"\t\":1}",
        "{\"a\":\"\\x\"}",      "{\"a\":\"\\u12\"}",    "{\"a\":\"\\u12G4\"}",
        "{\"a\":\"\\U00e9\"}",  "{\"a\":\"\xFF\"}",     "{\"a\":\"\xC3\"}",
        "{\"a\":\"\xC0\x80\"}", "{\"\xED\xA0\x80\":1}",
    };

    (void)state;
    CHECK_ALL(texts, HAWSER_E_ARG);
    assert_int_equal(check_bytes("{\"a\":\"\0\"}", 9), HAWSER_E_ARG);
    assert_int_equal(check_bytes("{}\0", 3), HAWSER_E_ARG);
    assert_int_equal(check_bytes("{\0}", 3), HAWSER_E_ARG);
}

/* "{"a":[[...]]}" with so many brackets in the object. */
static int check_nested(unsigned brackets)
{
    char text[512] = "{\"a\":";
    size_t len = strlen(text);

    memset(text + len, '[', brackets);
    memset(text + len + brackets, ']', brackets);
    len += 2 * (size_t)brackets;
    text[len++] = '}';
    return check_bytes(text, len);
}

static void test_check_depth_is_bounded(void **state)
{
    static const char *const flat[] = {
        "{\"a\":[[],[],[],[],[],[],[],[]]}", /* side by side */
        "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}",
        "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}",
    };
    static const char *const deep[] = {
        "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}",
        "{\"a\":1,\"b\":[{\"c\":[{\"d\":[{}]}]}]}",
    };

    (void)state;
    assert_int_equal(check_nested(HWI_JSON_DEPTH_MAX - 1), 0);
    assert_int_equal(check_nested(HWI_JSON_DEPTH_MAX), HAWSER_E_LIMIT);
    assert_int_equal(check_nested(TOKENS_MAX - 2), HAWSER_E_LIMIT);
    /* Too many to be looked at. */
    assert_int_equal(check_nested(TOKENS_MAX), HAWSER_E_FULL);
    CHECK_ALL(flat, 0);
    CHECK_ALL(deep, HAWSER_E_LIMIT);
}

/* An object with an array of so many numbers: two tokens more, and the key. */
static int check_many(unsigned values)
{
    char text[512] = "{\"a\":[";

    for (unsigned i = 0; i <= values; i++) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof(text) - len, "%s",
                 i == values ? "]}" : (i == 0 ? "1" : ",1"));
    }
    return check_bytes(text, strlen(text));
}

static void test_check_number_of_values_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(check_many(TOKENS_MAX - 3), 0);
    assert_int_equal(check_many(TOKENS_MAX - 2), HAWSER_E_FULL);
}

static void test_check_size_is_bounded(void **state)
{
    static char text[HWI_JSON_SIZE_MAX + 1];

    (void)state;
    memset(text, ' ', sizeof(text));
    text[0] = '{';
    text[HWI_JSON_SIZE_MAX - 1] = '}';
    assert_int_equal(check_bytes(text, HWI_JSON_SIZE_MAX), 0);
    assert_int_equal(check_bytes(text, HWI_JSON_SIZE_MAX + 1), HAWSER_E_FULL);
}

/* Whatever a prefix is, it is no object, and nothing is read beyond it. */
static void test_check_every_prefix_is_refused(void **state)
{
    static const char text[] =
        "{\"a\":[1,-2.5e+3,true],\"b\":\"\\u00e9\\n\xC3\xA9\",\"c\":{}}";

    (void)state;
    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        assert_int_equal(check_bytes(text, len), HAWSER_E_ARG);
    }
    assert_int_equal(check_bytes(text, sizeof(text) - 1), 0);
}

/* Texts ---------------------------------------------------------------------- */

static void test_get_text_plain_and_escaped(void **state)
{
    static const struct {
        const char *value;
        const char *text;
    } rows[] = {
        {"", ""},
        {"ping", "ping"},
        {"\xC3\xA9\xE2\x82\xAC", "\xC3\xA9\xE2\x82\xAC"},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"},
        {"\\u0070ing", "ping"},
        {"\\u0001\\u007f", "\x01\x7F"},
        {"\\u0080\\u07fF", "\xC2\x80\xDF\xBF"},
        {"\\u0800\\uD7FF", "\xE0\xA0\x80\xED\x9F\xBF"},
        {"\\uE000\\uFFFD", "\xEE\x80\x80\xEF\xBF\xBD"},
        {"\\uD800\\uDC00", "\xF0\x90\x80\x80"},
        {"a\\uDBFF\\uDFFFb", "a\xF4\x8F\xBF\xBF"
                             "b"},
        {"\\ud83d\\ude00", "\xF0\x9F\x98\x80"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char object[64];
        char out[32] = "";
        (void)snprintf(object, sizeof(object), "{\"k\":\"%s\"}", rows[i].value);
        assert_int_equal(get_text(object, out, sizeof(out)),
                         (int)strlen(rows[i].text));
        assert_string_equal(out, rows[i].text);
    }
}

static void test_get_text_no_character_is_refused(void **state)
{
    static const char *const values[] = {
        "\\u0000",        "\\uD800",        "\\uDBFF",        "\\uDC00",
        "\\uDFFF",        "\\uD800x",       "\\uD800\\n",     "\\uD800\\u0041",
        "\\uD800\\uD800", "\\uD800\\uE000", "\\uDC00\\uDC00", "\\uD800\\uDBFF",
        "\\uDC00\\uD800", "\\uD800abcdef",  "\\uD800\\nabcd",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char object[64];
        char out[32];
        (void)snprintf(object, sizeof(object), "{\"k\":\"%s\"}", values[i]);
        assert_int_equal(get_text(object, out, sizeof(out)), HAWSER_E_ARG);
    }
}

static void test_get_text_room_is_respected(void **state)
{
    static const struct {
        const char *object;
        size_t len;
    } rows[] = {
        {"{\"k\":\"abcd\"}", 4},
        {"{\"k\":\"abc\\n\"}", 4},
        {"{\"k\":\"a\\u20ac\"}", 4},
        {"{\"k\":\"\\uD83D\\uDE00\"}", 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[5] = "";
        assert_int_equal(get_text(rows[i].object, out, 4), 4);
        out[3] = '!';
        assert_int_equal(get_text(rows[i].object, out, 3), HAWSER_E_ARG);
        assert_int_equal(out[3], '!');
        assert_int_equal(get_text(rows[i].object, out, 0), HAWSER_E_ARG);
    }
}

static void test_get_text_other_types_are_refused(void **state)
{
    static const char *const objects[] = {
        "{\"k\":1}",
        "{\"k\":null}",
        "{\"k\":[\"a\"]}",
        "{\"k\":{\"k\":\"a\"}}",
        "{\"k\"}",
        "[\"k\",1]",
        "",
        "{\"k\":\"a\"",
        "{\"k\",\"b\":1}",
    };
    char out[8];

    (void)state;
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        int err = get_text(objects[i], out, sizeof(out));
        /* A last key without value is not found at all. */
        assert_int_equal(err, i == 4 ? HAWSER_E_ABSENT : HAWSER_E_ARG);
    }
}

/* Keys ----------------------------------------------------------------------- */

static void test_get_key_stands_at_the_top(void **state)
{
    char out[8] = "";

    (void)state;
    assert_int_equal(get_text("{}", out, 8), HAWSER_E_ABSENT);
    assert_int_equal(get_text("{\"a\":\"k\"}", out, 8), HAWSER_E_ABSENT);
    assert_int_equal(get_text("{\"a\":{\"k\":\"x\"}}", out, 8),
                     HAWSER_E_ABSENT);
    assert_int_equal(get_text("{\"K\":\"x\",\"kk\":\"x\",\"\":\"x\"}", out, 8),
                     HAWSER_E_ABSENT);
    assert_int_equal(get_text("{\"\\u006b\":\"x\"}", out, 8), HAWSER_E_ABSENT);
    assert_int_equal(
        get_text("{\"a\":\"k\",\"b\":{\"k\":\"x\"},\"k\":\"y\"}", out, 8), 1);
    assert_string_equal(out, "y");
}

static void test_get_key_twice_the_first_counts(void **state)
{
    char out[8] = "";

    (void)state;
    assert_int_equal(get_text("{\"k\":\"x\",\"k\":\"yy\"}", out, 8), 1);
    assert_string_equal(out, "x");
    assert_int_equal(get_text("{\"k\":1,\"k\":\"yy\"}", out, 8), HAWSER_E_ARG);
}

static void test_get_uint_whole_numbers_only(void **state)
{
    static const struct {
        const char *object;
        int err;
        uint64_t value;
    } rows[] = {
        {"{\"k\":0}", 0, 0},
        {"{\"k\":86400}", 0, 86400},
        {"{\"k\":999999999999999999}", 0, 999999999999999999u},
        {"{\"k\":1000000000000000000}", HAWSER_E_ARG, 7},
        {"{\"k\":-1}", HAWSER_E_ARG, 7},
        {"{\"k\":1.0}", HAWSER_E_ARG, 7},
        {"{\"k\":1e3}", HAWSER_E_ARG, 7},
        {"{\"k\":true}", HAWSER_E_ARG, 7},
        {"{\"k\":\"1\"}", HAWSER_E_ARG, 7},
        {"{\"k\":[1]}", HAWSER_E_ARG, 7},
        {"{\"a\":1}", HAWSER_E_ABSENT, 7},
        {"{\"k\":1", HAWSER_E_ARG, 7},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t value = 7;
        assert_int_equal(hwi_json_get_uint(view(rows[i].object), "k", &value),
                         rows[i].err);
        assert_true(value == rows[i].value);
    }
}

static void test_get_object_gives_its_text(void **state)
{
    struct hawser_view out = {NULL, 0};

    (void)state;
    assert_int_equal(
        hwi_json_get_object(view("{\"a\":1,\"k\": { \"b\":2 } }"), "k", &out),
        0);
    assert_int_equal(out.len, 9);
    assert_memory_equal(out.at, "{ \"b\":2 }", 9);
}

static void test_get_object_other_types_are_refused(void **state)
{
    struct hawser_view out = {NULL, 0};

    (void)state;
    assert_int_equal(hwi_json_get_object(view("{\"k\":[]}"), "k", &out),
                     HAWSER_E_ARG);
    assert_int_equal(hwi_json_get_object(view("{\"k\":\"{}\"}"), "k", &out),
                     HAWSER_E_ARG);
    assert_int_equal(hwi_json_get_object(view("{\"a\":{}}"), "k", &out),
                     HAWSER_E_ABSENT);
    assert_null(out.at);
}

static void test_get_bool_true_or_false_only(void **state)
{
    struct hawser_view object =
        view("{\"t\":true,\"f\":false,\"n\":null,\"s\":\"true\"}");
    bool value = false;

    (void)state;
    assert_int_equal(hwi_json_get_bool(object, "t", &value), 0);
    assert_int_equal(hwi_json_get_bool(object, "n", &value), HAWSER_E_ARG);
    assert_int_equal(hwi_json_get_bool(object, "s", &value), HAWSER_E_ARG);
    assert_true(value);
    assert_int_equal(hwi_json_get_bool(object, "f", &value), 0);
    assert_false(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_objects_are_taken),
        cmocka_unit_test(test_check_other_things_are_refused),
        cmocka_unit_test(
            test_check_keys_with_more_or_less_than_a_value_are_refused),
        cmocka_unit_test(test_check_bad_primitives_are_refused),
        cmocka_unit_test(test_check_bad_strings_are_refused),
        cmocka_unit_test(test_check_depth_is_bounded),
        cmocka_unit_test(test_check_number_of_values_is_bounded),
        cmocka_unit_test(test_check_size_is_bounded),
        cmocka_unit_test(test_check_every_prefix_is_refused),
        cmocka_unit_test(test_get_text_plain_and_escaped),
        cmocka_unit_test(test_get_text_no_character_is_refused),
        cmocka_unit_test(test_get_text_room_is_respected),
        cmocka_unit_test(test_get_text_other_types_are_refused),
        cmocka_unit_test(test_get_key_stands_at_the_top),
        cmocka_unit_test(test_get_key_twice_the_first_counts),
        cmocka_unit_test(test_get_uint_whole_numbers_only),
        cmocka_unit_test(test_get_bool_true_or_false_only),
        cmocka_unit_test(test_get_object_gives_its_text),
        cmocka_unit_test(test_get_object_other_types_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
