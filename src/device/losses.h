/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which telemetry was lost, as ranges of boot and sequence number, until a
 * message that tells so has arrived. Ranges are exact; when there are more than
 * fit, the last one widens and its count stays exact.
 */
#ifndef HWI_DEVICE_LOSSES_H
#define HWI_DEVICE_LOSSES_H

#include "hawser/device.h"

void hwi_losses_add(struct hwi_losses *l, uint32_t boot, uint32_t seq);

/* Those from the first on that go into a message now: told, not to be changed
 * until it is known what became of it. Answers how many. */
unsigned hwi_losses_tell(struct hwi_losses *l);

/* The message has arrived: they are no news any more. */
void hwi_losses_told(struct hwi_losses *l);

/* It has not: they are to be told again. */
void hwi_losses_not_told(struct hwi_losses *l);

#endif
