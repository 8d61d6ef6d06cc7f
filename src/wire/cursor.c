/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader and the writer. [MQTT5 1.5]
 */
#include "wire/cursor.h"

#include "wire/utf8.h"

/* Those that were not put in place are called here. */
extern inline struct hwi_reader hwi_reader_of(struct hawser_view v);
extern inline struct hawser_view hwi_read_bytes(struct hwi_reader *r,
                                                size_t len);
extern inline uint8_t hwi_read_u8(struct hwi_reader *r);
extern inline uint16_t hwi_read_u16(struct hwi_reader *r);
extern inline struct hawser_view hwi_read_binary(struct hwi_reader *r);
extern inline struct hwi_writer hwi_writer_of(struct hawser_span room);
extern inline size_t hwi_written(const struct hwi_writer *w);
extern inline uint8_t *hwi_write_place(struct hwi_writer *w, size_t len);
extern inline void hwi_write_u8(struct hwi_writer *w, uint8_t value);
extern inline void hwi_write_u16(struct hwi_writer *w, uint16_t value);
extern inline void hwi_write_bytes(struct hwi_writer *w, struct hawser_view v);

/* Reading ------------------------------------------------------------------ */

void hwi_read_fail(struct hwi_reader *r, uint8_t reason)
{
    if (r->fault == HWI_OK) {
        r->fault = reason;
    }
    r->left = 0;
}

uint32_t hwi_read_u32(struct hwi_reader *r)
{
    uint32_t high = hwi_read_u16(r);

    return high << 16 | hwi_read_u16(r);
}

uint32_t hwi_read_varint(struct hwi_reader *r)
{
    uint32_t value = 0;
    int used = hwi_varint_read(r->at, r->left, &value);

    if (used <= 0) {
        hwi_read_fail(r, HWI_MALFORMED);
        return 0;
    }
    (void)hwi_read_bytes(r, (size_t)used); /* is there: just looked at */
    return value;
}

struct hawser_view hwi_read_string(struct hwi_reader *r)
{
    struct hawser_view v = hwi_read_binary(r);

    /* MQTT5 1.5.4 [MQTT-1.5.4-1, -2], MQTT3 1.5.3 [MQTT-1.5.3-1, -2]. */
    if (!hwi_utf8_is_valid(v)) {
        hwi_read_fail(r, HWI_MALFORMED);
        return (struct hawser_view){NULL, 0};
    }
    return v;
}

uint8_t hwi_read_end(struct hwi_reader *r)
{
    if (r->left > 0) {
        hwi_read_fail(r, HWI_MALFORMED);
    }
    return r->fault;
}

/* Writing ------------------------------------------------------------------ */

uint8_t *hwi_write_fail(struct hwi_writer *w)
{
    w->is_full = true;
    w->at += w->left;
    w->left = 0;
    return NULL;
}

/* The format has no such thing. */
/*@ requires hwi_writer_is_sound(w);
    assigns *w;
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
    ensures w->is_bad;
*/
static void refuse(struct hwi_writer *w)
{
    w->is_bad = true;
    w->left = 0;
}

void hwi_write_u32(struct hwi_writer *w, uint32_t value)
{
    hwi_write_u16(w, (uint16_t)(value >> 16));
    hwi_write_u16(w, (uint16_t)value);
}

/* Writes hwi_varint_len(value) bytes. */
/*@ requires value <= HWI_VARINT_MAX;
    requires \valid(at + (0 .. hwi_varint_size(value) - 1));
    assigns at[0 .. hwi_varint_size(value) - 1];
    ensures hwi_is_varint(at, value);
*/
static void put_varint(uint8_t *at, uint32_t value)
{
    size_t i;

    /*@ loop invariant hwi_varint_size(\at(value, Pre)) ==
                       i + hwi_varint_size(value);
        loop invariant value == (i == 0 ? \at(value, Pre) :
                                 i == 1 ? \at(value, Pre) / 128 :
                                 i == 2 ? \at(value, Pre) / 128 / 128 :
                                          \at(value, Pre) / 128 / 128 / 128);
        loop invariant i >= 1 ==> at[0] == 128 + \at(value, Pre) % 128;
        loop invariant i >= 2 ==> at[1] == 128 + \at(value, Pre) / 128 % 128;
        loop invariant i >= 3 ==>
            at[2] == 128 + \at(value, Pre) / 128 / 128 % 128;
        loop assigns i, value, at[0 .. hwi_varint_size(\at(value, Pre)) - 1];
        loop variant value;
    */
    for (i = 0; value > 0x7Fu; i++) {
        at[i] = (uint8_t)(128u + value % 128u);
        value >>= 7;
    }
    at[i] = (uint8_t)value;
}

void hwi_write_varint(struct hwi_writer *w, uint32_t value)
{
    uint8_t *at;

    if (value > HWI_VARINT_MAX) {
        refuse(w);
        return;
    }
    at = hwi_write_place(w, hwi_varint_len(value));
    if (at != NULL) {
        put_varint(at, value);
    }
}

void hwi_write_binary(struct hwi_writer *w, struct hawser_view v)
{
    uint8_t *at;

    if (v.len > UINT16_MAX) {
        refuse(w);
        return;
    }
    at = hwi_write_place(w, 2 + v.len);
    if (at != NULL) {
        at[0] = (uint8_t)(v.len >> 8);
        at[1] = (uint8_t)v.len;
        if (v.len > 0) {
            memcpy(at + 2, v.at, v.len);
        }
    }
}

void hwi_write_header(struct hwi_writer *w, uint8_t first, size_t body_len)
{
    hwi_write_u8(w, first);
    hwi_write_varint(w, body_len > HWI_VARINT_MAX ? UINT32_MAX
                                                  : (uint32_t)body_len);
}

uint8_t *hwi_write_open(struct hwi_writer *w)
{
    (void)hwi_write_place(w, 1);
    return w->at;
}

uint8_t *hwi_write_open_packet(struct hwi_writer *w, uint8_t first)
{
    uint8_t *at = hwi_write_place(w, 2);

    if (at != NULL) {
        at[0] = first;
    }
    return w->at;
}

void hwi_write_close(struct hwi_writer *w, uint8_t *content)
{
    size_t len = (size_t)(w->at - content);
    size_t more;

    if (w->is_full || w->is_bad) {
        return;
    }
    if (len > HWI_VARINT_MAX) {
        refuse(w);
        return;
    }
    more = hwi_varint_len((uint32_t)len) - 1;
    if (more > 0) {
        if (hwi_write_place(w, more) == NULL) {
            return;
        }
        memmove(content + more, content, len);
    }
    put_varint(content - 1, (uint32_t)len);
}
