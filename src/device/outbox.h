/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telemetry that waits for its acknowledgement, oldest first: on flash, so that
 * it outlives power cuts, and in memory where flash does not take it. What is
 * lost is known exactly, also over restarts; see losses.h.
 *
 * Of what is on flash a window of fixed size is held in RAM: the measurements
 * that are out, and the one that is next.
 */
#ifndef HWI_DEVICE_OUTBOX_H
#define HWI_DEVICE_OUTBOX_H

#include "device/outbox_record.h"

enum hwi_entry_state { HWI_ENTRY_WAITING, HWI_ENTRY_SENT, HWI_ENTRY_DONE };

/* Finds on flash what earlier runs left. Flash that cannot be read is left
 * alone; then memory takes its place, and o->is_failing. room: memory that
 * stays. */
void hwi_outbox_open(struct hwi_outbox *o, const struct hawser_port *port,
                     struct hawser_span room, uint32_t boot);

/* Stores a measurement of this boot, seq one above the last. It may be lost at
 * once, or others for it, as the policy says: o->lost counts them. */
void hwi_outbox_add(struct hwi_outbox *o, const struct hwi_entry *entry);

/* The oldest that waits. False: none, or the window is full. The view lives
 * until the next call. */
bool hwi_outbox_next(struct hwi_outbox *o, struct hwi_entry *entry);

/* Changes the state of one that hwi_outbox_next() gave; DONE removes it. False:
 * it cannot wait again, for its room was given up; it is lost. */
bool hwi_outbox_mark(struct hwi_outbox *o, uint32_t ticket,
                     enum hwi_entry_state state);

/* It will never be delivered. */
void hwi_outbox_lose(struct hwi_outbox *o, uint32_t ticket);

/* What a message told about losses has arrived. */
void hwi_outbox_told(struct hwi_outbox *o);

/* How many wait; how many wait or are out. */
uint32_t hwi_outbox_waiting(const struct hwi_outbox *o);
uint32_t hwi_outbox_count(const struct hwi_outbox *o);

/* Unix time minus monotonic time is known now: also for what was measured
 * before, even when it is sent after a restart. */
void hwi_outbox_learn_time(struct hwi_outbox *o, uint64_t offset_ms);

/* When an entry of an earlier run was measured; 0: nobody knows. */
uint64_t hwi_outbox_unix_ms(const struct hwi_outbox *o,
                            const struct hwi_entry *entry);

/* Lets flash know what was done and told, if that is much (or, is_end: at
 * all): what it does not know is sent and told again after a restart. */
void hwi_outbox_save(struct hwi_outbox *o, bool is_end);

/* How long flash will last. False: nothing is written to flash. */
struct hwi_outbox_wear {
    uint32_t size;   /* bytes of the region */
    uint32_t erases; /* of sectors, since the region is in use */
    bool is_measured;
    uint64_t bytes_per_day; /* of flash used up, in this run */
    uint64_t years_left;    /* until each sector had its 100,000 erases */
};
bool hwi_outbox_wear(const struct hwi_outbox *o, uint64_t now_ms,
                     struct hwi_outbox_wear *out);

#endif
