/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sink: renders an entry and writes it at once, so that a reader at the
 * other end of a pipe sees what happens when it happens; and never waits.
 */
#include "log.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
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

/* A terminal may be ready and yet have no room for a whole line. It is opened
 * once more, as not to wait is a property of an opening, and the one that we
 * were given is shared. */
static int own_opening(int fd)
{
    char name[32];
    if (isatty(fd) != 1) {
        return fd;
    }
    (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    int own = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return own < 0 ? fd : own;
}

struct hawser_cli_log hawser_cli_log_to(FILE *out,
                                        enum hawser_cli_log_format format)
{
    return (struct hawser_cli_log){
        .fd = own_opening(fileno(out)),
        .format = format,
        .has_colour = hawser_cli_wants_colour(out),
    };
}

/* POSIX: a pipe that polls writable takes PIPE_BUF bytes whole, without
 * waiting; a line is not longer. A file always does. */
_Static_assert(HAWSER_CLI_LOG_LINE_SIZE <= PIPE_BUF, "a line may be torn");

/* Writes the line, or nothing (a terminal: perhaps a part) rather than wait. */
static bool write_now(int fd, const char *line, size_t len)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) {
        return false;
    }
    return write(fd, line, len) == (ssize_t)len;
}

static bool write_entry(const struct hawser_cli_log *log,
                        const struct hawser_log *entry)
{
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
    return write_now(log->fd, line, len);
}

void hawser_cli_log_write(void *ctx, const struct hawser_log *entry)
{
    struct hawser_cli_log *log = ctx;
    const struct hawser_field count = {.name = "lines",
                                       .number = (int64_t)log->lost};
    const struct hawser_log lost = {HAWSER_LOG_WARNING, "log_lost", &count, 1};
    if (log->lost > 0 && write_entry(log, &lost)) {
        log->lost = 0;
    }
    if (log->lost > 0 || !write_entry(log, entry)) {
        log->lost++;
    }
}

void hawser_cli_log_say(struct hawser_cli_log *log, enum hawser_log_level level,
                        const char *event, const char *words)
{
    const struct hawser_field field = {.name = "detail",
                                       .text = hawser_cli_view(words)};
    const struct hawser_log entry = {level, event, &field, words != NULL};
    hawser_cli_log_write(log, &entry);
}
