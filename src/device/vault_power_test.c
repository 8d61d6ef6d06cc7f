/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials under power cuts: a life changes its set again and again, and is
 * cut at every program and erase, after every number of bytes, with the rest
 * untouched or garbage; then again while it comes back. The set that counts
 * afterwards is the old one or the new one, whole, and the device goes on.
 */
#include "device/vault_test.h"

#define LIFE 4u /* changes of the set */

static unsigned cuts;

/* Writes the n-th set beside the active one, then makes it the active one. */
static bool rotate(struct hwi_vault *v, uint32_t n)
{
    struct hwi_vault_state *s = &v->state;
    enum hwi_slot spare = s->active == HWI_SLOT_A ? HWI_SLOT_B : HWI_SLOT_A;
    struct filled f;

    fill_set(&f, n);
    if (hwi_vault_write(v, spare, &f.set, span_of(&f)) != 0) {
        return false;
    }
    s->pending = (uint8_t)spare;
    s->generations[2] = n;
    fill_state(s, n);
    if (hwi_vault_save(v) != 0) {
        return false;
    }
    s->previous = s->active;
    s->generations[1] = s->generations[0];
    s->active = (uint8_t)spare;
    s->generations[0] = n;
    s->pending = HWI_SLOT_NONE;
    return hwi_vault_save(v) == 0;
}

/* Goes on until the power is cut or the life is over: the last set that was
 * reported as active. */
static uint32_t live(struct hwi_vault *v, uint32_t from)
{
    for (uint32_t n = from + 1; n <= from + LIFE; n++) {
        if (!rotate(v, n)) {
            return n - 1;
        }
    }
    return from + LIFE;
}

static void cut_at(struct rig *r, int changes, unsigned torn)
{
    r->fake.flash.power_left = changes;
    r->fake.flash.torn_bytes = torn / 2;
    r->fake.flash.leaves_garbage = torn % 2 != 0;
}

/* After the cut: n or the next one is active and whole, and so is what it can
 * go back to, unless that slot was being overwritten. */
static uint32_t check(struct rig *r, struct hwi_vault *v, uint32_t n)
{
    const struct hwi_vault_state *s = &v->state;
    uint32_t found;

    cuts += r->fake.flash.is_cut ? 1 : 0;
    fake_flash_power(&r->fake);
    *v = open_vault(r);
    found = s->generations[0];
    assert_in_range(found, n, n + 1);
    if (found > 0) {
        assert_true(has_set(v, (enum hwi_slot)s->active, found));
    }
    if (s->pending != HWI_SLOT_NONE) {
        assert_int_equal(s->generations[2], found + 1);
        assert_true(has_set(v, (enum hwi_slot)s->pending, found + 1));
        assert_state(s, found + 1);
        v->state.pending = HWI_SLOT_NONE; /* its slot is written again */
        fill_state(&v->state, found);
        assert_int_equal(hwi_vault_save(v), 0);
    } else if (found > 0) {
        assert_state(s, found);
    }
    return found;
}

static void every_cut(struct rig *r, struct hawser_flash_geometry shape,
                      unsigned step)
{
    for (unsigned torn = 0; torn < 2 * shape.sector_size; torn += step) {
        bool is_cut = true;
        for (int at = 0; is_cut; at++) {
            struct hwi_vault v;
            uint32_t n;
            vault_chip(r, shape);
            v = open_vault(r);
            cut_at(r, at, torn);
            n = live(&v, 0);
            is_cut = r->fake.flash.is_cut;
            n = check(r, &v, n);
            n = live(&v, n);
            (void)check(r, &v, n);
        }
    }
}

static void test_vault_cut_at_every_byte_has_a_whole_set(void **state)
{
    every_cut(*state, (struct hawser_flash_geometry){1024, 6, 4}, 3);
    every_cut(*state, (struct hawser_flash_geometry){2048, 4, 1}, 11);
    every_cut(*state, (struct hawser_flash_geometry){1024, 7, 16}, 7);
    print_message("%u power cuts\n", cuts);
    assert_true(cuts > 20000);
}

/* The second cut at every change after the first one. */
static void test_vault_cut_again_while_coming_back(void **state)
{
    struct rig *r = *state;
    unsigned before = cuts;

    for (unsigned torn = 0; torn < 2000; torn += 171) {
        for (int at = 0; at < 28; at++) {
            for (int again = 0; again < 14; again++) {
                struct hwi_vault v;
                uint32_t n;
                vault_chip(r, (struct hawser_flash_geometry){1024, 6, 4});
                v = open_vault(r);
                cut_at(r, at, torn);
                n = live(&v, 0);
                n = check(r, &v, n);
                cut_at(r, again, torn * 7 % 2000);
                n = live(&v, n);
                n = check(r, &v, n);
                assert_int_equal(live(&v, n), n + LIFE);
            }
        }
    }
    print_message("%u power cuts\n", cuts - before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_vault_cut_at_every_byte_has_a_whole_set),
        STORY(test_vault_cut_again_while_coming_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
