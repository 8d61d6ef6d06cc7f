/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes what the outbox makes of records that are whole but hold anything:
 * they are read, sent and given up; what is added behind them is found again.
 * The journal below it has a fuzzer of its own.
 */
#include <string.h>

#include "chip.h"
#include "device/medium.h"
#include "device/outbox.h"
#include "fuzz.h"

#define ADDED 20u

static const struct hawser_flash_geometry shapes[] = {
    {512, 2, 1}, {512, 4, 4}, {1024, 3, 16}, {2048, 4, 8}};

/* Input: type, length, so many bytes; again and again. */
static void fill(const struct hawser_port *port, const uint8_t *data,
                 size_t size)
{
    uint8_t frame[HWI_JOURNAL_HEAD + 255 + HWI_JOURNAL_TAIL];
    struct hwi_journal j;

    must(hwi_journal_open(&j, hwi_medium_flash(port, HAWSER_REGION_OUTBOX)) ==
         0);
    while (size >= 2) {
        struct hwi_record record = {.type = data[0] % 3};
        size_t len = data[1] < size - 2 ? data[1] : size - 2;
        record.len = (uint16_t)len;
        memcpy(frame + HWI_JOURNAL_HEAD, data + 2, len);
        if (hwi_journal_append(&j, &record, frame, 0) == HAWSER_E_FULL) {
            return;
        }
        data += 2 + len;
        size -= 2 + len;
    }
}

/* Sends so many; the number of the last that arrived. */
static uint32_t send(struct hwi_outbox *o, unsigned count)
{
    struct hwi_entry e = {.seq = 0};
    uint32_t seq = 0;

    for (unsigned i = 0; i < count && hwi_outbox_next(o, &e); i++) {
        must(e.json.len <= HWI_ENTRY_MAX);
        must(hwi_outbox_mark(o, e.ticket, HWI_ENTRY_SENT));
        (void)hwi_outbox_unix_ms(o, &e);
        if (i % 3 == 2) {
            hwi_outbox_lose(o, e.ticket);
        } else {
            must(hwi_outbox_mark(o, e.ticket, HWI_ENTRY_DONE));
        }
        seq = e.seq;
    }
    return seq;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct hwi_outbox o;
    static uint8_t room[1024];
    static struct chip chip;
    const struct hawser_span memory = {room, sizeof(room)};
    const struct hawser_port port = chip_port(&chip);

    if (size < 2) {
        return 0;
    }
    chip_init(&chip, shapes[data[0] % 4]);
    fill(&port, data + 2, size - 2);
    hwi_outbox_open(&o, &port, memory, 7);
    must(!o.is_failing);
    (void)send(&o, data[1] % 32u);
    for (uint32_t seq = 1; seq <= ADDED; seq++) {
        const struct hwi_entry e = {
            .boot = 7, .seq = seq, .json = {data, size < 60 ? size : 60}};
        hwi_outbox_add(&o, &e);
    }
    hwi_outbox_open(&o, &port, memory, 8);
    must(hwi_outbox_waiting(&o) > 0);
    must(send(&o, UINT32_MAX) == ADDED);
    must(hwi_outbox_count(&o) == 0);
    hwi_outbox_save(&o, true);
    hwi_outbox_open(&o, &port, memory, 9);
    must(hwi_outbox_count(&o) == 0);
    return 0;
}
