/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two kinds of records in the outbox's log: a measurement, and the state,
 * which is what has to be known besides: up to where all is done, what was
 * lost and not yet told, what the time was in boots that learned it late. The
 * newest state counts whole.
 */
#ifndef HWI_DEVICE_OUTBOX_RECORD_H
#define HWI_DEVICE_OUTBOX_RECORD_H

#include <stdbool.h>

#include "device/journal.h"

#define HWI_OUTBOX_DATA  1u /* types of records */
#define HWI_OUTBOX_STATE 2u

#define HWI_DATA_FIXED 29u /* bytes of a measurement before its JSON */
#define HWI_STATE_MAX  (6u + HWI_LOST_MAX * 20u + HWI_BOOT_TIMES_MAX * 12u)

/* One measurement. json: its members without braces. */
struct hwi_entry {
    uint32_t ticket; /* to mark it by; as hwi_outbox_next() gives it */
    uint32_t boot;
    uint32_t seq;
    uint64_t measured_ms; /* monotonic, in that boot */
    uint64_t unix_ms;     /* 0: the time was not known then */
    bool is_simulated;
    bool is_stored;  /* it could not be sent when it was measured */
    bool is_earlier; /* of an earlier run of the device */
    struct hawser_view json;
};

/* Payloads. Encode: answers the length. json: at most HWI_ENTRY_MAX. */
uint16_t hwi_outbox_encode_data(uint8_t *out, const struct hwi_entry *entry,
                                uint32_t done);
uint16_t hwi_outbox_encode_state(uint8_t out[HWI_STATE_MAX],
                                 const struct hwi_outbox_state *state);

/* False: it is none. in: the whole payload, or as much as HWI_DATA_FIXED; json
 * points into it, and *done is below the record's own number. */
bool hwi_outbox_decode_data(const struct hwi_record *record, const uint8_t *in,
                            struct hwi_entry *entry, uint32_t *done);
bool hwi_outbox_decode_state(const struct hwi_record *record, const uint8_t *in,
                             struct hwi_outbox_state *state);

#endif
