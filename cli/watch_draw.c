/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table on a terminal: columns as wide as they need to be, the last one as
 * wide as is left. Narrow terminals do without the less telling columns.
 */
#include <string.h>

#include "watch_table.h"
#include "when.h"

#define CELL_SIZE 320
#define GAP       2

enum column { DEVICE, STATE, SINCE, TLS, CIPHER, FIRMWARE, AGE, DATA, COLUMNS };

static const struct {
    const char *name;
    unsigned from_columns; /* the least terminal that shows it */
    size_t width_max;
} columns[COLUMNS] = {
    [DEVICE] = {"DEVICE", 0, 24},   [STATE] = {"STATE", 0, 12},
    [SINCE] = {"SINCE", 60, 6},     [TLS] = {"TLS", 70, 8},
    [CIPHER] = {"CIPHER", 120, 30}, [FIRMWARE] = {"FIRMWARE", 100, 12},
    [AGE] = {"AGE", 50, 6},         [DATA] = {"LAST TELEMETRY", 40, 4096},
};

static void add_age(struct hawser_cli_text *t, uint64_t then_ms,
                    uint64_t now_ms)
{
    if (then_ms == 0) {
        hawser_cli_text_add(t, "-");
    } else {
        hawser_cli_text_add_span(t, now_ms > then_ms ? (now_ms - then_ms) / 1000
                                                     : 0);
    }
}

static void cell(char room[CELL_SIZE], const struct hawser_cli_watched *row,
                 enum column column, uint64_t now_ms)
{
    struct hawser_cli_text t = hawser_cli_text_in(room, CELL_SIZE);
    switch (column) {
    case DEVICE:
        hawser_cli_text_add_shown(&t, hawser_cli_view(row->id));
        break;
    case STATE:
        hawser_cli_text_add(&t, row->state);
        break;
    case SINCE:
        add_age(&t, row->since_ms, now_ms);
        break;
    case TLS:
        hawser_cli_text_add(&t, row->tls);
        break;
    case CIPHER:
        hawser_cli_text_add(&t, row->cipher);
        break;
    case FIRMWARE:
        hawser_cli_text_add(&t, row->firmware);
        break;
    case AGE:
        add_age(&t, row->data_ms, now_ms);
        break;
    case DATA:
        if (row->alerts[0] != '\0') { /* before what is well */
            hawser_cli_text_add(&t, "! ");
            hawser_cli_text_add(&t, row->alerts);
        }
        hawser_cli_text_add(&t, row->data);
        break;
    case COLUMNS:
        break;
    }
    if (t.len == 0) {
        hawser_cli_text_add(&t, "-");
    }
}

static const char *colour_of(const char *state)
{
    if (strcmp(state, "online") == 0) {
        return "\x1b[32m";
    }
    return strcmp(state, "offline") == 0 ? "\x1b[31m" : "\x1b[33m";
}

/* Adds shown text, cut or filled up to exactly width columns. */
static void add_fitted(struct hawser_cli_text *t, const char *shown,
                       size_t width, bool is_filled)
{
    struct hawser_view rest = hawser_cli_view(shown);
    size_t used = 0;
    while (rest.len > 0) {
        char one[5] = "";
        uint32_t code = 0;
        size_t len = hawser_cli_utf8_next(rest, &code);
        if (len == 0) {
            break; /* a cell that was cut within a character */
        }
        memcpy(one, rest.at, len);
        size_t wide = hawser_cli_text_columns(one);
        if (used + wide > width) {
            break;
        }
        hawser_cli_text_add(t, one);
        used += wide;
        rest.at += len;
        rest.len -= len;
    }
    if (is_filled) {
        hawser_cli_text_addf(t, "%*s", (int)(width - used), "");
    }
}

struct layout {
    size_t width[COLUMNS]; /* 0: not shown */
    enum column last;
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static struct layout measure(const struct hawser_cli_table *table,
                             const struct hawser_cli_canvas *canvas)
{
    struct layout l = {{0}, DEVICE};
    char room[CELL_SIZE];
    size_t left = canvas->columns;
    for (enum column c = DEVICE; c < COLUMNS; c++) {
        if (canvas->columns < columns[c].from_columns || left == 0) {
            continue;
        }
        size_t width = strlen(columns[c].name);
        for (size_t i = 0; i < table->count; i++) {
            cell(room, &table->rows[i], c, canvas->now_ms);
            size_t wide =
                least(hawser_cli_text_columns(room), columns[c].width_max);
            width = wide > width ? wide : width;
        }
        l.width[c] = least(width, left);
        l.last = c;
        left -= least(left, l.width[c] + GAP);
    }
    return l;
}

static void add_cell(struct hawser_cli_text *t, const struct layout *l,
                     enum column c, const char *shown)
{
    bool is_last = c == l->last;
    add_fitted(t, shown, l->width[c], !is_last);
    hawser_cli_text_add(t, is_last ? "\n" : "  ");
}

static void add_names(struct hawser_cli_text *t, const struct layout *l,
                      bool has_colour)
{
    hawser_cli_text_add(t, has_colour ? "\x1b[2m" : "");
    for (enum column c = DEVICE; c < COLUMNS; c++) {
        if (l->width[c] > 0) {
            add_cell(t, l, c, columns[c].name);
        }
    }
    hawser_cli_text_add(t, has_colour ? "\x1b[0m" : "");
}

static void add_row(struct hawser_cli_text *t, const struct layout *l,
                    const struct hawser_cli_watched *row,
                    const struct hawser_cli_canvas *canvas)
{
    char room[CELL_SIZE];
    for (enum column c = DEVICE; c < COLUMNS; c++) {
        bool is_coloured =
            canvas->has_colour && c == STATE && row->state[0] != '\0';
        if (l->width[c] == 0) {
            continue;
        }
        cell(room, row, c, canvas->now_ms);
        hawser_cli_text_add(t, is_coloured ? colour_of(row->state) : "");
        add_cell(t, l, c, room);
        hawser_cli_text_add(t, is_coloured ? "\x1b[0m" : "");
    }
}

static size_t count_online(const struct hawser_cli_table *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->count; i++) {
        count += strcmp(table->rows[i].state, "online") == 0 ? 1 : 0;
    }
    return count;
}

static void add_headline(struct hawser_cli_text *t,
                         const struct hawser_cli_table *table,
                         const struct hawser_cli_canvas *canvas)
{
    char room[CELL_SIZE];
    struct hawser_cli_text line = hawser_cli_text_in(room, sizeof(room));
    if (table->count == 0 && canvas->is_waiting) {
        hawser_cli_text_add(&line, "waiting for the first message  ");
    } else {
        hawser_cli_text_addf(&line, "%zu device%s, %zu online  ", table->count,
                             table->count == 1 ? "" : "s", count_online(table));
    }
    hawser_cli_text_add(&line, canvas->headline);
    add_fitted(t, room, canvas->columns, false);
    hawser_cli_text_add(t, "\n");
}

unsigned hawser_cli_table_draw(struct hawser_cli_text *t,
                               const struct hawser_cli_table *table,
                               const struct hawser_cli_canvas *canvas)
{
    struct layout l = measure(table, canvas);
    /* Headline, names, perhaps "and more", and the cursor's own line. */
    size_t room = canvas->lines > 5 ? canvas->lines - 4 : 1;
    size_t shown = least(table->count, room);
    unsigned lines = 2 + (unsigned)shown;
    add_headline(t, table, canvas);
    add_names(t, &l, canvas->has_colour);
    for (size_t i = 0; i < shown; i++) {
        add_row(t, &l, &table->rows[i], canvas);
    }
    if (shown < table->count || table->left_out > 0) {
        hawser_cli_text_addf(
            t, "and %zu more%s\n", table->count - shown,
            table->left_out > 0 ? "; devices beyond 4096 are not kept" : "");
        lines++;
    }
    return lines;
}
