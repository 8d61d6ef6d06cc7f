/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages on the control topic: checked from the outside in (retained, size,
 * UTF-8, JSON, members, conditions), then handed to the command of that name.
 * Whatever comes, the answer is a reply or a counted refusal, never a crash.
 */
#ifndef HWI_DEVICE_CONTROL_H
#define HWI_DEVICE_CONTROL_H

#include "hawser/device.h"

/* Takes a message, or a part of one, and accepts it towards the broker once its
 * effect is queued or written. */
void hwi_control_take(struct hawser_device *d, const struct hawser_event *ev);

#endif
