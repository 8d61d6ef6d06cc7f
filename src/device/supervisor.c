/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor. Nothing here gives up: every failure ends in RETRY, and RETRY
 * ends in LINK.
 */
#include "device/supervisor.h"

#include "device/clock.h"
#include "device/device.h"
#include "device/goodbye.h"
#include "device/json_write.h"
#include "device/lasting.h"
#include "device/line.h"
#include "device/link.h"
#include "device/log.h"
#include "device/random.h"
#include "device/reply.h"
#include "device/retry.h"
#include "device/session.h"
#include "device/telemetry.h"
#include "device/time_sync.h"

#define SECOND          1000u
#define HEALTHY_MS      (60u * SECOND)
#define TRANSITIONS_MAX 16u /* in one step */

struct row {
    uint32_t limit_ms; /* 0: set on entry, or none */
    void (*enter)(struct hawser_device *d);
    void (*step)(struct hawser_device *d);
    void (*overdue)(struct hawser_device *d);
};

static const struct row *row_of(enum hawser_device_state state);

/* Transitions --------------------------------------------------------------- */

static void enter(struct hawser_device *d, enum hawser_device_state state)
{
    const struct row *row = row_of(state);

    d->state = state;
    d->transitions++;
    d->state_due_ms =
        row->limit_ms == 0 ? HAWSER_NEVER : d->now_ms + row->limit_ms;
    if (row->enter != NULL) {
        row->enter(d);
    }
}

static void log_offline(struct hawser_device *d, enum hawser_cause cause,
                        const char *detail)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_WARNING, "offline");

    hwi_log_word(&l, "cause", hawser_cause_word(cause));
    hwi_log_word(&l, "detail",
                 detail[0] == '\0' ? hawser_cause_text(cause) : detail);
    if (d->session.reason != 0) {
        hwi_log_number(&l, "reason", d->session.reason);
    }
    hwi_log_send(&l, d->port);
}

static void log_retry(struct hawser_device *d, enum hawser_cause cause,
                      uint64_t wait_ms)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_INFO, "retry");

    hwi_log_word(&l, "cause", hawser_cause_word(cause));
    hwi_log_number(&l, "in_ms", wait_ms);
    hwi_log_number(&l, "attempt", d->retry.in_a_row);
    hwi_log_send(&l, d->port);
}

/* What besides waiting may help. */
static void apply_remedies(struct hawser_device *d, enum hawser_cause cause)
{
    uint8_t remedies = hwi_retry_rule(cause)->remedies;

    /* By a clock that made a certificate look ended or not yet valid nothing
     * is proven any more: it may be set anew, however far. */
    if (cause == HAWSER_CAUSE_TLS_EXPIRED ||
        cause == HAWSER_CAUSE_TLS_NOT_YET_VALID) {
        d->clock.is_proven = false;
    }
    if ((remedies & HWI_REMEDY_RESYNC) != 0 && !d->has_resynced) {
        d->has_resynced = true;
        hwi_time_sync_request(d);
    }
    if ((remedies & HWI_REMEDY_LINK_RECOVER) != 0) {
        d->port->link_recover(d->port->ctx, d->retry.count[cause]);
    }
    if ((remedies & HWI_REMEDY_NEXT_BROKER) != 0) {
        hwi_line_count_failure(d);
    }
}

/* The attempt, or the session, ended in a cause. */
static void fail(struct hawser_device *d, enum hawser_cause cause,
                 const char *detail)
{
    uint32_t speed = d->cfg->retry_speed == 0 ? 1 : d->cfg->retry_speed;
    uint64_t wait_ms = 0;

    d->counters.failures++;
    d->cause = cause;
    log_offline(d, cause, detail);
    hwi_line_close(d);
    if (!hwi_line_falls_back(d, cause)) {
        wait_ms = hwi_retry_wait_ms(&d->retry, cause,
                                    hwi_random(d->port, d->retry.phase)) /
                  speed;
        apply_remedies(d, cause);
    }
    d->session.is_connected = false;
    d->session.is_granted = false;
    log_retry(d, cause, wait_ms);
    enter(d, HAWSER_DEVICE_RETRY);
    d->state_due_ms = d->now_ms + wait_ms;
}

static void fail_line(struct hawser_device *d)
{
    fail(d, d->line.cause, d->line.detail);
}

static void say_timeout(struct hawser_device *d)
{
    fail(d, HAWSER_CAUSE_MQTT_TIMEOUT, "");
}

/* LINK ---------------------------------------------------------------------- */

static void step_link(struct hawser_device *d)
{
    if (hwi_link_is_up(d)) {
        enter(d, HAWSER_DEVICE_TIME);
    } else if (d->link.status.state == HAWSER_LINK_REFUSED) {
        fail(d, HAWSER_CAUSE_LINK_REFUSED, "");
    }
}

static void overdue_link(struct hawser_device *d)
{
    fail(d, hwi_link_cause(d), "");
}

/* TIME ---------------------------------------------------------------------- */

static void enter_time(struct hawser_device *d)
{
    if (!hwi_clock_is_known(&d->clock) && d->time.failures == 0) {
        hwi_time_sync_request(d);
    }
}

static void leave_time(struct hawser_device *d)
{
    if (!hwi_clock_is_known(&d->clock) && hwi_time_sync_has_source(d)) {
        hwi_log_alert(d->port, "time_unknown",
                      "no agreed time; certificates are checked by the floor");
    }
    enter(d, HAWSER_DEVICE_RESOLVE);
}

static void step_time(struct hawser_device *d)
{
    if (!d->time.is_asking) {
        leave_time(d);
    }
}

/* RESOLVE ------------------------------------------------------------------- */

static void step_resolve(struct hawser_device *d)
{
    const char *host = hwi_line_broker(d)->host;
    int n = d->port->resolve(d->port->ctx, HAWSER_RESOLVE_BROKER, host,
                             d->line.addresses, HWI_ADDRESSES_MAX);

    if (n > 0) {
        hwi_line_begin(d, (size_t)n);
        enter(d, HAWSER_DEVICE_TCP);
    } else if (n != HAWSER_E_WAIT) {
        fail(d, HAWSER_CAUSE_DNS, host);
    }
}

static void overdue_resolve(struct hawser_device *d)
{
    d->port->resolve_cancel(d->port->ctx, HAWSER_RESOLVE_BROKER);
    fail(d, HAWSER_CAUSE_DNS, hwi_line_broker(d)->host);
}

/* TCP, TLS ------------------------------------------------------------------ */

/* An address is being tried, or none is left. */
static void go_on(struct hawser_device *d, bool is_open)
{
    if (!is_open) {
        fail_line(d);
        return;
    }
    d->state = HAWSER_DEVICE_TCP;
    d->transitions++;
    d->state_due_ms = hwi_line_tcp_due_ms(d);
}

static void enter_tcp(struct hawser_device *d)
{
    go_on(d, hwi_line_open(d));
}

static void overdue_tcp(struct hawser_device *d)
{
    go_on(d, hwi_line_next(d, HAWSER_CAUSE_TCP_TIMEOUT, NULL));
}

static void enter_tls(struct hawser_device *d)
{
    d->state_due_ms = d->line.due_ms;
}

static void overdue_tls(struct hawser_device *d)
{
    go_on(d, hwi_line_next(d, HAWSER_CAUSE_TLS_TIMEOUT, NULL));
}

static void step_stream(struct hawser_device *d)
{
    struct hawser_stream_status status = {.stage = HAWSER_STREAM_CLOSED};

    d->port->stream_status(d->port->ctx, &status);
    switch (status.stage) {
    case HAWSER_STREAM_TCP:
        break;
    case HAWSER_STREAM_TLS:
        if (d->state == HAWSER_DEVICE_TCP) {
            enter(d, HAWSER_DEVICE_TLS);
        }
        break;
    case HAWSER_STREAM_OPEN:
        enter(d, HAWSER_DEVICE_CONNACK);
        break;
    case HAWSER_STREAM_CLOSED:
    case HAWSER_STREAM_FAILED:
        go_on(d, hwi_line_next(d, status.cause, status.detail));
        break;
    }
}

/* CONNACK, SUBACK, ONLINE ---------------------------------------------------- */

static void log_tls(struct hawser_device *d)
{
    const struct hawser_security *s = &d->session.security;
    struct hwi_log l = hwi_log_of(HAWSER_LOG_INFO, "tls");

    hwi_log_word(&l, "version", s->version);
    hwi_log_word(&l, "cipher", s->cipher);
    hwi_log_word(&l, "group", s->group);
    hwi_log_bool(&l, "resumed", s->resumed);
    hwi_log_word(&l, "peer", s->peer_subject);
    hwi_log_word(&l, "dates", s->dates_by_floor ? "floor" : "full");
    hwi_log_send(&l, d->port);
}

static void enter_connack(struct hawser_device *d)
{
    struct hawser_security *s = &d->session.security;

    *s = (struct hawser_security){.resumed = false};
    if (d->port->stream_security(d->port->ctx, s) == 0) {
        log_tls(d);
        d->has_resynced = false;
        d->clock.is_proven =
            !s->dates_by_floor && hwi_clock_is_known(&d->clock);
    }
    d->status_word = "online";
    if (hwi_session_open(d, hwi_line_version(d)) != 0) {
        fail(d, HAWSER_CAUSE_MQTT_PROTOCOL, "CONNECT does not fit");
    }
}

/* Moves bytes. False if the connection ended, which has been dealt with. */
static bool keep_line(struct hawser_device *d)
{
    enum hawser_cause cause = hwi_line_pump(d);

    if (cause == HAWSER_CAUSE_NONE && hwi_link_is_lost(d)) {
        cause = hwi_link_cause(d);
    }
    if (cause != HAWSER_CAUSE_NONE) {
        fail(d, cause, d->line.detail);
    }
    return cause == HAWSER_CAUSE_NONE;
}

static void step_connack(struct hawser_device *d)
{
    if (keep_line(d) && d->session.is_connected) {
        hwi_line_confirm_version(d);
        enter(d, HAWSER_DEVICE_SUBACK);
    }
}

static void step_suback(struct hawser_device *d)
{
    if (keep_line(d) && d->session.is_granted) {
        enter(d, HAWSER_DEVICE_ONLINE);
    }
}

static void enter_online(struct hawser_device *d)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_INFO, "online");

    hwi_log_word(&l, "broker", hwi_line_broker(d)->host);
    hwi_log_word(&l, "mqtt",
                 d->mqtt.version == HAWSER_MQTT_5 ? "5.0" : "3.1.1");
    hwi_log_number(&l, "session", d->lasting.session);
    hwi_log_send(&l, d->port);
    d->state_due_ms = d->session.connected_ms + HEALTHY_MS;
    hwi_replies_add_restart(d);
}

static void step_online(struct hawser_device *d)
{
    (void)keep_line(d);
}

/* A healthy minute: the next failure is a first one again. */
static void overdue_online(struct hawser_device *d)
{
    hwi_retry_reset(&d->retry);
    d->line.broker_failures = 0;
    d->state_due_ms = HAWSER_NEVER;
}

/* RETRY --------------------------------------------------------------------- */

static bool is_link_cause(enum hawser_cause cause)
{
    return cause == HAWSER_CAUSE_LINK_DOWN ||
           cause == HAWSER_CAUSE_LINK_REFUSED ||
           cause == HAWSER_CAUSE_NO_ADDRESS;
}

/* A link that is back needs no more waiting. */
static void step_retry(struct hawser_device *d)
{
    if (is_link_cause(d->cause) && hwi_link_is_up(d)) {
        enter(d, HAWSER_DEVICE_LINK);
    }
}

static void overdue_retry(struct hawser_device *d)
{
    enter(d, HAWSER_DEVICE_LINK);
}

/* STOPPING ------------------------------------------------------------------ */

static void finish_goodbye(struct hawser_device *d)
{
    hwi_line_close(d);
    hwi_time_sync_cancel(d);
    d->port->resolve_cancel(d->port->ctx, HAWSER_RESOLVE_BROKER);
    d->session.is_connected = false;
    d->session.is_granted = false;
    switch ((enum hwi_goodbye)d->goodbye) {
    case HWI_GOODBYE_STOP:
        d->next_cfg = NULL;
        enter(d, HAWSER_DEVICE_STOPPED);
        break;
    case HWI_GOODBYE_RESTART:
        enter(d, HAWSER_DEVICE_RESTARTING);
        break;
    case HWI_GOODBYE_RECONFIGURE:
    case HWI_GOODBYE_NONE:
        d->goodbye = HWI_GOODBYE_NONE;
        hwi_device_take_config(d);
        enter(d, HAWSER_DEVICE_LINK);
        break;
    }
}

static void step_stopping(struct hawser_device *d)
{
    if (hwi_goodbye_step(d)) {
        finish_goodbye(d);
    }
}

static void enter_stopped(struct hawser_device *d)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_INFO, "stop");

    d->lasting.is_clean = true;
    if (hwi_lasting_save(&d->lasting, d->port) != 0) {
        hwi_log_alert(d->port, "storage", "the state could not be written");
    }
    hwi_log_send(&l, d->port);
}

/* The port restarts the device soon. If it cannot, the device lives on and
 * says so. */
static void enter_restarting(struct hawser_device *d)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_INFO, "restart");

    hwi_log_send(&l, d->port);
    if (d->port->restart(d->port->ctx) == 0) {
        return;
    }
    hwi_log_alert(d->port, "restart", "this machine cannot restart the device");
    d->goodbye = HWI_GOODBYE_NONE;
    d->is_restart_refused = true;
    enter(d, HAWSER_DEVICE_LINK);
}

/* The table ----------------------------------------------------------------- */

static const struct row *row_of(enum hawser_device_state state)
{
    static const struct row rows[] = {
        [HAWSER_DEVICE_LINK] = {30 * SECOND, NULL, step_link, overdue_link},
        [HAWSER_DEVICE_TIME] = {10 * SECOND, enter_time, step_time, leave_time},
        [HAWSER_DEVICE_RESOLVE] = {20 * SECOND, NULL, step_resolve,
                                   overdue_resolve},
        [HAWSER_DEVICE_TCP] = {0, enter_tcp, step_stream, overdue_tcp},
        [HAWSER_DEVICE_TLS] = {0, enter_tls, step_stream, overdue_tls},
        [HAWSER_DEVICE_CONNACK] = {30 * SECOND, enter_connack, step_connack,
                                   say_timeout},
        [HAWSER_DEVICE_SUBACK] = {30 * SECOND, NULL, step_suback, say_timeout},
        [HAWSER_DEVICE_ONLINE] = {0, enter_online, step_online, overdue_online},
        [HAWSER_DEVICE_RETRY] = {0, NULL, step_retry, overdue_retry},
        [HAWSER_DEVICE_STOPPING] = {5 * SECOND, hwi_goodbye_begin,
                                    step_stopping, finish_goodbye},
        [HAWSER_DEVICE_STOPPED] = {0, enter_stopped, NULL, NULL},
        [HAWSER_DEVICE_RESTARTING] = {0, enter_restarting, NULL, NULL},
    };

    return &rows[state];
}

void hwi_supervisor_init(struct hawser_device *d)
{
    enter(d, HAWSER_DEVICE_LINK);
}

void hwi_supervisor_step(struct hawser_device *d)
{
    uint32_t before;
    unsigned n = 0;

    if (d->is_goodbye_new) {
        enter(d, HAWSER_DEVICE_STOPPING);
    }
    do {
        before = d->transitions;
        if (row_of(d->state)->step != NULL) {
            row_of(d->state)->step(d);
        }
        if (d->transitions == before && d->now_ms >= d->state_due_ms) {
            row_of(d->state)->overdue(d);
        }
        if (d->is_goodbye_new) {
            enter(d, HAWSER_DEVICE_STOPPING);
        }
    } while (d->transitions != before && ++n < TRANSITIONS_MAX);
    d->line.has_more = d->line.has_more || n == TRANSITIONS_MAX;
}

uint64_t hwi_supervisor_deadline_ms(const struct hawser_device *d)
{
    uint64_t due_ms = d->state_due_ms;

    if (d->line.is_open) {
        uint64_t client_ms = hawser_deadline_ms(&d->client);
        uint64_t link_ms = hwi_link_deadline_ms(d);
        due_ms = client_ms < due_ms ? client_ms : due_ms;
        due_ms = link_ms < due_ms ? link_ms : due_ms;
    }
    return due_ms;
}
