/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hawser-mqtt-driver: reads commands from standard input, drives one client.
 * docs/driver.md names every command.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"
#include "tls/tls.h"

/* Reads what has come; lines are carried out by obey_lines(). */
static void read_input(struct driver *d)
{
    char *room = realloc(d->input, d->input_len + 65537);
    ssize_t n;

    if (room == NULL) {
        d->is_eof = true;
        return;
    }
    d->input = room;
    n = read(STDIN_FILENO, room + d->input_len, 65536);
    if (n > 0 && d->input_len + (size_t)n <= DRIVER_LINE_MAX) {
        d->input_len += (size_t)n;
        d->input[d->input_len] = '\0';
    } else {
        d->is_eof = true;
    }
}

/* Is a `wait` under way? */
static bool is_waiting(struct driver *d)
{
    int i = d->waiting;

    if (i < 0) {
        return false;
    }
    if (d->came[i] > d->awaited[i]) {
        d->awaited[i]++;
        d->waiting = -1;
    } else if (driver_now_ms() >= d->wait_due_ms) {
        driver_print("timeout", "waited_for", d->names[i], -1);
        d->code = 1;
        d->waiting = -1;
    }
    return d->waiting >= 0;
}

static void obey_lines(struct driver *d)
{
    while (!d->is_done && !is_waiting(d)) {
        char *end = d->input_len == 0 ? NULL : strchr(d->input, '\n');
        if (end == NULL) {
            d->is_done = d->is_eof;
            return;
        }
        *end = '\0';
        size_t used = (size_t)(end - d->input) + 1;
        driver_obey(d, d->input);
        d->input_len -= used;
        memmove(d->input, d->input + used, d->input_len + 1);
        driver_step(d);
    }
}

static int timeout_ms(const struct driver *d)
{
    uint64_t now = driver_now_ms();
    uint64_t due = d->is_open ? hawser_deadline_ms(&d->c) : HAWSER_NEVER;

    if (driver_line_has_pending(&d->line) ||
        (d->waiting >= 0 && d->came[d->waiting] > d->awaited[d->waiting])) {
        return 0;
    }
    if (d->waiting >= 0 && d->wait_due_ms < due) {
        due = d->wait_due_ms;
    }
    if (due <= now) {
        return 0;
    }
    return due - now > 60000 ? 60000 : (int)(due - now);
}

static void wait_for_news(struct driver *d)
{
    const uint8_t *at;
    bool has_out = d->is_open && hawser_out(&d->c, &at) > 0;
    bool wants_send = has_out || driver_line_wants_send(&d->line);
    struct pollfd fds[] = {
        {.fd = d->is_eof ? -1 : STDIN_FILENO, .events = POLLIN},
        {.fd = d->line.fd,
         .events = (short)(POLLIN | (wants_send ? POLLOUT : 0))}};

    (void)poll(fds, 2, timeout_ms(d));
    if ((fds[0].revents & (POLLIN | POLLHUP)) != 0) {
        read_input(d);
    }
}

int main(int argc, char **argv)
{
    struct driver *d;

    (void)argv;
    if (argc > 1) {
        fputs("hawser-mqtt-driver: takes commands from standard input; see "
              "docs/driver.md\n",
              stderr);
        return 2;
    }
    d = calloc(1, sizeof(*d));
    if (d == NULL) {
        fputs("hawser-mqtt-driver: not enough memory\n", stderr);
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    d->line.fd = -1;
    d->waiting = -1;
    while (!d->is_done) {
        obey_lines(d);
        driver_step(d);
        if (!d->is_done) {
            wait_for_news(d);
        }
    }
    driver_line_close(&d->line);
    hwi_tls_context_destroy(d->line.context);
    int code = d->code;
    for (size_t i = 0; i < d->name_count; i++) {
        free(d->names[i]);
    }
    free(d->connect_line);
    free(d->line_text);
    free(d->input);
    free(d);
    return code;
}
