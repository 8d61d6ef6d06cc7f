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

#include "hawser/device.h"
#include "ports/rv32/rv32.h"

struct settings {
    struct hawser_device_config device;
    struct hawser_rv32_config machine;
    struct hawser_endpoint brokers[HAWSER_BROKERS_MAX];
    struct hawser_endpoint time_servers[HAWSER_TIME_SERVERS_MAX];
    const char *sensors[HAWSER_SENSORS_MAX];
    struct hawser_rv32_sensor ranges[HAWSER_SENSORS_MAX];
    uint8_t bytes[HAWSER_RV32_FACTORY_SIZE]; /* what all of it points into */
};

/* Reads them; *s stays in its place. NULL, or what is wrong, in words. */
const char *settings_read(struct settings *s);

#endif
