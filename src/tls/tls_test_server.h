/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: a TLS server (or a stranger that only says fixed bytes) in this
 * process, joined to a client under test by two queues in memory whose faults
 * a test can choose. No socket, no clock, no thread.
 */
#ifndef HWI_TLS_TEST_SERVER_H
#define HWI_TLS_TEST_SERVER_H

#include <openssl/ssl.h>

#include "tls/tls.h"
#include "tls/tls_test_farm.h"

/* What the way between client and server does. 0 is a good way. */
struct test_faults {
    size_t chunk;     /* most bytes a call of the transport moves; 0: all */
    bool has_stalls;  /* every second call of the transport waits */
    size_t cut_at;    /* server to client: ends after so many bytes */
    size_t silent_at; /* server to client: nothing comes after so many */
    bool has_flip;    /* server to client: byte flip_at is changed */
    size_t flip_at;
    uint8_t flip_mask;
    bool is_send_blocked; /* client to server: takes nothing */
    bool is_send_broken;  /* client to server: LINK */
    bool hides_versions;  /* a man in the middle drops TLS 1.3 from the offer */
};

/* A server and the way to it. */
struct test_peer {
    SSL *ssl; /* NULL: a stranger */
    BIO *to_server;
    BIO *to_client;
    struct test_faults faults;
    size_t delivered; /* bytes, server to client */
    unsigned send_calls;
    unsigned receive_calls;
    bool is_gone;            /* it closed: what is queued can still be read */
    uint8_t received[65536]; /* by the server, in clear */
    size_t received_len;
};

/* An SSL_CTX for a server with this certificate and chain (chain_count further
 * certificates). It takes anything down to security level 0. */
SSL_CTX *test_server_context(const struct farm_cert *leaf,
                             const struct farm_cert *const chain[],
                             size_t chain_count);
/* Makes it ask for a client certificate that this CA signed; is_needed: and
 * insist on it. */
void test_server_ask(SSL_CTX *ctx, const struct farm_cert *ca, bool is_needed);

/* Starts a server for one connection; ctx NULL: a stranger that says bytes (and
 * goes, if is_gone is set afterwards). */
void test_peer_start(struct test_peer *peer, SSL_CTX *ctx,
                     const struct test_faults *faults);
void test_peer_say(struct test_peer *peer, const void *bytes, size_t len);
void test_peer_stop(struct test_peer *peer);
/* Lets the server do what it can: handshake, then read. */
void test_peer_step(struct test_peer *peer);
struct hwi_tls_transport test_peer_transport(struct test_peer *peer);

/* How a connection went. */
struct test_outcome {
    bool is_stalled;                /* neither done nor failed */
    struct hwi_tls_failure failure; /* cause NONE: connected */
};

/* Opens and drives both until the client has connected and then received
 * nothing for a while, or failed. NULL in case of failure. */
struct hwi_tls *test_connect(struct hwi_tls_context *context,
                             const struct hawser_stream_target *target,
                             struct test_peer *peer,
                             struct test_outcome *outcome);

/* Sends text both ways and compares; false: it failed or stalled. Text that
 * comes out as another fails the test. */
bool test_talk(struct hwi_tls *tls, struct test_peer *peer,
               struct hwi_tls_failure *why);

/* A target for host on port 8883 at FARM_NOW_S. */
struct hawser_stream_target
test_target(const char *host, const struct hawser_credentials *credentials);

/* The word of a cause ("tls_expired"), for the matrix. */
const char *test_cause_word(enum hawser_cause cause);

#endif
