/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only way in and out of packet bytes. A reader has an end and a fault: the
 * first read that does not fit, or is not well formed, sets the fault, and all
 * later reads answer zeros; so a decoder reads everything first and looks at
 * the fault once. A writer is the same the other way: what does not fit leaves
 * it full, and whoever lent the room looks once. [MQTT5 1.5]
 *
 * The small ones are inline: a compiler that is told to be fast puts them in
 * place, one that is told to be small calls those in cursor.c.
 */
#ifndef HWI_WIRE_CURSOR_H
#define HWI_WIRE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hawser/mqtt.h"
#include "wire/memory.h"
#include "wire/reason.h"

/* Reading ----------------------------------------------------------------- */

struct hwi_reader {
    const uint8_t *at;
    size_t left;
    uint8_t fault; /* reason code of what was wrong first; 0: nothing */
};

/* A reader of all of v. */
inline struct hwi_reader hwi_reader_of(struct hawser_view v)
{
    return (struct hwi_reader){.at = v.at, .left = v.len};
}

/* Sets the fault, if it is the first, and leaves nothing to be read. */
void hwi_read_fail(struct hwi_reader *r, uint8_t reason);

/* The next len bytes; {NULL, 0} on a fault. After a fault nothing is left, and
 * no bytes of nothing are the same. */
inline struct hawser_view hwi_read_bytes(struct hwi_reader *r, size_t len)
{
    struct hawser_view v = {r->at, len};

    if (len > r->left) {
        hwi_read_fail(r, HWI_MALFORMED);
        return (struct hawser_view){NULL, 0};
    }
    r->at += len;
    r->left -= len;
    return v;
}

inline uint8_t hwi_read_u8(struct hwi_reader *r)
{
    struct hawser_view v = hwi_read_bytes(r, 1);

    return v.len == 0 ? 0 : v.at[0];
}

inline uint16_t hwi_read_u16(struct hwi_reader *r)
{
    struct hawser_view v = hwi_read_bytes(r, 2);

    return v.len == 0 ? 0 : (uint16_t)((unsigned)v.at[0] << 8 | v.at[1]);
}

uint32_t hwi_read_u32(struct hwi_reader *r);
uint32_t hwi_read_varint(struct hwi_reader *r);

/* Binary data: a length of two bytes, then so many. [MQTT5 1.5.6] */
inline struct hawser_view hwi_read_binary(struct hwi_reader *r)
{
    uint16_t len = hwi_read_u16(r);

    return hwi_read_bytes(r, len);
}

/* The same, and it must be a UTF-8 Encoded String. [MQTT5 1.5.4] */
struct hawser_view hwi_read_string(struct hwi_reader *r);

/* The end of a packet: bytes left over are malformed. Answers the fault. */
uint8_t hwi_read_end(struct hwi_reader *r);

/* Writing ----------------------------------------------------------------- */

struct hwi_writer {
    uint8_t *at; /* the next byte's place */
    size_t left; /* room there; 0 if it is full or bad */
    uint8_t *begin;
    bool is_full; /* something did not fit */
    bool is_bad;  /* something has no place in the format */
};

/* A writer into all of room. */
inline struct hwi_writer hwi_writer_of(struct hawser_span room)
{
    return (struct hwi_writer){
        .at = room.at, .left = room.size, .begin = room.at};
}

/* How many bytes have been written; if it is full, how many there was room
 * for. */
inline size_t hwi_written(const struct hwi_writer *w)
{
    return (size_t)(w->at - w->begin);
}

/* Makes it full: nothing more can be written. Answers NULL. */
uint8_t *hwi_write_fail(struct hwi_writer *w);

/* Where the next len bytes go, which count as written; NULL: nowhere. */
inline uint8_t *hwi_write_place(struct hwi_writer *w, size_t len)
{
    uint8_t *at = w->at;

    if (len > w->left) {
        return hwi_write_fail(w);
    }
    w->left -= len;
    w->at = at + len;
    return at;
}

inline void hwi_write_u8(struct hwi_writer *w, uint8_t value)
{
    uint8_t *at = hwi_write_place(w, 1);

    if (at != NULL) {
        at[0] = value;
    }
}

inline void hwi_write_u16(struct hwi_writer *w, uint16_t value)
{
    uint8_t *at = hwi_write_place(w, 2);

    if (at != NULL) {
        at[0] = (uint8_t)(value >> 8);
        at[1] = (uint8_t)value;
    }
}

void hwi_write_u32(struct hwi_writer *w, uint32_t value);

/* Bad if value > HWI_VARINT_MAX. */
void hwi_write_varint(struct hwi_writer *w, uint32_t value);

/* Bytes as they are. */
inline void hwi_write_bytes(struct hwi_writer *w, struct hawser_view v)
{
    uint8_t *at = hwi_write_place(w, v.len);

    if (at != NULL && v.len > 0) {
        memcpy(at, v.at, v.len);
    }
}

/* A length of two bytes, then the bytes; bad above 65535. */
void hwi_write_binary(struct hwi_writer *w, struct hawser_view v);

/* The first byte of a packet and the length of its body. Bad if that is above
 * HWI_VARINT_MAX. */
void hwi_write_header(struct hwi_writer *w, uint8_t first, size_t body_len);

/*
 * For what begins with its length when that is not known yet. Begins it: answers
 * where its content begins.
 */
uint8_t *hwi_write_open(struct hwi_writer *w);

/* The same for a packet: its first byte comes before. */
uint8_t *hwi_write_open_packet(struct hwi_writer *w, uint8_t first);

/* Ends it: puts the length in front of the content, which moves if that takes
 * more than a byte. */
void hwi_write_close(struct hwi_writer *w, uint8_t *content);

#endif
