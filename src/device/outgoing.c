/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishing. A flight is kept for each QoS 1 message; the client keeps its
 * bytes and sends them again after a reconnect under the same packet id.
 */
#include "device/outgoing.h"

#include "device/alerts.h"
#include "device/answer.h"
#include "device/json_write.h"
#include "device/ledger.h"
#include "device/log.h"
#include "device/losses.h"
#include "device/outbox.h"
#include "device/session.h"
#include "device/telemetry.h"
#include "device/topics.h"

#define NOT_AUTHORISED 0x87 /* MQTT5 3.4.2.1 */

/* Kept free of telemetry: status, security, replies, events. */
#define FLIGHTS_RESERVED 4u
#define HEADERS_MAX      16u /* of a PUBLISH besides topic, payload, data */

static struct hwi_flight *find_flight(struct hawser_device *d,
                                      uint16_t packet_id)
{
    for (size_t i = 0; i < HWI_FLIGHTS_MAX; i++) {
        if (d->flights[i].packet_id == packet_id) {
            return &d->flights[i];
        }
    }
    return NULL;
}

static void log_refused(struct hawser_device *d, const char *code, int reason)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_WARNING, "refused");

    hwi_log_word(&l, "code", code);
    hwi_log_number(&l, "reason", (uint64_t)reason);
    hwi_log_send(&l, d->port);
}

/* Which message a PUBACK refused, and what may be the matter. */
static void log_puback(struct hawser_device *d, struct hwi_flight flight,
                       uint8_t reason)
{
    static const char *const words[HWI_KINDS] = {
        [HWI_KIND_STATUS] = "status", [HWI_KIND_SECURITY] = "security",
        [HWI_KIND_DATA] = "data",     [HWI_KIND_REPLY] = "reply",
        [HWI_KIND_ANSWER] = "reply",  [HWI_KIND_EVENT] = "event",
        [HWI_KIND_ALERT] = "alert",   [HWI_KIND_LOST] = "event",
    };
    struct hwi_log l = hwi_log_of(HAWSER_LOG_WARNING, "refused");

    hwi_log_word(&l, "code", "message_refused");
    hwi_log_number(&l, "reason", reason);
    hwi_log_word(&l, "topic", words[flight.kind]);
    if (flight.kind == HWI_KIND_DATA) {
        hwi_log_number(&l, "seq", flight.seq);
    }
    if (reason == NOT_AUTHORISED) {
        hwi_log_word(&l, "detail",
                     "the broker lets this user not write there: see its ACL");
    }
    hwi_log_send(&l, d->port);
}

/* What an error of hawser_publish() means for the message. */
static int judge(struct hawser_device *d, int err, size_t len)
{
    if (err == HAWSER_E_ARG) {
        log_refused(d, "message_invalid", 0);
        return err;
    }
    if (err == HAWSER_E_LIMIT &&
        len > hawser_limits(&d->client)->maximum_packet_size) {
        log_refused(d, "message_too_large", 0);
        return err;
    }
    /* Receive maximum, slots, store, tx, or the connection is just ending. */
    return HAWSER_E_FULL;
}

/* What was lost is known now, unless the broker did not want to hear it. */
static void close_lost(struct hawser_device *d, bool is_refused)
{
    if (is_refused) {
        hwi_losses_not_told(&d->outbox.state.losses); /* in the next session */
        return;
    }
    hwi_outbox_told(&d->outbox);
    if (d->outbox.state.losses.count > 0) {
        hwi_session_say(d, HWI_DUE_LOST);
    }
}

/* A message has been taken by the broker, or refused for good. */
static void land(struct hawser_device *d, struct hwi_flight flight,
                 uint8_t reason)
{
    bool is_refused = reason >= 0x80; /* MQTT5 3.4.2.1 */

    if (is_refused) {
        log_puback(d, flight, reason);
    }
    if (flight.kind == HWI_KIND_ANSWER) {
        hwi_answer_told(d, flight.seq);
    } else if (flight.kind == HWI_KIND_LOST) {
        close_lost(d, is_refused);
    } else if (flight.kind == HWI_KIND_DATA && is_refused) {
        hwi_telemetry_refused(d, flight.ticket);
    } else if (flight.kind == HWI_KIND_DATA) {
        hwi_telemetry_delivered(d, flight.seq, flight.ticket);
    } else if (flight.kind == HWI_KIND_ALERT && !is_refused) {
        hwi_alerts_delivered(d, flight.seq);
    }
}

void hwi_outgoing_acked(struct hawser_device *d, uint16_t packet_id,
                        uint8_t reason)
{
    struct hwi_flight *slot = find_flight(d, packet_id);
    struct hwi_flight flight;

    if (slot == NULL) {
        return;
    }
    flight = *slot;
    *slot = (struct hwi_flight){.packet_id = 0};
    d->session.acked |= 1u << flight.kind;
    land(d, flight, reason);
}

int hwi_outgoing_send_to(struct hawser_device *d, const struct hwi_outgoing *m,
                         struct hawser_view below,
                         const struct hawser_property *correlation)
{
    const struct hawser_limits *limits = hawser_limits(&d->client);
    struct hwi_flight *flight = find_flight(d, 0);
    struct hawser_message out = {
        .topic = hwi_topic(d->cfg, below, d->topic),
        .payload = m->payload,
        .qos = m->qos < limits->maximum_qos ? m->qos : limits->maximum_qos,
        .retain = m->retain && limits->retain_available,
        .properties = correlation,
        .property_count = correlation == NULL ? 0 : 1,
    };
    struct hwi_flight sent;
    uint16_t packet_id = 0;
    int err;

    if (m->payload.at == NULL) {
        return judge(d, HAWSER_E_ARG, 0);
    }
    if (flight == NULL) {
        return HAWSER_E_FULL;
    }
    err = hawser_publish(&d->client, d->now_ms, &out, &packet_id);
    if (err != 0) {
        return judge(d, err,
                     out.topic.len + out.payload.len + HEADERS_MAX +
                         (correlation == NULL ? 0 : correlation->value.len));
    }
    sent = (struct hwi_flight){packet_id, (uint8_t)m->kind, m->seq, m->ticket};
    if (out.qos > 0) {
        *flight = sent;
    } else {
        land(d, sent, 0); /* nothing more is heard of it */
    }
    return 0;
}

int hwi_outgoing_send(struct hawser_device *d, const struct hwi_outgoing *m)
{
    return hwi_outgoing_send_to(d, m, hwi_view(m->word), NULL);
}

unsigned hwi_outgoing_count(const struct hawser_device *d, enum hwi_kind kind)
{
    unsigned n = 0;

    for (size_t i = 0; i < HWI_FLIGHTS_MAX; i++) {
        n += d->flights[i].packet_id != 0 && d->flights[i].kind == kind ? 1 : 0;
    }
    return n;
}

bool hwi_outgoing_is_unproven(const struct hawser_device *d)
{
    for (size_t i = 0; i < HWI_FLIGHTS_MAX; i++) {
        const struct hwi_flight *f = &d->flights[i];
        if (f->packet_id != 0 && (d->session.acked & 1u << f->kind) == 0) {
            return true;
        }
    }
    return false;
}

unsigned hwi_outgoing_window(const struct hawser_device *d)
{
    size_t window = d->memory.slot_count;
    uint16_t receive_maximum = hawser_limits(&d->client)->receive_maximum;

    window = window < receive_maximum ? window : receive_maximum;
    window /= 2;
    if (window > HWI_FLIGHTS_MAX - FLIGHTS_RESERVED) {
        window = HWI_FLIGHTS_MAX - FLIGHTS_RESERVED;
    }
    return window == 0 ? 1 : (unsigned)window;
}

void hwi_outgoing_reset(struct hawser_device *d)
{
    for (size_t i = 0; i < HWI_FLIGHTS_MAX; i++) {
        struct hwi_flight *f = &d->flights[i];
        if (f->packet_id != 0 && f->kind == HWI_KIND_DATA) {
            (void)hwi_outbox_mark(&d->outbox, f->ticket, HWI_ENTRY_WAITING);
        }
        if (f->packet_id != 0 && f->kind == HWI_KIND_ANSWER) {
            hwi_ledger_unsent(&d->ledger, f->seq);
        }
        *f = (struct hwi_flight){.packet_id = 0};
    }
    d->ledger.halfway = 0;
    hwi_losses_not_told(&d->outbox.state.losses);
}
