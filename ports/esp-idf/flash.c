/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_partition under the regions: flash.h. With flash encryption a chip writes
 * 16 bytes at a time, so that is what we ask for; and what is erased reads as
 * noise, so what is really there is looked at first.
 */
#include "ports/esp-idf/flash.h"

#include <string.h>

#include "esp_partition.h"

#define LABEL        "hawser"
#define SECTOR       4096u
#define PROGRAM_SIZE 16u
#define OUTBOX_MIN   4u

/* In sectors; the outbox comes last and has no size of its own. */
static const struct {
    uint16_t first;
    uint16_t count;
} regions[HAWSER_REGION_COUNT] = {
    [HAWSER_REGION_STATE] = {0, 4},     [HAWSER_REGION_CREDENTIALS] = {4, 16},
    [HAWSER_REGION_COMMANDS] = {20, 8}, [HAWSER_REGION_FLIGHTS] = {28, 4},
    [HAWSER_REGION_OUTBOX] = {32, 0},
};

static const esp_partition_t *partition;

esp_err_t hwi_esp_flash_open(void)
{
    const esp_partition_t *found = esp_partition_find_first(
        ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, LABEL);

    if (found == NULL) {
        return ESP_ERR_NOT_FOUND;
    }
    if (found->size <
        (regions[HAWSER_REGION_OUTBOX].first + OUTBOX_MIN) * SECTOR) {
        return ESP_ERR_INVALID_SIZE;
    }
    partition = found;
    return ESP_OK;
}

static uint32_t sectors_of(enum hawser_region region)
{
    if (partition == NULL || (unsigned)region >= HAWSER_REGION_COUNT) {
        return 0;
    }
    return region == HAWSER_REGION_OUTBOX
               ? (uint32_t)(partition->size / SECTOR) - regions[region].first
               : regions[region].count;
}

/* Where in the partition; false: outside the region. */
static bool place(enum hawser_region region, uint32_t offset, size_t len,
                  uint32_t *at)
{
    uint32_t size = sectors_of(region) * SECTOR;

    if (offset > size || len > size - offset) {
        return false;
    }
    *at = size > 0 ? regions[region].first * SECTOR + offset : 0;
    return size > 0;
}

void hwi_esp_flash_geometry(enum hawser_region region,
                            struct hawser_flash_geometry *out)
{
    *out = (struct hawser_flash_geometry){
        .sector_size = SECTOR,
        .sector_count = sectors_of(region),
        .program_size = PROGRAM_SIZE,
    };
}

static bool is_erased(const uint8_t unit[PROGRAM_SIZE])
{
    size_t i;

    for (i = 0; i < PROGRAM_SIZE; i++) {
        if (unit[i] != 0xff) {
            return false;
        }
    }
    return true;
}

/* Puts 0xff where nothing was programmed since the erase. */
static esp_err_t erased_restore(uint32_t at, uint8_t *out, size_t len)
{
    uint8_t unit[PROGRAM_SIZE];
    uint32_t end = at + (uint32_t)len;
    uint32_t from;
    uint32_t to;
    esp_err_t err = ESP_OK;

    for (from = at; from < end && err == ESP_OK; from = to) {
        to = (from / PROGRAM_SIZE + 1) * PROGRAM_SIZE;
        to = to < end ? to : end;
        err = esp_partition_read_raw(
            partition, from / PROGRAM_SIZE * PROGRAM_SIZE, unit, sizeof unit);
        if (err == ESP_OK && is_erased(unit)) {
            memset(out + (from - at), 0xff, to - from);
        }
    }
    return err;
}

int hwi_esp_flash_read(enum hawser_region region, uint32_t offset, uint8_t *out,
                       size_t len)
{
    uint32_t at = 0;
    esp_err_t err;

    if (!place(region, offset, len, &at)) {
        return HAWSER_E_STORAGE;
    }
    err = esp_partition_read(partition, at, out, len);
    if (err == ESP_OK && partition->encrypted) {
        err = erased_restore(at, out, len);
    }
    return err == ESP_OK ? 0 : HAWSER_E_STORAGE;
}

int hwi_esp_flash_program(enum hawser_region region, uint32_t offset,
                          const uint8_t *bytes, size_t len)
{
    uint32_t at = 0;

    return offset % PROGRAM_SIZE == 0 && len % PROGRAM_SIZE == 0 &&
                   place(region, offset, len, &at) &&
                   esp_partition_write(partition, at, bytes, len) == ESP_OK
               ? 0
               : HAWSER_E_STORAGE;
}

int hwi_esp_flash_erase(enum hawser_region region, uint32_t sector)
{
    uint32_t at = 0;

    return sector < sectors_of(region) &&
                   place(region, sector * SECTOR, SECTOR, &at) &&
                   esp_partition_erase_range(partition, at, SECTOR) == ESP_OK
               ? 0
               : HAWSER_E_STORAGE;
}
