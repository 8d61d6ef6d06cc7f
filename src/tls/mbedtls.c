/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.h over mbedTLS 3.6: one connection. The files beside this one hold the
 * parts (mbedtls_parts.h lists them).
 */
#include <mbedtls/platform.h>
#include <mbedtls/platform_util.h>
#include <stdio.h>
#include <string.h>

#include "tls/mbedtls_parts.h"

static void connection_free(struct hwi_tls *tls)
{
    mbedtls_ssl_free(&tls->ssl);
    hwi_tls_loaded_release(tls->loaded);
    hwi_tls_backlog_free(tls);
    mbedtls_platform_zeroize(tls, sizeof *tls);
    mbedtls_free(tls);
}

/* Fills in *tls and the context. 0, or LINK and *why. */
static int connection_set_up(struct hwi_tls *tls,
                             const struct hawser_stream_target *target,
                             struct hwi_tls_failure *why)
{
    int err;

    if (!hwi_tls_host_take(tls, target->host)) {
        return hwi_tls_blame(why, HAWSER_CAUSE_TLS_SETUP,
                             "\"%.80s\" is no host name", target->host);
    }
    err = hwi_tls_context_select(tls->context, target, why);
    if (err != 0) {
        return err;
    }
    tls->loaded = tls->context->loaded;
    tls->loaded->users++;
    tls->anchors = &tls->loaded->anchors;
    tls->dates = target->dates;
    memcpy(tls->binding, tls->context->binding, sizeof tls->binding);
    /* SNI is for names only; the match is our own affair (mbedtls_host.c). */
    if (mbedtls_ssl_setup(&tls->ssl, &tls->loaded->config) != 0 ||
        mbedtls_ssl_set_hostname(
            &tls->ssl, tls->address_len == 0 ? tls->host : NULL) != 0 ||
        !hwi_tls_ticket_offer(tls)) {
        return hwi_tls_no_memory(why);
    }
    mbedtls_ssl_set_verify(&tls->ssl, hwi_tls_judge, tls);
    mbedtls_ssl_set_bio(&tls->ssl, tls, hwi_tls_bio_send, hwi_tls_bio_receive,
                        NULL);
    return 0;
}

struct hwi_tls *hwi_tls_open(struct hwi_tls_context *context,
                             const struct hawser_stream_target *target,
                             const struct hwi_tls_transport *transport,
                             struct hwi_tls_failure *why)
{
    struct hwi_tls *tls = mbedtls_calloc(1, sizeof *tls);

    if (tls == NULL) {
        (void)hwi_tls_was_memory_short();
        (void)hwi_tls_no_memory(why);
        return NULL;
    }
    mbedtls_ssl_init(&tls->ssl);
    tls->context = context;
    tls->transport = *transport;
    if (connection_set_up(tls, target, why) != 0) {
        connection_free(tls);
        return NULL;
    }
    (void)hwi_tls_was_memory_short();
    return tls;
}

/* Copies the sticky failure out. */
static int failed(const struct hwi_tls *tls, struct hwi_tls_failure *why)
{
    *why = tls->failure;
    return HAWSER_E_LINK;
}

/* Whether mbedTLS only waits for the transport, and may do so. */
static bool is_waiting(const struct hwi_tls *tls, int error)
{
    return !tls->has_ended && !tls->is_send_broken &&
           (error == MBEDTLS_ERR_SSL_WANT_READ ||
            error == MBEDTLS_ERR_SSL_WANT_WRITE);
}

/* mbedTLS has names of its own: TLS1-3-AES-256-GCM-SHA384. */
static void cipher_report(const char *name, char *out, size_t size)
{
    size_t i;

    if (name == NULL) {
        name = "";
    }
    if (strncmp(name, "TLS1-3-", 7) == 0) {
        (void)snprintf(out, size, "TLS-%s", name + 7);
    } else {
        (void)snprintf(out, size, "%s", name);
    }
    for (i = 0; out[i] != '\0'; i++) {
        if (out[i] == '-') {
            out[i] = '_';
        }
    }
}

/* Completes the report, of which the identity part is known already. */
static void report_complete(struct hwi_tls *tls)
{
    struct hawser_security *report = &tls->identity.report;
    const char *alpn = mbedtls_ssl_get_alpn_protocol(&tls->ssl);

    (void)snprintf(report->version, sizeof report->version, "%s",
                   mbedtls_ssl_get_version(&tls->ssl));
    cipher_report(mbedtls_ssl_get_ciphersuite(&tls->ssl), report->cipher,
                  sizeof report->cipher);
    (void)snprintf(report->alpn, sizeof report->alpn, "%s",
                   alpn != NULL ? alpn : "");
    (void)snprintf(report->group, sizeof report->group, "%s",
                   hwi_tls_group_name(tls->group));
    report->resumed = !tls->is_verified;
    report->own_not_after_s = tls->loaded->own_not_after_s;
    if (tls->is_verified) {
        report->client_cert = tls->is_cert_wanted && tls->loaded->has_own;
    }
}

/* The handshake is through; looks again whether the server was verified, so
 * that no oversight elsewhere can let one pass that was not. */
static int handshake_finish(struct hwi_tls *tls, struct hwi_tls_failure *why)
{
    if ((!tls->is_verified && !tls->is_resuming) ||
        tls->failure.cause != HAWSER_CAUSE_NONE ||
        mbedtls_ssl_get_verify_result(&tls->ssl) != 0) {
        hwi_tls_ticket_drop(tls->context);
        (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_BAD_CHAIN,
                            "the server was not verified");
        return failed(tls, why);
    }
    report_complete(tls);
    if (tls->is_verified) {
        hwi_tls_presented_take(tls, mbedtls_ssl_get_peer_cert(&tls->ssl));
    }
    tls->is_open = true;
    tls->context->has_spoken_tls = true;
    if (mbedtls_ssl_get_version_number(&tls->ssl) ==
        MBEDTLS_SSL_VERSION_TLS1_2) {
        hwi_tls_ticket_take(tls); /* 1.3 sends them later */
    }
    return 0;
}

int hwi_tls_handshake(struct hwi_tls *tls, struct hwi_tls_failure *why)
{
    int error;

    if (tls->failure.cause != HAWSER_CAUSE_NONE) {
        return failed(tls, why);
    }
    if (tls->is_open) {
        return 0;
    }
    hwi_tls_backlog_flush(tls);
    (void)hwi_tls_was_memory_short();
    error = hwi_tls_handshake_drive(tls);
    if (error == 0) {
        return handshake_finish(tls, why);
    }
    /* A stranger that waits for more from us is told from a slow server by its
     * first bytes. */
    if (is_waiting(tls, error) && !hwi_tls_blame_stranger(tls)) {
        return HAWSER_E_WAIT;
    }
    (void)hwi_tls_blame_mbedtls(tls, error);
    return failed(tls, why);
}

int hwi_tls_receive(struct hwi_tls *tls, uint8_t *out, size_t size,
                    struct hwi_tls_failure *why)
{
    int got;

    if (tls->failure.cause != HAWSER_CAUSE_NONE) {
        return failed(tls, why);
    }
    if (!tls->is_open || size == 0) {
        return HAWSER_E_WAIT;
    }
    hwi_tls_backlog_flush(tls);
    (void)hwi_tls_was_memory_short();
    got = mbedtls_ssl_read(&tls->ssl, out, size);
    if (got > 0) {
        return got;
    }
    if (got == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) {
        hwi_tls_ticket_take(tls);
        return HAWSER_E_WAIT;
    }
    if (got == 0 || is_waiting(tls, got)) { /* 0: an empty record */
        return HAWSER_E_WAIT;
    }
    (void)hwi_tls_blame_mbedtls(tls, got);
    return failed(tls, why);
}

/* The way out is broken. The server may have said why before it closed. */
static int send_failed(struct hwi_tls *tls, struct hwi_tls_failure *why)
{
    uint8_t byte;
    int got = mbedtls_ssl_read(&tls->ssl, &byte, 1);

    (void)hwi_tls_blame_mbedtls(tls, got < 0 ? got : MBEDTLS_ERR_SSL_WANT_READ);
    return failed(tls, why);
}

int hwi_tls_send(struct hwi_tls *tls, const uint8_t *bytes, size_t len,
                 struct hwi_tls_failure *why)
{
    int sent;

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
    (void)hwi_tls_was_memory_short();
    sent = mbedtls_ssl_write(&tls->ssl, bytes, len); /* one record at most */
    if (tls->is_send_broken) {
        return send_failed(tls, why);
    }
    if (sent >= 0) {
        return sent;
    }
    if (is_waiting(tls, sent)) {
        return HAWSER_E_WAIT;
    }
    (void)hwi_tls_blame_mbedtls(tls, sent);
    return failed(tls, why);
}

bool hwi_tls_has_pending(const struct hwi_tls *tls)
{
    return tls->is_open && mbedtls_ssl_check_pending(&tls->ssl) != 0;
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
    hwi_tls_backlog_flush(tls);
    if (tls->is_open && tls->failure.cause == HAWSER_CAUSE_NONE &&
        tls->backlog.bytes == NULL) {
        (void)mbedtls_ssl_close_notify(&tls->ssl); /* no wait for theirs */
    }
    connection_free(tls);
}
