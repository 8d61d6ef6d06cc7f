/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ring. A record is a head of 16 bytes and its JSON, never split: when the
 * end of the room is too near, the ring goes on at its beginning. Heads are
 * copied in and out, so that records need no alignment.
 */
#include "device/outbox.h"

#include "wire/memory.h"

struct head {
    uint64_t measured_ms;
    uint32_t seq;
    uint16_t len;
    uint8_t state;
    uint8_t flags;
};

#define IS_SIMULATED 1u
#define IS_STORED    2u

_Static_assert(sizeof(struct head) == 16, "as outbox.h says");

void hwi_outbox_init(struct hwi_outbox *o, struct hawser_span room)
{
    *o = (struct hwi_outbox){.room = room};
}

static struct head head_at(const struct hwi_outbox *o, size_t at)
{
    struct head h;

    memcpy(&h, o->room.at + at, sizeof(h));
    return h;
}

/* Where the record behind the one at `at` stands. */
static size_t after(const struct hwi_outbox *o, size_t at)
{
    size_t next = at + sizeof(struct head) + head_at(o, at).len;

    return o->is_wrapped && next == o->end ? 0 : next;
}

/* The oldest is DONE, or is given up. */
static void remove_oldest(struct hwi_outbox *o)
{
    size_t next = after(o, o->head);

    if (next < o->head) {
        o->is_wrapped = false;
    }
    o->head = next;
    o->count--;
    if (o->count == 0) {
        o->head = 0;
        o->tail = 0;
        o->is_wrapped = false;
    }
}

static void remove_done(struct hwi_outbox *o)
{
    while (o->count > 0 && head_at(o, o->head).state == HWI_ENTRY_DONE) {
        remove_oldest(o);
    }
}

/* Ranges of what was lost ---------------------------------------------------- */

void hwi_outbox_lose(struct hwi_outbox *o, uint32_t seq)
{
    struct hwi_lost *last =
        &o->lost[o->lost_count == 0 ? 0 : o->lost_count - 1];

    if (o->lost_count > 0 &&
        (seq == last->to + 1 || o->lost_count == HWI_LOST_MAX)) {
        last->from = seq < last->from ? seq : last->from;
        last->to = seq > last->to ? seq : last->to;
        last->count++;
        return;
    }
    o->lost[o->lost_count++] = (struct hwi_lost){seq, seq, 1};
}

/* Adding --------------------------------------------------------------------- */

/* Is there room for len bytes at the tail, or at the beginning? */
static bool make_place(struct hwi_outbox *o, size_t len)
{
    if (o->is_wrapped) {
        return len <= o->head - o->tail;
    }
    if (len <= o->room.size - o->tail) {
        return true;
    }
    if (len > o->head) {
        return false;
    }
    o->end = o->tail;
    o->tail = 0;
    o->is_wrapped = true;
    return true;
}

/* Drops the oldest; true if that was a loss. */
static bool drop_oldest(struct hwi_outbox *o)
{
    struct head oldest = head_at(o, o->head);
    bool is_loss = oldest.state == HWI_ENTRY_WAITING;

    if (is_loss) {
        hwi_outbox_lose(o, oldest.seq);
        o->waiting--;
    }
    remove_oldest(o);
    return is_loss;
}

uint32_t hwi_outbox_add(struct hwi_outbox *o, const struct hwi_entry *entry)
{
    struct head h = {.measured_ms = entry->measured_ms,
                     .seq = entry->seq,
                     .len = (uint16_t)entry->json.len,
                     .state = HWI_ENTRY_WAITING,
                     .flags =
                         (uint8_t)((entry->is_simulated ? IS_SIMULATED : 0) |
                                   (entry->is_stored ? IS_STORED : 0))};
    size_t len = sizeof(h) + entry->json.len;
    uint32_t lost = 0;

    if (len > o->room.size || entry->json.len > UINT16_MAX) {
        hwi_outbox_lose(o, entry->seq);
        return 1;
    }
    while (!make_place(o, len)) {
        lost += drop_oldest(o) ? 1 : 0;
    }
    memcpy(o->room.at + o->tail, &h, sizeof(h));
    if (entry->json.len > 0) {
        memcpy(o->room.at + o->tail + sizeof(h), entry->json.at,
               entry->json.len);
    }
    o->tail += len;
    o->count++;
    o->waiting++;
    return lost;
}

/* Reading -------------------------------------------------------------------- */

bool hwi_outbox_next(const struct hwi_outbox *o, struct hwi_entry *entry)
{
    size_t at = o->head;

    for (uint32_t i = 0; i < o->count; i++) {
        struct head h = head_at(o, at);
        if (h.state == HWI_ENTRY_WAITING) {
            *entry = (struct hwi_entry){
                .seq = h.seq,
                .measured_ms = h.measured_ms,
                .is_simulated = (h.flags & IS_SIMULATED) != 0,
                .is_stored = (h.flags & IS_STORED) != 0,
                .state = h.state,
                .json = {o->room.at + at + sizeof(h), h.len}};
            return true;
        }
        at = after(o, at);
    }
    return false;
}

bool hwi_outbox_mark(struct hwi_outbox *o, uint32_t seq,
                     enum hwi_entry_state state)
{
    size_t at = o->head;

    for (uint32_t i = 0; i < o->count; i++) {
        struct head h = head_at(o, at);
        if (h.seq == seq) {
            o->waiting -= h.state == HWI_ENTRY_WAITING ? 1 : 0;
            o->waiting += state == HWI_ENTRY_WAITING ? 1 : 0;
            h.state = (uint8_t)state;
            memcpy(o->room.at + at, &h, sizeof(h));
            remove_done(o);
            return true;
        }
        at = after(o, at);
    }
    return false;
}
