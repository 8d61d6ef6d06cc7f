/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sensirion's SHT30, SHT31 and SHT35: temperature and humidity over I2C. An example
 * of a sensor that takes its time: a reading says WAIT until it is there. Both come
 * of one measurement. [datasheet SHT3x-DIS, 4]
 */
#ifndef SHT3X_H
#define SHT3X_H

#include <stdbool.h>
#include <stdint.h>

#include "esp_err.h"
#include "hawser/port.h"

#define SHT3X_RAW 6 /* bytes that it answers */

struct sht3x_values {
    struct hawser_number temperature; /* degrees Celsius */
    struct hawser_number humidity;    /* per cent */
};

/* Takes over the bus on these pins, the sensor at address 0x44. ESP_OK, or what
 * ESP-IDF answered; that there is no sensor shows in readings. */
esp_err_t sht3x_begin(int sda_pin, int scl_pin);

/* As hawser_esp_sensor's read: 0, WAIT (20 ms at most) or ABSENT: it does not
 * answer, or not with the right checksum. */
int sht3x_temperature(struct hawser_reading *out);
int sht3x_humidity(struct hawser_reading *out);

/* The bytes of an answer. false: a checksum is wrong. */
bool sht3x_decode(const uint8_t raw[SHT3X_RAW], struct sht3x_values *out);

#endif
