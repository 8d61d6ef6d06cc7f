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

struct hwi_writer hwi_tx_begin(struct hawser_client *c, size_t spare)
{
    struct hawser_span tx = c->cfg->tx;
    size_t n = waiting(c);

    if (c->tx_at > 0) { /* all the room in one piece */
        memmove(tx.at, tx.at + c->tx_at, n);
        if (!c->is_wiped) {
            memset(tx.at + n, 0, c->tx_at);
        }
        c->tx_at = 0;
        c->tx_end = n;
    }
    spare += n;
    return hwi_writer_of(
        (struct hawser_span){tx.at + n, spare < tx.size ? tx.size - spare : 0});
}

int hwi_tx_judge(const struct hawser_client *c, const struct hwi_writer *w)
{
    uint32_t maximum = c->limits.maximum_packet_size;

    if (w->is_bad) {
        return HAWSER_E_ARG;
    }
    /* MQTT5 3.2.2.3.6 [MQTT-3.2.2-15]. */
    if (hwi_written(w) > maximum || (w->is_full && hwi_written(w) == maximum)) {
        return HAWSER_E_LIMIT;
    }
    return w->is_full ? HAWSER_E_FULL : 0;
}

int hwi_tx_end(struct hawser_client *c, const struct hwi_writer *w)
{
    int err = hwi_tx_judge(c, w);

    if (err == 0) {
        c->tx_end += hwi_written(w);
    }
    return err;
}

bool hwi_tx_ack(struct hawser_client *c, enum hwi_packet_type type,
                const struct hwi_ack *ack)
{
    struct hwi_writer w = hwi_tx_begin(c, HWI_TX_RESERVE);

    hwi_ack_write(&w, type, ack, (enum hawser_version)c->version);
    return hwi_tx_end(c, &w) == 0;
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
