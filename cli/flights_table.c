/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of attempts: one line each, the headings above the first.
 */
#include "flights.h"

#include <string.h>

#include "send_reply.h"
#include "when.h"

#define STAGES    7
#define CELL_SIZE 24

/* A column: its heading and least width. */
static const struct {
    const char *name;
    int width;
} columns[] = {{"N", 5},      {"BOOT", 4}, {"WHEN", 20}, {"CLOCK", 5},
               {"BROKER", 6}, {"LINK", 5}, {"TIME", 5},  {"DNS", 5},
               {"TCP", 5},    {"TLS", 5},  {"CONN", 5},  {"SUB", 5}};

#define STAGE_AT 5 /* the first stage's column */

static void add_cell(struct hawser_cli_text *t, size_t column, const char *cell)
{
    hawser_cli_text_addf(t, "%*s ", columns[column].width, cell);
}

/* A number as it stands, or "-" if there is none. */
static void add_value(struct hawser_cli_text *t, size_t column,
                      struct hawser_view value)
{
    char room[CELL_SIZE];
    struct hawser_cli_text cell = hawser_cli_text_in(room, sizeof(room));
    hawser_cli_json_add_shown(&cell, value);
    add_cell(t, column, value.len == 0 ? "-" : room);
}

/* The time of day; if the device did not know it, how long it had run. */
static void add_when(struct hawser_cli_text *t,
                     const struct hawser_cli_object *flight)
{
    char room[64];
    struct hawser_cli_text cell = hawser_cli_text_in(room, sizeof(room));
    uint64_t unix_ms =
        hawser_cli_moment_read(hawser_cli_json_get(flight, "time"));
    if (unix_ms > 0) {
        hawser_cli_text_add_moment(&cell, unix_ms);
        memcpy(room + 19, "Z", 2); /* whole seconds are all there is */
    } else {
        hawser_cli_text_add(&cell, "boot + ");
        hawser_cli_json_add_shown(&cell, hawser_cli_json_get(flight, "uptime"));
        hawser_cli_text_add(&cell, " s");
    }
    add_cell(t, 2, room);
}

static void add_stages(struct hawser_cli_text *t,
                       const struct hawser_cli_object *flight)
{
    struct hawser_view rest = hawser_cli_json_get(flight, "ms");
    for (size_t i = 0; i < STAGES; i++) {
        struct hawser_view ms = {NULL, 0};
        bool is_zero = !hawser_cli_json_next(&rest, &ms) ||
                       (ms.len == 1 && ms.at[0] == '0');
        add_value(t, STAGE_AT + i,
                  is_zero ? (struct hawser_view){NULL, 0} : ms);
    }
}

static void add_end(struct hawser_cli_text *t,
                    const struct hawser_cli_object *flight)
{
    struct hawser_view cause = hawser_cli_json_get(flight, "cause");
    struct hawser_view online = hawser_cli_json_get(flight, "online_s");
    struct hawser_view reason = hawser_cli_json_get(flight, "reason");
    struct hawser_view detail = hawser_cli_json_get(flight, "detail");
    if (online.len > 0 && hawser_cli_json_is(cause, "none")) {
        hawser_cli_text_add(t, "online\n");
        return;
    }
    if (online.len > 0) {
        hawser_cli_text_add(t, "online for ");
        hawser_cli_text_add_span(t, hawser_cli_moment_read(online) / 1000);
        hawser_cli_text_add(t, ", then ");
    }
    hawser_cli_json_add_shown(t, cause);
    if (reason.len > 0) {
        hawser_cli_text_add(t, " ");
        hawser_cli_json_add_shown(t, reason);
    }
    if (detail.len > 0) {
        hawser_cli_text_add(t, ": ");
        hawser_cli_json_add_shown(t, detail);
    }
    hawser_cli_text_add(t, "\n");
}

static void add_flight(struct hawser_cli_text *t,
                       const struct hawser_cli_object *flight)
{
    add_value(t, 0, hawser_cli_json_get(flight, "n"));
    add_value(t, 1, hawser_cli_json_get(flight, "boot"));
    add_when(t, flight);
    add_value(t, 3, hawser_cli_json_get(flight, "time_confidence"));
    add_value(t, 4, hawser_cli_json_get(flight, "broker"));
    add_stages(t, flight);
    add_end(t, flight);
}

static void add_heading(struct hawser_cli_text *t)
{
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        add_cell(t, i, columns[i].name);
    }
    hawser_cli_text_add(t, "ENDED\n");
}

void hawser_cli_flights_add(struct hawser_cli_text *t,
                            const struct hawser_cli_object *reply,
                            bool *has_heading)
{
    struct hawser_cli_object result;
    struct hawser_cli_object flight;
    struct hawser_view rest;
    struct hawser_view element;
    if (!hawser_cli_json_read(&result, hawser_cli_json_get(reply, "result")) ||
        (rest = hawser_cli_json_get(&result, "flights")).len == 0) {
        hawser_cli_reply_add_shown(t, reply); /* rejected: says why */
        return;
    }
    if (!*has_heading) {
        add_heading(t);
        *has_heading = true;
    }
    while (hawser_cli_json_next(&rest, &element)) {
        if (hawser_cli_json_read(&flight, element)) {
            add_flight(t, &flight);
        }
    }
}
