/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines into words: COMMAND key=value key=value. %XX is a byte, so that a value
 * can hold a space or anything else.
 */
#include <stdlib.h>
#include <string.h>

#include "driver.h"

static int nibble(char c)
{
    const char *digits = "00112233445566778899aAbBcCdDeEfF";
    const char *found = c == '\0' ? NULL : strchr(digits, c);

    return found == NULL ? -1 : (int)(found - digits) / 2;
}

int driver_hex_byte(const char *at)
{
    int high = nibble(at[0]);
    int low = high < 0 ? -1 : nibble(at[1]);

    return low < 0 ? -1 : high << 4 | low;
}

/* Decodes in place; the length, or -1. */
static long decode(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        if (*from != '%') {
            *to++ = *from;
            continue;
        }
        int byte = driver_hex_byte(from + 1);
        if (byte < 0) {
            return -1;
        }
        *to++ = (char)byte;
        from += 2;
    }
    *to = '\0';
    return to - text;
}

static void add(struct driver_words *w, char *word)
{
    char *equals = strchr(word, '=');

    if (equals == NULL || w->count == DRIVER_WORDS_MAX) {
        w->mistake = "a word is no key=value, or there are too many";
        return;
    }
    *equals = '\0';
    long len = decode(equals + 1);
    if (len < 0) {
        w->mistake = "% is followed by two hexadecimal digits";
        return;
    }
    w->at[w->count++] =
        (struct driver_word){word, {(const uint8_t *)equals + 1, (size_t)len}};
}

void driver_words_cut(struct driver_words *w, char *line)
{
    char *rest = NULL;

    *w = (struct driver_words){.command = strtok_r(line, " \t\r\n", &rest)};
    if (w->command == NULL) {
        return;
    }
    for (char *word = strtok_r(NULL, " \t\r\n", &rest); word != NULL;
         word = strtok_r(NULL, " \t\r\n", &rest)) {
        add(w, word);
    }
}

static bool is_listed(const char *keys, const char *key)
{
    for (size_t n; *keys != '\0'; keys += n + (keys[n] == ' ')) {
        n = strcspn(keys, " ");
        if (strncmp(keys, key, n) == 0 &&
            (keys[n - 1] == '.' || key[n] == '\0')) {
            return true;
        }
    }
    return false;
}

bool driver_takes_all(const char *keys, struct driver_words *w)
{
    for (size_t i = 0; i < w->count; i++) {
        if (!is_listed(keys, w->at[i].key)) {
            w->mistake = "the command has no such key; see docs/driver.md";
            return false;
        }
    }
    return true;
}

struct hawser_view driver_value(const struct driver_words *w, const char *key)
{
    for (size_t i = 0; i < w->count; i++) {
        if (strcmp(w->at[i].key, key) == 0) {
            return w->at[i].value;
        }
    }
    return (struct hawser_view){NULL, 0};
}

const char *driver_text(const struct driver_words *w, const char *key,
                        const char *dflt)
{
    struct hawser_view v = driver_value(w, key);

    return v.at == NULL ? dflt : (const char *)v.at;
}

uint32_t driver_number(struct driver_words *w, const char *key, uint32_t dflt)
{
    const char *text = driver_text(w, key, NULL);
    char *end = NULL;

    if (text == NULL) {
        return dflt;
    }
    unsigned long long number = strtoull(text, &end, 0);
    if (*text == '\0' || *end != '\0' || number > UINT32_MAX) {
        w->mistake = "a value is no number";
        return dflt;
    }
    return (uint32_t)number;
}
