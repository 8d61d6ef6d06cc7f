/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of JSON texts, as the value of a member: what RFC 8259 allows is taken,
 * what it does not allow is refused, and where it leaves a choice stands what we
 * do. Whole objects: json_read_test.c.
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

/* From memory of just that size, so that a sanitizer sees a read behind it. */
static int check(const char *text, size_t len)
{
    uint8_t *copy = malloc(len + 1);
    int err;

    memcpy(copy, text, len);
    err = hwi_json_check((struct hawser_view){copy, len});
    free(copy);
    return err;
}

/* {"a":VALUE} */
static int check_value(const char *value)
{
    char text[256];
    int len = snprintf(text, sizeof(text), "{\"a\":%s}", value);

    assert_true(len > 0 && (size_t)len < sizeof(text));
    return check(text, (size_t)len);
}

#define FOR_EACH(texts, expected)                                        \
    for (size_t i_ = 0; i_ < sizeof(texts) / sizeof((texts)[0]); i_++) { \
        if (check_value((texts)[i_]) != (expected)) {                    \
            fail_msg("%s: %d", (texts)[i_], check_value((texts)[i_]));   \
        }                                                                \
    }

static const char *const accepted[] = {
    "0",
    "-0",
    "1",
    "-1",
    "10",
    "9007199254740993",
    "0.0",
    "-0.5",
    "1.25",
    "1e1",
    "1E1",
    "1e+1",
    "1e-1",
    "1.5e10",
    "0e0",
    "0.1e-99",
    "123456789012345678901234567890",
    "true",
    "false",
    "null",
    "\"\"",
    "\" \"",
    "\"a\"",
    "\"\\\"\"",
    "\"\\\\\"",
    "\"\\/\"",
    "\"/\"",
    "\"\\b\\f\\n\\r\\t\"",
    "\"\\u0041\"",
    "\"\\u00e9\"",
    "\"\\u20AC\"",
    "\"\\uD83D\\uDE00\"",
    "\"\\uFFFF\"",
    "\"\\u0000\"",
    "\"\x7F\"",
    "\"\xC2\x80\"",
    "\"\xDF\xBF\"",
    "\"\xE0\xA0\x80\"",
    "\"\xED\x9F\xBF\"",
    "\"\xEE\x80\x80\"",
    "\"\xEF\xBF\xBF\"",
    "\"\xF0\x90\x80\x80\"",
    "\"\xF4\x8F\xBF\xBF\"",
    "[]",
    "[ ]",
    "[1]",
    "[1,2]",
    "[ 1 , 2 ]",
    "[[],[]]",
    "[true,false,null]",
    "[\"a\",1,{}]",
    "{}",
    "{ }",
    "{\"b\":1}",
    "{\"b\":1,\"c\":2}",
    "{\"\":0}",
    "{\"b\":{\"c\":[{\"d\":1}]}}",
    " 1 ",
    "\t1\t",
    "\r\n1\r\n",
    "{\"a b\":1}",
    "{\"\\u0061\":1}",
    "{\"\xC3\xA9\":1}",
};

static void test_set_accept(void **state)
{
    (void)state;
    FOR_EACH(accepted, 0);
}

static const char *const refused[] = {
    /* Numbers */
    "01",
    "-01",
    "00",
    "+1",
    ".5",
    "1.",
    "-",
    "-.5",
    "1.e1",
    "1e",
    "1e+",
    "1e-",
    "1e1.5",
    "1.2.3",
    "--1",
    "1-1",
    "0x1",
    "1a",
    "1_0",
    "NaN",
    "nan",
    "Infinity",
    "-Infinity",
    "inf",
    "1e1e1",
    "\xEF\xBC\x91",
    /* Words */
    "True",
    "TRUE",
    "tru",
    "truee",
    "nul",
    "nulll",
    "NULL",
    "fals",
    "undefined",
    "a",
    "'a'",
    "yes",
    /* Strings */
    "\"",
    "\"a",
    "a\"",
    "\"\\\"",
    "\"\\a\"",
    "\"\\x41\"",
    "\"\\'\"",
    "\"\\0\"",
    "\"\\u\"",
    "\"\\u0\"",
    "\"\\u00\"",
    "\"\\u004\"",
    "\"\\u00g0\"",
    "\"\\U0041\"",
    "\"\\ \"",
    "\"\n\"",
    "\"\t\"",
    "\"\x01\"",
    "\"\x1F\"",
    "\"a\"b\"",
    "\"\\u-041\"",
    /* UTF-8 */
    "\"\x80\"",
    "\"\xBF\"",
    "\"\xC0\x80\"",
    "\"\xC1\xBF\"",
    "\"\xC3\"",
    "\"\xE0\x80\x80\"",
    "\"\xE0\x9F\xBF\"",
    "\"\xED\xA0\x80\"",
    "\"\xED\xBF\xBF\"",
    "\"\xF0\x80\x80\x80\"",
    "\"\xF4\x90\x80\x80\"",
    "\"\xF5\x80\x80\x80\"",
    "\"\xFF\"",
    "\"\xFE\"",
    "\"\xE2\x82\"",
    "\xEF\xBB\2771",
    /* Arrays and objects */
    "[",
    "]",
    "[1",
    "1]",
    "[}",
    "{]",
    "[1}",
    "{\"b\":1]",
    "[[]",
    "[]]",
    "{",
    "}}",
    "{\"b\"",
    "{\"b\"}",
    "{\"b\":}",
    "{1:2}",
    "{b:1}",
    "{'b':1}",
    "{null:1}",
    "{[]:1}",
    "{{}:1}",
    "{\"b\",1}",
    "{\"b\"1}",
    "{\"b\":1 \"c\"}",
    "[\"a\":1]",
    "[1:2]",
    "1,",
    "[1,]",
    "[,1]",
    "[1,,2]",
    "[,]",
    "[1 2]",
    "{\"b\":1,}",
    "{,\"b\":1}",
    "{\"b\"::1}",
    ":1",
    /* What is no JSON but some take */
    "/**/1",
    "1//",
    "1#",
    "\v1",
    "\f1",
    "\xC2\2401",
    "(1)",
    "<1>",
};

static void test_set_reject(void **state)
{
    (void)state;
    FOR_EACH(refused, HAWSER_E_ARG);
}

/* Allowed by the grammar, but nothing that a getter gives out. */
static void test_set_edge_no_character(void **state)
{
    static const char *const texts[] = {
        "\"\\ud800\"",        "\"\\udc00\"",   "\"\\ud800\\ud800\"",
        "\"\\ud800\\u0041\"", "\"\\ud800x\"",  "\"\\udc00\\ud800\"",
        "\"\\u0000\"",        "\"a\\u0000b\"",
    };
    uint8_t out[16];
    size_t len = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char text[64];
        int n = snprintf(text, sizeof(text), "{\"a\":%s}", texts[i]);
        struct hawser_view object = {(const uint8_t *)text, (size_t)n};
        assert_int_equal(hwi_json_check(object), 0);
        assert_int_equal(
            hwi_json_get_text(object, "a",
                              (struct hawser_span){out, sizeof(out)}, &len),
            HAWSER_E_ARG);
    }
}

static void test_set_members_twice_count_twice(void **state)
{
    static const char text[] = "{\"a\":1,\"a\":2,\"b\":{\"c\":3}}";
    struct hawser_view object = {(const uint8_t *)text, sizeof(text) - 1};
    struct hawser_view raw;

    (void)state;
    assert_int_equal(hwi_json_check(object), 0);
    assert_int_equal(hwi_json_count(object), 3);
    assert_int_equal(hwi_json_get_raw(object, "a", &raw), 0);
    assert_int_equal(raw.len, 1);
    assert_int_equal(raw.at[0], '1');
    assert_int_equal(hwi_json_get_raw(object, "b", &raw), HAWSER_E_ARG);
    assert_int_equal(hwi_json_get_raw(object, "c", &raw), HAWSER_E_ABSENT);
    assert_int_equal(hwi_json_count((struct hawser_view){NULL, 0}), 0);
    assert_int_equal(
        hwi_json_count((struct hawser_view){(const uint8_t *)"[1]", 3}), 0);
}

static void test_set_raw_has_its_quotes(void **state)
{
    static const char text[] = "{\"a\" : \"x\\\"y\" , \"b\":-1.5e3}";
    struct hawser_view object = {(const uint8_t *)text, sizeof(text) - 1};
    struct hawser_view raw;

    (void)state;
    assert_int_equal(hwi_json_get_raw(object, "a", &raw), 0);
    assert_int_equal(raw.len, 6);
    assert_memory_equal(raw.at, "\"x\\\"y\"", 6);
    assert_int_equal(hwi_json_get_raw(object, "b", &raw), 0);
    assert_int_equal(raw.len, 6);
    assert_memory_equal(raw.at, "-1.5e3", 6);
}

/* Brackets to the end of the size: an error, in time that grows with the size,
 * and with no stack that does. */
static void test_set_depth_costs_nothing(void **state)
{
    static const char *const units[] = {"[", "{\"a\":", "[[]", "{\"a\":[", "{"};
    char text[HWI_JSON_SIZE_MAX + 1];

    (void)state;
    for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
        size_t n = strlen(units[u]);
        size_t len = 5;
        memcpy(text, "{\"a\":", 5);
        for (; len + n <= HWI_JSON_SIZE_MAX; len += n) {
            memcpy(text + len, units[u], n);
        }
        for (size_t at = 5; at <= len; at += at < 300 ? 1 : 97) {
            assert_true(check(text, at) < 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_accept),
        cmocka_unit_test(test_set_reject),
        cmocka_unit_test(test_set_edge_no_character),
        cmocka_unit_test(test_set_members_twice_count_twice),
        cmocka_unit_test(test_set_raw_has_its_quotes),
        cmocka_unit_test(test_set_depth_costs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
