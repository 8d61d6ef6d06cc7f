/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: a TLS server on a real socket: stream_test_server.h.
 */
#include <openssl/err.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "ports/linux/address.h"
#include "ports/linux/stream_test_server.h"

void stream_server_start(struct stream_server *server,
                         const struct farm_cert *leaf)
{
    struct sockaddr_storage address;
    socklen_t len;

    memset(server, 0, sizeof *server);
    server->fd = -1;
    if (leaf != NULL) {
        server->ctx = test_server_context(leaf, NULL, 0);
    }
    assert_true(hwi_linux_address_parse("127.0.0.1", &server->address));
    len = hwi_linux_address_to_kernel(&server->address, &address);
    server->listen_fd =
        socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(server->listen_fd >= 0);
    assert_int_equal(bind(server->listen_fd, (struct sockaddr *)&address, len),
                     0);
    assert_int_equal(listen(server->listen_fd, 4), 0);
    assert_int_equal(
        getsockname(server->listen_fd, (struct sockaddr *)&address, &len), 0);
    assert_true(hwi_linux_address_from_kernel((struct sockaddr *)&address,
                                              &server->address));
}

void stream_server_hang_up(struct stream_server *server, bool is_reset)
{
    const struct linger reset = {.l_onoff = 1};

    SSL_free(server->ssl);
    server->ssl = NULL;
    if (server->fd < 0) {
        return;
    }
    if (is_reset) {
        assert_int_equal(
            setsockopt(server->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset),
            0);
    }
    assert_int_equal(close(server->fd), 0);
    server->fd = -1;
}

void stream_server_stop(struct stream_server *server)
{
    stream_server_hang_up(server, false);
    if (server->listen_fd >= 0) {
        (void)close(server->listen_fd);
    }
    SSL_CTX_free(server->ctx);
    ERR_clear_error();
}

static void accept_one(struct stream_server *server)
{
    server->fd =
        accept4(server->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (server->fd < 0) {
        return;
    }
    if (server->ctx == NULL) {
        assert_int_equal(send(server->fd, "220 hello\r\n", 11, MSG_NOSIGNAL),
                         11);
        return;
    }
    server->ssl = SSL_new(server->ctx);
    assert_non_null(server->ssl);
    assert_true(SSL_set_fd(server->ssl, server->fd));
    SSL_set_accept_state(server->ssl);
}

void stream_server_step(struct stream_server *server)
{
    size_t got = 1;

    if (server->fd < 0) {
        accept_one(server);
    }
    if (server->ssl == NULL) {
        return;
    }
    ERR_clear_error();
    if (!SSL_is_init_finished(server->ssl)) {
        (void)SSL_do_handshake(server->ssl);
    }
    while (SSL_is_init_finished(server->ssl) && !server->is_deaf && got > 0) {
        size_t room = sizeof server->received - server->received_len;

        if (SSL_read_ex(server->ssl, server->received + server->received_len,
                        room, &got) != 1) {
            got = 0;
        }
        server->received_len += got;
    }
    ERR_clear_error();
}

void stream_server_poll(const struct stream_server *server,
                        struct hwi_linux_pollset *set)
{
    if (server->fd < 0) {
        hwi_linux_pollset_add(set, server->listen_fd, POLLIN);
    } else if (!server->is_deaf) {
        hwi_linux_pollset_add(set, server->fd, POLLIN);
    }
}

void stream_server_say(struct stream_server *server, const void *bytes,
                       size_t len)
{
    size_t sent = 0;

    assert_int_equal(SSL_write_ex(server->ssl, bytes, len, &sent), 1);
    assert_int_equal(sent, len);
}
