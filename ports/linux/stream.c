/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP, then TLS: stream.h. tcp(7), socket(7).
 */
#include "ports/linux/stream.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ports/linux/address.h"
#include "ports/linux/message.h"

/* A line that takes no byte for so long is dead. */
#define DEAD_AFTER_MS 60000
/* An idle line is probed, so that a peer that is gone is noticed. */
#define PROBE_AFTER_S 45
#define PROBE_EVERY_S 15
#define PROBES        3

/* Ends the stream for good. Answers LINK. */
static int fail(struct hwi_linux_stream *stream,
                const struct hwi_tls_failure *why)
{
    stream->failure = *why;
    stream->stage = HAWSER_STREAM_FAILED;
    return HAWSER_E_LINK;
}

static enum hawser_cause cause_of(int error)
{
    switch (error) {
    case ECONNREFUSED:
    case ECONNRESET:
        return HAWSER_CAUSE_TCP_REFUSED;
    case ETIMEDOUT:
        return HAWSER_CAUSE_TCP_TIMEOUT;
    default:
        return HAWSER_CAUSE_TCP_UNREACHABLE;
    }
}

/* The kernel would not connect. */
static int fail_tcp(struct hwi_linux_stream *stream, int error)
{
    char address[HAWSER_ADDRESS_TEXT_SIZE];
    struct hwi_tls_failure why = {.cause = cause_of(error)};

    hwi_linux_address_text(&stream->target.address, address);
    (void)snprintf(why.detail, sizeof why.detail, "%s: %s", address,
                   hwi_linux_errno_text(error));
    return fail(stream, &why);
}

/* TLS failed or ended. Where it can only say that the line is gone, the kernel
 * may know more: a reset is told from an end, a silent peer from both. */
static int fail_tls(struct hwi_linux_stream *stream,
                    struct hwi_tls_failure *why)
{
    if (why->cause == HAWSER_CAUSE_CLOSED && stream->fd_errno != 0) {
        if (stream->fd_errno == ETIMEDOUT) {
            why->cause = HAWSER_CAUSE_TCP_TIMEOUT;
        }
        (void)snprintf(why->detail, sizeof why->detail, "%s",
                       hwi_linux_errno_text(stream->fd_errno));
    }
    return fail(stream, why);
}

/* What a failed call on the socket means to TLS. */
static int transport_verdict(struct hwi_linux_stream *stream)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return HAWSER_E_WAIT;
    }
    stream->fd_errno = errno;
    return HAWSER_E_LINK;
}

static int transport_send(void *ctx, const uint8_t *bytes, size_t len)
{
    struct hwi_linux_stream *stream = ctx;
    ssize_t sent;

    if (len > INT_MAX) {
        len = INT_MAX;
    }
    do {
        sent = send(stream->fd, bytes, len, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? transport_verdict(stream) : (int)sent;
}

static int transport_receive(void *ctx, uint8_t *out, size_t size)
{
    struct hwi_linux_stream *stream = ctx;
    ssize_t got;

    if (size > INT_MAX) {
        size = INT_MAX;
    }
    do {
        got = recv(stream->fd, out, size, 0);
    } while (got < 0 && errno == EINTR);
    if (got == 0) {
        return HAWSER_E_LINK; /* the peer's end of the stream */
    }
    return got < 0 ? transport_verdict(stream) : (int)got;
}

/* Wishes: a kernel that knows one of them not does without it. */
static void options_set(int fd)
{
    static const struct {
        int level;
        int name;
        int value;
    } options[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, PROBE_AFTER_S},
        {IPPROTO_TCP, TCP_KEEPINTVL, PROBE_EVERY_S},
        {IPPROTO_TCP, TCP_KEEPCNT, PROBES},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, DEAD_AFTER_MS},
    };
    size_t i;

    for (i = 0; i < sizeof options / sizeof options[0]; i++) {
        (void)setsockopt(fd, options[i].level, options[i].name,
                         &options[i].value, sizeof options[i].value);
    }
}

int hwi_linux_stream_init(struct hwi_linux_stream *stream)
{
    memset(stream, 0, sizeof *stream);
    stream->fd = -1;
    stream->stage = HAWSER_STREAM_CLOSED;
    stream->context = hwi_tls_context_create();
    return stream->context != NULL ? 0 : HAWSER_E_FULL;
}

void hwi_linux_stream_free(struct hwi_linux_stream *stream)
{
    hwi_linux_stream_close(stream);
    hwi_tls_context_destroy(stream->context);
    stream->context = NULL;
}

int hwi_linux_stream_open(struct hwi_linux_stream *stream,
                          const struct hawser_stream_target *target)
{
    struct sockaddr_storage address;
    socklen_t len = hwi_linux_address_to_kernel(&target->address, &address);

    hwi_linux_stream_close(stream);
    stream->target = *target;
    if (len == 0) {
        return fail_tcp(stream, EAFNOSUPPORT);
    }
    stream->fd = socket(address.ss_family,
                        SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (stream->fd < 0) {
        return fail_tcp(stream, errno);
    }
    options_set(stream->fd);
    if (connect(stream->fd, (const struct sockaddr *)&address, len) != 0 &&
        errno != EINPROGRESS && errno != EINTR) {
        return fail_tcp(stream, errno);
    }
    stream->stage = HAWSER_STREAM_TCP;
    return 0;
}

/* TCP -> TLS, once the kernel has connected. */
static void tcp_drive(struct hwi_linux_stream *stream)
{
    const struct hwi_tls_transport transport = {stream, transport_send,
                                                transport_receive};
    struct pollfd fd = {.fd = stream->fd, .events = POLLOUT};
    struct hwi_tls_failure why = {HAWSER_CAUSE_NONE, ""};
    int error = 0;
    socklen_t len = sizeof error;

    if (poll(&fd, 1, 0) <= 0) {
        return;
    }
    if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0) {
        error = errno;
    }
    if (error != 0) {
        (void)fail_tcp(stream, error);
        return;
    }
    stream->tls =
        hwi_tls_open(stream->context, &stream->target, &transport, &why);
    if (stream->tls == NULL) {
        (void)fail(stream, &why);
    } else {
        stream->stage = HAWSER_STREAM_TLS;
    }
}

/* TLS -> OPEN, once the server is verified. */
static void tls_drive(struct hwi_linux_stream *stream)
{
    struct hwi_tls_failure why = {HAWSER_CAUSE_NONE, ""};
    int err = hwi_tls_handshake(stream->tls, &why);

    if (err == 0) {
        stream->stage = HAWSER_STREAM_OPEN;
    } else if (err != HAWSER_E_WAIT) {
        (void)fail_tls(stream, &why);
    }
}

void hwi_linux_stream_status(struct hwi_linux_stream *stream,
                             struct hawser_stream_status *out)
{
    if (stream->stage == HAWSER_STREAM_TCP) {
        tcp_drive(stream);
    }
    if (stream->stage == HAWSER_STREAM_TLS) {
        tls_drive(stream);
    }
    memset(out, 0, sizeof *out);
    out->stage = stream->stage;
    if (stream->stage != HAWSER_STREAM_FAILED) {
        return;
    }
    out->cause = stream->failure.cause;
    memcpy(out->detail, stream->failure.detail, sizeof out->detail);
}

/* What can be answered without TLS while the stream is not open. */
static int not_open(const struct hwi_linux_stream *stream)
{
    return stream->stage == HAWSER_STREAM_TCP ||
                   stream->stage == HAWSER_STREAM_TLS
               ? HAWSER_E_WAIT
               : HAWSER_E_LINK;
}

int hwi_linux_stream_receive(struct hwi_linux_stream *stream, uint8_t *out,
                             size_t size)
{
    struct hwi_tls_failure why = {HAWSER_CAUSE_NONE, ""};
    int got;

    if (stream->stage != HAWSER_STREAM_OPEN) {
        return not_open(stream);
    }
    got = hwi_tls_receive(stream->tls, out, size, &why);
    return got == HAWSER_E_LINK ? fail_tls(stream, &why) : got;
}

int hwi_linux_stream_send(struct hwi_linux_stream *stream, const uint8_t *bytes,
                          size_t len)
{
    struct hwi_tls_failure why = {HAWSER_CAUSE_NONE, ""};
    int sent;

    if (stream->stage != HAWSER_STREAM_OPEN) {
        return not_open(stream);
    }
    sent = hwi_tls_send(stream->tls, bytes, len, &why);
    return sent == HAWSER_E_LINK ? fail_tls(stream, &why) : sent;
}

int hwi_linux_stream_security(const struct hwi_linux_stream *stream,
                              struct hawser_security *out)
{
    if (stream->stage != HAWSER_STREAM_OPEN) {
        return HAWSER_E_STATE;
    }
    hwi_tls_security(stream->tls, out);
    return 0;
}

int hwi_linux_stream_preflight(const struct hwi_linux_stream *stream,
                               struct hawser_view anchors,
                               struct hawser_stream_status *out)
{
    struct hwi_tls_failure why = {HAWSER_CAUSE_NONE, ""};
    int err;

    if (stream->stage != HAWSER_STREAM_OPEN) {
        return HAWSER_E_STATE;
    }
    err = hwi_tls_preflight(stream->tls, anchors, &why);
    memset(out, 0, sizeof *out);
    out->stage = stream->stage;
    out->cause = why.cause;
    memcpy(out->detail, why.detail, sizeof out->detail);
    return err;
}

void hwi_linux_stream_close(struct hwi_linux_stream *stream)
{
    hwi_tls_close(stream->tls);
    stream->tls = NULL;
    if (stream->fd >= 0) {
        (void)close(stream->fd);
    }
    stream->fd = -1;
    stream->fd_errno = 0;
    stream->stage = HAWSER_STREAM_CLOSED;
    memset(&stream->target, 0, sizeof stream->target);
}

void hwi_linux_stream_poll(const struct hwi_linux_stream *stream,
                           struct hwi_linux_pollset *set)
{
    int events = POLLIN;

    if (stream->stage == HAWSER_STREAM_TCP) {
        hwi_linux_pollset_add(set, stream->fd, POLLOUT);
        return;
    }
    if (stream->stage != HAWSER_STREAM_TLS &&
        stream->stage != HAWSER_STREAM_OPEN) {
        return;
    }
    if (hwi_tls_wants_send(stream->tls)) {
        events |= POLLOUT;
    }
    if (hwi_tls_has_pending(stream->tls)) {
        hwi_linux_pollset_until(set, 0);
    }
    hwi_linux_pollset_add(set, stream->fd, events);
}
