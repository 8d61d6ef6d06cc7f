/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guard against restart commands that come again and again: after five runs
 * in a row that a command ended within a minute, commands that restart are held
 * until the device has been up for ten minutes, or somebody clears the alert.
 */
#ifndef HWI_DEVICE_REBOOT_GUARD_H
#define HWI_DEVICE_REBOOT_GUARD_H

#include <stdbool.h>

#include "hawser/device.h"

/* After the lasting state was loaded: raises the alert if it is as bad. */
void hwi_reboot_guard_init(struct hawser_device *d);

bool hwi_reboot_guard_holds(const struct hawser_device *d);

/* A command is about to end this run: counts it, on flash. */
void hwi_reboot_guard_note(struct hawser_device *d);

/* Somebody has cleared this alert, or all for {NULL, 0}. */
void hwi_reboot_guard_release(struct hawser_device *d,
                              struct hawser_view alert);

#endif
