/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The variable byte integer: 7 bits a byte, at most 4 bytes, lowest first.
 * [MQTT5 1.5.5, MQTT3 2.2.3]
 */
#ifndef HWI_WIRE_VARINT_H
#define HWI_WIRE_VARINT_H

#include <stddef.h>
#include <stdint.h>

#include "wire/proof.h"

/* The largest value. */
#define HWI_VARINT_MAX 268435455u

/* The bytes that it takes at most. */
#define HWI_VARINT_LEN_MAX 4u

/*@ // The bytes that v takes, and the bytes at at are those.
    logic integer hwi_varint_size(integer v) =
        v < 128 ? 1 : v < 16384 ? 2 : v < 2097152 ? 3 : 4;

    predicate hwi_is_varint(uint8_t *at, integer v) =
        at[0] == v % 128 + (v < 128 ? 0 : 128) &&
        (v >= 128 ==>
            at[1] == v / 128 % 128 + (v < 16384 ? 0 : 128)) &&
        (v >= 16384 ==>
            at[2] == v / 128 / 128 % 128 + (v < 2097152 ? 0 : 128)) &&
        (v >= 2097152 ==> at[3] == v / 128 / 128 / 128);
*/

/*
 * Reads one from the first len bytes of at. > 0: so many bytes, *value is set.
 * 0: more bytes are needed. < 0: malformed (a fifth byte, or a longer form than
 * needed); -result is the reason code.
 */
/*@ requires \valid_read(at + (0 .. len - 1)) && \valid(value);
    requires \separated(value, at + (0 .. len - 1));
    assigns *value;
    ensures \result == -0x81 || 0 <= \result <= len;
    ensures \result == 0 ==> len < HWI_VARINT_LEN_MAX;
    ensures \result > 0 ==> *value <= HWI_VARINT_MAX;
    ensures \result > 0 ==> \result == hwi_varint_size(*value);
    ensures \result > 0 ==> hwi_is_varint(at, *value);
    ensures \result <= 0 ==> *value == \old(*value);
    // Whatever was written is read.
    ensures \forall integer v; 0 <= v <= HWI_VARINT_MAX &&
            hwi_varint_size(v) <= len && hwi_is_varint(at, v) ==>
            \result == hwi_varint_size(v) && *value == v;
*/
int hwi_varint_read(const uint8_t *at, size_t len, uint32_t *value);

/* Bytes that value takes: 1..4. value <= HWI_VARINT_MAX. */
/*@ requires value <= HWI_VARINT_MAX;
    assigns \nothing;
    ensures \result == hwi_varint_size(value);
*/
size_t hwi_varint_len(uint32_t value);

#endif
