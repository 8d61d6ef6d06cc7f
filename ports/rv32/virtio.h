/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtio devices over MMIO: finding one, and its queues. Virtio 1.1: 4.2 (MMIO),
 * 2.6 (split queues), 3.1.1 (how a device is started).
 *
 * Each buffer is one or a few descriptors; the port needs no more than
 * HWI_RV32_QUEUE_SIZE at once.
 */
#ifndef HWI_RV32_VIRTIO_H
#define HWI_RV32_VIRTIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HWI_RV32_QUEUE_SIZE 8u

enum hwi_rv32_virtio_kind {
    HWI_RV32_VIRTIO_NET = 1,
    HWI_RV32_VIRTIO_BLOCK = 2,
    HWI_RV32_VIRTIO_ENTROPY = 4
};

/* A part of a request. */
struct hwi_rv32_part {
    const void *at;
    uint32_t len;
    bool is_in; /* the device writes into it */
};

struct hwi_rv32_descriptor {
    uint64_t address;
    uint32_t len;
    uint16_t flags;
    uint16_t next;
};

/* In memory that the device reads and writes. */
struct hwi_rv32_queue {
    struct hwi_rv32_descriptor table[HWI_RV32_QUEUE_SIZE]
        __attribute__((aligned(16)));
    struct {
        uint16_t flags;
        uint16_t index;
        uint16_t ring[HWI_RV32_QUEUE_SIZE];
    } available;
    struct {
        uint16_t flags;
        uint16_t index;
        struct {
            uint32_t id;
            uint32_t len;
        } ring[HWI_RV32_QUEUE_SIZE];
    } used __attribute__((aligned(4)));
    uint16_t seen;   /* of used, by us */
    uint16_t number; /* of the device's queues */
};

struct hwi_rv32_virtio {
    uintptr_t base; /* 0: there is no such device */
};

/* Finds the device of this kind and begins to set it up, with these features
 * (bits 0 to 31) as far as it has them. false: none, or it will not do. */
bool hwi_rv32_virtio_begin(struct hwi_rv32_virtio *device,
                           enum hwi_rv32_virtio_kind kind, uint32_t features);
/* Gives it a queue, which stays where it is; between begin and run. */
void hwi_rv32_virtio_queue(const struct hwi_rv32_virtio *device,
                           unsigned number, struct hwi_rv32_queue *queue);
void hwi_rv32_virtio_run(const struct hwi_rv32_virtio *device);

/* A byte of its configuration space. */
uint8_t hwi_rv32_virtio_config(const struct hwi_rv32_virtio *device,
                               unsigned at);

/* Hands over a request: count parts in the descriptors from first on. */
void hwi_rv32_virtio_put(const struct hwi_rv32_virtio *device,
                         struct hwi_rv32_queue *queue, unsigned first,
                         const struct hwi_rv32_part *parts, unsigned count);
/* The next request that is done: its first descriptor and how many bytes the
 * device wrote. false: none yet. */
bool hwi_rv32_virtio_take(struct hwi_rv32_queue *queue, unsigned *first,
                          uint32_t *len);

#endif
