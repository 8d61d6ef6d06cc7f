/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks what a caller configures, before anything is done with it.
 */
#ifndef HWI_DEVICE_SETTINGS_H
#define HWI_DEVICE_SETTINGS_H

#include "hawser/device.h"

/* Is everything inside the ranges that device.h names? 0 or ARG. */
int hwi_settings_check(const struct hawser_device_config *cfg) HAWSER_CHECKED;
int hwi_settings_check_memory(const struct hawser_device_memory *memory)
    HAWSER_CHECKED;

#endif
