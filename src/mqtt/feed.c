/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes in: cuts the stream into packets. A packet that lies whole in the
 * caller's bytes is read there; otherwise it is gathered in the rx span. A
 * PUBLISH that is larger than rx is gathered up to its payload, which is passed
 * on in parts. What can be refused by its header is refused at its header.
 * [MQTT5 2.1, 4.13, MQTT3 2.2, 4.8]
 */
#include "mqtt/client.h"

#include "wire/memory.h"
#include "wire/publish.h"
#include "wire/reason.h"

void hwi_feed_reset(struct hawser_client *c)
{
    c->header_len = 0;
    c->is_in_body = false;
    c->rx_len = 0;
    c->payload_left = 0;
}

/* The next n bytes of *rest, which are there. */
static struct hawser_view consume(struct hawser_client *c,
                                  struct hawser_view *rest, size_t n)
{
    struct hawser_view taken = {rest->at, n};

    rest->at += n;
    rest->len -= n;
    c->offset += (uint32_t)n;
    return taken;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool fits_rx(const struct hawser_client *c)
{
    return c->body_len <= c->cfg->rx.size;
}

static uint8_t check_header(const struct hawser_client *c)
{
    uint32_t maximum = c->cfg->maximum_packet_size;
    enum hwi_packet_type type = HWI_TYPE_OF(c->header[0]);

    if (!hwi_session_expects(c, type)) {
        return HWI_PROTOCOL_ERROR;
    }
    /* MQTT5 3.1.2.11.4 [MQTT-3.1.2-24]: what was announced. */
    if (c->version == HAWSER_MQTT_5 && maximum != 0 &&
        c->body_len + c->header_len > maximum) {
        return HWI_PACKET_TOO_LARGE;
    }
    /* Only a PUBLISH can be taken in parts. */
    return fits_rx(c) || type == HWI_PUBLISH ? HWI_OK : HWI_PACKET_TOO_LARGE;
}

/* Answers whether the header is whole. */
static bool take_header(struct hawser_client *c, struct hawser_view *rest)
{
    size_t had = c->header_len;
    size_t n = smaller(sizeof c->header - had, rest->len);
    uint8_t fault;
    int used;

    if (had == 0) {
        c->fault.offset = c->offset;
        c->fault.header = rest->at[0];
    }
    memcpy(c->header + had, rest->at, n);
    used = hwi_header_read(c->header, had + n, (enum hawser_version)c->version,
                           &c->body_len);
    if (used < 0) {
        hwi_fault(c, (uint8_t)-used);
        return false;
    }
    c->header_len = (uint8_t)(used == 0 ? had + n : (size_t)used);
    (void)consume(c, rest, c->header_len - had); /* copied above */
    if (used == 0) {
        return false;
    }
    fault = check_header(c);
    if (fault != HWI_OK) {
        hwi_fault(c, fault);
        return false;
    }
    return true;
}

/* A packet, or the head of a large PUBLISH, lies in one piece. */
static void handle(struct hawser_client *c, struct hawser_view body)
{
    struct hwi_packet p = {c->header[0], c->version, body};
    uint8_t fault;

    c->payload_left = c->body_len - (uint32_t)body.len;
    c->is_muted = false;
    c->header_len = 0;
    c->is_in_body = false;
    c->rx_len = 0;
    fault = hwi_session_handle(c, &p);
    if (fault != HWI_OK) {
        hwi_fault(c, fault);
    }
}

/* How much of the body has to be in rx, as far as one can tell by now. */
static size_t wanted(const struct hawser_client *c)
{
    struct hwi_packet p = {
        c->header[0], c->version, {c->cfg->rx.at, c->rx_len}};

    return fits_rx(c) ? c->body_len : hwi_publish_head_len(&p);
}

/* The head of a PUBLISH is larger than rx: let it pass by, if that can be. */
static void pass_by(struct hawser_client *c)
{
    struct hwi_packet p = {
        c->header[0], c->version, {c->cfg->rx.at, c->rx_len}};
    uint8_t fault;

    c->payload_left = c->body_len - (uint32_t)c->rx_len;
    c->header_len = 0;
    c->is_in_body = false;
    c->rx_len = 0;
    fault = hwi_session_pass_by(c, &p);
    if (fault != HWI_OK) {
        hwi_fault(c, fault);
    }
}

/* Gathers the body in rx, as much as has to lie there. */
static void gather_body(struct hawser_client *c, struct hawser_view *rest)
{
    for (;;) {
        size_t want = wanted(c);
        struct hawser_view part;

        if (want > c->body_len) {
            hwi_fault(c, HWI_MALFORMED);
            return;
        }
        if (want > c->cfg->rx.size) {
            pass_by(c);
            return;
        }
        if (want <= c->rx_len) {
            handle(c, (struct hawser_view){c->cfg->rx.at, c->rx_len});
            return;
        }
        if (rest->len == 0) {
            return;
        }
        part = consume(c, rest, smaller(want - c->rx_len, rest->len));
        memcpy(c->cfg->rx.at + c->rx_len, part.at, part.len);
        c->rx_len += part.len;
    }
}

static void take_body(struct hawser_client *c, struct hawser_view *rest)
{
    if (c->rx_len == 0 && fits_rx(c) && c->body_len <= rest->len) {
        handle(c, consume(c, rest, c->body_len));
    } else {
        gather_body(c, rest);
    }
}

/* The next part of a large payload. */
static void take_payload(struct hawser_client *c, struct hawser_view *rest)
{
    struct hawser_event *ev = &c->event;

    ev->payload_offset += (uint32_t)ev->payload.len;
    ev->payload = consume(c, rest, smaller(c->payload_left, rest->len));
    c->payload_left -= (uint32_t)ev->payload.len;
    ev->payload_left = c->payload_left;
    c->has_event = !c->is_muted;
}

static void take(struct hawser_client *c, struct hawser_view *rest)
{
    if (c->payload_left > 0) {
        take_payload(c, rest);
        return;
    }
    if (!c->is_in_body) {
        c->is_in_body = take_header(c, rest);
    }
    if (c->is_in_body) {
        take_body(c, rest);
    }
}

int hawser_feed(struct hawser_client *c, uint64_t now_ms, const uint8_t *in,
                size_t len, size_t *used)
{
    struct hawser_view rest = {in, len};

    *used = 0;
    if (c->error != 0) {
        return c->error;
    }
    if (c->state == HWI_CLOSED) {
        return HAWSER_E_STATE;
    }
    hwi_clock(c, now_ms);
    if (len > 0) {
        c->received_ms = c->now_ms;
    }
    while (rest.len > 0 && !c->has_event && c->state != HWI_ENDED) {
        take(c, &rest);
    }
    if (c->state == HWI_ENDED && c->error == 0) {
        (void)consume(c, &rest, rest.len); /* behind a DISCONNECT */
    }
    *used = len - rest.len;
    return c->error;
}
