/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling a service manager how things stand: the datagrams of sd_notify(3),
 * written by hand, as that is all there is to them.
 */
#ifndef HAWSER_CLI_NOTIFY_H
#define HAWSER_CLI_NOTIFY_H

#include <stdint.h>

#include <sys/socket.h>
#include <sys/un.h>

/* Private. */
struct hawser_cli_notify {
    int fd; /* -1: nobody listens */
    struct sockaddr_un address;
    socklen_t address_len;
    uint64_t watchdog_ms; /* how often to feed it; 0: there is none */
    uint64_t fed_ms;
};

/* Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID; without the first,
 * everything below does nothing. */
void hawser_cli_notify_open(struct hawser_cli_notify *n);
void hawser_cli_notify_close(struct hawser_cli_notify *n);

/* Sends assignments, one a line ("READY=1\nSTATUS=online"). What cannot be
 * sent is dropped: a manager that is gone must not hold us up. */
void hawser_cli_notify_say(const struct hawser_cli_notify *n,
                           const char *assignments);

/* Says that a new configuration is being read; READY=1 ends it. */
void hawser_cli_notify_say_reloading(const struct hawser_cli_notify *n);

/* Feeds the watchdog if it is due, at half of what it waits. Call it in the
 * main loop; now_ms is monotonic. Answers when it is due next;
 * HAWSER_NEVER: there is no watchdog. */
uint64_t hawser_cli_notify_feed(struct hawser_cli_notify *n, uint64_t now_ms);

#endif
