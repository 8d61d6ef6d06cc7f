/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One TCP connection, then TLS: sockets.h. Deadlines are the device's.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lwip/sockets.h"
#include "ports/esp-idf/sockets.h"
#include "ports/esp-idf/sockets_parts.h"
#include "tls/tls.h"

/* An idle line is probed, so that a peer that is gone is noticed. */
#define PROBE_AFTER_S 45
#define PROBE_EVERY_S 15
#define PROBES        3

static struct {
    enum hawser_stream_stage stage;
    int fd;
    int fd_errno; /* why the socket failed; 0: it did not, or it ended */
    struct hwi_tls *tls;
    struct hwi_tls_context *context;
    struct hawser_stream_target target; /* while open */
    struct hwi_tls_failure failure;     /* FAILED: why */
} stream = {.fd = -1};

/* Ends the stream for good. Answers LINK. */
static int fail(const struct hwi_tls_failure *why)
{
    stream.failure = *why;
    stream.stage = HAWSER_STREAM_FAILED;
    return HAWSER_E_LINK;
}

static int fail_tcp(int error)
{
    struct hwi_tls_failure why = {HAWSER_CAUSE_TCP_UNREACHABLE, ""};
    const uint8_t *ip = stream.target.address.bytes;

    if (error == ECONNREFUSED || error == ECONNRESET) {
        why.cause = HAWSER_CAUSE_TCP_REFUSED;
    } else if (error == ETIMEDOUT) {
        why.cause = HAWSER_CAUSE_TCP_TIMEOUT;
    }
    (void)snprintf(why.detail, sizeof why.detail, "%u.%u.%u.%u: error %d",
                   ip[0], ip[1], ip[2], ip[3], error);
    return fail(&why);
}

/* TLS failed or ended; where it can only say that the line is gone, the socket
 * may know more. */
static int fail_tls(struct hwi_tls_failure *why)
{
    if (why->cause == HAWSER_CAUSE_CLOSED && stream.fd_errno == ETIMEDOUT) {
        why->cause = HAWSER_CAUSE_TCP_TIMEOUT;
    }
    return fail(why);
}

/* What a failed call on the socket means to TLS. */
static int verdict(void)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return HAWSER_E_WAIT;
    }
    stream.fd_errno = errno;
    return HAWSER_E_LINK;
}

static int transport_send(void *ctx, const uint8_t *bytes, size_t len)
{
    ssize_t sent = send(stream.fd, bytes, len < INT_MAX ? len : INT_MAX, 0);

    (void)ctx;
    return sent < 0 ? verdict() : (int)sent;
}

static int transport_receive(void *ctx, uint8_t *out, size_t size)
{
    ssize_t got = recv(stream.fd, out, size < INT_MAX ? size : INT_MAX, 0);

    (void)ctx;
    if (got == 0) {
        return HAWSER_E_LINK; /* the peer's end of the stream */
    }
    return got < 0 ? verdict() : (int)got;
}

/* Wishes; the line works without them, too. */
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
    };
    size_t i;

    for (i = 0; i < sizeof options / sizeof options[0]; i++) {
        (void)setsockopt(fd, options[i].level, options[i].name,
                         &options[i].value, sizeof options[i].value);
    }
}

int hwi_esp_stream_init(void)
{
    stream.stage = HAWSER_STREAM_CLOSED;
    stream.context = hwi_tls_context_create();
    return stream.context != NULL ? 0 : HAWSER_E_FULL;
}

int hwi_esp_stream_open(const struct hawser_stream_target *target)
{
    hwi_esp_stream_close();
    stream.target = *target;
    stream.fd = hwi_esp_socket_open(&target->address, SOCK_STREAM);
    if (stream.fd < 0) {
        return fail_tcp(errno);
    }
    options_set(stream.fd);
    stream.stage = HAWSER_STREAM_TCP;
    return 0;
}

/* Is the connection made, or has it failed? */
static bool is_decided(int *error)
{
    struct timeval now = {0, 0};
    socklen_t len = sizeof *error;
    fd_set out;

    FD_ZERO(&out);
    FD_SET(stream.fd, &out);
    *error = 0;
    if (select(stream.fd + 1, NULL, &out, NULL, &now) <= 0) {
        return false;
    }
    if (getsockopt(stream.fd, SOL_SOCKET, SO_ERROR, error, &len) != 0) {
        *error = errno;
    }
    return true;
}

/* TCP -> TLS, once it is connected. */
static void tcp_drive(void)
{
    const struct hwi_tls_transport transport = {NULL, transport_send,
                                                transport_receive};
    struct hwi_tls_failure why = {HAWSER_CAUSE_NONE, ""};
    int error;

    if (!is_decided(&error)) {
        return;
    }
    if (error != 0) {
        (void)fail_tcp(error);
        return;
    }
    stream.tls = hwi_tls_open(stream.context, &stream.target, &transport, &why);
    if (stream.tls == NULL) {
        (void)fail(&why);
    } else {
        stream.stage = HAWSER_STREAM_TLS;
    }
}

/* TLS -> OPEN, once the server is verified. */
static void tls_drive(void)
{
    struct hwi_tls_failure why = {HAWSER_CAUSE_NONE, ""};
    int err = hwi_tls_handshake(stream.tls, &why);

    if (err == 0) {
        stream.stage = HAWSER_STREAM_OPEN;
    } else if (err != HAWSER_E_WAIT) {
        (void)fail_tls(&why);
    }
}

void hwi_esp_stream_status(struct hawser_stream_status *out)
{
    if (stream.stage == HAWSER_STREAM_TCP) {
        tcp_drive();
    }
    if (stream.stage == HAWSER_STREAM_TLS) {
        tls_drive();
    }
    memset(out, 0, sizeof *out);
    out->stage = stream.stage;
    if (stream.stage == HAWSER_STREAM_FAILED) {
        out->cause = stream.failure.cause;
        memcpy(out->detail, stream.failure.detail, sizeof out->detail);
    }
}

/* What can be answered without TLS while the stream is not open. */
static int not_open(void)
{
    return stream.stage == HAWSER_STREAM_TCP ||
                   stream.stage == HAWSER_STREAM_TLS
               ? HAWSER_E_WAIT
               : HAWSER_E_LINK;
}

int hwi_esp_stream_receive(uint8_t *out, size_t size)
{
    struct hwi_tls_failure why = {HAWSER_CAUSE_NONE, ""};
    int got;

    if (stream.stage != HAWSER_STREAM_OPEN) {
        return not_open();
    }
    got = hwi_tls_receive(stream.tls, out, size, &why);
    return got == HAWSER_E_LINK ? fail_tls(&why) : got;
}

int hwi_esp_stream_send(const uint8_t *bytes, size_t len)
{
    struct hwi_tls_failure why = {HAWSER_CAUSE_NONE, ""};
    int sent;

    if (stream.stage != HAWSER_STREAM_OPEN) {
        return not_open();
    }
    sent = hwi_tls_send(stream.tls, bytes, len, &why);
    return sent == HAWSER_E_LINK ? fail_tls(&why) : sent;
}

int hwi_esp_stream_security(struct hawser_security *out)
{
    if (stream.stage != HAWSER_STREAM_OPEN) {
        return HAWSER_E_STATE;
    }
    hwi_tls_security(stream.tls, out);
    return 0;
}

int hwi_esp_stream_preflight(struct hawser_view anchors,
                             struct hawser_stream_status *out)
{
    struct hwi_tls_failure why = {HAWSER_CAUSE_NONE, ""};
    int err;

    if (stream.stage != HAWSER_STREAM_OPEN) {
        return HAWSER_E_STATE;
    }
    err = hwi_tls_preflight(stream.tls, anchors, &why);
    memset(out, 0, sizeof *out);
    out->stage = stream.stage;
    out->cause = why.cause;
    memcpy(out->detail, why.detail, sizeof out->detail);
    return err;
}

void hwi_esp_stream_close(void)
{
    struct hwi_tls_context *context = stream.context;

    hwi_tls_close(stream.tls);
    if (stream.fd >= 0) {
        (void)close(stream.fd);
    }
    memset(&stream, 0, sizeof stream);
    stream.fd = -1;
    stream.context = context;
    stream.stage = HAWSER_STREAM_CLOSED;
}

static int add(int fd, fd_set *set, int highest)
{
    if (fd < 0) {
        return highest;
    }
    FD_SET(fd, set);
    return fd > highest ? fd : highest;
}

int hwi_esp_sockets_wait_for(fd_set *in, fd_set *out, int highest, bool *is_due)
{
    size_t i;

    for (i = 0; i < HAWSER_UDP_SLOTS; i++) {
        highest = add(hwi_esp_udp_fds[i], in, highest);
    }
    if (stream.stage == HAWSER_STREAM_TCP) {
        return add(stream.fd, out, highest);
    }
    if (stream.stage != HAWSER_STREAM_TLS &&
        stream.stage != HAWSER_STREAM_OPEN) {
        return highest;
    }
    if (hwi_tls_wants_send(stream.tls)) {
        highest = add(stream.fd, out, highest);
    }
    *is_due = *is_due || hwi_tls_has_pending(stream.tls);
    return add(stream.fd, in, highest);
}
