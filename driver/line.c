/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The socket, plain or under TLS, which is verified as always.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cli/file.h"
#include "driver.h"
#include "tls/tls.h"

#define FILE_MAX (256 * 1024)

/* Plain bytes ---------------------------------------------------------------- */

static int answer_of(ssize_t n)
{
    if (n > 0) {
        return (int)n;
    }
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? HAWSER_E_WAIT
                                                        : HAWSER_E_LINK;
}

static int plain_send(void *ctx, const uint8_t *at, size_t len)
{
    const struct driver_line *line = ctx;

    return answer_of(send(line->fd, at, len, MSG_NOSIGNAL));
}

static int plain_receive(void *ctx, uint8_t *out, size_t size)
{
    const struct driver_line *line = ctx;

    return answer_of(recv(line->fd, out, size, 0));
}

/* Opening -------------------------------------------------------------------- */

static int connect_tcp(const struct driver_target *to, char why[256])
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    char port[12];
    int fd = -1;

    (void)snprintf(port, sizeof(port), "%u", (unsigned)to->port);
    int err = getaddrinfo(to->host, port, &hints, &list);
    if (err != 0) {
        (void)snprintf(why, 256, "%s: %s", to->host, gai_strerror(err));
        return -1;
    }
    for (struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            (void)snprintf(why, 256, "%s:%s: %s", to->host, port,
                           strerror(errno));
            (void)close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

static bool read_file(struct hawser_cli_file *out, const char *path,
                      char why[256])
{
    struct hawser_cli_text words = hawser_cli_text_in(why, 256);

    return path == NULL ||
           hawser_cli_file_read(out, path, FILE_MAX, false, &words);
}

static struct hawser_view view_of(const struct hawser_cli_file *f)
{
    return (struct hawser_view){f->bytes, f->len};
}

static bool open_tls(struct driver_line *line, const struct driver_target *to)
{
    struct hawser_cli_file files[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    const struct hwi_tls_transport below = {line, plain_send, plain_receive};
    struct hwi_tls_failure why = {.detail = ""};
    bool is_read = read_file(&files[0], to->ca, line->why) &&
                   read_file(&files[1], to->cert, line->why) &&
                   read_file(&files[2], to->key, line->why);

    if (is_read) {
        const struct hawser_credentials credentials = {
            view_of(&files[0]), view_of(&files[1]), view_of(&files[2])};
        const struct hawser_stream_target target = {
            .host = to->host,
            .address = {.port = (uint16_t)to->port},
            .credentials = &credentials,
            .alpn = to->alpn == NULL ? (struct hawser_view){NULL, 0}
                                     : hawser_cli_view(to->alpn),
            .dates = {.now_s = (uint64_t)time(NULL), .has_now = true}};
        if (line->context == NULL) {
            line->context = hwi_tls_context_create();
        }
        line->tls = line->context == NULL
                        ? NULL
                        : hwi_tls_open(line->context, &target, &below, &why);
        if (line->tls == NULL) {
            (void)snprintf(line->why, sizeof(line->why), "%.200s", why.detail);
        }
    }
    for (size_t i = 0; i < 3; i++) {
        hawser_cli_file_wipe(&files[i]);
    }
    return line->tls != NULL;
}

bool driver_line_open(struct driver_line *line, const struct driver_target *to)
{
    const int yes = 1;

    driver_line_close(line);
    line->why[0] = '\0';
    line->fd = connect_tcp(to, line->why);
    if (line->fd < 0) {
        return false;
    }
    (void)setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    (void)fcntl(line->fd, F_SETFL, O_NONBLOCK);
    if (to->ca == NULL) {
        line->is_ready = true;
        return true;
    }
    if (!open_tls(line, to)) {
        driver_line_close(line);
        return false;
    }
    return true;
}

bool driver_line_step(struct driver_line *line)
{
    struct hwi_tls_failure why = {.detail = ""};

    if (line->fd < 0 || line->is_ready) {
        return true;
    }
    int err = hwi_tls_handshake(line->tls, &why);
    if (err == HAWSER_E_LINK) {
        (void)snprintf(line->why, sizeof(line->why), "%s: %.200s",
                       hawser_cause_word(why.cause), why.detail);
        return false;
    }
    line->is_ready = err == 0;
    return true;
}

/* Bytes ----------------------------------------------------------------------- */

int driver_line_send(struct driver_line *line, const uint8_t *at, size_t len)
{
    struct hwi_tls_failure why;

    return line->tls != NULL ? hwi_tls_send(line->tls, at, len, &why)
                             : plain_send(line, at, len);
}

int driver_line_receive(struct driver_line *line, uint8_t *out, size_t size)
{
    struct hwi_tls_failure why;

    return line->tls != NULL ? hwi_tls_receive(line->tls, out, size, &why)
                             : plain_receive(line, out, size);
}

bool driver_line_has_pending(const struct driver_line *line)
{
    return line->tls != NULL && line->is_ready &&
           hwi_tls_has_pending(line->tls);
}

bool driver_line_wants_send(const struct driver_line *line)
{
    return line->tls != NULL && hwi_tls_wants_send(line->tls);
}

void driver_line_close(struct driver_line *line)
{
    hwi_tls_close(line->tls);
    line->tls = NULL;
    if (line->fd >= 0) {
        (void)close(line->fd);
    }
    line->fd = -1;
    line->is_ready = false;
}
