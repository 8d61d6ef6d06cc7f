/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WiFi as a station: joins the networks of the plan, one at a time, and tells the
 * device's task when anything changes. ESP-IDF calls back from its own task; all
 * that is shared is atomic.
 */
#ifndef HWI_ESP_WIFI_H
#define HWI_ESP_WIFI_H

#include "esp_err.h"
#include "hawser/port.h"

/* One network, NUL-terminated; "" as a passphrase: an open one. */
struct hwi_esp_network {
    char ssid[33];
    char passphrase[65];
};

/* Starts it. news is called from any task when the link has changed. networks
 * are copied. ESP_ERR_*: what ESP-IDF answered. */
esp_err_t hwi_esp_wifi_start(const struct hwi_esp_network *networks,
                             unsigned count, void (*news)(void));

/* As struct hawser_port's functions of these names. The remedy brings the radio on
 * from whatever it is stuck in; it works in ESP-IDF's event task, later. */
void hwi_esp_wifi_status(struct hawser_link_status *out);
void hwi_esp_wifi_recover(uint32_t attempt);

/* dBm of the network; false: not joined. */
bool hwi_esp_wifi_rssi(int32_t *out);

#endif
