/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log under power cuts: at every program and erase of a life, with every
 * number of bytes done by then, with the rest untouched or garbage; and again
 * while it comes back. What was reported as stored is there, in order, and
 * nothing else but, maybe, the record that was under way.
 */
#include "device/journal_test.h"

#define LIFE    24u   /* records in a life */
#define ROUND   4000u /* lives in a row */
#define TRIES   64    /* changes in a life, more than enough */
#define SECTORS 3u

static unsigned cuts;

static void new_chip(struct rig *r, struct hawser_flash_geometry shape)
{
    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX, shape);
    r->fake.flash = (struct fake_flash){.power_left = -1};
}

static void cut_at(struct rig *r, int changes, unsigned torn)
{
    r->fake.flash.power_left = changes;
    r->fake.flash.torn_bytes = torn / 2;
    r->fake.flash.leaves_garbage = torn % 2 != 0;
}

/* Appends until the power is gone or the life is full; the last number that
 * was reported as stored. */
static uint32_t live(struct hwi_journal *j, uint32_t stored, uint32_t records)
{
    for (uint32_t i = 0; i < records; i++) {
        if (append_over(j) != 0) {
            break;
        }
        stored = j->number;
    }
    return stored;
}

/* After the cut: everything stored is there up to the newest, at most one more,
 * and at least what was never dropped. Answers the last number. */
static uint32_t check(struct rig *r, struct hwi_journal *j, uint32_t stored)
{
    struct range all;

    if (r->fake.flash.is_cut) {
        cuts++;
    }
    fake_flash_power(&r->fake);
    *j = open_journal(r);
    all = read_all(j);
    assert_in_range(all.last, stored, stored + 1);
    if (stored > 0) {
        /* All but the oldest sector's worth is there. */
        assert_true(all.first == 1 || all.last - all.first >= 2);
    }
    assert_int_equal(j->number, all.last);
    return all.last;
}

static void every_cut(struct rig *r, struct hawser_flash_geometry shape,
                      unsigned step)
{
    for (unsigned torn = 0; torn <= 2 * shape.sector_size; torn += step) {
        bool is_cut = true;
        for (int at = 0; is_cut && at < TRIES; at++) {
            struct hwi_journal j;
            uint32_t stored;
            new_chip(r, shape);
            j = open_journal(r);
            cut_at(r, at, torn);
            stored = live(&j, 0, LIFE);
            is_cut = r->fake.flash.is_cut;
            stored = check(r, &j, stored);
            assert_int_equal(live(&j, stored, LIFE), stored + LIFE);
            (void)check(r, &j, stored + LIFE);
        }
        assert_false(is_cut);
    }
}

static void test_journal_cut_at_every_byte_loses_nothing(void **state)
{
    struct rig *r = *state;

    every_cut(r, (struct hawser_flash_geometry){256, SECTORS, 1}, 1);
    every_cut(r, (struct hawser_flash_geometry){256, SECTORS, 4}, 1);
    every_cut(r, (struct hawser_flash_geometry){512, SECTORS, 16}, 3);
    print_message("%u power cuts\n", cuts);
    assert_true(cuts > 30000);
}

/* Two cuts: the second at every change after the first one. */
static void test_journal_cut_again_while_coming_back(void **state)
{
    struct rig *r = *state;
    unsigned before = cuts;

    for (unsigned torn = 0; torn < 300; torn += 29) {
        for (int at = 0; at < 28; at++) {
            for (int again = 0; again < 12; again++) {
                struct hwi_journal j;
                uint32_t stored;
                new_chip(r, (struct hawser_flash_geometry){256, SECTORS, 4});
                j = open_journal(r);
                cut_at(r, at, torn);
                stored = live(&j, 0, LIFE);
                stored = check(r, &j, stored);
                cut_at(r, again, torn * 7 % 300);
                stored = live(&j, stored, LIFE);
                stored = check(r, &j, stored);
                assert_int_equal(live(&j, stored, LIFE), stored + LIFE);
            }
        }
    }
    print_message("%u power cuts\n", cuts - before);
}

/* Many lives, each with a few changes and a torn last one. */
static void test_journal_lives_in_a_row_never_go_back(void **state)
{
    struct rig *r = *state;
    struct hwi_journal j;
    uint32_t stored = 0;
    uint32_t random = 1;

    new_chip(r, (struct hawser_flash_geometry){256, 4, 4});
    j = open_journal(r);
    for (unsigned i = 0; i < ROUND; i++) {
        random = random * 1664525u + 1013904223u;
        cut_at(r, (int)(random >> 24) % 6, (random >> 8) % 512);
        stored = live(&j, stored, LIFE);
        stored = check(r, &j, stored);
    }
    assert_true(stored > ROUND);
}

/* Are all those there that were stored, from the oldest one on? */
static void look_for(const struct hwi_journal *j, const bool *is_stored)
{
    struct hwi_cursor at = {.generation = 0};
    uint32_t number = read_next(j, &at);
    uint32_t next = number;

    while (number != 0) {
        for (; next < number; next++) {
            assert_false(is_stored[next]);
        }
        next = number + 1;
        number = read_next(j, &at);
    }
    for (; next <= j->number; next++) {
        assert_false(is_stored[next]);
    }
}

/* A dip that flash does not survive, but the device does. */
static void test_journal_goes_on_after_a_failure(void **state)
{
    static bool is_stored[2 * ROUND];
    struct rig *r = *state;
    struct hwi_journal j;
    uint32_t random = 7;
    uint32_t stored = 0;

    new_chip(r, (struct hawser_flash_geometry){256, 4, 4});
    j = open_journal(r);
    for (unsigned i = 0; i < ROUND; i++) {
        struct hwi_journal again;
        random = random * 1664525u + 1013904223u;
        cut_at(r, (int)(random >> 24) % 5, (random >> 8) % 512);
        if (append_over(&j) == 0) {
            is_stored[j.number] = true;
            stored++;
        }
        fake_flash_power(&r->fake);
        again = open_journal(r);
        look_for(&again, is_stored);
        look_for(&j, is_stored);
    }
    assert_true(stored > ROUND / 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_journal_cut_at_every_byte_loses_nothing),
        STORY(test_journal_cut_again_while_coming_back),
        STORY(test_journal_lives_in_a_row_never_go_back),
        STORY(test_journal_goes_on_after_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
