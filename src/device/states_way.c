/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The states on the way to the broker: link, time, look-up, TCP, TLS. Each
 * ends in the next one or in a cause. Tested by supervisor_test.c.
 */
#include "device/states.h"

#include "device/clock.h"
#include "device/line.h"
#include "device/link.h"
#include "device/log.h"
#include "device/recorder.h"
#include "device/time_sync.h"

/* LINK ---------------------------------------------------------------------- */

void hwi_step_link(struct hawser_device *d)
{
    if (hwi_link_is_up(d)) {
        hwi_state_enter(d, HAWSER_DEVICE_TIME);
    } else if (d->link.status.state == HAWSER_LINK_REFUSED) {
        hwi_state_fail(d, HAWSER_CAUSE_LINK_REFUSED, "");
    }
}

void hwi_overdue_link(struct hawser_device *d)
{
    hwi_state_fail(d, hwi_link_cause(d), "");
}

/* TIME ---------------------------------------------------------------------- */

void hwi_enter_time(struct hawser_device *d)
{
    if (!hwi_clock_is_known(&d->clock) && d->time.failures == 0) {
        hwi_time_sync_request(d);
    }
}

void hwi_leave_time(struct hawser_device *d)
{
    if (!hwi_clock_is_known(&d->clock) && hwi_time_sync_has_source(d)) {
        hwi_log_alert(d->port, "time_unknown",
                      "no agreed time; certificates are checked by the floor");
    }
    hwi_state_enter(d, HAWSER_DEVICE_RESOLVE);
}

void hwi_step_time(struct hawser_device *d)
{
    /* A round that a short gap of the link cut begins anew after it. */
    if (!d->time.is_asking && hwi_link_is_up(d)) {
        hwi_leave_time(d);
    }
}

/* RESOLVE ------------------------------------------------------------------- */

/* A resolver that is gone is no reason to be offline. */
static void lose_name(struct hawser_device *d)
{
    if (hwi_line_begin_by_guess(d)) {
        hwi_state_enter(d, HAWSER_DEVICE_TCP);
    } else {
        hwi_state_fail(d, HAWSER_CAUSE_DNS, hwi_line_broker(d)->host);
    }
}

void hwi_step_resolve(struct hawser_device *d)
{
    const char *host = hwi_line_broker(d)->host;
    int n = d->port->resolve(d->port->ctx, HAWSER_RESOLVE_BROKER, host,
                             d->line.addresses, HWI_ADDRESSES_MAX);

    if (n > 0) {
        hwi_line_begin(d, (size_t)n);
        hwi_state_enter(d, HAWSER_DEVICE_TCP);
    } else if (n != HAWSER_E_WAIT) {
        lose_name(d);
    }
}

void hwi_overdue_resolve(struct hawser_device *d)
{
    d->port->resolve_cancel(d->port->ctx, HAWSER_RESOLVE_BROKER);
    lose_name(d);
}

/* TCP, TLS ------------------------------------------------------------------ */

/* What went wrong at an address that was a guess says nothing of the broker. */
static void fail_line(struct hawser_device *d)
{
    if (d->line.is_guess) {
        hwi_state_fail(d, HAWSER_CAUSE_DNS, hwi_line_broker(d)->host);
    } else {
        hwi_state_fail(d, d->line.cause, d->line.detail);
    }
}

/* An address is being tried, or none is left. */
static void go_on(struct hawser_device *d, bool is_open)
{
    if (!is_open) {
        fail_line(d);
        return;
    }
    hwi_recorder_enter(d, HAWSER_DEVICE_TCP);
    d->state = HAWSER_DEVICE_TCP;
    d->transitions++;
    d->state_due_ms = hwi_line_tcp_due_ms(d);
}

void hwi_enter_tcp(struct hawser_device *d)
{
    go_on(d, hwi_line_open(d));
}

void hwi_overdue_tcp(struct hawser_device *d)
{
    go_on(d, hwi_line_next(d, HAWSER_CAUSE_TCP_TIMEOUT, NULL));
}

void hwi_enter_tls(struct hawser_device *d)
{
    d->state_due_ms = d->line.due_ms;
}

void hwi_overdue_tls(struct hawser_device *d)
{
    go_on(d, hwi_line_next(d, HAWSER_CAUSE_TLS_TIMEOUT, NULL));
}

void hwi_step_stream(struct hawser_device *d)
{
    struct hawser_stream_status status = {.stage = HAWSER_STREAM_CLOSED};

    d->port->stream_status(d->port->ctx, &status);
    switch (status.stage) {
    case HAWSER_STREAM_TCP:
        break;
    case HAWSER_STREAM_TLS:
        if (d->state == HAWSER_DEVICE_TCP) {
            hwi_state_enter(d, HAWSER_DEVICE_TLS);
        }
        break;
    case HAWSER_STREAM_OPEN:
        hwi_state_enter(d, HAWSER_DEVICE_CONNACK);
        break;
    case HAWSER_STREAM_CLOSED:
    case HAWSER_STREAM_FAILED:
        go_on(d, hwi_line_next(d, status.cause, status.detail));
        break;
    }
}
