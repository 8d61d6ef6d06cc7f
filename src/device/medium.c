/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash, or memory in its place.
 */
#include "device/medium.h"

#include "wire/memory.h"

#define CHUNK 64u /* bytes looked at at once */

struct hwi_medium hwi_medium_flash(const struct hawser_port *port,
                                   enum hawser_region region)
{
    struct hwi_medium m = {.port = port, .region = region};

    port->flash_geometry(port->ctx, region, &m.shape);
    return m;
}

struct hwi_medium hwi_medium_part(struct hwi_medium whole, uint32_t first,
                                  uint32_t count)
{
    whole.first += first;
    whole.shape.sector_count = count;
    return whole;
}

struct hwi_medium hwi_medium_memory(struct hawser_span memory,
                                    uint32_t sector_size)
{
    memset(memory.at, 0xFF, memory.size);
    return (struct hwi_medium){
        .memory = memory.at,
        .shape = {.sector_size = sector_size,
                  .sector_count = (uint32_t)(memory.size / sector_size),
                  .program_size = 1}};
}

static uint32_t offset_of(const struct hwi_medium *m, uint32_t sector)
{
    return (m->first + sector) * m->shape.sector_size;
}

int hwi_medium_read(const struct hwi_medium *m, uint32_t sector,
                    uint32_t offset, struct hawser_span out)
{
    uint32_t at = offset_of(m, sector) + offset;

    if (m->port != NULL) {
        return m->port->flash_read(m->port->ctx, m->region, at, out.at,
                                   out.size);
    }
    memcpy(out.at, m->memory + at, out.size);
    return 0;
}

/* Does it stand there as it was written? A worn cell may say otherwise. */
static int check(const struct hwi_medium *m, uint32_t sector, uint32_t offset,
                 struct hawser_view bytes)
{
    uint8_t chunk[CHUNK];

    for (size_t at = 0; at < bytes.len; at += CHUNK) {
        size_t len = bytes.len - at < CHUNK ? bytes.len - at : CHUNK;
        int err = hwi_medium_read(m, sector, offset + (uint32_t)at,
                                  (struct hawser_span){chunk, len});
        if (err != 0 || memcmp(chunk, bytes.at + at, len) != 0) {
            return HAWSER_E_STORAGE;
        }
    }
    return 0;
}

int hwi_medium_program(const struct hwi_medium *m, uint32_t sector,
                       uint32_t offset, struct hawser_view bytes)
{
    uint32_t at = offset_of(m, sector) + offset;

    if (m->port == NULL) {
        memcpy(m->memory + at, bytes.at, bytes.len);
        return 0;
    }
    if (m->port->flash_program(m->port->ctx, m->region, at, bytes.at,
                               bytes.len) != 0) {
        return HAWSER_E_STORAGE;
    }
    return check(m, sector, offset, bytes);
}

int hwi_medium_erase(const struct hwi_medium *m, uint32_t sector)
{
    if (m->port != NULL) {
        return m->port->flash_erase(m->port->ctx, m->region, m->first + sector);
    }
    memset(m->memory + offset_of(m, sector), 0xFF, m->shape.sector_size);
    return 0;
}

uint32_t hwi_medium_padded(const struct hwi_medium *m, uint32_t len)
{
    uint32_t unit = m->shape.program_size;

    return (len + unit - 1) / unit * unit;
}

int hwi_medium_find_erased(const struct hwi_medium *m, uint32_t sector,
                           uint32_t from, uint32_t *offset)
{
    uint8_t chunk[CHUNK];
    uint32_t size = m->shape.sector_size;

    *offset = from;
    for (uint32_t at = from; at < size; at += CHUNK) {
        uint32_t len = size - at < CHUNK ? size - at : CHUNK;
        int err =
            hwi_medium_read(m, sector, at, (struct hawser_span){chunk, len});
        if (err != 0) {
            return err;
        }
        for (uint32_t i = 0; i < len; i++) {
            *offset = chunk[i] == 0xFF ? *offset : at + i + 1;
        }
    }
    *offset = hwi_medium_padded(m, *offset);
    return 0;
}
