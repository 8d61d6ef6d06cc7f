/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64, four characters to three bytes. Only the one right text of some bytes
 * is taken, so that what was signed cannot be sent in two ways.
 */
#include "device/base64.h"

/* The six bits of a character; -1: it is none of base64's. */
static int bits_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    if (c == '+') {
        return 62;
    }
    return c == '/' ? 63 : -1;
}

static uint8_t character_of(uint32_t bits)
{
    static const char all[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    return (uint8_t)all[bits & 63];
}

static bool is_blank(uint8_t c)
{
    return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

/* Up to four characters that belong together. */
struct group {
    uint32_t bits;
    unsigned count;   /* characters */
    unsigned padding; /* of them, at the end */
};

/* Adds a character. False: it cannot stand here. */
static bool add(struct group *g, uint8_t c)
{
    int bits = bits_of(c);

    if (c == '=') {
        g->padding++;
        bits = 0;
        if (g->count < 2) {
            return false;
        }
    } else if (bits < 0 || g->padding > 0) {
        return false;
    }
    g->bits = g->bits << 6 | (uint32_t)bits;
    g->count++;
    return true;
}

/* Writes the bytes of a whole group. */
static int take(const struct group *g, struct hawser_span out, size_t *len)
{
    unsigned count = 3 - g->padding;

    if ((g->bits & ((1u << 8 * g->padding) - 1)) != 0) {
        return HAWSER_E_ARG;
    }
    if (out.size - *len < count) {
        return HAWSER_E_FULL;
    }
    for (unsigned i = 0; i < count; i++) {
        out.at[(*len)++] = (uint8_t)(g->bits >> (16 - 8 * i));
    }
    return 0;
}

int hwi_base64_decode(struct hawser_view text, bool is_wrapped,
                      struct hawser_span out, size_t *len)
{
    struct group g = {.count = 0};
    bool is_over = false;
    int err = 0;

    *len = 0;
    for (size_t i = 0; i < text.len && err == 0; i++) {
        uint8_t c = text.at[i];
        if (is_wrapped && is_blank(c)) {
            continue;
        }
        if (is_over || !add(&g, c)) {
            return HAWSER_E_ARG;
        }
        if (g.count == 4) {
            err = take(&g, out, len);
            is_over = g.padding > 0;
            g = (struct group){.count = 0};
        }
    }
    return err == 0 && g.count != 0 ? HAWSER_E_ARG : err;
}

int hwi_base64_encode(struct hawser_view bytes, struct hawser_span out,
                      size_t *len)
{
    size_t at = 0;

    *len = 0;
    if ((bytes.len + 2) / 3 > out.size / 4) {
        return HAWSER_E_FULL;
    }
    while (at < bytes.len) {
        size_t left = bytes.len - at;
        uint32_t bits = (uint32_t)bytes.at[at] << 16 |
                        (left > 1 ? (uint32_t)bytes.at[at + 1] << 8 : 0) |
                        (left > 2 ? bytes.at[at + 2] : 0);
        out.at[(*len)++] = character_of(bits >> 18);
        out.at[(*len)++] = character_of(bits >> 12);
        out.at[(*len)++] = left > 1 ? character_of(bits >> 6) : '=';
        out.at[(*len)++] = left > 2 ? character_of(bits) : '=';
        at += 3;
    }
    return 0;
}
