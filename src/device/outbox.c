/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbox: adding, sending, giving up. Each measurement says up to where all
 * before it is done, so that a record of its own is needed only where nothing
 * is added for long. Before a sector is given up, the one that is being written
 * learns what is lost by that, what was lost before, and the rest of the state:
 * it has room for that always, and so the newest state is never given up.
 *
 * While memory holds anything, what is added goes there, too: so all on flash
 * is older than all in memory.
 */
#include "device/outbox.h"

#include "device/losses.h"
#include "device/medium.h"
#include "wire/memory.h"

enum { FLASH, MEMORY };

#define UNSAVED_MAX 16u /* what may be sent twice after a restart */

static bool is_usable(const struct hwi_outbox *o, unsigned which)
{
    return hwi_journal_is_usable(&o->logs[which].journal);
}

/* The window --------------------------------------------------------------- */

static struct hwi_outbox_slot *find_slot(struct hwi_outbox *o, uint32_t ticket)
{
    for (unsigned i = 0; i < o->window_count; i++) {
        if (o->window[i].ticket == ticket) {
            return &o->window[i];
        }
    }
    return NULL;
}

static void remove_slot(struct hwi_outbox *o, const struct hwi_outbox_slot *s)
{
    size_t at = (size_t)(s - o->window);

    o->window_count--;
    memmove(&o->window[at], &o->window[at + 1],
            (o->window_count - at) * sizeof(o->window[0]));
}

/* Up to this number all is done in a log. */
static uint32_t done_of(const struct hwi_outbox *o, unsigned which)
{
    for (unsigned i = 0; i < o->window_count; i++) {
        const struct hwi_outbox_slot *s = &o->window[i];
        if (s->log == which && !s->is_gone) {
            return s->at.number; /* of the one before it */
        }
    }
    return o->logs[which].passed;
}

static void lose(struct hwi_outbox *o, uint32_t boot, uint32_t seq)
{
    hwi_losses_add(&o->state.losses, boot, seq);
    o->lost++;
    o->is_dirty = true;
}

static void lose_slot(struct hwi_outbox *o, const struct hwi_outbox_slot *s)
{
    lose(o, s->boot, s->seq);
    remove_slot(o, s);
}

/* Reading ------------------------------------------------------------------ */

/* The next measurement behind the cursor, and where it stands. */
static int read_entry(struct hwi_outbox *o, unsigned which,
                      struct hwi_cursor *at, struct hwi_entry *entry,
                      struct hwi_cursor *stands)
{
    const struct hwi_outbox_log *log = &o->logs[which];
    struct hwi_record record;
    uint32_t done;
    int err;

    do {
        err =
            hwi_journal_read(&log->journal, at, &record,
                             (struct hawser_span){o->frame, sizeof(o->frame)});
    } while (err == 0 &&
             !hwi_outbox_decode_data(&record, o->frame, entry, &done));
    if (err == 0) {
        entry->is_earlier = record.number <= log->earlier;
        *stands = (struct hwi_cursor){
            .generation = at->generation,
            .offset = at->offset - hwi_journal_cost(&log->journal, record.len),
            .number = record.number - 1};
    }
    return err;
}

/* Takes the next one of a log into the window. */
static bool pull(struct hwi_outbox *o, unsigned which, struct hwi_entry *entry)
{
    struct hwi_outbox_log *log = &o->logs[which];
    struct hwi_cursor stands;
    int err;

    if (log->waiting == 0 || o->window_count == HWI_FLIGHTS_MAX) {
        return false;
    }
    err = read_entry(o, which, &log->next, entry, &stands);
    log->waiting = err == HAWSER_E_ABSENT ? 0 : log->waiting;
    if (err != 0) {
        return false; /* what cannot be read now is tried again */
    }
    log->passed = log->next.number;
    log->waiting--;
    entry->ticket = ++o->ticket;
    o->window[o->window_count++] =
        (struct hwi_outbox_slot){.ticket = entry->ticket,
                                 .boot = entry->boot,
                                 .seq = entry->seq,
                                 .at = stands,
                                 .log = (uint8_t)which};
    return true;
}

/* Reads one of the window again. ABSENT: a worn cell has spoilt it. */
static int read_slot(struct hwi_outbox *o, const struct hwi_outbox_slot *s,
                     struct hwi_entry *entry)
{
    struct hwi_cursor at = s->at;
    struct hwi_cursor stands;
    int err = read_entry(o, s->log, &at, entry, &stands);

    entry->ticket = s->ticket;
    return err == 0 && stands.number != s->at.number ? HAWSER_E_ABSENT : err;
}

/* The first of the window that waits. */
static bool look_again(struct hwi_outbox *o, struct hwi_entry *entry)
{
    unsigned i = 0;

    while (i < o->window_count) {
        const struct hwi_outbox_slot *s = &o->window[i];
        int err = s->is_sent ? HAWSER_E_WAIT : read_slot(o, s, entry);
        if (err == 0) {
            return true;
        }
        if (err == HAWSER_E_ABSENT) {
            lose_slot(o, s);
        } else {
            i++;
        }
    }
    return false;
}

bool hwi_outbox_next(struct hwi_outbox *o, struct hwi_entry *entry)
{
    return look_again(o, entry) || pull(o, FLASH, entry) ||
           pull(o, MEMORY, entry);
}

/* Writing ------------------------------------------------------------------ */

/* What must be left of each sector of flash for the state. */
static uint32_t reserve_of(const struct hwi_outbox *o, unsigned which)
{
    return which == FLASH
               ? hwi_journal_cost(&o->logs[FLASH].journal, HWI_STATE_MAX)
               : 0;
}

static int append(struct hwi_outbox *o, unsigned which,
                  struct hwi_record *record, uint32_t reserve)
{
    struct hwi_journal *j = &o->logs[which].journal;
    int err = hwi_journal_append(j, record, o->frame, reserve);

    if (which == FLASH && err == 0) {
        o->written += hwi_journal_cost(j, record->len);
    }
    if (which == FLASH && (err == 0 || err == HAWSER_E_STORAGE)) {
        o->is_failing = err != 0;
    }
    return err;
}

/* Flash has to know as lost what is out and has no place any more: if the
 * device ends now, nobody will know whether it arrived. */
static int save_state(struct hwi_outbox *o, uint32_t reserve)
{
    struct hwi_outbox_state state = o->state;
    struct hwi_record record = {.type = HWI_OUTBOX_STATE};
    int err;

    state.done = done_of(o, FLASH);
    for (unsigned i = 0; i < o->window_count; i++) {
        const struct hwi_outbox_slot *s = &o->window[i];
        if (s->is_gone) {
            hwi_losses_add(&state.losses, s->boot, s->seq);
        }
    }
    record.len = hwi_outbox_encode_state(o->frame + HWI_JOURNAL_HEAD, &state);
    err = append(o, FLASH, &record, reserve);
    if (err == 0) {
        o->state.done = state.done;
        o->is_dirty = false;
        o->unsaved = 0;
    }
    return err;
}

/* Giving up ---------------------------------------------------------------- */

/* Where the oldest sector ends. */
static struct hwi_cursor end_of_oldest(const struct hwi_outbox_log *log)
{
    return hwi_journal_next_sector(&log->journal,
                                   (struct hwi_cursor){.generation = 0});
}

/* Is there anything in the oldest sector that is not done? */
static bool is_oldest_needed(struct hwi_outbox *o, unsigned which)
{
    const struct hwi_outbox_log *log = &o->logs[which];
    uint32_t end = end_of_oldest(log).generation;
    struct hwi_cursor at = log->next;
    struct hwi_cursor stands = {.generation = end};
    struct hwi_entry entry;

    for (unsigned i = 0; i < o->window_count; i++) {
        const struct hwi_outbox_slot *s = &o->window[i];
        if (s->log == which && !s->is_gone && s->at.generation < end) {
            return true;
        }
    }
    return at.generation < end &&
           read_entry(o, which, &at, &entry, &stands) == 0 &&
           stands.generation < end;
}

/* Loses what waits in a log, up to a sector. */
static void give_up(struct hwi_outbox *o, unsigned which, uint32_t end)
{
    struct hwi_outbox_log *log = &o->logs[which];
    struct hwi_cursor at = log->next;
    struct hwi_cursor stands;
    struct hwi_entry entry;
    unsigned i = 0;

    while (i < o->window_count) {
        const struct hwi_outbox_slot *s = &o->window[i];
        if (s->log == which && !s->is_sent && s->at.generation < end) {
            lose_slot(o, s);
        } else {
            i++;
        }
    }
    while (log->waiting > 0 && at.generation < end &&
           read_entry(o, which, &at, &entry, &stands) == 0 &&
           stands.generation < end) {
        lose(o, entry.boot, entry.seq);
        log->waiting--;
        log->passed = at.number;
        log->next = at;
    }
}

/* Gives up the oldest sector. What of it is out may still arrive. */
static void drop_oldest(struct hwi_outbox *o, unsigned which)
{
    struct hwi_journal *j = &o->logs[which].journal;
    uint32_t end = end_of_oldest(&o->logs[which]).generation;

    give_up(o, which, end);
    for (unsigned i = 0; i < o->window_count; i++) {
        struct hwi_outbox_slot *s = &o->window[i];
        s->is_gone = s->is_gone || (s->log == which && s->at.generation < end);
    }
    if (which == FLASH && save_state(o, 0) != 0) {
        o->is_dirty = true; /* once more in the next sector */
    }
    hwi_journal_drop_oldest(j);
}

/* Adding ------------------------------------------------------------------- */

/* Nothing of a log waits: reading goes on with what is appended next. So a
 * record that flash kept, though it said that it failed, does not come again
 * when memory has delivered it. */
static void skip_all(struct hwi_outbox_log *log)
{
    const struct hwi_journal *j = &log->journal;

    if (log->waiting == 0) {
        log->passed = j->number;
        log->next = (struct hwi_cursor){.generation = j->generation,
                                        .offset = j->offset,
                                        .number = j->number};
    }
}

/* Appends to one log, making room if that is allowed. */
static int store(struct hwi_outbox *o, unsigned which,
                 const struct hwi_entry *entry)
{
    struct hwi_record record = {.type = HWI_OUTBOX_DATA};
    uint8_t *payload = o->frame + HWI_JOURNAL_HEAD;
    uint32_t done;
    int err;

    skip_all(&o->logs[which]);
    for (unsigned i = 0;; i++) {
        /* It must not hide losses of which flash does not know. */
        done = o->is_dirty ? o->state.done : done_of(o, which);
        done = which == FLASH ? done : 0;
        record.len = hwi_outbox_encode_data(payload, entry, done);
        err = append(o, which, &record, reserve_of(o, which));
        if (err != HAWSER_E_FULL || i > 0 ||
            (o->policy == HAWSER_OUTBOX_DROP_NEWEST &&
             is_oldest_needed(o, which))) {
            break;
        }
        drop_oldest(o, which);
    }
    if (err == 0) {
        o->logs[which].waiting++;
    }
    if (err == 0 && which == FLASH) {
        o->state.done = done;
        o->unsaved = o->is_dirty ? o->unsaved : 0;
        o->is_time_due = o->is_time_due || entry->unix_ms == 0;
    }
    return err;
}

/* Does memory hold anything? */
static bool is_memory_used(const struct hwi_outbox *o)
{
    bool is_used = o->logs[MEMORY].waiting > 0;

    for (unsigned i = 0; i < o->window_count; i++) {
        is_used = is_used || o->window[i].log == MEMORY;
    }
    return is_used;
}

void hwi_outbox_add(struct hwi_outbox *o, const struct hwi_entry *entry)
{
    int err = HAWSER_E_STORAGE;

    if (entry->json.len > HWI_ENTRY_MAX) {
        lose(o, entry->boot, entry->seq);
        return;
    }
    if (o->policy == HAWSER_OUTBOX_LATEST_ONLY) {
        give_up(o, FLASH, UINT32_MAX);
        give_up(o, MEMORY, UINT32_MAX);
    }
    hwi_outbox_save(o, false);
    if (is_usable(o, FLASH) && !is_memory_used(o)) {
        err = store(o, FLASH, entry);
    }
    if (err == HAWSER_E_STORAGE || err == HAWSER_E_LIMIT) {
        err = store(o, MEMORY, entry);
    }
    if (err != 0) {
        lose(o, entry->boot, entry->seq);
    }
}

/* Sending ------------------------------------------------------------------ */

bool hwi_outbox_mark(struct hwi_outbox *o, uint32_t ticket,
                     enum hwi_entry_state state)
{
    struct hwi_outbox_slot *s = find_slot(o, ticket);

    if (s == NULL) {
        return false;
    }
    if (state == HWI_ENTRY_DONE) {
        o->is_dirty = o->is_dirty || s->is_gone; /* it was not lost */
        o->unsaved++;
        remove_slot(o, s);
        return true;
    }
    if (state == HWI_ENTRY_WAITING && s->is_gone) {
        lose_slot(o, s);
        return false;
    }
    s->is_sent = state == HWI_ENTRY_SENT;
    return true;
}

void hwi_outbox_lose(struct hwi_outbox *o, uint32_t ticket)
{
    const struct hwi_outbox_slot *s = find_slot(o, ticket);

    if (s != NULL) {
        lose_slot(o, s);
    }
}

void hwi_outbox_told(struct hwi_outbox *o)
{
    o->is_dirty = o->is_dirty || o->state.losses.told > 0;
    hwi_losses_told(&o->state.losses);
}

uint32_t hwi_outbox_waiting(const struct hwi_outbox *o)
{
    uint32_t waiting = o->logs[FLASH].waiting + o->logs[MEMORY].waiting;

    for (unsigned i = 0; i < o->window_count; i++) {
        waiting += o->window[i].is_sent ? 0 : 1;
    }
    return waiting;
}

uint32_t hwi_outbox_count(const struct hwi_outbox *o)
{
    return o->logs[FLASH].waiting + o->logs[MEMORY].waiting + o->window_count;
}

void hwi_outbox_save(struct hwi_outbox *o, bool is_end)
{
    bool is_due = o->is_dirty || o->unsaved >= (is_end ? 1 : UNSAVED_MAX);
    int err;

    if (!is_due || !is_usable(o, FLASH)) {
        return;
    }
    err = save_state(o, reserve_of(o, FLASH));
    if (err == HAWSER_E_FULL && !is_oldest_needed(o, FLASH)) {
        drop_oldest(o, FLASH); /* which saves */
    } else if (err == HAWSER_E_FULL && is_end) {
        (void)save_state(o, 0); /* for that there may be room */
    }
}
