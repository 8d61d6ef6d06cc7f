/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger under power cuts: at every program and erase of a life, with every
 * number of bytes that may have been done by then, and again while the next
 * life finds its way. A command whose beginning was written is never taken for
 * new while it is remembered, its answer is the one that was written, and
 * nothing is there that was not.
 */
#include "device/ledger_test.h"

#define COMMANDS 7u

/* What a life has written for sure. */
struct facts {
    uint32_t begun; /* commands 1..begun */
    uint32_t ended;
    uint32_t told;
    bool is_cut;
};

static unsigned long cuts; /* of all tests; printed */

/* Commands one after the other until the power is cut. */
static void live(struct rig *r, struct facts *f)
{
    struct hwi_ledger l;

    if (hwi_ledger_load(&l, &r->fake.port) != 0) {
        f->is_cut = r->fake.flash.is_cut;
        return;
    }
    for (uint32_t n = f->begun + 1; n <= COMMANDS; n++) {
        uint32_t seq = 0;
        if (begin(&l, n, &seq) != 0) {
            break;
        }
        f->begun = n;
        if (finish(&l, seq, n) != 0) {
            break;
        }
        f->ended = n;
        hwi_ledger_sent(&l, seq);
        if (hwi_ledger_told(&l, seq) != 0) {
            break;
        }
        f->told = n;
    }
    f->is_cut = r->fake.flash.is_cut;
}

/* The last command began, ended and was told as far as was written, or one step
 * further: what was cut may stand there whole. */
static void look_at_the_last(struct hwi_ledger *l, const struct facts *f)
{
    uint32_t seq = 0;
    enum hwi_ledger_state s;

    if (f->begun == 0) {
        return;
    }
    assert_int_equal(find(l, f->begun, &seq), 0);
    s = hwi_ledger_state_of(l, seq);
    if (f->told == f->begun) {
        assert_int_equal(s, HWI_LEDGER_TOLD);
    } else if (f->ended == f->begun) {
        assert_true(s == HWI_LEDGER_DONE || s == HWI_LEDGER_TOLD);
    } else {
        assert_true(s == HWI_LEDGER_LEFT || s == HWI_LEDGER_DONE);
    }
    assert_entry(l, seq, f->begun, s != HWI_LEDGER_LEFT);
}

/* Each entry is a command that began, whole; those before the last are told. */
static void look_at_all(struct hwi_ledger *l, const struct facts *f)
{
    for (uint32_t n = 1; n <= COMMANDS; n++) {
        uint32_t seq = 0;
        if (find(l, n, &seq) != 0) {
            continue;
        }
        assert_true(n <= f->begun + 1);
        if (n < f->begun) {
            assert_int_equal(hwi_ledger_state_of(l, seq), HWI_LEDGER_TOLD);
            assert_entry(l, seq, n, true);
        }
    }
}

/* A life, a cut, a life that is cut while it reads and carries, and one that
 * looks. False: the first life was not cut. */
static bool try_cut(struct rig *r, int cut_at, unsigned torn, int again_at)
{
    struct facts f = {.begun = 0};
    struct hwi_ledger l;

    r->fake.flash.power_left = cut_at;
    r->fake.flash.torn_bytes = torn;
    live(r, &f);
    if (!f.is_cut) {
        return false;
    }
    cuts++;
    fake_flash_power(&r->fake);
    if (again_at >= 0) {
        r->fake.flash.power_left = again_at;
        assert_int_equal(hwi_ledger_load(&l, &r->fake.port), 0);
        cuts += r->fake.flash.is_cut ? 1 : 0;
        fake_flash_power(&r->fake);
    }
    l = load(r);
    look_at_the_last(&l, &f);
    look_at_all(&l, &f);
    for (uint32_t n = 100; n < 104; n++) {
        do_all(&l, n);
    }
    return true;
}

static void try_every_cut(struct rig *r, struct hawser_flash_geometry shape,
                          unsigned torn_step)
{
    for (unsigned torn = 0; torn <= shape.sector_size; torn += torn_step) {
        for (int again_at = -1; again_at < (torn % 8 == 0 ? 2 : 0);
             again_at++) {
            int cut_at = 0;
            bool is_cut = true;
            while (is_cut) {
                r->fake.flash =
                    (struct fake_flash){.leaves_garbage = torn % 2 != 0};
                fake_flash_shape(&r->fake, HAWSER_REGION_COMMANDS, shape);
                is_cut = try_cut(r, cut_at++, torn, again_at);
            }
            assert_true(cut_at > (int)COMMANDS * 3);
        }
    }
}

static void test_cut_at_every_byte(void **state)
{
    try_every_cut(*state, (struct hawser_flash_geometry){512, 3, 4}, 1);
}

static void test_cut_in_other_geometries(void **state)
{
    try_every_cut(*state, (struct hawser_flash_geometry){512, 2, 1}, 7);
    try_every_cut(*state, (struct hawser_flash_geometry){1024, 2, 16}, 13);
    try_every_cut(*state, (struct hawser_flash_geometry){512, 4, 8}, 5);
}

/* A long command among short ones, cut again and again: it is always there, and
 * it ends once. */
static void test_cut_again_and_again_what_is_under_way_stays(void **state)
{
    struct rig *r = *state;
    struct hwi_ledger l = load(r);
    unsigned random = 3;
    uint32_t running = 0;
    uint32_t n = 2;

    assert_int_equal(begin(&l, 1, &running), 0);
    for (unsigned i = 0; i < 3000; i++) {
        uint32_t seq = 0;
        random = random * 1664525u + 1013904223u;
        r->fake.flash.power_left = (int)(random >> 24) % 9;
        r->fake.flash.torn_bytes = (random >> 8) % 1024;
        while (begin(&l, n, &seq) == 0 && finish(&l, seq, n) == 0) {
            hwi_ledger_sent(&l, seq);
            if (hwi_ledger_told(&l, seq) != 0) {
                break;
            }
            n++;
        }
        n++;
        cuts++;
        fake_flash_power(&r->fake);
        l = load(r);
        assert_int_equal(hwi_ledger_state_of(&l, running), HWI_LEDGER_LEFT);
        assert_entry(&l, running, 1, false);
        for (seq = hwi_ledger_next(&l, HWI_LEDGER_LEFT, running); seq != 0;
             seq = hwi_ledger_next(&l, HWI_LEDGER_LEFT, seq)) {
            assert_int_equal(finish(&l, seq, 5), 0);
        }
        for (seq = hwi_ledger_next(&l, HWI_LEDGER_DONE, 0); seq != 0;
             seq = hwi_ledger_next(&l, HWI_LEDGER_DONE, seq)) {
            hwi_ledger_sent(&l, seq);
            assert_int_equal(hwi_ledger_told(&l, seq), 0);
        }
    }
    assert_int_equal(finish(&l, running, 1), 0);
    assert_entry(&l, running, 1, true);
}

static int print_cuts(void **state)
{
    (void)state;
    print_message("ledger: %lu power cuts\n", cuts);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_cut_at_every_byte),
        STORY(test_cut_in_other_geometries),
        STORY(test_cut_again_and_again_what_is_under_way_stays),
    };

    return cmocka_run_group_tests(tests, NULL, print_cuts);
}
