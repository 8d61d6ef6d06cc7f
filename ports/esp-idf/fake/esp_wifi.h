/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests on the host: the radio, which notes what it is told (fake.c). Numbers
 * of reasons are those of IEEE 802.11 and ESP-IDF.
 */
#ifndef FAKE_ESP_WIFI_H
#define FAKE_ESP_WIFI_H

#include <stdbool.h>
#include <stdint.h>

#include "esp_err.h"

#define WIFI_EVENT                         "WIFI_EVENT"
#define WIFI_REASON_MIC_FAILURE            14
#define WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT 15
#define WIFI_REASON_NO_AP_FOUND            201
#define WIFI_REASON_AUTH_FAIL              202
#define WIFI_REASON_HANDSHAKE_TIMEOUT      204

enum {
    WIFI_EVENT_STA_START = 2,
    WIFI_EVENT_STA_CONNECTED = 4,
    WIFI_EVENT_STA_DISCONNECTED = 5
};

typedef enum { WIFI_IF_STA } wifi_interface_t;
typedef enum { WIFI_MODE_STA = 1 } wifi_mode_t;
typedef enum { WIFI_STORAGE_FLASH, WIFI_STORAGE_RAM } wifi_storage_t;
typedef enum { WIFI_AUTH_OPEN, WIFI_AUTH_WPA2_PSK = 3 } wifi_auth_mode_t;
typedef struct {
    int unused;
} wifi_init_config_t;
typedef struct {
    uint8_t reason;
} wifi_event_sta_disconnected_t;
typedef struct {
    int8_t rssi;
} wifi_ap_record_t;
typedef struct {
    struct {
        uint8_t ssid[32];
        uint8_t password[64];
        struct {
            wifi_auth_mode_t authmode;
        } threshold;
        struct {
            bool capable;
        } pmf_cfg;
    } sta;
} wifi_config_t;

#define WIFI_INIT_CONFIG_DEFAULT() \
    {                              \
        0                          \
    }

esp_err_t esp_wifi_init(const wifi_init_config_t *config);
esp_err_t esp_wifi_set_storage(wifi_storage_t storage);
esp_err_t esp_wifi_set_mode(wifi_mode_t mode);
esp_err_t esp_wifi_set_config(wifi_interface_t interface,
                              wifi_config_t *config);
esp_err_t esp_wifi_start(void);
esp_err_t esp_wifi_stop(void);
esp_err_t esp_wifi_connect(void);
esp_err_t esp_wifi_disconnect(void);
esp_err_t esp_wifi_sta_get_ap_info(wifi_ap_record_t *out);

#endif
