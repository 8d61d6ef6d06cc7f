/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests on the host: handlers are kept, and called by the tests (fake.c).
 */
#ifndef FAKE_ESP_EVENT_H
#define FAKE_ESP_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "esp_err.h"

#define ESP_EVENT_ANY_ID (-1)

#define ESP_EVENT_DEFINE_BASE(id) static esp_event_base_t const id = #id

typedef const char *esp_event_base_t;
typedef uint32_t TickType_t;
typedef void (*esp_event_handler_t)(void *ctx, esp_event_base_t base,
                                    int32_t id, void *data);

esp_err_t esp_event_handler_register(esp_event_base_t base, int32_t id,
                                     esp_event_handler_t handler, void *ctx);
esp_err_t esp_event_post(esp_event_base_t base, int32_t id, const void *data,
                         size_t len, TickType_t ticks);

#endif
