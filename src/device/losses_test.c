/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ranges of losses: neighbours join, boots stay apart, what is being told does
 * not change, and the count is exact even where ranges run out.
 */
#include "device/losses.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_range(const struct hwi_losses *l, unsigned i,
                         struct hwi_lost wanted)
{
    const struct hwi_lost *got = &l->ranges[i];

    assert_true(i < l->count);
    assert_int_equal(got->boot, wanted.boot);
    assert_int_equal(got->from, wanted.from);
    assert_int_equal(got->to_boot, wanted.to_boot);
    assert_int_equal(got->to, wanted.to);
    assert_int_equal(got->count, wanted.count);
}

static void test_add_neighbours_are_one_range(void **state)
{
    struct hwi_losses l = {.count = 0};

    (void)state;
    for (uint32_t seq = 5; seq <= 7; seq++) {
        hwi_losses_add(&l, 1, seq);
    }
    hwi_losses_add(&l, 1, 9);
    hwi_losses_add(&l, 2, 10); /* the next number, but of another boot */
    hwi_losses_add(&l, 2, 3);
    assert_int_equal(l.count, 4);
    assert_range(&l, 0, (struct hwi_lost){1, 5, 1, 7, 3});
    assert_range(&l, 1, (struct hwi_lost){1, 9, 1, 9, 1});
    assert_range(&l, 2, (struct hwi_lost){2, 10, 2, 10, 1});
    assert_range(&l, 3, (struct hwi_lost){2, 3, 2, 3, 1});
}

static void test_add_numbers_that_wrap_are_neighbours(void **state)
{
    struct hwi_losses l = {.count = 0};

    (void)state;
    hwi_losses_add(&l, 1, UINT32_MAX);
    hwi_losses_add(&l, 1, 0);
    assert_int_equal(l.count, 1);
    assert_range(&l, 0, (struct hwi_lost){1, UINT32_MAX, 1, 0, 2});
}

static void test_add_more_than_fit_widens_the_last(void **state)
{
    struct hwi_losses l = {.count = 0};

    (void)state;
    for (uint32_t boot = 1; boot <= HWI_LOST_MAX + 3; boot++) {
        hwi_losses_add(&l, boot, 1);
        hwi_losses_add(&l, boot, 2);
    }
    assert_int_equal(l.count, HWI_LOST_MAX);
    assert_range(&l, 0, (struct hwi_lost){1, 1, 1, 2, 2});
    assert_range(&l, HWI_LOST_MAX - 1,
                 (struct hwi_lost){HWI_LOST_MAX, 1, HWI_LOST_MAX + 3, 2, 8});
}

static void test_tell_what_is_told_does_not_grow(void **state)
{
    struct hwi_losses l = {.count = 0};

    (void)state;
    hwi_losses_add(&l, 1, 1);
    assert_int_equal(hwi_losses_tell(&l), 1);
    hwi_losses_add(&l, 1, 2);
    assert_int_equal(l.count, 2);
    hwi_losses_told(&l);
    assert_int_equal(l.count, 1);
    assert_range(&l, 0, (struct hwi_lost){1, 2, 1, 2, 1});
    hwi_losses_told(&l); /* nothing is out */
    assert_int_equal(l.count, 1);
}

static void test_tell_again_what_has_not_arrived(void **state)
{
    struct hwi_losses l = {.count = 0};

    (void)state;
    hwi_losses_add(&l, 1, 1);
    assert_int_equal(hwi_losses_tell(&l), 1);
    hwi_losses_not_told(&l);
    hwi_losses_add(&l, 1, 2);
    assert_range(&l, 0, (struct hwi_lost){1, 1, 1, 2, 2});
    assert_int_equal(hwi_losses_tell(&l), 1);
    hwi_losses_told(&l);
    assert_int_equal(l.count, 0);
    assert_int_equal(hwi_losses_tell(&l), 0);
}

static void test_tell_of_a_full_list_leaves_room_for_more(void **state)
{
    struct hwi_losses l = {.count = 0};

    (void)state;
    for (uint32_t boot = 1; boot <= HWI_LOST_MAX; boot++) {
        hwi_losses_add(&l, boot, 1);
    }
    assert_int_equal(hwi_losses_tell(&l), HWI_LOST_MAX - 1);
    hwi_losses_add(&l, 90, 1);
    hwi_losses_told(&l);
    assert_int_equal(l.count, 1);
    assert_range(&l, 0, (struct hwi_lost){HWI_LOST_MAX, 1, 90, 1, 2});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_neighbours_are_one_range),
        cmocka_unit_test(test_add_numbers_that_wrap_are_neighbours),
        cmocka_unit_test(test_add_more_than_fit_widens_the_last),
        cmocka_unit_test(test_tell_what_is_told_does_not_grow),
        cmocka_unit_test(test_tell_again_what_has_not_arrived),
        cmocka_unit_test(test_tell_of_a_full_list_leaves_room_for_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
