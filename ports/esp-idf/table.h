/* SPDX-License-Identifier: Apache-2.0 */
/*
 * struct hawser_port on an ESP32.
 */
#ifndef HWI_ESP_TABLE_H
#define HWI_ESP_TABLE_H

#include "ports/esp-idf/hawser_esp.h"

/* The port; there is one. *config stays. */
const struct hawser_port *hwi_esp_port(const struct hawser_esp_config *config);

/* True once the device has called restart(). */
bool hwi_esp_restart_wanted(void);

#endif
