/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measurements for the tests of the outbox: each is known from its boot and
 * number in every byte, so that a mixture of two shows.
 */
#ifndef HWI_DEVICE_OUTBOX_TEST_H
#define HWI_DEVICE_OUTBOX_TEST_H

#include "device/story_test.h"

#include "device/losses.h"
#include "device/outbox.h"

static inline void give_flash(struct rig *r, uint32_t sector, uint32_t count)
{
    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX,
                     (struct hawser_flash_geometry){sector, count, 4});
}

static inline void open_outbox(struct rig *r, struct hwi_outbox *o,
                               uint32_t boot)
{
    memset(o, 0xA5, sizeof(*o));
    hwi_outbox_open(o, &r->fake.port, (struct hawser_span){r->outbox, 4096},
                    boot);
    assert_false(o->is_failing);
}

static inline size_t json_len(uint32_t boot, uint32_t seq)
{
    return (boot * 7 + seq * 5) % 40;
}

static inline uint8_t json_byte(uint32_t boot, uint32_t seq, size_t i)
{
    return seq % 5 == 0 ? 0xFF : (uint8_t)(boot * 31 + seq * 7 + i);
}

/* Adds one with so many bytes of JSON. */
static inline void add_long(struct hwi_outbox *o, uint32_t seq, size_t len)
{
    uint8_t json[2000];
    struct hwi_entry e = {.boot = o->boot,
                          .seq = seq,
                          .measured_ms = UINT64_C(7000000000) + seq,
                          .unix_ms = UINT64_C(1790000000000) + seq,
                          .is_simulated = seq % 2 == 1,
                          .is_stored = seq % 3 == 1,
                          .json = {json, len}};

    assert_true(len <= sizeof(json));
    for (size_t i = 0; i < len; i++) {
        json[i] = json_byte(o->boot, seq, i);
    }
    if (len == 0) {
        e.json.at = NULL;
    }
    hwi_outbox_add(o, &e);
}

static inline void add(struct hwi_outbox *o, uint32_t seq)
{
    add_long(o, seq, json_len(o->boot, seq));
}

static inline void add_range(struct hwi_outbox *o, uint32_t from, uint32_t to)
{
    for (uint32_t seq = from; seq <= to; seq++) {
        add(o, seq);
    }
}

/* The next that waits, every byte of it looked at. False: there is none. */
static inline bool look(struct hwi_outbox *o, struct hwi_entry *e)
{
    memset(e, 0xA5, sizeof(*e));
    if (!hwi_outbox_next(o, e)) {
        return false;
    }
    assert_true(e->measured_ms == UINT64_C(7000000000) + e->seq);
    assert_true(e->unix_ms == UINT64_C(1790000000000) + e->seq);
    assert_int_equal(e->is_simulated, e->seq % 2 == 1);
    assert_int_equal(e->is_stored, e->seq % 3 == 1);
    for (size_t i = 0; i < e->json.len; i++) {
        assert_int_equal(e->json.at[i], json_byte(e->boot, e->seq, i));
    }
    return true;
}

/* The next is this one; it goes out. Answers its ticket. */
static inline uint32_t send_next(struct hwi_outbox *o, uint32_t boot,
                                 uint32_t seq)
{
    struct hwi_entry e;

    assert_true(look(o, &e));
    assert_int_equal(e.boot, boot);
    assert_int_equal(e.seq, seq);
    assert_int_equal(e.is_earlier, boot != o->boot);
    assert_true(hwi_outbox_mark(o, e.ticket, HWI_ENTRY_SENT));
    return e.ticket;
}

/* The next ones are these; they go out and arrive. */
static inline void deliver(struct hwi_outbox *o, uint32_t boot, uint32_t from,
                           uint32_t to)
{
    for (uint32_t seq = from; seq <= to; seq++) {
        uint32_t ticket = send_next(o, boot, seq);
        assert_true(hwi_outbox_mark(o, ticket, HWI_ENTRY_DONE));
    }
}

static inline void assert_none(struct hwi_outbox *o)
{
    struct hwi_entry e;

    assert_false(hwi_outbox_next(o, &e));
    assert_int_equal(hwi_outbox_waiting(o), 0);
}

static inline void assert_lost(const struct hwi_outbox *o, unsigned i,
                               uint32_t boot, uint32_t from, uint32_t to)
{
    const struct hwi_lost *l = &o->state.losses.ranges[i];

    assert_true(i < o->state.losses.count);
    assert_int_equal(l->boot, boot);
    assert_int_equal(l->to_boot, boot);
    assert_int_equal(l->from, from);
    assert_int_equal(l->to, to);
    assert_int_equal(l->count, to - from + 1);
}

#endif
