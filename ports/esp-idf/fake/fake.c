/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fake ESP-IDF: fake.h. As strict as the real one where the port could go
 * wrong: flash bits only fall, encrypted flash is written 16 bytes at a time and
 * reads as noise where it is erased.
 */
#include "fake.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "esp_netif.h"
#include "esp_wifi.h"
#include "nvs.h"

#define ENTRIES 48
#define NOISE   0x5a

struct fake_esp fake_esp;

static struct {
    char key[16];
    uint8_t value[4096];
    size_t len;
} entries[ENTRIES];
static unsigned entry_count;
static bool is_nvs_open;
static int32_t posted = -1; /* the event that waits */

void fake_esp_init(void)
{
    memset(&fake_esp, 0, sizeof fake_esp);
    memset(fake_esp.flash, 0xff, sizeof fake_esp.flash);
    fake_esp.has_partition = true;
    fake_esp.nvs_room = 16384;
    fake_esp.partition.size = sizeof fake_esp.flash;
    entry_count = 0;
    is_nvs_open = false;
    posted = -1;
}

/* Notes a call; ESP_FAIL if it is one that is to fail. */
__attribute__((format(printf, 2, 3))) static esp_err_t
note(const char *name, const char *format, ...)
{
    char text[128];
    size_t at = strlen(fake_esp.calls);
    int len = snprintf(text, sizeof text, "%s", name);
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text + len, sizeof text - (size_t)len, format, args);
    va_end(args);
    (void)snprintf(fake_esp.calls + at, sizeof fake_esp.calls - at, "%s ",
                   text);
    return fake_esp.fails != NULL &&
                   strncmp(text, fake_esp.fails, strlen(fake_esp.fails)) == 0
               ? ESP_FAIL
               : ESP_OK;
}

/* Flash --------------------------------------------------------------------- */

const esp_partition_t *esp_partition_find_first(esp_partition_type_t type,
                                                esp_partition_subtype_t subtype,
                                                const char *label)
{
    return fake_esp.has_partition && type == ESP_PARTITION_TYPE_DATA &&
                   subtype == ESP_PARTITION_SUBTYPE_ANY &&
                   strcmp(label, "hawser") == 0
               ? &fake_esp.partition
               : NULL;
}

static bool is_inside(size_t offset, size_t size)
{
    return !fake_esp.is_flash_broken && offset <= fake_esp.partition.size &&
           size <= fake_esp.partition.size - offset;
}

esp_err_t esp_partition_read_raw(const esp_partition_t *partition,
                                 size_t offset, void *out, size_t size)
{
    (void)partition;
    if (!is_inside(offset, size)) {
        return ESP_ERR_INVALID_SIZE;
    }
    memcpy(out, fake_esp.flash + offset, size);
    return ESP_OK;
}

esp_err_t esp_partition_read(const esp_partition_t *partition, size_t offset,
                             void *out, size_t size)
{
    esp_err_t err = esp_partition_read_raw(partition, offset, out, size);
    size_t i;

    for (i = 0; err == ESP_OK && partition->encrypted && i < size; i++) {
        ((uint8_t *)out)[i] ^= NOISE;
    }
    return err;
}

esp_err_t esp_partition_write(const esp_partition_t *partition, size_t offset,
                              const void *bytes, size_t size)
{
    size_t i;

    if (!is_inside(offset, size) ||
        (partition->encrypted && (offset % 16 != 0 || size % 16 != 0))) {
        return ESP_ERR_INVALID_SIZE;
    }
    for (i = 0; i < size; i++) {
        uint8_t byte = ((const uint8_t *)bytes)[i];

        byte = partition->encrypted ? byte ^ NOISE : byte;
        fake_esp.flash[offset + i] &= byte;
    }
    return ESP_OK;
}

esp_err_t esp_partition_erase_range(const esp_partition_t *partition,
                                    size_t offset, size_t size)
{
    (void)partition;
    if (!is_inside(offset, size) || offset % 4096 != 0 || size % 4096 != 0) {
        return ESP_ERR_INVALID_SIZE;
    }
    memset(fake_esp.flash + offset, 0xff, size);
    return ESP_OK;
}

const char *esp_err_to_name(esp_err_t err)
{
    return err == ESP_FAIL ? "ESP_FAIL" : "ESP_ERR";
}

/* NVS ----------------------------------------------------------------------- */

esp_err_t nvs_open(const char *space, nvs_open_mode_t mode, nvs_handle_t *out)
{
    if (strcmp(space, "hawser") != 0 || is_nvs_open) {
        return ESP_ERR_INVALID_ARG;
    }
    if (mode == NVS_READONLY && entry_count == 0) {
        return ESP_ERR_NVS_NOT_FOUND;
    }
    *out = 7;
    is_nvs_open = note("nvs_open", "=%d", (int)mode) == ESP_OK;
    return is_nvs_open ? ESP_OK : ESP_FAIL;
}

void nvs_close(nvs_handle_t handle)
{
    is_nvs_open = is_nvs_open && handle != 7;
    (void)note("nvs_close", "%s", "");
}

static unsigned find(const char *key)
{
    unsigned i = 0;

    while (i < entry_count && strcmp(entries[i].key, key) != 0) {
        i++;
    }
    return i;
}

esp_err_t nvs_get_blob(nvs_handle_t handle, const char *key, void *out,
                       size_t *len)
{
    unsigned i = find(key);

    (void)handle;
    if (i == entry_count) {
        return ESP_ERR_NVS_NOT_FOUND;
    }
    if (out == NULL) {
        *len = entries[i].len;
        return ESP_OK;
    }
    if (entries[i].len > *len) {
        return ESP_ERR_NVS_INVALID_LENGTH;
    }
    memcpy(out, entries[i].value, entries[i].len);
    *len = entries[i].len;
    return ESP_OK;
}

static size_t used(void)
{
    size_t sum = 0;

    for (unsigned i = 0; i < entry_count; i++) {
        sum += entries[i].len;
    }
    return sum;
}

esp_err_t nvs_set_blob(nvs_handle_t handle, const char *key, const void *value,
                       size_t len)
{
    unsigned i = find(key);
    esp_err_t err;

    (void)handle;
    if (strlen(key) > 15 || len > sizeof entries[0].value || i == ENTRIES) {
        return ESP_ERR_INVALID_ARG;
    }
    if (used() + len > fake_esp.nvs_room) { /* the old value stays meanwhile */
        return ESP_ERR_NVS_NOT_ENOUGH_SPACE;
    }
    err = note("nvs_set_blob", "=%s", key);
    if (err == ESP_OK) {
        entry_count += i == entry_count ? 1 : 0;
        memcpy(entries[i].key, key, strlen(key) + 1);
        memcpy(entries[i].value, value, len);
        entries[i].len = len;
    }
    return err;
}

esp_err_t nvs_erase_key(nvs_handle_t handle, const char *key)
{
    unsigned i = find(key);

    (void)handle;
    if (i == entry_count) {
        return ESP_ERR_NVS_NOT_FOUND;
    }
    entries[i] = entries[--entry_count];
    return note("nvs_erase_key", "=%s", key);
}

esp_err_t nvs_commit(nvs_handle_t handle)
{
    (void)handle;
    return note("nvs_commit", "%s", "");
}

/* WiFi ---------------------------------------------------------------------- */

esp_netif_t *esp_netif_create_default_wifi_sta(void)
{
    static int interface;

    return note("netif", "%s", "") == ESP_OK ? (esp_netif_t *)&interface : NULL;
}

esp_err_t esp_event_handler_register(esp_event_base_t base, int32_t id,
                                     esp_event_handler_t handler, void *ctx)
{
    (void)ctx;
    if (strcmp(base, WIFI_EVENT) == 0) {
        fake_esp.on_wifi = handler;
    } else if (strcmp(base, IP_EVENT) == 0) {
        fake_esp.on_ip = handler;
    } else {
        fake_esp.on_own = handler;
    }
    return note("handler", "=%s:%d", base, (int)id);
}

/* A queue of one. */
esp_err_t esp_event_post(esp_event_base_t base, int32_t id, const void *data,
                         size_t len, TickType_t ticks)
{
    (void)base;
    (void)data;
    (void)len;
    if (ticks != 0 || posted >= 0) {
        return ESP_FAIL;
    }
    posted = id;
    return ESP_OK;
}

void fake_event_task(void)
{
    int32_t id = posted;

    posted = -1;
    if (id >= 0) {
        fake_esp.on_own(NULL, "", id, NULL);
    }
}

esp_err_t esp_wifi_init(const wifi_init_config_t *config)
{
    (void)config;
    return note("init", "%s", "");
}

esp_err_t esp_wifi_set_storage(wifi_storage_t storage)
{
    return note("storage", "=%d", (int)storage);
}

esp_err_t esp_wifi_set_mode(wifi_mode_t mode)
{
    return note("mode", "=%d", (int)mode);
}

esp_err_t esp_wifi_set_config(wifi_interface_t interface, wifi_config_t *config)
{
    (void)interface;
    return note("config", "=%.32s/%.64s/%d", (char *)config->sta.ssid,
                (char *)config->sta.password,
                (int)config->sta.threshold.authmode);
}

esp_err_t esp_wifi_start(void)
{
    return note("start", "%s", "");
}

esp_err_t esp_wifi_stop(void)
{
    return note("stop", "%s", "");
}

esp_err_t esp_wifi_connect(void)
{
    return note("connect", "%s", "");
}

esp_err_t esp_wifi_disconnect(void)
{
    return note("disconnect", "%s", "");
}

esp_err_t esp_wifi_sta_get_ap_info(wifi_ap_record_t *out)
{
    out->rssi = -61;
    return note("ap_info", "%s", "");
}

void fake_wifi_event(int32_t id, uint8_t reason)
{
    wifi_event_sta_disconnected_t event = {.reason = reason};

    fake_esp.on_wifi(NULL, WIFI_EVENT, id, &event);
}

void fake_ip_event(int32_t id, uint32_t address)
{
    ip_event_got_ip_t event = {.ip_info = {.ip = {.addr = address}}};

    fake_esp.on_ip(NULL, IP_EVENT, id, &event);
}
