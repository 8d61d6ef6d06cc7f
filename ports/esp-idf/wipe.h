/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forgetting a secret: a memset() that no compiler leaves out.
 */
#ifndef HWI_ESP_WIPE_H
#define HWI_ESP_WIPE_H

#include <stddef.h>

static inline void hwi_esp_wipe(void *at, size_t len)
{
    volatile unsigned char *byte = at;

    while (len-- > 0) {
        *byte++ = 0;
    }
}

#endif
