/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the factory's settings: settings.h. The device checks the values.
 */
#include "settings.h"

#include <string.h>

#include "wire/crc32.h"

#define MAGIC     "hawser1"
#define HEAD_SIZE (sizeof MAGIC + 8)

static uint32_t number_at(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

/* Every setting of the body. */
static bool take_all(struct settings *s, uint8_t *at, size_t len)
{
    while (len > 0) {
        const uint8_t *end = memchr(at, '\0', len);
        size_t name_len = end != NULL ? (size_t)(end - at) : len;
        size_t value_len;

        if (len < name_len + 4) {
            return false;
        }
        value_len = at[name_len + 1] | (size_t)at[name_len + 2] << 8;
        if (len < name_len + 4 + value_len ||
            at[name_len + 3 + value_len] != '\0' ||
            !hwi_settings_take(
                &s->settings, (const char *)at,
                (struct hawser_span){at + name_len + 3, value_len})) {
            return false;
        }
        at += name_len + 4 + value_len;
        len -= name_len + 4 + value_len;
    }
    return true;
}

const char *settings_read(struct settings *s)
{
    size_t len;

    hwi_settings_init(&s->settings);
    if (hawser_rv32_factory(s->bytes) != 0) {
        return "flash cannot be read";
    }
    if (memcmp(s->bytes, MAGIC, sizeof MAGIC) != 0) {
        return "the factory wrote no settings; tools/firmware-flash does";
    }
    len = number_at(s->bytes + sizeof MAGIC);
    if (len > sizeof s->bytes - HEAD_SIZE ||
        hwi_crc32((struct hawser_view){s->bytes + HEAD_SIZE, len}) !=
            number_at(s->bytes + sizeof MAGIC + 4)) {
        return "the factory's settings are damaged";
    }
    if (!take_all(s, s->bytes + HEAD_SIZE, len)) {
        return "a setting of the factory's is not known here";
    }
    s->machine.sensors = s->settings.ranges;
    s->machine.sensor_count = s->settings.device.sensor_count;
    s->machine.name_server = s->settings.name_server;
    return NULL;
}
