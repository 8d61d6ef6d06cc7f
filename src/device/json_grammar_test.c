/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The structure of JSON: every text of a few characters is judged as a grammar by
 * recursion judges it, which is how RFC 8259 writes it down.
 */
#include "device/json_grammar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "device/json_read.h"

static int judge(const char *text)
{
    return hwi_json_grammar(
        (struct hawser_view){(const uint8_t *)text, strlen(text)});
}

/* RFC 8259 for texts of {}[]:, 1 and "s", where a string is one character: each
 * answers what is left, NULL if it is not there. */
static const char *value(const char *at);

static const char *literal(const char *at, char c)
{
    return at != NULL && *at == c ? at + 1 : NULL;
}

static const char *member(const char *at)
{
    return value(literal(literal(at, 's'), ':'));
}

static const char *list(const char *at, char end,
                        const char *(*part)(const char *))
{
    if (literal(at, end) != NULL) {
        return at + 1;
    }
    at = part(at);
    while (literal(at, ',') != NULL) {
        at = part(at + 1);
    }
    return literal(at, end);
}

static const char *value(const char *at)
{
    if (literal(at, '{') != NULL) {
        return list(at + 1, '}', member);
    }
    if (literal(at, '[') != NULL) {
        return list(at + 1, ']', value);
    }
    return literal(at, '1') != NULL ? at + 1 : literal(at, 's');
}

static bool is_object(const char *text)
{
    const char *end = *text == '{' ? value(text) : NULL;

    return end != NULL && *end == '\0';
}

/* Judges each text that goes on with so many characters behind a beginning;
 * answers how many are objects. */
static unsigned judge_all(const char *begin, unsigned more)
{
    static const char characters[] = "{}[]:,1s";
    static const char *const written[] = {"{", "}", "[", "]",
                                          ":", ",", "1", "\"s\""};
    unsigned taken = 0;

    for (unsigned long n = 0; n < 1ul << (3 * more); n++) {
        char text[16] = "";
        char whole[48] = "";
        bool is_good;

        memcpy(text, begin, strlen(begin));
        for (unsigned i = 0; i < more; i++) {
            text[strlen(begin) + i] = characters[n >> (3 * i) & 7];
        }
        if (strstr(text, "11") != NULL) {
            continue; /* two words side by side are one */
        }
        for (const char *at = text; *at != '\0'; at++) {
            const char *word = written[strchr(characters, *at) - characters];
            memcpy(whole + strlen(whole), word, strlen(word));
        }
        is_good = is_object(text);
        taken += is_good ? 1 : 0;
        if ((judge(whole) == 0) != is_good) {
            fail_msg("%s: %d", whole, judge(whole));
        }
    }
    return taken;
}

static void test_every_short_text(void **state)
{
    (void)state;
    for (unsigned more = 0; more <= 5; more++) {
        (void)judge_all("", more);
    }
    assert_int_equal(judge_all("{s:", 6), 12);
    assert_int_equal(judge_all("{s:[", 5), 6);
    assert_int_equal(judge_all("{s:1,s:", 4), 2);
}

static void test_space_stands_anywhere_between(void **state)
{
    (void)state;
    assert_int_equal(judge(" \t\r\n{ \"a\" : [ 1 , { } , [ ] ] } \n"), 0);
    assert_int_equal(judge("{\"a\":1 2}"), HAWSER_E_ARG);
    assert_int_equal(judge("{\"a\"\v:1}"), HAWSER_E_ARG);
}

static void test_strings_hide_what_is_in_them(void **state)
{
    (void)state;
    assert_int_equal(judge("{\"}{][,:\":\"\\\"}\\\\\"}"), 0);
    assert_int_equal(judge("{\"a\":\"\\\"}"), HAWSER_E_ARG);
    assert_int_equal(judge("{\"a\":\"\\"), HAWSER_E_ARG);
    assert_int_equal(judge("{\"a"), HAWSER_E_ARG);
}

static void test_other_roots_are_refused(void **state)
{
    (void)state;
    assert_int_equal(judge(""), HAWSER_E_ARG);
    assert_int_equal(judge("1"), HAWSER_E_ARG);
    assert_int_equal(judge("\"a\""), HAWSER_E_ARG);
    assert_int_equal(judge("[]"), HAWSER_E_ARG);
    assert_int_equal(judge("{}{}"), HAWSER_E_ARG);
    assert_int_equal(judge("{}1"), HAWSER_E_ARG);
    assert_int_equal(judge("}"), HAWSER_E_ARG);
}

static void test_depth_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(judge("{\"a\":[[[[[]]]]]}"), 0);
    assert_int_equal(judge("{\"a\":[[[[[[]]]]]]}"), HAWSER_E_LIMIT);
    assert_int_equal(judge("{\"a\":[[[[[[["), HAWSER_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_short_text),
        cmocka_unit_test(test_space_stands_anywhere_between),
        cmocka_unit_test(test_strings_hide_what_is_in_them),
        cmocka_unit_test(test_other_roots_are_refused),
        cmocka_unit_test(test_depth_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
