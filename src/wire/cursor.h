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
#include "wire/proof.h"
#include "wire/reason.h"
#include "wire/varint.h"

/* Reading ----------------------------------------------------------------- */

struct hwi_reader {
    const uint8_t *at;
    size_t left;
    uint8_t fault; /* reason code of what was wrong first; 0: nothing */
};

/*@ // What each call below needs and leaves behind.
    predicate hwi_reader_is_sound(struct hwi_reader *r) =
        \valid(r) && \valid_read(r->at + (0 .. r->left - 1)) &&
        \separated(r, r->at + (0 .. r->left - 1)) &&
        (r->fault != HWI_OK ==> r->left == 0);

    // From A to B it went on, its end where it was, or met a fault, and it
    // forgets none.
    predicate hwi_reader_went_on{A, B}(struct hwi_reader *r) =
        \at(r->left, B) <= \at(r->left, A) &&
        (\at(r->fault, A) != HWI_OK ==>
            \at(r->fault, B) == \at(r->fault, A)) &&
        (\at(r->fault, B) == HWI_OK ==>
            \base_addr{B}(\at(r->at, B)) == \base_addr{A}(\at(r->at, A)) &&
            \at(r->at, B) - \at(r->at, A) ==
                \at(r->left, A) - \at(r->left, B));

    // It reads v, and is somewhere in it or has met a fault.
    predicate hwi_reads(struct hwi_reader *r, struct hawser_view v) =
        hwi_reader_is_sound(r) && r->left <= v.len &&
        (r->fault == HWI_OK ==>
            \base_addr(r->at) == \base_addr(v.at) &&
            r->at - v.at == v.len - r->left);
*/

/* A reader of all of v. */
/*@ assigns \nothing;
    ensures \result.at == v.at && \result.left == v.len;
    ensures \result.fault == HWI_OK;
*/
inline struct hwi_reader hwi_reader_of(struct hawser_view v)
{
    return (struct hwi_reader){.at = v.at, .left = v.len};
}

/* Sets the fault, if it is the first, and leaves nothing to be read. */
/*@ requires hwi_reader_is_sound(r);
    assigns *r;
    ensures r->at == \old(r->at) && r->left == 0;
    ensures r->fault == (\old(r->fault) == HWI_OK ? reason : \old(r->fault));
*/
void hwi_read_fail(struct hwi_reader *r, uint8_t reason);

/* The next len bytes; {NULL, 0} on a fault. After a fault nothing is left, and
 * no bytes of nothing are the same. */
/*@ requires hwi_reader_is_sound(r);
    assigns *r;
    ensures hwi_reader_is_sound(r) && hwi_reader_went_on{Pre, Post}(r);
    ensures hwi_is_inside(\result, \old(r->at), \old(r->left));
    ensures len <= \old(r->left) ==>
            \result.at == \old(r->at) && \result.len == len &&
            r->left == \old(r->left) - len && r->fault == \old(r->fault);
    ensures len > \old(r->left) ==>
            \result.at == \null && \result.len == 0 && r->fault != HWI_OK;
*/
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

/*@ requires hwi_reader_is_sound(r);
    assigns *r;
    ensures hwi_reader_is_sound(r) && hwi_reader_went_on{Pre, Post}(r);
    ensures \old(r->left) >= 1 ==> r->left == \old(r->left) - 1 &&
            r->fault == HWI_OK && \result == \old(r->at[0]);
    ensures \old(r->left) < 1 ==> r->fault != HWI_OK && \result == 0;
*/
inline uint8_t hwi_read_u8(struct hwi_reader *r)
{
    struct hawser_view v = hwi_read_bytes(r, 1);

    return v.len == 0 ? 0 : v.at[0];
}

/*@ requires hwi_reader_is_sound(r);
    assigns *r;
    ensures hwi_reader_is_sound(r) && hwi_reader_went_on{Pre, Post}(r);
    ensures \old(r->left) >= 2 ==> r->left == \old(r->left) - 2 &&
            r->fault == HWI_OK &&
            \result == \old(r->at[0]) * 256 + \old(r->at[1]);
    ensures \old(r->left) < 2 ==> r->fault != HWI_OK && \result == 0;
*/
inline uint16_t hwi_read_u16(struct hwi_reader *r)
{
    struct hawser_view v = hwi_read_bytes(r, 2);

    return v.len == 0 ? 0 : (uint16_t)(((unsigned)v.at[0] << 8) + v.at[1]);
}

/*@ requires hwi_reader_is_sound(r);
    assigns *r;
    ensures hwi_reader_is_sound(r) && hwi_reader_went_on{Pre, Post}(r);
    ensures \old(r->left) >= 4 ==>
            r->left == \old(r->left) - 4 && r->fault == HWI_OK;
    ensures \old(r->left) < 4 ==> r->fault != HWI_OK;
*/
uint32_t hwi_read_u32(struct hwi_reader *r);

/*@ requires hwi_reader_is_sound(r);
    assigns *r;
    ensures hwi_reader_is_sound(r) && hwi_reader_went_on{Pre, Post}(r);
    ensures \result <= HWI_VARINT_MAX;
    ensures r->fault == HWI_OK ==> r->left < \old(r->left);
    ensures r->fault != HWI_OK ==> \result == 0;
*/
uint32_t hwi_read_varint(struct hwi_reader *r);

/* Binary data: a length of two bytes, then so many. [MQTT5 1.5.6] */
/*@ requires hwi_reader_is_sound(r);
    assigns *r;
    ensures hwi_reader_is_sound(r) && hwi_reader_went_on{Pre, Post}(r);
    ensures hwi_is_inside(\result, \old(r->at), \old(r->left));
    ensures \result.len <= UINT16_MAX;
*/
inline struct hawser_view hwi_read_binary(struct hwi_reader *r)
{
    uint16_t len = hwi_read_u16(r);

    return hwi_read_bytes(r, len);
}

/* The same, and it must be a UTF-8 Encoded String. [MQTT5 1.5.4] */
/*@ requires hwi_reader_is_sound(r);
    assigns *r;
    ensures hwi_reader_is_sound(r) && hwi_reader_went_on{Pre, Post}(r);
    ensures hwi_is_inside(\result, \old(r->at), \old(r->left));
    ensures \result.len <= UINT16_MAX;
*/
struct hawser_view hwi_read_string(struct hwi_reader *r);

/* The end of a packet: bytes left over are malformed. Answers the fault. */
/*@ requires hwi_reader_is_sound(r);
    assigns *r;
    ensures hwi_reader_is_sound(r);
    ensures \result == r->fault;
    ensures \result == HWI_OK <==>
            \old(r->left) == 0 && \old(r->fault) == HWI_OK;
*/
uint8_t hwi_read_end(struct hwi_reader *r);

/* Writing ----------------------------------------------------------------- */

struct hwi_writer {
    uint8_t *at; /* the next byte's place */
    size_t left; /* room there; 0 if it is full or bad */
    uint8_t *begin;
    bool is_full; /* something did not fit */
    bool is_bad;  /* something has no place in the format */
};

/*@ // What each call below needs and leaves behind.
    predicate hwi_writer_is_sound(struct hwi_writer *w) =
        \valid(w) && \base_addr(w->at) == \base_addr(w->begin) &&
        0 <= w->at - w->begin <= SIZE_MAX - w->left &&
        \valid(w->begin + (0 .. w->at - w->begin + w->left - 1)) &&
        \separated(w, w->begin + (0 .. w->at - w->begin + w->left - 1)) &&
        (w->is_full ==> w->left == 0);

    // From A to B it used some of the room that was left, and forgets no
    // failure.
    predicate hwi_writer_went_on{A, B}(struct hwi_writer *w) =
        \at(w->begin, B) == \at(w->begin, A) &&
        \base_addr{B}(\at(w->at, B)) == \base_addr{A}(\at(w->at, A)) &&
        0 <= \at(w->at, B) - \at(w->at, A) &&
        \at(w->at, B) - \at(w->at, A) + \at(w->left, B) <=
            \at(w->left, A) &&
        (\at(w->is_full, A) ==> \at(w->is_full, B)) &&
        (\at(w->is_bad, A) ==> \at(w->is_bad, B));

    // No byte of v is written to.
    predicate hwi_is_apart(struct hawser_view v, struct hwi_writer *w) =
        \separated(v.at + (0 .. v.len - 1), w) &&
        \separated(v.at + (0 .. v.len - 1), w->at + (0 .. w->left - 1));
*/

/* A writer into all of room. */
/*@ assigns \nothing;
    ensures \result.at == room.at && \result.begin == room.at;
    ensures \result.left == room.size;
    ensures !\result.is_full && !\result.is_bad;
*/
inline struct hwi_writer hwi_writer_of(struct hawser_span room)
{
    return (struct hwi_writer){
        .at = room.at, .left = room.size, .begin = room.at};
}

/* How many bytes have been written; if it is full, how many there was room
 * for. */
/*@ requires \valid_read(w);
    requires \base_addr(w->at) == \base_addr(w->begin);
    requires 0 <= w->at - w->begin <= SIZE_MAX;
    assigns \nothing;
    ensures \result == w->at - w->begin;
*/
inline size_t hwi_written(const struct hwi_writer *w)
{
    return (size_t)(w->at - w->begin);
}

/* Makes it full: nothing more can be written. Answers NULL. */
/*@ requires hwi_writer_is_sound(w);
    assigns *w;
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
    ensures w->is_full && \result == \null;
    ensures w->is_bad == \old(w->is_bad);
*/
uint8_t *hwi_write_fail(struct hwi_writer *w);

/* Where the next len bytes go, which count as written; NULL: nowhere. */
/*@ requires hwi_writer_is_sound(w);
    assigns *w;
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
    ensures len > \old(w->left) ==> \result == \null && w->is_full;
    ensures len <= \old(w->left) ==> \result == \old(w->at) &&
            w->at == \old(w->at) + len && w->left == \old(w->left) - len &&
            w->is_full == \old(w->is_full);
    ensures w->is_bad == \old(w->is_bad);
*/
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

/*@ requires hwi_writer_is_sound(w);
    assigns *w, w->at[0 .. w->left - 1];
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
    ensures \old(w->left) >= 1 ==>
            \old(w->at)[0] == value && w->at == \old(w->at) + 1;
*/
inline void hwi_write_u8(struct hwi_writer *w, uint8_t value)
{
    uint8_t *at = hwi_write_place(w, 1);

    if (at != NULL) {
        at[0] = value;
    }
}

/*@ requires hwi_writer_is_sound(w);
    assigns *w, w->at[0 .. w->left - 1];
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
    ensures \old(w->left) >= 2 ==>
            \old(w->at)[0] == value / 256 && \old(w->at)[1] == value % 256 &&
            w->at == \old(w->at) + 2;
*/
inline void hwi_write_u16(struct hwi_writer *w, uint16_t value)
{
    uint8_t *at = hwi_write_place(w, 2);

    if (at != NULL) {
        at[0] = (uint8_t)(value >> 8);
        at[1] = (uint8_t)(value % 256u);
    }
}

/*@ requires hwi_writer_is_sound(w);
    assigns *w, w->at[0 .. w->left - 1];
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
*/
void hwi_write_u32(struct hwi_writer *w, uint32_t value);

/* Bad if value > HWI_VARINT_MAX. */
/*@ requires hwi_writer_is_sound(w);
    assigns *w, w->at[0 .. w->left - 1];
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
    ensures value > HWI_VARINT_MAX ==> w->is_bad;
    ensures value <= HWI_VARINT_MAX &&
            \old(w->left) >= hwi_varint_size(value) ==>
            hwi_is_varint(\old(w->at), value) &&
            w->at == \old(w->at) + hwi_varint_size(value);
*/
void hwi_write_varint(struct hwi_writer *w, uint32_t value);

/* Bytes as they are. */
/*@ requires hwi_writer_is_sound(w);
    requires hwi_is_readable(v) && hwi_is_apart(v, w);
    assigns *w, w->at[0 .. w->left - 1];
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
*/
inline void hwi_write_bytes(struct hwi_writer *w, struct hawser_view v)
{
    uint8_t *at = hwi_write_place(w, v.len);

    if (at != NULL && v.len > 0) {
        memcpy(at, v.at, v.len);
    }
}

/* A length of two bytes, then the bytes; bad above 65535. */
/*@ requires hwi_writer_is_sound(w);
    requires hwi_is_readable(v) && hwi_is_apart(v, w);
    assigns *w, w->at[0 .. w->left - 1];
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
*/
void hwi_write_binary(struct hwi_writer *w, struct hawser_view v);

/* The first byte of a packet and the length of its body. Bad if that is above
 * HWI_VARINT_MAX. */
/*@ requires hwi_writer_is_sound(w);
    assigns *w, w->at[0 .. w->left - 1];
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
*/
void hwi_write_header(struct hwi_writer *w, uint8_t first, size_t body_len);

/*@ // content is where hwi_write_open() said.
    predicate hwi_is_open(struct hwi_writer *w, uint8_t *content) =
        w->is_full || w->is_bad ||
        (\base_addr(content) == \base_addr(w->begin) &&
         1 <= content - w->begin && 0 <= w->at - content);

    // The bytes that hwi_write_close() may touch, from the length on.
    logic integer hwi_reach(struct hwi_writer *w, uint8_t *content) =
        w->is_full || w->is_bad ? 0 : 1 + (w->at - content) + w->left;
*/

/*
 * For what begins with its length when that is not known yet. Begins it: answers
 * where its content begins.
 */
/*@ requires hwi_writer_is_sound(w);
    assigns *w, w->at[0 .. w->left - 1];
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
    ensures \result == w->at && hwi_is_open(w, \result);
    ensures !w->is_full ==> \result == \old(w->at) + 1;
*/
uint8_t *hwi_write_open(struct hwi_writer *w);

/* The same for a packet: its first byte comes before. */
/*@ requires hwi_writer_is_sound(w);
    assigns *w, w->at[0 .. w->left - 1];
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
    ensures \result == w->at && hwi_is_open(w, \result);
    ensures !w->is_full ==> \result == \old(w->at) + 2;
*/
uint8_t *hwi_write_open_packet(struct hwi_writer *w, uint8_t first);

/* Ends it: puts the length in front of the content, which moves if that takes
 * more than a byte. */
/*@ requires hwi_writer_is_sound(w) && hwi_is_open(w, content);
    assigns *w, (content - 1)[0 .. hwi_reach(w, content) - 1];
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
*/
void hwi_write_close(struct hwi_writer *w, uint8_t *content);

#endif
