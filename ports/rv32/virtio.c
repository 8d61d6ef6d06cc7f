/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtio over MMIO, version 2: virtio.h.
 */
#include "ports/rv32/virtio.h"

#include <string.h>

#include "ports/rv32/machine.h"

/* Registers, from the device's base. */
#define MAGIC                0x000
#define VERSION              0x004
#define DEVICE_ID            0x008
#define DEVICE_FEATURES      0x010
#define DEVICE_FEATURES_HALF 0x014
#define DRIVER_FEATURES      0x020
#define DRIVER_FEATURES_HALF 0x024
#define QUEUE_SELECT         0x030
#define QUEUE_SIZE           0x038
#define QUEUE_READY          0x044
#define QUEUE_NOTIFY         0x050
#define STATUS               0x070
#define QUEUE_TABLE          0x080
#define QUEUE_AVAILABLE      0x090
#define QUEUE_USED           0x0a0
#define CONFIG               0x100

#define MAGIC_VALUE 0x74726976u

#define STATUS_ACKNOWLEDGE 1u
#define STATUS_DRIVER      2u
#define STATUS_DRIVER_OK   4u
#define STATUS_FEATURES_OK 8u

#define FEATURE_VERSION_1 1u /* bit 32 */

#define DESCRIPTOR_NEXT 1u
#define DESCRIPTOR_IN   2u

static uintptr_t find(enum hwi_rv32_virtio_kind kind)
{
    unsigned slot;

    for (slot = 0; slot < HWI_RV32_VIRTIO_SLOTS; slot++) {
        uintptr_t base = HWI_RV32_VIRTIO + 0x1000u * slot;

        if (hwi_rv32_read(base + MAGIC) == MAGIC_VALUE &&
            hwi_rv32_read(base + VERSION) == 2 &&
            hwi_rv32_read(base + DEVICE_ID) == (uint32_t)kind) {
            return base;
        }
    }
    return 0;
}

bool hwi_rv32_virtio_begin(struct hwi_rv32_virtio *device,
                           enum hwi_rv32_virtio_kind kind, uint32_t features)
{
    uintptr_t base = find(kind);

    device->base = base;
    if (base == 0) {
        return false;
    }
    hwi_rv32_write(base + STATUS, 0);
    hwi_rv32_write(base + STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    hwi_rv32_write(base + DEVICE_FEATURES_HALF, 0);
    features &= hwi_rv32_read(base + DEVICE_FEATURES);
    hwi_rv32_write(base + DRIVER_FEATURES_HALF, 0);
    hwi_rv32_write(base + DRIVER_FEATURES, features);
    hwi_rv32_write(base + DRIVER_FEATURES_HALF, 1);
    hwi_rv32_write(base + DRIVER_FEATURES, FEATURE_VERSION_1);
    hwi_rv32_write(base + STATUS,
                   STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
    return (hwi_rv32_read(base + STATUS) & STATUS_FEATURES_OK) != 0;
}

static void address_write(uintptr_t at, const void *memory)
{
    hwi_rv32_write(at, (uint32_t)(uintptr_t)memory);
    hwi_rv32_write(at + 4, 0);
}

void hwi_rv32_virtio_queue(const struct hwi_rv32_virtio *device,
                           unsigned number, struct hwi_rv32_queue *queue)
{
    memset(queue, 0, sizeof *queue);
    queue->number = (uint16_t)number;
    hwi_rv32_write(device->base + QUEUE_SELECT, number);
    hwi_rv32_write(device->base + QUEUE_SIZE, HWI_RV32_QUEUE_SIZE);
    address_write(device->base + QUEUE_TABLE, queue->table);
    address_write(device->base + QUEUE_AVAILABLE, &queue->available);
    address_write(device->base + QUEUE_USED, &queue->used);
    hwi_rv32_write(device->base + QUEUE_READY, 1);
}

void hwi_rv32_virtio_run(const struct hwi_rv32_virtio *device)
{
    hwi_rv32_write(device->base + STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER |
                                              STATUS_FEATURES_OK |
                                              STATUS_DRIVER_OK);
}

uint8_t hwi_rv32_virtio_config(const struct hwi_rv32_virtio *device,
                               unsigned at)
{
    return hwi_rv32_read_byte(device->base + CONFIG + at);
}

void hwi_rv32_virtio_put(const struct hwi_rv32_virtio *device,
                         struct hwi_rv32_queue *queue, unsigned first,
                         const struct hwi_rv32_part *parts, unsigned count)
{
    uint16_t slot = queue->available.index % HWI_RV32_QUEUE_SIZE;
    unsigned i;

    for (i = 0; i < count; i++) {
        unsigned flags = (parts[i].is_in ? DESCRIPTOR_IN : 0) |
                         (i + 1 < count ? DESCRIPTOR_NEXT : 0);

        queue->table[first + i] = (struct hwi_rv32_descriptor){
            (uintptr_t)parts[i].at, parts[i].len, (uint16_t)flags,
            (uint16_t)(first + i + 1)};
    }
    queue->available.ring[slot] = (uint16_t)first;
    hwi_rv32_fence();
    queue->available.index++;
    hwi_rv32_fence();
    hwi_rv32_write(device->base + QUEUE_NOTIFY, queue->number);
}

bool hwi_rv32_virtio_take(struct hwi_rv32_queue *queue, unsigned *first,
                          uint32_t *len)
{
    uint16_t slot = queue->seen % HWI_RV32_QUEUE_SIZE;

    if (*(volatile uint16_t *)&queue->used.index == queue->seen) {
        return false;
    }
    hwi_rv32_fence();
    *first = queue->used.ring[slot].id;
    *len = queue->used.ring[slot].len;
    queue->seen++;
    return *first < HWI_RV32_QUEUE_SIZE;
}
