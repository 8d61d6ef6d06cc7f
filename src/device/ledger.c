/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger: what is known of each command, and what that means. The newest
 * record of a seq counts.
 */
#include "device/ledger.h"

#include "device/bytes.h"
#include "device/ledger_parts.h"
#include "device/medium.h"
#include "wire/crc32.h"
#include "wire/memory.h"

#define SECTOR_MIN 512u
#define CROWDED    (HWI_LEDGER_MAX / 2)

_Static_assert(16 + HWI_JOURNAL_HEAD + HWI_LEDGER_RECORD_MAX - HWI_RESULT_MAX +
                       HWI_JOURNAL_TAIL <=
                   SECTOR_MIN,
               "all but the result fits the smallest sector");

/* Entries in RAM ------------------------------------------------------------ */

static uint32_t hash_of(struct hawser_view id)
{
    return hwi_crc32(id);
}

/* Where a command's entry stands; HWI_LEDGER_MAX: it has none. */
static unsigned place_of(const struct hwi_ledger *l, uint32_t seq)
{
    unsigned i = 0;

    while (i < HWI_LEDGER_MAX && (seq == 0 || l->entries[i].seq != seq)) {
        i++;
    }
    return i;
}

static struct hwi_ledger_entry *entry_of(struct hwi_ledger *l, uint32_t seq)
{
    unsigned i = place_of(l, seq);

    return i < HWI_LEDGER_MAX ? &l->entries[i] : NULL;
}

/* A free place, or that of the oldest which may be forgotten. */
static struct hwi_ledger_entry *place_for_new(struct hwi_ledger *l)
{
    struct hwi_ledger_entry *best = NULL;

    for (unsigned i = 0; i < HWI_LEDGER_MAX; i++) {
        struct hwi_ledger_entry *e = &l->entries[i];
        if (e->seq == 0) {
            return e;
        }
        if (e->state == HWI_LEDGER_TOLD &&
            (best == NULL || e->seq < best->seq)) {
            best = e;
        }
    }
    return best;
}

uint32_t hwi_ledger_next(const struct hwi_ledger *l,
                         enum hwi_ledger_state state, uint32_t after)
{
    uint32_t best = 0;

    for (unsigned i = 0; i < HWI_LEDGER_MAX; i++) {
        const struct hwi_ledger_entry *e = &l->entries[i];
        if (e->seq > after && e->state == state &&
            (best == 0 || e->seq < best)) {
            best = e->seq;
        }
    }
    return best;
}

enum hwi_ledger_state hwi_ledger_state_of(const struct hwi_ledger *l,
                                          uint32_t seq)
{
    unsigned i = place_of(l, seq);

    return i < HWI_LEDGER_MAX ? (enum hwi_ledger_state)l->entries[i].state
                              : HWI_LEDGER_TOLD;
}

bool hwi_ledger_is_crowded(const struct hwi_ledger *l)
{
    unsigned n = 0;

    for (unsigned i = 0; i < HWI_LEDGER_MAX; i++) {
        const struct hwi_ledger_entry *e = &l->entries[i];
        n += e->seq != 0 && e->state != HWI_LEDGER_TOLD ? 1 : 0;
    }
    return n >= CROWDED;
}

/* Writing ------------------------------------------------------------------- */

static int put_item(struct hwi_ledger *l, uint32_t seq,
                    const struct hwi_ledger_item *item, struct hwi_cursor *at)
{
    uint8_t frame[HWI_LEDGER_FRAME];
    struct hwi_record record = {.type = HWI_LEDGER_ITEM};
    uint32_t max = hwi_journal_payload_max(&l->journal);

    max = max < HWI_LEDGER_RECORD_MAX ? max : HWI_LEDGER_RECORD_MAX;
    record.len = hwi_ledger_encode(seq, item, frame + HWI_JOURNAL_HEAD, max);
    return hwi_ledger_put(l, &record, frame, at);
}

int hwi_ledger_begin(struct hwi_ledger *l, const struct hwi_ledger_item *item,
                     uint32_t *seq)
{
    struct hwi_ledger_entry *e = place_for_new(l);
    struct hwi_cursor at;

    if (!hwi_journal_is_usable(&l->journal)) {
        return HAWSER_E_STATE;
    }
    if (e == NULL) {
        return HAWSER_E_FULL;
    }
    l->seq++; /* also if it fails: its record may stand there all the same */
    if (put_item(l, l->seq, item, &at) != 0) {
        return HAWSER_E_STORAGE;
    }
    *e = (struct hwi_ledger_entry){.seq = l->seq,
                                   .hash = hash_of(item->texts[HWI_LEDGER_ID]),
                                   .at = at,
                                   .state = HWI_LEDGER_RUNNING};
    *seq = l->seq;
    hwi_ledger_carry(l);
    return 0;
}

int hwi_ledger_finish(struct hwi_ledger *l, uint32_t seq,
                      const struct hwi_ledger_item *item)
{
    uint8_t bytes[HWI_LEDGER_RECORD_MAX];
    struct hwi_ledger_entry *e = entry_of(l, seq);
    struct hwi_ledger_item whole;
    struct hwi_cursor at;
    uint32_t hash;
    int err;

    if (e == NULL ||
        (e->state != HWI_LEDGER_RUNNING && e->state != HWI_LEDGER_LEFT)) {
        return HAWSER_E_ABSENT;
    }
    hash = e->hash;
    err = hwi_ledger_read(l, seq, (struct hawser_span){bytes, sizeof(bytes)},
                          &whole);
    if (err == 0) {
        whole.boot = item->boot;
        whole.status = item->status;
        for (unsigned i = HWI_LEDGER_CODE; i < HWI_LEDGER_TEXTS; i++) {
            whole.texts[i] = item->texts[i];
        }
        err = put_item(l, seq, &whole, &at);
    }
    if (err != 0) {
        e->state = HWI_LEDGER_TOLD;
        return HAWSER_E_STORAGE;
    }
    /* The beginning may have been forgotten on the way. */
    *e = (struct hwi_ledger_entry){
        .seq = seq, .hash = hash, .at = at, .state = HWI_LEDGER_DONE};
    hwi_ledger_carry(l);
    return 0;
}

void hwi_ledger_sent(struct hwi_ledger *l, uint32_t seq)
{
    struct hwi_ledger_entry *e = entry_of(l, seq);

    if (e != NULL && e->state == HWI_LEDGER_DONE) {
        e->state = HWI_LEDGER_SENT;
    }
}

void hwi_ledger_unsent(struct hwi_ledger *l, uint32_t seq)
{
    struct hwi_ledger_entry *e = entry_of(l, seq);

    if (e != NULL && e->state == HWI_LEDGER_SENT) {
        e->state = HWI_LEDGER_DONE;
    }
}

int hwi_ledger_told(struct hwi_ledger *l, uint32_t seq)
{
    uint8_t frame[HWI_JOURNAL_HEAD + 4 + HWI_JOURNAL_TAIL];
    struct hwi_record record = {.type = HWI_LEDGER_SAID, .len = 4};
    struct hwi_ledger_entry *e = entry_of(l, seq);
    struct hwi_cursor at;
    int err;

    if (e == NULL || e->state != HWI_LEDGER_SENT) {
        return 0;
    }
    e->state = HWI_LEDGER_TOLD;
    hwi_put_u32(frame + HWI_JOURNAL_HEAD, seq);
    err = hwi_ledger_put(l, &record, frame, &at);
    hwi_ledger_carry(l);
    return err;
}

/* Reading ------------------------------------------------------------------- */

int hwi_ledger_read(const struct hwi_ledger *l, uint32_t seq,
                    struct hawser_span room, struct hwi_ledger_item *item)
{
    unsigned i = place_of(l, seq);
    struct hwi_record record;
    struct hwi_cursor at;

    if (i == HWI_LEDGER_MAX) {
        return HAWSER_E_ABSENT;
    }
    at = l->entries[i].at;
    if (hwi_journal_read(&l->journal, &at, &record, room) != 0 ||
        record.type != HWI_LEDGER_ITEM || record.len > room.size ||
        hwi_ledger_decode(item, room.at, record.len) != seq) {
        return HAWSER_E_STORAGE;
    }
    return 0;
}

static bool is_same(struct hawser_view a, struct hawser_view b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

int hwi_ledger_find(const struct hwi_ledger *l, struct hawser_view id,
                    uint32_t *seq)
{
    uint8_t bytes[HWI_LEDGER_RECORD_MAX];
    struct hwi_ledger_item item;
    uint32_t hash = hash_of(id);
    int answer = HAWSER_E_ABSENT;

    *seq = 0;
    for (unsigned i = 0; i < HWI_LEDGER_MAX; i++) {
        const struct hwi_ledger_entry *e = &l->entries[i];
        if (e->seq <= *seq || e->hash != hash) {
            continue; /* of two, the newer counts */
        }
        if (hwi_ledger_read(l, e->seq,
                            (struct hawser_span){bytes, sizeof(bytes)},
                            &item) != 0) {
            return HAWSER_E_STORAGE;
        }
        if (is_same(item.texts[HWI_LEDGER_ID], id)) {
            *seq = e->seq;
            answer = 0;
        }
    }
    return answer;
}

/* Takes an item that was read into the entries. */
static void enter(struct hwi_ledger *l, struct hwi_cursor at,
                  const uint8_t *bytes, uint16_t len)
{
    struct hwi_ledger_item item;
    uint32_t seq = hwi_ledger_decode(&item, bytes, len);
    struct hwi_ledger_entry *e = entry_of(l, seq);

    e = e == NULL ? place_for_new(l) : e;
    if (seq == 0 || e == NULL) {
        return; /* not as we write it */
    }
    *e = (struct hwi_ledger_entry){.seq = seq,
                                   .hash = hash_of(item.texts[HWI_LEDGER_ID]),
                                   .at = at,
                                   .state = HWI_LEDGER_LEFT};
    if (item.status != 0) {
        e->state =
            hwi_ledger_is_told(bytes) ? HWI_LEDGER_TOLD : HWI_LEDGER_DONE;
    }
    l->seq = seq > l->seq ? seq : l->seq;
}

static void enter_told(struct hwi_ledger *l, const uint8_t *bytes, uint16_t len)
{
    struct hwi_ledger_entry *e = entry_of(l, len == 4 ? hwi_get_u32(bytes) : 0);

    if (e != NULL && e->state == HWI_LEDGER_DONE) {
        e->state = HWI_LEDGER_TOLD;
    }
}

static int read_all(struct hwi_ledger *l)
{
    uint8_t bytes[HWI_LEDGER_RECORD_MAX];
    struct hwi_cursor at = {.generation = 0};
    struct hwi_record record;
    int err;

    do {
        err = hwi_journal_read(&l->journal, &at, &record,
                               (struct hawser_span){bytes, sizeof(bytes)});
        if (err == 0 && record.type == HWI_LEDGER_ITEM &&
            record.len <= sizeof(bytes)) {
            enter(l, hwi_ledger_before(l, at, record.len), bytes, record.len);
        } else if (err == 0 && record.type == HWI_LEDGER_SAID) {
            enter_told(l, bytes, record.len);
        }
    } while (err == 0);
    return err == HAWSER_E_ABSENT ? 0 : err;
}

int hwi_ledger_load(struct hwi_ledger *l, const struct hawser_port *port)
{
    struct hwi_medium medium = hwi_medium_flash(port, HAWSER_REGION_COMMANDS);
    int err;

    if (medium.shape.sector_size < SECTOR_MIN) {
        medium.shape.sector_count = 0;
    }
    *l = (struct hwi_ledger){.seq = 0};
    err = hwi_journal_open(&l->journal, medium);
    if (err == 0) {
        err = read_all(l);
    }
    if (err != 0) {
        *l = (struct hwi_ledger){.seq = 0};
        return err;
    }
    hwi_ledger_carry(l);
    return 0;
}
