/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The region of credentials: two sectors for a journal of states, the rest in
 * halves for the slots. All numbers are little-endian. A slot:
 *
 *   0 magic u32   4 generation u32   8 anchors u16  10 chain u16  12 key u16
 *  14 0 u16      16 base            32 CRC u32      36 anchors, chain, key
 *
 * The CRC is of all but itself. The state's record stands at encode().
 */
#include "device/vault.h"

#include "device/bytes.h"
#include "device/journal.h"
#include "device/medium.h"
#include "wire/crc32.h"
#include "wire/memory.h"

#define MAGIC         0x31435748u /* "HWC1" */
#define TYPE_STATE    1u          /* a later layout is another type */
#define STATE_SECTORS 2u
#define SECTORS_MIN   4u
#define SECTOR_MIN    1024u
#define CRC_AT        32u

#define FIXED_LEN  40u
#define POINTS_LEN (HAWSER_UPDATE_KEYS * HAWSER_POINT_SIZE)
#define RECORD_MAX \
    (FIXED_LEN + POINTS_LEN + HWI_COMMAND_ID_MAX + HAWSER_KEY_MAX)

#define FLAG_SWITCH 0x01u
#define FLAG_BARRED 0x02u
#define FLAG_ANSWER 0x04u
#define FLAG_FINAL  0x08u
#define FLAG_POINT  0x10u /* and the next bits, one for each update key */

_Static_assert(16 + HWI_JOURNAL_HEAD + RECORD_MAX + HWI_JOURNAL_TAIL <=
                   SECTOR_MIN,
               "a record fits the smallest sector");

/* The state ----------------------------------------------------------------- */

static uint8_t flags_of(const struct hwi_vault_state *s)
{
    uint8_t flags = (uint8_t)((s->is_switch ? FLAG_SWITCH : 0) |
                              (s->is_barred ? FLAG_BARRED : 0) |
                              (s->is_answer_due ? FLAG_ANSWER : 0) |
                              (s->is_final ? FLAG_FINAL : 0));

    for (unsigned i = 0; i < HAWSER_UPDATE_KEYS; i++) {
        flags |= (uint8_t)(s->has_point[i] ? FLAG_POINT << i : 0);
    }
    return flags;
}

static uint16_t encode(const struct hwi_vault_state *s, uint8_t out[RECORD_MAX])
{
    memset(out, 0, FIXED_LEN);
    out[0] = s->active;
    out[1] = s->previous;
    out[2] = s->pending;
    out[3] = s->tries;
    out[4] = flags_of(s);
    out[5] = s->outcome;
    out[6] = s->cause;
    out[7] = s->id_len;
    out[8] = s->key_len;
    hwi_put_u32(out + 12, s->generation);
    for (unsigned i = 0; i < 3; i++) {
        hwi_put_u32(out + 16 + (size_t)4 * i, s->generations[i]);
    }
    hwi_put_u32(out + 28, s->trial_s);
    hwi_put_u64(out + 32, s->deadline_s);
    memcpy(out + FIXED_LEN, s->points, POINTS_LEN);
    memcpy(out + FIXED_LEN + POINTS_LEN, s->id, s->id_len);
    memcpy(out + FIXED_LEN + POINTS_LEN + s->id_len, s->key, s->key_len);
    return (uint16_t)(FIXED_LEN + POINTS_LEN + s->id_len + s->key_len);
}

/* Is it a state, with slots that there are and lengths that add up? */
static bool is_state(const struct hwi_record *record, const uint8_t *in)
{
    return record->type == TYPE_STATE &&
           record->len >= FIXED_LEN + POINTS_LEN && in[0] <= HWI_SLOT_B &&
           in[1] <= HWI_SLOT_NONE && in[2] <= HWI_SLOT_NONE &&
           in[6] < HAWSER_CAUSE_COUNT && in[7] <= HWI_COMMAND_ID_MAX &&
           in[8] <= HAWSER_KEY_MAX &&
           FIXED_LEN + POINTS_LEN + (uint32_t)in[7] + in[8] == record->len;
}

static void decode(struct hwi_vault_state *s, const uint8_t *in)
{
    *s = (struct hwi_vault_state){
        .active = in[0],
        .previous = in[1],
        .pending = in[2],
        .tries = in[3],
        .is_switch = (in[4] & FLAG_SWITCH) != 0,
        .is_barred = (in[4] & FLAG_BARRED) != 0,
        .is_answer_due = (in[4] & FLAG_ANSWER) != 0,
        .is_final = (in[4] & FLAG_FINAL) != 0,
        .outcome = in[5],
        .cause = in[6],
        .id_len = in[7],
        .key_len = in[8],
        .generation = hwi_get_u32(in + 12),
        .trial_s = hwi_get_u32(in + 28),
        .deadline_s = hwi_get_u64(in + 32),
    };
    for (unsigned i = 0; i < 3; i++) {
        s->generations[i] = hwi_get_u32(in + 16 + (size_t)4 * i);
    }
    for (unsigned i = 0; i < HAWSER_UPDATE_KEYS; i++) {
        s->has_point[i] = (in[4] & FLAG_POINT << i) != 0;
    }
    memcpy(s->points, in + FIXED_LEN, POINTS_LEN);
    memcpy(s->id, in + FIXED_LEN + POINTS_LEN, s->id_len);
    memcpy(s->key, in + FIXED_LEN + POINTS_LEN + s->id_len, s->key_len);
}

static int find_newest(struct hwi_vault *v)
{
    uint8_t bytes[RECORD_MAX] = {0};
    struct hwi_cursor at = {.generation = 0};
    struct hwi_record record;
    int err;

    do {
        err = hwi_journal_read(&v->journal, &at, &record,
                               (struct hawser_span){bytes, sizeof(bytes)});
        if (err == 0 && is_state(&record, bytes)) {
            decode(&v->state, bytes);
        }
    } while (err == 0);
    return err == HAWSER_E_ABSENT ? 0 : err;
}

int hwi_vault_open(struct hwi_vault *v, const struct hawser_port *port)
{
    static const struct hwi_vault_state fresh = {.active = HWI_SLOT_FACTORY,
                                                 .previous = HWI_SLOT_NONE,
                                                 .pending = HWI_SLOT_NONE};
    struct hwi_medium all = hwi_medium_flash(port, HAWSER_REGION_CREDENTIALS);
    uint32_t half;
    int err;

    *v = (struct hwi_vault){.state = fresh};
    if (all.shape.sector_count < SECTORS_MIN ||
        all.shape.sector_size < SECTOR_MIN) {
        return 0;
    }
    half = (all.shape.sector_count - STATE_SECTORS) / 2;
    v->slots[0] = hwi_medium_part(all, STATE_SECTORS, half);
    v->slots[1] = hwi_medium_part(all, STATE_SECTORS + half, half);
    err = hwi_journal_open(&v->journal, hwi_medium_part(all, 0, STATE_SECTORS));
    if (err == 0) {
        err = find_newest(v);
    }
    if (err != 0) {
        *v = (struct hwi_vault){.state = fresh};
    }
    return err;
}

bool hwi_vault_is_usable(const struct hwi_vault *v)
{
    return hwi_journal_is_usable(&v->journal);
}

int hwi_vault_save(struct hwi_vault *v)
{
    uint8_t frame[HWI_JOURNAL_HEAD + RECORD_MAX + HWI_JOURNAL_TAIL];
    struct hwi_record record = {.type = TYPE_STATE};
    int err;

    if (!hwi_vault_is_usable(v)) {
        return HAWSER_E_STORAGE;
    }
    record.len = encode(&v->state, frame + HWI_JOURNAL_HEAD);
    err = hwi_journal_append(&v->journal, &record, frame, 0);
    if (err == HAWSER_E_FULL) { /* the newest sector has the newest record */
        hwi_journal_drop_oldest(&v->journal);
        record.len = encode(&v->state, frame + HWI_JOURNAL_HEAD);
        err = hwi_journal_append(&v->journal, &record, frame, 0);
    }
    memset(frame, 0, sizeof(frame)); /* it may hold a key */
    return err == 0 ? 0 : HAWSER_E_STORAGE;
}

/* Slots --------------------------------------------------------------------- */

static const struct hwi_medium *slot_of(const struct hwi_vault *v,
                                        enum hwi_slot slot)
{
    return &v->slots[slot == HWI_SLOT_A ? 0 : 1];
}

uint32_t hwi_vault_room(const struct hwi_vault *v)
{
    const struct hawser_flash_geometry *shape = &v->slots[0].shape;

    return shape->sector_size * shape->sector_count;
}

static uint32_t blob_len(const struct hwi_set *set)
{
    return HWI_SET_HEAD + (uint32_t)set->anchors_len + set->chain_len +
           set->key_len;
}

static uint32_t crc_of(const uint8_t *blob, uint32_t len)
{
    uint32_t crc = hwi_crc32((struct hawser_view){blob, CRC_AT});

    return hwi_crc32_more(
        crc, (struct hawser_view){blob + HWI_SET_HEAD, len - HWI_SET_HEAD});
}

static void put_head(const struct hwi_set *set, uint8_t *blob)
{
    hwi_put_u32(blob, MAGIC);
    hwi_put_u32(blob + 4, set->generation);
    hwi_put_u16(blob + 8, set->anchors_len);
    hwi_put_u16(blob + 10, set->chain_len);
    hwi_put_u16(blob + 12, set->key_len);
    hwi_put_u16(blob + 14, 0);
    memcpy(blob + 16, set->base, HWI_BASE_LEN);
    hwi_put_u32(blob + CRC_AT, crc_of(blob, blob_len(set)));
}

/* Erases what the blob needs and programs it, a sector at a time. */
static int program(const struct hwi_medium *m, struct hawser_view blob)
{
    uint32_t size = m->shape.sector_size;
    int err = 0;

    for (uint32_t at = 0; at < blob.len && err == 0; at += size) {
        size_t len = blob.len - at < size ? blob.len - at : size;
        err = hwi_medium_erase(m, at / size);
        if (err == 0) {
            err = hwi_medium_program(m, at / size, 0,
                                     (struct hawser_view){blob.at + at, len});
        }
    }
    return err == 0 ? 0 : HAWSER_E_STORAGE;
}

int hwi_vault_write(struct hwi_vault *v, enum hwi_slot slot,
                    const struct hwi_set *set, struct hawser_span blob)
{
    uint32_t len = blob_len(set);
    uint32_t padded = hwi_medium_padded(slot_of(v, slot), len);

    if (padded > blob.size || padded > hwi_vault_room(v)) {
        return HAWSER_E_FULL;
    }
    put_head(set, blob.at);
    memset(blob.at + len, 0xFF, padded - len);
    return program(slot_of(v, slot), (struct hawser_view){blob.at, padded});
}

/* Reads the first len bytes of a slot. */
static int read_slot(const struct hwi_medium *m, uint8_t *out, uint32_t len)
{
    uint32_t size = m->shape.sector_size;
    int err = 0;

    for (uint32_t at = 0; at < len && err == 0; at += size) {
        struct hawser_span part = {out + at, len - at < size ? len - at : size};
        err = hwi_medium_read(m, at / size, 0, part);
    }
    return err;
}

static bool take_head(struct hwi_set *set, const uint8_t *head)
{
    *set = (struct hwi_set){
        .generation = hwi_get_u32(head + 4),
        .anchors_len = hwi_get_u16(head + 8),
        .chain_len = hwi_get_u16(head + 10),
        .key_len = hwi_get_u16(head + 12),
    };
    memcpy(set->base, head + 16, HWI_BASE_LEN);
    return hwi_get_u32(head) == MAGIC;
}

int hwi_vault_read(const struct hwi_vault *v, enum hwi_slot slot,
                   struct hawser_span blob, struct hwi_set *set)
{
    const struct hwi_medium *m = slot_of(v, slot);
    uint32_t len;
    int err;

    if (blob.size < HWI_SET_HEAD) {
        return HAWSER_E_FULL;
    }
    if (!hwi_vault_is_usable(v)) {
        return HAWSER_E_ABSENT;
    }
    err = read_slot(m, blob.at, HWI_SET_HEAD);
    if (err != 0) {
        return err;
    }
    if (!take_head(set, blob.at) || blob_len(set) > hwi_vault_room(v)) {
        return HAWSER_E_ABSENT;
    }
    len = blob_len(set);
    if (len > blob.size) {
        return HAWSER_E_FULL;
    }
    err = read_slot(m, blob.at, len);
    if (err == 0 && hwi_get_u32(blob.at + CRC_AT) != crc_of(blob.at, len)) {
        err = HAWSER_E_ABSENT;
    }
    return err;
}
