/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests on the host: addresses as ESP-IDF hands them over.
 */
#ifndef FAKE_ESP_NETIF_H
#define FAKE_ESP_NETIF_H

#include <stdint.h>

#include "esp_event.h"

typedef struct esp_netif_obj esp_netif_t;
typedef struct {
    uint32_t addr;
} esp_ip4_addr_t;
typedef struct {
    esp_ip4_addr_t ip;
} esp_netif_ip_info_t;
typedef struct {
    esp_netif_ip_info_t ip_info;
} ip_event_got_ip_t;

enum { IP_EVENT_STA_GOT_IP, IP_EVENT_STA_LOST_IP };

#define IP_EVENT "IP_EVENT"
#define IPSTR    "%d.%d.%d.%d"
#define IP2STR(a)                                        \
    (int)((a)->addr & 255), (int)((a)->addr >> 8 & 255), \
        (int)((a)->addr >> 16 & 255), (int)((a)->addr >> 24)

esp_netif_t *esp_netif_create_default_wifi_sta(void);

#endif
