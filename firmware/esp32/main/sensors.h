/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the product measures. A sensor more is a function and a row in sensors.c.
 */
#ifndef SENSORS_H
#define SENSORS_H

#include "ports/esp-idf/hawser_esp.h"

extern const struct hawser_esp_sensor sensors[];
extern const size_t sensor_count;

/* Starts what they hang on. ESP_OK, or what ESP-IDF answered. */
esp_err_t sensors_begin(void);

#endif
