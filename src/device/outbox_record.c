/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payloads, little-endian; tested by outbox_test.c:
 *
 *  data:   0 boot u32  4 seq u32  8 done u32  12 flags u8  13 measured u64
 *         21 Unix time u64  29 JSON
 *  state:  0 done u32  4 ranges u8  5 times u8
 *          6 ranges: boot, from, to boot, to, count u32
 *            times: boot u32, offset u64
 */
#include "device/outbox_record.h"

#include "device/bytes.h"
#include "wire/memory.h"

#define IS_SIMULATED 0x01u
#define IS_STORED    0x02u

#define STATE_FIXED 6u
#define RANGE_LEN   20u
#define TIME_LEN    12u

uint16_t hwi_outbox_encode_data(uint8_t *out, const struct hwi_entry *entry,
                                uint32_t done)
{
    hwi_put_u32(out, entry->boot);
    hwi_put_u32(out + 4, entry->seq);
    hwi_put_u32(out + 8, done);
    out[12] = (uint8_t)((entry->is_simulated ? IS_SIMULATED : 0) |
                        (entry->is_stored ? IS_STORED : 0));
    hwi_put_u64(out + 13, entry->measured_ms);
    hwi_put_u64(out + 21, entry->unix_ms);
    if (entry->json.len > 0) {
        memcpy(out + HWI_DATA_FIXED, entry->json.at, entry->json.len);
    }
    return (uint16_t)(HWI_DATA_FIXED + entry->json.len);
}

bool hwi_outbox_decode_data(const struct hwi_record *record, const uint8_t *in,
                            struct hwi_entry *entry, uint32_t *done)
{
    if (record->type != HWI_OUTBOX_DATA || record->len < HWI_DATA_FIXED ||
        record->len > HWI_DATA_FIXED + HWI_ENTRY_MAX ||
        hwi_get_u32(in + 8) >= record->number) {
        return false;
    }
    *done = hwi_get_u32(in + 8);
    *entry = (struct hwi_entry){
        .boot = hwi_get_u32(in),
        .seq = hwi_get_u32(in + 4),
        .measured_ms = hwi_get_u64(in + 13),
        .unix_ms = hwi_get_u64(in + 21),
        .is_simulated = (in[12] & IS_SIMULATED) != 0,
        .is_stored = (in[12] & IS_STORED) != 0,
        .json = {in + HWI_DATA_FIXED, record->len - HWI_DATA_FIXED}};
    return true;
}

uint16_t hwi_outbox_encode_state(uint8_t out[HWI_STATE_MAX],
                                 const struct hwi_outbox_state *state)
{
    uint8_t *at = out + STATE_FIXED;

    hwi_put_u32(out, state->done);
    out[4] = state->losses.count;
    out[5] = state->time_count;
    for (unsigned i = 0; i < state->losses.count; i++) {
        const struct hwi_lost *lost = &state->losses.ranges[i];
        hwi_put_u32(at, lost->boot);
        hwi_put_u32(at + 4, lost->from);
        hwi_put_u32(at + 8, lost->to_boot);
        hwi_put_u32(at + 12, lost->to);
        hwi_put_u32(at + 16, lost->count);
        at += RANGE_LEN;
    }
    for (unsigned i = 0; i < state->time_count; i++) {
        hwi_put_u32(at, state->times[i].boot);
        hwi_put_u64(at + 4, state->times[i].offset_ms);
        at += TIME_LEN;
    }
    return (uint16_t)(at - out);
}

/* Do the counts fit, and the length them? */
static bool is_state(const struct hwi_record *record, const uint8_t *in)
{
    return record->type == HWI_OUTBOX_STATE && record->len >= STATE_FIXED &&
           in[4] <= HWI_LOST_MAX && in[5] <= HWI_BOOT_TIMES_MAX &&
           record->len == STATE_FIXED + in[4] * RANGE_LEN + in[5] * TIME_LEN &&
           hwi_get_u32(in) < record->number;
}

bool hwi_outbox_decode_state(const struct hwi_record *record, const uint8_t *in,
                             struct hwi_outbox_state *state)
{
    const uint8_t *at = in + STATE_FIXED;

    if (!is_state(record, in)) {
        return false;
    }
    *state = (struct hwi_outbox_state){.done = hwi_get_u32(in),
                                       .losses = {.count = in[4]},
                                       .time_count = in[5]};
    for (unsigned i = 0; i < state->losses.count; i++) {
        state->losses.ranges[i] = (struct hwi_lost){
            hwi_get_u32(at), hwi_get_u32(at + 4), hwi_get_u32(at + 8),
            hwi_get_u32(at + 12), hwi_get_u32(at + 16)};
        at += RANGE_LEN;
    }
    for (unsigned i = 0; i < state->time_count; i++) {
        state->times[i].boot = hwi_get_u32(at);
        state->times[i].offset_ms = hwi_get_u64(at + 4);
        at += TIME_LEN;
    }
    return true;
}
