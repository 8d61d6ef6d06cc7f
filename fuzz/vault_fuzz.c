/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes credentials on flash: a region that holds anything at all, a state or a
 * set with a right CRC and any content. What is read lies within its bounds, and
 * what is written then is read again.
 */
#include <string.h>

#include "chip.h"
#include "device/bytes.h"
#include "device/journal.h"
#include "device/medium.h"
#include "device/vault.h"
#include "fuzz.h"
#include "wire/crc32.h"

#define SECTOR  1024u
#define SECTORS 6u
#define SLOT    (2 * SECTOR) /* two sectors each, behind the two of the state */

/* A record in the journal of states. */
static void put_state(const struct hawser_port *port, const uint8_t *data,
                      size_t size)
{
    uint8_t frame[HWI_JOURNAL_HEAD + 600 + HWI_JOURNAL_TAIL] = {0};
    struct hwi_record record = {.type = 1};
    struct hwi_journal j;
    struct hwi_medium all = hwi_medium_flash(port, HAWSER_REGION_CREDENTIALS);

    record.len = (uint16_t)(size < 600 ? size : 600);
    memcpy(frame + HWI_JOURNAL_HEAD, data, record.len);
    must(hwi_journal_open(&j, hwi_medium_part(all, 0, 2)) == 0);
    must(hwi_journal_append(&j, &record, frame, 0) == 0);
}

/* A set in slot A whose CRC is right, if its lengths are. */
static void put_set(struct chip *chip, const uint8_t *data, size_t size)
{
    uint8_t *at = chip->bytes + 2 * SECTOR;
    uint32_t len;
    uint32_t crc;

    memcpy(at, data, size < SLOT ? size : SLOT);
    len = HWI_SET_HEAD + (uint32_t)hwi_get_u16(at + 8) + hwi_get_u16(at + 10) +
          hwi_get_u16(at + 12);
    if (len > SLOT) {
        return;
    }
    crc = hwi_crc32((struct hawser_view){at, HWI_SET_HEAD - 4});
    crc = hwi_crc32_more(
        crc, (struct hawser_view){at + HWI_SET_HEAD, len - HWI_SET_HEAD});
    hwi_put_u32(at + HWI_SET_HEAD - 4, crc);
}

static void read_and_write(struct hwi_vault *v, const struct hawser_port *port)
{
    static uint8_t room[SLOT];
    struct hawser_span blob = {room, sizeof(room)};
    struct hwi_set set;
    struct hwi_vault again;

    for (int slot = HWI_SLOT_A; slot <= HWI_SLOT_B; slot++) {
        if (hwi_vault_read(v, (enum hwi_slot)slot, blob, &set) == 0) {
            must((size_t)set.anchors_len + set.chain_len + set.key_len <=
                 SLOT - HWI_SET_HEAD);
        }
    }
    set = (struct hwi_set){.generation = 7, .anchors_len = 300};
    must(hwi_vault_write(v, HWI_SLOT_B, &set, blob) == 0);
    v->state.generation = 7;
    if (hwi_vault_save(v) != 0 || v->journal.number > UINT32_MAX - 9) {
        return; /* nobody gets there by writing */
    }
    must(hwi_vault_open(&again, port) == 0);
    must(again.state.generation == 7);
    must(hwi_vault_read(&again, HWI_SLOT_B, blob, &set) == 0);
    must(set.generation == 7 && set.anchors_len == 300);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct chip chip;
    const struct hawser_port port = chip_port(&chip);
    struct hwi_vault v;

    if (size < 1 || size > 1 + SECTOR * SECTORS) {
        return 0;
    }
    chip_init(&chip, (struct hawser_flash_geometry){SECTOR, SECTORS, 4});
    if (data[0] % 3 == 0) {
        memcpy(chip.bytes, data + 1, size - 1);
    } else if (data[0] % 3 == 1) {
        put_state(&port, data + 1, size - 1);
    } else {
        put_set(&chip, data + 1, size - 1);
    }
    must(hwi_vault_open(&v, &port) == 0);
    must(v.state.active <= HWI_SLOT_B && v.state.previous <= HWI_SLOT_NONE &&
         v.state.pending <= HWI_SLOT_NONE);
    must(v.state.id_len <= sizeof(v.state.id) &&
         v.state.key_len <= sizeof(v.state.key));
    read_and_write(&v, &port);
    return 0;
}
