/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbox on flash that is too small, fails, cannot be read or spoils what
 * was written, and how its wear is worked out.
 */
#include "device/outbox_test.h"

static void test_flash_fails_memory_takes_over_in_order(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;

    give_flash(r, 1024, 4);
    open_outbox(r, &o, 1);
    add_range(&o, 1, 3);
    r->fake.flash.is_broken = true;
    add_range(&o, 4, 6);
    assert_true(o.is_failing);
    r->fake.flash.is_broken = false;
    add(&o, 7); /* behind those in memory */
    assert_int_equal(o.logs[1].waiting, 4);
    deliver(&o, 1, 1, 7);
    add(&o, 8);
    assert_false(o.is_failing);
    assert_int_equal(o.logs[0].waiting, 1);
    deliver(&o, 1, 8, 8);
    assert_int_equal(o.lost, 0);
}

static void test_flash_fails_for_good_counts_what_memory_loses(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    uint32_t first;

    give_flash(r, 1024, 4);
    open_outbox(r, &o, 1);
    add(&o, 1);
    r->fake.flash.is_broken = true;
    add_range(&o, 2, 200);
    assert_true(o.lost > 0);
    first = 2 + o.lost;
    assert_lost(&o, 0, 1, 2, first - 1);
    deliver(&o, 1, 1, 1);
    deliver(&o, 1, first, 200);
    assert_none(&o);
}

static void test_flash_unreadable_is_left_alone(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    struct hwi_entry e;

    give_flash(r, 1024, 4);
    open_outbox(r, &o, 1);
    add_range(&o, 1, 3);
    r->fake.flash.is_unreadable = true;
    assert_false(hwi_outbox_next(&o, &e));
    hwi_outbox_open(&o, &r->fake.port, (struct hawser_span){r->outbox, 4096},
                    2);
    assert_true(o.is_failing);
    r->fake.flash.is_unreadable = false;
    add_range(&o, 1, 2);
    deliver(&o, 2, 1, 2);
    open_outbox(r, &o, 3);
    deliver(&o, 1, 1, 3);
}

static void test_flash_spoils_one_it_is_lost(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    struct hwi_entry e;
    uint8_t *bytes = r->fake.regions[HAWSER_REGION_OUTBOX].bytes;

    give_flash(r, 1024, 4);
    open_outbox(r, &o, 1);
    add_range(&o, 1, 2);
    assert_true(look(&o, &e));
    bytes[16 + HWI_JOURNAL_HEAD] ^= 0x01; /* while it waits for its turn */
    (void)send_next(&o, 1, 2);
    assert_lost(&o, 0, 1, 1, 1);
}

/* The state is written into the next sector if it could not be before the
 * oldest one, which held it, was given up. */
static void test_flash_fails_for_a_moment_state_is_kept(void **state)
{
    struct rig *r = *state;

    for (int at = 0; at < 6; at++) {
        struct hwi_outbox o;
        struct hwi_entry e;
        give_flash(r, 1024, 3);
        open_outbox(r, &o, 1);
        add(&o, 1);
        assert_true(look(&o, &e));
        hwi_outbox_lose(&o, e.ticket);
        for (uint32_t seq = 2; seq < 120; seq++) {
            struct hwi_outbox again;
            /* Now and then only so many changes go well. */
            r->fake.flash.power_left = seq % 3 == 0 ? at : -1;
            add(&o, seq);
            fake_flash_power(&r->fake);
            deliver(&o, 1, seq, seq);
            hwi_outbox_save(&o, false);
            open_outbox(r, &again, 2);
            assert_true(again.state.losses.count > 0);
            assert_int_equal(again.state.losses.ranges[0].from, 1);
        }
    }
}

static void test_flash_of_small_sectors_is_not_used(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    struct hwi_outbox_wear wear;

    give_flash(r, 256, 8);
    open_outbox(r, &o, 1);
    assert_false(hwi_outbox_wear(&o, 0, &wear));
    add(&o, 1);
    assert_int_equal(r->fake.flash.programs, 0);
    deliver(&o, 1, 1, 1);
}

static void test_wear_is_worked_out_from_what_is_written(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    struct hwi_outbox_wear wear;

    give_flash(r, 1024, 4);
    open_outbox(r, &o, 1);
    assert_true(hwi_outbox_wear(&o, r->fake.now_ms + 60000, &wear));
    assert_int_equal(wear.size, 4096);
    assert_int_equal(wear.erases, 0);
    assert_false(wear.is_measured);
    add_long(&o, 1, 59); /* 100 bytes in all */
    assert_true(hwi_outbox_wear(&o, r->fake.now_ms + 59999, &wear));
    assert_false(wear.is_measured);
    assert_true(hwi_outbox_wear(&o, r->fake.now_ms + 86400000, &wear));
    assert_true(wear.is_measured);
    assert_int_equal(wear.erases, 1);
    assert_int_equal(wear.bytes_per_day, 100);
    /* 400,000 erases of 1024 bytes, but for the one that is done. */
    assert_int_equal(wear.years_left, 399999 * UINT64_C(1024) / 36501);
}

/* The last one of memory is out, and may have to go out again: what is new
 * waits behind it, though flash works. */
static void test_flash_works_again_what_is_out_comes_first(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    uint32_t ticket;

    give_flash(r, 1024, 4);
    open_outbox(r, &o, 1);
    r->fake.flash.is_broken = true;
    add(&o, 1);
    ticket = send_next(&o, 1, 1);
    r->fake.flash.is_broken = false;
    add(&o, 2);
    assert_int_equal(o.logs[0].waiting, 0);
    assert_true(hwi_outbox_mark(&o, ticket, HWI_ENTRY_WAITING));
    deliver(&o, 1, 1, 2);
    add(&o, 3);
    assert_int_equal(o.logs[0].waiting, 1);
    deliver(&o, 1, 3, 3);
}

/* What is out stands on flash, what is full is memory: one is not the other. */
static void test_flash_fails_what_is_out_of_it_is_kept(void **state)
{
    static const enum hawser_outbox_policy policies[] = {
        HAWSER_OUTBOX_DROP_OLDEST, HAWSER_OUTBOX_DROP_NEWEST};
    struct rig *r = *state;

    for (size_t i = 0; i < 2; i++) {
        struct hwi_outbox o;
        uint32_t ticket;
        uint32_t seq = 1;
        give_flash(r, 1024, 4);
        open_outbox(r, &o, 1);
        o.policy = (uint8_t)policies[i];
        add(&o, 1);
        ticket = send_next(&o, 1, 1);
        r->fake.flash.is_broken = true;
        while (o.lost == 0) {
            add(&o, ++seq);
        }
        r->fake.flash.is_broken = false;
        assert_true(hwi_outbox_mark(&o, ticket, HWI_ENTRY_WAITING));
        deliver(&o, 1, 1, 1);
        if (policies[i] == HAWSER_OUTBOX_DROP_NEWEST) {
            assert_lost(&o, 0, 1, seq, seq);
            deliver(&o, 1, 2, seq - 1);
        } else {
            assert_lost(&o, 0, 1, 2, 1 + o.lost);
            deliver(&o, 1, 2 + o.lost, seq);
        }
        assert_none(&o);
    }
}

/* Records of a later firmware in between. */
static void test_flash_foreign_records_are_passed_over(void **state)
{
    uint8_t frame[HWI_JOURNAL_HEAD + 8 + HWI_JOURNAL_TAIL] = {0};
    struct hwi_record foreign = {.type = 99, .len = 8};
    struct rig *r = *state;
    struct hwi_outbox o;

    give_flash(r, 1024, 4);
    open_outbox(r, &o, 1);
    add(&o, 1);
    assert_int_equal(hwi_journal_append(&o.logs[0].journal, &foreign, frame, 0),
                     0);
    add(&o, 2);
    open_outbox(r, &o, 2);
    deliver(&o, 1, 1, 2);
    assert_none(&o);
}

/* Wherever reading stands in the oldest sector, what waits there is kept. */
static void test_full_drop_newest_at_any_place_keeps_what_waits(void **state)
{
    struct rig *r = *state;

    for (uint32_t done = 0; done < 30; done++) {
        struct hwi_outbox o;
        uint32_t seq = 30;
        give_flash(r, 1024, 4);
        open_outbox(r, &o, 1);
        o.policy = HAWSER_OUTBOX_DROP_NEWEST;
        add_range(&o, 1, seq);
        deliver(&o, 1, 1, done);
        while (o.lost == 0) {
            add(&o, ++seq);
        }
        assert_lost(&o, 0, 1, seq, seq);
        deliver(&o, 1, done + 1, seq - 1);
        assert_none(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_flash_fails_memory_takes_over_in_order),
        STORY(test_flash_fails_for_good_counts_what_memory_loses),
        STORY(test_flash_unreadable_is_left_alone),
        STORY(test_flash_spoils_one_it_is_lost),
        STORY(test_flash_fails_for_a_moment_state_is_kept),
        STORY(test_flash_of_small_sectors_is_not_used),
        STORY(test_wear_is_worked_out_from_what_is_written),
        STORY(test_flash_works_again_what_is_out_comes_first),
        STORY(test_flash_fails_what_is_out_of_it_is_kept),
        STORY(test_flash_foreign_records_are_passed_over),
        STORY(test_full_drop_newest_at_any_place_keeps_what_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
