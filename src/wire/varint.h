/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The variable byte integer: 7 bits a byte, at most 4 bytes, lowest first.
 * [MQTT5 1.5.5, MQTT3 2.2.3]
 */
#ifndef HWI_WIRE_VARINT_H
#define HWI_WIRE_VARINT_H

#include <stddef.h>
#include <stdint.h>

/* The largest value. */
#define HWI_VARINT_MAX 268435455u

/* The bytes that it takes at most. */
#define HWI_VARINT_LEN_MAX 4u

/*
 * Reads one from the first len bytes of at. > 0: so many bytes, *value is set.
 * 0: more bytes are needed. < 0: malformed (a fifth byte, or a longer form than
 * needed); -result is the reason code.
 */
int hwi_varint_read(const uint8_t *at, size_t len, uint32_t *value);

/* Bytes that value takes: 1..4. value <= HWI_VARINT_MAX. */
size_t hwi_varint_len(uint32_t value);

#endif
