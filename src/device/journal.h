/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log of records on flash, oldest first: what was appended is found again
 * after a power cut at any moment, and nothing else is. Records go into a ring
 * of sectors; whole sectors are given up, the oldest first, and only by a call.
 *
 * A record that was cut is skipped and what comes behind it is kept, so power
 * cuts cost no room but that of the record. Nothing but the ends of the log is
 * held in RAM.
 */
#ifndef HWI_DEVICE_JOURNAL_H
#define HWI_DEVICE_JOURNAL_H

#include <stdbool.h>

#include "hawser/device.h"

#define HWI_JOURNAL_HEAD 12u /* bytes before a record's payload */
#define HWI_JOURNAL_TAIL 15u /* the most that may have to stand behind it */

struct hwi_record {
    uint32_t number; /* counts up; by more than one after a failure */
    uint8_t type;    /* the caller's */
    uint16_t len;    /* of the payload */
};

/*
 * Finds the log on the medium. Fewer than two sectors make no log: then it is
 * not usable, and that is no error. Errors: STORAGE (flash cannot be read: the
 * log is not usable, so that nothing in it is overwritten).
 */
int hwi_journal_open(struct hwi_journal *j,
                     struct hwi_medium medium) HAWSER_CHECKED;

bool hwi_journal_is_usable(const struct hwi_journal *j);

/* The longest payload that a record can have. */
uint32_t hwi_journal_payload_max(const struct hwi_journal *j);

/* What a record of this length takes of a sector. */
uint32_t hwi_journal_cost(const struct hwi_journal *j, uint32_t len);

/*
 * Appends record->len bytes, which stand at frame + HWI_JOURNAL_HEAD; the head
 * before them and HWI_JOURNAL_TAIL bytes behind are overwritten. reserve: so
 * many bytes of the sector shall be left for a record that must find room in
 * it; see hwi_journal_cost(). Sets record->number. After 0 it survives a power
 * cut.
 * Errors: FULL (a new sector is needed, and the oldest holds records: drop it,
 * then call again), LIMIT (longer than payload_max), STORAGE (flash failed; a
 * part may stand there and is skipped), STATE (not usable).
 */
int hwi_journal_append(struct hwi_journal *j, struct hwi_record *record,
                       uint8_t *frame, uint32_t reserve) HAWSER_CHECKED;

/* Gives up the oldest sector. Its records are there until an append needs its
 * room, also after a restart: write down first that they do not count. */
void hwi_journal_drop_oldest(struct hwi_journal *j);

/* Before the oldest record of the next sector, behind where the cursor is. */
struct hwi_cursor hwi_journal_next_sector(const struct hwi_journal *j,
                                          struct hwi_cursor at);

/*
 * Reads the record behind the cursor and moves the cursor behind it. A cursor
 * of zeros, or into a sector that was given up, goes to the oldest record. What does not fit into
 * out is left away (out.size < record->len); out may be {NULL, 0}.
 * Errors: ABSENT (there is none), STORAGE (the cursor has not moved).
 */
int hwi_journal_read(const struct hwi_journal *j, struct hwi_cursor *at,
                     struct hwi_record *record,
                     struct hawser_span out) HAWSER_CHECKED;

#endif
