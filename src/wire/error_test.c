/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the texts of errors and causes.
 */
#include "wire/hex.h"

#include "hawser/error.h"

static void test_error_text_of_every_number_is_there(void **state)
{
    (void)state;
    assert_string_equal(hawser_error_text(0), "no error");
    assert_string_equal(hawser_error_text(HAWSER_E_FULL),
                        "no room: a buffer or table is full");
    for (int err = -13; err < 0; err++) {
        assert_string_not_equal(hawser_error_text(err), "unknown error");
    }
    assert_string_equal(hawser_error_text(-14), "unknown error");
    assert_string_equal(hawser_error_text(1), "unknown error");
}

static void test_cause_word_and_text_of_every_cause_are_there(void **state)
{
    (void)state;
    for (int i = 0; i < (int)HAWSER_CAUSE_COUNT; i++) {
        assert_true(hawser_cause_word((enum hawser_cause)i)[0] != 0);
        assert_true(hawser_cause_text((enum hawser_cause)i)[0] != 0);
    }
    assert_string_equal(hawser_cause_word(HAWSER_CAUSE_TLS_EXPIRED),
                        "tls_expired");
    assert_string_equal(hawser_cause_text(HAWSER_CAUSE_STOPPED),
                        "this device closed the connection itself");
    assert_string_equal(hawser_cause_word(HAWSER_CAUSE_COUNT), "none");
    assert_string_equal(hawser_cause_text(HAWSER_CAUSE_COUNT),
                        "nothing failed");
    assert_string_equal(hawser_cause_word((enum hawser_cause)999), "none");
    assert_string_equal(hawser_cause_text((enum hawser_cause) - 1),
                        "nothing failed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_text_of_every_number_is_there),
        cmocka_unit_test(test_cause_word_and_text_of_every_cause_are_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
