/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record, little-endian:
 *
 *   0 magic u16   2 length u16   4 generation u32   8 boot u32   12 session u32
 *  16 floor u64   24 flags u8   25 id u8   26 response u8   27 correlation u8
 *  28 the three texts   .. CRC-32 of everything before
 *
 * padded with 0xFF to whole program units. A sector whose rest is not erased
 * (a cut record) is left alone and the next one is used. The sector with the
 * newest whole record is never erased.
 */
#include "device/lasting.h"

#include "wire/crc32.h"
#include "wire/memory.h"

#define MAGIC    0x4831u /* "1H": the first layout */
#define HEAD_LEN 28u
#define CRC_LEN  4u
#define RECORD_MAX                                                            \
    (HEAD_LEN + HWI_COMMAND_ID_MAX + HWI_RESPONSE_MAX + HWI_CORRELATION_MAX + \
     CRC_LEN)
#define UNIT_MAX   16u
#define BUFFER_LEN ((RECORD_MAX + UNIT_MAX - 1) / UNIT_MAX * UNIT_MAX)

#define FLAG_CLEAN      0x01u
#define FLAG_ANSWER_DUE 0x02u

_Static_assert(BUFFER_LEN <= 256, "a record fits the smallest sector");

/* A region while it is read or written. */
struct region {
    const struct hawser_port *port;
    struct hawser_flash_geometry shape;
};

static struct region region_of(const struct hawser_port *port)
{
    struct region r = {.port = port};

    port->flash_geometry(port->ctx, HAWSER_REGION_STATE, &r.shape);
    return r;
}

/* Fewer than two sectors cannot hold an old record and a new one. */
static bool is_usable(const struct region *r)
{
    return r->shape.sector_count >= 2;
}

static int read_at(const struct region *r, uint32_t sector, uint32_t offset,
                   struct hawser_span out)
{
    return r->port->flash_read(r->port->ctx, HAWSER_REGION_STATE,
                               sector * r->shape.sector_size + offset, out.at,
                               out.size);
}

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

static uint32_t padded(const struct region *r, uint32_t len)
{
    uint32_t unit = r->shape.program_size;

    return (len + unit - 1) / unit * unit;
}

/* Record <-> struct --------------------------------------------------------- */

static uint32_t encode(const struct hwi_lasting *l, uint8_t out[BUFFER_LEN])
{
    uint32_t len = HEAD_LEN;

    memset(out, 0xFF, BUFFER_LEN);
    put_u32(out + 4, l->generation);
    put_u32(out + 8, l->boot);
    put_u32(out + 12, l->session);
    put_u32(out + 16, (uint32_t)l->floor_s);
    put_u32(out + 20, (uint32_t)(l->floor_s >> 32));
    out[24] = (uint8_t)((l->is_clean ? FLAG_CLEAN : 0) |
                        (l->is_answer_due ? FLAG_ANSWER_DUE : 0));
    out[25] = l->id_len;
    out[26] = l->response_len;
    out[27] = l->correlation_len;
    memcpy(out + len, l->id, l->id_len);
    len += l->id_len;
    memcpy(out + len, l->response, l->response_len);
    len += l->response_len;
    memcpy(out + len, l->correlation, l->correlation_len);
    len += l->correlation_len;
    put_u32(out, MAGIC | (len + CRC_LEN) << 16);
    put_u32(out + len, hwi_crc32((struct hawser_view){out, len}));
    return len + CRC_LEN;
}

/* The record's length from its first four bytes; 0: this is none. */
static uint32_t record_len(const uint8_t *head)
{
    uint32_t word = get_u32(head);
    uint32_t len = word >> 16;

    if ((word & 0xFFFFu) != MAGIC || len < HEAD_LEN + CRC_LEN ||
        len > RECORD_MAX) {
        return 0;
    }
    return len;
}

/* Is it whole, and do its lengths add up? */
static bool is_whole(const uint8_t *record, uint32_t len)
{
    uint32_t texts = (uint32_t)record[25] + record[26] + record[27];

    return get_u32(record + len - CRC_LEN) ==
               hwi_crc32((struct hawser_view){record, len - CRC_LEN}) &&
           record[25] <= HWI_COMMAND_ID_MAX && record[26] <= HWI_RESPONSE_MAX &&
           record[27] <= HWI_CORRELATION_MAX &&
           texts + HEAD_LEN + CRC_LEN == len;
}

static void decode(struct hwi_lasting *l, const uint8_t *in)
{
    const uint8_t *text = in + HEAD_LEN;

    l->generation = get_u32(in + 4);
    l->boot = get_u32(in + 8);
    l->session = get_u32(in + 12);
    l->floor_s = (uint64_t)get_u32(in + 20) << 32 | get_u32(in + 16);
    l->is_clean = (in[24] & FLAG_CLEAN) != 0;
    l->is_answer_due = (in[24] & FLAG_ANSWER_DUE) != 0;
    l->id_len = in[25];
    l->response_len = in[26];
    l->correlation_len = in[27];
    memcpy(l->id, text, l->id_len);
    text += l->id_len;
    memcpy(l->response, text, l->response_len);
    text += l->response_len;
    memcpy(l->correlation, text, l->correlation_len);
}

/* Loading ------------------------------------------------------------------- */

/* Takes the records of a sector, one behind the other, up to the first that is
 * not whole. */
static int scan_sector(struct hwi_lasting *l, const struct region *r,
                       uint32_t sector)
{
    uint8_t buffer[BUFFER_LEN];
    uint32_t at = 0;

    while (at + HEAD_LEN + CRC_LEN <= r->shape.sector_size) {
        uint32_t len;
        int err = read_at(r, sector, at, (struct hawser_span){buffer, 4});
        if (err != 0) {
            return err;
        }
        len = record_len(buffer);
        if (len == 0 || len > r->shape.sector_size - at) {
            return 0;
        }
        err = read_at(r, sector, at, (struct hawser_span){buffer, len});
        if (err != 0 || !is_whole(buffer, len)) {
            return err;
        }
        at += padded(r, len);
        if (get_u32(buffer + 4) > l->generation) {
            decode(l, buffer);
            l->sector = sector;
            l->valid_sector = sector;
            l->offset = at;
        }
    }
    return 0;
}

/* May the sector be written from offset on? */
static int check_erased(const struct hwi_lasting *l, const struct region *r,
                        bool *is_erased)
{
    uint8_t buffer[64];
    uint32_t at = l->offset;

    *is_erased = true;
    while (*is_erased && at < r->shape.sector_size) {
        uint32_t len = r->shape.sector_size - at;
        len = len < sizeof(buffer) ? len : (uint32_t)sizeof(buffer);
        int err = read_at(r, l->sector, at, (struct hawser_span){buffer, len});
        if (err != 0) {
            return err;
        }
        for (uint32_t i = 0; i < len; i++) {
            *is_erased = *is_erased && buffer[i] == 0xFF;
        }
        at += len;
    }
    return 0;
}

int hwi_lasting_load(struct hwi_lasting *l, const struct hawser_port *port)
{
    struct region r = region_of(port);
    bool is_erased = false;
    int err = 0;

    *l = (struct hwi_lasting){.generation = 0};
    if (!is_usable(&r)) {
        return 0;
    }
    for (uint32_t i = 0; i < r.shape.sector_count && err == 0; i++) {
        err = scan_sector(l, &r, i);
    }
    if (err == 0 && l->generation > 0) {
        err = check_erased(l, &r, &is_erased);
    }
    if (err != 0) {
        *l = (struct hwi_lasting){.is_unreadable = true};
    }
    if (!is_erased) {
        l->offset = r.shape.sector_size;
    }
    if (l->generation == 0) {
        l->sector = r.shape.sector_count - 1;
        l->valid_sector = r.shape.sector_count; /* none is to be spared */
    }
    return err;
}

/* Saving -------------------------------------------------------------------- */

/* Goes to the next sector that may be erased, and erases it. */
static int next_sector(struct hwi_lasting *l, const struct region *r)
{
    do {
        l->sector = (l->sector + 1) % r->shape.sector_count;
    } while (l->sector == l->valid_sector);
    l->offset = r->shape.sector_size;
    if (r->port->flash_erase(r->port->ctx, HAWSER_REGION_STATE, l->sector) !=
        0) {
        return HAWSER_E_STORAGE;
    }
    l->offset = 0;
    return 0;
}

int hwi_lasting_save(struct hwi_lasting *l, const struct hawser_port *port)
{
    struct region r = region_of(port);
    uint8_t buffer[BUFFER_LEN];
    uint32_t len;

    if (!is_usable(&r)) {
        return 0;
    }
    if (l->is_unreadable) {
        return HAWSER_E_STORAGE;
    }
    l->generation++;
    len = padded(&r, encode(l, buffer));
    if (len > r.shape.sector_size - l->offset) {
        int err = next_sector(l, &r);
        if (err != 0) {
            return err;
        }
    }
    if (port->flash_program(port->ctx, HAWSER_REGION_STATE,
                            l->sector * r.shape.sector_size + l->offset, buffer,
                            len) != 0) {
        l->offset = r.shape.sector_size; /* who knows what stands there */
        return HAWSER_E_STORAGE;
    }
    l->offset += len;
    l->valid_sector = l->sector;
    return 0;
}
