/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the device ask of the whole.
 */
#ifndef HWI_DEVICE_DEVICE_H
#define HWI_DEVICE_DEVICE_H

#include "hawser/device.h"

/* Begins with the configuration that waits, if one does. Nothing is open. */
void hwi_device_take_config(struct hawser_device *d);

#endif
