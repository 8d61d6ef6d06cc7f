/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bucket: the burst, the rate after it, no fraction lost, and a due time
 * that is neither early nor late.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "device/bucket.h"

static const struct hwi_bucket_rule rule = {.burst = 3, .per_second = 2};

static unsigned take_all(struct hwi_bucket *b, uint64_t now_ms)
{
    unsigned n = 0;

    while (hwi_bucket_take(b, &rule, now_ms)) {
        n++;
    }
    return n;
}

static void test_take_full_bucket_gives_the_burst(void **state)
{
    struct hwi_bucket b;

    (void)state;
    hwi_bucket_reset(&b, &rule, 1000);
    assert_int_equal(take_all(&b, 1000), 3);
}

static void test_take_empty_bucket_gives_the_rate(void **state)
{
    struct hwi_bucket b;

    (void)state;
    hwi_bucket_reset(&b, &rule, 1000);
    (void)take_all(&b, 1000);
    assert_int_equal(take_all(&b, 1499), 0);
    assert_int_equal(take_all(&b, 1500), 1);
    assert_int_equal(take_all(&b, 2499), 1);
    assert_int_equal(take_all(&b, 2500), 1);
    assert_int_equal(take_all(&b, 3999), 2); /* not yet the whole burst */
}

static void test_take_asked_each_millisecond_loses_nothing(void **state)
{
    struct hwi_bucket b;
    unsigned n = 0;

    (void)state;
    hwi_bucket_reset(&b, &rule, 0);
    (void)take_all(&b, 0);
    for (uint64_t now_ms = 1; now_ms <= 60000; now_ms++) {
        n += take_all(&b, now_ms);
    }
    assert_int_equal(n, 120);
}

static void test_take_after_ages_gives_no_more_than_the_burst(void **state)
{
    static const uint64_t ages[] = {1500, 1501, 86400000, UINT64_C(1) << 40,
                                    UINT64_MAX - 1};
    struct hwi_bucket b;

    (void)state;
    for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
        hwi_bucket_reset(&b, &rule, 0);
        (void)take_all(&b, 0);
        assert_int_equal(take_all(&b, ages[i]), 3);
    }
}

static void test_due_with_a_token_is_now(void **state)
{
    struct hwi_bucket b;

    (void)state;
    hwi_bucket_reset(&b, &rule, 1000);
    assert_int_equal(hwi_bucket_due_ms(&b, &rule), 1000);
}

static void test_due_empty_is_the_first_moment_that_gives(void **state)
{
    static const struct hwi_bucket_rule rules[] = {
        {1, 1}, {1, 3}, {5, 7}, {2, 999}, {2, 1000}, {2, 5000}};

    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const struct hwi_bucket_rule *r = &rules[i];
        struct hwi_bucket b;
        struct hwi_bucket early;
        uint64_t due_ms;
        hwi_bucket_reset(&b, r, 10);
        while (hwi_bucket_take(&b, r, 10)) {
        }
        due_ms = hwi_bucket_due_ms(&b, r);
        assert_true(due_ms > 10);
        early = b;
        assert_false(hwi_bucket_take(&early, r, due_ms - 1));
        assert_int_equal(hwi_bucket_due_ms(&early, r), due_ms);
        assert_true(hwi_bucket_take(&b, r, due_ms));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_take_full_bucket_gives_the_burst),
        cmocka_unit_test(test_take_empty_bucket_gives_the_rate),
        cmocka_unit_test(test_take_asked_each_millisecond_loses_nothing),
        cmocka_unit_test(test_take_after_ages_gives_no_more_than_the_burst),
        cmocka_unit_test(test_due_with_a_token_is_now),
        cmocka_unit_test(test_due_empty_is_the_first_moment_that_gives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
