/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PINGREQ. (PINGRESP has no body; the packet table says all about it.)
 * [MQTT5 3.12, 3.13, MQTT3 3.12, 3.13]
 */
#ifndef HWI_WIRE_PING_H
#define HWI_WIRE_PING_H

#include "wire/cursor.h"

/* Bytes of a PINGREQ. */
#define HWI_PINGREQ_LEN 2

/* Writes the packet. */
void hwi_pingreq_write(struct hwi_writer *w);

#endif
