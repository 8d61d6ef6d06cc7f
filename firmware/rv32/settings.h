/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the factory wrote into this device's flash, as the device's
 * configuration. tools/firmware-flash writes it, from a hawser.ini.
 *
 * The format: "hawser1\0", the body's length and its CRC-32 (little endian, four
 * bytes each), then the body: for each setting its name, a zero byte, the
 * value's length (little endian, two bytes), the value and a zero byte.
 */
#ifndef FIRMWARE_SETTINGS_H
#define FIRMWARE_SETTINGS_H

#include "ports/rv32/rv32.h"
#include "ports/shared/settings.h"

struct settings {
    struct hwi_settings settings;
    struct hawser_rv32_config machine;
    uint8_t bytes[HAWSER_RV32_FACTORY_SIZE]; /* what all of it points into */
};

/* Reads them; *s stays in its place. NULL, or what is wrong, in words. */
const char *settings_read(struct settings *s);

#endif
