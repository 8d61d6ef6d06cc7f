/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings in NVS: the namespace "hawser", blobs by the names that
 * ports/shared/settings.h knows; lists as broker, broker.1, broker.2 ... Networks
 * are wifi, wifi.1 ...: "SSID\nPASSPHRASE".
 */
#ifndef HWI_ESP_STORED_H
#define HWI_ESP_STORED_H

#include "esp_err.h"
#include "ports/esp-idf/wifi.h"
#include "ports/esp-idf/wifi_plan.h"
#include "ports/shared/settings.h"

#define HWI_ESP_STORED_SIZE 12288u

struct hwi_esp_stored {
    struct hwi_settings settings;
    struct hwi_esp_network networks[HWI_ESP_NETWORKS_MAX];
    unsigned network_count;
    uint8_t bytes[HWI_ESP_STORED_SIZE]; /* what all of it points into */
    size_t used;
};

/*
 * Reads them; *s stays in its place. ESP_OK; NVS_NOT_FOUND: nothing was ever
 * stored; NO_MEM: more than HWI_ESP_STORED_SIZE; INVALID_ARG: one is not usable, its
 * name is in bad; or what NVS answered.
 */
esp_err_t hwi_esp_stored_read(struct hwi_esp_stored *s, char bad[16]);

/* Stores one; an empty value removes it. */
esp_err_t hwi_esp_stored_write(const char *name, const void *bytes, size_t len);

#endif
