/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVS, entry by entry: stored.h.
 */
#include "ports/esp-idf/stored.h"

#include <stdio.h>
#include <string.h>

#include "device/settings.h"
#include "nvs.h"
#include "ports/esp-idf/wipe.h"

#define NAMESPACE "hawser"
#define LIST_MAX  16u /* more entries than any list has */
#define PASS_MIN  8u  /* IEEE 802.11: 8 to 63 of ASCII, or */
#define PASS_HEX  64u /* the key itself in hex */

static bool is_passphrase(const char *text)
{
    size_t len = strlen(text);
    size_t i;

    for (i = 0; i < len; i++) {
        if (text[i] < ' ' || text[i] > '~') {
            return false;
        }
    }
    if (len == PASS_HEX) {
        return strspn(text, "0123456789abcdefABCDEF") == len;
    }
    return len == 0 || (len >= PASS_MIN && len < PASS_HEX);
}

/* "SSID\nPASSPHRASE", or an SSID alone. */
static bool network_of(const char *value, struct hwi_esp_network *out)
{
    size_t ssid_len = strcspn(value, "\n");
    const char *passphrase = value + ssid_len;

    passphrase += *passphrase == '\n' ? 1 : 0;
    if (ssid_len == 0 || ssid_len >= sizeof out->ssid ||
        !is_passphrase(passphrase)) {
        return false;
    }
    memcpy(out->ssid, value, ssid_len);
    out->ssid[ssid_len] = '\0';
    memcpy(out->passphrase, passphrase, strlen(passphrase) + 1);
    return true;
}

static bool take_network(struct hwi_esp_stored *s, const char *value)
{
    return s->network_count < HWI_SETTINGS_NETWORKS_MAX &&
           network_of(value, &s->networks[s->network_count++]);
}

void hwi_esp_stored_key(char key[HWI_ESP_KEY_SIZE], const char *name,
                        unsigned i)
{
    (void)snprintf(key, HWI_ESP_KEY_SIZE, i == 0 ? "%s" : "%s.%u", name, i);
}

/* One entry's value, with a NUL behind it. */
static esp_err_t take_entry(struct hwi_esp_stored *s, nvs_handle_t nvs,
                            const char *name, const char *key)
{
    uint8_t *at = s->bytes + s->used;
    size_t room = sizeof s->bytes - s->used;
    size_t len = room > 0 ? room - 1 : 0;
    esp_err_t err = nvs_get_blob(nvs, key, at, &len);

    if (err == ESP_ERR_NVS_INVALID_LENGTH) {
        return ESP_ERR_NO_MEM;
    }
    if (err != ESP_OK) {
        return err;
    }
    at[len] = '\0';
    s->used += len + 1;
    if (strcmp(name, "wifi") == 0) {
        return take_network(s, (const char *)at) ? ESP_OK : ESP_ERR_INVALID_ARG;
    }
    return hwi_settings_take(&s->settings, name, (struct hawser_span){at, len})
               ? ESP_OK
               : ESP_ERR_INVALID_ARG;
}

/* name, name.1, name.2 ... as far as there are. */
static esp_err_t take_list(struct hwi_esp_stored *s, nvs_handle_t nvs,
                           const char *name, char bad[HWI_ESP_KEY_SIZE])
{
    esp_err_t err = ESP_OK;
    char key[HWI_ESP_KEY_SIZE];
    unsigned i;

    for (i = 0; err == ESP_OK; i++) {
        hwi_esp_stored_key(key, name, i);
        err = take_entry(s, nvs, name, key);
    }
    if (err == ESP_ERR_NVS_NOT_FOUND) {
        return ESP_OK; /* the end of the list */
    }
    memcpy(bad, key, sizeof key);
    return err;
}

esp_err_t hwi_esp_stored_read(struct hwi_esp_stored *s,
                              char bad[HWI_ESP_KEY_SIZE])
{
    static const char *const names[] = {
        "id",
        "root",
        "layout",
        "broker",
        "ca",
        "chain",
        "key",
        "username",
        "password",
        "alpn",
        "keep_alive_s",
        "update_key",
        "time_server",
        "command_key",
        "interval_s",
        "qos",
        "replay",
        "outbox_policy",
        "outbox_expiry_s",
        "retry_speed",
        "wifi",
    };
    nvs_handle_t nvs;
    esp_err_t err = nvs_open(NAMESPACE, NVS_READONLY, &nvs);
    size_t i;

    memset(s, 0, sizeof *s);
    hwi_settings_init(&s->settings);
    bad[0] = '\0';
    if (err != ESP_OK) {
        return err;
    }
    for (i = 0; i < sizeof names / sizeof names[0] && err == ESP_OK; i++) {
        err = take_list(s, nvs, names[i], bad);
    }
    nvs_close(nvs);
    return err == ESP_OK && s->used == 0 ? ESP_ERR_NVS_NOT_FOUND : err;
}

esp_err_t hwi_esp_stored_write(const char *name, const void *bytes, size_t len)
{
    nvs_handle_t nvs;
    esp_err_t err = nvs_open(NAMESPACE, NVS_READWRITE, &nvs);

    if (err != ESP_OK) {
        return err;
    }
    err = len > 0 ? nvs_set_blob(nvs, name, bytes, len)
                  : nvs_erase_key(nvs, name);
    if (err == ESP_ERR_NVS_NOT_FOUND && len == 0) {
        err = ESP_OK; /* it was not there before either */
    }
    if (err == ESP_OK) {
        err = nvs_commit(nvs);
    }
    nvs_close(nvs);
    return err;
}

esp_err_t hwi_esp_stored_get(const char *key, struct hawser_span out,
                             size_t *len)
{
    nvs_handle_t nvs;
    esp_err_t err = nvs_open(NAMESPACE, NVS_READONLY, &nvs);

    if (err != ESP_OK) {
        return err;
    }
    *len = out.size > 0 ? out.size - 1 : 0;
    err = nvs_get_blob(nvs, key, out.at, len);
    if (err == ESP_OK && out.at != NULL) {
        out.at[*len] = '\0';
    }
    nvs_close(nvs);
    return err;
}

static bool is_there(const char *key)
{
    size_t len;

    return hwi_esp_stored_get(key, (struct hawser_span){NULL, 0}, &len) ==
           ESP_OK;
}

esp_err_t hwi_esp_stored_cut(const char *name, unsigned keep)
{
    char key[HWI_ESP_KEY_SIZE];
    esp_err_t err = ESP_OK;
    unsigned i;

    for (i = LIST_MAX; i > keep && err == ESP_OK; i--) {
        hwi_esp_stored_key(key, name, i - 1);
        err = is_there(key) ? hwi_esp_stored_write(key, NULL, 0) : ESP_OK;
    }
    return err;
}

void hwi_esp_settings_fill(struct hwi_settings *s)
{
    static const uint8_t any[] = {'x'};
    const struct hawser_view view = {any, sizeof any};
    struct hawser_device_config *d = &s->device;

    d->id = d->id != NULL ? d->id : "x";
    d->firmware = d->firmware != NULL ? d->firmware : "";
    if (d->broker_count == 0) {
        s->brokers[d->broker_count++] = (struct hawser_endpoint){"x", 1};
    }
    d->credentials.ca = d->credentials.ca.len > 0 ? d->credentials.ca : view;
    if (d->credentials.chain.len > 0 || d->credentials.key.len > 0) {
        d->credentials.chain = view; /* each needs the other */
        d->credentials.key = view;
    }
}

bool hwi_esp_stored_is_usable(const char *name, struct hawser_span value)
{
    struct hwi_settings s;

    if (strcmp(name, "wifi") == 0) {
        struct hwi_esp_network network;
        bool is_good = network_of((const char *)value.at, &network);

        hwi_esp_wipe(&network, sizeof network);
        return is_good;
    }
    hwi_settings_init(&s);
    if (!hwi_settings_take(&s, name, value)) {
        return false;
    }
    hwi_esp_settings_fill(&s);
    return hwi_settings_check(&s.device) == 0;
}

const char *hwi_esp_stored_missing(unsigned i)
{
    static const struct {
        const char *name;
        const char *how;
    } needs[] = {
        {"wifi", "a WiFi network: set wifi NAME"},
        {"broker", "the broker: set broker HOST:PORT"},
        {"ca", "the CA that signed the broker's certificate: set ca"},
    };

    if (i >= sizeof needs / sizeof needs[0]) {
        return NULL;
    }
    return is_there(needs[i].name) ? "" : needs[i].how;
}
