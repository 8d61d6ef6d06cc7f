/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One TLS client connection, always verified. One file beside this one
 * implements it for each TLS library; a port chooses by linking.
 *
 * The transport is the port's: two non-blocking functions. Memory is the TLS
 * library's own affair (heap is allowed from here outwards).
 *
 * A context (struct hwi_tls_context) holds the anchors, the own certificate and
 * the session tickets, and lives over many connections. Resumption checks no
 * certificate; so the context drops its tickets itself when credentials, host,
 * port, ALPN or the kind of date policy change, when a handshake fails, when a
 * certificate of the chain that was verified has ended since, and after a day.
 *
 * Not thread-safe; one thread per context and its connections.
 *
 * RFC 9325 (versions, ciphers), RFC 9525 (names), RFC 8446, RFC 5280.
 */
#ifndef HWI_TLS_TLS_H
#define HWI_TLS_TLS_H

#include "hawser/port.h"

struct hwi_tls_context;
struct hwi_tls;

/* The bytes below TLS. Both answer a count, HAWSER_E_WAIT or HAWSER_E_LINK;
 * receive answers HAWSER_E_LINK at the end of the stream too. */
struct hwi_tls_transport {
    void *ctx;
    int (*send)(void *ctx, const uint8_t *bytes, size_t len);
    int (*receive)(void *ctx, uint8_t *out, size_t size);
};

/* Why a call failed: the cause and words for a person. */
struct hwi_tls_failure {
    enum hawser_cause cause;
    char detail[HAWSER_DETAIL_SIZE];
};

/* NULL: no memory. */
struct hwi_tls_context *hwi_tls_context_create(void);
/* Wipes keys and tickets; its connections are closed before. NULL is fine. */
void hwi_tls_context_destroy(struct hwi_tls_context *context);

/*
 * Begins a connection as a client; the handshake runs in hwi_tls_handshake().
 * Loads *target's credentials when they differ from the last ones. Copies what
 * it needs of *target; transport->ctx must outlive the connection.
 * NULL and *why on failure: TLS_SETUP (a file is empty, not PEM, holds no CA
 * certificate, certificate and key do not match, ...), TLS_MEMORY.
 */
struct hwi_tls *hwi_tls_open(struct hwi_tls_context *context,
                             const struct hawser_stream_target *target,
                             const struct hwi_tls_transport *transport,
                             struct hwi_tls_failure *why);

/* Drives the handshake on. 0: done, the server is verified (again 0 if called
 * later). WAIT. LINK and *why: failed for good. */
int hwi_tls_handshake(struct hwi_tls *tls, struct hwi_tls_failure *why);

/*
 * As struct hawser_port's stream_receive and stream_send. LINK and *why: over
 * for good, and said again by every later call; cause CLOSED if the connection
 * merely ended, TLS_CLIENT_CERT if the server refused ours (TLS 1.3 can say so
 * only after the handshake). Bytes that were taken but did not go out wait
 * inside; every call tries to send them on. WAIT from receive does not mean that
 * the transport is empty: ask again when it is readable.
 */
int hwi_tls_receive(struct hwi_tls *tls, uint8_t *out, size_t size,
                    struct hwi_tls_failure *why);
int hwi_tls_send(struct hwi_tls *tls, const uint8_t *bytes, size_t len,
                 struct hwi_tls_failure *why);

/* Decrypted bytes wait in the library although the socket may be quiet. */
bool hwi_tls_has_pending(const struct hwi_tls *tls);
/* Bytes wait inside for the transport to take them: call receive or send
 * (before the end of the handshake: handshake) when it can. */
bool hwi_tls_wants_send(const struct hwi_tls *tls);

/* What was negotiated; after the handshake only. */
void hwi_tls_security(const struct hwi_tls *tls, struct hawser_security *out);

/* Would the server's chain be accepted with these anchors alone? After the
 * handshake only. 0, or LINK and *why; the connection stays as it is. */
int hwi_tls_preflight(struct hwi_tls *tls, struct hawser_view anchors,
                      struct hwi_tls_failure *why) HAWSER_CHECKED;

/* Would hwi_tls_open() take these anchors? For who is about to store them; no
 * context is needed. 0, or LINK and *why. */
int hwi_tls_anchors_check(struct hawser_view anchors,
                          struct hwi_tls_failure *why) HAWSER_CHECKED;

/* As struct hawser_port's functions of these names. */
int hwi_tls_certificate_inspect(struct hawser_view der,
                                struct hawser_certificate *out) HAWSER_CHECKED;
int hwi_tls_sha256(struct hawser_view bytes,
                   uint8_t out[HAWSER_DIGEST_SIZE]) HAWSER_CHECKED;
int hwi_tls_key_create(struct hawser_span out, size_t *len) HAWSER_CHECKED;
int hwi_tls_key_request(struct hawser_view key, const char *common_name,
                        struct hawser_span out, size_t *len) HAWSER_CHECKED;
int hwi_tls_key_matches(struct hawser_view key,
                        struct hawser_view certificate) HAWSER_CHECKED;
int hwi_tls_verify_signature(const struct hawser_signature *signature)
    HAWSER_CHECKED;

/* Sends close_notify if it can at once, then frees. NULL is fine. */
void hwi_tls_close(struct hwi_tls *tls);

#endif
