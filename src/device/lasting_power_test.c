/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must last. The power is cut at every program and erase of a life, with
 * every number of bytes that may have been done by then: what is read after it
 * is the record before or the new one, whole, and the device goes on.
 */
#include "device/lasting_test.h"

#define TORN_MAX 512u /* bytes: a whole sector */

/*
 * Writes records until the power is cut at the n-th change, cut_at counted from
 * 0, then looks what is there and goes on. False: the life ended before.
 */
static bool live_with_a_cut(struct rig *r, int cut_at, unsigned torn_bytes)
{
    struct hwi_lasting l;
    uint32_t n = 0;
    uint32_t found;

    r->fake.flash.power_left = cut_at;
    r->fake.flash.torn_bytes = torn_bytes;
    l = load(r);
    do {
        make_record(&l, ++n);
    } while (hwi_lasting_save(&l) == 0 && n < 16);
    if (!r->fake.flash.is_cut) {
        return false;
    }
    fake_flash_power(&r->fake);
    l = load(r);
    found = l.boot;
    assert_in_range(found, n - 1, n);
    assert_record(&l, found);
    for (uint32_t i = found + 1; i < found + 12; i++) {
        struct hwi_lasting read;
        write_records(&l, i, i);
        read = load(r);
        assert_record(&read, i);
    }
    return true;
}

static void try_every_cut(struct rig *r, struct hawser_flash_geometry shape,
                          unsigned torn_step)
{
    for (unsigned torn = 0; torn <= TORN_MAX; torn += torn_step) {
        int cut_at = 0;
        bool is_cut = true;
        while (is_cut) {
            r->fake.flash =
                (struct fake_flash){.leaves_garbage = torn % 2 != 0};
            fake_flash_shape(&r->fake, HAWSER_REGION_STATE, shape);
            is_cut = live_with_a_cut(r, cut_at++, torn);
        }
        assert_in_range(cut_at, 18, 50); /* 16 programs, some of new sectors */
    }
}

static void test_load_cut_at_every_byte_is_old_or_new(void **state)
{
    try_every_cut(*state, (struct hawser_flash_geometry){512, 2, 4}, 1);
}

static void test_load_cut_in_other_geometries_is_old_or_new(void **state)
{
    try_every_cut(*state, (struct hawser_flash_geometry){256, 2, 1}, 7);
    try_every_cut(*state, (struct hawser_flash_geometry){256, 3, 16}, 5);
    try_every_cut(*state, (struct hawser_flash_geometry){1024, 4, 8}, 9);
}

static void test_load_cut_at_every_change_in_a_row_never_goes_back(void **state)
{
    struct rig *r = *state;
    uint32_t boot = 0;
    unsigned random = 1;

    /* Each life gets a few changes, and the last of them is torn. */
    for (unsigned i = 0; i < 2000; i++) {
        struct hwi_lasting l = load(r);
        assert_true(l.boot >= boot);
        assert_record(&l, l.boot);
        boot = l.boot;
        random = random * 1664525u + 1013904223u;
        r->fake.flash.power_left = (int)(random >> 24) % 5;
        r->fake.flash.torn_bytes = (random >> 8) % 520;
        do {
            make_record(&l, l.boot + 1);
        } while (hwi_lasting_save(&l) == 0);
        fake_flash_power(&r->fake);
    }
    assert_true(boot > 2000);
}

static void test_save_failures_without_reboot_never_go_back(void **state)
{
    struct rig *r = *state;
    struct hwi_lasting l = load(r);
    uint32_t good = 0;
    uint32_t n = 0;
    unsigned random = 7;

    /* A dip that flash does not survive, but the device does. */
    for (unsigned i = 0; i < 5000; i++) {
        struct hwi_lasting read;
        random = random * 1664525u + 1013904223u;
        r->fake.flash.power_left = (int)(random >> 24) % 3;
        r->fake.flash.torn_bytes = (random >> 8) % 520;
        make_record(&l, ++n);
        if (hwi_lasting_save(&l) == 0) {
            good = n;
        }
        fake_flash_power(&r->fake);
        read = load(r);
        assert_in_range(read.boot, good, n);
        assert_record(&read, read.boot);
    }
    assert_true(good > 4000);
}

static void test_boot_cut_at_every_change_counts_up(void **state)
{
    struct rig *r = *state;

    for (int cut_at = 0; cut_at < 12; cut_at++) {
        for (unsigned torn = 0; torn < 80; torn += 3) {
            uint32_t boot;
            rig_init(r);
            r->fake.flash.power_left = cut_at;
            r->fake.flash.torn_bytes = torn;
            for (uint32_t i = 0; !r->fake.flash.is_cut && i < 20; i++) {
                memset(&r->device, 0, sizeof(r->device));
                int err = hawser_device_init(&r->device, &r->config, &r->memory,
                                             &r->fake.port);
                assert_int_equal(err,
                                 r->fake.flash.is_cut ? HAWSER_E_STORAGE : 0);
            }
            boot = r->device.lasting.boot;
            fake_flash_power(&r->fake);
            rig_online(r);
            /* The boot that was cut may have been written, or not. */
            assert_in_range(r->device.lasting.boot, boot, boot + 1);
            assert_int_equal(r->device.lasting.session, 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_load_cut_at_every_byte_is_old_or_new),
        STORY(test_load_cut_in_other_geometries_is_old_or_new),
        STORY(test_load_cut_at_every_change_in_a_row_never_goes_back),
        STORY(test_save_failures_without_reboot_never_go_back),
        STORY(test_boot_cut_at_every_change_counts_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
