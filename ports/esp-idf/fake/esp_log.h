/* SPDX-License-Identifier: Apache-2.0 */
/* For tests on the host: the part of ESP-IDF's header that the port uses. */
#ifndef FAKE_ESP_LOG_H
#define FAKE_ESP_LOG_H

typedef enum {
    ESP_LOG_NONE,
    ESP_LOG_ERROR,
    ESP_LOG_WARN,
    ESP_LOG_INFO,
    ESP_LOG_DEBUG
} esp_log_level_t;

void fake_log(esp_log_level_t level, const char *tag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define ESP_LOG_LEVEL(level, tag, ...) fake_log(level, tag, __VA_ARGS__)

#endif
