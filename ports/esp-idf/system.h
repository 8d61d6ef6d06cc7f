/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chip: its clock, its reset, its memory, its name; and the log.
 */
#ifndef HWI_ESP_SYSTEM_H
#define HWI_ESP_SYSTEM_H

#include "hawser/port.h"

uint64_t hwi_esp_now_ms(void);
void hwi_esp_system(struct hawser_system *out);

/* "esp32c3-a4cf12345678", from all of the chip's MAC: a device's id if none is
 * stored. */
#define HWI_ESP_ID_SIZE 32
void hwi_esp_id(char out[HWI_ESP_ID_SIZE]);

/* One entry through ESP-IDF's log. */
void hwi_esp_log(const struct hawser_log *entry);

#endif
