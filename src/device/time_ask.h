/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authenticated time: asked over the verified line by the event time_request,
 * answered by whoever may write to control, with the command set_time. A nonce
 * makes an answer good for one question. What it says is the clock with
 * confidence 3, and once a day it becomes the floor.
 */
#ifndef HWI_DEVICE_TIME_ASK_H
#define HWI_DEVICE_TIME_ASK_H

#include "hawser/device.h"

#define HWI_TIME_NONCE_SIZE 32 /* hex digits */

/* Nothing is asked yet. */
void hwi_time_ask_init(struct hawser_device *d);

/* A session has begun: asks, if the time is not authenticated. */
void hwi_time_ask_granted(struct hawser_device *d);

/* Asks as soon as there is a session, but not more often than once a minute. */
void hwi_time_ask_now(struct hawser_device *d);

/* While online: asks when it is due. */
void hwi_time_ask_step(struct hawser_device *d);
uint64_t hwi_time_ask_deadline_ms(const struct hawser_device *d);

/* Publishes the question. Errors as hwi_outgoing_send(), and WAIT (there are no
 * random numbers yet). */
int hwi_time_ask_send(struct hawser_device *d) HAWSER_CHECKED;

/* An answer, perhaps; one to no question of ours changes nothing. */
void hwi_time_ask_answered(struct hawser_device *d, struct hawser_view nonce,
                           uint64_t unix_ms);

/* The state is about to be saved: authenticated time becomes the floor. */
void hwi_time_ask_note_floor(struct hawser_device *d);

#endif
