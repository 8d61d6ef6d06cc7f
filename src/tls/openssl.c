/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.h over OpenSSL 3: one connection. The files beside this one hold the
 * parts (openssl_parts.h lists them).
 *
 * Every entry empties OpenSSL's error queue before it calls in: the queue is
 * the thread's, and an old entry would be taken for a new failure.
 */
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

#include "tls/openssl_parts.h"

/* OpenSSL's callback when the server asks for a client certificate. */
static int certificate_wanted(SSL *ssl, void *unused)
{
    struct hwi_tls *tls = SSL_get_app_data(ssl);

    (void)unused;
    tls->is_cert_wanted = true;
    tls->identity.report.client_cert = SSL_get_certificate(ssl) != NULL;
    return 1;
}

/*
 * The host as certificates and SNI have it: no final dot (of a fully qualified
 * name), no zone (of a link-local address). A leading dot would mean "any host
 * below" to OpenSSL.
 */
static bool host_take(struct hwi_tls *tls, const char *host)
{
    size_t len = strlen(host);
    size_t i;

    if (strchr(host, ':') != NULL && strchr(host, '%') != NULL) {
        len = strcspn(host, "%");
    } else if (len > 1 && host[len - 1] == '.') {
        len--;
    }
    if (len == 0 || len >= sizeof tls->host || host[0] == '.') {
        return false;
    }
    for (i = 0; i < len; i++) {
        if (host[i] <= ' ' || host[i] >= 0x7f) {
            return false;
        }
        tls->host[i] = host[i];
    }
    tls->host[len] = '\0';
    return true;
}

static bool alpn_take(struct hwi_tls *tls, struct hawser_view alpn)
{
    if (alpn.at == NULL) {
        return true;
    }
    if (alpn.len == 0 || alpn.len > 255) {
        return false;
    }
    tls->alpn_list[0] = (uint8_t)alpn.len;
    memcpy(tls->alpn_list + 1, alpn.at, alpn.len);
    tls->alpn = (struct hawser_view){tls->alpn_list + 1, alpn.len};
    return true;
}

/* Makes the SSL object of a connection that is otherwise filled in. */
static bool ssl_create(struct hwi_tls *tls)
{
    BIO *bio;

    tls->ssl = SSL_new(tls->context->ssl_ctx);
    if (tls->ssl == NULL) {
        return false;
    }
    bio = BIO_new(tls->context->transport_method);
    if (bio == NULL) {
        return false;
    }
    BIO_set_data(bio, tls);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls->ssl, bio, bio);
    SSL_set_connect_state(tls->ssl);
    SSL_set_cert_cb(tls->ssl, certificate_wanted, NULL);
    return SSL_set_app_data(tls->ssl, tls) &&
           (tls->alpn.at == NULL ||
            SSL_set_alpn_protos(tls->ssl, tls->alpn_list,
                                (unsigned)tls->alpn.len + 1) == 0) &&
           hwi_tls_verify_connection(tls);
}

static void connection_free(struct hwi_tls *tls)
{
    SSL_free(tls->ssl);
    OPENSSL_free(tls->backlog.bytes);
    OPENSSL_clear_free(tls, sizeof *tls);
    ERR_clear_error();
}

/* Fills in *tls and the context. 0, or LINK and *why. */
static int connection_set_up(struct hwi_tls *tls,
                             const struct hawser_stream_target *target,
                             struct hwi_tls_failure *why)
{
    int err;

    if (!host_take(tls, target->host)) {
        return hwi_tls_blame(why, HAWSER_CAUSE_TLS_SETUP,
                             "\"%.80s\" is no host name", target->host);
    }
    if (!alpn_take(tls, target->alpn)) {
        return hwi_tls_blame(why, HAWSER_CAUSE_TLS_SETUP,
                             "the ALPN name must have 1 to 255 bytes");
    }
    err = hwi_tls_context_select(tls->context, target, why);
    if (err != 0) {
        return err;
    }
    tls->dates = target->dates;
    memcpy(tls->binding, tls->context->binding, sizeof tls->binding);
    if (!ssl_create(tls)) {
        return hwi_tls_blame(why, HAWSER_CAUSE_TLS_MEMORY, "no memory for TLS");
    }
    hwi_tls_ticket_offer(tls);
    return 0;
}

struct hwi_tls *hwi_tls_open(struct hwi_tls_context *context,
                             const struct hawser_stream_target *target,
                             const struct hwi_tls_transport *transport,
                             struct hwi_tls_failure *why)
{
    struct hwi_tls *tls;

    ERR_clear_error();
    tls = OPENSSL_zalloc(sizeof *tls);
    if (tls == NULL) {
        ERR_clear_error();
        (void)hwi_tls_blame(why, HAWSER_CAUSE_TLS_MEMORY, "no memory for TLS");
        return NULL;
    }
    tls->context = context;
    tls->transport = *transport;
    if (connection_set_up(tls, target, why) != 0) {
        connection_free(tls);
        return NULL;
    }
    return tls;
}

/* Copies the sticky failure out. */
static int failed(const struct hwi_tls *tls, struct hwi_tls_failure *why)
{
    *why = tls->failure;
    return HAWSER_E_LINK;
}

/* Whether OpenSSL only waits for the transport, and may do so. */
static bool is_waiting(const struct hwi_tls *tls, int result)
{
    int error = SSL_get_error(tls->ssl, result);

    return !tls->has_ended && !tls->is_send_broken &&
           (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE);
}

static void group_report(SSL *ssl, char out[HAWSER_NAME_SIZE])
{
    long group = SSL_get_negotiated_group(ssl);
    const char *name = NULL;

    if (group > 0) {
        name = EC_curve_nid2nist((int)group);
    }
    if (name == NULL && group > 0) {
        name = OBJ_nid2sn((int)group);
    }
    (void)snprintf(out, HAWSER_NAME_SIZE, "%s", name != NULL ? name : "");
}

/* Completes the report, of which the identity part is known already. */
static void report_complete(struct hwi_tls *tls)
{
    struct hawser_security *report = &tls->identity.report;
    const SSL_CIPHER *cipher = SSL_get_current_cipher(tls->ssl);
    const char *cipher_name = SSL_CIPHER_standard_name(cipher);
    const unsigned char *alpn = NULL;
    unsigned alpn_len = 0;

    SSL_get0_alpn_selected(tls->ssl, &alpn, &alpn_len);
    (void)snprintf(report->version, sizeof report->version, "%s",
                   SSL_get_version(tls->ssl));
    (void)snprintf(report->cipher, sizeof report->cipher, "%s",
                   cipher_name != NULL ? cipher_name : "");
    (void)snprintf(report->alpn, sizeof report->alpn, "%.*s", (int)alpn_len,
                   alpn != NULL ? (const char *)alpn : "");
    group_report(tls->ssl, report->group);
    report->resumed = SSL_session_reused(tls->ssl) != 0;
    report->own_not_after_s = tls->context->own_not_after_s;
}

/* A server that knows no ALPN answers none, which is fine (RFC 7301 3.2); one
 * that answers must have chosen what was offered. (OpenSSL looks at that itself
 * since 3.0.15.) */
static bool is_alpn_good(const struct hwi_tls *tls)
{
    const unsigned char *alpn = NULL;
    unsigned alpn_len = 0;

    SSL_get0_alpn_selected(tls->ssl, &alpn, &alpn_len);
    return alpn_len == 0 || (alpn_len == tls->alpn.len &&
                             memcmp(alpn, tls->alpn.at, alpn_len) == 0);
}

/* The handshake is through; looks again whether the server was verified, so
 * that no oversight elsewhere can let one pass that was not. */
static int handshake_finish(struct hwi_tls *tls, struct hwi_tls_failure *why)
{
    bool is_known = tls->is_verified || SSL_session_reused(tls->ssl);

    if (!is_known || SSL_get0_peer_certificate(tls->ssl) == NULL ||
        SSL_get_verify_result(tls->ssl) != X509_V_OK) {
        (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_BAD_CHAIN,
                            "the server was not verified");
    } else if (!is_alpn_good(tls)) {
        (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_OTHER,
                            "the server chose an ALPN protocol that was not "
                            "offered");
    }
    if (tls->failure.cause != HAWSER_CAUSE_NONE) {
        hwi_tls_ticket_drop_all(tls->context);
        return failed(tls, why);
    }
    report_complete(tls);
    tls->is_open = true;
    tls->has_buffers = true;
    tls->context->has_spoken_tls = true;
    return 0;
}

int hwi_tls_handshake(struct hwi_tls *tls, struct hwi_tls_failure *why)
{
    int result;

    if (tls->failure.cause != HAWSER_CAUSE_NONE) {
        return failed(tls, why);
    }
    if (tls->is_open) {
        return 0;
    }
    hwi_tls_backlog_flush(tls);
    ERR_clear_error();
    result = SSL_do_handshake(tls->ssl);
    if (result == 1) {
        return handshake_finish(tls, why);
    }
    /* A stranger that waits for more from us is told from a slow server by its
     * first bytes. */
    if (is_waiting(tls, result) && !hwi_tls_blame_stranger(tls)) {
        return HAWSER_E_WAIT;
    }
    (void)hwi_tls_blame_openssl(tls);
    if (tls->failure.cause == HAWSER_CAUSE_TLS_VERSION) {
        /* Memory may have been short when the context was made, which then
         * lacks what it could not look up. */
        hwi_tls_context_unload(tls->context);
    }
    return failed(tls, why);
}

int hwi_tls_receive(struct hwi_tls *tls, uint8_t *out, size_t size,
                    struct hwi_tls_failure *why)
{
    size_t received = 0;
    int result;

    if (tls->failure.cause != HAWSER_CAUSE_NONE) {
        return failed(tls, why);
    }
    if (!tls->is_open || size == 0) {
        return HAWSER_E_WAIT;
    }
    hwi_tls_backlog_flush(tls);
    ERR_clear_error();
    if (size > INT_MAX) {
        size = INT_MAX;
    }
    result = SSL_read_ex(tls->ssl, out, size, &received);
    if (result == 1) {
        return (int)received;
    }
    if (!is_waiting(tls, result)) {
        (void)hwi_tls_blame_openssl(tls);
        return failed(tls, why);
    }
    if (tls->has_buffers) {
        tls->has_buffers = !SSL_free_buffers(tls->ssl);
    }
    return HAWSER_E_WAIT;
}

/* The way out is broken. The server may have said why before it closed. */
static int send_failed(struct hwi_tls *tls, struct hwi_tls_failure *why)
{
    uint8_t byte;
    size_t peeked = 0;

    ERR_clear_error();
    (void)SSL_peek_ex(tls->ssl, &byte, 1, &peeked);
    (void)hwi_tls_blame_openssl(tls);
    return failed(tls, why);
}

int hwi_tls_send(struct hwi_tls *tls, const uint8_t *bytes, size_t len,
                 struct hwi_tls_failure *why)
{
    size_t sent = 0;
    int result;

    if (tls->failure.cause != HAWSER_CAUSE_NONE) {
        return failed(tls, why);
    }
    if (!tls->is_open) {
        return HAWSER_E_WAIT;
    }
    hwi_tls_backlog_flush(tls);
    if (tls->is_send_broken) {
        return send_failed(tls, why);
    }
    if (len == 0) {
        return 0;
    }
    if (tls->backlog.bytes != NULL) {
        return HAWSER_E_WAIT;
    }
    ERR_clear_error();
    /* At most one record: SSL_MODE_ENABLE_PARTIAL_WRITE. */
    result = SSL_write_ex(tls->ssl, bytes, len, &sent);
    if (tls->is_send_broken) {
        return send_failed(tls, why);
    }
    if (result == 1) {
        return (int)sent;
    }
    if (is_waiting(tls, result)) {
        return HAWSER_E_WAIT;
    }
    (void)hwi_tls_blame_openssl(tls);
    return failed(tls, why);
}

bool hwi_tls_has_pending(const struct hwi_tls *tls)
{
    return tls->is_open && SSL_pending(tls->ssl) > 0;
}

bool hwi_tls_wants_send(const struct hwi_tls *tls)
{
    return tls->backlog.bytes != NULL;
}

void hwi_tls_security(const struct hwi_tls *tls, struct hawser_security *out)
{
    *out = tls->identity.report;
}

void hwi_tls_close(struct hwi_tls *tls)
{
    if (tls == NULL) {
        return;
    }
    ERR_clear_error();
    hwi_tls_backlog_flush(tls);
    if (tls->is_open && tls->failure.cause == HAWSER_CAUSE_NONE &&
        tls->backlog.bytes == NULL) {
        (void)SSL_shutdown(tls->ssl); /* close_notify; no wait for theirs */
    }
    /* SSL_free() would spoil a TLS 1.2 session that ended without one. */
    SSL_set_shutdown(tls->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    connection_free(tls);
}
