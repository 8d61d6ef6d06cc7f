/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DISCONNECT: both ways with 5.0, from the client only with 3.1.1.
 * [MQTT5 3.14, MQTT3 3.14]
 */
#ifndef HWI_WIRE_DISCONNECT_H
#define HWI_WIRE_DISCONNECT_H

#include "wire/cursor.h"
#include "wire/packet.h"

/* Bytes of the longest DISCONNECT that hwi_disconnect_write() writes. */
#define HWI_DISCONNECT_LEN 3

struct hwi_disconnect {
    uint8_t reason;
    struct hawser_view properties;
};

/* Reads the body. 0 or a reason code. */
uint8_t hwi_disconnect_read(struct hwi_disconnect *out,
                            const struct hwi_packet *p);

/* Writes one, in its shortest form: the reason is left out if it is 0, or with
 * 3.1.1. */
void hwi_disconnect_write(struct hwi_writer *w, uint8_t reason,
                          enum hawser_version version);

#endif
