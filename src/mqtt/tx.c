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

/* All the room behind what is queued, but for so many bytes. */
static struct hwi_writer room_of(struct hawser_client *c, size_t spare)
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

struct hwi_writer hwi_tx_begin(struct hawser_client *c, size_t spare)
{
    /* Nothing may stand between two parts of a packet. */
    return c->tx_more == 0
               ? room_of(c, spare)
               : hwi_writer_of((struct hawser_span){c->cfg->tx.at, 0});
}

int hwi_tx_judge(const struct hawser_client *c, const struct hwi_writer *w,
                 uint32_t more)
{
    uint64_t len = (uint64_t)hwi_written(w) + more + w->is_full;

    if (w->is_bad) {
        return HAWSER_E_ARG;
    }
    /* MQTT5 3.2.2.3.6 [MQTT-3.2.2-15]. */
    if (len > c->limits.maximum_packet_size) {
        return HAWSER_E_LIMIT;
    }
    return w->is_full ? HAWSER_E_FULL : 0;
}

int hwi_tx_end(struct hawser_client *c, const struct hwi_writer *w)
{
    int err = hwi_tx_judge(c, w, 0);

    if (err == 0) {
        c->tx_end += hwi_written(w);
    }
    return err;
}

int hwi_tx_end_publish(struct hawser_client *c, const struct hwi_writer *w,
                       const struct hwi_tx_rest *rest)
{
    int err = hwi_tx_judge(c, w, rest->more);

    if (err == 0) {
        c->tx_end += hwi_written(w);
        c->tx_more = rest->more;
        if (rest->more > 0) { /* from now on its bytes are awaited */
            c->sent_ms = c->now_ms;
        }
        c->tx_offset = rest->offset;
        c->tx_id = rest->packet_id;
    }
    return err;
}

size_t hawser_payload_wanted(const struct hawser_client *c, uint16_t *id,
                             uint32_t *offset)
{
    size_t taken = waiting(c) + HWI_TX_RESERVE;
    size_t room = taken < c->cfg->tx.size ? c->cfg->tx.size - taken : 0;

    *id = c->tx_id;
    *offset = c->tx_offset;
    if (!hwi_may_request(c)) {
        return 0;
    }
    return room < c->tx_more ? room : c->tx_more;
}

int hawser_payload(struct hawser_client *c, uint64_t now_ms, const uint8_t *at,
                   size_t len)
{
    struct hwi_writer w;

    if (c->tx_more == 0 || !hwi_may_request(c)) {
        return HAWSER_E_STATE;
    }
    w = room_of(c, HWI_TX_RESERVE);
    if (len > w.left || len > c->tx_more) {
        return HAWSER_E_FULL;
    }
    hwi_clock(c, now_ms);
    hwi_write_bytes(&w, (struct hawser_view){at, len});
    c->tx_end += len;
    c->tx_more -= (uint32_t)len;
    c->tx_offset += (uint32_t)len;
    hwi_inflight_touch(c, c->tx_id);
    hwi_pump(c);
    return 0;
}

bool hwi_tx_ack(struct hawser_client *c, enum hwi_packet_type type,
                const struct hwi_ack_out *ack)
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
    c->tx_more = 0;
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
    c->has_left = true;
    c->tx_at += len;
    if (c->tx_at == c->tx_end) {
        c->tx_at = 0;
        c->tx_end = 0;
        c->is_wiped = true;
    }
    hwi_pump(c);
}
