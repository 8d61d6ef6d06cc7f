/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The states of a session and its ends: CONNACK, SUBACK, online, waiting to try
 * again, saying goodbye. Tested by supervisor_mqtt_test.c.
 */
#include "device/states.h"

#include "device/answer.h"
#include "device/clock.h"
#include "device/credentials.h"
#include "device/device.h"
#include "device/goodbye.h"
#include "device/lasting.h"
#include "device/line.h"
#include "device/link.h"
#include "device/log.h"
#include "device/outbox.h"
#include "device/outgoing.h"
#include "device/recorder.h"
#include "device/retry.h"
#include "device/security.h"
#include "device/session.h"
#include "device/time_ask.h"
#include "device/time_sync.h"
#include "device/update_cert.h"

#define HEALTHY_MS 60000u
#define HOURLY_MS  3600000u

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

void hwi_enter_connack(struct hawser_device *d)
{
    struct hawser_security *s = &d->session.security;

    hwi_line_forget(d);
    hwi_credentials_let_go(d);
    *s = (struct hawser_security){.resumed = false};
    if (d->port->stream_security(d->port->ctx, s) == 0) {
        log_tls(d);
        d->resynced_ms = HAWSER_NEVER;
        d->clock.is_proven =
            !s->dates_by_floor && hwi_clock_is_known(&d->clock);
        hwi_security_begin(d);
    }
    d->status_word = "online";
    if (hwi_session_open(d, hwi_line_version(d)) != 0) {
        hwi_state_fail(d, HAWSER_CAUSE_MQTT_PROTOCOL, "CONNECT does not fit");
    }
}

void hwi_overdue_mqtt(struct hawser_device *d)
{
    hwi_state_fail(d, HAWSER_CAUSE_MQTT_TIMEOUT, "");
}

/* Moves bytes. False if the connection ended, which has been dealt with. */
static bool keep_line(struct hawser_device *d)
{
    enum hawser_cause cause = hwi_line_pump(d);

    if (cause == HAWSER_CAUSE_NONE && hwi_link_is_lost(d)) {
        cause = hwi_link_cause(d);
    }
    if (cause != HAWSER_CAUSE_NONE) {
        hwi_state_fail(d, cause, d->line.detail);
    }
    return cause == HAWSER_CAUSE_NONE;
}

void hwi_step_connack(struct hawser_device *d)
{
    if (keep_line(d) && d->session.is_connected) {
        hwi_line_confirm_version(d);
        hwi_line_remember(d);
        hwi_state_enter(d, HAWSER_DEVICE_SUBACK);
    }
}

void hwi_step_suback(struct hawser_device *d)
{
    if (keep_line(d) && d->session.is_granted) {
        hwi_state_enter(d, HAWSER_DEVICE_ONLINE);
    }
}

void hwi_enter_online(struct hawser_device *d)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_INFO, "online");

    hwi_log_word(&l, "broker", hwi_line_broker(d)->host);
    hwi_log_word(&l, "mqtt",
                 d->mqtt.version == HAWSER_MQTT_5 ? "5.0" : "3.1.1");
    hwi_log_number(&l, "session", d->lasting.session);
    hwi_log_send(&l, d->port);
    d->state_due_ms = d->session.connected_ms + HEALTHY_MS;
    hwi_recorder_online(d);
}

void hwi_step_online(struct hawser_device *d)
{
    if (!keep_line(d)) {
        return;
    }
    hwi_time_ask_step(d);
    if ((d->session.acked & 1u << HWI_KIND_STATUS) != 0) {
        hwi_credentials_proven(d);
        hwi_update_answer(d);
    }
}

/* After a healthy minute the next failure is a first one again. Then once an
 * hour, what changes slowly. */
void hwi_overdue_online(struct hawser_device *d)
{
    hwi_credentials_proven(d); /* also where nothing is acknowledged */
    hwi_retry_reset(&d->retry);
    d->line.broker_failures = 0;
    if (d->now_ms - d->session.connected_ms >= HOURLY_MS) {
        d->kicks = 0;
        hwi_security_look(d);
    }
    d->state_due_ms = d->now_ms + HOURLY_MS;
}

/* RETRY --------------------------------------------------------------------- */

static bool is_link_cause(enum hawser_cause cause)
{
    return cause == HAWSER_CAUSE_LINK_DOWN ||
           cause == HAWSER_CAUSE_LINK_REFUSED ||
           cause == HAWSER_CAUSE_NO_ADDRESS;
}

/* A link that is back needs no more waiting. */
void hwi_step_retry(struct hawser_device *d)
{
    if (is_link_cause(d->cause) && hwi_link_is_up(d)) {
        hwi_state_enter(d, HAWSER_DEVICE_LINK);
    }
}

void hwi_overdue_retry(struct hawser_device *d)
{
    hwi_state_enter(d, HAWSER_DEVICE_LINK);
}

/* STOPPING ------------------------------------------------------------------ */

void hwi_overdue_stopping(struct hawser_device *d)
{
    hwi_recorder_end(d, HAWSER_CAUSE_STOPPED, "");
    hwi_recorder_flush(d);
    hwi_line_close(d);
    hwi_time_sync_cancel(d);
    d->port->resolve_cancel(d->port->ctx, HAWSER_RESOLVE_BROKER);
    d->session.is_connected = false;
    d->session.is_granted = false;
    switch ((enum hwi_goodbye)d->goodbye) {
    case HWI_GOODBYE_STOP:
        d->next_cfg = NULL;
        hwi_state_enter(d, HAWSER_DEVICE_STOPPED);
        break;
    case HWI_GOODBYE_RESTART:
        hwi_state_enter(d, HAWSER_DEVICE_RESTARTING);
        break;
    case HWI_GOODBYE_RECONFIGURE:
    case HWI_GOODBYE_NONE:
        d->goodbye = HWI_GOODBYE_NONE;
        hwi_device_take_config(d);
        hwi_state_enter(d, HAWSER_DEVICE_LINK);
        break;
    }
}

void hwi_step_stopping(struct hawser_device *d)
{
    if (hwi_goodbye_step(d)) {
        hwi_overdue_stopping(d);
    }
}

/* What was meant ends cleanly. */
static void save_at_end(struct hawser_device *d)
{
    hwi_outbox_save(&d->outbox, true);
    d->lasting.is_clean = true;
    hwi_time_ask_note_floor(d);
    if (hwi_lasting_save(&d->lasting) != 0) {
        hwi_log_alert(d->port, "storage", "the state could not be written");
    }
}

void hwi_enter_stopped(struct hawser_device *d)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_INFO, "stop");

    save_at_end(d);
    hwi_log_send(&l, d->port);
}

/* The port restarts the device soon. If it cannot, the device lives on and
 * says so. */
void hwi_enter_restarting(struct hawser_device *d)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_INFO, "restart");

    save_at_end(d);
    hwi_log_send(&l, d->port);
    if (d->port->restart(d->port->ctx) == 0) {
        return;
    }
    hwi_log_alert(d->port, "restart", "this machine cannot restart the device");
    d->lasting.is_clean = false; /* saved with the next session */
    d->goodbye = HWI_GOODBYE_NONE;
    hwi_answers_refuse_restart(d);
    hwi_state_enter(d, HAWSER_DEVICE_LINK);
}
