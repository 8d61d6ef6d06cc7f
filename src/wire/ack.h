/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PUBACK, PUBREC, PUBREL and PUBCOMP, which share one shape.
 * [MQTT5 3.4 to 3.7, MQTT3 3.4 to 3.7]
 */
#ifndef HWI_WIRE_ACK_H
#define HWI_WIRE_ACK_H

#include "wire/cursor.h"
#include "wire/packet.h"

struct hwi_ack {
    uint16_t packet_id;
    uint8_t reason;
    struct hawser_view properties;
};

/* Reads the body; p->header says which of the four. 0 or a reason code. */
uint8_t hwi_ack_read(struct hwi_ack *out, const struct hwi_packet *p);

/* What is written. */
struct hwi_ack_out {
    uint16_t packet_id;
    uint8_t reason;
    struct hawser_properties properties; /* valid */
};

/* Writes one, in its shortest form: the reason is left out if it is 0 and has no
 * properties behind it. With 3.1.1 both are. */
void hwi_ack_write(struct hwi_writer *w, enum hwi_packet_type type,
                   const struct hwi_ack_out *ack, enum hawser_version version);

#endif
