/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbox under power cuts: at every program and erase of a life, at every
 * byte of it, with the rest untouched or garbage; and again in the life after
 * it. What flash has taken is delivered in order, or told as lost, and nothing
 * that was told as lost comes; what never was does not either.
 */
#include "device/outbox_test.h"

#define BOOTS 3000u
#define SEQS  64u /* numbers of a boot that the ledger has room for */

/* What became of each measurement. */
enum { TRIED = 1, STORED = 2, ARRIVED = 4, LOST = 8 };

static uint8_t ledger[BOOTS][SEQS];
static uint32_t boots;
static unsigned cuts;

static void new_chip(struct rig *r, struct hawser_flash_geometry shape)
{
    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX, shape);
    r->fake.flash = (struct fake_flash){.power_left = -1};
    memset(ledger, 0, sizeof(ledger));
    boots = 0;
}

static void cut_at(struct rig *r, int changes, unsigned torn)
{
    r->fake.flash.power_left = changes;
    r->fake.flash.torn_bytes = torn / 2;
    r->fake.flash.leaves_garbage = torn % 2 != 0;
}

/* What the device would tell as lost is lost, and was there once. */
static void note_losses(const struct hwi_outbox *o)
{
    for (unsigned i = 0; i < o->state.losses.count; i++) {
        const struct hwi_lost *l = &o->state.losses.ranges[i];
        for (uint32_t boot = l->boot; boot <= l->to_boot; boot++) {
            uint32_t seq = boot == l->boot ? l->from : 1;
            uint32_t to = boot == l->to_boot ? l->to : SEQS - 1;
            for (; seq <= to; seq++) {
                ledger[boot][seq] |= ledger[boot][seq] != 0 ? LOST : 0;
            }
        }
    }
}

/* Sends the next one; true: there was one. It arrives, or stays out. */
static bool send_one(struct hwi_outbox *o, bool arrives)
{
    struct hwi_entry e;

    if (!look(o, &e)) {
        return false;
    }
    assert_in_range(e.boot, 1, boots);
    assert_in_range(e.seq, 1, SEQS - 1);
    assert_int_equal(e.json.len, json_len(e.boot, e.seq));
    assert_true((ledger[e.boot][e.seq] & TRIED) != 0);
    assert_int_equal(ledger[e.boot][e.seq] & LOST, 0);
    assert_true(hwi_outbox_mark(o, e.ticket, HWI_ENTRY_SENT));
    if (arrives) {
        ledger[e.boot][e.seq] |= ARRIVED;
        assert_true(hwi_outbox_mark(o, e.ticket, HWI_ENTRY_DONE));
    }
    return true;
}

/* A boot: adds so many, and does of everything else a little, until the power
 * is gone. */
static void live(struct rig *r, struct hwi_outbox *o, uint32_t count)
{
    open_outbox(r, o, ++boots);
    note_losses(o);
    for (uint32_t seq = 1; seq <= count; seq++) {
        ledger[boots][seq] |= TRIED;
        add(o, seq);
        if (r->fake.flash.is_cut) {
            return;
        }
        ledger[boots][seq] |= o->is_failing ? 0 : STORED;
        if (seq % 4 == 0) {
            (void)send_one(o, true);
        }
        if (seq % 16 == 9) {
            (void)send_one(o, false);
        }
        if (seq % 16 == 0 && hwi_losses_tell(&o->state.losses) > 0) {
            note_losses(o);
            hwi_outbox_told(o);
        }
        hwi_outbox_save(o, seq == count);
    }
}

static void count_cut(struct rig *r)
{
    cuts += r->fake.flash.is_cut ? 1 : 0;
    fake_flash_power(&r->fake);
}

/* Everything that flash took arrives now, has arrived, or is told as lost. */
static void settle(struct rig *r)
{
    struct hwi_outbox o;
    struct hwi_entry e;
    uint32_t boot = 0;
    uint32_t seq = 0;

    open_outbox(r, &o, ++boots);
    note_losses(&o);
    while (look(&o, &e)) {
        assert_true(e.boot > boot || (e.boot == boot && e.seq > seq));
        boot = e.boot;
        seq = e.seq;
        assert_true(send_one(&o, true));
    }
    assert_none(&o);
    for (boot = 1; boot <= boots; boot++) {
        for (seq = 1; seq < SEQS; seq++) {
            assert_true((ledger[boot][seq] & STORED) == 0 ||
                        (ledger[boot][seq] & (ARRIVED | LOST)) != 0);
        }
    }
    add(&o, 1); /* and it goes on */
    deliver(&o, boots, 1, 1);
}

static void every_cut(struct rig *r, struct hawser_flash_geometry shape,
                      uint32_t count)
{
    bool is_cut = true;

    for (int at = 0; is_cut; at++) {
        size_t len = 1;
        for (unsigned torn = 0; is_cut && torn / 2 < len; torn++) {
            struct hwi_outbox o;
            new_chip(r, shape);
            live(r, &o, 5);
            cut_at(r, at, torn);
            live(r, &o, count);
            is_cut = r->fake.flash.is_cut;
            len = r->fake.flash.cut_len;
            count_cut(r);
            settle(r);
        }
    }
}

static void test_outbox_cut_at_every_byte_loses_nothing(void **state)
{
    struct rig *r = *state;

    every_cut(r, (struct hawser_flash_geometry){512, 3, 4}, 24);
    every_cut(r, (struct hawser_flash_geometry){512, 2, 1}, 16);
    every_cut(r, (struct hawser_flash_geometry){512, 3, 16}, 24);
    print_message("%u power cuts\n", cuts);
    assert_true(cuts > 20000);
}

/* The second cut at every change of the life after the first. */
static void test_outbox_cut_again_while_coming_back(void **state)
{
    struct rig *r = *state;
    unsigned before = cuts;

    for (unsigned torn = 0; torn < 200; torn += 37) {
        for (int at = 0; at < 44; at++) {
            for (int again = 0; again < 10; again++) {
                struct hwi_outbox o;
                new_chip(r, (struct hawser_flash_geometry){512, 3, 4});
                cut_at(r, at, torn);
                live(r, &o, 30);
                count_cut(r);
                cut_at(r, again, torn * 7 % 300);
                live(r, &o, 30);
                count_cut(r);
                settle(r);
            }
        }
    }
    print_message("%u power cuts\n", cuts - before);
}

static void test_outbox_lives_in_a_row_lose_nothing(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    uint32_t random = 1;

    new_chip(r, (struct hawser_flash_geometry){1024, 4, 4});
    for (unsigned i = 0; i < BOOTS - 10; i++) {
        random = random * 1664525u + 1013904223u;
        cut_at(r, (int)(random >> 24) % 10, (random >> 8) % 512);
        live(r, &o, 20);
        count_cut(r);
    }
    settle(r);
}

/* Each of them arrived or was lost, and none both; what arrived came in order.
 */
static void settle_dips(struct hwi_outbox *o, uint8_t *what, uint32_t last)
{
    const struct hwi_losses *l = &o->state.losses;
    uint32_t lost = 0;
    uint32_t arrived = 0;

    for (uint32_t seq = 1; seq <= last; seq++) {
        arrived += what[seq] == ARRIVED ? 1 : 0;
    }
    for (unsigned i = 0; i < l->count; i++) {
        lost += l->ranges[i].count;
    }
    assert_int_equal(lost, o->lost);
    assert_int_equal(arrived + lost, last);
}

/* Sends all that waits, or so many. */
static void send_some(struct hwi_outbox *o, uint8_t *what, unsigned count)
{
    static uint32_t newest;
    struct hwi_entry e;

    for (unsigned i = 0; i < count && look(o, &e); i++) {
        assert_true(e.seq == 1 || e.seq > newest);
        newest = e.seq;
        assert_int_equal(what[e.seq], 0);
        what[e.seq] = ARRIVED;
        assert_true(hwi_outbox_mark(o, e.ticket, HWI_ENTRY_DONE));
    }
}

/* Dips that flash does not survive, but the device does: what was answered as
 * failed may stand there whole, and must not come twice. */
static void test_outbox_goes_on_after_a_failure(void **state)
{
    static uint8_t what[BOOTS];
    struct rig *r = *state;
    struct hwi_outbox o;
    uint32_t random = 7;

    new_chip(r, (struct hawser_flash_geometry){512, 4, 4});
    open_outbox(r, &o, 1);
    for (uint32_t seq = 1; seq < BOOTS; seq++) {
        random = random * 1664525u + 1013904223u;
        cut_at(r, (int)(random >> 24) % 6, (random >> 8) % 512);
        add(&o, seq);
        fake_flash_power(&r->fake);
        send_some(&o, what, (random >> 12) % 3);
        if (seq % 40 == 0) {
            send_some(&o, what, UINT32_MAX);
            hwi_outbox_save(&o, true);
        }
    }
    send_some(&o, what, UINT32_MAX);
    assert_none(&o);
    settle_dips(&o, what, BOOTS - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_outbox_cut_at_every_byte_loses_nothing),
        STORY(test_outbox_cut_again_while_coming_back),
        STORY(test_outbox_lives_in_a_row_lose_nothing),
        STORY(test_outbox_goes_on_after_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
