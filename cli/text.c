/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounded text, and the escaping of bytes that came from elsewhere. A byte of
 * a broker or a file never reaches a terminal but through here.
 */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct hawser_cli_text hawser_cli_text_in(char *room, size_t size)
{
    room[0] = '\0';
    return (struct hawser_cli_text){room, size, 0, false};
}

static void add_bytes(struct hawser_cli_text *t, const char *bytes, size_t len)
{
    if (t->cut || len >= t->size - t->len) {
        t->cut = true;
        return;
    }
    memcpy(t->at + t->len, bytes, len);
    t->len += len;
    t->at[t->len] = '\0';
}

void hawser_cli_text_add(struct hawser_cli_text *t, const char *string)
{
    add_bytes(t, string, strlen(string));
}

void hawser_cli_text_addf(struct hawser_cli_text *t, const char *format, ...)
{
    if (t->cut) {
        return;
    }
    size_t room = t->size - t->len;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(t->at + t->len, room, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= room) {
        t->at[t->len] = '\0';
        t->cut = true;
        return;
    }
    t->len += (size_t)len;
}

void hawser_cli_text_back_to(struct hawser_cli_text *t, size_t len)
{
    t->len = len;
    t->at[len] = '\0';
    t->cut = false;
}

/* RFC 3629: the first byte tells the length and the least number. */
static size_t utf8_shape(uint8_t first, uint32_t *bits, uint32_t *least)
{
    if (first < 0x80) {
        *bits = first;
        *least = 0;
        return 1;
    }
    if (first >= 0xC2 && first < 0xE0) {
        *bits = first & 0x1Fu;
        *least = 0x80;
        return 2;
    }
    if (first >= 0xE0 && first < 0xF0) {
        *bits = first & 0x0Fu;
        *least = 0x800;
        return 3;
    }
    if (first >= 0xF0 && first < 0xF5) {
        *bits = first & 0x07u;
        *least = 0x10000;
        return 4;
    }
    return 0;
}

size_t hawser_cli_utf8_next(struct hawser_view bytes, uint32_t *code)
{
    if (bytes.len == 0) {
        return 0;
    }
    uint32_t value = 0;
    uint32_t least = 0;
    size_t len = utf8_shape(bytes.at[0], &value, &least);
    if (len == 0 || len > bytes.len) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if ((bytes.at[i] & 0xC0u) != 0x80) {
            return 0;
        }
        value = value << 6 | (bytes.at[i] & 0x3Fu);
    }
    if (value < least || value > 0x10FFFF ||
        (value >= 0xD800 && value <= 0xDFFF)) {
        return 0;
    }
    *code = value;
    return len;
}

/* Ranges of characters, for the two questions below. */
struct range {
    uint32_t first;
    uint32_t last;
};

static bool is_in(uint32_t code, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

bool hawser_cli_is_shown(uint32_t code)
{
    static const struct range hidden[] = {
        {0x00, 0x1F},         /* controls; ESC begins a terminal's commands */
        {0x7F, 0x9F},         /* DEL and C1; U+009B is such a beginning too */
        {0x061C, 0x061C},     /* a direction mark */
        {0x180E, 0x180E},     /* no width */
        {0x200B, 0x200F},     /* no width, direction marks */
        {0x2028, 0x202E},     /* line ends, direction overrides */
        {0x2060, 0x206F},     /* no width, direction isolates */
        {0xFEFF, 0xFEFF},     /* byte order mark */
        {0xFFF9, 0xFFFB},     /* annotations */
        {0xE0000, 0x10FFFF}}; /* tags and private use */
    return !is_in(code, hidden, sizeof(hidden) / sizeof(hidden[0]));
}

void hawser_cli_text_add_shown(struct hawser_cli_text *t,
                               struct hawser_view bytes)
{
    while (bytes.len > 0 && !t->cut) {
        uint32_t code = 0;
        size_t len = hawser_cli_utf8_next(bytes, &code);
        if (len == 0) {
            hawser_cli_text_addf(t, "\\x%02x", bytes.at[0]);
            len = 1;
        } else if (hawser_cli_is_shown(code)) {
            add_bytes(t, (const char *)bytes.at, len);
        } else if (code < 0x80) {
            hawser_cli_text_addf(t, "\\x%02x", (unsigned)code);
        } else {
            hawser_cli_text_addf(t, "\\u%04x", (unsigned)code);
        }
        bytes.at += len;
        bytes.len -= len;
    }
}

/* RFC 8259 7: what must, and what may, be escaped; above U+FFFF as a pair. */
static void add_json_code(struct hawser_cli_text *t, uint32_t code)
{
    if (code == '"' || code == '\\') {
        hawser_cli_text_addf(t, "\\%c", (int)code);
    } else if (code == '\n') {
        hawser_cli_text_add(t, "\\n");
    } else if (code == '\t') {
        hawser_cli_text_add(t, "\\t");
    } else if (code < 0x10000) {
        hawser_cli_text_addf(t, "\\u%04x", (unsigned)code);
    } else {
        unsigned high = (unsigned)(0xD800 + ((code - 0x10000) >> 10));
        unsigned low = (unsigned)(0xDC00 + ((code - 0x10000) & 0x3FF));
        hawser_cli_text_addf(t, "\\u%04x\\u%04x", high, low);
    }
}

void hawser_cli_text_add_json(struct hawser_cli_text *t,
                              struct hawser_view bytes)
{
    while (bytes.len > 0 && !t->cut) {
        uint32_t code = 0xFFFD;
        size_t len = hawser_cli_utf8_next(bytes, &code);
        if (len > 0 && hawser_cli_is_shown(code) && code != '"' &&
            code != '\\') {
            add_bytes(t, (const char *)bytes.at, len);
        } else {
            add_json_code(t, code);
            len = len == 0 ? 1 : len;
        }
        bytes.at += len;
        bytes.len -= len;
    }
}

void hawser_cli_text_add_json_string(struct hawser_cli_text *t,
                                     struct hawser_view bytes)
{
    size_t before = t->len;
    bool was_cut = t->cut;
    hawser_cli_text_add(t, "\"");
    hawser_cli_text_add_json(t, bytes);
    hawser_cli_text_add(t, "\"");
    if (t->cut && !was_cut) {
        hawser_cli_text_back_to(t, before);
        t->cut = true;
    }
}

static size_t columns_of(uint32_t code)
{
    static const struct range narrow[] = {
        {0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}};
    static const struct range wide[] = {
        {0x1100, 0x115F}, {0x2E80, 0xA4CF},   {0xAC00, 0xD7A3},
        {0xF900, 0xFAFF}, {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
        {0xFFE0, 0xFFE6}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD}};
    if (is_in(code, narrow, sizeof(narrow) / sizeof(narrow[0]))) {
        return 0;
    }
    return is_in(code, wide, sizeof(wide) / sizeof(wide[0])) ? 2 : 1;
}

size_t hawser_cli_text_columns(const char *shown)
{
    struct hawser_view rest = hawser_cli_view(shown);
    size_t columns = 0;
    while (rest.len > 0) {
        uint32_t code = 0;
        size_t len = hawser_cli_utf8_next(rest, &code);
        columns += len == 0 ? 1 : columns_of(code);
        len = len == 0 ? 1 : len;
        rest.at += len;
        rest.len -= len;
    }
    return columns;
}

struct hawser_view hawser_cli_view(const char *string)
{
    if (string == NULL) {
        return (struct hawser_view){NULL, 0};
    }
    return (struct hawser_view){(const uint8_t *)string, strlen(string)};
}
