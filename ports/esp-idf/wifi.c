/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_wifi and its events: wifi.h.
 *
 * All that is done to the radio is done in the event task, so that nothing is
 * asked of it in two tasks at once; the device's task asks by an event of ours.
 * What the radio owes us is one of five phases, and each has a way out that
 * needs no event of the radio's: the supervisor's remedy, on_recover().
 */
#include "ports/esp-idf/wifi.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "esp_event.h"
#include "esp_netif.h"
#include "esp_wifi.h"
#include "ports/esp-idf/wifi_plan.h"
#include "ports/esp-idf/wipe.h"
#include "ports/shared/settings.h"

enum phase {
    PHASE_OFF,     /* STA_START, since the radio is being started */
    PHASE_IDLE,    /* nothing: no join could begin */
    PHASE_JOINING, /* CONNECTED or DISCONNECTED */
    PHASE_JOINED,  /* DISCONNECTED, when the network is lost */
    PHASE_LEAVING  /* DISCONNECTED, since we asked for it */
};

static struct {
    struct hwi_esp_network networks[HWI_SETTINGS_NETWORKS_MAX];
    struct hwi_esp_plan plan; /* the event task's own */
    void (*news)(void);
    atomic_int phase;    /* enum phase; the event task's to change */
    atomic_int state;    /* enum hawser_link_state */
    atomic_uint address; /* IPv4, as lwIP has it; 0: none */
} wifi;

ESP_EVENT_DEFINE_BASE(HAWSER_WIFI);

enum { EVENT_RECOVER };

static enum phase phase_now(void)
{
    return (enum phase)atomic_load(&wifi.phase);
}

static void set_phase(enum phase phase)
{
    atomic_store(&wifi.phase, (int)phase);
}

static void tell(enum hawser_link_state state)
{
    atomic_store(&wifi.state, (int)state);
    wifi.news();
}

/* Joining ------------------------------------------------------------------- */

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
    hwi_esp_wipe(&config, sizeof config);
    return err == ESP_OK ? esp_wifi_connect() : err;
}

/* Joins it, or the next one that the radio takes. state: what the device is told
 * then. False: it takes none, and no event will come. */
static bool join_any(enum hawser_link_state state)
{
    unsigned i;

    for (i = 0; i < wifi.plan.count; i++) {
        if (join() == ESP_OK) {
            set_phase(PHASE_JOINING);
            tell(state);
            return true;
        }
        hwi_esp_plan_next(&wifi.plan);
    }
    set_phase(PHASE_IDLE);
    tell(HAWSER_LINK_DOWN);
    return false;
}

/* What it owed us will not come; STA_START will, or the next remedy comes here
 * again. */
static void radio_restart(void)
{
    set_phase(PHASE_OFF);
    atomic_store(&wifi.address, 0);
    hwi_esp_plan_next(&wifi.plan);
    (void)esp_wifi_stop(); /* it may not have been on */
    (void)esp_wifi_start();
    tell(HAWSER_LINK_DOWN);
}

/* Another network's turn. What is under way is ended, and its end goes on; what
 * cannot be ended, or was asked to and has not, ends with the radio. */
static void on_recover(void)
{
    switch (phase_now()) {
    case PHASE_JOINING:
    case PHASE_JOINED:
        if (esp_wifi_disconnect() == ESP_OK) {
            set_phase(PHASE_LEAVING);
            return;
        }
        break;
    case PHASE_IDLE:
        if (join_any(HAWSER_LINK_JOINING)) {
            return;
        }
        break;
    case PHASE_OFF:
    case PHASE_LEAVING:
        break;
    }
    radio_restart();
}

/* Events -------------------------------------------------------------------- */

static enum hwi_esp_ending ending_of(uint8_t reason)
{
    if (phase_now() == PHASE_JOINED) {
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
    if (phase_now() == PHASE_OFF) {
        return; /* of the time before the radio was restarted */
    }
    if (phase_now() == PHASE_LEAVING) {
        hwi_esp_plan_next(&wifi.plan);
    } else {
        hwi_esp_plan_ended(&wifi.plan, ending_of(event->reason));
    }
    atomic_store(&wifi.address, 0);
    (void)join_any(hwi_esp_plan_is_refused(&wifi.plan) ? HAWSER_LINK_REFUSED
                                                       : HAWSER_LINK_JOINING);
}

static void on_wifi(void *unused, esp_event_base_t base, int32_t id, void *data)
{
    bool is_on = phase_now() != PHASE_OFF;

    (void)unused;
    (void)base;
    if (id == WIFI_EVENT_STA_START && !is_on) {
        (void)join_any(HAWSER_LINK_JOINING);
    } else if (id == WIFI_EVENT_STA_CONNECTED && is_on) {
        hwi_esp_plan_joined(&wifi.plan);
        set_phase(PHASE_JOINED);
        tell(HAWSER_LINK_NO_ADDRESS);
    } else if (id == WIFI_EVENT_STA_DISCONNECTED) {
        on_disconnected(data);
    }
}

/* An address is worth something as long as its network: ESP-IDF gives it up two
 * minutes after that was lost. */
static void on_ip(void *unused, esp_event_base_t base, int32_t id, void *data)
{
    const ip_event_got_ip_t *event = data;

    (void)unused;
    (void)base;
    if (phase_now() != PHASE_JOINED) {
        return;
    }
    if (id == IP_EVENT_STA_GOT_IP) {
        atomic_store(&wifi.address, event->ip_info.ip.addr);
        tell(HAWSER_LINK_UP);
    } else if (id == IP_EVENT_STA_LOST_IP) {
        atomic_store(&wifi.address, 0);
        tell(HAWSER_LINK_NO_ADDRESS);
    }
}

static void on_own(void *unused, esp_event_base_t base, int32_t id, void *data)
{
    (void)unused;
    (void)base;
    (void)data;
    if (id == EVENT_RECOVER) {
        on_recover();
    }
}

static esp_err_t handlers_register(void)
{
    esp_err_t err =
        esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_wifi, NULL);

    if (err == ESP_OK) {
        err =
            esp_event_handler_register(IP_EVENT, ESP_EVENT_ANY_ID, on_ip, NULL);
    }
    return err == ESP_OK ? esp_event_handler_register(
                               HAWSER_WIFI, ESP_EVENT_ANY_ID, on_own, NULL)
                         : err;
}

esp_err_t hwi_esp_wifi_start(const struct hwi_esp_network *networks,
                             unsigned count, void (*news)(void))
{
    const wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    esp_err_t err = ESP_ERR_INVALID_ARG;

    if (count < 1 || count > HWI_SETTINGS_NETWORKS_MAX) {
        return err;
    }
    memcpy(wifi.networks, networks, count * sizeof networks[0]);
    hwi_esp_plan_init(&wifi.plan, count);
    wifi.news = news;
    set_phase(PHASE_OFF);
    atomic_store(&wifi.state, (int)HAWSER_LINK_DOWN);
    atomic_store(&wifi.address, 0);
    err = esp_netif_create_default_wifi_sta() != NULL ? esp_wifi_init(&init)
                                                      : ESP_ERR_NO_MEM;
    if (err == ESP_OK) {
        err = handlers_register();
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

/* If the queue is full, the next remedy asks again. */
void hwi_esp_wifi_recover(uint32_t attempt)
{
    (void)attempt;
    (void)esp_event_post(HAWSER_WIFI, EVENT_RECOVER, NULL, 0, 0);
}

bool hwi_esp_wifi_rssi(int32_t *out)
{
    wifi_ap_record_t record;

    if (phase_now() != PHASE_JOINED ||
        esp_wifi_sta_get_ap_info(&record) != ESP_OK) {
        return false;
    }
    *out = (int)record.rssi;
    return true;
}
