/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The variable byte integer. [MQTT5 1.5.5, MQTT3 2.2.3]
 */
#include "wire/varint.h"

#include "wire/reason.h"

int hwi_varint_read(const uint8_t *at, size_t len, uint32_t *value)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < HWI_VARINT_LEN_MAX; i++) {
        if (i == len) {
            return 0;
        }
        sum |= (uint32_t)(at[i] & 0x7Fu) << (7 * i);
        if ((at[i] & 0x80u) == 0) {
            /* MQTT5 1.5.5 [MQTT-1.5.5-1]: the fewest bytes. */
            if (i > 0 && at[i] == 0) {
                return -(int)HWI_MALFORMED;
            }
            *value = sum;
            return (int)i + 1;
        }
    }
    /* MQTT5 1.5.5: a fourth byte is the last. */
    return -(int)HWI_MALFORMED;
}

size_t hwi_varint_len(uint32_t value)
{
    size_t len = 1;

    while (value > 0x7Fu) {
        value >>= 7;
        len++;
    }
    return len;
}
