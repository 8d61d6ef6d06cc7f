/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash and memory in its place: the same calls, the same answers.
 */
#include "device/medium.h"

#include "device/story_test.h"

static void try_medium(const struct hwi_medium *m)
{
    static const uint8_t bytes[] = "sixteen bytes..";
    uint8_t read[16];
    uint32_t offset = 0;

    assert_int_equal(hwi_medium_erase(m, 1), 0);
    assert_int_equal(hwi_medium_find_erased(m, 1, 0, &offset), 0);
    assert_int_equal(offset, 0);
    assert_int_equal(
        hwi_medium_program(m, 1, 128, (struct hawser_view){bytes, 16}), 0);
    assert_int_equal(hwi_medium_read(m, 1, 128, (struct hawser_span){read, 16}),
                     0);
    assert_memory_equal(read, bytes, 16);
    assert_int_equal(hwi_medium_find_erased(m, 1, 0, &offset), 0);
    assert_int_equal(offset, 144);
    assert_int_equal(hwi_medium_find_erased(m, 1, 144, &offset), 0);
    assert_int_equal(offset, 144);
    assert_int_equal(hwi_medium_find_erased(m, 0, 256, &offset), 0);
    assert_int_equal(offset, 256);
    assert_int_equal(hwi_medium_erase(m, 1), 0);
    assert_int_equal(hwi_medium_find_erased(m, 1, 0, &offset), 0);
    assert_int_equal(offset, 0);
}

static void test_medium_flash_keeps_what_is_programmed(void **state)
{
    struct rig *r = *state;
    struct hwi_medium m;

    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX,
                     (struct hawser_flash_geometry){256, 3, 16});
    m = hwi_medium_flash(&r->fake.port, HAWSER_REGION_OUTBOX);
    try_medium(&m);
    assert_int_equal(hwi_medium_padded(&m, 0), 0);
    assert_int_equal(hwi_medium_padded(&m, 1), 16);
    assert_int_equal(hwi_medium_padded(&m, 16), 16);
}

static void test_medium_memory_is_erased_at_first(void **state)
{
    uint8_t room[600];
    struct hwi_medium m;
    uint32_t offset = 99;

    (void)state;
    memset(room, 0, sizeof(room));
    m = hwi_medium_memory((struct hawser_span){room, sizeof(room)}, 256);
    assert_int_equal(m.shape.sector_count, 2);
    assert_int_equal(hwi_medium_find_erased(&m, 0, 0, &offset), 0);
    assert_int_equal(offset, 0);
    try_medium(&m);
}

static void test_medium_a_cell_that_does_not_hold_is_an_error(void **state)
{
    struct rig *r = *state;
    static const uint8_t bytes[300] = {1};
    struct hwi_medium m;

    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX,
                     (struct hawser_flash_geometry){512, 2, 4});
    m = hwi_medium_flash(&r->fake.port, HAWSER_REGION_OUTBOX);
    r->fake.flash.worn_offset = 512 + 290;
    assert_int_equal(
        hwi_medium_program(&m, 1, 0, (struct hawser_view){bytes, 300}),
        HAWSER_E_STORAGE);
    assert_int_equal(
        hwi_medium_program(&m, 0, 0, (struct hawser_view){bytes, 300}), 0);
}

static void test_medium_failures_are_told(void **state)
{
    struct rig *r = *state;
    static const uint8_t bytes[4] = {1};
    uint8_t read[4];
    uint32_t offset;
    struct hwi_medium m;

    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX,
                     (struct hawser_flash_geometry){512, 2, 4});
    m = hwi_medium_flash(&r->fake.port, HAWSER_REGION_OUTBOX);
    r->fake.flash.is_broken = true;
    assert_int_equal(
        hwi_medium_program(&m, 1, 0, (struct hawser_view){bytes, 4}),
        HAWSER_E_STORAGE);
    assert_int_equal(hwi_medium_erase(&m, 0), HAWSER_E_STORAGE);
    r->fake.flash.is_unreadable = true;
    assert_int_equal(hwi_medium_read(&m, 0, 0, (struct hawser_span){read, 4}),
                     HAWSER_E_STORAGE);
    assert_int_equal(hwi_medium_find_erased(&m, 0, 0, &offset),
                     HAWSER_E_STORAGE);
    r->fake.flash.is_broken = false; /* written, but nobody can tell */
    assert_int_equal(
        hwi_medium_program(&m, 1, 0, (struct hawser_view){bytes, 4}),
        HAWSER_E_STORAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_medium_flash_keeps_what_is_programmed),
        STORY(test_medium_memory_is_erased_at_first),
        STORY(test_medium_a_cell_that_does_not_hold_is_an_error),
        STORY(test_medium_failures_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
