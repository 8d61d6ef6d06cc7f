/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UNSUBACK, which only a server sends. [MQTT5 3.11, MQTT3 3.11]
 */
#ifndef HWI_WIRE_UNSUBACK_H
#define HWI_WIRE_UNSUBACK_H

#include "wire/packet.h"
#include "wire/reason.h"

struct hwi_unsuback {
    uint16_t packet_id;
    struct hawser_view properties;
    struct hawser_view reasons; /* one byte a filter; 3.1.1: none */
};

/* Reads the body. 0 or a reason code. */
/*@ requires hwi_packet_is_readable(p) && \valid(out);
    requires \separated(out, p, p->body.at + (0 .. p->body.len - 1));
    assigns *out;
    ensures hwi_is_in_body{Pre}(out->properties, p);
    ensures hwi_is_in_body{Pre}(out->reasons, p);
*/
uint8_t hwi_unsuback_read(struct hwi_unsuback *out, const struct hwi_packet *p);

#endif
