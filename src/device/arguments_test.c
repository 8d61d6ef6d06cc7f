/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arguments by a table: every type at its limits, what is wrong is named, and a
 * table that promises nonsense is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "device/arguments.h"
#include "device/json_write.h"

static const char *const words[] = {"open", "shut"};
static const struct hawser_arg table[] = {
    {.name = "i", .kind = HAWSER_ARG_INTEGER, .min = -5, .max = 100},
    {.name = "n",
     .kind = HAWSER_ARG_NUMBER,
     .is_optional = true,
     .min = -1,
     .max = 10},
    {.name = "t",
     .kind = HAWSER_ARG_TEXT,
     .is_optional = true,
     .min = 1,
     .max = 8},
    {.name = "b", .kind = HAWSER_ARG_BOOL, .is_optional = true},
    {.name = "c",
     .kind = HAWSER_ARG_CHOICE,
     .is_optional = true,
     .choices = words,
     .choice_count = 2},
};
static const struct hawser_command command = {
    .name = "gate", .args = table, .arg_count = 5};

static struct hawser_value values[HAWSER_ARGS_MAX];
static uint8_t room[HAWSER_CALL_SIZE];
static char why[HWI_MESSAGE_MAX + 1];

static int read_in(const struct hawser_command *c, const char *text)
{
    struct hwi_arguments a = {.object = hwi_view(text),
                              .values = values,
                              .room = {room, sizeof(room)}};
    uint8_t out[HWI_MESSAGE_MAX];
    struct hawser_view said;
    int err = hwi_arguments_read(c, &a, (struct hawser_span){out, sizeof(out)},
                                 &said);

    memset(why, 0, sizeof(why));
    memcpy(why, said.at, said.len);
    return err;
}

static void assert_text(const struct hawser_value *v, const char *text)
{
    assert_true(v->is_present);
    assert_int_equal(v->text.len, strlen(text));
    assert_memory_equal(v->text.at, text, v->text.len);
}

static void test_read_all_types(void **state)
{
    (void)state;
    assert_int_equal(read_in(&command,
                             "{\"c\":\"shut\",\"t\":\"a\\u00e9\\n\",\"b\":true,"
                             "\"n\":-0.125,\"i\":-5}"),
                     0);
    assert_true(values[0].integer == -5);
    assert_true(values[1].number.mantissa == -125);
    assert_int_equal(values[1].number.decimals, 3);
    assert_text(&values[2], "a\xC3\xA9\n");
    assert_true(values[3].truth);
    assert_int_equal(values[4].choice, 1);
    assert_text(&values[4], "shut");
    assert_string_equal(why, "");
}

static void test_read_optional_ones_may_be_left_out(void **state)
{
    (void)state;
    assert_int_equal(read_in(&command, " { \"i\" : 100 } "), 0);
    assert_true(values[0].is_present);
    for (unsigned i = 1; i < 5; i++) {
        assert_false(values[i].is_present);
    }
    assert_int_equal(read_in(&command, "{\"i\":0,\"b\":false}"), 0);
    assert_true(values[3].is_present);
    assert_false(values[3].truth);
}

static void test_read_limits_are_allowed(void **state)
{
    static const char *const good[] = {
        "{\"i\":100}",           "{\"i\":-0}",
        "{\"i\":0,\"n\":10}",    "{\"i\":0,\"n\":10.000000000}",
        "{\"i\":0,\"n\":-1.0}",  "{\"i\":0,\"n\":9.999999999}",
        "{\"i\":0,\"t\":\"x\"}", "{\"i\":0,\"t\":\"12345678\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (read_in(&command, good[i]) != 0) {
            fail_msg("%s: %s", good[i], why);
        }
    }
}

static void test_read_wrong_ones_are_named(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } rows[] = {
        {"{}", "i: a whole number of -5..100"},
        {"{\"i\":101}", "i: a whole number of -5..100"},
        {"{\"i\":-6}", "i: a whole number of -5..100"},
        {"{\"i\":1.0}", "i: a whole number of -5..100"},
        {"{\"i\":1e1}", "i: a whole number of -5..100"},
        {"{\"i\":\"1\"}", "i: a whole number of -5..100"},
        {"{\"i\":null}", "i: a whole number of -5..100"},
        {"{\"i\":[1]}", "i: a whole number of -5..100"},
        {"{\"i\":true}", "i: a whole number of -5..100"},
        {"{\"i\":18446744073709551617}", "i: a whole number of -5..100"},
        {"{\"i\":1000000000000000000}", "i: a whole number of -5..100"},
        {"{\"i\":1,\"n\":10.000000001}", "n: a number of -1..10; or left out"},
        {"{\"i\":1,\"n\":-1.1}", "n: a number of -1..10; or left out"},
        {"{\"i\":1,\"n\":1e0}", "n: a number of -1..10; or left out"},
        {"{\"i\":1,\"n\":0.0000000001}", "n: a number of -1..10; or left out"},
        {"{\"i\":1,\"n\":\"1\"}", "n: a number of -1..10; or left out"},
        {"{\"i\":1,\"t\":\"\"}", "t: a text of 1..8 bytes; or left out"},
        {"{\"i\":1,\"t\":\"123456789\"}",
         "t: a text of 1..8 bytes; or left out"},
        {"{\"i\":1,\"t\":\"\\u0000\"}", "t: a text of 1..8 bytes; or left out"},
        {"{\"i\":1,\"t\":\"\\ud800\"}", "t: a text of 1..8 bytes; or left out"},
        {"{\"i\":1,\"t\":7}", "t: a text of 1..8 bytes; or left out"},
        {"{\"i\":1,\"t\":{}}", "t: a text of 1..8 bytes; or left out"},
        {"{\"i\":1,\"b\":1}", "b: true or false; or left out"},
        {"{\"i\":1,\"b\":\"true\"}", "b: true or false; or left out"},
        {"{\"i\":1,\"b\":12345}", "b: true or false; or left out"},
        {"{\"i\":1,\"b\":null}", "b: true or false; or left out"},
        {"{\"i\":1,\"c\":\"ajar\"}", "c: one of open, shut; or left out"},
        {"{\"i\":1,\"c\":\"\"}", "c: one of open, shut; or left out"},
        {"{\"i\":1,\"c\":\"ope\"}", "c: one of open, shut; or left out"},
        {"{\"i\":1,\"c\":0}", "c: one of open, shut; or left out"},
        {"{\"i\":1,\"x\":1}", "there is an argument that this command does "
                              "not have, or one twice"},
        {"{\"i\":1,\"i\":2}", "there is an argument that this command does "
                              "not have, or one twice"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (read_in(&command, rows[i].text) != HAWSER_E_ARG) {
            fail_msg("%s was taken", rows[i].text);
        }
        assert_string_equal(why, rows[i].why);
    }
}

static void test_read_longest_words_are_cut(void **state)
{
    static const char *const many[] = {
        "a-word-of-some-length", "a-word-of-same-length",
        "a-word-of-soma-length", "a-word-of-sume-length",
        "a-word-of-seme-length", "a-word-of-sims-length"};
    static const struct hawser_arg arg = {.name = "which",
                                          .kind = HAWSER_ARG_CHOICE,
                                          .choices = many,
                                          .choice_count = 6};
    static const struct hawser_command c = {
        .name = "x", .args = &arg, .arg_count = 1};

    (void)state;
    assert_int_equal(read_in(&c, "{\"which\":\"\"}"), HAWSER_E_ARG);
    assert_int_equal(strlen(why), HWI_MESSAGE_MAX);
}

static void test_read_smallest_and_greatest_ranges(void **state)
{
    static const struct hawser_arg args[] = {
        {.name = "i",
         .kind = HAWSER_ARG_INTEGER,
         .min = INT64_MIN,
         .max = INT64_MAX},
        {.name = "n",
         .kind = HAWSER_ARG_NUMBER,
         .min = -1000000000,
         .max = 1000000000},
    };
    static const struct hawser_command c = {
        .name = "x", .args = args, .arg_count = 2};

    (void)state;
    assert_true(hwi_arguments_is_table(args, 2));
    assert_int_equal(
        read_in(&c, "{\"i\":-999999999999999999,\"n\":-999999999.999999999}"),
        0);
    assert_true(values[0].integer == -INT64_C(999999999999999999));
    assert_true(values[1].number.mantissa == -INT64_C(999999999999999999));
    assert_int_equal(read_in(&c, "{\"i\":\"\",\"n\":1}"), HAWSER_E_ARG);
    assert_string_equal(why, "i: a whole number of "
                             "-9223372036854775808..9223372036854775807");
}

static void test_is_table_nonsense_is_refused(void **state)
{
    static const struct hawser_arg bad[] = {
        {.name = NULL, .kind = HAWSER_ARG_BOOL},
        {.name = "", .kind = HAWSER_ARG_BOOL},
        {.name = "012345678901234567890123456789012", .kind = HAWSER_ARG_BOOL},
        {.name = "x", .kind = HAWSER_ARG_INTEGER, .min = 1, .max = 0},
        {.name = "x", .kind = HAWSER_ARG_NUMBER, .min = 1, .max = 0},
        {.name = "x", .kind = HAWSER_ARG_NUMBER, .max = 1000000001},
        {.name = "x", .kind = HAWSER_ARG_NUMBER, .min = -1000000001},
        {.name = "x", .kind = HAWSER_ARG_TEXT, .min = -1, .max = 5},
        {.name = "x", .kind = HAWSER_ARG_TEXT, .min = 6, .max = 5},
        {.name = "x", .kind = HAWSER_ARG_TEXT, .max = HAWSER_CALL_SIZE + 1},
        {.name = "x", .kind = HAWSER_ARG_CHOICE},
        {.name = "x", .kind = HAWSER_ARG_CHOICE, .choices = words},
        {.name = "x", .kind = (enum hawser_arg_kind)99},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(hwi_arguments_is_table(&bad[i], 1));
    }
    assert_true(hwi_arguments_is_table(table, 5));
    assert_true(hwi_arguments_is_table(NULL, 0));
    assert_false(hwi_arguments_is_table(NULL, 1));
    assert_false(hwi_arguments_is_table(table, HAWSER_ARGS_MAX + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_all_types),
        cmocka_unit_test(test_read_optional_ones_may_be_left_out),
        cmocka_unit_test(test_read_limits_are_allowed),
        cmocka_unit_test(test_read_wrong_ones_are_named),
        cmocka_unit_test(test_read_longest_words_are_cut),
        cmocka_unit_test(test_read_smallest_and_greatest_ranges),
        cmocka_unit_test(test_is_table_nonsense_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
