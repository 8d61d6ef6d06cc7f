/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_wifi and its events: wifi.h.
 */
#include "ports/esp-idf/wifi.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "esp_event.h"
#include "esp_netif.h"
#include "esp_wifi.h"
#include "ports/esp-idf/wifi_plan.h"

static struct {
    struct hwi_esp_network networks[HWI_ESP_NETWORKS_MAX];
    struct hwi_esp_plan plan; /* the event task's own, but for recover */
    void (*news)(void);
    atomic_int state;      /* enum hawser_link_state */
    atomic_uint address;   /* IPv4, as lwIP has it; 0: none */
    atomic_bool is_joined; /* to a network, with or without an address */
    atomic_bool is_skip_wanted;
} wifi;

static void tell(enum hawser_link_state state)
{
    atomic_store(&wifi.state, (int)state);
    wifi.news();
}

/* Joins the network whose turn it is; the answer comes as an event. */
static esp_err_t join(void)
{
    const struct hwi_esp_network *n = &wifi.networks[wifi.plan.at];
    wifi_config_t config = {0};
    esp_err_t err;

    memcpy(config.sta.ssid, n->ssid, strlen(n->ssid));
    memcpy(config.sta.password, n->passphrase, strlen(n->passphrase));
    /* One with a passphrase is never joined without. */
    config.sta.threshold.authmode =
        n->passphrase[0] != '\0' ? WIFI_AUTH_WPA2_PSK : WIFI_AUTH_OPEN;
    config.sta.pmf_cfg.capable = true;
    err = esp_wifi_set_config(WIFI_IF_STA, &config);
    memset(&config, 0, sizeof config);
    return err == ESP_OK ? esp_wifi_connect() : err;
}

static enum hwi_esp_ending ending_of(uint8_t reason)
{
    if (atomic_load(&wifi.is_joined)) {
        return HWI_ESP_LOST;
    }
    switch (reason) {
    case WIFI_REASON_NO_AP_FOUND:
        return HWI_ESP_ABSENT;
    case WIFI_REASON_AUTH_FAIL:
    case WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT:
    case WIFI_REASON_HANDSHAKE_TIMEOUT:
    case WIFI_REASON_MIC_FAILURE:
        return HWI_ESP_REFUSED;
    default:
        return HWI_ESP_FAILED;
    }
}

static void on_disconnected(const wifi_event_sta_disconnected_t *event)
{
    hwi_esp_plan_ended(&wifi.plan, ending_of(event->reason));
    atomic_store(&wifi.is_joined, false);
    atomic_store(&wifi.address, 0);
    if (atomic_exchange(&wifi.is_skip_wanted, false)) {
        hwi_esp_plan_next(&wifi.plan);
    }
    tell(hwi_esp_plan_is_refused(&wifi.plan) ? HAWSER_LINK_REFUSED
                                             : HAWSER_LINK_JOINING);
    if (join() != ESP_OK) {
        tell(HAWSER_LINK_DOWN); /* the supervisor's remedy tries again */
    }
}

static void on_wifi(void *unused, esp_event_base_t base, int32_t id, void *data)
{
    (void)unused;
    (void)base;
    if (id == WIFI_EVENT_STA_START) {
        tell(join() == ESP_OK ? HAWSER_LINK_JOINING : HAWSER_LINK_DOWN);
    } else if (id == WIFI_EVENT_STA_CONNECTED) {
        hwi_esp_plan_joined(&wifi.plan);
        atomic_store(&wifi.is_joined, true);
        tell(HAWSER_LINK_NO_ADDRESS);
    } else if (id == WIFI_EVENT_STA_DISCONNECTED) {
        on_disconnected(data);
    }
}

static void on_ip(void *unused, esp_event_base_t base, int32_t id, void *data)
{
    const ip_event_got_ip_t *event = data;

    (void)unused;
    (void)base;
    if (id == IP_EVENT_STA_GOT_IP) {
        atomic_store(&wifi.address, event->ip_info.ip.addr);
        tell(HAWSER_LINK_UP);
    } else if (id == IP_EVENT_STA_LOST_IP) {
        atomic_store(&wifi.address, 0);
        tell(HAWSER_LINK_NO_ADDRESS);
    }
}

esp_err_t hwi_esp_wifi_start(const struct hwi_esp_network *networks,
                             unsigned count, void (*news)(void))
{
    const wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    esp_err_t err = ESP_ERR_INVALID_ARG;

    if (count < 1 || count > HWI_ESP_NETWORKS_MAX) {
        return err;
    }
    memcpy(wifi.networks, networks, count * sizeof networks[0]);
    hwi_esp_plan_init(&wifi.plan, count);
    wifi.news = news;
    atomic_store(&wifi.state, (int)HAWSER_LINK_DOWN);
    atomic_store(&wifi.address, 0);
    atomic_store(&wifi.is_joined, false);
    atomic_store(&wifi.is_skip_wanted, false);
    err = esp_netif_create_default_wifi_sta() != NULL ? esp_wifi_init(&init)
                                                      : ESP_ERR_NO_MEM;
    if (err == ESP_OK) {
        err = esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_wifi,
                                         NULL);
    }
    if (err == ESP_OK) {
        err =
            esp_event_handler_register(IP_EVENT, ESP_EVENT_ANY_ID, on_ip, NULL);
    }
    /* Networks are ours to keep: ESP-IDF would write them to NVS, too. */
    if (err == ESP_OK) {
        err = esp_wifi_set_storage(WIFI_STORAGE_RAM);
    }
    if (err == ESP_OK) {
        err = esp_wifi_set_mode(WIFI_MODE_STA);
    }
    return err == ESP_OK ? esp_wifi_start() : err;
}

void hwi_esp_wifi_status(struct hawser_link_status *out)
{
    esp_ip4_addr_t address = {.addr = atomic_load(&wifi.address)};

    memset(out, 0, sizeof *out);
    out->state = (enum hawser_link_state)atomic_load(&wifi.state);
    memcpy(out->name, "wlan0", sizeof "wlan0");
    if (address.addr != 0) {
        (void)snprintf(out->address, sizeof out->address, IPSTR,
                       IP2STR(&address));
    }
}

/* Another network's turn: what is under way is ended, and its end goes on. */
void hwi_esp_wifi_recover(uint32_t attempt)
{
    (void)attempt;
    atomic_store(&wifi.is_skip_wanted, true);
    if (esp_wifi_disconnect() != ESP_OK) {
        (void)esp_wifi_connect();
    }
}

bool hwi_esp_wifi_rssi(int32_t *out)
{
    wifi_ap_record_t record;

    if (!atomic_load(&wifi.is_joined) ||
        esp_wifi_sta_get_ap_info(&record) != ESP_OK) {
        return false;
    }
    *out = record.rssi;
    return true;
}
