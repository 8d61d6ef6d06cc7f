/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash: one data partition with the label "hawser", its sectors divided among
 * the regions. The outbox takes what is left.
 */
#ifndef HWI_ESP_FLASH_H
#define HWI_ESP_FLASH_H

#include "esp_err.h"
#include "hawser/port.h"

/* NOT_FOUND: there is no such partition; INVALID_SIZE: it has under 144 KiB. */
esp_err_t hwi_esp_flash_open(void);

/* As struct hawser_port's functions of these names. */
void hwi_esp_flash_geometry(enum hawser_region region,
                            struct hawser_flash_geometry *out);
int hwi_esp_flash_read(enum hawser_region region, uint32_t offset, uint8_t *out,
                       size_t len);
int hwi_esp_flash_program(enum hawser_region region, uint32_t offset,
                          const uint8_t *bytes, size_t len);
int hwi_esp_flash_erase(enum hawser_region region, uint32_t sector);

#endif
