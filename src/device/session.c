/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session. Brokers differ in how they say no: a reason code, a refused
 * SUBACK, or just a closed connection; all of them end in one cause here.
 */
#include "device/session.h"

#include "device/alerts.h"
#include "device/answer.h"
#include "device/clock.h"
#include "device/control.h"
#include "device/fleet.h"
#include "device/goodbye.h"
#include "device/json_read.h"
#include "device/json_write.h"
#include "device/lasting.h"
#include "device/ledger.h"
#include "device/log.h"
#include "device/outage.h"
#include "device/outgoing.h"
#include "device/reply.h"
#include "device/status.h"
#include "device/telemetry.h"
#include "device/time_ask.h"
#include "device/topics.h"
#include "device/update_cert.h"
#include "wire/memory.h"

#define KEEP_ALIVE_DEFAULT_S 60u
#define SESSION_EXPIRY_S     3600u
#define KICKED_MS            60000u
#define FLOOR_EVERY_MS       (UINT64_C(86400) * 1000)

/* Opening ------------------------------------------------------------------- */

static uint16_t keep_alive_s(const struct hawser_device *d)
{
    return d->cfg->keep_alive_s == 0 ? (uint16_t)KEEP_ALIVE_DEFAULT_S
                                     : d->cfg->keep_alive_s;
}

int hwi_session_init(struct hawser_device *d)
{
    uint32_t keep_alive_ms = keep_alive_s(d) * 1000u;

    d->session = (struct hwi_session){.cause = HAWSER_CAUSE_NONE};
    d->mqtt = (struct hawser_config){
        .version = HAWSER_MQTT_5,
        .client_id = hwi_view(d->cfg->id),
        .username = d->cfg->username,
        .password = d->cfg->password,
        .keep_alive_s = keep_alive_s(d),
        .ack_timeout_ms = keep_alive_ms + keep_alive_ms / 2,
        .session_expiry_s = SESSION_EXPIRY_S,
        .rx = d->memory.rx,
        .tx = d->memory.tx,
        .store = d->memory.store,
        .slots = d->memory.slots,
        .slot_count = d->memory.slot_count,
        .receive_maximum = 1, /* a held PUBACK holds all commands back */
        .inbound = d->inbound,
        .inbound_count = HWI_INBOUND_MAX,
    };
    return hawser_init(&d->client, &d->mqtt);
}

static void save(struct hawser_device *d)
{
    if (hwi_lasting_save(&d->lasting) != 0) {
        hwi_log_alert(d->port, "storage", "the state could not be written");
    }
}

int hwi_session_open(struct hawser_device *d, enum hawser_version version)
{
    struct hawser_message will = {.qos = d->line.has_no_qos ? 0 : 1,
                                  .retain = !d->line.has_no_retain};
    int err;

    d->session = (struct hwi_session){.due = d->session.due & HWI_DUE_EVENTS,
                                      .security = d->session.security};
    d->lasting.session++;
    save(d);
    will.topic = hwi_topic(d->cfg, hwi_view("status"), d->topic);
    will.payload = hwi_status_will(d);
    d->mqtt.version = version;
    /* What was queued for an earlier run is not for this one. */
    d->mqtt.clean_start = !d->has_been_online;
    d->mqtt.will = &will;
    err = hawser_opened(&d->client, d->now_ms);
    d->mqtt.will = NULL;
    return err;
}

void hwi_session_say(struct hawser_device *d, uint32_t due)
{
    d->session.due |= due;
}

static void send_puback(struct hawser_device *d, uint16_t packet_id,
                        uint8_t reason)
{
    if (hawser_accept(&d->client, d->now_ms, packet_id, reason) != 0) {
        /* The connection is ending; the broker will send it again. */
        struct hwi_log l = hwi_log_of(HAWSER_LOG_DEBUG, "refused");
        hwi_log_word(&l, "code", "late");
        hwi_log_send(&l, d->port);
    }
}

/* No room for another command's reply, or too many answers not yet told. */
static bool is_answering_slow(const struct hawser_device *d)
{
    return hwi_replies_are_full(d) || hwi_ledger_is_crowded(&d->ledger);
}

void hwi_session_accept(struct hawser_device *d, const struct hawser_event *ev,
                        uint8_t reason)
{
    if (ev->qos > 0 && reason == 0 && d->session.held_id == 0 &&
        is_answering_slow(d)) {
        d->session.held_id = ev->packet_id;
    } else if (ev->qos > 0) {
        send_puback(d, ev->packet_id, reason);
    }
}

/* There is room for another command's reply. */
static void let_go(struct hawser_device *d)
{
    if (d->session.held_id != 0 && !is_answering_slow(d)) {
        send_puback(d, d->session.held_id, 0);
        d->session.held_id = 0;
    }
}

/* Events -------------------------------------------------------------------- */

/* The verified certificate's beginning is a lower bound that nobody without
 * the CA's key can forge; where the time was checked, it may become the floor.
 */
static void save_floor(struct hawser_device *d)
{
    const struct hawser_security *s = &d->session.security;
    bool is_early = d->floor_saved_ms != HAWSER_NEVER &&
                    d->now_ms - d->floor_saved_ms < FLOOR_EVERY_MS;

    if (s->dates_by_floor || !hwi_clock_is_known(&d->clock) || is_early ||
        s->peer_not_before_s <= d->clock.floor_s) {
        return;
    }
    hwi_clock_raise_floor(&d->clock, s->peer_not_before_s);
    d->lasting.floor_s = s->peer_not_before_s;
    d->floor_saved_ms = d->now_ms;
    save(d);
}

static void on_connected(struct hawser_device *d, const struct hawser_event *ev)
{
    (void)ev;
    d->session.is_connected = true;
    d->session.connected_ms = d->now_ms;
    d->has_been_online = true;
    d->counters.connections++;
    hwi_session_say(d, HWI_DUE_STATUS | HWI_DUE_SUBSCRIBE);
    save_floor(d);
}

static void on_refused(struct hawser_device *d, const struct hawser_event *ev)
{
    d->session.reason = ev->reason;
    switch (ev->reason) {
    case 0x84:
        d->session.cause = HAWSER_CAUSE_MQTT_VERSION;
        break;
    case 0x86: /* user name or password */
    case 0x87: /* not authorised */
    case 0x8A: /* banned */
    case 0x8C: /* authentication method */
        d->session.cause = HAWSER_CAUSE_MQTT_NOT_AUTHORISED;
        break;
    default:
        d->session.cause = HAWSER_CAUSE_MQTT_REFUSED;
        break;
    }
    /* MQTT5 3.2.2.2: it does not take such a will; the next one is lower. */
    d->line.has_no_retain = d->line.has_no_retain || ev->reason == 0x9A;
    d->line.has_no_qos = d->line.has_no_qos || ev->reason == 0x9B;
}

static void on_subscribed(struct hawser_device *d,
                          const struct hawser_event *ev)
{
    d->session.unanswered = 0;
    /* MQTT3 3.9.3, MQTT5 3.9.3: from 0x80 on a filter is refused. */
    if (ev->reasons.len < 1 || ev->reasons.at[0] >= 0x80) {
        d->session.cause = HAWSER_CAUSE_MQTT_PERMISSION;
        return;
    }
    if (ev->reasons.len > 1 && ev->reasons.at[1] >= 0x80) {
        hwi_log_alert(d->port, "own_status",
                      "the broker does not let the device read its own status");
    }
    if (ev->reasons.len > 3 && ev->reasons.at[3] >= 0x80) {
        hwi_log_alert(d->port, "cert",
                      "the broker lets no parts of certificates through");
    }
    d->session.is_granted = true;
    hwi_telemetry_granted(d);
    hwi_alerts_granted(d);
    hwi_time_ask_granted(d);
    hwi_session_say(d, HWI_DUE_SECURITY);
}

static void on_published(struct hawser_device *d, const struct hawser_event *ev)
{
    hwi_outgoing_acked(d, ev->packet_id, ev->reason);
}

static void on_disconnected(struct hawser_device *d,
                            const struct hawser_event *ev)
{
    d->session.is_ended = true;
    d->session.reason = ev->reason;
    /* MQTT5 3.14.2.1: session taken over; not authorised. */
    if (ev->reason == 0x8E) {
        d->session.cause = HAWSER_CAUSE_MQTT_TAKEN_OVER;
    } else if (ev->reason == 0x87) {
        d->session.cause = HAWSER_CAUSE_MQTT_PERMISSION;
    }
}

/* Our own status says that we are offline, or is of an older session: a will
 * that came late, or another client. In the flat layout others speak here. */
static bool is_stale_status(struct hawser_device *d, struct hawser_view text)
{
    uint8_t word[HAWSER_ID_MAX];
    struct hawser_span out = {word, sizeof(word)};
    struct hawser_view id = hwi_view(d->cfg->id);
    struct hawser_view offline = hwi_view("offline");
    uint64_t session = d->lasting.session;
    size_t len = 0;

    if (hwi_json_get_text(text, "device", out, &len) != 0 || len != id.len ||
        memcmp(word, id.at, len) != 0) {
        return false;
    }
    if (hwi_json_get_uint(text, "session", &session) == 0 &&
        session < d->lasting.session) {
        return true;
    }
    return hwi_json_get_text(text, "status", out, &len) == 0 &&
           len == offline.len && memcmp(word, offline.at, len) == 0;
}

static bool is_for_fleet(const struct hawser_device *d,
                         struct hawser_view topic)
{
    uint8_t buffer[HWI_TOPIC_SIZE];
    struct hawser_view fleet = hwi_fleet_topic(d->cfg, buffer);

    return topic.len == fleet.len && memcmp(topic.at, fleet.at, fleet.len) == 0;
}

static void on_message(struct hawser_device *d, const struct hawser_event *ev)
{
    /* While saying goodbye nothing is taken: what is QoS 1 comes again. */
    if (d->goodbye != HWI_GOODBYE_NONE) {
        return;
    }
    if (hwi_topic_is(d->cfg, "control", ev->topic)) {
        hwi_control_take(d, ev);
        return;
    }
    if (hwi_topic_is(d->cfg, "cert", ev->topic)) {
        hwi_update_take_part(d, ev);
        return;
    }
    if (ev->payload_left > 0) {
        return;
    }
    if (ev->payload_offset == 0 && is_for_fleet(d, ev->topic)) {
        hwi_fleet_take(d, ev->payload);
    }
    if (ev->payload_offset == 0 && hwi_topic_is(d->cfg, "status", ev->topic) &&
        is_stale_status(d, ev->payload)) {
        hwi_session_say(d, HWI_DUE_STATUS);
    }
    hwi_session_accept(d, ev, 0);
}

void hwi_session_event(struct hawser_device *d, const struct hawser_event *ev)
{
    static void (*const handlers[])(struct hawser_device *,
                                    const struct hawser_event *) = {
        [HAWSER_EVENT_CONNECTED] = on_connected,
        [HAWSER_EVENT_REFUSED] = on_refused,
        [HAWSER_EVENT_MESSAGE] = on_message,
        [HAWSER_EVENT_PUBLISHED] = on_published,
        [HAWSER_EVENT_SUBSCRIBED] = on_subscribed,
        [HAWSER_EVENT_DISCONNECTED] = on_disconnected,
        [HAWSER_EVENT_AUTH] = NULL, /* CONNECT names no method */
    };

    if (handlers[ev->kind] != NULL) {
        handlers[ev->kind](d, ev);
    }
}

/* Publishing ---------------------------------------------------------------- */

static int subscribe(struct hawser_device *d)
{
    uint8_t control[HWI_TOPIC_SIZE];
    uint8_t fleet[HWI_TOPIC_SIZE];
    uint8_t cert[HWI_TOPIC_SIZE];
    struct hawser_filter filters[4] = {
        {.topic_filter = hwi_topic(d->cfg, hwi_view("control"), control),
         .qos = 1,
         .retain_as_published = true}, /* shows who publishes retained */
        {.topic_filter = hwi_topic(d->cfg, hwi_view("status"), d->topic),
         .qos = 1},
        /* Where it may not be read there is none. */
        {.topic_filter = hwi_fleet_topic(d->cfg, fleet), .qos = 1},
        {.topic_filter = hwi_topic(d->cfg, hwi_view("cert"), cert), .qos = 1},
    };
    size_t count = hwi_update_is_possible(d) ? 4 : 3;
    uint16_t packet_id = 0; /* one SUBSCRIBE at a time: no need to know */
    int err =
        hawser_subscribe(&d->client, d->now_ms, filters, count, &packet_id);

    if (err == 0) {
        d->session.unanswered = HWI_DUE_SUBSCRIBE;
    }
    return err;
}

/* Publishes the first message that is due. 0: one left; WAIT: none is due;
 * else an error. */
static int send_due(struct hawser_device *d)
{
    static const struct {
        uint32_t due;
        int (*send)(struct hawser_device *d);
    } rows[] = {
        {HWI_DUE_STATUS, hwi_status_send},
        {HWI_DUE_SUBSCRIBE, subscribe},
        {HWI_DUE_SECURITY, hwi_status_send_security},
        {HWI_DUE_PONG, hwi_status_send_pong},
        {HWI_DUE_RETAINED, hwi_status_send_retained},
        {HWI_DUE_LOST, hwi_status_send_lost},
        {HWI_DUE_TIME_ASK, hwi_time_ask_send},
        {HWI_DUE_RECONNECTED, hwi_outage_send},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int err;
        if ((d->session.due & rows[i].due) == 0) {
            continue;
        }
        err = rows[i].send(d);
        if (err == HAWSER_E_FULL) {
            return err;
        }
        d->session.due &= ~rows[i].due; /* out, or can never go */
        return 0;
    }
    return HAWSER_E_WAIT;
}

bool hwi_session_pump(struct hawser_device *d)
{
    bool is_live = d->session.is_granted && d->goodbye == HWI_GOODBYE_NONE;
    bool has_sent = false;
    int err = 0;

    if (!hawser_is_connected(&d->client)) {
        return false;
    }
    while (err == 0) {
        err = send_due(d);
        if (err == HAWSER_E_WAIT && d->session.is_granted) {
            err = hwi_replies_send(d);
        }
        if (err == HAWSER_E_WAIT && d->session.is_granted) {
            err = hwi_answers_send(d);
        }
        if (err == HAWSER_E_WAIT && is_live) {
            err = hwi_alerts_send(d);
        }
        if (err == HAWSER_E_WAIT && is_live) {
            err = hwi_telemetry_send(d);
        }
        has_sent = has_sent || err == 0;
    }
    let_go(d);
    return has_sent;
}

/* The end ------------------------------------------------------------------- */

enum hawser_cause hwi_session_cause(const struct hawser_device *d,
                                    enum hawser_cause end)
{
    const struct hwi_session *s = &d->session;

    if (s->cause != HAWSER_CAUSE_NONE) {
        return s->cause;
    }
    if (end != HAWSER_CAUSE_CLOSED || !s->is_connected) {
        return end;
    }
    /* Some brokers close instead of saying that a topic is not permitted. */
    if (!s->is_ended && (s->unanswered != 0 || hwi_outgoing_is_unproven(d))) {
        return HAWSER_CAUSE_MQTT_PERMISSION;
    }
    return d->now_ms - s->connected_ms < KICKED_MS ? HAWSER_CAUSE_MQTT_KICKED
                                                   : HAWSER_CAUSE_CLOSED;
}
