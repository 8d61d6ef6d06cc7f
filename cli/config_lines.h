/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of an INI file, as inih splits them, with what inih does not tell:
 * the number of each, lines that are too long, not text, or no INI at all.
 */
#ifndef HAWSER_CLI_CONFIG_LINES_H
#define HAWSER_CLI_CONFIG_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/* One `name = value`. is_more: a line that begins with a space and goes on
 * with the value of the line before. Valid during the call only. */
struct hawser_cli_line_found {
    const char *section; /* "" before the first */
    const char *name;
    const char *value;
    unsigned number; /* 1.. */
    bool is_more;
};

/* What the lines are told to; both are called in the order of the file. */
struct hawser_cli_line_taker {
    void *ctx;
    void (*section)(void *ctx, const char *name, unsigned number);
    void (*setting)(void *ctx, const struct hawser_cli_line_found *found);
    void (*mistake)(void *ctx, unsigned number, const char *words);
};

/* Takes a whole file apart. */
void hawser_cli_lines_read(struct hawser_view file,
                           const struct hawser_cli_line_taker *taker);

#endif
