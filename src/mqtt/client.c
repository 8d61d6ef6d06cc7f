/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client as a whole: its life, its events, its facts and how it ends a
 * connection. [MQTT5 3.14, 4.13, MQTT3 3.14, 4.8]
 */
#include "mqtt/client.h"

#include "wire/memory.h"
#include "wire/property.h"
#include "wire/reason.h"

void hwi_clock(struct hawser_client *c, uint64_t now_ms)
{
    if (now_ms > c->now_ms) {
        c->now_ms = now_ms;
    }
}

uint64_t hwi_after(uint64_t t, uint64_t duration_ms)
{
    return duration_ms > HAWSER_NEVER - t ? HAWSER_NEVER : t + duration_ms;
}

struct hawser_event *hwi_event(struct hawser_client *c,
                               enum hawser_event_kind kind)
{
    c->event = (struct hawser_event){.kind = kind};
    c->has_event = true;
    return &c->event;
}

bool hwi_can_event(const struct hawser_client *c)
{
    return !c->has_event && c->payload_left == 0;
}

/* There is room: always, if it has no properties. */
static int queue_disconnect(struct hawser_client *c,
                            const struct hwi_disconnect_out *m)
{
    struct hwi_writer w = hwi_tx_begin(c, 0);

    hwi_disconnect_write(&w, m, (enum hawser_version)c->version);
    return hwi_tx_end(c, &w);
}

int hwi_fail(struct hawser_client *c, int error)
{
    c->error = error;
    c->state = HWI_ENDED;
    return error;
}

void hwi_fault(struct hawser_client *c, uint8_t reason)
{
    c->fault.reason = reason;
    /* MQTT5 4.13.1: say why. MQTT3 4.8 [MQTT-4.8.0-1]: close; a DISCONNECT
     * would take the will back. */
    if (c->version == HAWSER_MQTT_5) {
        (void)queue_disconnect(c,
                               &(struct hwi_disconnect_out){.reason = reason});
    }
    (void)hwi_fail(c, reason == HWI_MALFORMED ? HAWSER_E_MALFORMED
                                              : HAWSER_E_PROTOCOL);
}

bool hwi_may_request(const struct hawser_client *c)
{
    /* MQTT5 3.1.2.11.9 [MQTT-3.1.2-30]: with a method, AUTH and DISCONNECT
     * alone until CONNACK. */
    return c->state == HWI_ONLINE ||
           (c->state == HWI_AWAIT_CONNACK && c->cfg->sends_early &&
            c->auth == HWI_AUTH_NONE);
}

void hwi_pump(struct hawser_client *c)
{
    if (hwi_may_request(c)) {
        hwi_inbound_pump(c);
        hwi_inflight_pump(c);
    }
}

int hawser_init(struct hawser_client *c, const struct hawser_config *cfg)
{
    int err = hwi_config_check(cfg);

    if (err != 0) {
        return err;
    }
    memset(c, 0, sizeof *c);
    c->cfg = cfg;
    c->version = (uint8_t)cfg->version;
    hwi_limits_reset(c);
    return 0;
}

/* Everything that belongs to one connection. */
static void forget_connection(struct hawser_client *c)
{
    hwi_tx_reset(c);
    hwi_feed_reset(c);
    hwi_inbound_lose(c);
    hwi_inflight_lose(c);
    c->request_type = 0;
    c->auth = HWI_AUTH_NONE;
    hwi_alias_reset(c);
    c->is_pinging = false;
    if (c->has_event && c->event.kind == HAWSER_EVENT_PUBLISHED) {
        /* Its message is gone from the store: it must still be told. */
        c->event.properties = (struct hawser_view){NULL, 0};
    } else {
        c->has_event = false;
    }
}

int hawser_opened(struct hawser_client *c, uint64_t now_ms)
{
    struct hawser_property own[HWI_OWN_PROPERTIES_MAX];
    struct hwi_connect m;
    struct hwi_writer w;
    int err;

    if (c->state == HWI_AWAIT_CONNACK || c->state == HWI_ONLINE) {
        return HAWSER_E_STATE;
    }
    err = hwi_config_check(c->cfg);
    if (err != 0) {
        return err;
    }
    hawser_lost(c, now_ms);
    c->error = 0;
    c->offset = 0;
    c->fault = (struct hawser_fault){0};
    c->version = (uint8_t)c->cfg->version;
    hwi_limits_reset(c);
    hwi_inbound_open(c);
    hwi_auth_open(c);
    hwi_config_connect(c, &m, own);
    c->is_wiped = false;
    c->is_answered = false;
    w = hwi_tx_begin(c, HWI_TX_RESERVE);
    hwi_connect_write(&w, &m);
    err = hwi_tx_end(c, &w);
    if (err != 0) {
        /* It may hold a password. */
        memset(c->cfg->tx.at, 0, c->cfg->tx.size);
        return err;
    }
    c->state = HWI_AWAIT_CONNACK;
    hwi_keepalive_start(c);
    return 0;
}

void hawser_lost(struct hawser_client *c, uint64_t now_ms)
{
    hwi_clock(c, now_ms);
    if (c->has_left && !c->is_answered) {
        hwi_session_ask(c);
    }
    forget_connection(c);
    c->has_left = false;
    c->state = HWI_CLOSED;
}

bool hawser_next_event(struct hawser_client *c, struct hawser_event *ev)
{
    if (!c->has_event) {
        hwi_pump(c); /* a stored message may have to be given up */
    }
    if (!c->has_event) {
        return false;
    }
    *ev = c->event;
    c->has_event = false;
    return true;
}

int hawser_disconnect(struct hawser_client *c, uint64_t now_ms, uint8_t reason)
{
    static const struct hawser_properties none;

    return hawser_disconnect_with(c, now_ms, reason, &none);
}

/* MQTT5 3.14.2.2.2: an expiry cannot be given to a session that had none. */
static bool revives_session(const struct hawser_client *c,
                            const struct hawser_properties *p)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->at[i].id == HAWSER_PROP_SESSION_EXPIRY && p->at[i].number != 0 &&
            c->cfg->session_expiry_s == 0) {
            return true;
        }
    }
    return false;
}

int hawser_disconnect_with(struct hawser_client *c, uint64_t now_ms,
                           uint8_t reason, const struct hawser_properties *p)
{
    const struct hwi_disconnect_out m = {reason, p->at, p->count};
    struct hwi_property_set seen = {{0, 0}};
    int err;

    if (c->state != HWI_AWAIT_CONNACK && c->state != HWI_ONLINE) {
        return HAWSER_E_STATE;
    }
    /* MQTT5 3.14.2.1 [MQTT-3.14.2-1]. */
    if (!hwi_reason_is_allowed(reason, HWI_DISCONNECT, HWI_CLIENT) ||
        !hwi_properties_are_valid(p->at, p->count, &seen, HWI_DISCONNECT) ||
        revives_session(c, p)) {
        return HAWSER_E_ARG;
    }
    hwi_clock(c, now_ms);
    err = queue_disconnect(c, &m);
    if (err == 0) {
        c->state = HWI_ENDED;
    }
    return err;
}

bool hawser_is_connected(const struct hawser_client *c)
{
    return c->state == HWI_ONLINE;
}

const struct hawser_limits *hawser_limits(const struct hawser_client *c)
{
    return &c->limits;
}

const struct hawser_fault *hawser_fault(const struct hawser_client *c)
{
    return &c->fault;
}
