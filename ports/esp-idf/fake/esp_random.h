/* SPDX-License-Identifier: Apache-2.0 */
/* For tests on the host: the part of ESP-IDF's header that the port uses. */
#ifndef FAKE_ESP_RANDOM_H
#define FAKE_ESP_RANDOM_H

#include <stddef.h>

void esp_fill_random(void *out, size_t len);

#endif
