/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telemetry that waits for its acknowledgement: a bounded ring in RAM, oldest
 * first. When it is full the oldest is dropped, and what was lost is known
 * exactly, as ranges of sequence numbers.
 */
#ifndef HWI_DEVICE_OUTBOX_H
#define HWI_DEVICE_OUTBOX_H

#include <stdbool.h>

#include "hawser/device.h"

enum hwi_entry_state { HWI_ENTRY_WAITING, HWI_ENTRY_SENT, HWI_ENTRY_DONE };

/* One measurement. json: its members without braces. */
struct hwi_entry {
    uint32_t seq;
    uint64_t measured_ms; /* monotonic */
    bool is_simulated;
    bool is_stored; /* it could not be sent when it was measured */
    uint8_t state;
    struct hawser_view json;
};

/* room: memory that stays; entries of 16 + json bytes go into it. */
void hwi_outbox_init(struct hwi_outbox *o, struct hawser_span room);

/* Adds an entry, seq one above the last. Answers how many were lost for it:
 * older ones that were waiting, or itself if it is larger than the room. An
 * entry that was sent is not lost: the client keeps it. */
uint32_t hwi_outbox_add(struct hwi_outbox *o, const struct hwi_entry *entry);

/* The oldest entry that waits. False: none. The view lives until the next call
 * that changes the outbox. */
bool hwi_outbox_next(const struct hwi_outbox *o, struct hwi_entry *entry);

/* Changes the state of an entry; DONE removes it. False: it is not there. */
bool hwi_outbox_mark(struct hwi_outbox *o, uint32_t seq,
                     enum hwi_entry_state state);

/* Remembers that seq is lost: neither delivered nor here any more. */
void hwi_outbox_lose(struct hwi_outbox *o, uint32_t seq);

#endif
