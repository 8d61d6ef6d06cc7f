/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the stream and the MQTT client: bytes in, events, bytes out.
 */
#include "line_parts.h"

#include <stdio.h>

/* The cause of a CONNACK's refusal. [MQTT5 3.2.2.2] */
static enum hawser_cause cause_of(uint8_t reason)
{
    switch (reason) {
    case 0x84: /* unsupported protocol version */
        return HAWSER_CAUSE_MQTT_VERSION;
    case 0x86: /* bad user name or password */
    case 0x87: /* not authorized */
    case 0x8A: /* banned */
    case 0x8C: /* bad authentication method */
        return HAWSER_CAUSE_MQTT_NOT_AUTHORISED;
    case 0x88: /* server unavailable */
    case 0x89: /* server busy */
        return HAWSER_CAUSE_CLOSED;
    default:
        return HAWSER_CAUSE_MQTT_REFUSED;
    }
}

static void fail_with_reason(struct hawser_cli_line *l, enum hawser_cause cause,
                             uint8_t reason)
{
    char detail[32];
    (void)snprintf(detail, sizeof(detail), "reason 0x%02x", reason);
    hawser_cli_line_fail(l, cause, detail);
}

static void take_message(struct hawser_cli_line *l,
                         const struct hawser_event *ev)
{
    if (ev->payload_offset == 0) {
        const struct hawser_cli_message message = {ev->topic, ev->payload,
                                                   ev->properties, ev->retain,
                                                   ev->payload_left > 0};
        l->handler->message(l->handler->ctx, &message);
    }
    if (ev->qos == 1 && ev->payload_left == 0 &&
        hawser_accept(&l->client, hawser_cli_line_now_ms(l), ev->packet_id,
                      0) != 0) {
        return; /* no room: unacknowledged it comes again, harmlessly */
    }
}

/* Answers false once the attempt has failed. */
static bool take_event(struct hawser_cli_line *l, const struct hawser_event *ev)
{
    switch (ev->kind) {
    case HAWSER_EVENT_CONNECTED:
        l->stage = HWI_LINE_UP;
        return true;
    case HAWSER_EVENT_REFUSED:
        fail_with_reason(l, cause_of(ev->reason), ev->reason);
        return false;
    case HAWSER_EVENT_MESSAGE:
        take_message(l, ev);
        return true;
    case HAWSER_EVENT_PUBLISHED:
        l->handler->published(l->handler->ctx, ev->reason);
        return true;
    case HAWSER_EVENT_SUBSCRIBED:
        l->handler->subscribed(l->handler->ctx, ev->reasons);
        return true;
    case HAWSER_EVENT_UNSUBSCRIBED:
    case HAWSER_EVENT_AUTH: /* impossible: CONNECT names no method */
        return true;
    case HAWSER_EVENT_DISCONNECTED:
        fail_with_reason(l,
                         ev->reason == 0x8E ? HAWSER_CAUSE_MQTT_TAKEN_OVER
                                            : HAWSER_CAUSE_CLOSED,
                         ev->reason);
        return false;
    }
    return true;
}

static bool take_events(struct hawser_cli_line *l)
{
    struct hawser_event ev;
    while (hawser_next_event(&l->client, &ev)) {
        if (!take_event(l, &ev)) {
            return false;
        }
    }
    return true;
}

static void fail_with_error(struct hawser_cli_line *l, int err)
{
    enum hawser_cause cause = HAWSER_CAUSE_MQTT_PROTOCOL;
    if (err == HAWSER_E_KEEPALIVE) {
        cause = HAWSER_CAUSE_PING_LOST;
    } else if (err == HAWSER_E_TIMEOUT) {
        cause = HAWSER_CAUSE_MQTT_TIMEOUT;
    }
    hawser_cli_line_fail(l, cause, hawser_error_text(err));
}

void hawser_cli_line_send(struct hawser_cli_line *l)
{
    const uint8_t *at = NULL;
    size_t len = hawser_out(&l->client, &at);
    while (len > 0) {
        int n = l->port->stream_send(l->port->ctx, at, len);
        if (n <= 0) {
            return; /* later; or lost, and receiving says why */
        }
        hawser_sent(&l->client, hawser_cli_line_now_ms(l), (size_t)n);
        len = hawser_out(&l->client, &at);
    }
}

/* All of in goes through the client. False once the attempt has failed. */
static bool feed(struct hawser_cli_line *l, size_t len)
{
    size_t at = 0;
    while (at < len) {
        size_t used = 0;
        int err = hawser_feed(&l->client, hawser_cli_line_now_ms(l), l->in + at,
                              len - at, &used);
        if (!take_events(l)) {
            return false;
        }
        if (err != 0) {
            hawser_cli_line_send(
                l); /* the DISCONNECT that says what was wrong */
            fail_with_error(l, err);
            return false;
        }
        at += used;
    }
    return true;
}

static bool receive(struct hawser_cli_line *l)
{
    while (true) {
        int n = l->port->stream_receive(l->port->ctx, l->in, sizeof(l->in));
        if (n == HAWSER_E_WAIT) {
            return true;
        }
        if (n <= 0) {
            struct hawser_stream_status status = {0};
            l->port->stream_status(l->port->ctx, &status);
            hawser_cli_line_fail(l, status.cause, status.detail);
            return false;
        }
        if (!feed(l, (size_t)n)) {
            return false;
        }
    }
}

void hawser_cli_line_pump(struct hawser_cli_line *l)
{
    hawser_cli_line_send(l);
    if (!receive(l)) {
        return;
    }
    int err = hawser_tick(&l->client, hawser_cli_line_now_ms(l));
    if (err != 0) {
        fail_with_error(l, err);
        return;
    }
    hawser_cli_line_send(l);
}
