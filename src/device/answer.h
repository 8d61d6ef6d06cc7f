/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Final answers of commands that are in the ledger: entered there, published
 * from there until the broker has them, and given again to whoever sends the
 * command again.
 */
#ifndef HWI_DEVICE_ANSWER_H
#define HWI_DEVICE_ANSWER_H

#include <stdbool.h>

#include "hawser/device.h"

#include "device/json_write.h"
#include "device/reply.h"

/* How a command ended. */
struct hwi_answer {
    enum hwi_reply_status status;
    struct hawser_view code; /* {NULL, 0}: it succeeded */
    struct hawser_view message;
    struct hawser_view result; /* members of an object, without braces */
};

/* After the boot was counted: what the last run left is answered. Restart has
 * succeeded, others were interrupted. */
void hwi_answers_settle(struct hawser_device *d);

/* Did the last run leave a restart to be answered? */
bool hwi_answers_has_restart(const struct hawser_device *d);

/* This machine cannot restart the device: those that asked are told. */
void hwi_answers_refuse_restart(struct hawser_device *d);

/*
 * A command of the ledger has ended. Its answer is published as soon as there
 * is room, after a restart if need be. One that has ended already is left
 * alone.
 */
void hwi_answer_finish(struct hawser_device *d, uint32_t seq,
                       const struct hwi_answer *answer);

/* Fills in whose reply it is, for one about a command of the ledger. Errors: as
 * hwi_ledger_read(). */
int hwi_answer_address(const struct hawser_device *d, uint32_t seq,
                       struct hwi_reply *r) HAWSER_CHECKED;

/* Writes the answer as it stands into an object: "answer": {...}. */
void hwi_answer_write(const struct hawser_device *d, uint32_t seq,
                      struct hwi_json *j);

/* Do answers wait to be published? */
bool hwi_answers_are_due(const struct hawser_device *d);

/* Publishes the oldest. 0: it is out; WAIT: there is none; FULL. */
int hwi_answers_send(struct hawser_device *d) HAWSER_CHECKED;

/* The broker has it, or has refused it for good. */
void hwi_answer_told(struct hawser_device *d, uint32_t seq);

#endif
