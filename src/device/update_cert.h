/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command update_cert: from a request, over the parts of its file, to a set
 * that is on trial, and to the answer that tells how that ended.
 */
#ifndef HWI_DEVICE_UPDATE_CERT_H
#define HWI_DEVICE_UPDATE_CERT_H

#include "device/command.h"

/* Can this device be updated at all: memory, flash, a key to ask for? */
bool hwi_update_is_possible(const struct hawser_device *d);

/* The command's row. */
void hwi_update_run(struct hawser_device *d, struct hwi_command *c);

/* Takes a message on the topic cert: a part of the file. */
void hwi_update_take_part(struct hawser_device *d,
                          const struct hawser_event *ev);

/* Queues the answer of an update that has ended, if it is still to be given. */
void hwi_update_answer(struct hawser_device *d);

#endif
