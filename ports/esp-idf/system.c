/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ESP-IDF knows of the chip: system.h.
 */
#include "ports/esp-idf/system.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "esp_heap_caps.h"
#include "esp_log.h"
#include "esp_mac.h"
#include "esp_random.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "ports/esp-idf/wifi.h"
#include "sdkconfig.h"
#include "tls/mbedtls.h"

#define LINE_SIZE 384
#define TAG       "hawser"

uint64_t hwi_esp_now_ms(void)
{
    return (uint64_t)esp_timer_get_time() / 1000u;
}

static enum hawser_reset_reason reset_reason(void)
{
    switch ((int)esp_reset_reason()) { /* versions know more and more */
    case ESP_RST_POWERON:
        return HAWSER_RESET_POWER_ON;
    case ESP_RST_SW:
        return HAWSER_RESET_COMMAND; /* nothing else restarts here */
    case ESP_RST_PANIC:
    case ESP_RST_BROWNOUT:
        return HAWSER_RESET_CRASH;
    case ESP_RST_INT_WDT:
    case ESP_RST_TASK_WDT:
    case ESP_RST_WDT:
        return HAWSER_RESET_WATCHDOG;
    default:
        return HAWSER_RESET_UNKNOWN;
    }
}

void hwi_esp_system(struct hawser_system *out)
{
    memset(out, 0, sizeof *out);
    out->has_rssi = hwi_esp_wifi_rssi(&out->rssi_dbm);
    out->has_heap = true;
    out->heap_bytes = heap_caps_get_free_size(MALLOC_CAP_DEFAULT);
    out->uptime_s = hwi_esp_now_ms() / 1000;
    out->reset_reason = reset_reason();
}

void hwi_esp_id(char out[HWI_ESP_ID_SIZE])
{
    uint8_t mac[6] = {0};

    (void)esp_efuse_mac_get_default(mac);
    (void)snprintf(out, HWI_ESP_ID_SIZE, "%s-%02x%02x%02x%02x%02x%02x",
                   CONFIG_IDF_TARGET, mac[0], mac[1], mac[2], mac[3], mac[4],
                   mac[5]);
}

/* Adds " name=value" as far as it fits; what strangers sent becomes '?' where it
 * is no printable ASCII. */
static size_t field_add(char *line, size_t at, const struct hawser_field *f)
{
    size_t i;
    int len = snprintf(line + at, LINE_SIZE - at, " %s=", f->name);

    at += len > 0 ? (size_t)len : 0;
    if (at >= LINE_SIZE) {
        return LINE_SIZE - 1;
    }
    if (f->text.at == NULL) {
        len = f->is_bool
                  ? snprintf(line + at, LINE_SIZE - at, "%s",
                             f->number != 0 ? "yes" : "no")
                  : snprintf(line + at, LINE_SIZE - at, "%" PRId64, f->number);
        at += len > 0 ? (size_t)len : 0;
    }
    for (i = 0; f->text.at != NULL && i < f->text.len && at + 1 < LINE_SIZE;
         i++) {
        uint8_t c = f->text.at[i];

        line[at++] = (char)(c >= ' ' && c < 0x7f ? c : '?');
    }
    return at < LINE_SIZE ? at : LINE_SIZE - 1;
}

void hwi_esp_log(const struct hawser_log *entry)
{
    static const esp_log_level_t levels[] = {
        [HAWSER_LOG_DEBUG] = ESP_LOG_DEBUG,
        [HAWSER_LOG_INFO] = ESP_LOG_INFO,
        [HAWSER_LOG_WARNING] = ESP_LOG_WARN,
        [HAWSER_LOG_ERROR] = ESP_LOG_ERROR,
    };
    char line[LINE_SIZE] = "";
    size_t at = 0;
    size_t i;

    for (i = 0; i < entry->field_count; i++) {
        at = field_add(line, at, &entry->fields[i]);
    }
    line[at] = '\0';
    ESP_LOG_LEVEL(levels[entry->level], TAG, "%s%s", entry->event, line);
}

/* For TLS (tls/mbedtls.h): with the radio on, the chip's generator is a true
 * one. */
int hwi_tls_port_random(uint8_t *out, size_t len)
{
    esp_fill_random(out, len);
    return 0;
}

uint64_t hwi_tls_port_now_ms(void)
{
    return hwi_esp_now_ms();
}
