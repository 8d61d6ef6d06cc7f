/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log. Little-endian; heads are padded to whole program units by 0xFF:
 *
 *  sector:  0 magic u32   4 generation u32   8 number u32   12 CRC u32
 *  record:  0 number u32  4 length u16  6 type u8  7 mark u8  8 CRC u32
 *          12 payload
 *
 * A sector's generation counts up from one sector to the next, its number is
 * that of the last record before it. A record's CRC also covers the generation,
 * and its number is above the one before: so neither the rest of an older life
 * of the sector nor the middle of a payload is taken for a record. Numbers and
 * generations do not wrap: flash is worn out long before.
 */
#include "device/journal.h"

#include "device/bytes.h"
#include "device/medium.h"
#include "wire/crc32.h"
#include "wire/memory.h"

#define MAGIC       0x314A5748u /* "HWJ1" */
#define MARK        0xA5u
#define SECTOR_HEAD 16u
#define CHUNK       64u

static uint32_t sector_size(const struct hwi_journal *j)
{
    return j->medium.shape.sector_size;
}

/* The sector of a generation that is in use. */
static uint32_t sector_of(const struct hwi_journal *j, uint32_t generation)
{
    uint32_t all = j->medium.shape.sector_count;

    return (j->newest + all - (j->generation - generation)) % all;
}

static uint32_t oldest_generation(const struct hwi_journal *j)
{
    return j->generation - j->count + 1;
}

bool hwi_journal_is_usable(const struct hwi_journal *j)
{
    return j->medium.shape.sector_count >= 2;
}

uint32_t hwi_journal_cost(const struct hwi_journal *j, uint32_t len)
{
    return hwi_medium_padded(&j->medium, HWI_JOURNAL_HEAD + len);
}

uint32_t hwi_journal_payload_max(const struct hwi_journal *j)
{
    uint32_t max = sector_size(j) - SECTOR_HEAD - HWI_JOURNAL_HEAD;

    return max < UINT16_MAX ? max : UINT16_MAX;
}

/* Sectors ------------------------------------------------------------------- */

/* Reads a sector's head. *generation 0: there is none. */
static int read_head(const struct hwi_journal *j, uint32_t sector,
                     uint32_t *generation, uint32_t *number)
{
    uint8_t head[SECTOR_HEAD];
    int err = hwi_medium_read(&j->medium, sector, 0,
                              (struct hawser_span){head, sizeof(head)});

    *generation = 0;
    if (err == 0 && hwi_get_u32(head) == MAGIC &&
        hwi_get_u32(head + 12) == hwi_crc32((struct hawser_view){head, 12})) {
        *generation = hwi_get_u32(head + 4);
        *number = hwi_get_u32(head + 8);
    }
    return err;
}

/* Erases the sector behind the newest and makes it the newest. */
static int open_sector(struct hwi_journal *j)
{
    uint8_t head[SECTOR_HEAD];
    uint32_t next = (j->newest + 1) % j->medium.shape.sector_count;
    int err;

    if (j->count == j->medium.shape.sector_count) {
        return HAWSER_E_FULL;
    }
    hwi_put_u32(head, MAGIC);
    hwi_put_u32(head + 4, j->generation + 1);
    hwi_put_u32(head + 8, j->number);
    hwi_put_u32(head + 12, hwi_crc32((struct hawser_view){head, 12}));
    err = hwi_medium_erase(&j->medium, next);
    if (err == 0) {
        err = hwi_medium_program(&j->medium, next, 0,
                                 (struct hawser_view){head, sizeof(head)});
    }
    if (err != 0) {
        return HAWSER_E_STORAGE;
    }
    j->newest = next;
    j->generation++;
    j->count++;
    j->offset = SECTOR_HEAD;
    return 0;
}

/* Records ------------------------------------------------------------------- */

/* The CRC of a record's head and generation, to be continued by its payload. */
static uint32_t begin_crc(const uint8_t *head, uint32_t generation)
{
    uint8_t bytes[4];
    uint32_t crc = hwi_crc32((struct hawser_view){head, 8});

    hwi_put_u32(bytes, generation);
    return hwi_crc32_more(crc, (struct hawser_view){bytes, sizeof(bytes)});
}

/* Is the payload whose head was read the one that was written? */
static int check_payload(const struct hwi_journal *j,
                         const struct hwi_cursor *at, const uint8_t *head,
                         bool *is_whole)
{
    uint8_t chunk[CHUNK];
    uint32_t left = hwi_get_u16(head + 4);
    uint32_t offset = at->offset + HWI_JOURNAL_HEAD;
    uint32_t crc = begin_crc(head, at->generation);

    while (left > 0) {
        uint32_t len = left < CHUNK ? left : CHUNK;
        int err = hwi_medium_read(&j->medium, sector_of(j, at->generation),
                                  offset, (struct hawser_span){chunk, len});
        if (err != 0) {
            return err;
        }
        crc = hwi_crc32_more(crc, (struct hawser_view){chunk, len});
        offset += len;
        left -= len;
    }
    *is_whole = crc == hwi_get_u32(head + 8);
    return 0;
}

/* Is there a whole record at the cursor? */
static int read_at(const struct hwi_journal *j, const struct hwi_cursor *at,
                   struct hwi_record *record, bool *is_whole)
{
    uint8_t head[HWI_JOURNAL_HEAD];
    int err =
        hwi_medium_read(&j->medium, sector_of(j, at->generation), at->offset,
                        (struct hawser_span){head, sizeof(head)});

    *is_whole = false;
    *record = (struct hwi_record){.number = hwi_get_u32(head),
                                  .len = hwi_get_u16(head + 4),
                                  .type = head[6]};
    if (err != 0 || head[7] != MARK || record->number <= at->number ||
        record->len > sector_size(j) - at->offset - HWI_JOURNAL_HEAD) {
        return err;
    }
    return check_payload(j, at, head, is_whole);
}

/* The end of what may be read in the cursor's sector. */
static uint32_t end_of(const struct hwi_journal *j, const struct hwi_cursor *at)
{
    return at->generation == j->generation ? j->offset : sector_size(j);
}

/* Goes on in this sector to the next whole record, over what a power cut or a
 * worn cell left behind. ABSENT: there is none. */
static int find_in_sector(const struct hwi_journal *j, struct hwi_cursor *at,
                          struct hwi_record *record)
{
    uint32_t end = end_of(j, at);
    uint32_t erased_from = 0; /* from where it is no use to look */
    bool is_whole = false;
    int err = 0;

    while (err == 0 && at->offset + HWI_JOURNAL_HEAD <= end) {
        err = read_at(j, at, record, &is_whole);
        if (err != 0 || is_whole) {
            return err;
        }
        if (erased_from == 0) {
            err =
                hwi_medium_find_erased(&j->medium, sector_of(j, at->generation),
                                       at->offset, &erased_from);
        }
        at->offset += j->medium.shape.program_size;
        if (at->offset >= erased_from) {
            break;
        }
    }
    return err != 0 ? err : HAWSER_E_ABSENT;
}

struct hwi_cursor hwi_journal_next_sector(const struct hwi_journal *j,
                                          struct hwi_cursor at)
{
    uint32_t oldest = oldest_generation(j);

    return (struct hwi_cursor){
        .generation = (at.generation < oldest ? oldest : at.generation) + 1};
}

/* Puts a cursor into a sector that is in use, behind its head. ABSENT: behind
 * all of them. */
static int settle(const struct hwi_journal *j, struct hwi_cursor *at)
{
    uint32_t oldest = oldest_generation(j);

    if (j->count == 0 || at->generation > j->generation) {
        return HAWSER_E_ABSENT;
    }
    if (at->generation < oldest) {
        *at = (struct hwi_cursor){.generation = oldest};
    }
    if (at->offset == 0) {
        at->offset = SECTOR_HEAD;
    }
    return 0;
}

int hwi_journal_read(const struct hwi_journal *j, struct hwi_cursor *at,
                     struct hwi_record *record, struct hawser_span out)
{
    struct hwi_cursor look = *at;
    int err = settle(j, &look);

    while (err == 0) {
        err = find_in_sector(j, &look, record);
        if (err != HAWSER_E_ABSENT || look.generation >= j->generation) {
            break;
        }
        look = (struct hwi_cursor){.generation = look.generation + 1};
        err = settle(j, &look);
    }
    if (err == 0 && out.size > 0) {
        out.size = out.size < record->len ? out.size : record->len;
        err = hwi_medium_read(&j->medium, sector_of(j, look.generation),
                              look.offset + HWI_JOURNAL_HEAD, out);
    }
    if (err == 0) {
        look.offset += hwi_journal_cost(j, record->len);
        look.number = record->number;
        *at = look;
    }
    return err;
}

/* Opening ------------------------------------------------------------------- */

/* The newest sector, and how far back sectors of the same log reach. */
static int find_sectors(struct hwi_journal *j)
{
    uint32_t all = j->medium.shape.sector_count;
    uint32_t generation = 0;
    uint32_t number = 0;
    int err = 0;

    for (uint32_t i = 0; i < all && err == 0; i++) {
        err = read_head(j, i, &generation, &number);
        if (generation > j->generation) {
            j->generation = generation;
            j->number = number;
            j->newest = i;
        }
    }
    for (uint32_t i = 0; i < all && i < j->generation && err == 0; i++) {
        err =
            read_head(j, sector_of(j, j->generation - i), &generation, &number);
        if (generation == j->generation - i) {
            j->count = i + 1;
        }
    }
    return err;
}

/* Where the log ends in the newest sector. */
static int find_end(struct hwi_journal *j)
{
    struct hwi_cursor at = {.generation = j->generation};
    struct hwi_record record;
    uint32_t end = SECTOR_HEAD;
    int err;

    j->offset = sector_size(j);
    do {
        err = hwi_journal_read(j, &at, &record, (struct hawser_span){NULL, 0});
        if (err == 0) {
            j->number = record.number;
            end = at.offset;
        }
    } while (err == 0);
    if (err != HAWSER_E_ABSENT) {
        return err;
    }
    return hwi_medium_find_erased(&j->medium, j->newest, end, &j->offset);
}

int hwi_journal_open(struct hwi_journal *j, struct hwi_medium medium)
{
    int err;

    *j = (struct hwi_journal){.medium = medium};
    if (!hwi_journal_is_usable(j)) {
        j->medium.shape.sector_count = 0;
        return 0;
    }
    j->newest = medium.shape.sector_count - 1;
    err = find_sectors(j);
    if (err == 0 && j->count > 0) {
        err = find_end(j);
    }
    if (err != 0) {
        *j = (struct hwi_journal){.medium = medium};
        j->medium.shape.sector_count = 0;
    }
    return err;
}

/* Appending ----------------------------------------------------------------- */

static void write_record(const struct hwi_journal *j,
                         const struct hwi_record *record, uint8_t *frame)
{
    struct hawser_view payload = {frame + HWI_JOURNAL_HEAD, record->len};
    uint32_t len = HWI_JOURNAL_HEAD + record->len;

    hwi_put_u32(frame, record->number);
    hwi_put_u16(frame + 4, record->len);
    frame[6] = record->type;
    frame[7] = MARK;
    hwi_put_u32(frame + 8,
                hwi_crc32_more(begin_crc(frame, j->generation), payload));
    memset(frame + len, 0xFF, hwi_medium_padded(&j->medium, len) - len);
}

int hwi_journal_append(struct hwi_journal *j, struct hwi_record *record,
                       uint8_t *frame, uint32_t reserve)
{
    uint32_t cost = hwi_journal_cost(j, record->len);
    int err = 0;

    if (!hwi_journal_is_usable(j)) {
        return HAWSER_E_STATE;
    }
    if (cost + reserve > sector_size(j) - SECTOR_HEAD) {
        return HAWSER_E_LIMIT;
    }
    if (j->count == 0 || cost + reserve > sector_size(j) - j->offset) {
        err = open_sector(j);
    }
    if (err != 0) {
        return err;
    }
    record->number = j->number + 1;
    write_record(j, record, frame);
    err = hwi_medium_program(&j->medium, j->newest, j->offset,
                             (struct hawser_view){frame, cost});
    j->number = record->number; /* it may stand there whole all the same */
    if (err != 0) {
        /* Behind what stands there now, or here again if it is nothing. */
        if (hwi_medium_find_erased(&j->medium, j->newest, j->offset,
                                   &j->offset) != 0) {
            j->offset = sector_size(j);
        }
        return HAWSER_E_STORAGE;
    }
    j->offset += cost;
    return 0;
}

void hwi_journal_drop_oldest(struct hwi_journal *j)
{
    if (j->count > 0) {
        j->count--;
    }
}
