/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happened while the device was offline, in short: how long, how many
 * attempts, and the causes in their order ("402 times dns, then
 * mqtt_not_authorised"). Told by the event "reconnected".
 */
#ifndef HWI_DEVICE_OUTAGE_H
#define HWI_DEVICE_OUTAGE_H

#include <stdbool.h>

#include "hawser/device.h"

/* Forgets what was; nothing has failed since now_ms. */
void hwi_outage_begin(struct hwi_outage *o, uint64_t now_ms);

/* The next attempt, oldest first. One that was online begins a new outage. */
void hwi_outage_add(struct hwi_outage *o, const struct hwi_attempt *a);

/* Was it more than a start, or a stop that somebody wanted? */
bool hwi_outage_is_worth_telling(const struct hwi_outage *o);

/* Publishes the event; then the outage is forgotten. Errors as
 * hwi_outgoing_send(). */
int hwi_outage_send(struct hawser_device *d) HAWSER_CHECKED;

#endif
