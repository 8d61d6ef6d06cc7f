/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict JSON reader that writes what it reads: one pass, one state, a bit a
 * level of nesting (set: an object). jsmn takes more than RFC 8259 allows, and
 * what we hand on to scripts must be JSON.
 */
#include <string.h>

#include "json.h"

/* What may come next. */
enum expected {
    VALUE,
    VALUE_OR_END, /* after [ */
    NAME,         /* after , in an object */
    NAME_OR_END,  /* after { */
    COLON,
    COMMA_OR_END,
    NOTHING
};

struct copy {
    struct hawser_cli_text *to;
    struct hawser_view rest;
    enum expected expected;
    uint32_t is_object;
    unsigned depth;
};

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static void skip(struct copy *c, size_t len)
{
    c->rest.at += len;
    c->rest.len -= len;
}

/* Takes len bytes over as they are. */
static void take(struct copy *c, size_t len)
{
    hawser_cli_text_addf(c->to, "%.*s", (int)len, (const char *)c->rest.at);
    skip(c, len);
}

static void value_done(struct copy *c)
{
    c->expected = c->depth == 0 ? NOTHING : COMMA_OR_END;
}

/* How long a valid escape is that begins at rest; 0: it is none. */
static size_t escape_len(struct hawser_view rest)
{
    if (rest.len < 2) {
        return 0;
    }
    if (rest.at[1] != 'u') {
        return rest.at[1] != '\0' && strchr("\"\\/bfnrt", rest.at[1]) != NULL
                   ? 2
                   : 0;
    }
    for (size_t i = 2; i < 6; i++) {
        if (i >= rest.len || rest.at[i] == '\0' ||
            strchr("0123456789abcdefABCDEF", rest.at[i]) == NULL) {
            return 0;
        }
    }
    return 6;
}

static bool copy_string(struct copy *c)
{
    take(c, 1);
    while (c->rest.len > 0 && c->rest.at[0] != '"') {
        uint32_t code = 0;
        size_t len = hawser_cli_utf8_next(c->rest, &code);
        if (code == '\\') {
            len = escape_len(c->rest);
        }
        if (len == 0 || code < 0x20) {
            return false;
        }
        if (code == '\\') {
            take(c, len);
        } else {
            hawser_cli_text_add_json(c->to,
                                     (struct hawser_view){c->rest.at, len});
            skip(c, len);
        }
    }
    if (c->rest.len == 0) {
        return false;
    }
    take(c, 1);
    return true;
}

static size_t digits(struct hawser_view v, size_t at)
{
    size_t len = 0;
    while (at + len < v.len && is_digit(v.at[at + len])) {
        len++;
    }
    return len;
}

/* The length of the number at the beginning; 0: there is none. */
static size_t number_len(struct hawser_view v)
{
    size_t at = v.at[0] == '-' ? 1 : 0;
    size_t whole = digits(v, at);
    if (whole == 0 || (whole > 1 && v.at[at] == '0')) {
        return 0;
    }
    at += whole;
    if (at < v.len && v.at[at] == '.') {
        size_t part = digits(v, at + 1);
        if (part == 0) {
            return 0;
        }
        at += 1 + part;
    }
    if (at < v.len && (v.at[at] == 'e' || v.at[at] == 'E')) {
        at++;
        at += at < v.len && (v.at[at] == '+' || v.at[at] == '-') ? 1 : 0;
        size_t power = digits(v, at);
        if (power == 0) {
            return 0;
        }
        at += power;
    }
    return at;
}

static size_t word_len(struct hawser_view v)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t len = strlen(words[i]);
        if (v.len >= len && memcmp(v.at, words[i], len) == 0) {
            return len;
        }
    }
    return number_len(v);
}

static bool open_level(struct copy *c, bool is_object)
{
    if (c->depth == HAWSER_CLI_JSON_DEPTH_MAX) {
        return false;
    }
    c->depth++;
    c->is_object = c->is_object << 1 | (is_object ? 1u : 0u);
    c->expected = is_object ? NAME_OR_END : VALUE_OR_END;
    take(c, 1);
    return true;
}

static bool close_level(struct copy *c)
{
    bool is_object = (c->is_object & 1u) != 0;
    if (c->rest.at[0] != (is_object ? '}' : ']')) {
        return false;
    }
    c->depth--;
    c->is_object >>= 1;
    take(c, 1);
    value_done(c);
    return true;
}

static bool copy_value(struct copy *c)
{
    uint8_t first = c->rest.at[0];
    if (first == '{' || first == '[') {
        return open_level(c, first == '{');
    }
    if (first == '"') {
        value_done(c);
        return copy_string(c);
    }
    size_t len = word_len(c->rest);
    take(c, len);
    value_done(c);
    return len > 0;
}

static bool copy_name(struct copy *c)
{
    c->expected = COLON;
    return c->rest.at[0] == '"' && copy_string(c);
}

static bool copy_next(struct copy *c)
{
    uint8_t first = c->rest.at[0];
    switch (c->expected) {
    case VALUE_OR_END:
        return first == ']' ? close_level(c) : copy_value(c);
    case VALUE:
        return copy_value(c);
    case NAME_OR_END:
        return first == '}' ? close_level(c) : copy_name(c);
    case NAME:
        return copy_name(c);
    case COLON:
        c->expected = VALUE;
        take(c, 1);
        return first == ':';
    case COMMA_OR_END:
        if (first != ',') {
            return close_level(c);
        }
        c->expected = (c->is_object & 1u) != 0 ? NAME : VALUE;
        take(c, 1);
        return true;
    case NOTHING:
        return false;
    }
    return false;
}

bool hawser_cli_json_copy(struct hawser_cli_text *t, struct hawser_view json)
{
    struct copy c = {.to = t, .rest = json, .expected = VALUE};
    size_t before = t->len;
    if (t->cut) {
        return false;
    }
    bool is_valid = true;
    while (is_valid && c.rest.len > 0) {
        if (is_space(c.rest.at[0])) {
            skip(&c, 1);
        } else {
            is_valid = copy_next(&c);
        }
    }
    if (!is_valid || c.expected != NOTHING || t->cut) {
        hawser_cli_text_back_to(t, before);
        return false;
    }
    return true;
}
