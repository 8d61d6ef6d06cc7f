/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading members, by jsmn; what it is given has been checked before.
 */
#include "json.h"

#include <stdlib.h>
#include <string.h>

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include <jsmn.h>

#define TOKENS_MAX 512

static struct hawser_view token_view(struct hawser_view json,
                                     const jsmntok_t *token)
{
    /* A string's token leaves its quotes out. */
    size_t quote = token->type == JSMN_STRING ? 1 : 0;
    size_t start = (size_t)token->start - quote;
    return (struct hawser_view){json.at + start,
                                (size_t)token->end + quote - start};
}

static bool collect(struct hawser_cli_object *out, struct hawser_view json,
                    const jsmntok_t *tokens, int count)
{
    out->count = 0;
    for (int i = 1; i + 1 < count; i++) {
        /* A name is a child of the object, its value a child of the name. */
        if (tokens[i].parent != 0) {
            continue;
        }
        if (out->count == HAWSER_CLI_JSON_MEMBERS_MAX) {
            return false;
        }
        struct hawser_view name = token_view(json, &tokens[i]);
        out->members[out->count++] = (struct hawser_cli_member){
            {name.at + 1, name.len - 2}, token_view(json, &tokens[i + 1])};
    }
    return true;
}

/* Strictly: jsmn alone takes more than JSON. */
static bool is_valid(struct hawser_view json)
{
    size_t size = json.len * 6 + 1; /* every byte as \u0000 */
    char *room = malloc(size);
    if (room == NULL) {
        return false;
    }
    struct hawser_cli_text copy = hawser_cli_text_in(room, size);
    bool is_ok = hawser_cli_json_copy(&copy, json);
    free(room);
    return is_ok;
}

bool hawser_cli_json_read(struct hawser_cli_object *out,
                          struct hawser_view json)
{
    jsmntok_t tokens[TOKENS_MAX];
    jsmn_parser parser;
    out->count = 0;
    if (!is_valid(json)) {
        return false;
    }
    jsmn_init(&parser);
    int count = jsmn_parse(&parser, (const char *)json.at, json.len, tokens,
                           TOKENS_MAX);
    return count > 0 && tokens[0].type == JSMN_OBJECT &&
           collect(out, json, tokens, count);
}

struct hawser_view hawser_cli_json_get(const struct hawser_cli_object *o,
                                       const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < o->count; i++) {
        const struct hawser_cli_member *m = &o->members[i];
        if (m->name.len == len && memcmp(m->name.at, name, len) == 0) {
            return m->value;
        }
    }
    return (struct hawser_view){NULL, 0};
}

/* How long the value is that begins there; it is known to be a valid one. */
static size_t value_len(struct hawser_view at)
{
    bool is_string = false;
    unsigned depth = 0;
    for (size_t i = 0; i < at.len; i++) {
        uint8_t c = at.at[i];
        if (is_string) {
            i += c == '\\' ? 1 : 0;
            is_string = c != '"';
            continue;
        }
        if (depth == 0 && (c == ',' || c == ']')) {
            return i;
        }
        is_string = c == '"';
        depth += c == '[' || c == '{' ? 1 : 0;
        depth -= c == ']' || c == '}' ? 1 : 0;
    }
    return at.len;
}

static struct hawser_view trimmed(struct hawser_view v)
{
    while (v.len > 0 && v.at[0] <= ' ') {
        v.at++;
        v.len--;
    }
    while (v.len > 0 && v.at[v.len - 1] <= ' ') {
        v.len--;
    }
    return v;
}

bool hawser_cli_json_next(struct hawser_view *rest, struct hawser_view *out)
{
    struct hawser_view at = trimmed(*rest);
    if (at.len < 2 || (at.at[0] != '[' && at.at[0] != ',')) {
        return false; /* no array, or its end */
    }
    at.at++;
    at.len--;
    size_t len = value_len(at);
    *out = trimmed((struct hawser_view){at.at, len});
    *rest = (struct hawser_view){at.at + len, at.len - len};
    return out->len > 0;
}

bool hawser_cli_json_is(struct hawser_view value, const char *string)
{
    size_t len = strlen(string);
    return value.len == len + 2 && value.at[0] == '"' &&
           memcmp(value.at + 1, string, len) == 0;
}

static uint32_t hex4(const uint8_t *at)
{
    uint32_t code = 0;
    for (size_t i = 0; i < 4; i++) {
        uint32_t c = at[i];
        uint32_t digit = c <= '9' ? c - '0' : (c | 0x20u) - 'a' + 10;
        code = code << 4 | digit;
    }
    return code;
}

/* Adds a character by its number. */
static void add_code(struct hawser_cli_text *t, uint32_t code)
{
    uint8_t bytes[4];
    size_t len = 0;
    if (code < 0x80) {
        bytes[len++] = (uint8_t)code;
    } else if (code < 0x800) {
        bytes[len++] = (uint8_t)(0xC0 | code >> 6);
    } else if (code < 0x10000) {
        bytes[len++] = (uint8_t)(0xE0 | code >> 12);
        bytes[len++] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
    } else {
        bytes[len++] = (uint8_t)(0xF0 | code >> 18);
        bytes[len++] = (uint8_t)(0x80 | (code >> 12 & 0x3F));
        bytes[len++] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
    }
    if (code >= 0x80) {
        bytes[len++] = (uint8_t)(0x80 | (code & 0x3F));
    }
    hawser_cli_text_add_shown(t, (struct hawser_view){bytes, len});
}

/* Undoes the escape at the beginning of rest; answers its length. */
static size_t add_escape(struct hawser_cli_text *t, struct hawser_view rest)
{
    static const char letters[] = "bfnrt";
    static const char meant[] = "\b\f\n\r\t";
    if (rest.at[1] != 'u') {
        const char *letter = strchr(letters, rest.at[1]);
        add_code(t, letter == NULL ? rest.at[1]
                                   : (uint32_t)meant[letter - letters]);
        return 2;
    }
    uint32_t code = hex4(rest.at + 2);
    bool is_high = code >= 0xD800 && code < 0xDC00;
    if (is_high && rest.len >= 12 && rest.at[6] == '\\' && rest.at[7] == 'u') {
        uint32_t low = hex4(rest.at + 8);
        if (low >= 0xDC00 && low < 0xE000) {
            add_code(t, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
            return 12;
        }
    }
    add_code(t, code);
    return 6;
}

void hawser_cli_json_add_shown(struct hawser_cli_text *t,
                               struct hawser_view value)
{
    if (value.len < 2 || value.at[0] != '"') {
        hawser_cli_text_add_shown(t, value);
        return;
    }
    struct hawser_view rest = {value.at + 1, value.len - 2};
    while (rest.len > 0) {
        size_t len = 1;
        const uint8_t *escape = memchr(rest.at, '\\', rest.len);
        if (escape == rest.at) {
            len = add_escape(t, rest);
        } else {
            len = escape == NULL ? rest.len : (size_t)(escape - rest.at);
            hawser_cli_text_add_shown(t, (struct hawser_view){rest.at, len});
        }
        rest.at += len;
        rest.len -= len;
    }
}
