/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the records of the ledger stand. When the journal has taken its last
 * free sector, what is remembered of the oldest one is carried into the new
 * one: so the oldest can be erased at any time, and a power cut in between
 * leaves it there twice. Tested by ledger_test.c and ledger_power_test.c.
 */
#include "device/ledger_parts.h"

static bool is_oldest(const struct hwi_ledger *l,
                      const struct hwi_ledger_entry *e)
{
    const struct hwi_journal *j = &l->journal;

    return e->seq != 0 && e->at.generation <= j->generation - j->count + 1;
}

static void forget_oldest_sector(struct hwi_ledger *l)
{
    for (unsigned i = 0; i < HWI_LEDGER_MAX; i++) {
        if (is_oldest(l, &l->entries[i])) {
            l->entries[i] = (struct hwi_ledger_entry){.seq = 0};
        }
    }
    hwi_journal_drop_oldest(&l->journal);
}

struct hwi_cursor hwi_ledger_before(const struct hwi_ledger *l,
                                    struct hwi_cursor behind, uint16_t len)
{
    behind.offset -= hwi_journal_cost(&l->journal, len);
    behind.number--;
    return behind;
}

/* Appends a record, whose payload stands in the frame. 0 and *at, before it. */
static int append(struct hwi_ledger *l, struct hwi_record *record,
                  uint8_t *frame, struct hwi_cursor *at)
{
    struct hwi_journal *j = &l->journal;
    int err = hwi_journal_append(j, record, frame, 0);

    if (err == 0) {
        *at = (struct hwi_cursor){.generation = j->generation,
                                  .offset = j->offset -
                                            hwi_journal_cost(j, record->len),
                                  .number = record->number - 1};
    }
    return err;
}

/* What is to be carried next: first what must not be forgotten, then the
 * newest. */
static struct hwi_ledger_entry *next_to_carry(struct hwi_ledger *l)
{
    struct hwi_ledger_entry *best = NULL;

    for (unsigned i = 0; i < HWI_LEDGER_MAX; i++) {
        struct hwi_ledger_entry *e = &l->entries[i];
        bool is_free_to_go = e->state == HWI_LEDGER_TOLD;
        if (!is_oldest(l, e)) {
            continue;
        }
        if (best == NULL || (best->state == HWI_LEDGER_TOLD
                                 ? !is_free_to_go || e->seq > best->seq
                                 : !is_free_to_go && e->seq > best->seq)) {
            best = e;
        }
    }
    return best;
}

void hwi_ledger_carry(struct hwi_ledger *l)
{
    uint8_t frame[HWI_LEDGER_FRAME];
    struct hwi_journal *j = &l->journal;
    struct hwi_ledger_entry *e = NULL;
    int err = 0;

    if (j->count < j->medium.shape.sector_count) {
        return;
    }
    for (e = next_to_carry(l); e != NULL && err == 0; e = next_to_carry(l)) {
        struct hwi_cursor at = e->at;
        struct hwi_record record;
        err = hwi_journal_read(j, &at, &record,
                               (struct hawser_span){frame + HWI_JOURNAL_HEAD,
                                                    HWI_LEDGER_RECORD_MAX});
        if (err == 0) {
            hwi_ledger_mark_told(frame + HWI_JOURNAL_HEAD,
                                 e->state == HWI_LEDGER_TOLD);
            err = append(l, &record, frame, &e->at);
        }
    }
}

int hwi_ledger_put(struct hwi_ledger *l, struct hwi_record *record,
                   uint8_t *frame, struct hwi_cursor *at)
{
    int err = append(l, record, frame, at);

    if (err == HAWSER_E_FULL) {
        forget_oldest_sector(l);
        err = append(l, record, frame, at);
    }
    return err == 0 ? 0 : HAWSER_E_STORAGE;
}
