/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's task, for the console's: hawser_esp.h is for all others.
 */
#ifndef HWI_ESP_TASK_H
#define HWI_ESP_TASK_H

#include <stdbool.h>

/* Keeps the device from its next step, for some milliseconds at most. False: none
 * runs, and there is nothing to unlock. */
bool hwi_esp_device_lock(void);
void hwi_esp_device_unlock(void);

/* As hwi_credentials_roll_back(); HAWSER_E_LINK: no device runs. */
int hwi_esp_device_roll_back(void);

/* Says goodbye to the broker, within 5 s at most, then restarts the chip; at once
 * if no device runs. */
void hwi_esp_device_restart(void);

#endif
