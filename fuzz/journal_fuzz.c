/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the log on flash: a region that holds anything at all is opened, read,
 * written and opened again. What is appended is found, and reading ends.
 */
#include <string.h>

#include "chip.h"
#include "device/journal.h"
#include "device/medium.h"
#include "fuzz.h"

#define SECTOR  256u
#define SECTORS 4u
#define LEN     24u

/* Reads all; the number of the last. */
static uint32_t read_all(const struct hwi_journal *j)
{
    uint8_t bytes[SECTOR];
    struct hwi_cursor at = {.generation = 0};
    struct hwi_record record = {.number = 0};
    uint32_t last = 0;
    unsigned n = 0;

    while (hwi_journal_read(j, &at, &record,
                            (struct hawser_span){bytes, sizeof(bytes)}) == 0) {
        must(record.len <= hwi_journal_payload_max(j));
        must(++n <= SECTOR * SECTORS);
        last = record.number;
    }
    return last;
}

static void append(struct hwi_journal *j, uint8_t type)
{
    uint8_t frame[HWI_JOURNAL_HEAD + LEN + HWI_JOURNAL_TAIL];
    struct hwi_record record = {.type = type, .len = LEN};
    int err;

    memset(frame, type, sizeof(frame));
    err = hwi_journal_append(j, &record, frame, 0);
    if (err == HAWSER_E_FULL) {
        hwi_journal_drop_oldest(j);
        err = hwi_journal_append(j, &record, frame, 0);
    }
    must(err == 0);
    must(j->number == record.number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t units[] = {1, 4, 8, 16};
    static struct chip chip;
    const struct hawser_port port = chip_port(&chip);
    struct hwi_journal j;
    struct hwi_journal again;

    if (size < 1 || size > 1 + SECTOR * SECTORS) {
        return 0;
    }
    chip_init(&chip, (struct hawser_flash_geometry){SECTOR, SECTORS,
                                                    units[data[0] % 4]});
    memcpy(chip.bytes, data + 1, size - 1);
    must(hwi_journal_open(&j, hwi_medium_flash(&port, HAWSER_REGION_STATE)) ==
         0);
    (void)read_all(&j);
    if (j.number > UINT32_MAX - 100 || j.generation > UINT32_MAX - 100) {
        return 0; /* nobody gets there by writing */
    }
    for (uint8_t i = 0; i < 8; i++) {
        append(&j, i);
    }
    must(hwi_journal_open(&again,
                          hwi_medium_flash(&port, HAWSER_REGION_STATE)) == 0);
    must(again.number == j.number && read_all(&again) == j.number);
    return 0;
}
