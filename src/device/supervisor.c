/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor. Nothing here gives up: every failure ends in RETRY, and RETRY
 * ends in LINK. What is done in a state stands in states_way.c and
 * states_session.c.
 */
#include "device/supervisor.h"

#include "device/alerts.h"
#include "device/clock.h"
#include "device/credentials.h"
#include "device/fleet.h"
#include "device/goodbye.h"
#include "device/line.h"
#include "device/link.h"
#include "device/log.h"
#include "device/random.h"
#include "device/recorder.h"
#include "device/retry.h"
#include "device/states.h"
#include "device/time_ask.h"
#include "device/time_sync.h"

#define SECOND          1000u
#define TRANSITIONS_MAX 16u /* in one step */
#define KICKS_MAX       5u
#define RENEW_EVERY     5u
#define MEMORY_FAILURES 20u
#define MEMORY_SHORT_MS (60 * 60 * SECOND)
#define RESYNC_AGAIN_MS (15 * 60 * SECOND)

/* A state. step: as often as the device is stepped; overdue: when its time is
 * over. Any may be NULL, overdue only if there is no time. */
struct row {
    uint32_t limit_ms; /* 0: set on entry, or none */
    void (*enter)(struct hawser_device *d);
    void (*step)(struct hawser_device *d);
    void (*overdue)(struct hawser_device *d);
};

static const struct row *row_of(enum hawser_device_state state);

/* Transitions --------------------------------------------------------------- */

void hwi_state_enter(struct hawser_device *d, enum hawser_device_state state)
{
    const struct row *row = row_of(state);

    hwi_recorder_enter(d, state);
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

static uint32_t retry_speed(const struct hawser_device *d)
{
    return d->cfg->retry_speed == 0 ? 1 : d->cfg->retry_speed;
}

/* Time servers are not to be asked at every attempt. */
static bool may_resync(const struct hawser_device *d)
{
    return d->resynced_ms == HAWSER_NEVER ||
           d->now_ms - d->resynced_ms >= RESYNC_AGAIN_MS / retry_speed(d);
}

/* Memory of our own that has run out or fallen to pieces comes back with a
 * restart; nothing else is a reason for one. */
static void restart_for_memory(struct hawser_device *d, enum hawser_cause cause)
{
    if (d->retry.count[cause] == 1) {
        d->memory_short_ms = d->now_ms;
    }
    if (d->retry.count[cause] >= MEMORY_FAILURES &&
        d->now_ms - d->memory_short_ms >= MEMORY_SHORT_MS / retry_speed(d)) {
        hwi_log_alert(d->port, "memory",
                      "no memory for TLS for an hour; the device restarts");
        d->retry.count[cause] = 0; /* where it cannot, an hour later again */
        hwi_goodbye_say(d, HWI_GOODBYE_RESTART);
    }
}

/* What besides waiting may help; how long to wait at least. */
static uint32_t apply_remedies(struct hawser_device *d, enum hawser_cause cause)
{
    uint8_t remedies = hwi_retry_rule(cause)->remedies;
    uint32_t count = d->retry.count[cause];

    if (cause == HAWSER_CAUSE_TLS_EXPIRED ||
        cause == HAWSER_CAUSE_TLS_NOT_YET_VALID) {
        hwi_clock_doubt(&d->clock);
    }
    if ((remedies & HWI_REMEDY_RESYNC) != 0 && may_resync(d)) {
        d->resynced_ms = d->now_ms;
        hwi_time_sync_request(d);
    }
    if ((remedies & HWI_REMEDY_LINK_RECOVER) != 0 ||
        ((remedies & HWI_REMEDY_RENEW) != 0 && count % RENEW_EVERY == 0)) {
        d->port->link_recover(d->port->ctx, count);
    }
    if ((remedies & HWI_REMEDY_NEXT_BROKER) != 0) {
        hwi_line_count_failure(d);
    }
    if ((remedies & HWI_REMEDY_RESTART) != 0) {
        restart_for_memory(d, cause);
    }
    return (remedies & HWI_REMEDY_SPREAD) != 0 ? hwi_fleet_wait_ms(d) : 0;
}

/* Two devices with one id throw each other out, for ever. An hour in peace
 * would show that it was something else. */
static void suspect_duplicate(struct hawser_device *d, enum hawser_cause cause)
{
    if (cause != HAWSER_CAUSE_MQTT_KICKED &&
        cause != HAWSER_CAUSE_MQTT_TAKEN_OVER) {
        return;
    }
    d->kicks++;
    if (d->kicks >= KICKS_MAX) {
        hwi_alert_raise(d, HWI_ALERT_DUPLICATE_ID, hawser_cause_word(cause),
                        d->kicks);
    }
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The attempt, or the session, ended in a cause. */
void hwi_state_fail(struct hawser_device *d, enum hawser_cause cause,
                    const char *detail)
{
    uint64_t wait_ms = 0;

    d->counters.failures++;
    d->cause = cause;
    log_offline(d, cause, detail);
    hwi_recorder_end(d, cause, detail);
    suspect_duplicate(d, cause);
    hwi_line_close(d);
    if (hwi_line_falls_back(d, cause)) {
        /* at once, in the other version */
    } else if (hwi_credentials_failed(d, cause)) {
        hwi_retry_reset(&d->retry); /* others have not failed yet */
    } else {
        wait_ms = hwi_retry_wait_ms(&d->retry, cause,
                                    hwi_random(d->port, d->retry.phase)) /
                  retry_speed(d);
        wait_ms = later(wait_ms, apply_remedies(d, cause));
    }
    d->session.is_connected = false;
    d->session.is_granted = false;
    d->session.reason = 0;
    log_retry(d, cause, wait_ms);
    hwi_state_enter(d, HAWSER_DEVICE_RETRY);
    d->state_due_ms = d->now_ms + wait_ms;
}

/* The table ----------------------------------------------------------------- */

static const struct row *row_of(enum hawser_device_state state)
{
    static const struct row rows[] = {
        [HAWSER_DEVICE_LINK] = {30 * SECOND, NULL, hwi_step_link,
                                hwi_overdue_link},
        [HAWSER_DEVICE_TIME] = {10 * SECOND, hwi_enter_time, hwi_step_time,
                                hwi_leave_time},
        [HAWSER_DEVICE_RESOLVE] = {20 * SECOND, NULL, hwi_step_resolve,
                                   hwi_overdue_resolve},
        [HAWSER_DEVICE_TCP] = {0, hwi_enter_tcp, hwi_step_stream,
                               hwi_overdue_tcp},
        [HAWSER_DEVICE_TLS] = {0, hwi_enter_tls, hwi_step_stream,
                               hwi_overdue_tls},
        [HAWSER_DEVICE_CONNACK] = {30 * SECOND, hwi_enter_connack,
                                   hwi_step_connack, hwi_overdue_mqtt},
        [HAWSER_DEVICE_SUBACK] = {30 * SECOND, NULL, hwi_step_suback,
                                  hwi_overdue_mqtt},
        [HAWSER_DEVICE_ONLINE] = {0, hwi_enter_online, hwi_step_online,
                                  hwi_overdue_online},
        [HAWSER_DEVICE_RETRY] = {0, NULL, hwi_step_retry, hwi_overdue_retry},
        [HAWSER_DEVICE_STOPPING] = {5 * SECOND, hwi_goodbye_begin,
                                    hwi_step_stopping, hwi_overdue_stopping},
        [HAWSER_DEVICE_STOPPED] = {0, hwi_enter_stopped, NULL, NULL},
        [HAWSER_DEVICE_RESTARTING] = {0, hwi_enter_restarting, NULL, NULL},
    };

    return &rows[state];
}

void hwi_supervisor_init(struct hawser_device *d)
{
    uint32_t wait_ms = hwi_fleet_boot_wait_ms(d);

    hwi_state_enter(d, wait_ms == 0 ? HAWSER_DEVICE_LINK : HAWSER_DEVICE_RETRY);
    if (wait_ms > 0) {
        log_retry(d, HAWSER_CAUSE_NONE, wait_ms);
        d->state_due_ms = d->now_ms + wait_ms;
    }
}

void hwi_supervisor_step(struct hawser_device *d)
{
    uint32_t before;
    unsigned n = 0;

    if (d->is_goodbye_new) {
        hwi_state_enter(d, HAWSER_DEVICE_STOPPING);
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
            hwi_state_enter(d, HAWSER_DEVICE_STOPPING);
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
        uint64_t ask_ms = hwi_time_ask_deadline_ms(d);
        due_ms = client_ms < due_ms ? client_ms : due_ms;
        due_ms = link_ms < due_ms ? link_ms : due_ms;
        due_ms = ask_ms < due_ms ? ask_ms : due_ms;
    }
    return due_ms;
}
