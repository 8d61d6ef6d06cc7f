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

#define HWI_ESP_KEY_SIZE 16 /* of an entry's name in NVS */

struct hwi_esp_stored {
    struct hwi_settings settings;
    struct hwi_esp_network networks[HWI_SETTINGS_NETWORKS_MAX];
    unsigned network_count;
    uint8_t bytes[HWI_SETTINGS_ROOM]; /* what all of it points into */
    size_t used;
};

/*
 * Reads them; *s stays in its place. ESP_OK; NVS_NOT_FOUND: nothing was ever
 * stored; NO_MEM: more than HWI_SETTINGS_ROOM; INVALID_ARG: one is not usable, its
 * name is in bad; or what NVS answered.
 */
esp_err_t hwi_esp_stored_read(struct hwi_esp_stored *s,
                              char bad[HWI_ESP_KEY_SIZE]);

/* Stores one; an empty value removes it. name: as NVS has it, "wifi.2". */
esp_err_t hwi_esp_stored_write(const char *name, const void *bytes, size_t len);

/* Number i of name, from 0, as a key of NVS: "wifi", "wifi.1" ... */
void hwi_esp_stored_key(char key[HWI_ESP_KEY_SIZE], const char *name,
                        unsigned i);

/* One value as it stands there, a NUL behind it. out {NULL, 0}: only *len is told.
 * ESP_OK, NVS_NOT_FOUND, NVS_INVALID_LENGTH (out is too small). */
esp_err_t hwi_esp_stored_get(const char *key, struct hawser_span out,
                             size_t *len);

/* Removes what a list has from number keep on, the last one first: whenever the
 * power goes, the list has no hole. */
esp_err_t hwi_esp_stored_cut(const char *name, unsigned keep);

/* Ranges are judged for a whole configuration: what is not set becomes as good as
 * can be, so that the rest can be judged alone. */
void hwi_esp_settings_fill(struct hwi_settings *settings);

/* Would this value be taken, and is it in its range? A NUL stands behind it; it is
 * changed: hand over a copy. */
bool hwi_esp_stored_is_usable(const char *name, struct hawser_span value);

/* What a device cannot do without: number i, from 0, if it is not stored, as
 * "a broker: set broker HOST:PORT"; "": it is there; NULL: there is no such
 * number. */
const char *hwi_esp_stored_missing(unsigned i);

#endif
