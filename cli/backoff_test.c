/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the waits before another try.
 */
#include "backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hawser/mqtt.h"

static void test_fail_waits_longer_each_time(void **state)
{
    static const uint64_t waits[] = {1000,  2000,  4000, 8000,
                                     16000, 30000, 30000};
    struct hawser_cli_backoff b;

    (void)state;
    hawser_cli_backoff_reset(&b);
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        uint64_t wait_ms = hawser_cli_backoff_fail(&b, 500);
        assert_in_range(wait_ms, waits[i], waits[i] * 5 / 4);
        assert_int_equal(b.due_ms, 500 + wait_ms);
    }
    hawser_cli_backoff_reset(&b);
    assert_in_range(hawser_cli_backoff_fail(&b, 0), 1000, 1250);
}

static void test_take_is_true_once_when_due(void **state)
{
    struct hawser_cli_backoff b;

    (void)state;
    hawser_cli_backoff_reset(&b);
    assert_false(hawser_cli_backoff_take(&b, 1000000));
    uint64_t wait_ms = hawser_cli_backoff_fail(&b, 0);
    assert_false(hawser_cli_backoff_take(&b, wait_ms - 1));
    assert_true(hawser_cli_backoff_take(&b, wait_ms));
    assert_false(hawser_cli_backoff_take(&b, wait_ms));
    assert_true(b.due_ms == HAWSER_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fail_waits_longer_each_time),
        cmocka_unit_test(test_take_is_true_once_when_due),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
