/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers to commands. They wait in a short queue until the broker's window has
 * room, and go to the reply topic and, with MQTT 5, to the response topic that
 * the command named.
 */
#ifndef HWI_DEVICE_REPLY_H
#define HWI_DEVICE_REPLY_H

#include <stdbool.h>

#include "hawser/device.h"

enum hwi_reply_status {
    HWI_REPLY_NONE,    /* the answer comes later */
    HWI_REPLY_RUNNING, /* more comes */
    HWI_REPLY_SUCCEEDED,
    HWI_REPLY_REJECTED,
    HWI_REPLY_FAILED,
    HWI_REPLY_EXPIRED,
    HWI_REPLY_DUPLICATE
};

/* What "result" holds; it is written when the reply is published. */
enum hwi_reply_result {
    HWI_RESULT_NONE,
    HWI_RESULT_STATUS,
    HWI_RESULT_INTERVAL,
    HWI_RESULT_FLIGHTS, /* in parts, a reply each */
    HWI_RESULT_RESTART
};

/* The word of a status. Static. */
const char *hwi_reply_word(enum hwi_reply_status status);

void hwi_replies_init(struct hawser_device *d);

/* Takes the response topic and correlation data from a message's properties,
 * if a reply may go there. */
void hwi_reply_address(const struct hawser_device *d, struct hwi_reply *r,
                       struct hawser_view properties);

/* Queues a copy. False: no room, nothing changed. */
bool hwi_replies_add(struct hawser_device *d,
                     const struct hwi_reply *r) HAWSER_CHECKED;

/* Is there no room for another one? */
bool hwi_replies_are_full(const struct hawser_device *d);

/* May another rejection of garbage be sent? Counts it. */
bool hwi_replies_may_reject(struct hawser_device *d) HAWSER_CHECKED;

/* Is the answer to a restart on its way, and not yet with the broker? */
bool hwi_replies_is_answering(const struct hawser_device *d);

/* Queues the answer that the last run left to be given. */
void hwi_replies_add_restart(struct hawser_device *d);

/* Publishes the oldest. 0: it is out; WAIT: there is none; FULL. */
int hwi_replies_send(struct hawser_device *d) HAWSER_CHECKED;

#endif
