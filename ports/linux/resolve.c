/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Name look-ups through c-ares: resolve.h.
 */
#include "ports/linux/resolve.h"

#include <netdb.h>
#include <string.h>

#include "ports/linux/address.h"
#include "ports/linux/clock.h"

/* Of one server, before the next one is asked; twice that in the second round.
 * Two servers that never answer for one of the families must be through before
 * the limit, or the other family's answer is lost with it. */
#define TRY_MS 1500
#define TRIES  2

/* c-ares has an answer, of the network or of ares_destroy(). */
static void answered(void *context, int status, int timeouts,
                     struct ares_addrinfo *answer)
{
    struct hwi_linux_lookup *lookup = context;
    const struct ares_addrinfo_node *node;

    (void)timeouts;
    lookup->is_done = true;
    if (answer == NULL) {
        return;
    }
    for (node = answer->nodes; status == ARES_SUCCESS && node != NULL &&
                               lookup->count < HWI_LINUX_RESOLVE_MAX;
         node = node->ai_next) {
        if (hwi_linux_address_from_kernel(node->ai_addr,
                                          &lookup->found[lookup->count])) {
            lookup->count++;
        }
    }
    ares_freeaddrinfo(answer);
}

static bool channel_make(ares_channel *out, const char *servers)
{
    char lookups[] = "fb"; /* files, then DNS */
    struct ares_options options = {
        .timeout = TRY_MS,
        .tries = TRIES,
        .lookups = lookups,
    };

    if (ares_init_options(out, &options,
                          ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                              ARES_OPT_LOOKUPS) != ARES_SUCCESS) {
        return false;
    }
    if (servers == NULL ||
        ares_set_servers_ports_csv(*out, servers) == ARES_SUCCESS) {
        return true;
    }
    ares_destroy(*out);
    return false;
}

static int start(struct hwi_linux_lookup *lookup, const char *host,
                 const char *servers)
{
    const struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC};

    lookup->is_done = false;
    lookup->count = 0;
    if (!channel_make(&lookup->channel, servers)) {
        lookup->channel = NULL;
        return HAWSER_E_LINK;
    }
    lookup->deadline_ms = hwi_linux_now_ms() + HWI_LINUX_RESOLVE_LIMIT_MS;
    ares_getaddrinfo(lookup->channel, host, NULL, &hints, answered, lookup);
    return 0;
}

/* As many as there is room for; of more, those whose turn it is. */
static size_t hand_out(struct hwi_linux_lookup *lookup,
                       struct hawser_address *out, size_t max)
{
    size_t count = lookup->count < max ? lookup->count : max;
    size_t first = lookup->count > max ? lookup->turn % lookup->count : 0;
    size_t i;

    for (i = 0; i < count; i++) {
        out[i] = lookup->found[(first + i) % lookup->count];
    }
    if (lookup->count > max) {
        lookup->turn = first + max;
    }
    return count;
}

int hwi_linux_lookup_poll(struct hwi_linux_lookup *lookup, const char *host,
                          const char *servers, struct hawser_address *out,
                          size_t max)
{
    size_t count;

    if (max == 0) {
        return HAWSER_E_LINK;
    }
    if (lookup->channel == NULL && hwi_linux_address_parse(host, out)) {
        return 1;
    }
    if (lookup->channel == NULL && start(lookup, host, servers) != 0) {
        return HAWSER_E_LINK;
    }
    hwi_linux_lookup_drive(lookup);
    if (!lookup->is_done) {
        return HAWSER_E_WAIT;
    }
    count = hand_out(lookup, out, max);
    hwi_linux_lookup_cancel(lookup);
    return count > 0 ? (int)count : HAWSER_E_LINK;
}

void hwi_linux_lookup_cancel(struct hwi_linux_lookup *lookup)
{
    if (lookup->channel != NULL) {
        ares_destroy(lookup->channel);
    }
    lookup->channel = NULL;
}

/* c-ares' sockets, with what each waits for. How many. */
static nfds_t sockets_list(const struct hwi_linux_lookup *lookup,
                           struct pollfd out[ARES_GETSOCK_MAXNUM])
{
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    /* One bit a socket: readable in the lower half, writable in the upper. The
     * library's own macros shift into the sign. */
    unsigned wanted =
        (unsigned)ares_getsock(lookup->channel, sockets, ARES_GETSOCK_MAXNUM);
    nfds_t count = 0;
    unsigned i;

    for (i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        int events = 0;

        if ((wanted >> i & 1u) != 0) {
            events |= POLLIN;
        }
        if ((wanted >> (i + ARES_GETSOCK_MAXNUM) & 1u) != 0) {
            events |= POLLOUT;
        }
        if (events != 0) {
            out[count++] =
                (struct pollfd){.fd = sockets[i], .events = (short)events};
        }
    }
    return count;
}

void hwi_linux_lookup_drive(struct hwi_linux_lookup *lookup)
{
    struct pollfd fds[ARES_GETSOCK_MAXNUM];
    nfds_t count;
    nfds_t i;

    if (lookup->channel == NULL || lookup->is_done) {
        return;
    }
    count = sockets_list(lookup, fds);
    if (count > 0 && poll(fds, count, 0) > 0) {
        for (i = 0; i < count; i++) {
            bool is_in = (fds[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
            bool is_out = (fds[i].revents & POLLOUT) != 0;

            ares_process_fd(lookup->channel,
                            is_in ? fds[i].fd : ARES_SOCKET_BAD,
                            is_out ? fds[i].fd : ARES_SOCKET_BAD);
        }
    }
    /* Without sockets it looks at its time-outs only. */
    ares_process_fd(lookup->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    if (!lookup->is_done && hwi_linux_now_ms() >= lookup->deadline_ms) {
        ares_cancel(lookup->channel);
    }
}

void hwi_linux_lookup_wait(const struct hwi_linux_lookup *lookup,
                           struct hwi_linux_pollset *set)
{
    struct pollfd fds[ARES_GETSOCK_MAXNUM];
    struct timeval left;
    nfds_t count;
    nfds_t i;

    if (lookup->channel == NULL || lookup->is_done) {
        return;
    }
    count = sockets_list(lookup, fds);
    for (i = 0; i < count; i++) {
        hwi_linux_pollset_add(set, fds[i].fd, fds[i].events);
    }
    hwi_linux_pollset_until(set, lookup->deadline_ms);
    if (ares_timeout(lookup->channel, NULL, &left) != NULL) {
        hwi_linux_pollset_until(set, hwi_linux_now_ms() +
                                         (uint64_t)left.tv_sec * 1000 +
                                         (uint64_t)left.tv_usec / 1000 + 1);
    }
}
