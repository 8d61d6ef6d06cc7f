/* SPDX-License-Identifier: Apache-2.0 */
/* For tests on the host: what sht3x.c uses of ESP-IDF's header. */
#ifndef FAKE_SHT3X_TIMER_H
#define FAKE_SHT3X_TIMER_H

#include <stdint.h>

int64_t esp_timer_get_time(void);

#endif
