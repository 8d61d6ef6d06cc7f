/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PUBACK, PUBREC, PUBREL and PUBCOMP, which share one shape.
 * [MQTT5 3.4 to 3.7, MQTT3 3.4 to 3.7]
 */
#ifndef HWI_WIRE_ACK_H
#define HWI_WIRE_ACK_H

#include "wire/cursor.h"
#include "wire/packet.h"
#include "wire/property.h"

struct hwi_ack {
    uint16_t packet_id;
    uint8_t reason;
    struct hawser_view properties;
};

/* Reads the body; p->header says which of the four. 0 or a reason code. */
/*@ requires hwi_packet_is_readable(p) && \valid(out);
    requires \separated(out, p, p->body.at + (0 .. p->body.len - 1));
    assigns *out;
    ensures \result == HWI_OK ==> out->packet_id != 0;
    ensures hwi_is_in_body{Pre}(out->properties, p);
*/
uint8_t hwi_ack_read(struct hwi_ack *out, const struct hwi_packet *p);

/* What is written. */
struct hwi_ack_out {
    uint16_t packet_id;
    uint8_t reason;
    struct hawser_properties properties; /* valid */
};

/* Writes one, in its shortest form: the reason is left out if it is 0 and has no
 * properties behind it. With 3.1.1 both are. */
/*@ requires hwi_writer_is_sound(w) && \valid_read(ack) && \separated(ack, w);
    requires hwi_list_is_writable(ack->properties.at,
                                  ack->properties.count, w);
    requires type < HWI_PACKET_TYPES;
    assigns *w, w->at[0 .. w->left - 1];
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
*/
void hwi_ack_write(struct hwi_writer *w, enum hwi_packet_type type,
                   const struct hwi_ack_out *ack, enum hawser_version version);

#endif
