/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes to be sent: whole packets one behind the other in the tx span.
 */
#include "mqtt/client.h"

#include "wire/memory.h"

/* Bytes that wait. */
static size_t waiting(const struct hawser_client *c)
{
    return c->tx_end - c->tx_at;
}

size_t hwi_tx_room(const struct hawser_client *c)
{
    size_t taken = waiting(c) + HWI_TX_RESERVE;

    return taken < c->cfg->tx.size ? c->cfg->tx.size - taken : 0;
}

int hwi_tx_check(const struct hawser_client *c,
                 const struct hwi_writer *measured)
{
    if (measured->is_bad) {
        return HAWSER_E_ARG;
    }
    /* MQTT5 3.2.2.3.6 [MQTT-3.2.2-15]. */
    if (measured->len > c->limits.maximum_packet_size) {
        return HAWSER_E_LIMIT;
    }
    return measured->len > hwi_tx_room(c) ? HAWSER_E_FULL : 0;
}

struct hwi_writer hwi_tx_take(struct hawser_client *c, size_t len)
{
    struct hawser_span tx = c->cfg->tx;
    struct hwi_writer w;

    if (len > tx.size - c->tx_end) {
        size_t n = waiting(c);

        memmove(tx.at, tx.at + c->tx_at, n);
        c->tx_at = 0;
        c->tx_end = n;
    }
    w = (struct hwi_writer){.at = tx.at + c->tx_end, .size = len};
    c->tx_end += len;
    return w;
}

bool hwi_tx_ack(struct hawser_client *c, enum hwi_packet_type type,
                const struct hwi_ack *ack)
{
    enum hawser_version version = (enum hawser_version)c->version;
    struct hwi_writer w = {.at = NULL};

    hwi_ack_write(&w, type, ack, version);
    if (w.len > hwi_tx_room(c)) {
        return false;
    }
    w = hwi_tx_take(c, w.len);
    hwi_ack_write(&w, type, ack, version);
    return true;
}

void hwi_tx_reset(struct hawser_client *c)
{
    memset(c->cfg->tx.at + c->tx_at, 0, waiting(c));
    c->tx_at = 0;
    c->tx_end = 0;
}

size_t hawser_out(const struct hawser_client *c, const uint8_t **at)
{
    *at = c->cfg->tx.at + c->tx_at;
    return waiting(c);
}

void hawser_sent(struct hawser_client *c, uint64_t now_ms, size_t n)
{
    size_t len = n < waiting(c) ? n : waiting(c);

    hwi_clock(c, now_ms);
    if (len == 0) {
        return;
    }
    if (!c->is_wiped) {
        /* CONNECT leaves first, and it may hold a password. */
        memset(c->cfg->tx.at + c->tx_at, 0, len);
    }
    c->sent_ms = c->now_ms;
    c->tx_at += len;
    if (c->tx_at == c->tx_end) {
        c->tx_at = 0;
        c->tx_end = 0;
        c->is_wiped = true;
    }
    hwi_pump(c);
}
