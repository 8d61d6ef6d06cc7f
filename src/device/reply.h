/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replies that nothing is lost with: rejections, facts, progress. They wait in a
 * short queue until the broker's window has room, and go to the reply topic
 * and, with MQTT 5, to the response topic that the command named. Answers of
 * commands that took effect: answer.h.
 */
#ifndef HWI_DEVICE_REPLY_H
#define HWI_DEVICE_REPLY_H

#include <stdbool.h>

#include "hawser/device.h"

#include "device/outgoing.h"

/* As they stand in the ledger on flash: new ones go to the end. */
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
    HWI_RESULT_UPDATE, /* of certificates: how far it has come */
    HWI_RESULT_CREDENTIALS,
    HWI_RESULT_CSR,
    HWI_RESULT_FLIGHTS /* in parts, a reply each */
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

/* Where a reply goes. */
struct hwi_route {
    enum hwi_kind kind;          /* on reply; a copy is always a REPLY */
    uint32_t seq;                /* of an ANSWER */
    struct hawser_view response; /* below our tree; empty: only to reply */
    struct hawser_view correlation;
    bool is_told; /* on reply; the response topic is left */
    bool is_lost; /* it can never go to reply */
};

/* Publishes a reply. 0; FULL: go on later with the same route. */
int hwi_reply_publish(struct hawser_device *d, struct hwi_route *to,
                      struct hawser_view text) HAWSER_CHECKED;

/* Publishes the oldest. 0: it is out; WAIT: there is none; FULL. */
int hwi_replies_send(struct hawser_device *d) HAWSER_CHECKED;

#endif
