/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5 properties: one table says for each identifier how its value is
 * written, what it may be, and which packets of which side may carry it. The
 * same table checks what comes and what goes. [MQTT5 2.2.2]
 * hawser_property_next() of mqtt.h is implemented here too.
 */
#ifndef HWI_WIRE_PROPERTY_H
#define HWI_WIRE_PROPERTY_H

#include <stdbool.h>

#include "wire/cursor.h"
#include "wire/packet.h"

/* A will has properties of its own inside CONNECT. [MQTT5 3.1.3.2] It takes
 * the number that no packet type has. */
#define HWI_WILL ((enum hwi_packet_type)0)

/* Can the program speak this version? mqtt/only_3_1_1.c says something else. */
bool hwi_version_is_known(enum hawser_version version);

/* Which identifiers have been seen, one bit each. Start with zeros. */
struct hwi_property_set {
    uint32_t bits[2];
};

/*@ predicate hwi_property_is_readable(struct hawser_property *p) =
        hwi_is_readable(p->name) && hwi_is_readable(p->value);

    predicate hwi_property_is_inside(struct hawser_property *p, uint8_t *at,
                                     integer len) =
        hwi_is_inside(p->name, at, len) && hwi_is_inside(p->value, at, len);

    predicate hwi_property_is_apart(struct hawser_property *p,
                                    struct hwi_writer *w) =
        \separated(p, w) && hwi_is_apart(p->name, w) &&
        hwi_is_apart(p->value, w);

    predicate hwi_list_is_writable(struct hawser_property *p, integer n,
                                   struct hwi_writer *w) =
        \valid_read(p + (0 .. n - 1)) &&
        (\forall integer i; 0 <= i < n ==>
            hwi_property_is_readable(p + i) && hwi_property_is_apart(p + i, w));
*/

/*
 * May this property stand in a packet of this type from this side, after those
 * in *seen? Adds it to *seen. Looks at the identifier and at number, not at the
 * strings. 0, or a reason code: malformed (not known, or not in this packet),
 * protocol error (a second one, or a forbidden number).
 */
/*@ requires \valid_read(p) && \valid(seen) && \separated(p, seen);
    requires type < HWI_PACKET_TYPES;
    assigns *seen;
*/
uint8_t hwi_property_check(const struct hawser_property *p,
                           struct hwi_property_set *seen,
                           enum hwi_packet_type type, enum hwi_sender sender);

/*
 * Reads a property length and the properties behind it, and checks each one as
 * sent by a server in a packet of this type. Answers their bytes, for
 * hawser_property_next(); on a fault (in *r) {NULL, 0}.
 */
/*@ requires hwi_reader_is_sound(r) && type < HWI_PACKET_TYPES;
    assigns *r;
    ensures hwi_reader_is_sound(r) && hwi_reader_went_on{Pre, Post}(r);
    ensures hwi_is_inside(\result, \old(r->at), \old(r->left));
*/
struct hawser_view hwi_read_properties(struct hwi_reader *r,
                                       enum hwi_packet_type type);

/* The first property with this identifier in bytes that were checked: true and
 * *p, or false. */
/*@ requires hwi_is_readable(properties) && \valid(p);
    requires \separated(p, properties.at + (0 .. properties.len - 1));
    assigns *p;
    ensures \result ==> p->id == id &&
            hwi_property_is_inside(p, properties.at, properties.len);
*/
bool hwi_property_find(struct hawser_view properties,
                       enum hawser_property_id id, struct hawser_property *p);

/*
 * Can all n be sent in a packet of this type by a client: known, allowed there,
 * not repeated, numbers in range, strings well formed? *seen as above, so that
 * properties from two places can be checked as one list.
 */
/*@ requires \valid_read(p + (0 .. n - 1)) && \valid(seen);
    requires \separated(p + (0 .. n - 1), seen);
    requires \forall integer i; 0 <= i < n ==> hwi_property_is_readable(p + i);
    requires type < HWI_PACKET_TYPES;
    assigns *seen;
*/
bool hwi_properties_are_valid(const struct hawser_property *p, size_t n,
                              struct hwi_property_set *seen,
                              enum hwi_packet_type type);

/* How many bytes hwi_write_property() writes. */
/*@ requires \valid_read(p) && p->number <= HWI_VARINT_MAX;
    requires p->name.len + p->value.len <= SIZE_MAX - 5;
    assigns \nothing;
*/
size_t hwi_property_len(const struct hawser_property *p);

/* Writes one: identifier and value. The property is valid. */
/*@ requires hwi_writer_is_sound(w) && hwi_property_is_apart(p, w);
    requires \valid_read(p) && hwi_property_is_readable(p);
    assigns *w, w->at[0 .. w->left - 1];
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
*/
void hwi_write_property(struct hwi_writer *w, const struct hawser_property *p);

/* Writes the property length and n properties. They are valid. */
/*@ requires hwi_writer_is_sound(w) && hwi_list_is_writable(p, n, w);
    assigns *w, w->at[0 .. w->left - 1];
    ensures hwi_writer_is_sound(w) && hwi_writer_went_on{Pre, Post}(w);
*/
void hwi_write_properties(struct hwi_writer *w, const struct hawser_property *p,
                          size_t n);

#endif
