/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slips of the fingers, and other words.
 */
#include "nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_distance_counts_the_least_changes(void **state)
{
    (void)state;
    assert_int_equal(hawser_cli_word_distance("agent", "agent"), 0);
    assert_int_equal(hawser_cli_word_distance("agnet", "agent"), 1);
    assert_int_equal(hawser_cli_word_distance("agen", "agent"), 1);
    assert_int_equal(hawser_cli_word_distance("agents", "agent"), 1);
    assert_int_equal(hawser_cli_word_distance("", "send"), 4);
    assert_int_equal(hawser_cli_word_distance("watch", "send"), 5);
}

static void test_distance_of_long_word_is_beyond_all(void **state)
{
    (void)state;
    assert_true(hawser_cli_word_distance("abcdefghijklmnopqrstuvwxyz0123456789",
                                         "agent") == SIZE_MAX);
}

static void test_is_near_grows_with_the_word(void **state)
{
    (void)state;
    assert_true(hawser_cli_is_near(1, "pki"));
    assert_false(hawser_cli_is_near(2, "pki"));
    assert_true(hawser_cli_is_near(4, "password_file"));
    assert_false(hawser_cli_is_near(SIZE_MAX, "password_file"));
}

static void test_found_is_the_nearest_or_none(void **state)
{
    (void)state;
    struct hawser_cli_nearest n = {"wacth", NULL, 0};
    assert_null(hawser_cli_nearest_found(&n));
    hawser_cli_nearest_try(&n, "match");
    hawser_cli_nearest_try(&n, "watch");
    hawser_cli_nearest_try(&n, "send");
    assert_string_equal(hawser_cli_nearest_found(&n), "watch");
    n = (struct hawser_cli_nearest){"password", NULL, 0};
    hawser_cli_nearest_try(&n, "passwords");
    hawser_cli_nearest_try(&n, "password_file");
    assert_string_equal(hawser_cli_nearest_found(&n), "password_file");
    n = (struct hawser_cli_nearest){"", NULL, 0};
    hawser_cli_nearest_try(&n, "_file");
    assert_null(hawser_cli_nearest_found(&n));
    n = (struct hawser_cli_nearest){"xyzzy", NULL, 0};
    hawser_cli_nearest_try(&n, "watch");
    assert_null(hawser_cli_nearest_found(&n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distance_counts_the_least_changes),
        cmocka_unit_test(test_distance_of_long_word_is_beyond_all),
        cmocka_unit_test(test_is_near_grows_with_the_word),
        cmocka_unit_test(test_found_is_the_nearest_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
