/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random numbers: the port's entropy as it is; without any, numbers that at
 * least differ between devices and moments.
 */
#include "device/story_test.h"

#include "device/random.h"

static void test_random_entropy_is_used_whole(void **state)
{
    struct rig *r = *state;
    uint32_t any = 0;
    uint32_t all = UINT32_MAX;

    for (int i = 0; i < 200; i++) {
        uint32_t value = hwi_random(&r->fake.port, 1);
        any |= value;
        all &= value;
    }
    assert_int_equal(any, UINT32_MAX);
    assert_int_equal(all, 0);
}

static void test_random_entropy_ignores_the_salt(void **state)
{
    struct rig *r = *state;
    uint32_t first = hwi_random(&r->fake.port, 1);

    r->fake.random = 1;
    assert_int_equal(hwi_random(&r->fake.port, 2), first);
}

static void test_random_no_entropy_differs_by_device(void **state)
{
    struct rig *r = *state;
    uint32_t seen[64];

    r->fake.has_entropy = false;
    for (uint32_t i = 0; i < 64; i++) {
        seen[i] = hwi_random(&r->fake.port, i);
        for (uint32_t k = 0; k < i; k++) {
            assert_int_not_equal(seen[i], seen[k]);
        }
    }
    assert_int_equal(hwi_random(&r->fake.port, 5), seen[5]);
}

static void test_random_no_entropy_differs_by_moment(void **state)
{
    struct rig *r = *state;
    uint32_t buckets[8] = {0};

    r->fake.has_entropy = false;
    for (int i = 0; i < 800; i++) {
        r->fake.now_ms++;
        buckets[hwi_random(&r->fake.port, 77) % 8]++;
    }
    for (int i = 0; i < 8; i++) {
        assert_in_range(buckets[i], 50, 150);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_random_entropy_is_used_whole),
        STORY(test_random_entropy_ignores_the_salt),
        STORY(test_random_no_entropy_differs_by_device),
        STORY(test_random_no_entropy_differs_by_moment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
