/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log on sound flash, on worn flash and in memory. What a power cut leaves
 * is tried in journal_power_test.c.
 */
#include "device/journal_test.h"

static const struct hawser_flash_geometry shapes[] = {
    {256, 2, 1}, {256, 3, 4}, {512, 4, 8}, {1024, 4, 16}, {256, 16, 4}};

#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

static void test_journal_gives_back_what_was_appended(void **state)
{
    struct rig *r = *state;

    for (size_t i = 0; i < SHAPES; i++) {
        struct hwi_journal j;
        struct range all;
        fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX, shapes[i]);
        j = open_journal(r);
        assert_true(hwi_journal_is_usable(&j));
        assert_int_equal(read_all(&j).last, 0);
        for (uint32_t n = 1; n <= 500; n++) {
            struct hwi_journal again;
            assert_int_equal(append_over(&j), 0);
            all = read_all(&j);
            assert_int_equal(all.last, n);
            again = open_journal(r);
            assert_int_equal(read_all(&again).last, n);
            assert_int_equal(again.number, n);
            assert_int_equal(again.offset, j.offset);
            assert_int_equal(again.count, j.count);
        }
        /* Nearly all of the room is in use. */
        assert_true((500 - all.first) * 70 >
                    shapes[i].sector_size * (shapes[i].sector_count - 1));
    }
}

static void test_journal_full_gives_nothing_up_by_itself(void **state)
{
    struct rig *r = *state;
    struct hwi_journal j;
    struct range before;
    int err = 0;

    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX, shapes[1]);
    j = open_journal(r);
    while (err == 0) {
        err = append_next(&j, 0);
    }
    assert_int_equal(err, HAWSER_E_FULL);
    before = read_all(&j);
    assert_int_equal(before.first, 1);
    assert_int_equal(append_next(&j, 0), HAWSER_E_FULL);
    assert_int_equal(read_all(&j).last, before.last);
    hwi_journal_drop_oldest(&j);
    assert_true(read_all(&j).first > 1);
    assert_int_equal(append_next(&j, 0), 0);
    assert_int_equal(read_all(&j).last, before.last + 1);
    for (int i = 0; i < 5; i++) { /* more often than there are sectors */
        hwi_journal_drop_oldest(&j);
    }
    assert_int_equal(read_all(&j).last, 0);
    assert_int_equal(append_next(&j, 0), 0);
    assert_int_equal(read_all(&j).first, before.last + 2);
}

static void test_journal_reserve_is_left_for_another(void **state)
{
    struct rig *r = *state;
    struct hwi_journal j;
    uint32_t reserve;
    int err = 0;

    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX, shapes[3]);
    j = open_journal(r);
    reserve = hwi_journal_cost(&j, PAYLOAD_MAX);
    assert_int_equal(reserve, 96);
    for (int i = 0; i < 5; i++) {
        while (err == 0) {
            err = append_next(&j, reserve);
        }
        assert_int_equal(err, HAWSER_E_FULL);
        assert_int_equal(append_next(&j, 0), 0);
        hwi_journal_drop_oldest(&j);
        err = 0;
    }
}

static void test_journal_record_has_a_limit(void **state)
{
    struct rig *r = *state;
    static uint8_t frame[HWI_JOURNAL_HEAD + 512 + HWI_JOURNAL_TAIL];
    struct hwi_record record = {.type = 1};
    struct hwi_cursor at;
    struct hwi_journal j;

    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX, shapes[2]);
    j = open_journal(r);
    record.len = (uint16_t)(hwi_journal_payload_max(&j) + 1);
    assert_int_equal(hwi_journal_append(&j, &record, frame, 0), HAWSER_E_LIMIT);
    record.len--;
    assert_int_equal(record.len, 512 - 16 - 12);
    assert_int_equal(hwi_journal_append(&j, &record, frame, 8), HAWSER_E_LIMIT);
    assert_int_equal(hwi_journal_append(&j, &record, frame, 0), 0);
    j = open_journal(r);
    at = (struct hwi_cursor){.generation = 0};
    assert_int_equal(
        hwi_journal_read(&j, &at, &record, (struct hawser_span){NULL, 0}), 0);
    assert_int_equal(record.len, 484);
}

static void test_journal_cursor_outlives_what_it_points_to(void **state)
{
    struct rig *r = *state;
    struct hwi_journal j;
    struct hwi_cursor first;
    struct hwi_cursor end;
    uint32_t n;

    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX, shapes[4]);
    j = open_journal(r);
    for (n = 0; n < 30; n++) {
        assert_int_equal(append_over(&j), 0);
    }
    first = (struct hwi_cursor){.generation = 0};
    assert_int_equal(read_next(&j, &first), 1);
    end = first;
    while (read_next(&j, &end) != 0) {
    }
    for (n = 0; n < 200; n++) {
        assert_int_equal(append_over(&j), 0);
        assert_int_equal(read_next(&j, &end), j.number);
        assert_int_equal(read_next(&j, &end), 0);
    }
    assert_int_equal(read_next(&j, &first), read_all(&j).first);
}

static void test_journal_next_sector_skips_the_rest_of_one(void **state)
{
    struct rig *r = *state;
    struct hwi_journal j;
    struct hwi_cursor at;
    uint32_t number = 0;
    unsigned sectors = 0;

    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX, shapes[4]);
    j = open_journal(r);
    at = (struct hwi_cursor){.generation = 0};
    assert_int_equal(read_next(&j, &at), 0);
    for (int i = 0; i < 300; i++) {
        assert_int_equal(append_over(&j), 0);
    }
    do {
        struct hwi_cursor look = at;
        uint32_t n = read_next(&j, &look);
        assert_true(n == 0 || n > number);
        number = n;
        sectors++;
        at = hwi_journal_next_sector(&j, at);
    } while (number != 0);
    assert_int_equal(sectors, shapes[4].sector_count + 1);
}

/* One byte is wrong, anywhere: one record is lost by it, or one sector if it
 * was its head, and everything else is there. */
static void test_journal_one_wrong_byte_costs_one_record(void **state)
{
    struct rig *r = *state;
    struct fake_region *g = &r->fake.regions[HAWSER_REGION_OUTBOX];
    struct hwi_journal j;
    uint32_t last;

    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX, shapes[1]);
    j = open_journal(r);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(append_over(&j), 0);
    }
    last = j.number;
    for (uint32_t i = 0; i < 3 * 256; i++) {
        struct hwi_cursor at;
        uint32_t before = read_all(&j).first - 1;
        unsigned gaps = 0;
        uint32_t number;
        g->bytes[i] ^= 0x10;
        j = open_journal(r);
        at = (struct hwi_cursor){.generation = 0};
        for (number = read_next(&j, &at); number != 0;
             number = read_next(&j, &at)) {
            gaps += number != before + 1;
            before = number;
        }
        assert_true(gaps <= 1);
        assert_true(before >= last - 8);
        g->bytes[i] ^= 0x10;
        j = open_journal(r);
        assert_int_equal(read_all(&j).last, last);
    }
}

/* A payload may hold what looks like a record; a copy of one that stands in the
 * wrong place is none. */
static void test_journal_copies_of_records_are_none(void **state)
{
    struct rig *r = *state;
    uint8_t *bytes = r->fake.regions[HAWSER_REGION_OUTBOX].bytes;
    uint8_t frame[128] = {0};
    struct hwi_record record = {.type = 1, .len = 64};
    struct hwi_journal j;
    uint32_t first;

    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX, shapes[1]);
    j = open_journal(r);
    assert_int_equal(append_next(&j, 0), 0);
    first = hwi_journal_cost(&j, len_of(1));
    memcpy(frame + HWI_JOURNAL_HEAD, bytes + 16, first);
    assert_int_equal(hwi_journal_append(&j, &record, frame, 0), 0);
    bytes[16 + first] ^=
        1; /* the second record's head: only the copy is left */
    j = open_journal(r);
    assert_int_equal(read_all(&j).last, 1);

    /* An erase that was none: the records of the sector's older life. */
    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX, shapes[0]);
    j = open_journal(r);
    while (j.generation < 2) {
        assert_int_equal(append_over(&j), 0);
    }
    memcpy(bytes + 256 + 16, bytes + 16, 240);
    j = open_journal(r);
    assert_int_equal(j.number, read_all(&j).last);
    assert_int_equal(j.generation, 2);
}

static void test_journal_failures_keep_what_is_there(void **state)
{
    struct rig *r = *state;
    struct hwi_journal j;
    struct hwi_cursor at;
    struct hwi_record record;
    uint32_t last;

    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX, shapes[1]);
    j = open_journal(r);
    r->fake.flash.is_broken = true;
    assert_int_equal(append_next(&j, 0), HAWSER_E_STORAGE);
    r->fake.flash.is_broken = false;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(append_next(&j, 0), 0);
    }
    r->fake.flash.is_broken = true;
    for (int i = 0; i < 50; i++) { /* no sector is given up for it */
        assert_int_equal(append_next(&j, 0), HAWSER_E_STORAGE);
    }
    r->fake.flash.is_broken = false;
    assert_int_equal(append_next(&j, 0), 0);
    at = (struct hwi_cursor){.generation = 0};
    for (uint32_t n = 1; n <= 4; n++) {
        assert_int_equal(read_next(&j, &at), n);
    }
    assert_int_equal(read_next(&j, &at), j.number);
    assert_int_equal(read_next(&j, &at), 0);
    last = j.number;

    at = (struct hwi_cursor){.generation = 0};
    r->fake.flash.is_unreadable = true;
    assert_int_equal(
        hwi_journal_read(&j, &at, &record, (struct hawser_span){NULL, 0}),
        HAWSER_E_STORAGE);
    assert_int_equal(append_next(&j, 0), HAWSER_E_STORAGE);
    assert_int_equal(
        hwi_journal_open(&j,
                         hwi_medium_flash(&r->fake.port, HAWSER_REGION_OUTBOX)),
        HAWSER_E_STORAGE);
    assert_false(hwi_journal_is_usable(&j));
    assert_int_equal(append_next(&j, 0), HAWSER_E_STATE);
    r->fake.flash.is_unreadable = false;
    j = open_journal(r);
    assert_in_range(j.number, last, last + 1);
}

static void test_journal_without_two_sectors_is_not_usable(void **state)
{
    struct rig *r = *state;
    struct hwi_journal j;

    for (uint32_t count = 0; count < 2; count++) {
        fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX,
                         (struct hawser_flash_geometry){256, count, 4});
        j = open_journal(r);
        assert_false(hwi_journal_is_usable(&j));
        assert_int_equal(append_next(&j, 0), HAWSER_E_STATE);
        assert_int_equal(read_all(&j).last, 0);
    }
}

static void test_journal_in_memory_works_the_same(void **state)
{
    uint8_t room[1000];
    struct hwi_journal j;

    (void)state;
    assert_int_equal(
        hwi_journal_open(
            &j,
            hwi_medium_memory((struct hawser_span){room, sizeof(room)}, 256)),
        0);
    for (uint32_t n = 1; n < 200; n++) {
        assert_int_equal(append_over(&j), 0);
        assert_int_equal(read_all(&j).last, n);
    }
    assert_true(read_all(&j).first <= 191);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_journal_gives_back_what_was_appended),
        STORY(test_journal_full_gives_nothing_up_by_itself),
        STORY(test_journal_reserve_is_left_for_another),
        STORY(test_journal_record_has_a_limit),
        STORY(test_journal_cursor_outlives_what_it_points_to),
        STORY(test_journal_next_sector_skips_the_rest_of_one),
        STORY(test_journal_one_wrong_byte_costs_one_record),
        STORY(test_journal_copies_of_records_are_none),
        STORY(test_journal_failures_keep_what_is_there),
        STORY(test_journal_without_two_sectors_is_not_usable),
        STORY(test_journal_in_memory_works_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
