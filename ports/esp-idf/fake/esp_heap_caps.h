/* SPDX-License-Identifier: Apache-2.0 */
/* For tests on the host: the part of ESP-IDF's header that the port uses. */
#ifndef FAKE_ESP_HEAP_CAPS_H
#define FAKE_ESP_HEAP_CAPS_H

#include <stddef.h>
#include <stdint.h>

#define MALLOC_CAP_DEFAULT (1u << 12)

size_t heap_caps_get_free_size(uint32_t caps);

#endif
