/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CONNACK, which only a server sends. [MQTT5 3.2, MQTT3 3.2]
 */
#ifndef HWI_WIRE_CONNACK_H
#define HWI_WIRE_CONNACK_H

#include "wire/packet.h"
#include "wire/reason.h"

struct hwi_connack {
    bool session_present;
    uint8_t reason; /* a 3.1.1 return code is translated */
    struct hawser_view properties;
};

/* Reads the body. A 5.0 client also understands the answer of a server that
 * knows 3.1.1 only: unacceptable protocol version. 0 or a reason code. */
/*@ requires hwi_packet_is_readable(p) && \valid(out);
    requires \separated(out, p, p->body.at + (0 .. p->body.len - 1));
    assigns *out;
    ensures hwi_is_in_body{Pre}(out->properties, p);
*/
uint8_t hwi_connack_read(struct hwi_connack *out, const struct hwi_packet *p);

#endif
