/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader and the writer. [MQTT5 1.5]
 */
#include "wire/cursor.h"

#include "wire/memory.h"
#include "wire/reason.h"
#include "wire/utf8.h"
#include "wire/varint.h"

struct hwi_reader hwi_reader_of(struct hawser_view v)
{
    return (struct hwi_reader){.at = v.at, .left = v.len};
}

void hwi_read_fail(struct hwi_reader *r, uint8_t reason)
{
    if (r->fault == HWI_OK) {
        r->fault = reason;
    }
    r->left = 0;
}

struct hawser_view hwi_read_bytes(struct hwi_reader *r, size_t len)
{
    struct hawser_view v = {r->at, len};

    if (len > r->left) {
        hwi_read_fail(r, HWI_MALFORMED);
    }
    if (r->fault != HWI_OK) {
        return (struct hawser_view){NULL, 0};
    }
    r->at += len;
    r->left -= len;
    return v;
}

uint8_t hwi_read_u8(struct hwi_reader *r)
{
    struct hawser_view v = hwi_read_bytes(r, 1);

    return v.len == 0 ? 0 : v.at[0];
}

uint16_t hwi_read_u16(struct hwi_reader *r)
{
    struct hawser_view v = hwi_read_bytes(r, 2);

    return v.len == 0 ? 0 : (uint16_t)((unsigned)v.at[0] << 8 | v.at[1]);
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

struct hawser_view hwi_read_binary(struct hwi_reader *r)
{
    uint16_t len = hwi_read_u16(r);

    return hwi_read_bytes(r, len);
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

/* Where the next len bytes go, which count as written; NULL: nowhere. */
static uint8_t *place(struct hwi_writer *w, size_t len)
{
    size_t limit = w->at == NULL ? HWI_VARINT_MAX : w->size;
    uint8_t *at = w->at;

    if (w->is_bad || len > limit - w->len) {
        w->is_bad = true;
        return NULL;
    }
    at = at == NULL ? NULL : at + w->len;
    w->len += len;
    return at;
}

void hwi_write_bytes(struct hwi_writer *w, struct hawser_view v)
{
    uint8_t *at = place(w, v.len);

    if (at != NULL && v.len > 0) {
        memcpy(at, v.at, v.len);
    }
}

void hwi_write_u8(struct hwi_writer *w, uint8_t value)
{
    uint8_t *at = place(w, 1);

    if (at != NULL) {
        at[0] = value;
    }
}

void hwi_write_u16(struct hwi_writer *w, uint16_t value)
{
    uint8_t *at = place(w, 2);

    if (at != NULL) {
        at[0] = (uint8_t)(value >> 8);
        at[1] = (uint8_t)value;
    }
}

void hwi_write_u32(struct hwi_writer *w, uint32_t value)
{
    hwi_write_u16(w, (uint16_t)(value >> 16));
    hwi_write_u16(w, (uint16_t)value);
}

void hwi_write_varint(struct hwi_writer *w, uint32_t value)
{
    if (value > HWI_VARINT_MAX) {
        w->is_bad = true;
        return;
    }
    while (value > 0x7Fu) {
        hwi_write_u8(w, (uint8_t)(value | 0x80u));
        value >>= 7;
    }
    hwi_write_u8(w, (uint8_t)value);
}

void hwi_write_binary(struct hwi_writer *w, struct hawser_view v)
{
    if (v.len > UINT16_MAX) {
        w->is_bad = true;
        return;
    }
    hwi_write_u16(w, (uint16_t)v.len);
    hwi_write_bytes(w, v);
}

void hwi_write_header(struct hwi_writer *w, uint8_t first,
                      const struct hwi_writer *body)
{
    hwi_write_u8(w, first);
    hwi_write_varint(w, (uint32_t)body->len);
    w->is_bad = w->is_bad || body->is_bad;
}
