/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbox: order, what a restart brings back, what is given up when there is
 * no room. Flash that fails and power cuts have tests of their own.
 */
#include "device/outbox_test.h"

/* Order --------------------------------------------------------------------- */

static void test_next_is_the_oldest_that_waits(void **state)
{
    static const uint32_t sectors[] = {0, 4}; /* in memory; on flash */
    struct rig *r = *state;

    for (size_t i = 0; i < 2; i++) {
        struct hwi_outbox o;
        uint32_t first;
        give_flash(r, 1024, sectors[i]);
        open_outbox(r, &o, 1);
        assert_none(&o);
        add_range(&o, 1, 4);
        assert_int_equal(hwi_outbox_waiting(&o), 4);
        first = send_next(&o, 1, 1);
        (void)send_next(&o, 1, 2);
        assert_true(hwi_outbox_mark(&o, first, HWI_ENTRY_WAITING));
        first = send_next(&o, 1, 1); /* once more */
        assert_int_equal(hwi_outbox_waiting(&o), 2);
        assert_int_equal(hwi_outbox_count(&o), 4);
        deliver(&o, 1, 3, 4);
        assert_true(hwi_outbox_mark(&o, first, HWI_ENTRY_DONE));
        assert_none(&o);
        assert_int_equal(hwi_outbox_count(&o), 1); /* the second is out */
        assert_int_equal(o.lost, 0);
    }
}

static void test_next_asked_twice_is_the_same(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    struct hwi_entry e;
    struct hwi_entry again;

    open_outbox(r, &o, 1);
    add_range(&o, 1, 2);
    assert_true(look(&o, &e));
    assert_true(look(&o, &again));
    assert_int_equal(e.ticket, again.ticket);
    assert_int_equal(hwi_outbox_waiting(&o), 2);
}

static void test_next_window_full_waits(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    struct hwi_entry e;
    uint32_t first;

    open_outbox(r, &o, 1);
    add_range(&o, 1, HWI_FLIGHTS_MAX + 1);
    first = send_next(&o, 1, 1);
    for (uint32_t seq = 2; seq <= HWI_FLIGHTS_MAX; seq++) {
        (void)send_next(&o, 1, seq);
    }
    assert_false(hwi_outbox_next(&o, &e));
    assert_true(hwi_outbox_mark(&o, first, HWI_ENTRY_DONE));
    (void)send_next(&o, 1, HWI_FLIGHTS_MAX + 1);
}

static void test_mark_of_none_is_false(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;

    open_outbox(r, &o, 1);
    assert_false(hwi_outbox_mark(&o, 1, HWI_ENTRY_DONE));
    hwi_outbox_lose(&o, 1);
    assert_int_equal(o.lost, 0);
}

/* Restarts ------------------------------------------------------------------ */

static void test_restart_brings_back_what_is_not_done(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;

    give_flash(r, 1024, 4);
    open_outbox(r, &o, 1);
    add_range(&o, 1, 5);
    deliver(&o, 1, 1, 2);
    (void)send_next(&o, 1, 3); /* its PUBACK will not be heard */
    hwi_outbox_save(&o, true);
    open_outbox(r, &o, 2);
    assert_int_equal(hwi_outbox_waiting(&o), 3);
    add_range(&o, 1, 2);
    deliver(&o, 1, 3, 5);
    deliver(&o, 2, 1, 2);
    assert_none(&o);
    hwi_outbox_save(&o, true);
    open_outbox(r, &o, 3);
    assert_none(&o);
    assert_int_equal(o.lost, 0);
}

static void test_restart_without_flash_begins_anew(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;

    open_outbox(r, &o, 1);
    add_range(&o, 1, 5);
    open_outbox(r, &o, 2);
    assert_none(&o);
}

/* A measurement says what is done; a record of its own is needed only where
 * none comes, and after more than a few. */
static void test_save_is_rare(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    unsigned programs;

    give_flash(r, 1024, 4);
    open_outbox(r, &o, 1);
    add_range(&o, 1, 15);
    programs = r->fake.flash.programs;
    deliver(&o, 1, 1, 15);
    hwi_outbox_save(&o, false);
    assert_int_equal(r->fake.flash.programs, programs);
    add(&o, 16);
    open_outbox(r, &o, 2);
    deliver(&o, 1, 16, 16);
    add_range(&o, 1, 16);
    deliver(&o, 2, 1, 16);
    programs = r->fake.flash.programs;
    hwi_outbox_save(&o, false);
    assert_int_equal(r->fake.flash.programs, programs + 1);
    hwi_outbox_save(&o, true);
    assert_int_equal(r->fake.flash.programs, programs + 1);
    open_outbox(r, &o, 3);
    assert_none(&o);
}

static void test_restart_time_learned_late_is_remembered(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    struct hwi_entry e = {.seq = 1, .measured_ms = 500};

    give_flash(r, 1024, 4);
    for (e.boot = 1; e.boot <= HWI_BOOT_TIMES_MAX + 2; e.boot++) {
        open_outbox(r, &o, e.boot);
        hwi_outbox_learn_time(&o, 1); /* nothing needs it */
        hwi_outbox_add(&o, &e);
        hwi_outbox_learn_time(&o, e.boot * 1000);
        hwi_outbox_learn_time(&o, 2);
    }
    open_outbox(r, &o, 90);
    for (uint32_t boot = 1; boot <= HWI_BOOT_TIMES_MAX + 2; boot++) {
        assert_true(hwi_outbox_next(&o, &e));
        assert_int_equal(e.boot, boot);
        assert_int_equal(hwi_outbox_unix_ms(&o, &e),
                         boot <= 2 ? 0 : boot * 1000 + 500);
        assert_true(hwi_outbox_mark(&o, e.ticket, HWI_ENTRY_DONE));
    }
}

/* No room ------------------------------------------------------------------- */

static void test_full_drops_the_oldest_sector(void **state)
{
    static const uint32_t sectors[] = {0, 4};
    struct rig *r = *state;

    for (size_t i = 0; i < 2; i++) {
        struct hwi_outbox o;
        uint32_t seq = 0;
        uint32_t lost;
        give_flash(r, 1024, sectors[i]);
        open_outbox(r, &o, 1);
        while (o.lost == 0) {
            add(&o, ++seq);
        }
        lost = o.lost;
        assert_in_range(lost, 3, 14);
        assert_lost(&o, 0, 1, 1, lost);
        assert_int_equal(hwi_outbox_waiting(&o), seq - lost);
        deliver(&o, 1, lost + 1, seq);
        assert_none(&o);
    }
}

static void test_full_loss_is_known_after_a_restart(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    uint32_t lost;

    give_flash(r, 1024, 3);
    open_outbox(r, &o, 1);
    add_range(&o, 1, 60);
    lost = o.lost;
    assert_true(lost > 10);
    open_outbox(r, &o, 2);
    assert_lost(&o, 0, 1, 1, lost);
    assert_int_equal(hwi_losses_tell(&o.state.losses), 1);
    hwi_outbox_told(&o);
    hwi_outbox_save(&o, false);
    open_outbox(r, &o, 3);
    assert_int_equal(o.state.losses.count, 0);
    deliver(&o, 1, lost + 1, 60);
    assert_none(&o);
}

static void test_full_of_what_is_done_loses_nothing(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;

    give_flash(r, 1024, 3);
    open_outbox(r, &o, 1);
    for (uint32_t seq = 1; seq <= 200; seq++) {
        add(&o, seq);
        deliver(&o, 1, seq, seq);
    }
    assert_int_equal(o.lost, 0);
    assert_true(r->fake.flash.erases > 5);
}

static void test_full_what_is_out_is_not_lost_yet(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    uint32_t first;
    uint32_t second;

    give_flash(r, 1024, 3);
    open_outbox(r, &o, 1);
    add_range(&o, 1, 5);
    (void)send_next(&o, 1, 1);
    (void)send_next(&o, 1, 2);
    add_range(&o, 6, 60);
    assert_int_equal(o.state.losses.ranges[0].from, 3);
    open_outbox(r, &o, 2); /* after a power cut nobody would know */
    assert_int_equal(o.state.losses.ranges[0].from, 3);
    assert_lost(&o, 1, 1, 1, 2);

    give_flash(r, 1024, 3);
    open_outbox(r, &o, 1);
    add_range(&o, 1, 5);
    first = send_next(&o, 1, 1);
    second = send_next(&o, 1, 2);
    add_range(&o, 6, 60);
    assert_true(hwi_outbox_mark(&o, first, HWI_ENTRY_DONE));
    assert_false(hwi_outbox_mark(&o, second, HWI_ENTRY_WAITING));
    assert_lost(&o, 1, 1, 2, 2);
    hwi_outbox_save(&o, true);
    open_outbox(r, &o, 2);
    assert_int_equal(o.state.losses.count, 2);
    assert_lost(&o, 1, 1, 2, 2);
}

static void test_full_drop_newest_keeps_the_old(void **state)
{
    static const uint32_t sectors[] = {0, 3};
    struct rig *r = *state;

    for (size_t i = 0; i < 2; i++) {
        struct hwi_outbox o;
        uint32_t kept = 0;
        give_flash(r, 1024, sectors[i]);
        open_outbox(r, &o, 1);
        o.policy = HAWSER_OUTBOX_DROP_NEWEST;
        while (o.lost == 0) {
            add(&o, ++kept);
        }
        add_range(&o, kept + 1, 120);
        assert_lost(&o, 0, 1, kept, 120);
        hwi_outbox_save(&o, true);
        if (sectors[i] > 0) {
            open_outbox(r, &o, 2);
            assert_lost(&o, 0, 1, kept, 120);
        }
        deliver(&o, 1, 1, kept - 1);
        add(&o, 121); /* there is room again */
        deliver(&o, o.boot, 121, 121);
        assert_none(&o);
    }
}

static void test_full_drop_newest_keeps_what_is_out(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    uint32_t seq = 30;
    uint32_t first;

    give_flash(r, 1024, 4);
    open_outbox(r, &o, 1);
    o.policy = HAWSER_OUTBOX_DROP_NEWEST;
    add_range(&o, 1, seq);
    first = send_next(&o, 1, 1);
    deliver(&o, 1, 2, 20); /* the oldest sector has nothing else */
    while (o.lost == 0) {
        add(&o, ++seq);
    }
    assert_lost(&o, 0, 1, seq, seq);
    assert_true(hwi_outbox_mark(&o, first, HWI_ENTRY_WAITING));
    deliver(&o, 1, 1, 1);
    deliver(&o, 1, 21, seq - 1);
}

static void test_latest_only_keeps_the_last(void **state)
{
    static const uint32_t sectors[] = {0, 4};
    struct rig *r = *state;

    for (size_t i = 0; i < 2; i++) {
        struct hwi_outbox o;
        uint32_t ticket;
        give_flash(r, 1024, sectors[i]);
        open_outbox(r, &o, 1);
        o.policy = HAWSER_OUTBOX_LATEST_ONLY;
        add(&o, 1);
        ticket = send_next(&o, 1, 1);
        add_range(&o, 2, 100);
        assert_int_equal(hwi_outbox_waiting(&o), 1);
        assert_lost(&o, 0, 1, 2, 99);
        assert_true(hwi_outbox_mark(&o, ticket, HWI_ENTRY_DONE));
        deliver(&o, 1, 100, 100);
        assert_none(&o);
    }
}

static void test_add_larger_than_any_room_is_lost(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;

    give_flash(r, 512, 4);
    open_outbox(r, &o, 1);
    add_long(&o, 1, 227); /* beside the state, to the byte */
    assert_int_equal(o.logs[0].waiting, 1);
    add_long(&o, 2, 228); /* memory takes it */
    assert_int_equal(o.logs[1].waiting, 1);
    add_long(&o, 3, 500);
    add_long(&o, 4, HWI_ENTRY_MAX + 1);
    assert_lost(&o, 0, 1, 3, 4);
    deliver(&o, 1, 1, 2);
    assert_none(&o);
}

static void test_lose_is_told_and_remembered(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    struct hwi_entry e;

    give_flash(r, 1024, 4);
    open_outbox(r, &o, 1);
    add_range(&o, 1, 3);
    assert_true(look(&o, &e));
    hwi_outbox_lose(&o, e.ticket);
    add(&o, 4); /* what is lost is known before what was done is */
    open_outbox(r, &o, 2);
    assert_lost(&o, 0, 1, 1, 1);
    deliver(&o, 1, 2, 4);
}

/* Wherever the sector ends: a large state may not fit where a small measurement
 * does, which then must not say that all before it is done. */
static void test_lose_is_remembered_in_any_place(void **state)
{
    struct rig *r = *state;

    for (uint32_t n = 36; n < 48; n++) { /* six in each of eight sectors */
        struct hwi_outbox o;
        struct hwi_entry e;
        unsigned known = 0;
        give_flash(r, 512, 8);
        open_outbox(r, &o, 1);
        for (uint32_t seq = 1; seq <= n; seq++) {
            add_long(&o, seq, 0);
        }
        for (uint32_t seq = 1; seq <= 5; seq++) { /* the sixth waits */
            assert_true(look(&o, &e));
            assert_true(seq % 2 != 0 ||
                        hwi_outbox_mark(&o, e.ticket, HWI_ENTRY_DONE));
            hwi_outbox_lose(&o, e.ticket);
        }
        add_long(&o, n + 1, 0);
        open_outbox(r, &o, 2);
        for (unsigned i = 0; i < o.state.losses.count; i++) {
            known += o.state.losses.ranges[i].count;
        }
        while (look(&o, &e) && e.seq <= 5) {
            known += e.seq % 2;
            assert_true(hwi_outbox_mark(&o, e.ticket, HWI_ENTRY_DONE));
        }
        assert_true(known >= 3);
    }
}

/* It was looked at, and then did not go out. */
static void test_full_what_was_only_looked_at_is_lost(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    struct hwi_entry e;

    give_flash(r, 1024, 3);
    open_outbox(r, &o, 1);
    add_range(&o, 1, 5);
    assert_true(look(&o, &e));
    add_range(&o, 6, 60);
    assert_false(hwi_outbox_mark(&o, e.ticket, HWI_ENTRY_SENT));
    assert_lost(&o, 0, 1, 1, o.lost);
    deliver(&o, 1, o.lost + 1, 60);
    assert_none(&o);
}

static void test_full_what_is_out_of_a_later_sector_stays(void **state)
{
    static const enum hawser_outbox_policy policies[] = {
        HAWSER_OUTBOX_DROP_OLDEST, HAWSER_OUTBOX_DROP_NEWEST};
    struct rig *r = *state;

    for (size_t i = 0; i < 2; i++) {
        struct hwi_outbox o;
        struct hwi_entry e;
        uint32_t seq = 21;
        uint32_t ticket;
        unsigned erases;
        give_flash(r, 1024, 4);
        open_outbox(r, &o, 1);
        o.policy = (uint8_t)policies[i];
        add_range(&o, 1, seq);
        deliver(&o, 1, 1, 19);
        ticket = send_next(&o, 1, 20);
        assert_true(look(&o, &e)); /* 21 */
        erases = r->fake.flash.erases;
        while (r->fake.flash.erases < erases + 3) { /* the first one's again */
            add(&o, ++seq);
        }
        assert_int_equal(o.lost, 0);
        assert_true(hwi_outbox_mark(&o, ticket, HWI_ENTRY_DONE));
        deliver(&o, 1, 21, seq);
        assert_none(&o);
    }
}

static void test_told_of_nothing_writes_nothing(void **state)
{
    struct rig *r = *state;
    struct hwi_outbox o;
    unsigned programs;

    give_flash(r, 1024, 3);
    open_outbox(r, &o, 1);
    add(&o, 1);
    programs = r->fake.flash.programs;
    hwi_outbox_told(&o);
    hwi_outbox_save(&o, false);
    assert_int_equal(r->fake.flash.programs, programs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_next_is_the_oldest_that_waits),
        STORY(test_next_asked_twice_is_the_same),
        STORY(test_next_window_full_waits),
        STORY(test_mark_of_none_is_false),
        STORY(test_restart_brings_back_what_is_not_done),
        STORY(test_restart_without_flash_begins_anew),
        STORY(test_save_is_rare),
        STORY(test_restart_time_learned_late_is_remembered),
        STORY(test_full_drops_the_oldest_sector),
        STORY(test_full_loss_is_known_after_a_restart),
        STORY(test_full_of_what_is_done_loses_nothing),
        STORY(test_full_what_is_out_is_not_lost_yet),
        STORY(test_full_drop_newest_keeps_the_old),
        STORY(test_full_drop_newest_keeps_what_is_out),
        STORY(test_latest_only_keeps_the_last),
        STORY(test_add_larger_than_any_room_is_lost),
        STORY(test_lose_is_told_and_remembered),
        STORY(test_lose_is_remembered_in_any_place),
        STORY(test_full_what_was_only_looked_at_is_lost),
        STORY(test_full_what_is_out_of_a_later_sector_stays),
        STORY(test_told_of_nothing_writes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
