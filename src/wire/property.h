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

/*
 * May this property stand in a packet of this type from this side, after those
 * in *seen? Adds it to *seen. Looks at the identifier and at number, not at the
 * strings. 0, or a reason code: malformed (not known, or not in this packet),
 * protocol error (a second one, or a forbidden number).
 */
uint8_t hwi_property_check(const struct hawser_property *p,
                           struct hwi_property_set *seen,
                           enum hwi_packet_type type, enum hwi_sender sender);

/*
 * Reads a property length and the properties behind it, and checks each one as
 * sent by a server in a packet of this type. Answers their bytes, for
 * hawser_property_next(); on a fault (in *r) {NULL, 0}.
 */
struct hawser_view hwi_read_properties(struct hwi_reader *r,
                                       enum hwi_packet_type type);

/* The first property with this identifier in bytes that were checked: true and
 * *p, or false. */
bool hwi_property_find(struct hawser_view properties,
                       enum hawser_property_id id, struct hawser_property *p);

/*
 * Can all n be sent in a packet of this type by a client: known, allowed there,
 * not repeated, numbers in range, strings well formed? *seen as above, so that
 * properties from two places can be checked as one list.
 */
bool hwi_properties_are_valid(const struct hawser_property *p, size_t n,
                              struct hwi_property_set *seen,
                              enum hwi_packet_type type);

/* How many bytes hwi_write_property() writes. */
size_t hwi_property_len(const struct hawser_property *p);

/* Writes one: identifier and value. The property is valid. */
void hwi_write_property(struct hwi_writer *w, const struct hawser_property *p);

/* Writes the property length and n properties. They are valid. */
void hwi_write_properties(struct hwi_writer *w, const struct hawser_property *p,
                          size_t n);

#endif
