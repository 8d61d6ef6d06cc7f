/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Saying goodbye. Because DISCONNECT makes the broker drop the will, the last
 * status has to have arrived before.
 */
#include "device/goodbye.h"

#include "device/answer.h"
#include "device/line.h"
#include "device/outgoing.h"
#include "device/session.h"

void hwi_goodbye_say(struct hawser_device *d, enum hwi_goodbye goodbye)
{
    if (goodbye > d->goodbye) {
        d->goodbye = (uint8_t)goodbye;
        d->is_goodbye_new = true;
    }
}

void hwi_goodbye_begin(struct hawser_device *d)
{
    d->is_goodbye_new = false;
    d->is_disconnecting = false;
    d->status_word =
        d->goodbye == HWI_GOODBYE_RESTART ? "restarting" : "offline";
    /* What else was due is not worth a delay. */
    d->session.due = (d->session.due & HWI_DUE_EVENTS) | HWI_DUE_STATUS;
}

/* Status out and acknowledged, replies out. */
static bool is_told(const struct hawser_device *d)
{
    return (d->session.due & HWI_DUE_STATUS) == 0 && d->replies.count == 0 &&
           !hwi_answers_are_due(d) &&
           hwi_outgoing_count(d, HWI_KIND_ANSWER) == 0 &&
           hwi_outgoing_count(d, HWI_KIND_STATUS) == 0 &&
           hwi_outgoing_count(d, HWI_KIND_REPLY) == 0 && hwi_line_is_flushed(d);
}

bool hwi_goodbye_step(struct hawser_device *d)
{
    if (!d->is_disconnecting && !hawser_is_connected(&d->client)) {
        return true;
    }
    if (hwi_line_pump(d) != HAWSER_CAUSE_NONE) {
        return true;
    }
    if (!d->is_disconnecting && is_told(d)) {
        d->is_disconnecting = true;
        if (hawser_disconnect(&d->client, d->now_ms, 0) != 0) {
            return true;
        }
        (void)hwi_line_pump(d); /* the line is closed either way */
    }
    return d->is_disconnecting && hwi_line_is_flushed(d);
}
