/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inih asks for one line after the other and calls back for each setting in
 * it; between the two we see every line before it does. So line numbers and
 * lines that it would skip or cut in silence are known whatever options the
 * system's inih was built with.
 */
#include "config_lines.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

/* Longer section names are cut by inih. */
#define SECTION_MAX 49

struct lines {
    const struct hawser_cli_line_taker *taker;
    struct hawser_view rest;
    unsigned number;
    bool is_indented;
    bool has_previous;      /* a setting in this section that may go on */
    bool is_answer_awaited; /* this line must be a setting */
};

static void mistake(struct lines *l, const char *words)
{
    l->taker->mistake(l->taker->ctx, l->number, words);
}

/* The next line, without its end. */
static struct hawser_view cut_line(struct lines *l)
{
    struct hawser_view line = l->rest;
    const uint8_t *end = memchr(line.at, '\n', line.len);
    size_t taken = line.len;
    if (end != NULL) {
        line.len = (size_t)(end - line.at);
        taken = line.len + 1;
    }
    l->rest.at += taken;
    l->rest.len -= taken;
    if (line.len > 0 && line.at[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}

static bool is_text(struct hawser_view line)
{
    while (line.len > 0) {
        uint32_t code = 0;
        size_t len = hawser_cli_utf8_next(line, &code);
        if (len == 0 || (code != '\t' && !hawser_cli_is_shown(code))) {
            return false;
        }
        line.at += len;
        line.len -= len;
    }
    return true;
}

static void begin_section(struct lines *l, const char *line)
{
    char name[SECTION_MAX + 1];
    const char *end = strchr(line, ']');
    if (end == NULL || (size_t)(end - line) - 1 > SECTION_MAX) {
        mistake(l, "a section's name ends with ] and has 49 bytes at most");
        return;
    }
    size_t len = (size_t)(end - line) - 1;
    memcpy(name, line + 1, len);
    name[len] = '\0';
    l->has_previous = false;
    l->taker->section(l->taker->ctx, name, l->number);
}

/* What a line that inih is about to see will have to be. */
static void foresee(struct lines *l, const char *line)
{
    const char *first = line + strspn(line, " \t");
    l->is_indented = first > line;
    if (*first == '\0' || strchr(";#", *first) != NULL) {
        return;
    }
    if (*first == '[' && !(l->is_indented && l->has_previous)) {
        begin_section(l, first);
        return;
    }
    l->is_answer_awaited = true;
}

/* inih's fgets(): the next line in str, or NULL at the end. */
static char *next_line(char *str, int size, void *stream)
{
    struct lines *l = stream;
    if (l->is_answer_awaited) {
        mistake(l, "neither [section], key = value nor ; comment");
        l->is_answer_awaited = false;
    }
    if (l->rest.len == 0) {
        return NULL;
    }
    struct hawser_view line = cut_line(l);
    l->number++;
    str[0] = '\0';
    if (line.len >= (size_t)size) {
        char words[120];
        (void)snprintf(words, sizeof(words),
                       "longer than %d bytes; a list may go on in the next "
                       "line, after a space",
                       size - 1);
        mistake(l, words);
    } else if (!is_text(line)) {
        mistake(l, "control characters, or not UTF-8");
    } else {
        memcpy(str, line.at, line.len);
        str[line.len] = '\0';
        foresee(l, str);
    }
    return str;
}

static int take_setting(void *user, const char *section, const char *name,
                        const char *value)
{
    struct lines *l = user;
    struct hawser_cli_line_found found = {section, name, value, l->number,
                                          l->is_indented && l->has_previous};
    l->is_answer_awaited = false;
    l->has_previous = true;
    l->taker->setting(l->taker->ctx, &found);
    return 1;
}

void hawser_cli_lines_read(struct hawser_view file,
                           const struct hawser_cli_line_taker *taker)
{
    static const uint8_t bom[] = {0xEF, 0xBB, 0xBF};
    struct lines l = {.taker = taker, .rest = file};
    if (file.len >= sizeof(bom) && memcmp(file.at, bom, sizeof(bom)) == 0) {
        l.rest.at += sizeof(bom);
        l.rest.len -= sizeof(bom);
    }
    /* Its answer only repeats what next_line() has seen. */
    (void)ini_parse_stream(next_line, &l, take_setting, &l);
}
