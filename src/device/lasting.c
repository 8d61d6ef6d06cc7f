/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record, little-endian:
 *
 *   0 boot u32   4 session u32   8 floor u64   16 flags u8
 *  17 short restarts u8   18 alerts u16   20 window u16   22 broker u32
 *  26 TLS version, cipher, group u8
 *
 * in a journal of its own; the newest one counts.
 */
#include "device/lasting.h"

#include "device/bytes.h"
#include "device/journal.h"
#include "device/medium.h"

#define TYPE_STATE 1u
#define RECORD_LEN 29u

#define FLAG_CLEAN 0x01u

/* Record <-> struct --------------------------------------------------------- */

static void encode(const struct hwi_lasting *l, uint8_t out[RECORD_LEN])
{
    hwi_put_u32(out, l->boot);
    hwi_put_u32(out + 4, l->session);
    hwi_put_u64(out + 8, l->floor_s);
    out[16] = l->is_clean ? FLAG_CLEAN : 0;
    out[17] = l->short_restarts;
    hwi_put_u16(out + 18, l->alerts);
    hwi_put_u16(out + 20, l->window_s);
    hwi_put_u32(out + 22, l->strength.broker);
    out[26] = l->strength.version;
    out[27] = l->strength.cipher;
    out[28] = l->strength.group;
}

static void decode(struct hwi_lasting *l, const uint8_t *in)
{
    l->boot = hwi_get_u32(in);
    l->session = hwi_get_u32(in + 4);
    l->floor_s = hwi_get_u64(in + 8);
    l->is_clean = (in[16] & FLAG_CLEAN) != 0;
    l->short_restarts = in[17];
    l->alerts = hwi_get_u16(in + 18);
    l->window_s = hwi_get_u16(in + 20);
    l->strength = (struct hwi_strength){.broker = hwi_get_u32(in + 22),
                                        .version = in[26],
                                        .cipher = in[27],
                                        .group = in[28]};
}

/* Load and save ------------------------------------------------------------- */

static int find_newest(struct hwi_lasting *l)
{
    uint8_t bytes[RECORD_LEN] = {0};
    struct hwi_cursor at = {.generation = 0};
    struct hwi_record record;
    int err;

    do {
        err = hwi_journal_read(&l->journal, &at, &record,
                               (struct hawser_span){bytes, sizeof(bytes)});
        if (err == 0 && record.type == TYPE_STATE && record.len == RECORD_LEN) {
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
    uint8_t frame[HWI_JOURNAL_HEAD + RECORD_LEN + HWI_JOURNAL_TAIL];
    struct hwi_record record = {.type = TYPE_STATE, .len = RECORD_LEN};
    int err;

    if (l->is_unreadable) {
        return HAWSER_E_STORAGE;
    }
    if (!hwi_journal_is_usable(&l->journal)) {
        return 0;
    }
    encode(l, frame + HWI_JOURNAL_HEAD);
    err = hwi_journal_append(&l->journal, &record, frame, 0);
    if (err == HAWSER_E_FULL) { /* the newest sector has the newest record */
        hwi_journal_drop_oldest(&l->journal);
        err = hwi_journal_append(&l->journal, &record, frame, 0);
    }
    return err;
}
