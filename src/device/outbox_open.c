/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbox from one run to the next: what is found on flash, what the time
 * was in earlier runs, and how long flash will last. Tested by outbox_test.c.
 */
#include "device/medium.h"
#include "device/outbox.h"
#include "wire/memory.h"

#define FLASH_SECTOR_MIN  512u /* the state and a small measurement */
#define MEMORY_SECTOR_MIN 512u
#define MEMORY_SECTOR_MAX 4096u
#define MEMORY_SECTORS    8u
#define ERASES_MAX        100000u /* of a sector: what NOR flash is made for */
#define DAY_MS            UINT64_C(86400000)
#define MEASURED_MS       60000u /* a shorter run says nothing */

/* Recovery ----------------------------------------------------------------- */

/* Reads the next record. */
static int read_next(struct hwi_outbox *o, struct hwi_cursor *at,
                     struct hwi_record *record)
{
    return hwi_journal_read(&o->logs[0].journal, at, record,
                            (struct hawser_span){o->frame, sizeof(o->frame)});
}

/* The newest state, and up to where all is done. */
static int find_state(struct hwi_outbox *o)
{
    struct hwi_cursor at = {.generation = 0};
    struct hwi_record record;
    struct hwi_entry entry;
    uint32_t newest = 0;
    uint32_t done = 0;
    int err;

    while ((err = read_next(o, &at, &record)) == 0) {
        if (hwi_outbox_decode_state(&record, o->frame, &o->state)) {
            done = o->state.done;
        } else if (!hwi_outbox_decode_data(&record, o->frame, &entry, &done)) {
            continue;
        }
        newest = done > newest ? done : newest;
    }
    o->state.done = newest;
    return err;
}

/* Where the first of those begins that wait, and how many they are. */
static int find_waiting(struct hwi_outbox *o)
{
    struct hwi_outbox_log *log = &o->logs[0];
    struct hwi_cursor at = {.generation = 0};
    struct hwi_cursor before = at;
    struct hwi_record record;
    struct hwi_entry entry;
    uint32_t done;
    int err;

    log->earlier = log->journal.number;
    log->passed = o->state.done;
    while ((err = read_next(o, &at, &record)) == 0) {
        if (record.number > o->state.done &&
            hwi_outbox_decode_data(&record, o->frame, &entry, &done)) {
            log->next = log->waiting++ == 0 ? before : log->next;
        }
        before = at;
    }
    log->next = log->waiting == 0 ? at : log->next;
    return err;
}

static void open_flash(struct hwi_outbox *o, const struct hawser_port *port)
{
    struct hwi_medium medium = hwi_medium_flash(port, HAWSER_REGION_OUTBOX);
    struct hwi_journal *j = &o->logs[0].journal;
    int err;

    if (medium.shape.sector_size < FLASH_SECTOR_MIN) {
        medium.shape.sector_count = 0;
    }
    err = hwi_journal_open(j, medium);
    if (err == 0 && hwi_journal_is_usable(j)) {
        err = find_state(o);
        err = err == HAWSER_E_ABSENT ? find_waiting(o) : err;
    }
    if (err != 0 && err != HAWSER_E_ABSENT) {
        o->state = (struct hwi_outbox_state){.done = 0};
        o->logs[0] = (struct hwi_outbox_log){.waiting = 0};
        o->is_failing = true;
    }
}

/* Eight sectors, if memory is neither very small nor very large. */
static void open_memory(struct hwi_outbox *o, struct hawser_span room)
{
    struct hwi_medium medium;
    uint32_t sector = MEMORY_SECTOR_MIN;

    while (sector < MEMORY_SECTOR_MAX &&
           (size_t)sector * 2 * MEMORY_SECTORS <= room.size) {
        sector *= 2;
    }
    medium = hwi_medium_memory(room, sector);
    if (hwi_journal_open(&o->logs[1].journal, medium) != 0) {
        o->is_failing = true; /* memory does not fail */
    }
}

void hwi_outbox_open(struct hwi_outbox *o, const struct hawser_port *port,
                     struct hawser_span room, uint32_t boot)
{
    *o =
        (struct hwi_outbox){.boot = boot, .opened_ms = port->now_ms(port->ctx)};
    open_flash(o, port);
    open_memory(o, room);
}

/* Time --------------------------------------------------------------------- */

void hwi_outbox_learn_time(struct hwi_outbox *o, uint64_t offset_ms)
{
    struct hwi_outbox_state *s = &o->state;

    if (!o->is_time_due) {
        return;
    }
    o->is_time_due = false;
    if (s->time_count == HWI_BOOT_TIMES_MAX) {
        memmove(&s->times[0], &s->times[1],
                sizeof(s->times) - sizeof(s->times[0]));
        s->time_count--;
    }
    s->times[s->time_count++] = (struct hwi_boot_time){o->boot, offset_ms};
    o->is_dirty = true;
    hwi_outbox_save(o, false);
}

uint64_t hwi_outbox_unix_ms(const struct hwi_outbox *o,
                            const struct hwi_entry *entry)
{
    if (entry->unix_ms != 0) {
        return entry->unix_ms;
    }
    for (unsigned i = o->state.time_count; i > 0; i--) {
        const struct hwi_boot_time *t = &o->state.times[i - 1];
        if (t->boot == entry->boot) {
            return entry->measured_ms + t->offset_ms;
        }
    }
    return 0;
}

/* Wear --------------------------------------------------------------------- */

bool hwi_outbox_wear(const struct hwi_outbox *o, uint64_t now_ms,
                     struct hwi_outbox_wear *out)
{
    const struct hwi_journal *j = &o->logs[0].journal;
    const struct hawser_flash_geometry *shape = &j->medium.shape;
    uint64_t run_ms = now_ms - o->opened_ms;
    uint64_t erases_left = (uint64_t)ERASES_MAX * shape->sector_count;

    if (!hwi_journal_is_usable(j)) {
        return false;
    }
    *out = (struct hwi_outbox_wear){.size = shape->sector_size *
                                            shape->sector_count,
                                    .erases = j->generation};
    erases_left -= j->generation < erases_left ? j->generation : erases_left;
    if (run_ms >= MEASURED_MS && o->written > 0) {
        out->is_measured = true;
        out->bytes_per_day = o->written * DAY_MS / run_ms;
        out->years_left =
            erases_left * shape->sector_size / (out->bytes_per_day * 365 + 1);
    }
    return true;
}
