/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log entries become lines: for people (log_text.c) or for machines
 * (log_json.c), one a line, on standard output.
 */
#ifndef HAWSER_CLI_LOG_H
#define HAWSER_CLI_LOG_H

#include <stdio.h>

#include "hawser/port.h"

/* Room for one line; longer ones are cut and say so. */
#define HAWSER_CLI_LOG_LINE_SIZE 4096

enum hawser_cli_log_format { HAWSER_CLI_LOG_TEXT, HAWSER_CLI_LOG_JSON };

/* Where entries go, and how. */
struct hawser_cli_log {
    int fd;
    enum hawser_cli_log_format format;
    bool has_colour; /* text only */
    uint64_t lost;   /* lines that nobody read, not yet said */
};

/* A sink on out, past its buffer; text is coloured if out is a terminal and
 * NO_COLOR is not set. Lasts as long as the process. */
struct hawser_cli_log hawser_cli_log_to(FILE *out,
                                        enum hawser_cli_log_format format);

/* Writes one entry with the time of now. A reader that reads no more must not
 * stop the device: a line that cannot leave at once is dropped, and the next
 * one that can is preceded by how many were ("log_lost"). ctx is a struct
 * hawser_cli_log; the shape is that of struct hawser_linux_config.log. */
void hawser_cli_log_write(void *ctx, const struct hawser_log *entry);

/* Says something of the agent's own: one text field, none if words is NULL. */
void hawser_cli_log_say(struct hawser_cli_log *log, enum hawser_log_level level,
                        const char *event, const char *words);

/* Is out a terminal that wants colour? (NO_COLOR, TERM=dumb) */
bool hawser_cli_wants_colour(FILE *out);

/*
 * One entry as one line without its end, in room of size >= 256 bytes.
 * Answers the length. Bytes of strangers are escaped.
 */
size_t hawser_cli_log_text(char *room, size_t size,
                           const struct hawser_log *entry, uint64_t unix_ms,
                           bool has_colour);
/* The same as a JSON object: time, level, event, then the fields; with
 * "truncated":true if fields had to be left out. */
size_t hawser_cli_log_json(char *room, size_t size,
                           const struct hawser_log *entry, uint64_t unix_ms);

#endif
