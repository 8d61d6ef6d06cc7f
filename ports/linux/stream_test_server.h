/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: a TLS server on a real socket of the loopback, driven by the
 * test's own loop.
 */
#ifndef HWI_LINUX_STREAM_TEST_SERVER_H
#define HWI_LINUX_STREAM_TEST_SERVER_H

#include "ports/linux/pollset.h"
#include "tls/tls_test_server.h"

struct stream_server {
    SSL_CTX *ctx; /* NULL: it speaks no TLS and says hello instead */
    int listen_fd;
    int fd; /* < 0: nobody has come yet */
    SSL *ssl;
    bool is_deaf; /* reads nothing */
    size_t received_len;
    uint8_t received[1 << 20];
    struct hawser_address address;
};

/* Listens; leaf NULL: without TLS. Free it with stream_server_stop(). */
void stream_server_start(struct stream_server *server,
                         const struct farm_cert *leaf);
void stream_server_stop(struct stream_server *server);

/* Does what can be done now. */
void stream_server_step(struct stream_server *server);
/* Adds what it waits for. */
void stream_server_poll(const struct stream_server *server,
                        struct hwi_linux_pollset *set);

/* Sends in one record. */
void stream_server_say(struct stream_server *server, const void *bytes,
                       size_t len);

/* Leaves the client: with a reset, or with an end of the stream. */
void stream_server_hang_up(struct stream_server *server, bool is_reset);

#endif
