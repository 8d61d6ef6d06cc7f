/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-rng, asked whenever bytes are wanted: nothing is kept that could be
 * handed out twice. Virtio 1.1: 5.4.
 */
#include "ports/rv32/entropy.h"

#include <string.h>

#include "hawser/error.h"
#include "ports/rv32/clock.h"
#include "ports/rv32/virtio.h"

#define CHUNK      64u
#define PATIENT_MS 100u

static struct hwi_rv32_virtio device;
static struct hwi_rv32_queue queue;
static volatile uint8_t chunk[CHUNK];

bool hwi_rv32_entropy_open(void)
{
    if (!hwi_rv32_virtio_begin(&device, HWI_RV32_VIRTIO_ENTROPY, 0)) {
        return false;
    }
    hwi_rv32_virtio_queue(&device, 0, &queue);
    hwi_rv32_virtio_run(&device);
    return true;
}

/* Up to len bytes; how many came, 0: none in time. */
static size_t ask(uint8_t *out, size_t len)
{
    static bool is_under_way; /* the device still has the chunk */
    const struct hwi_rv32_part part = {(const void *)chunk, CHUNK, true};
    uint64_t patient_ms = hwi_rv32_now_ms() + PATIENT_MS;
    unsigned first = 0;
    uint32_t got = 0;
    size_t i;

    if (!is_under_way) {
        hwi_rv32_virtio_put(&device, &queue, 0, &part, 1);
        is_under_way = true;
    }
    while (!hwi_rv32_virtio_take(&queue, &first, &got)) {
        if (hwi_rv32_now_ms() > patient_ms) {
            return 0;
        }
    }
    is_under_way = false;
    if (got > CHUNK) {
        got = CHUNK;
    }
    for (i = 0; i < got; i++) {
        if (i < len) {
            out[i] = chunk[i];
        }
        chunk[i] = 0;
    }
    return got < len ? got : len;
}

int hwi_rv32_entropy(uint8_t *out, size_t len)
{
    while (len > 0) {
        size_t got = ask(out, len);

        if (got == 0) {
            return HAWSER_E_WAIT;
        }
        out += got;
        len -= got;
    }
    return 0;
}
