/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fake machine's flash: it checks that the rules of flash are kept, and its
 * power can be cut in the middle of a change.
 */
#include "device/fake_port.h"

#include <string.h>

#include "device/fake_check.h"

static struct fake_port *self(void *ctx)
{
    return ctx;
}

void fake_flash_geometry(void *ctx, enum hawser_region region,
                         struct hawser_flash_geometry *out)
{
    *out = self(ctx)->regions[region].shape;
}

int fake_flash_read(void *ctx, enum hawser_region region, uint32_t offset,
                    uint8_t *out, size_t len)
{
    const struct fake_region *g = &self(ctx)->regions[region];

    FAKE_CHECK(offset + len <= g->shape.sector_size * g->shape.sector_count);
    if (self(ctx)->flash.is_unreadable) {
        return HAWSER_E_STORAGE;
    }
    memcpy(out, g->bytes + offset, len);
    return 0;
}

/* May a change be made whole? If not, how many of its bytes are done. */
static bool has_power(struct fake_flash *s, size_t *len)
{
    if (s->is_cut) {
        *len = 0;
        return false;
    }
    if (s->power_left == 0) {
        s->is_cut = true;
        s->cut_len = *len;
        *len = s->torn_bytes < *len ? s->torn_bytes : *len;
        return false;
    }
    if (s->power_left > 0) {
        s->power_left--;
    }
    return true;
}

/* Nobody knows what stands where the power was cut; always the same here. */
static void leave_garbage(const struct fake_flash *s, uint8_t *at, size_t len)
{
    for (size_t i = 0; s->leaves_garbage && i < len; i++) {
        at[i] = (uint8_t)(0x5A + 31 * i + s->programs);
    }
}

int fake_flash_program(void *ctx, enum hawser_region region, uint32_t offset,
                       const uint8_t *bytes, size_t len)
{
    struct fake_flash *s = &self(ctx)->flash;
    struct fake_region *g = &self(ctx)->regions[region];
    uint32_t unit = g->shape.program_size;
    bool was_cut = s->is_cut;
    size_t done = len;
    bool is_whole;

    FAKE_CHECK(offset % unit == 0);
    FAKE_CHECK(len % unit == 0);
    FAKE_CHECK(offset / g->shape.sector_size ==
               (offset + len - 1) / g->shape.sector_size);
    FAKE_CHECK(offset + len <= g->shape.sector_size * g->shape.sector_count);
    if (s->is_broken) {
        return HAWSER_E_STORAGE;
    }
    is_whole = has_power(s, &done);
    for (size_t i = 0; i < done; i++) {
        FAKE_CHECK(g->bytes[offset + i] == 0xFF); /* once after an erase */
        g->bytes[offset + i] = bytes[i];
        if (s->worn_offset != 0 && s->worn_offset == offset + i) {
            g->bytes[offset + i] ^= 0x01;
        }
    }
    if (!is_whole && !was_cut && done < len) {
        leave_garbage(s, g->bytes + offset + done / unit * unit, unit);
    }
    s->programs++;
    return is_whole ? 0 : HAWSER_E_STORAGE;
}

int fake_flash_erase(void *ctx, enum hawser_region region, uint32_t sector)
{
    struct fake_flash *s = &self(ctx)->flash;
    struct fake_region *g = &self(ctx)->regions[region];
    size_t done = g->shape.sector_size;
    uint8_t *at = g->bytes + (size_t)sector * g->shape.sector_size;
    bool was_cut = s->is_cut;
    bool is_whole;

    FAKE_CHECK(sector < g->shape.sector_count);
    if (s->is_broken) {
        return HAWSER_E_STORAGE;
    }
    is_whole = has_power(s, &done);
    memset(at, 0xFF, done);
    if (!is_whole && !was_cut) {
        leave_garbage(s, at + done, g->shape.sector_size - done);
    }
    s->erases++;
    return is_whole ? 0 : HAWSER_E_STORAGE;
}

void fake_flash_power(struct fake_port *f)
{
    f->flash.is_cut = false;
    f->flash.power_left = -1;
}

void fake_flash_shape(struct fake_port *f, enum hawser_region region,
                      struct hawser_flash_geometry shape)
{
    FAKE_CHECK(shape.sector_size * shape.sector_count <= FAKE_FLASH_SIZE);
    f->regions[region].shape = shape;
    memset(f->regions[region].bytes, 0xFF, FAKE_FLASH_SIZE);
}
