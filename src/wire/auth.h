/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AUTH, 5.0 only. [MQTT5 3.15]
 */
#ifndef HWI_WIRE_AUTH_H
#define HWI_WIRE_AUTH_H

#include "wire/cursor.h"
#include "wire/packet.h"
#include "wire/property.h"

struct hwi_auth {
    uint8_t reason;
    struct hawser_view properties;
};

/* Reads the body. 0 or a reason code. */
/*@ requires hwi_packet_is_readable(p) && \valid(out);
    requires \separated(out, p, p->body.at + (0 .. p->body.len - 1));
    assigns *out;
    ensures hwi_is_in_body{Pre}(out->properties, p);
*/
uint8_t hwi_auth_read(struct hwi_auth *out, const struct hwi_packet *p);

/* What is written. */
struct hwi_auth_out {
    uint8_t reason;
    const struct hawser_property *properties; /* valid */
    size_t property_count;
};

/*@ requires hwi_writer_is_sound(w) && \valid_read(m) && \separated(m, w);
    requires hwi_list_is_writable(m->properties, m->property_count, w);
    assigns *w, w->at[0 .. w->left - 1];
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
*/
void hwi_auth_write(struct hwi_writer *w, const struct hwi_auth_out *m);

#endif
