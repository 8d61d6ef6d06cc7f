/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody should look at. An alert stands, retained, on alert/<name>
 * until it is cleared, then an empty message takes it away; which ones stand
 * outlives a restart.
 *
 * Conditions end by themselves: whoever raises one clears it, and raises it
 * again after a boot if it still holds; otherwise the first session clears it.
 * Findings are about something that happened: they stand until the command
 * clear_alert.
 */
#ifndef HWI_DEVICE_ALERTS_H
#define HWI_DEVICE_ALERTS_H

#include <stdbool.h>

#include "hawser/device.h"

enum hwi_alert {
    /* Conditions */
    HWI_ALERT_PEER_CERTIFICATE, /* ends soon; number: days */
    HWI_ALERT_ANCHOR_CERTIFICATE,
    HWI_ALERT_OWN_CERTIFICATE,
    HWI_ALERT_CREDENTIALS, /* not the newest slot is in use */
    HWI_ALERT_OUTBOX,      /* telemetry cannot be stored */
    HWI_ALERT_TIME_HELD,   /* a time source is not believed */
    /* Findings */
    HWI_ALERT_DOWNGRADE,       /* TLS is weaker than in the last session */
    HWI_ALERT_COMMAND_REFUSED, /* number: how many since the start */
    HWI_ALERT_DUPLICATE_ID,    /* another client seems to have our id */
    HWI_ALERT_REBOOT_LOOP,     /* number: short boots in a row */
    HWI_ALERTS
};

_Static_assert(HWI_ALERTS <= HWI_ALERTS_MAX, "there is room for each");

/*
 * Raises an alert, from any moment after the lasting state was loaded. code: a
 * static word that says which kind (NULL: there is but one); number: see above,
 * 0 if it means nothing. An alert that is raised already with the same code
 * takes the number and is not published for it, so this may be called often.
 */
void hwi_alert_raise(struct hawser_device *d, enum hwi_alert alert,
                     const char *code, uint32_t number);

/* Takes it away; one that does not stand is fine. */
void hwi_alert_clear(struct hawser_device *d, enum hwi_alert alert);

/* Clears the finding of this name, or all for {NULL, 0}. False: no finding has
 * this name. */
bool hwi_alert_clear_finding(struct hawser_device *d,
                             struct hawser_view name) HAWSER_CHECKED;

/* Does it stand, from this run or an earlier one? */
bool hwi_alert_stands(const struct hawser_device *d, enum hwi_alert alert);

/* A session has begun: tells what stands, takes away what does not hold. */
void hwi_alerts_granted(struct hawser_device *d);

/* Publishes the first that is due. 0: it is out; WAIT: there is none; FULL. */
int hwi_alerts_send(struct hawser_device *d) HAWSER_CHECKED;

/* The broker has what was published under this number (hwi_outgoing.seq). */
void hwi_alerts_delivered(struct hawser_device *d, uint32_t seq);

#endif
