/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SUBACK, which only a server sends. [MQTT5 3.9, MQTT3 3.9]
 */
#ifndef HWI_WIRE_SUBACK_H
#define HWI_WIRE_SUBACK_H

#include "wire/packet.h"
#include "wire/reason.h"

struct hwi_suback {
    uint16_t packet_id;
    struct hawser_view properties;
    struct hawser_view reasons; /* one byte a filter, at least one */
};

/*
 * Reads the body. Any code from 0x80 is taken for a refusal: brokers send
 * codes that neither version lists. 0 or a reason code.
 */
/*@ requires hwi_packet_is_readable(p) && \valid(out);
    requires \separated(out, p, p->body.at + (0 .. p->body.len - 1));
    assigns *out;
    ensures \result == HWI_OK ==> out->reasons.len > 0;
    ensures hwi_is_in_body{Pre}(out->properties, p);
    ensures hwi_is_in_body{Pre}(out->reasons, p);
*/
uint8_t hwi_suback_read(struct hwi_suback *out, const struct hwi_packet *p);

#endif
