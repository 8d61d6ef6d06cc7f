/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fuzzers' flash: chip.h.
 */
#include "chip.h"

#include <string.h>

#include "fuzz.h"

static uint32_t size_of(const struct chip *c)
{
    return c->shape.sector_size * c->shape.sector_count;
}

static void geometry(void *ctx, enum hawser_region region,
                     struct hawser_flash_geometry *out)
{
    (void)region;
    *out = ((const struct chip *)ctx)->shape;
}

static int read_bytes(void *ctx, enum hawser_region region, uint32_t offset,
                      uint8_t *out, size_t len)
{
    const struct chip *c = ctx;

    (void)region;
    must(offset <= size_of(c) && len <= size_of(c) - offset);
    memcpy(out, c->bytes + offset, len);
    return 0;
}

static int program(void *ctx, enum hawser_region region, uint32_t offset,
                   const uint8_t *bytes, size_t len)
{
    struct chip *c = ctx;
    uint32_t unit = c->shape.program_size;
    uint32_t sector = c->shape.sector_size;

    (void)region;
    must(offset % unit == 0 && len % unit == 0 && len > 0);
    must(offset / sector == (offset + len - 1) / sector);
    must(offset < size_of(c));
    for (size_t i = 0; i < len; i++) {
        must(c->bytes[offset + i] == 0xFF); /* it was erased */
        c->bytes[offset + i] = bytes[i];
    }
    return 0;
}

static int erase(void *ctx, enum hawser_region region, uint32_t sector)
{
    struct chip *c = ctx;

    (void)region;
    must(sector < c->shape.sector_count);
    memset(c->bytes + (size_t)sector * c->shape.sector_size, 0xFF,
           c->shape.sector_size);
    return 0;
}

static uint64_t now_ms(void *ctx)
{
    (void)ctx;
    return 1000;
}

void chip_init(struct chip *c, struct hawser_flash_geometry shape)
{
    must(shape.sector_size * shape.sector_count <= CHIP_MAX);
    c->shape = shape;
    memset(c->bytes, 0xFF, sizeof(c->bytes));
}

struct hawser_port chip_port(struct chip *c)
{
    return (struct hawser_port){.ctx = c,
                                .now_ms = now_ms,
                                .flash_geometry = geometry,
                                .flash_read = read_bytes,
                                .flash_program = program,
                                .flash_erase = erase};
}
