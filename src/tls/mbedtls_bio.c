/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mbedTLS's bytes to and from the port's transport.
 *
 * What the transport does not take at once waits in a backlog here rather than
 * in a half-done mbedtls_ssl_write(): so hwi_tls_send() can answer truly whether
 * it took the caller's bytes. At most one record and what mbedTLS says of itself
 * (an alert) waits.
 */
#include <mbedtls/platform.h>
#include <string.h>

#include "tls/mbedtls_parts.h"

#define BACKLOG_MAX ((size_t)16384 + 1024)

void hwi_tls_backlog_free(struct hwi_tls *tls)
{
    mbedtls_free(tls->backlog.bytes);
    memset(&tls->backlog, 0, sizeof tls->backlog);
}

/* How many bytes the transport took. */
static size_t transport_send(struct hwi_tls *tls, const uint8_t *bytes,
                             size_t len)
{
    int sent = tls->transport.send(tls->transport.ctx, bytes, len);

    if (sent >= 0) {
        return (size_t)sent;
    }
    if (sent != HAWSER_E_WAIT) {
        tls->is_send_broken = true;
    }
    return 0;
}

void hwi_tls_backlog_flush(struct hwi_tls *tls)
{
    if (tls->backlog.bytes == NULL) {
        return;
    }
    tls->backlog.at += transport_send(tls, tls->backlog.bytes + tls->backlog.at,
                                      tls->backlog.end - tls->backlog.at);
    if (tls->backlog.at == tls->backlog.end || tls->is_send_broken) {
        hwi_tls_backlog_free(tls);
    }
}

/* A way out that is broken seems to work: the way in may still hold the alert
 * that says why the server went away. */
int hwi_tls_bio_send(void *ctx, const unsigned char *bytes, size_t len)
{
    struct hwi_tls *tls = ctx;
    size_t sent = 0;

    hwi_tls_backlog_flush(tls);
    if (tls->backlog.bytes != NULL || len > BACKLOG_MAX) {
        return MBEDTLS_ERR_SSL_WANT_WRITE;
    }
    if (!tls->is_send_broken) {
        sent = transport_send(tls, bytes, len);
    }
    if (tls->is_send_broken || sent == len) {
        return (int)len;
    }
    tls->backlog.bytes = mbedtls_calloc(1, len - sent);
    if (tls->backlog.bytes == NULL) {
        return sent > 0 ? (int)sent : MBEDTLS_ERR_SSL_ALLOC_FAILED;
    }
    memcpy(tls->backlog.bytes, bytes + sent, len - sent);
    tls->backlog.at = 0;
    tls->backlog.end = len - sent;
    return (int)len;
}

static void head_note(struct hwi_tls *tls, const unsigned char *bytes,
                      size_t len)
{
    size_t room = sizeof tls->head - tls->head_len;

    len = len < room ? len : room;
    memcpy(tls->head + tls->head_len, bytes, len);
    tls->head_len += len;
}

/* An end of the stream looks to mbedTLS like a wait; the callers look at
 * has_ended. So nothing is spoilt that a new line may resume. */
int hwi_tls_bio_receive(void *ctx, unsigned char *out, size_t size)
{
    struct hwi_tls *tls = ctx;
    int received = tls->transport.receive(tls->transport.ctx, out, size);

    if (received > 0) {
        head_note(tls, out, (size_t)received);
        return received;
    }
    if (received != HAWSER_E_WAIT && received != 0) {
        tls->has_ended = true;
    }
    return MBEDTLS_ERR_SSL_WANT_READ;
}
