/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only way in and out of packet bytes. A reader has an end and a fault: the
 * first read that does not fit, or is not well formed, sets the fault, and all
 * later reads answer zeros; so a decoder reads everything first and looks at
 * the fault once. A writer without a buffer measures; with one it writes.
 * [MQTT5 1.5]
 */
#ifndef HWI_WIRE_CURSOR_H
#define HWI_WIRE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hawser/mqtt.h"

/* Reading ----------------------------------------------------------------- */

struct hwi_reader {
    const uint8_t *at;
    size_t left;
    uint8_t fault; /* reason code of what was wrong first; 0: nothing */
};

/* A reader of all of v. */
struct hwi_reader hwi_reader_of(struct hawser_view v);

/* Sets the fault, if it is the first, and leaves nothing to be read. */
void hwi_read_fail(struct hwi_reader *r, uint8_t reason);

uint8_t hwi_read_u8(struct hwi_reader *r);
uint16_t hwi_read_u16(struct hwi_reader *r);
uint32_t hwi_read_u32(struct hwi_reader *r);
uint32_t hwi_read_varint(struct hwi_reader *r);

/* The next len bytes; {NULL, 0} on a fault. */
struct hawser_view hwi_read_bytes(struct hwi_reader *r, size_t len);

/* Binary data: a length of two bytes, then so many. [MQTT5 1.5.6] */
struct hawser_view hwi_read_binary(struct hwi_reader *r);

/* The same, and it must be a UTF-8 Encoded String. [MQTT5 1.5.4] */
struct hawser_view hwi_read_string(struct hwi_reader *r);

/* The end of a packet: bytes left over are malformed. Answers the fault. */
uint8_t hwi_read_end(struct hwi_reader *r);

/* Writing ----------------------------------------------------------------- */

struct hwi_writer {
    uint8_t *at; /* NULL: only measures */
    size_t size; /* room at at; of no meaning if at is NULL */
    size_t len;  /* bytes written, or that would have been */
    bool is_bad; /* something has no place in the format or in size */
};

void hwi_write_u8(struct hwi_writer *w, uint8_t value);
void hwi_write_u16(struct hwi_writer *w, uint16_t value);
void hwi_write_u32(struct hwi_writer *w, uint32_t value);

/* Bad if value > HWI_VARINT_MAX. */
void hwi_write_varint(struct hwi_writer *w, uint32_t value);

/* Bytes as they are. */
void hwi_write_bytes(struct hwi_writer *w, struct hawser_view v);

/* A length of two bytes, then the bytes; bad above 65535. */
void hwi_write_binary(struct hwi_writer *w, struct hawser_view v);

/* The first byte of a packet and its remaining length, as body measured it;
 * bad if body is. */
void hwi_write_header(struct hwi_writer *w, uint8_t first,
                      const struct hwi_writer *body);

#endif
