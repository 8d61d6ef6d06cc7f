/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP by lwIP's callbacks, which only note what happened; TLS is driven from the
 * device's calls: stream.h. RFC 9293.
 */
#include "ports/rv32/stream.h"

#include <stdio.h>
#include <string.h>

#include "lwip/tcp.h"
#include "ports/rv32/address.h"
#include "ports/rv32/clock.h"
#include "tls/tls.h"

static uint64_t handshake_instructions;

static struct {
    enum hawser_stream_stage stage;
    struct tcp_pcb *pcb;   /* NULL: closed, or lwIP has given it up */
    struct pbuf *received; /* not yet taken, NULL: nothing */
    u16_t offset;          /* in its first part */
    bool is_connected;
    bool has_ended; /* the peer sends no more */
    err_t error;    /* why lwIP gave it up */
    struct hwi_tls *tls;
    struct hwi_tls_context *context;
    struct hawser_stream_target target; /* while open */
    struct hwi_tls_failure failure;     /* FAILED: why */
} stream;

/* lwIP's callbacks ---------------------------------------------------------- */

static err_t on_connected(void *ctx, struct tcp_pcb *pcb, err_t err)
{
    (void)ctx;
    (void)pcb;
    (void)err; /* always OK, says lwIP */
    stream.is_connected = true;
    return ERR_OK;
}

static err_t on_received(void *ctx, struct tcp_pcb *pcb, struct pbuf *bytes,
                         err_t err)
{
    (void)ctx;
    (void)pcb;
    (void)err;
    if (bytes == NULL) {
        stream.has_ended = true;
    } else if (stream.received == NULL) {
        stream.received = bytes;
        stream.offset = 0;
    } else {
        pbuf_cat(stream.received, bytes);
    }
    return ERR_OK;
}

/* lwIP has freed the connection already. */
static void on_error(void *ctx, err_t err)
{
    (void)ctx;
    stream.pcb = NULL;
    stream.error = err;
}

/* The transport under TLS --------------------------------------------------- */

static int transport_send(void *ctx, const uint8_t *bytes, size_t len)
{
    u16_t room;
    err_t err;

    (void)ctx;
    if (stream.pcb == NULL) {
        return HAWSER_E_LINK;
    }
    room = tcp_sndbuf(stream.pcb);
    if (len > room) {
        len = room;
    }
    if (len == 0) {
        return HAWSER_E_WAIT;
    }
    err = tcp_write(stream.pcb, bytes, (u16_t)len, TCP_WRITE_FLAG_COPY);
    if (err == ERR_MEM) {
        (void)tcp_output(stream.pcb);
        return HAWSER_E_WAIT;
    }
    if (err != ERR_OK) {
        return HAWSER_E_LINK;
    }
    (void)tcp_output(stream.pcb); /* what fails now lwIP tries again */
    return (int)len;
}

static int transport_receive(void *ctx, uint8_t *out, size_t size)
{
    u16_t len;

    (void)ctx;
    if (stream.received == NULL) {
        return stream.has_ended || stream.pcb == NULL ? HAWSER_E_LINK
                                                      : HAWSER_E_WAIT;
    }
    len = (u16_t)(size < UINT16_MAX ? size : UINT16_MAX);
    len = pbuf_copy_partial(stream.received, out, len, stream.offset);
    stream.offset = (u16_t)(stream.offset + len);
    while (stream.received != NULL && stream.offset >= stream.received->len) {
        struct pbuf *first = stream.received;

        stream.offset = (u16_t)(stream.offset - first->len);
        stream.received = first->next;
        if (first->next != NULL) {
            pbuf_ref(first->next);
        }
        (void)pbuf_free(first);
    }
    if (stream.pcb != NULL) {
        tcp_recved(stream.pcb, len);
    }
    return len;
}

/* Stages -------------------------------------------------------------------- */

/* Ends the stream for good. Answers LINK. */
static int fail(const struct hwi_tls_failure *why)
{
    stream.failure = *why;
    stream.stage = HAWSER_STREAM_FAILED;
    return HAWSER_E_LINK;
}

static int fail_tcp(err_t err)
{
    struct hwi_tls_failure why = {HAWSER_CAUSE_TCP_UNREACHABLE, ""};
    const char *words = "no way there";
    const uint8_t *ip = stream.target.address.bytes;

    if (err == ERR_RST) {
        why.cause = HAWSER_CAUSE_TCP_REFUSED;
        words = "connection refused";
    } else if (err == ERR_ABRT || err == ERR_TIMEOUT) {
        why.cause = HAWSER_CAUSE_TCP_TIMEOUT;
        words = "no answer";
    } else if (err == ERR_MEM || err == ERR_BUF) {
        words = "no memory for a connection";
    }
    (void)snprintf(why.detail, sizeof why.detail, "%u.%u.%u.%u: %s", ip[0],
                   ip[1], ip[2], ip[3], words);
    return fail(&why);
}

/* TLS failed or ended; where it can only say that the line is gone, lwIP may
 * know more. */
static int fail_tls(struct hwi_tls_failure *why)
{
    if (why->cause == HAWSER_CAUSE_CLOSED && stream.pcb == NULL) {
        const char *words = "the connection was reset";

        if (stream.error != ERR_RST) {
            why->cause = HAWSER_CAUSE_TCP_TIMEOUT;
            words = "the server did not answer any more";
        }
        (void)snprintf(why->detail, sizeof why->detail, "%s", words);
    }
    return fail(why);
}

int hwi_rv32_stream_init(void)
{
    stream.stage = HAWSER_STREAM_CLOSED;
    stream.context = hwi_tls_context_create();
    return stream.context != NULL ? 0 : HAWSER_E_FULL;
}

int hwi_rv32_stream_open(const struct hawser_stream_target *target)
{
    ip_addr_t address;
    err_t err;

    hwi_rv32_stream_close();
    stream.target = *target;
    if (!hwi_rv32_address_to_lwip(&target->address, &address)) {
        return fail_tcp(ERR_RTE);
    }
    stream.pcb = tcp_new();
    if (stream.pcb == NULL) {
        return fail_tcp(ERR_MEM);
    }
    tcp_nagle_disable(stream.pcb);
    ip_set_option(stream.pcb, SOF_KEEPALIVE);
    tcp_recv(stream.pcb, on_received);
    tcp_err(stream.pcb, on_error);
    err = tcp_connect(stream.pcb, &address, target->address.port, on_connected);
    if (err != ERR_OK) {
        return fail_tcp(err);
    }
    stream.stage = HAWSER_STREAM_TCP;
    return 0;
}

/* TCP -> TLS, once lwIP has connected. */
static void tcp_drive(void)
{
    const struct hwi_tls_transport transport = {NULL, transport_send,
                                                transport_receive};
    struct hwi_tls_failure why = {HAWSER_CAUSE_NONE, ""};
    uint64_t begin = hwi_rv32_instructions();

    if (stream.pcb == NULL) {
        (void)fail_tcp(stream.error);
        return;
    }
    if (!stream.is_connected) {
        return;
    }
    stream.tls = hwi_tls_open(stream.context, &stream.target, &transport, &why);
    handshake_instructions = hwi_rv32_instructions() - begin;
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
    uint64_t begin = hwi_rv32_instructions();
    int err = hwi_tls_handshake(stream.tls, &why);

    handshake_instructions += hwi_rv32_instructions() - begin;
    if (err == 0) {
        stream.stage = HAWSER_STREAM_OPEN;
    } else if (err != HAWSER_E_WAIT) {
        (void)fail_tls(&why);
    }
}

void hwi_rv32_stream_status(struct hawser_stream_status *out)
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

int hwi_rv32_stream_receive(uint8_t *out, size_t size)
{
    struct hwi_tls_failure why = {HAWSER_CAUSE_NONE, ""};
    int got;

    if (stream.stage != HAWSER_STREAM_OPEN) {
        return not_open();
    }
    got = hwi_tls_receive(stream.tls, out, size, &why);
    return got == HAWSER_E_LINK ? fail_tls(&why) : got;
}

int hwi_rv32_stream_send(const uint8_t *bytes, size_t len)
{
    struct hwi_tls_failure why = {HAWSER_CAUSE_NONE, ""};
    int sent;

    if (stream.stage != HAWSER_STREAM_OPEN) {
        return not_open();
    }
    sent = hwi_tls_send(stream.tls, bytes, len, &why);
    return sent == HAWSER_E_LINK ? fail_tls(&why) : sent;
}

int hwi_rv32_stream_security(struct hawser_security *out)
{
    if (stream.stage != HAWSER_STREAM_OPEN) {
        return HAWSER_E_STATE;
    }
    hwi_tls_security(stream.tls, out);
    return 0;
}

int hwi_rv32_stream_preflight(struct hawser_view anchors,
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

/* lwIP sends on what it has, and closes; it calls us no more. */
static void pcb_close(void)
{
    tcp_recv(stream.pcb, NULL);
    tcp_err(stream.pcb, NULL);
    if (stream.stage == HAWSER_STREAM_TCP || tcp_close(stream.pcb) != ERR_OK) {
        tcp_abort(stream.pcb);
    }
    stream.pcb = NULL;
}

void hwi_rv32_stream_close(void)
{
    struct hwi_tls_context *context = stream.context;

    hwi_tls_close(stream.tls);
    if (stream.received != NULL) {
        (void)pbuf_free(stream.received);
    }
    if (stream.pcb != NULL) {
        pcb_close();
    }
    memset(&stream, 0, sizeof stream);
    stream.context = context;
    stream.stage = HAWSER_STREAM_CLOSED;
}

bool hwi_rv32_stream_has_news(void)
{
    return stream.tls != NULL &&
           (stream.received != NULL || hwi_tls_has_pending(stream.tls));
}

uint64_t hwi_rv32_stream_handshake_instructions(void)
{
    return handshake_instructions;
}
