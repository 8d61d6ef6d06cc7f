/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A NOR chip played by virtio-blk: flash.h. The disk is asked one block of 512
 * bytes at a time, so that a power cut (the emulator, killed) falls between any
 * two of them. Virtio 1.1: 5.2.
 */
#include "ports/rv32/flash.h"

#include <string.h>

#include "ports/rv32/clock.h"
#include "ports/rv32/virtio.h"

#define BLOCK        512u
#define SECTOR       4096u
#define PROGRAM_SIZE 4u
#define PATIENT_MS   2000u

#define REQUEST_READ  0u
#define REQUEST_WRITE 1u
#define DONE          0u

/* The map, in sectors; the factory's part comes first. */
#define FACTORY_SECTORS (HWI_RV32_FACTORY_SIZE / SECTOR)
static const struct {
    uint16_t first;
    uint16_t count;
} regions[HAWSER_REGION_COUNT] = {
    [HAWSER_REGION_STATE] = {FACTORY_SECTORS, 4},
    [HAWSER_REGION_CREDENTIALS] = {FACTORY_SECTORS + 4, 16},
    [HAWSER_REGION_COMMANDS] = {FACTORY_SECTORS + 20, 8},
    [HAWSER_REGION_FLIGHTS] = {FACTORY_SECTORS + 28, 4},
    [HAWSER_REGION_OUTBOX] = {FACTORY_SECTORS + 32, 64},
};
#define ALL_SECTORS (FACTORY_SECTORS + 96u)

static struct hwi_rv32_virtio device;
static struct hwi_rv32_queue queue;
static uint8_t block[BLOCK];
static volatile uint8_t verdict;
static bool is_broken; /* a request never ended: its memory is the device's */

/* One block to or from the disk. 0 or STORAGE. */
static int transfer(uint32_t type, uint32_t number)
{
    const struct {
        uint32_t type;
        uint32_t reserved;
        uint64_t sector;
    } head = {type, 0, number};
    const struct hwi_rv32_part parts[] = {
        {&head, sizeof head, false},
        {block, sizeof block, type == REQUEST_READ},
        {(const void *)&verdict, 1, true},
    };
    uint64_t patient_ms = hwi_rv32_now_ms() + PATIENT_MS;
    unsigned first = 0;
    uint32_t len = 0;

    if (is_broken) {
        return HAWSER_E_STORAGE;
    }
    verdict = (uint8_t)~DONE;
    hwi_rv32_virtio_put(&device, &queue, 0, parts, 3);
    while (!hwi_rv32_virtio_take(&queue, &first, &len)) {
        is_broken = hwi_rv32_now_ms() > patient_ms;
        if (is_broken) {
            return HAWSER_E_STORAGE;
        }
    }
    return verdict == DONE ? 0 : HAWSER_E_STORAGE;
}

bool hwi_rv32_flash_open(void)
{
    uint32_t blocks = 0;
    unsigned i;

    if (!hwi_rv32_virtio_begin(&device, HWI_RV32_VIRTIO_BLOCK, 0)) {
        return false;
    }
    hwi_rv32_virtio_queue(&device, 0, &queue);
    hwi_rv32_virtio_run(&device);
    for (i = 0; i < 4; i++) {
        blocks |= (uint32_t)hwi_rv32_virtio_config(&device, i) << 8 * i;
    }
    return blocks >= ALL_SECTORS * (SECTOR / BLOCK);
}

/* How much of len lies in the block that at is in. */
static size_t share_of_block(uint32_t at, size_t len)
{
    size_t room = BLOCK - at % BLOCK;

    return len < room ? len : room;
}

static int read_bytes(uint32_t at, uint8_t *out, size_t len)
{
    while (len > 0) {
        size_t share = share_of_block(at, len);
        int err = transfer(REQUEST_READ, at / BLOCK);

        if (err != 0) {
            return err;
        }
        memcpy(out, block + at % BLOCK, share);
        at += (uint32_t)share;
        out += share;
        len -= share;
    }
    return 0;
}

int hwi_rv32_flash_factory(uint8_t out[HWI_RV32_FACTORY_SIZE])
{
    return read_bytes(0, out, HWI_RV32_FACTORY_SIZE);
}

void hwi_rv32_flash_geometry(enum hawser_region region,
                             struct hawser_flash_geometry *out)
{
    *out = (struct hawser_flash_geometry){
        .sector_size = SECTOR,
        .program_size = PROGRAM_SIZE,
    };
    if ((unsigned)region < HAWSER_REGION_COUNT) {
        out->sector_count = regions[region].count;
    }
}

/* Where in the chip; false: outside the region. */
static bool place(enum hawser_region region, uint32_t offset, size_t len,
                  uint32_t *at)
{
    uint32_t size;

    if ((unsigned)region >= HAWSER_REGION_COUNT) {
        return false;
    }
    size = regions[region].count * SECTOR;
    *at = regions[region].first * SECTOR + offset;
    return offset <= size && len <= size - offset;
}

int hwi_rv32_flash_read(enum hawser_region region, uint32_t offset,
                        uint8_t *out, size_t len)
{
    uint32_t at = 0;

    return place(region, offset, len, &at) ? read_bytes(at, out, len)
                                           : HAWSER_E_STORAGE;
}

/* As the chip: what is zero stays zero, and says so in the end. */
static int program_block(uint32_t at, const uint8_t *bytes, size_t len)
{
    bool is_true = true;
    size_t i;
    int err = transfer(REQUEST_READ, at / BLOCK);

    if (err != 0) {
        return err;
    }
    for (i = 0; i < len; i++) {
        block[at % BLOCK + i] &= bytes[i];
        is_true = is_true && block[at % BLOCK + i] == bytes[i];
    }
    err = transfer(REQUEST_WRITE, at / BLOCK);
    return err == 0 && !is_true ? HAWSER_E_STORAGE : err;
}

int hwi_rv32_flash_program(enum hawser_region region, uint32_t offset,
                           const uint8_t *bytes, size_t len)
{
    uint32_t at = 0;

    if (!place(region, offset, len, &at) || offset % PROGRAM_SIZE != 0 ||
        len % PROGRAM_SIZE != 0 || len > SECTOR - offset % SECTOR) {
        return HAWSER_E_STORAGE;
    }
    while (len > 0) {
        size_t share = share_of_block(at, len);
        int err = program_block(at, bytes, share);

        if (err != 0) {
            return err;
        }
        at += (uint32_t)share;
        bytes += share;
        len -= share;
    }
    return 0;
}

int hwi_rv32_flash_erase(enum hawser_region region, uint32_t sector)
{
    uint32_t at = 0;
    uint32_t i;
    int err = 0;

    if (sector >= ALL_SECTORS || !place(region, sector * SECTOR, SECTOR, &at)) {
        return HAWSER_E_STORAGE;
    }
    for (i = 0; i < SECTOR / BLOCK && err == 0; i++) {
        memset(block, 0xff, sizeof block);
        err = transfer(REQUEST_WRITE, at / BLOCK + i);
    }
    return err;
}
