/* SPDX-License-Identifier: Apache-2.0 */
/* For tests on the host: the test answers the time. */
#ifndef FAKE_ESP_TIMER_H
#define FAKE_ESP_TIMER_H

#include <stdint.h>

int64_t esp_timer_get_time(void);

#endif
