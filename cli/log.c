/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sink: renders an entry and writes it at once, so that a reader at the
 * other end of a pipe sees what happens when it happens.
 */
#include "log.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"
#include "when.h"

bool hawser_cli_wants_colour(FILE *out)
{
    const char *refused = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return isatty(fileno(out)) == 1 &&
           (refused == NULL || refused[0] == '\0') &&
           (term == NULL || strcmp(term, "dumb") != 0);
}

struct hawser_cli_log hawser_cli_log_to(FILE *out,
                                        enum hawser_cli_log_format format)
{
    return (struct hawser_cli_log){out, format, hawser_cli_wants_colour(out)};
}

void hawser_cli_log_write(void *ctx, const struct hawser_log *entry)
{
    struct hawser_cli_log *log = ctx;
    char line[HAWSER_CLI_LOG_LINE_SIZE];
    size_t size = sizeof(line) - 1; /* room for the line's end */
    uint64_t now_ms = hawser_cli_unix_ms();
    size_t len = 0;
    if (log->format == HAWSER_CLI_LOG_JSON) {
        len = hawser_cli_log_json(line, size, entry, now_ms);
    } else {
        len = hawser_cli_log_text(line, size, entry, now_ms, log->has_colour);
    }
    line[len++] = '\n';
    /* A log that cannot be written must not stop the device. */
    (void)fwrite(line, 1, len, log->out);
    (void)fflush(log->out);
}

void hawser_cli_log_say(struct hawser_cli_log *log, enum hawser_log_level level,
                        const char *event, const char *words)
{
    const struct hawser_field field = {.name = "detail",
                                       .text = hawser_cli_view(words)};
    const struct hawser_log entry = {level, event, &field, words != NULL};
    hawser_cli_log_write(log, &entry);
}
