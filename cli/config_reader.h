/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One reading of a configuration file, under way: lines to rows of the table,
 * and the list of mistakes.
 */
#ifndef HAWSER_CLI_CONFIG_READER_H
#define HAWSER_CLI_CONFIG_READER_H

#include <limits.h>

#include "config_keys.h"

#define HAWSER_CLI_KEYS_MAX 48

struct hawser_cli_reader {
    const char *path;
    char folder[PATH_MAX];
    struct hawser_cli_config *config;
    struct hawser_cli_mistakes *mistakes;
    const struct hawser_cli_key *keys;
    size_t key_count;                      /* <= HAWSER_CLI_KEYS_MAX */
    unsigned line_of[HAWSER_CLI_KEYS_MAX]; /* 0: not seen */
    unsigned sensor_line[HAWSER_SENSORS_MAX];
    bool is_section_known;
    const struct hawser_cli_key *last; /* may go on; NULL: was refused */
    char nowhere[1];                   /* for mistakes that are only counted */
};

/* Reads all lines of a file into r->config and r->mistakes. */
void hawser_cli_reader_read(struct hawser_cli_reader *r,
                            struct hawser_view file);

/* A new mistake that begins with the place (line 0: the file as a whole); the
 * rest of the text is the caller's to add. */
struct hawser_cli_text hawser_cli_mistake_at(struct hawser_cli_reader *r,
                                             unsigned line);

/* The same with section and key. */
struct hawser_cli_text hawser_cli_mistake_of(struct hawser_cli_reader *r,
                                             unsigned line,
                                             const struct hawser_cli_key *key,
                                             const char *name);

#endif
