/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ring of telemetry: order, exact fits, wrapping, what is dropped and what
 * of that is a loss. Last a long random run against a plain list.
 */
#include "device/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HEAD_LEN  16
#define ROOM_MAX  70000
#define MODEL_MAX 400

/* The room stands between bytes that nobody may touch. */
struct box {
    struct hwi_outbox o;
    uint8_t before[8];
    uint8_t room[ROOM_MAX];
    uint8_t after[8];
};

static struct box box;

static struct hwi_outbox *with_room(size_t size)
{
    memset(&box, 0xA5, sizeof(box));
    hwi_outbox_init(&box.o, (struct hawser_span){box.room, size});
    return &box.o;
}

static void assert_bounds(void)
{
    for (size_t i = 0; i < sizeof(box.before); i++) {
        assert_int_equal(box.before[i], 0xA5);
        assert_int_equal(box.after[i], 0xA5);
    }
    for (size_t i = box.o.room.size; i < sizeof(box.room); i++) {
        assert_int_equal(box.room[i], 0xA5);
    }
}

static uint8_t json[ROOM_MAX];

/* An entry of so many bytes in all; its JSON shows its seq. */
static uint32_t add(struct hwi_outbox *o, uint32_t seq, size_t len)
{
    struct hwi_entry e = {.seq = seq,
                          .measured_ms = UINT64_C(7000000000) + seq,
                          .is_simulated = seq % 2 == 1,
                          .json = {json, len - HEAD_LEN}};

    memset(json, (int)(seq & 0xFF), len - HEAD_LEN);
    if (len == HEAD_LEN) {
        e.json.at = NULL;
    }
    return hwi_outbox_add(o, &e);
}

static void assert_next(const struct hwi_outbox *o, uint32_t seq, size_t len)
{
    struct hwi_entry e = {.seq = 0};

    assert_true(hwi_outbox_next(o, &e));
    assert_int_equal(e.seq, seq);
    assert_true(e.measured_ms == UINT64_C(7000000000) + seq);
    assert_int_equal(e.is_simulated, seq % 2 == 1);
    assert_int_equal(e.state, HWI_ENTRY_WAITING);
    assert_int_equal(e.json.len, len - HEAD_LEN);
    for (size_t i = 0; i < e.json.len; i++) {
        assert_int_equal(e.json.at[i], seq & 0xFF);
    }
}

static void assert_none(const struct hwi_outbox *o)
{
    struct hwi_entry e;

    assert_false(hwi_outbox_next(o, &e));
    assert_int_equal(o->waiting, 0);
}

static void assert_lost(const struct hwi_outbox *o, unsigned i, uint32_t from,
                        uint32_t to)
{
    assert_true(i < o->lost_count);
    assert_int_equal(o->lost[i].from, from);
    assert_int_equal(o->lost[i].to, to);
    assert_int_equal(o->lost[i].count, to - from + 1);
}

/* Order --------------------------------------------------------------------- */

static void test_next_empty_has_none(void **state)
{
    struct hwi_outbox *o = with_room(1024);

    (void)state;
    assert_none(o);
    assert_false(hwi_outbox_mark(o, 1, HWI_ENTRY_DONE));
}

static void test_next_is_the_oldest_that_waits(void **state)
{
    struct hwi_outbox *o = with_room(1024);

    (void)state;
    for (uint32_t seq = 1; seq <= 4; seq++) {
        assert_int_equal(add(o, seq, 40 + seq), 0);
    }
    assert_next(o, 1, 41);
    assert_true(hwi_outbox_mark(o, 1, HWI_ENTRY_SENT));
    assert_next(o, 2, 42);
    assert_true(hwi_outbox_mark(o, 2, HWI_ENTRY_SENT));
    assert_next(o, 3, 43);
    assert_true(hwi_outbox_mark(o, 1, HWI_ENTRY_WAITING)); /* once more */
    assert_next(o, 1, 41);
    assert_int_equal(o->waiting, 3);
    assert_bounds();
}

static void test_add_entry_without_members_is_kept(void **state)
{
    struct hwi_outbox *o = with_room(1024);

    (void)state;
    assert_int_equal(add(o, 1, HEAD_LEN), 0);
    assert_int_equal(add(o, 2, 30), 0);
    assert_next(o, 1, HEAD_LEN);
    assert_true(hwi_outbox_mark(o, 1, HWI_ENTRY_DONE));
    assert_next(o, 2, 30);
}

/* Marks --------------------------------------------------------------------- */

static void test_mark_done_in_any_order_frees_from_the_oldest(void **state)
{
    struct hwi_outbox *o = with_room(120);

    (void)state;
    for (uint32_t seq = 1; seq <= 3; seq++) {
        (void)add(o, seq, 40);
    }
    assert_true(hwi_outbox_mark(o, 2, HWI_ENTRY_DONE));
    assert_int_equal(o->count, 3); /* the oldest is still in the way */
    assert_int_equal(o->waiting, 2);
    assert_true(hwi_outbox_mark(o, 1, HWI_ENTRY_DONE));
    assert_int_equal(o->count, 1);
    assert_next(o, 3, 40);
    assert_int_equal(add(o, 4, 40), 0);
    assert_int_equal(add(o, 5, 40), 0);
    assert_next(o, 3, 40);
    assert_bounds();
}

static void test_mark_of_one_that_is_gone_is_false(void **state)
{
    struct hwi_outbox *o = with_room(120);

    (void)state;
    (void)add(o, 1, 40);
    (void)add(o, 2, 40);
    assert_false(hwi_outbox_mark(o, 3, HWI_ENTRY_DONE));
    assert_true(hwi_outbox_mark(o, 1, HWI_ENTRY_DONE));
    assert_false(hwi_outbox_mark(o, 1, HWI_ENTRY_WAITING));
    assert_int_equal(o->waiting, 1);
    assert_true(hwi_outbox_mark(o, 2, HWI_ENTRY_DONE));
    assert_int_equal(o->count, 0);
    assert_none(o);
}

static void test_mark_twice_counts_once(void **state)
{
    struct hwi_outbox *o = with_room(120);

    (void)state;
    (void)add(o, 1, 40);
    assert_true(hwi_outbox_mark(o, 1, HWI_ENTRY_SENT));
    assert_true(hwi_outbox_mark(o, 1, HWI_ENTRY_SENT));
    assert_none(o);
    assert_true(hwi_outbox_mark(o, 1, HWI_ENTRY_WAITING));
    assert_true(hwi_outbox_mark(o, 1, HWI_ENTRY_WAITING));
    assert_int_equal(o->waiting, 1);
}

/* Room ---------------------------------------------------------------------- */

static void test_add_exact_fit_loses_nothing(void **state)
{
    struct hwi_outbox *o = with_room(120);

    (void)state;
    for (uint32_t seq = 1; seq <= 3; seq++) {
        assert_int_equal(add(o, seq, 40), 0);
    }
    assert_next(o, 1, 40);
    /* One byte behind the ring's end would be one too many. */
    assert_int_equal(add(o, 4, 41), 2);
    assert_next(o, 3, 40);
    assert_lost(o, 0, 1, 2);
    assert_bounds();
}

static void test_add_exact_fit_at_the_beginning_wraps(void **state)
{
    struct hwi_outbox *o = with_room(120);

    (void)state;
    for (uint32_t seq = 1; seq <= 3; seq++) {
        (void)add(o, seq, 40);
    }
    assert_true(hwi_outbox_mark(o, 1, HWI_ENTRY_DONE));
    assert_int_equal(add(o, 4, 40), 0);
    assert_true(o->is_wrapped);
    /* Full to the last byte: a drop for each. */
    assert_int_equal(add(o, 5, 40), 1);
    assert_int_equal(add(o, 6, 40), 1);
    assert_lost(o, 0, 2, 3);
    for (uint32_t seq = 4; seq <= 6; seq++) {
        assert_next(o, seq, 40);
        assert_true(hwi_outbox_mark(o, seq, HWI_ENTRY_DONE));
    }
    assert_none(o);
    assert_bounds();
}

static void test_add_gap_at_the_end_is_skipped(void **state)
{
    struct hwi_outbox *o = with_room(130);

    (void)state;
    for (uint32_t seq = 1; seq <= 3; seq++) {
        (void)add(o, seq, 40); /* 10 bytes are left behind them */
    }
    assert_int_equal(add(o, 4, 30), 1);
    for (uint32_t seq = 2; seq <= 4; seq++) {
        assert_next(o, seq, seq == 4 ? 30 : 40);
        assert_true(hwi_outbox_mark(o, seq, HWI_ENTRY_SENT));
    }
    for (uint32_t seq = 2; seq <= 4; seq++) {
        assert_true(hwi_outbox_mark(o, seq, HWI_ENTRY_DONE));
    }
    assert_int_equal(o->count, 0);
    assert_bounds();
}

static void test_add_large_one_drops_as_many_as_it_needs(void **state)
{
    struct hwi_outbox *o = with_room(200);

    (void)state;
    for (uint32_t seq = 1; seq <= 5; seq++) {
        (void)add(o, seq, 40);
    }
    assert_int_equal(add(o, 6, 200), 5); /* alone, and it just fits */
    assert_int_equal(o->count, 1);
    assert_lost(o, 0, 1, 5);
    assert_next(o, 6, 200);
    assert_bounds();
}

static void test_add_larger_than_the_room_is_lost_itself(void **state)
{
    struct hwi_outbox *o = with_room(200);

    (void)state;
    (void)add(o, 1, 40);
    assert_int_equal(add(o, 2, 201), 1);
    assert_lost(o, 0, 2, 2);
    assert_int_equal(o->count, 1);
    assert_next(o, 1, 40);
    assert_bounds();
}

static void test_add_longer_than_a_length_is_lost_itself(void **state)
{
    struct hwi_outbox *o = with_room(ROOM_MAX);

    (void)state;
    assert_int_equal(add(o, 1, HEAD_LEN + 65535), 0);
    assert_next(o, 1, HEAD_LEN + 65535);
    assert_int_equal(add(o, 2, HEAD_LEN + 65536), 1);
    assert_lost(o, 0, 2, 2);
    assert_bounds();
}

static void test_add_dropping_what_was_sent_is_no_loss(void **state)
{
    struct hwi_outbox *o = with_room(120);

    (void)state;
    for (uint32_t seq = 1; seq <= 3; seq++) {
        (void)add(o, seq, 40);
    }
    assert_true(hwi_outbox_mark(o, 1, HWI_ENTRY_SENT));
    assert_true(hwi_outbox_mark(o, 2, HWI_ENTRY_DONE)); /* behind the first */
    assert_int_equal(add(o, 4, 40), 0);
    assert_int_equal(add(o, 5, 40), 0);
    assert_int_equal(o->lost_count, 0);
    assert_false(hwi_outbox_mark(o, 1, HWI_ENTRY_DONE)); /* its PUBACK, late */
    assert_int_equal(o->waiting, 3);
    assert_next(o, 3, 40);
}

/* Ranges -------------------------------------------------------------------- */

static void test_lose_neighbours_are_one_range(void **state)
{
    struct hwi_outbox *o = with_room(1024);

    (void)state;
    for (uint32_t seq = 5; seq <= 7; seq++) {
        hwi_outbox_lose(o, seq);
    }
    hwi_outbox_lose(o, 9);
    hwi_outbox_lose(o, 3); /* older, but later lost */
    assert_int_equal(o->lost_count, 3);
    assert_lost(o, 0, 5, 7);
    assert_lost(o, 1, 9, 9);
    assert_lost(o, 2, 3, 3);
}

static void test_lose_more_ranges_than_fit_widens_the_last(void **state)
{
    struct hwi_outbox *o = with_room(1024);
    const struct hwi_lost *last = &o->lost[HWI_LOST_MAX - 1];

    (void)state;
    for (uint32_t i = 0; i < HWI_LOST_MAX; i++) {
        hwi_outbox_lose(o, 100 + 10 * i);
    }
    hwi_outbox_lose(o, 150);
    hwi_outbox_lose(o, 20);
    hwi_outbox_lose(o, 151);
    assert_int_equal(o->lost_count, HWI_LOST_MAX);
    assert_lost(o, 0, 100, 100);
    assert_lost(o, 2, 120, 120);
    assert_int_equal(last->from, 20);
    assert_int_equal(last->to, 151);
    assert_int_equal(last->count, 4); /* exact, though the range is not */
}

/* Against a plain list ------------------------------------------------------ */

struct model {
    struct {
        uint32_t seq;
        size_t len;
        uint8_t state;
    } list[MODEL_MAX];
    unsigned first;
    unsigned end;
};

/* The ring has dropped some of the oldest: how many of them waited. */
static uint32_t follow(struct model *m, const struct hwi_outbox *o)
{
    uint32_t lost = 0;

    while (m->end - m->first > o->count) {
        lost += m->list[m->first++].state == HWI_ENTRY_WAITING ? 1 : 0;
    }
    return lost;
}

static void compare(const struct model *m, const struct hwi_outbox *o)
{
    uint32_t waiting = 0;
    unsigned next = MODEL_MAX;

    for (unsigned i = m->first; i < m->end; i++) {
        if (m->list[i].state == HWI_ENTRY_WAITING) {
            next = next == MODEL_MAX ? i : next;
            waiting++;
        }
    }
    assert_int_equal(o->waiting, waiting);
    if (next == MODEL_MAX) {
        assert_none(o);
    } else {
        assert_next(o, m->list[next].seq, m->list[next].len);
    }
}

static void mark_any(struct model *m, struct hwi_outbox *o, uint32_t random)
{
    unsigned i = m->first + random % (m->end - m->first);
    uint8_t mark = (uint8_t)(random >> 8) % 3;

    assert_true(hwi_outbox_mark(o, m->list[i].seq, mark));
    m->list[i].state = mark;
    while (m->first < m->end && m->list[m->first].state == HWI_ENTRY_DONE) {
        m->first++;
    }
}

static void test_add_and_mark_at_random_is_as_a_list(void **state)
{
    (void)state;
    for (uint32_t run = 0; run < 60; run++) {
        struct hwi_outbox *o = with_room(300 + run);
        struct model m = {.first = 0};
        uint32_t random = run;
        while (m.end < MODEL_MAX) {
            random = random * 1664525u + 1013904223u;
            if (m.first == m.end || random >> 31 == 0) {
                size_t len = HEAD_LEN + (random >> 16) % 70;
                uint32_t lost = add(o, m.end + 1, len);
                m.list[m.end].seq = m.end + 1;
                m.list[m.end].len = len;
                m.list[m.end].state = HWI_ENTRY_WAITING;
                m.end++;
                assert_int_equal(lost, follow(&m, o));
            } else {
                mark_any(&m, o, random >> 8);
            }
            assert_int_equal(o->count, m.end - m.first);
            compare(&m, o);
        }
        assert_bounds();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next_empty_has_none),
        cmocka_unit_test(test_next_is_the_oldest_that_waits),
        cmocka_unit_test(test_add_entry_without_members_is_kept),
        cmocka_unit_test(test_mark_done_in_any_order_frees_from_the_oldest),
        cmocka_unit_test(test_mark_of_one_that_is_gone_is_false),
        cmocka_unit_test(test_mark_twice_counts_once),
        cmocka_unit_test(test_add_exact_fit_loses_nothing),
        cmocka_unit_test(test_add_exact_fit_at_the_beginning_wraps),
        cmocka_unit_test(test_add_gap_at_the_end_is_skipped),
        cmocka_unit_test(test_add_large_one_drops_as_many_as_it_needs),
        cmocka_unit_test(test_add_larger_than_the_room_is_lost_itself),
        cmocka_unit_test(test_add_longer_than_a_length_is_lost_itself),
        cmocka_unit_test(test_add_dropping_what_was_sent_is_no_loss),
        cmocka_unit_test(test_lose_neighbours_are_one_range),
        cmocka_unit_test(test_lose_more_ranges_than_fit_widens_the_last),
        cmocka_unit_test(test_add_and_mark_at_random_is_as_a_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
