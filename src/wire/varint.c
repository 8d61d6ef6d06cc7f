/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The variable byte integer. [MQTT5 1.5.5, MQTT3 2.2.3]
 */
#include "wire/varint.h"

#include "wire/reason.h"

int hwi_varint_read(const uint8_t *at, size_t len, uint32_t *value)
{
    uint32_t sum = 0;
    uint32_t weight = 1;

    /*@ loop invariant i <= len && i <= HWI_VARINT_LEN_MAX;
        loop invariant \forall integer k; 0 <= k < i ==> at[k] >= 128;
        loop invariant i == 0 ==> weight == 1 && sum == 0;
        loop invariant i == 1 ==> weight == 128 && sum == at[0] - 128;
        loop invariant i == 2 ==> weight == 16384 &&
            sum == at[0] - 128 + 128 * (at[1] - 128);
        loop invariant i == 3 ==> weight == 2097152 &&
            sum == at[0] - 128 + 128 * (at[1] - 128) + 16384 * (at[2] - 128);
        loop assigns i, sum, weight;
        loop variant HWI_VARINT_LEN_MAX - i;
    */
    for (size_t i = 0; i < HWI_VARINT_LEN_MAX; i++) {
        if (i == len) {
            return 0;
        }
        sum += at[i] % 128u * weight;
        if (at[i] < 128) {
            /* MQTT5 1.5.5 [MQTT-1.5.5-1]: the fewest bytes. */
            if (i > 0 && at[i] == 0) {
                return -(int)HWI_MALFORMED;
            }
            *value = sum;
            return (int)i + 1;
        }
        weight *= 128;
    }
    /* MQTT5 1.5.5: a fourth byte is the last. */
    return -(int)HWI_MALFORMED;
}

size_t hwi_varint_len(uint32_t value)
{
    size_t len = 1;

    /*@ loop invariant 1 <= len <= HWI_VARINT_LEN_MAX;
        loop invariant value <= HWI_VARINT_MAX;
        loop invariant hwi_varint_size(\at(value, Pre)) ==
                       hwi_varint_size(value) + len - 1;
        loop assigns value, len;
        loop variant value;
    */
    while (value > 0x7Fu) {
        value >>= 7;
        len++;
    }
    return len;
}
