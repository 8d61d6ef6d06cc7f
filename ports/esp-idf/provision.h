/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what stands in NVS and what the program brings to a configuration that a
 * device can start with. Where that cannot be, a person is told what is missing,
 * and how to give it: the chip stays up for the console.
 */
#ifndef HWI_ESP_PROVISION_H
#define HWI_ESP_PROVISION_H

#include "ports/esp-idf/hawser_esp.h"
#include "ports/esp-idf/stored.h"

struct hwi_esp_provision {
    const struct hawser_esp_config *program;
    const char *chip_id; /* the device's, if none is stored; stays */
    struct hwi_esp_stored stored;
    const char *sensors[HAWSER_SENSORS_MAX];
};

/* Is the program's part inside the ranges of device.h? *p stays in its place. */
bool hwi_esp_provision_init(struct hwi_esp_provision *p,
                            const struct hawser_esp_config *program,
                            const char *chip_id) HAWSER_CHECKED;

/* Reads NVS, which was opened with nvs (nvs_flash_init()'s answer). True:
 * p->stored.settings.device is whole. False: tell() was called with each line of
 * the reason. */
bool hwi_esp_provision_read(struct hwi_esp_provision *p, esp_err_t nvs,
                            void (*tell)(const char *line)) HAWSER_CHECKED;

#endif
