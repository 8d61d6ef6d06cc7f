/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How things stand with the device's credentials, as JSON members.
 */
#ifndef HWI_DEVICE_UPDATE_REPORT_H
#define HWI_DEVICE_UPDATE_REPORT_H

#include "device/json_write.h"

#include "hawser/device.h"

/* Which set is in use, and of which generation. */
void hwi_report_use(const struct hawser_device *d, struct hwi_json *j);

/* How far the present or last update has come. */
void hwi_report_update(const struct hawser_device *d, struct hwi_json *j);

/* Both, and the certificates of the active set. Uses the first room. */
void hwi_report_credentials(struct hawser_device *d, struct hwi_json *j);

/* The request for a certificate of the key that waits for one. */
void hwi_report_csr(const struct hawser_device *d, struct hwi_json *j);

#endif
