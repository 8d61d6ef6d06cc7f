/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVS, entry by entry: stored.h.
 */
#include "ports/esp-idf/stored.h"

#include <stdio.h>
#include <string.h>

#include "nvs.h"

#define NAMESPACE "hawser"

/* "SSID\nPASSPHRASE", or an SSID alone. */
static bool take_network(struct hwi_esp_stored *s, const char *value)
{
    const char *end = strchr(value, '\n');
    size_t ssid_len = end != NULL ? (size_t)(end - value) : strlen(value);
    const char *passphrase = end != NULL ? end + 1 : "";
    struct hwi_esp_network *n = &s->networks[s->network_count];

    if (s->network_count == HWI_ESP_NETWORKS_MAX || ssid_len == 0 ||
        ssid_len >= sizeof n->ssid ||
        strlen(passphrase) >= sizeof n->passphrase) {
        return false;
    }
    memcpy(n->ssid, value, ssid_len);
    n->ssid[ssid_len] = '\0';
    memcpy(n->passphrase, passphrase, strlen(passphrase) + 1);
    s->network_count++;
    return true;
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
                           const char *name, char bad[16])
{
    esp_err_t err = ESP_OK;
    char key[16];
    unsigned i;

    for (i = 0; err == ESP_OK; i++) {
        (void)snprintf(key, sizeof key, i == 0 ? "%s" : "%s.%u", name, i);
        err = take_entry(s, nvs, name, key);
    }
    if (err == ESP_ERR_NVS_NOT_FOUND) {
        return ESP_OK; /* the end of the list */
    }
    memcpy(bad, key, sizeof key);
    return err;
}

esp_err_t hwi_esp_stored_read(struct hwi_esp_stored *s, char bad[16])
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
