/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jsmn finds the tokens in what json_grammar.c found to be well formed; this file
 * checks what both leave open (what a string or a primitive may be) and reads typed
 * values. Each getter tokenises anew: commands are short and rare, and so no token
 * outlives a call.
 */
#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include <jsmn.h>

#include "device/json_grammar.h"
#include "device/json_read.h"
#include "device/json_write.h"
#include "wire/memory.h"
#include "wire/utf8.h"

#define TOKENS_MAX 96

struct document {
    struct hawser_view text;
    jsmntok_t tokens[TOKENS_MAX];
    int count;
};

static struct hawser_view token_text(const struct document *doc, int i)
{
    const jsmntok_t *t = &doc->tokens[i];

    return (struct hawser_view){doc->text.at + t->start,
                                (size_t)(t->end - t->start)};
}

static int tokenise(struct document *doc, struct hawser_view text)
{
    jsmn_parser parser;

    if (text.len > HWI_JSON_SIZE_MAX) {
        return HAWSER_E_FULL;
    }
    if (text.len == 0 || !hwi_utf8_is_valid(text)) {
        return HAWSER_E_ARG;
    }
    doc->text = text;
    jsmn_init(&parser);
    doc->count = jsmn_parse(&parser, (const char *)text.at, text.len,
                            doc->tokens, TOKENS_MAX);
    if (doc->count == JSMN_ERROR_NOMEM) {
        return HAWSER_E_FULL;
    }
    return doc->count > 0 && doc->tokens[0].type == JSMN_OBJECT ? 0
                                                                : HAWSER_E_ARG;
}

static bool is_same(struct hawser_view a, struct hawser_view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Skips digits from i on; answers where they end. */
static size_t skip_digits(struct hawser_view v, size_t i)
{
    while (i < v.len && is_digit(v.at[i])) {
        i++;
    }
    return i;
}

/* RFC 8259 6: -? (0 | 1-9 digits) (. digits)? (e sign? digits)? */
static bool is_number(struct hawser_view v)
{
    size_t i = v.len > 0 && v.at[0] == '-' ? 1 : 0;
    size_t start = i;

    i = skip_digits(v, i);
    if (i == start || (v.at[start] == '0' && i > start + 1)) {
        return false;
    }
    if (i < v.len && v.at[i] == '.') {
        start = i + 1;
        i = skip_digits(v, start);
        if (i == start) {
            return false;
        }
    }
    if (i < v.len && (v.at[i] == 'e' || v.at[i] == 'E')) {
        start = i + 1;
        if (start < v.len && (v.at[start] == '+' || v.at[start] == '-')) {
            start++;
        }
        i = skip_digits(v, start);
        if (i == start) {
            return false;
        }
    }
    return i == v.len;
}

static bool is_primitive(struct hawser_view v)
{
    return is_same(v, hwi_view("true")) || is_same(v, hwi_view("false")) ||
           is_same(v, hwi_view("null")) || is_number(v);
}

/* RFC 8259 7: control characters must be escaped. */
static bool is_string(struct hawser_view v)
{
    for (size_t i = 0; i < v.len; i++) {
        if (v.at[i] < 0x20) {
            return false;
        }
    }
    return true;
}

/* Is a token well formed? That it stands in its place is known. */
static bool is_sound(const struct document *doc, int i)
{
    struct hawser_view text = token_text(doc, i);
    jsmntype_t type = doc->tokens[i].type;

    return type == JSMN_PRIMITIVE ? is_primitive(text)
           : type == JSMN_STRING  ? is_string(text)
                                  : true;
}

int hwi_json_check(struct hawser_view object)
{
    struct document doc;
    int err = tokenise(&doc, object);

    if (err == 0) {
        err = hwi_json_grammar(object);
    }
    for (int i = 0; err == 0 && i < doc.count; i++) {
        err = is_sound(&doc, i) ? 0 : HAWSER_E_ARG;
    }
    return err;
}

/* The token of key's value in the outermost object, or ABSENT, ARG. */
static int find(struct document *doc, struct hawser_view object,
                const char *key)
{
    int err = tokenise(doc, object);

    if (err != 0) {
        return HAWSER_E_ARG;
    }
    for (int i = 1; i + 1 < doc->count; i++) {
        if (doc->tokens[i].parent == 0 &&
            is_same(token_text(doc, i), hwi_view(key))) {
            return doc->tokens[i + 1].parent == i ? i + 1 : HAWSER_E_ARG;
        }
    }
    return HAWSER_E_ABSENT;
}

/* Four hexadecimal digits, which jsmn has checked to be some. */
static uint32_t hex4(const uint8_t *at)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++) {
        uint32_t c = at[i];
        value = value * 16 +
                (is_digit((uint8_t)c) ? c - '0' : (c | 0x20u) - 'a' + 10);
    }
    return value;
}

/* The character behind "\u" at in[*i], with the second half of a pair if it
 * is one. 0: not a character that we take. Moves *i behind it. */
static uint32_t unescape_unicode(struct hawser_view in, size_t *i)
{
    uint32_t high = hex4(in.at + *i);
    uint32_t low;

    *i += 4;
    if (high < 0xD800 || high > 0xDFFF) {
        return high;
    }
    if (high > 0xDBFF || in.len - *i < 6 || in.at[*i] != '\\' ||
        in.at[*i + 1] != 'u') {
        return 0;
    }
    low = hex4(in.at + *i + 2);
    *i += 6;
    if (low < 0xDC00 || low > 0xDFFF) {
        return 0;
    }
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

/* The character behind a backslash at in[*i]; 0 if it has none. */
static uint32_t unescape(struct hawser_view in, size_t *i)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    uint8_t letter = in.at[(*i)++];

    if (letter == 'u') {
        return unescape_unicode(in, i);
    }
    for (size_t k = 0; k < sizeof(letters) - 1; k++) {
        if (letter == (uint8_t)letters[k]) {
            return (uint8_t)values[k];
        }
    }
    return 0;
}

/* Writes a character as UTF-8. False if there is no room. */
static bool put_character(struct hawser_span out, size_t *len, uint32_t c)
{
    uint8_t bytes[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0x00, 0x00, 0xC0, 0xE0, 0xF0};

    if (n > out.size - *len) {
        return false;
    }
    for (size_t k = n; k-- > 1;) {
        bytes[k] = (uint8_t)(0x80u | (c & 0x3Fu));
        c >>= 6;
    }
    bytes[0] = (uint8_t)(lead[n] | c);
    memcpy(out.at + *len, bytes, n);
    *len += n;
    return true;
}

int hwi_json_get_text(struct hawser_view object, const char *key,
                      struct hawser_span out, size_t *len)
{
    struct document doc;
    int at = find(&doc, object, key);
    struct hawser_view in;

    if (at < 0) {
        return at;
    }
    if (doc.tokens[at].type != JSMN_STRING) {
        return HAWSER_E_ARG;
    }
    in = token_text(&doc, at);
    *len = 0;
    for (size_t i = 0; i < in.len;) {
        uint8_t byte = in.at[i++];
        if (byte != '\\') {
            if (*len == out.size) {
                return HAWSER_E_ARG;
            }
            out.at[(*len)++] = byte;
            continue;
        }
        uint32_t c = unescape(in, &i);
        if (c == 0 || !put_character(out, len, c)) {
            return HAWSER_E_ARG;
        }
    }
    return 0;
}

int hwi_json_get_uint(struct hawser_view object, const char *key, uint64_t *out)
{
    struct document doc;
    int at = find(&doc, object, key);
    struct hawser_view in;
    uint64_t value = 0;

    if (at < 0) {
        return at;
    }
    in = token_text(&doc, at);
    /* 18 digits are below 2^63 and no time or count is longer. */
    if (doc.tokens[at].type != JSMN_PRIMITIVE || in.len == 0 || in.len > 18 ||
        skip_digits(in, 0) != in.len) {
        return HAWSER_E_ARG;
    }
    for (size_t i = 0; i < in.len; i++) {
        value = value * 10 + (uint64_t)(in.at[i] - '0');
    }
    *out = value;
    return 0;
}

int hwi_json_get_object(struct hawser_view object, const char *key,
                        struct hawser_view *out)
{
    struct document doc;
    int at = find(&doc, object, key);

    if (at < 0) {
        return at;
    }
    if (doc.tokens[at].type != JSMN_OBJECT) {
        return HAWSER_E_ARG;
    }
    *out = token_text(&doc, at);
    return 0;
}

int hwi_json_get_bool(struct hawser_view object, const char *key, bool *out)
{
    struct document doc;
    int at = find(&doc, object, key);
    struct hawser_view in;

    if (at < 0) {
        return at;
    }
    in = token_text(&doc, at);
    if (doc.tokens[at].type != JSMN_PRIMITIVE ||
        (in.at[0] != 't' && in.at[0] != 'f')) {
        return HAWSER_E_ARG;
    }
    *out = in.at[0] == 't';
    return 0;
}

int hwi_json_get_raw(struct hawser_view object, const char *key,
                     struct hawser_view *out)
{
    struct document doc;
    int at = find(&doc, object, key);

    if (at < 0) {
        return at;
    }
    if (doc.tokens[at].type != JSMN_PRIMITIVE &&
        doc.tokens[at].type != JSMN_STRING) {
        return HAWSER_E_ARG;
    }
    *out = token_text(&doc, at);
    if (doc.tokens[at].type == JSMN_STRING) { /* with its quotes */
        *out = (struct hawser_view){out->at - 1, out->len + 2};
    }
    return 0;
}

size_t hwi_json_count(struct hawser_view object)
{
    struct document doc;

    return tokenise(&doc, object) == 0 ? (size_t)doc.tokens[0].size : 0;
}
