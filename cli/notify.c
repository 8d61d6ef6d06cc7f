/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sd_notify(3): one datagram to the socket named in the environment. A name
 * that begins with @ is in the abstract namespace.
 */
#include "notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hawser/mqtt.h"

/* A number from the environment; 0: absent or not one. */
static uint64_t number_of(const char *name)
{
    const char *text = getenv(name);
    if (text == NULL || strspn(text, "0123456789") != strlen(text)) {
        return 0;
    }
    return strtoull(text, NULL, 10);
}

static void find_watchdog(struct hawser_cli_notify *n)
{
    uint64_t pid = number_of("WATCHDOG_PID");
    if (pid == 0 || pid == (uint64_t)getpid()) {
        n->watchdog_ms = number_of("WATCHDOG_USEC") / 2000;
    }
}

void hawser_cli_notify_open(struct hawser_cli_notify *n)
{
    const char *name = getenv("NOTIFY_SOCKET");
    memset(n, 0, sizeof(*n));
    n->fd = -1;
    if (name == NULL || (name[0] != '/' && name[0] != '@') ||
        strlen(name) >= sizeof(n->address.sun_path)) {
        return;
    }
    n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    n->address.sun_family = AF_UNIX;
    memcpy(n->address.sun_path, name, strlen(name));
    if (name[0] == '@') {
        n->address.sun_path[0] = '\0';
    }
    n->address_len =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    find_watchdog(n);
}

void hawser_cli_notify_close(struct hawser_cli_notify *n)
{
    if (n->fd >= 0) {
        (void)close(n->fd); /* nothing is buffered */
        n->fd = -1;
    }
}

void hawser_cli_notify_say(const struct hawser_cli_notify *n,
                           const char *assignments)
{
    if (n->fd >= 0) {
        (void)sendto(n->fd, assignments, strlen(assignments), MSG_NOSIGNAL,
                     (const struct sockaddr *)&n->address, n->address_len);
    }
}

void hawser_cli_notify_say_reloading(const struct hawser_cli_notify *n)
{
    struct timespec now = {0, 0};
    char text[64];
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail on Linux */
    (void)snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%llu",
                   (unsigned long long)now.tv_sec * 1000000 +
                       (unsigned long long)now.tv_nsec / 1000);
    hawser_cli_notify_say(n, text);
}

uint64_t hawser_cli_notify_feed(struct hawser_cli_notify *n, uint64_t now_ms)
{
    if (n->fd < 0 || n->watchdog_ms == 0) {
        return HAWSER_NEVER;
    }
    if (now_ms - n->fed_ms >= n->watchdog_ms || n->fed_ms == 0) {
        hawser_cli_notify_say(n, "WATCHDOG=1");
        n->fed_ms = now_ms;
    }
    return n->fed_ms + n->watchdog_ms;
}
