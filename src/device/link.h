/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches the network link and tells the log what it does.
 */
#ifndef HWI_DEVICE_LINK_H
#define HWI_DEVICE_LINK_H

#include <stdbool.h>

#include "hawser/device.h"

/* The link counts as down from the start. */
void hwi_link_init(struct hawser_device *d);

/* Looks at the link; logs if it came or went. */
void hwi_link_step(struct hawser_device *d);

bool hwi_link_is_up(const struct hawser_device *d);

/* Has it been down so long that no connection can have survived? */
bool hwi_link_is_lost(const struct hawser_device *d);

/* When hwi_link_is_lost() may become true. */
uint64_t hwi_link_deadline_ms(const struct hawser_device *d);

/* Why there is no link. */
enum hawser_cause hwi_link_cause(const struct hawser_device *d);

#endif
