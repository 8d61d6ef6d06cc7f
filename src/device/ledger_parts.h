/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the ledger share: ledger.c (entries), ledger_item.c (their
 * records), ledger_flash.c (where records stand).
 */
#ifndef HWI_DEVICE_LEDGER_PARTS_H
#define HWI_DEVICE_LEDGER_PARTS_H

#include "device/journal.h"
#include "device/ledger.h"

#define HWI_LEDGER_FRAME \
    (HWI_JOURNAL_HEAD + HWI_LEDGER_RECORD_MAX + HWI_JOURNAL_TAIL)

/* Types of records. */
#define HWI_LEDGER_ITEM 1u
#define HWI_LEDGER_SAID 2u /* the broker has an answer: 4 bytes, the seq */

/* Writes an item; without its result if that is longer than max allows. Answers
 * the record's length. */
uint16_t hwi_ledger_encode(uint32_t seq, const struct hwi_ledger_item *item,
                           uint8_t *out, uint32_t max);

/* Reads an item, whose texts then point into `in`. Answers its seq; 0: it is
 * none. */
uint32_t hwi_ledger_decode(struct hwi_ledger_item *item, const uint8_t *in,
                           uint32_t len);

/* Whether the broker has the answer, in a record that was encoded. */
void hwi_ledger_mark_told(uint8_t *record, bool is_told);
bool hwi_ledger_is_told(const uint8_t *record);

/*
 * Appends a record whose payload stands in the frame, as hwi_journal_append();
 * the oldest sector is given up for it if that must be. Then the entry is to be
 * set to it, and hwi_ledger_carry() to be called. 0 and *at, before the record;
 * STORAGE.
 */
int hwi_ledger_put(struct hwi_ledger *l, struct hwi_record *record,
                   uint8_t *frame, struct hwi_cursor *at) HAWSER_CHECKED;

/* Before a record of this length, behind which the cursor is. */
struct hwi_cursor hwi_ledger_before(const struct hwi_ledger *l,
                                    struct hwi_cursor behind, uint16_t len);

/* Empties the oldest sector if the next one to be used is that. What finds no
 * room is forgotten when it is erased. */
void hwi_ledger_carry(struct hwi_ledger *l);

#endif
