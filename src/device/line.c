/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line. All addresses of a look-up are tried before an attempt counts as
 * failed; of their causes the one that got furthest is told.
 */
#include "device/line.h"

#include "device/answer.h"
#include "device/clock.h"
#include "device/credentials.h"
#include "device/json_write.h"
#include "device/log.h"
#include "device/session.h"
#include "wire/memory.h"

#define CONNECT_MS      30000u /* TCP and TLS: a slow broker is no dead one */
#define TCP_MS          10000u /* TCP, if another address is left */
#define BROKER_FAILURES 5u
#define ROUNDS_MAX      32u /* of one step, so that it stays short */

/* d->line.version[]: what is known of a broker. */
enum {
    VERSION_UNKNOWN,
    VERSION_DOUBTED, /* closed without a word at 5.0, then took 3.1.1 */
    VERSION_5,
    VERSION_3_1_1
};

void hwi_line_init(struct hawser_device *d)
{
    d->line = (struct hwi_line){.broker = 0};
}

const struct hawser_endpoint *hwi_line_broker(const struct hawser_device *d)
{
    return &d->cfg->brokers[d->line.broker];
}

/* Addresses ----------------------------------------------------------------- */

void hwi_line_begin(struct hawser_device *d, size_t count)
{
    d->line.address_count = (uint8_t)count;
    d->line.address_at = 0;
    d->line.is_guess = false;
    hwi_line_forget(d);
}

bool hwi_line_begin_by_guess(struct hawser_device *d)
{
    if (!d->line.has_good || d->line.good_broker != d->line.broker) {
        return false;
    }
    d->line.addresses[0] = d->line.good;
    hwi_line_begin(d, 1);
    d->line.is_guess = true;
    return true;
}

void hwi_line_remember(struct hawser_device *d)
{
    d->line.good = d->line.addresses[d->line.address_at];
    d->line.good_broker = d->line.broker;
    d->line.has_good = true;
}

void hwi_line_forget(struct hawser_device *d)
{
    d->line.cause = HAWSER_CAUSE_NONE;
    d->line.detail[0] = '\0';
}

static void note(struct hawser_device *d, enum hawser_cause cause,
                 const char *detail)
{
    struct hawser_view text = hwi_view(detail == NULL ? "" : detail);

    if (cause < d->line.cause) {
        return; /* causes are listed in the order of the steps */
    }
    if (text.len > sizeof(d->line.detail) - 1) {
        text.len = sizeof(d->line.detail) - 1;
    }
    d->line.cause = cause;
    memcpy(d->line.detail, text.at, text.len);
    d->line.detail[text.len] = '\0';
}

static void log_connect(struct hawser_device *d)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_DEBUG, "connect");

    hwi_log_word(&l, "broker", hwi_line_broker(d)->host);
    hwi_log_number(&l, "port", hwi_line_broker(d)->port);
    hwi_log_number(&l, "address", d->line.address_at + 1u);
    hwi_log_number(&l, "of", d->line.address_count);
    hwi_log_send(&l, d->port);
}

/* Opens the present address. True if it is under way. */
static bool open_address(struct hawser_device *d)
{
    struct hawser_stream_status status = {.stage = HAWSER_STREAM_CLOSED};
    struct hwi_line *line = &d->line;

    line->target = (struct hawser_stream_target){
        .host = hwi_line_broker(d)->host,
        .address = line->addresses[line->address_at],
        .credentials = hwi_credentials_take(d),
        .alpn = d->cfg->alpn,
        .dates = hwi_clock_policy(&d->clock, d->now_ms),
    };
    line->target.address.port = hwi_line_broker(d)->port;
    line->due_ms = d->now_ms + CONNECT_MS;
    log_connect(d);
    line->is_open = true;
    if (d->port->stream_open(d->port->ctx, &line->target) == 0) {
        return true;
    }
    d->port->stream_status(d->port->ctx, &status);
    note(d, status.cause, status.detail);
    hwi_line_close(d);
    return false;
}

bool hwi_line_open(struct hawser_device *d)
{
    while (d->line.address_at < d->line.address_count) {
        if (open_address(d)) {
            return true;
        }
        d->line.address_at++;
    }
    return false;
}

bool hwi_line_next(struct hawser_device *d, enum hawser_cause cause,
                   const char *detail)
{
    note(d, cause, detail);
    hwi_line_close(d);
    d->line.address_at++;
    return hwi_line_open(d);
}

uint64_t hwi_line_tcp_due_ms(const struct hawser_device *d)
{
    bool is_last = d->line.address_at + 1 >= d->line.address_count;

    return is_last ? d->line.due_ms : d->line.due_ms - CONNECT_MS + TCP_MS;
}

void hwi_line_close(struct hawser_device *d)
{
    if (!d->line.is_open) {
        return;
    }
    d->line.is_open = false;
    d->line.has_more = false;
    d->port->stream_close(d->port->ctx);
    hwi_credentials_let_go(d);
    hawser_lost(&d->client, d->now_ms);
}

/* Bytes --------------------------------------------------------------------- */

static enum hawser_cause cause_of(int err)
{
    switch (err) {
    case HAWSER_E_KEEPALIVE:
        return HAWSER_CAUSE_PING_LOST;
    case HAWSER_E_TIMEOUT:
        return HAWSER_CAUSE_MQTT_TIMEOUT;
    case HAWSER_E_REFUSED:
        return HAWSER_CAUSE_MQTT_REFUSED;
    default:
        return HAWSER_CAUSE_MQTT_PROTOCOL;
    }
}

/* What the port says about a stream that ended. */
static enum hawser_cause cause_of_stream(struct hawser_device *d)
{
    struct hawser_stream_status status = {.stage = HAWSER_STREAM_CLOSED};

    d->port->stream_status(d->port->ctx, &status);
    if (status.cause == HAWSER_CAUSE_NONE) {
        status.cause = HAWSER_CAUSE_CLOSED;
    }
    note(d, status.cause, status.detail);
    return status.cause;
}

static void drain(struct hawser_device *d)
{
    struct hawser_event ev;

    while (hawser_next_event(&d->client, &ev)) {
        hwi_session_event(d, &ev);
    }
}

/* Feeds what came and acts on its events. */
static enum hawser_cause feed(struct hawser_device *d, size_t len)
{
    size_t at = 0;

    while (at < len) {
        size_t used = 0;
        int err = hawser_feed(&d->client, d->now_ms, d->line.in + at, len - at,
                              &used);
        at += used;
        drain(d);
        if (d->replies.count > 0 || hwi_answers_are_due(d)) {
            /* Room for the next command's. */
            (void)hwi_session_pump(d);
        }
        if (err != 0) {
            return cause_of(err);
        }
    }
    return d->session.is_ended ? HAWSER_CAUSE_CLOSED : d->session.cause;
}

static enum hawser_cause receive(struct hawser_device *d, bool *has_moved)
{
    int len = d->port->stream_receive(d->port->ctx, d->line.in, HWI_IN_SIZE);

    if (len == HAWSER_E_WAIT) {
        return HAWSER_CAUSE_NONE;
    }
    if (len < 0) {
        return cause_of_stream(d);
    }
    *has_moved = len > 0;
    return feed(d, (size_t)len);
}

static enum hawser_cause send(struct hawser_device *d, bool *has_moved)
{
    const uint8_t *at = NULL;
    size_t len = hawser_out(&d->client, &at);
    int sent;

    if (len == 0) {
        return HAWSER_CAUSE_NONE;
    }
    sent = d->port->stream_send(d->port->ctx, at, len);
    if (sent == HAWSER_E_WAIT) {
        return HAWSER_CAUSE_NONE;
    }
    if (sent < 0) {
        return cause_of_stream(d);
    }
    hawser_sent(&d->client, d->now_ms, (size_t)sent);
    *has_moved = *has_moved || sent > 0;
    return HAWSER_CAUSE_NONE;
}

static enum hawser_cause tick(struct hawser_device *d)
{
    int err = hawser_tick(&d->client, d->now_ms);

    return err == 0 ? HAWSER_CAUSE_NONE : cause_of(err);
}

enum hawser_cause hwi_line_pump(struct hawser_device *d)
{
    enum hawser_cause cause = tick(d);
    bool has_moved = true;
    bool is_ignored = false;

    d->line.has_more = false;
    for (unsigned i = 0; cause == HAWSER_CAUSE_NONE && has_moved; i++) {
        if (i == ROUNDS_MAX) {
            d->line.has_more = true;
            return HAWSER_CAUSE_NONE;
        }
        has_moved = false;
        drain(d);
        cause = receive(d, &has_moved);
        if (cause == HAWSER_CAUSE_NONE) {
            has_moved = hwi_session_pump(d) || has_moved;
            cause = send(d, &has_moved);
        }
    }
    if (cause != HAWSER_CAUSE_NONE) {
        /* A DISCONNECT with its reason may wait; the line is given up
         * whether or not it leaves. */
        (void)send(d, &is_ignored);
        cause = hwi_session_cause(d, cause);
        d->line.cause = cause;
    }
    return cause;
}

bool hwi_line_is_flushed(const struct hawser_device *d)
{
    const uint8_t *at = NULL;

    return hawser_out(&d->client, &at) == 0;
}

/* Versions ------------------------------------------------------------------ */

enum hawser_version hwi_line_version(const struct hawser_device *d)
{
    bool is_old =
        d->line.is_trial || d->line.version[d->line.broker] == VERSION_3_1_1;

    return is_old ? HAWSER_MQTT_3_1_1 : HAWSER_MQTT_5;
}

void hwi_line_confirm_version(struct hawser_device *d)
{
    uint8_t *version = &d->line.version[d->line.broker];

    if (hwi_line_version(d) == HAWSER_MQTT_5) {
        *version = VERSION_5;
    } else if (d->line.is_trial && !d->line.is_told &&
               *version == VERSION_UNKNOWN) {
        /* A close may have had another reason: a second one decides. */
        *version = VERSION_DOUBTED;
    } else {
        *version = VERSION_3_1_1;
    }
    d->line.is_trial = false;
}

bool hwi_line_falls_back(struct hawser_device *d, enum hawser_cause cause)
{
    bool is_trial = d->line.is_trial;

    d->line.is_trial = false;
    if (is_trial || d->line.version[d->line.broker] >= VERSION_5 ||
        d->state != HAWSER_DEVICE_CONNACK) {
        return false;
    }
    /* MQTT5 3.2.2.2: 0x84, or an older server that just closes. */
    d->line.is_told = cause == HAWSER_CAUSE_MQTT_VERSION;
    d->line.is_trial = d->line.is_told || cause == HAWSER_CAUSE_CLOSED;
    return d->line.is_trial;
}

void hwi_line_count_failure(struct hawser_device *d)
{
    d->line.broker_failures++;
    if (d->line.broker_failures >= BROKER_FAILURES) {
        d->line.broker_failures = 0;
        d->line.has_no_qos = false;
        d->line.has_no_retain = false;
        d->line.broker =
            (uint8_t)((d->line.broker + 1u) % d->cfg->broker_count);
    }
}
