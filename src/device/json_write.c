/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bounded JSON writer. It never looks back: a comma is owed or not, and a
 * byte that does not fit makes the whole text void.
 */
#include "device/json_write.h"

#include "wire/memory.h"
#include "wire/utf8.h"

#define DECIMALS_MAX 9
#define DIGITS_MAX   20 /* of a uint64_t */

struct hawser_view hwi_view(const char *text)
{
    size_t len = 0;

    if (text == NULL) {
        return (struct hawser_view){NULL, 0};
    }
    while (text[len] != '\0') {
        len++;
    }
    return (struct hawser_view){(const uint8_t *)text, len};
}

struct hwi_json hwi_json_to(struct hawser_span out)
{
    return (struct hwi_json){.out = out};
}

static void put(struct hwi_json *j, struct hawser_view v)
{
    if (j->is_bad || v.len > j->out.size - j->len) {
        j->is_bad = true;
        return;
    }
    if (v.len > 0) {
        memcpy(j->out.at + j->len, v.at, v.len);
        j->len += v.len;
    }
}

static void put_byte(struct hwi_json *j, uint8_t byte)
{
    put(j, (struct hawser_view){&byte, 1});
}

static void put_escaped(struct hwi_json *j, uint8_t byte)
{
    static const char hex[] = "0123456789abcdef";

    if (byte == '"' || byte == '\\') {
        put_byte(j, '\\');
        put_byte(j, byte);
    } else if (byte < 0x20) {
        put(j, hwi_view("\\u00"));
        put_byte(j, (uint8_t)hex[byte >> 4]);
        put_byte(j, (uint8_t)hex[byte & 0x0F]);
    } else {
        put_byte(j, byte);
    }
}

static void put_quoted(struct hwi_json *j, struct hawser_view v)
{
    bool is_valid = hwi_utf8_is_valid(v);

    put_byte(j, '"');
    for (size_t i = 0; i < v.len; i++) {
        put_escaped(j, is_valid || v.at[i] < 0x80 ? v.at[i] : '?');
    }
    put_byte(j, '"');
}

/* What stands before every value: the comma that is owed and the key. */
static void begin(struct hwi_json *j, const char *key)
{
    if (j->needs_comma) {
        put_byte(j, ',');
    }
    j->needs_comma = true;
    if (key != NULL) {
        put_quoted(j, hwi_view(key));
        put_byte(j, ':');
    }
}

void hwi_json_open(struct hwi_json *j, const char *key, char bracket)
{
    begin(j, key);
    put_byte(j, (uint8_t)bracket);
    j->needs_comma = false;
}

void hwi_json_close(struct hwi_json *j, char bracket)
{
    put_byte(j, (uint8_t)bracket);
    j->needs_comma = true;
}

void hwi_json_text(struct hwi_json *j, const char *key, struct hawser_view v)
{
    begin(j, key);
    put_quoted(j, v);
}

void hwi_json_word(struct hwi_json *j, const char *key, const char *text)
{
    hwi_json_text(j, key, hwi_view(text));
}

/* The digits of value, at least so many, with a point before the last
 * decimals ones. */
static void put_digits(struct hwi_json *j, uint64_t value, unsigned decimals)
{
    uint8_t digits[DIGITS_MAX + 1];
    size_t at = sizeof(digits);
    unsigned written = 0;

    do {
        if (decimals > 0 && written == decimals) {
            digits[--at] = '.';
        }
        digits[--at] = (uint8_t)('0' + value % 10);
        value /= 10;
        written++;
    } while (value > 0 || written <= decimals);
    put(j, (struct hawser_view){digits + at, sizeof(digits) - at});
}

void hwi_json_uint(struct hwi_json *j, const char *key, uint64_t value)
{
    begin(j, key);
    put_digits(j, value, 0);
}

void hwi_json_number(struct hwi_json *j, const char *key,
                     struct hawser_number value)
{
    uint64_t size = (uint64_t)value.mantissa;

    if (value.decimals > DECIMALS_MAX) {
        return;
    }
    begin(j, key);
    if (value.mantissa < 0) {
        put_byte(j, '-');
        size = 0 - size;
    }
    put_digits(j, size, value.decimals);
}

void hwi_json_int(struct hwi_json *j, const char *key, int64_t value)
{
    hwi_json_number(j, key, (struct hawser_number){value, 0});
}

void hwi_json_bool(struct hwi_json *j, const char *key, bool value)
{
    begin(j, key);
    put(j, hwi_view(value ? "true" : "false"));
}

void hwi_json_members(struct hwi_json *j, struct hawser_view members)
{
    if (members.len > 0) {
        begin(j, NULL);
        put(j, members);
    }
}

struct hawser_view hwi_json_end(const struct hwi_json *j)
{
    if (j->is_bad) {
        return (struct hawser_view){NULL, 0};
    }
    return (struct hawser_view){j->out.at, j->len};
}
