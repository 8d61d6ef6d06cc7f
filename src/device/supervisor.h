/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one state machine of the device: a row a state, with its time limit and
 * what to do in it. One function changes states, one deals with failures.
 */
#ifndef HWI_DEVICE_SUPERVISOR_H
#define HWI_DEVICE_SUPERVISOR_H

#include "hawser/device.h"

/* Begins with waiting for the link. */
void hwi_supervisor_init(struct hawser_device *d);

/* Walks through states as far as it goes now. */
void hwi_supervisor_step(struct hawser_device *d);

/* When the present state is overdue, or something in it is due. */
uint64_t hwi_supervisor_deadline_ms(const struct hawser_device *d);

#endif
