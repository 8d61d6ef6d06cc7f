/* SPDX-License-Identifier: Apache-2.0 */
/* For tests on the host: the part of ESP-IDF's header that the port uses. */
#ifndef FAKE_ESP_MAC_H
#define FAKE_ESP_MAC_H

#include <stdint.h>

#include "esp_err.h"

esp_err_t esp_efuse_mac_get_default(uint8_t *mac);

#endif
