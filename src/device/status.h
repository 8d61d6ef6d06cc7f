/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the device says of itself: status (also as the will), security, events.
 */
#ifndef HWI_DEVICE_STATUS_H
#define HWI_DEVICE_STATUS_H

#include "hawser/device.h"

#include "device/json_write.h"

/* The text of the will, in d->text. {NULL, 0} cannot happen: ids are short. */
struct hawser_view hwi_status_will(struct hawser_device *d);

/* Each publishes one message. Errors as hwi_outgoing_send(). */

/* d->status_word, retained. "online" carries the facts. */
int hwi_status_send(struct hawser_device *d) HAWSER_CHECKED;
/* The classic answer to ping, not retained. */
int hwi_status_send_pong(struct hawser_device *d) HAWSER_CHECKED;
/* What was negotiated, with whom, until when it is good. Retained. */
int hwi_status_send_security(struct hawser_device *d) HAWSER_CHECKED;
/* Events. */
int hwi_status_send_retained(struct hawser_device *d) HAWSER_CHECKED;
int hwi_status_send_lost(struct hawser_device *d) HAWSER_CHECKED;

/* Adds what is known of the flash that telemetry waits in, if there is any. */
void hwi_status_write_outbox(const struct hawser_device *d, struct hwi_json *j);

/* The word of a reset reason. Static. */
const char *hwi_reset_word(enum hawser_reset_reason reason);

#endif
