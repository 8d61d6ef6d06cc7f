/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DISCONNECT: both ways with 5.0, from the client only with 3.1.1.
 * [MQTT5 3.14, MQTT3 3.14]
 */
#ifndef HWI_WIRE_DISCONNECT_H
#define HWI_WIRE_DISCONNECT_H

#include "wire/cursor.h"
#include "wire/packet.h"
#include "wire/property.h"

/* Bytes of the longest DISCONNECT without properties. */
#define HWI_DISCONNECT_LEN 3

struct hwi_disconnect {
    uint8_t reason;
    struct hawser_view properties;
};

/* Reads the body. 0 or a reason code. */
/*@ requires hwi_packet_is_readable(p) && \valid(out);
    requires \separated(out, p, p->body.at + (0 .. p->body.len - 1));
    assigns *out;
    ensures hwi_is_in_body{Pre}(out->properties, p);
*/
uint8_t hwi_disconnect_read(struct hwi_disconnect *out,
                            const struct hwi_packet *p);

/* What is written. */
struct hwi_disconnect_out {
    uint8_t reason;
    const struct hawser_property *properties; /* valid; 5.0 */
    size_t property_count;
};

/* Writes one, in its shortest form: without properties, and then without a
 * reason of 0, and with nothing of both with 3.1.1. */
/*@ requires hwi_writer_is_sound(w) && \valid_read(m) && \separated(m, w);
    requires hwi_list_is_writable(m->properties, m->property_count, w);
    assigns *w, w->at[0 .. w->left - 1];
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
*/
void hwi_disconnect_write(struct hwi_writer *w,
                          const struct hwi_disconnect_out *m,
                          enum hawser_version version);

#endif
