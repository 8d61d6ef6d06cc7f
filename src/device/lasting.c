/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record, little-endian:
 *
 *   0 boot u32   4 session u32   8 floor u64   16 flags u8   17 id u8
 *  18 response u8   19 correlation u8   20 alerts u16
 *  22 window u16   24 broker u32   28 TLS version, cipher, group u8
 *  31 the three texts
 *
 * in a journal of its own; the newest one counts.
 */
#include "device/lasting.h"

#include "device/bytes.h"
#include "device/journal.h"
#include "device/medium.h"
#include "wire/memory.h"

#define TYPE_STATE 1u
#define FIXED_LEN  31u
#define RECORD_MAX \
    (FIXED_LEN + HWI_COMMAND_ID_MAX + HWI_RESPONSE_MAX + HWI_CORRELATION_MAX)

#define FLAG_CLEAN      0x01u
#define FLAG_ANSWER_DUE 0x02u

_Static_assert(16 + HWI_JOURNAL_HEAD + RECORD_MAX + HWI_JOURNAL_TAIL <= 256,
               "a record fits the smallest sector");

/* Record <-> struct --------------------------------------------------------- */

static uint16_t encode(const struct hwi_lasting *l, uint8_t out[RECORD_MAX])
{
    uint32_t len = FIXED_LEN;

    hwi_put_u32(out, l->boot);
    hwi_put_u32(out + 4, l->session);
    hwi_put_u64(out + 8, l->floor_s);
    out[16] = (uint8_t)((l->is_clean ? FLAG_CLEAN : 0) |
                        (l->is_answer_due ? FLAG_ANSWER_DUE : 0));
    out[17] = l->id_len;
    out[18] = l->response_len;
    out[19] = l->correlation_len;
    hwi_put_u16(out + 20, l->alerts);
    hwi_put_u16(out + 22, l->window_s);
    hwi_put_u32(out + 24, l->strength.broker);
    out[28] = l->strength.version;
    out[29] = l->strength.cipher;
    out[30] = l->strength.group;
    memcpy(out + len, l->id, l->id_len);
    len += l->id_len;
    memcpy(out + len, l->response, l->response_len);
    len += l->response_len;
    memcpy(out + len, l->correlation, l->correlation_len);
    return (uint16_t)(len + l->correlation_len);
}

/* Do the lengths add up, and fit? */
static bool is_state(const struct hwi_record *record, const uint8_t *in)
{
    return record->type == TYPE_STATE && record->len >= FIXED_LEN &&
           in[17] <= HWI_COMMAND_ID_MAX && in[18] <= HWI_RESPONSE_MAX &&
           in[19] <= HWI_CORRELATION_MAX &&
           FIXED_LEN + (uint32_t)in[17] + in[18] + in[19] == record->len;
}

static void decode(struct hwi_lasting *l, const uint8_t *in)
{
    const uint8_t *text = in + FIXED_LEN;

    l->boot = hwi_get_u32(in);
    l->session = hwi_get_u32(in + 4);
    l->floor_s = hwi_get_u64(in + 8);
    l->is_clean = (in[16] & FLAG_CLEAN) != 0;
    l->is_answer_due = (in[16] & FLAG_ANSWER_DUE) != 0;
    l->id_len = in[17];
    l->response_len = in[18];
    l->correlation_len = in[19];
    l->alerts = hwi_get_u16(in + 20);
    l->window_s = hwi_get_u16(in + 22);
    l->strength = (struct hwi_strength){.broker = hwi_get_u32(in + 24),
                                        .version = in[28],
                                        .cipher = in[29],
                                        .group = in[30]};
    memcpy(l->id, text, l->id_len);
    text += l->id_len;
    memcpy(l->response, text, l->response_len);
    text += l->response_len;
    memcpy(l->correlation, text, l->correlation_len);
}

/* Load and save ------------------------------------------------------------- */

static int find_newest(struct hwi_lasting *l)
{
    uint8_t bytes[RECORD_MAX] = {0};
    struct hwi_cursor at = {.generation = 0};
    struct hwi_record record;
    int err;

    do {
        err = hwi_journal_read(&l->journal, &at, &record,
                               (struct hawser_span){bytes, sizeof(bytes)});
        if (err == 0 && is_state(&record, bytes)) {
            decode(l, bytes);
        }
    } while (err == 0);
    return err == HAWSER_E_ABSENT ? 0 : err;
}

int hwi_lasting_load(struct hwi_lasting *l, const struct hawser_port *port)
{
    int err;

    *l = (struct hwi_lasting){.boot = 0};
    err = hwi_journal_open(&l->journal,
                           hwi_medium_flash(port, HAWSER_REGION_STATE));
    if (err == 0) {
        err = find_newest(l);
    }
    if (err != 0) {
        *l = (struct hwi_lasting){.is_unreadable = true};
    }
    return err;
}

int hwi_lasting_save(struct hwi_lasting *l)
{
    uint8_t frame[HWI_JOURNAL_HEAD + RECORD_MAX + HWI_JOURNAL_TAIL];
    struct hwi_record record = {.type = TYPE_STATE};
    int err;

    if (l->is_unreadable) {
        return HAWSER_E_STORAGE;
    }
    if (!hwi_journal_is_usable(&l->journal)) {
        return 0;
    }
    record.len = encode(l, frame + HWI_JOURNAL_HEAD);
    err = hwi_journal_append(&l->journal, &record, frame, 0);
    if (err == HAWSER_E_FULL) { /* the newest sector has the newest record */
        hwi_journal_drop_oldest(&l->journal);
        err = hwi_journal_append(&l->journal, &record, frame, 0);
    }
    return err;
}
