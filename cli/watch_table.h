/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `hawser watch` knows: one row a device, sorted by id, made from the
 * messages that came.
 */
#ifndef HAWSER_CLI_WATCH_TABLE_H
#define HAWSER_CLI_WATCH_TABLE_H

#include "hawser/device.h"
#include "text.h"
#include <stdio.h>

#define HAWSER_CLI_WATCHED_MAX 4096

/* Which of a device's topics a message came on. */
enum hawser_cli_watched_kind {
    HAWSER_WATCHED_STATUS,
    HAWSER_WATCHED_SECURITY,
    HAWSER_WATCHED_DATA,
    HAWSER_WATCHED_ALERT,
    HAWSER_WATCHED_NOTHING /* none of these */
};

/* One message about one device. */
struct hawser_cli_sighting {
    enum hawser_cli_watched_kind kind;
    struct hawser_view id;
    struct hawser_view payload; /* empty: the retained message was removed */
    bool retain;                /* it says nothing about when */
    uint64_t now_ms;            /* Unix time */
    struct hawser_view alert;   /* the name of one */
};

/* One device. All texts but id are ready to be shown. */
struct hawser_cli_watched {
    char id[HAWSER_ID_MAX + 1];
    char state[24];
    char tls[16];
    char cipher[48];
    char firmware[32];
    char data[256];
    char alerts[128];  /* names that stand, a space behind each */
    uint64_t since_ms; /* of the state, Unix time; 0: not known */
    uint64_t data_ms;  /* when telemetry came last; 0: not yet */
};

/* Begin with {0}. */
struct hawser_cli_table {
    struct hawser_cli_watched *rows;
    size_t count;
    size_t room;
    size_t left_out; /* messages of devices beyond HAWSER_CLI_WATCHED_MAX */
};

/* Whose message is it, and of which kind? *id is a view into topic or, with the
 * flat layout, into payload. NOTHING: not one of ours, unreadable, or an id that
 * no device can have: empty, or longer than HAWSER_ID_MAX bytes. */
enum hawser_cli_watched_kind
hawser_cli_watched_kind_of(const char *root, enum hawser_layout layout,
                           struct hawser_view topic, struct hawser_view payload,
                           struct hawser_view *id);

/* The name in an alert's topic: its last level. */
struct hawser_view hawser_cli_watched_alert(struct hawser_view topic);

/* Writes a message into its row. True if the table looks different now. */
bool hawser_cli_table_take(struct hawser_cli_table *table,
                           const struct hawser_cli_sighting *sighting);

/* The row of a device; NULL: not seen. */
const struct hawser_cli_watched *
hawser_cli_table_find(const struct hawser_cli_table *table, const char *id);

void hawser_cli_table_free(struct hawser_cli_table *table);

/* Printing (watch_print.c) -------------------------------------------------- */

/* {"received":...,"device":...,"kind":...,"retained":...,"message":...}; a
 * message that is no JSON becomes a string, a removed one null. */
void hawser_cli_sighting_print_json(FILE *out,
                                    const struct hawser_cli_sighting *s);

/* TIME DEVICE KIND NAME=VALUE ... */
void hawser_cli_sighting_print(FILE *out, const struct hawser_cli_sighting *s);

/* Drawing (watch_draw.c) ---------------------------------------------------- */

struct hawser_cli_canvas {
    unsigned columns; /* of the terminal */
    unsigned lines;
    bool has_colour;
    bool is_waiting;      /* no device yet means that none was heard so far */
    uint64_t now_ms;      /* Unix time */
    const char *headline; /* ready to be shown; where the line leads */
};

/* Adds the table: headline, names of columns, a line a device, each cut at the
 * terminal's width; devices beyond its height are counted. Answers how many
 * lines were added. */
unsigned hawser_cli_table_draw(struct hawser_cli_text *t,
                               const struct hawser_cli_table *table,
                               const struct hawser_cli_canvas *canvas);

#endif
