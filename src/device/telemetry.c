/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telemetry. A measurement is written to the outbox with its monotonic moment:
 * the clock may not be known yet. The time is worked out when it is published.
 */
#include "device/telemetry.h"

#include "device/alerts.h"
#include "device/bucket.h"
#include "device/clock.h"
#include "device/json_write.h"
#include "device/log.h"
#include "device/outbox.h"
#include "device/outgoing.h"
#include "device/session.h"

#define INTERVAL_DEFAULT_S 30u
#define MEASURE_MAX_MS     5000u /* then a slow sensor is left out */
#define POLL_MS            50u

/* Old telemetry: as a broker that just came back can bear it from a fleet. As
 * nothing is measured more than once a second, what is new is waited for by
 * history only until that is out. */
#define REPLAY_BURST      16u
#define REPLAY_PER_SECOND 20u

static struct hwi_bucket_rule replay_rule(const struct hawser_device *d)
{
    uint32_t per_second = d->cfg->replay_per_second;

    return (struct hwi_bucket_rule){
        REPLAY_BURST, per_second == 0 ? REPLAY_PER_SECOND : per_second};
}

static uint64_t interval_ms(const struct hawser_device *d)
{
    return (uint64_t)d->telemetry.interval_s * 1000;
}

void hwi_telemetry_set_interval(struct hawser_device *d, uint32_t interval_s)
{
    d->telemetry.interval_s = interval_s;
    d->telemetry.next_ms = d->now_ms + interval_ms(d);
}

void hwi_telemetry_init(struct hawser_device *d)
{
    uint32_t interval_s = d->cfg->interval_s;

    d->outbox.policy = (uint8_t)d->cfg->outbox_policy;
    hwi_telemetry_set_interval(d, interval_s == 0 ? INTERVAL_DEFAULT_S
                                                  : interval_s);
    hwi_telemetry_cancel(d);
}

void hwi_telemetry_granted(struct hawser_device *d)
{
    struct hwi_bucket_rule rule = replay_rule(d);

    hwi_bucket_reset(&d->telemetry.replay, &rule, d->now_ms);
    if (d->outbox.state.losses.count > 0) {
        hwi_session_say(d, HWI_DUE_LOST);
    }
    if (d->telemetry.seq == 0 && !d->telemetry.is_measuring) {
        d->telemetry.next_ms = d->now_ms;
    }
}

void hwi_telemetry_cancel(struct hawser_device *d)
{
    d->telemetry.is_measuring = false;
}

/* Measuring ----------------------------------------------------------------- */

static void begin(struct hawser_device *d)
{
    struct hwi_telemetry *t = &d->telemetry;

    t->is_measuring = true;
    t->is_wanted = false;
    t->pending = (UINT32_C(1) << d->cfg->sensor_count) - 1;
    t->present = 0;
    t->end_ms = d->now_ms + MEASURE_MAX_MS;
    if (t->next_ms > d->now_ms) {
        return; /* it is one besides the interval */
    }
    t->next_ms += interval_ms(d);
    if (t->next_ms <= d->now_ms) { /* after a sleep: no burst */
        t->next_ms = d->now_ms + interval_ms(d);
    }
}

static void read_sensors(struct hawser_device *d)
{
    struct hwi_telemetry *t = &d->telemetry;

    for (unsigned i = 0; i < d->cfg->sensor_count; i++) {
        uint32_t bit = UINT32_C(1) << i;
        int err;
        if ((t->pending & bit) == 0) {
            continue;
        }
        err = d->port->sensor_read(d->port->ctx, i, &t->readings[i]);
        if (err == HAWSER_E_WAIT) {
            continue;
        }
        t->pending &= ~bit;
        t->present |= err == 0 ? bit : 0;
    }
}

static void write_members(struct hawser_device *d, struct hwi_json *j,
                          bool *is_simulated)
{
    const struct hwi_telemetry *t = &d->telemetry;
    struct hawser_system system = {0};

    for (unsigned i = 0; i < d->cfg->sensor_count; i++) {
        if ((t->present & UINT32_C(1) << i) != 0) {
            hwi_json_number(j, d->cfg->sensors[i], t->readings[i].value);
            *is_simulated = *is_simulated || t->readings[i].simulated;
        }
    }
    d->port->system_status(d->port->ctx, &system);
    if (system.has_rssi) {
        hwi_json_int(j, "rssi", system.rssi_dbm);
    }
    if (system.has_heap) {
        hwi_json_uint(j, "heap", system.heap_bytes);
    }
    hwi_json_uint(j, "uptime", system.uptime_s);
}

static void log_stored(struct hawser_device *d)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_INFO, "stored");

    hwi_log_number(&l, "seq", d->telemetry.seq);
    hwi_log_number(&l, "waiting", hwi_outbox_waiting(&d->outbox));
    hwi_log_send(&l, d->port);
}

/* What the outbox lost since it was looked at last. */
static void notice_losses(struct hawser_device *d)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_WARNING, "lost");

    if (d->counters.dropped == d->outbox.lost) {
        return;
    }
    hwi_log_number(&l, "count", d->outbox.lost - d->counters.dropped);
    hwi_log_number(&l, "waiting", hwi_outbox_waiting(&d->outbox));
    hwi_log_send(&l, d->port);
    d->counters.dropped = d->outbox.lost;
    hwi_session_say(d, HWI_DUE_LOST);
}

static void add(struct hawser_device *d, const struct hwi_entry *entry)
{
    bool was_failing = d->outbox.is_failing;

    hwi_outbox_add(&d->outbox, entry);
    notice_losses(d);
    if (was_failing && !d->outbox.is_failing) {
        hwi_alert_clear(d, HWI_ALERT_OUTBOX);
    }
}

static void finish(struct hawser_device *d)
{
    struct hwi_json j =
        hwi_json_to((struct hawser_span){d->text, sizeof(d->text)});
    struct hwi_entry entry = {.boot = d->lasting.boot,
                              .measured_ms = d->now_ms,
                              .unix_ms =
                                  hwi_clock_unix_ms(&d->clock, d->now_ms),
                              .is_stored = !d->session.is_granted};

    write_members(d, &j, &entry.is_simulated);
    entry.json = hwi_json_end(&j);
    entry.seq = ++d->telemetry.seq;
    d->telemetry.is_measuring = false;
    add(d, &entry);
    if (entry.is_stored) {
        log_stored(d);
    }
}

void hwi_telemetry_step(struct hawser_device *d)
{
    struct hwi_telemetry *t = &d->telemetry;

    if (hwi_clock_is_known(&d->clock)) {
        hwi_outbox_learn_time(&d->outbox, d->clock.offset_ms);
    }
    if (!d->outbox.is_failing) { /* else with the next measurement */
        hwi_outbox_save(&d->outbox, false);
    }
    notice_losses(d);
    if (d->outbox.is_failing) {
        hwi_alert_raise(d, HWI_ALERT_OUTBOX, "flash", 0);
    }
    if (!t->is_measuring && (t->is_wanted || d->now_ms >= t->next_ms)) {
        begin(d);
    }
    if (!t->is_measuring) {
        return;
    }
    read_sensors(d);
    t->poll_ms = d->now_ms + POLL_MS;
    if (t->pending == 0 || d->now_ms >= t->end_ms) {
        finish(d);
    }
}

uint64_t hwi_telemetry_deadline_ms(const struct hawser_device *d)
{
    const struct hwi_telemetry *t = &d->telemetry;
    uint64_t due_ms = t->is_measuring ? t->poll_ms
                      : t->is_wanted  ? d->now_ms
                                      : t->next_ms;

    /* History that waits for its turn. */
    if (d->session.is_granted && hwi_outbox_waiting(&d->outbox) > 0) {
        struct hwi_bucket_rule rule = replay_rule(d);
        uint64_t replay_ms = hwi_bucket_due_ms(&t->replay, &rule);
        due_ms =
            replay_ms > d->now_ms && replay_ms < due_ms ? replay_ms : due_ms;
    }
    return due_ms;
}

/* Publishing ---------------------------------------------------------------- */

void hwi_telemetry_refused(struct hawser_device *d, uint32_t ticket)
{
    hwi_outbox_lose(&d->outbox, ticket);
    notice_losses(d);
}

/* When an entry was measured, as well as it is known now; 0: it is not. */
static uint64_t time_of(const struct hawser_device *d,
                        const struct hwi_entry *entry)
{
    return entry->is_earlier ? hwi_outbox_unix_ms(&d->outbox, entry)
                             : hwi_clock_unix_ms(&d->clock, entry->measured_ms);
}

/* What has no known age does not expire. */
static bool is_expired(const struct hawser_device *d,
                       const struct hwi_entry *entry)
{
    uint64_t max_ms = (uint64_t)d->cfg->outbox_expiry_s * 1000;
    uint64_t unix_ms = time_of(d, entry);
    uint64_t now_ms = hwi_clock_unix_ms(&d->clock, d->now_ms);

    if (max_ms == 0) {
        return false;
    }
    if (!entry->is_earlier) {
        return d->now_ms - entry->measured_ms > max_ms;
    }
    return unix_ms != 0 && now_ms > unix_ms && now_ms - unix_ms > max_ms;
}

/* The oldest entry that is worth sending. */
static bool find_next(struct hawser_device *d, struct hwi_entry *entry)
{
    while (hwi_outbox_next(&d->outbox, entry)) {
        if (!is_expired(d, entry)) {
            return true;
        }
        hwi_telemetry_refused(d, entry->ticket);
    }
    return false;
}

/* The next entry to be sent, oldest first: what was measured in this session
 * waits until all history is out, and history waits for its rate. */
static bool choose(struct hawser_device *d, struct hwi_entry *entry,
                   bool *is_history)
{
    struct hwi_bucket_rule rule = replay_rule(d);

    if (!find_next(d, entry)) {
        return false;
    }
    *is_history = entry->is_earlier || entry->is_stored ||
                  entry->measured_ms < d->session.connected_ms;
    return !*is_history ||
           hwi_bucket_take(&d->telemetry.replay, &rule, d->now_ms);
}

static struct hawser_view write_data(struct hawser_device *d,
                                     const struct hwi_entry *entry,
                                     bool is_history)
{
    struct hwi_json j =
        hwi_json_to((struct hawser_span){d->text, sizeof(d->text)});
    uint64_t unix_ms = time_of(d, entry);

    hwi_json_open(&j, NULL, '{');
    hwi_json_word(&j, "device", d->cfg->id);
    hwi_json_members(&j, entry->json);
    hwi_json_uint(&j, "seq", entry->seq);
    hwi_json_uint(&j, "boot", entry->boot);
    if (unix_ms != 0) {
        hwi_json_uint(&j, "time", unix_ms / 1000);
    }
    if (entry->is_simulated) {
        hwi_json_bool(&j, "simulated", true);
    }
    if (is_history) {
        hwi_json_bool(&j, "hist", true);
    }
    hwi_json_close(&j, '}');
    return hwi_json_end(&j);
}

int hwi_telemetry_send(struct hawser_device *d)
{
    struct hwi_entry entry;
    struct hwi_outgoing m = {
        .kind = HWI_KIND_DATA, .word = "data", .qos = d->cfg->qos};
    bool is_history = false;
    int err;

    if (hwi_outgoing_count(d, HWI_KIND_DATA) >= hwi_outgoing_window(d)) {
        return HAWSER_E_FULL;
    }
    if (!choose(d, &entry, &is_history)) {
        return HAWSER_E_WAIT;
    }
    m.payload = write_data(d, &entry, is_history);
    m.seq = entry.seq;
    m.ticket = entry.ticket;
    /* Before it goes: with QoS 0 it is gone when the call returns. */
    (void)hwi_outbox_mark(&d->outbox, entry.ticket, HWI_ENTRY_SENT);
    err = hwi_outgoing_send(d, &m);
    if (err == HAWSER_E_FULL) {
        (void)hwi_outbox_mark(&d->outbox, entry.ticket, HWI_ENTRY_WAITING);
    } else if (err != 0) { /* the broker will never take it */
        hwi_telemetry_refused(d, entry.ticket);
        err = 0;
    }
    return err;
}

void hwi_telemetry_delivered(struct hawser_device *d, uint32_t seq,
                             uint32_t ticket)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_INFO, "published");

    (void)hwi_outbox_mark(&d->outbox, ticket, HWI_ENTRY_DONE);
    d->counters.published++;
    hwi_log_number(&l, "seq", seq);
    hwi_log_number(&l, "waiting", hwi_outbox_waiting(&d->outbox));
    hwi_log_send(&l, d->port);
}
