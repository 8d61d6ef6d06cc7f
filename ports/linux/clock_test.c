/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of clock.c and entropy.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "ports/linux/clock.h"
#include "ports/linux/entropy.h"

static void test_now_ms_does_not_go_back(void **state)
{
    uint64_t last = hwi_linux_now_ms();
    int i;

    (void)state;
    assert_true(last > 0);
    for (i = 0; i < 10000; i++) {
        uint64_t now = hwi_linux_now_ms();

        assert_true(now >= last);
        last = now;
    }
}

static void test_wall_clock_is_the_machines(void **state)
{
    struct hawser_wall_clock wall = {0, false};
    time_t before = time(NULL);

    (void)state;
    assert_int_equal(hwi_linux_wall_clock(&wall), 0);
    assert_true(wall.unix_ms / 1000 + 1 >= (uint64_t)before);
    assert_true(wall.unix_ms / 1000 <= (uint64_t)time(NULL));
}

static void test_entropy_fills_all_bytes_and_no_more(void **state)
{
    uint8_t bytes[600];
    size_t zeros = 0;
    size_t i;

    (void)state;
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(hwi_linux_entropy(bytes, sizeof bytes - 1), 0);
    assert_int_equal(bytes[sizeof bytes - 1], 0);
    for (i = 0; i < sizeof bytes - 1; i++) {
        zeros += bytes[i] == 0;
    }
    /* 599 bytes hold 2.3 zeros on average; 40 never come. */
    assert_true(zeros < 40);
    assert_int_equal(hwi_linux_entropy(bytes, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_now_ms_does_not_go_back),
        cmocka_unit_test(test_wall_clock_is_the_machines),
        cmocka_unit_test(test_entropy_fills_all_bytes_and_no_more),
    };

    return cmocka_run_group_tests_name("linux clock", tests, NULL, NULL);
}
