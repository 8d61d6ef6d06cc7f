/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL's bytes to and from the port's transport.
 *
 * What the transport does not take at once waits in a backlog here rather than
 * in a half-done SSL_write(): so hwi_tls_send() can answer truly whether it took
 * the caller's bytes, and a caller who was told WAIT may come back with others.
 */
#include <string.h>

#include "tls/openssl_parts.h"

/* Two records of the largest size: one that answers the peer (a key update),
 * one of the caller's. A handshake flight beyond it waits in OpenSSL. */
#define BACKLOG_MAX ((size_t)2 * (16384 + 512))

static void backlog_clear(struct hwi_tls_backlog *backlog)
{
    OPENSSL_free(backlog->bytes);
    *backlog = (struct hwi_tls_backlog){0};
}

/* false: no memory; nothing changed. */
static bool backlog_push(struct hwi_tls_backlog *backlog, const void *bytes,
                         size_t len)
{
    size_t waiting = backlog->end - backlog->at;
    uint8_t *grown = OPENSSL_malloc(waiting + len);

    if (grown == NULL) {
        return false;
    }
    if (backlog->bytes != NULL) {
        memcpy(grown, backlog->bytes + backlog->at, waiting);
    }
    memcpy(grown + waiting, bytes, len);
    OPENSSL_free(backlog->bytes);
    *backlog = (struct hwi_tls_backlog){grown, 0, waiting + len};
    return true;
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
    struct hwi_tls_backlog *backlog = &tls->backlog;

    if (backlog->bytes == NULL) {
        return;
    }
    backlog->at += transport_send(tls, backlog->bytes + backlog->at,
                                  backlog->end - backlog->at);
    if (backlog->at == backlog->end || tls->is_send_broken) {
        backlog_clear(backlog);
    }
}

/* A broken way out is not reported here: the way in may still hold the alert
 * that says why the server went away, and OpenSSL reads on only if the write
 * seems to have worked. */
static int bio_write(BIO *bio, const char *bytes, int len)
{
    struct hwi_tls *tls = BIO_get_data(bio);
    struct hwi_tls_backlog *backlog = &tls->backlog;
    size_t left = len > 0 ? (size_t)len : 0;
    size_t sent = 0;

    BIO_clear_retry_flags(bio);
    if (backlog->bytes == NULL && !tls->is_send_broken) {
        sent = transport_send(tls, (const uint8_t *)bytes, left);
    }
    if (tls->is_send_broken || sent == left) {
        return len;
    }
    if (backlog->end - backlog->at + left - sent > BACKLOG_MAX) {
        BIO_set_retry_write(bio);
        return sent > 0 ? (int)sent : -1;
    }
    if (!backlog_push(backlog, bytes + sent, left - sent)) {
        tls->is_out_of_memory = true;
        return -1;
    }
    return len;
}

static void head_note(struct hwi_tls *tls, const char *bytes, size_t len)
{
    size_t room = sizeof tls->head - tls->head_len;

    if (len > room) {
        len = room;
    }
    memcpy(tls->head + tls->head_len, bytes, len);
    tls->head_len += len;
}

/* An end of the stream looks to OpenSSL like a wait: it would take it for the
 * peer's fatal error, send an alert and spoil the session, which may well be
 * resumed after a line that broke. The callers look at has_ended. */
static int bio_read(BIO *bio, char *out, int size)
{
    struct hwi_tls *tls = BIO_get_data(bio);
    int received;

    BIO_clear_retry_flags(bio);
    if (size <= 0) {
        return 0;
    }
    received = tls->transport.receive(tls->transport.ctx, (uint8_t *)out,
                                      (size_t)size);
    if (received > 0) {
        head_note(tls, out, (size_t)received);
        return received;
    }
    if (received != HAWSER_E_WAIT && received != 0) {
        tls->has_ended = true;
    }
    BIO_set_retry_read(bio);
    return -1;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH; /* every call of tls.h flushes */
}

/* No number of its own from BIO_get_new_index(): there are some hundred of
 * these in a process, and a fleet has more contexts than that. */
BIO_METHOD *hwi_tls_transport_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "hawser");

    if (method == NULL) {
        return NULL;
    }
    if (!BIO_meth_set_write(method, bio_write) ||
        !BIO_meth_set_read(method, bio_read) ||
        !BIO_meth_set_ctrl(method, bio_control)) {
        BIO_meth_free(method);
        return NULL;
    }
    return method;
}
