/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time: the limit for CONNACK, keep-alive, the limit for PINGRESP, the limits
 * for answers. All deadlines are absolute milliseconds and fire only inside
 * hawser_tick(). [MQTT5 3.1.2.10, 4.13, MQTT3 3.1.2.10]
 */
#include "mqtt/client.h"

#define CONNACK_TIMEOUT_MS 30000u

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

void hwi_keepalive_start(struct hawser_client *c)
{
    uint32_t limit = c->cfg->connack_timeout_ms;

    c->sent_ms = c->now_ms;
    c->answer_due_ms =
        hwi_after(c->now_ms, limit == 0 ? CONNACK_TIMEOUT_MS : limit);
}

void hwi_keepalive_answered(struct hawser_client *c)
{
    c->is_pinging = false;
}

static uint32_t keep_alive_ms(const struct hawser_client *c)
{
    return c->limits.keep_alive_s * 1000u;
}

static uint32_t pingresp_timeout_ms(const struct hawser_client *c)
{
    uint32_t limit = c->cfg->pingresp_timeout_ms;

    return limit == 0 ? keep_alive_ms(c) / 2 : limit;
}

/* When a PINGREQ has to leave. MQTT5 3.1.2.10 [MQTT-3.1.2-20], MQTT3 3.1.2.10
 * [MQTT-3.1.2-23] ask for one after a silence of ours; one after a silence of
 * the server finds a dead line also while we keep sending. */
static uint64_t ping_due_ms(const struct hawser_client *c)
{
    uint64_t silent_since = c->sent_ms;

    if (c->limits.keep_alive_s == 0 ||
        c->limits.maximum_packet_size < HWI_PINGREQ_LEN) {
        return HAWSER_NEVER;
    }
    if (c->tx_more > 0) { /* none can leave amid a payload: see the tick */
        return hwi_after(c->sent_ms, keep_alive_ms(c));
    }
    if (!c->is_pinging) {
        silent_since = earlier(c->sent_ms, c->received_ms);
    } else if (c->tx_at != c->tx_end) {
        return HAWSER_NEVER; /* the last one has not left yet */
    }
    return hwi_after(silent_since, keep_alive_ms(c));
}

/* When an answer is overdue. Bytes of the server are signs of life: PINGRESP
 * may wait behind a large message. */
static uint64_t answer_due_ms(const struct hawser_client *c)
{
    uint64_t due = hwi_inflight_due_ms(c);

    if (c->request_type != 0) {
        due = earlier(due, c->request_due_ms);
    }
    if (c->is_pinging) {
        uint64_t alive = hwi_after(c->received_ms, pingresp_timeout_ms(c));

        due = earlier(due, later(c->answer_due_ms, alive));
    }
    return due;
}

uint64_t hawser_deadline_ms(const struct hawser_client *c)
{
    switch ((enum hwi_state)c->state) {
    case HWI_AWAIT_CONNACK:
        return c->answer_due_ms;
    case HWI_ONLINE:
        return earlier(ping_due_ms(c), answer_due_ms(c));
    case HWI_CLOSED:
    case HWI_ENDED:
        break;
    }
    return HAWSER_NEVER;
}

static void ping(struct hawser_client *c)
{
    struct hwi_writer w = hwi_tx_begin(c, HWI_DISCONNECT_LEN);

    hwi_pingreq_write(&w);
    (void)hwi_tx_end(c, &w); /* no room: the last one is still in there */
    if (!c->is_pinging) {
        c->is_pinging = true;
        c->answer_due_ms = hwi_after(c->now_ms, pingresp_timeout_ms(c));
    }
}

int hawser_tick(struct hawser_client *c, uint64_t now_ms)
{
    hwi_clock(c, now_ms);
    if (c->error != 0) {
        return c->error;
    }
    if (c->state == HWI_AWAIT_CONNACK && c->now_ms >= c->answer_due_ms) {
        return hwi_fail(c, HAWSER_E_TIMEOUT);
    }
    if (c->state != HWI_ONLINE) {
        return 0;
    }
    if (c->now_ms >= answer_due_ms(c)) {
        return hwi_fail(c, HAWSER_E_KEEPALIVE);
    }
    if (c->now_ms >= ping_due_ms(c)) {
        if (c->tx_more > 0) {
            return hwi_fail(c, HAWSER_E_KEEPALIVE);
        }
        ping(c);
    }
    return 0;
}
