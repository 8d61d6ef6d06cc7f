/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests on the host: handlers are kept, and called by the tests (fake.c).
 */
#ifndef FAKE_ESP_EVENT_H
#define FAKE_ESP_EVENT_H

#include <stdint.h>

#include "esp_err.h"

#define ESP_EVENT_ANY_ID (-1)

typedef const char *esp_event_base_t;
typedef void (*esp_event_handler_t)(void *ctx, esp_event_base_t base,
                                    int32_t id, void *data);

esp_err_t esp_event_handler_register(esp_event_base_t base, int32_t id,
                                     esp_event_handler_t handler, void *ctx);

#endif
