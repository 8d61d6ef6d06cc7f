/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PUBACK, PUBREC, PUBREL and PUBCOMP. [MQTT5 3.4 to 3.7, MQTT3 3.4 to 3.7]
 */
#include "wire/ack.h"

#include "wire/property.h"
#include "wire/reason.h"

/* PUBREL is the only one with a flag set. [MQTT5 3.6.1, MQTT-3.6.1-1] */
#define PUBREL_FLAGS 2u

uint8_t hwi_ack_read(struct hwi_ack *out, const struct hwi_packet *p)
{
    struct hwi_reader r = hwi_reader_of(p->body);
    enum hwi_packet_type type = HWI_TYPE_OF(p->header);
    uint16_t packet_id = hwi_read_u16(&r);
    uint8_t reason = HWI_OK;
    struct hawser_view properties = {NULL, 0};
    uint8_t fault;

    if (packet_id == 0) {
        /* MQTT5 2.2.1, MQTT3 2.3.1: an identifier is not 0. */
        hwi_read_fail(&r, HWI_MALFORMED);
    }
    /*@ assert hwi_reads(&r, \at(p->body, Pre)); */
    /* MQTT5 3.4.2.1, 3.4.2.2.1: both may be left out. */
    if (r.left > 0) {
        reason = hwi_read_u8(&r);
    }
    /*@ assert hwi_reads(&r, \at(p->body, Pre)); */
    if (r.left > 0) {
        properties = hwi_read_properties(&r, type);
    }
    /*@ assert hwi_is_in_body{Pre}(properties, p); */
    /*@ assert hwi_reader_is_sound(&r); */
    /* MQTT5 3.4.2.1 [MQTT-3.4.2-1], 3.5.2.1, 3.6.2.1, 3.7.2.1. */
    if (!hwi_reason_is_allowed(reason, type, HWI_SERVER)) {
        hwi_read_fail(&r, HWI_PROTOCOL_ERROR);
    }
    fault = hwi_read_end(&r);
    *out = (struct hwi_ack){packet_id, reason, properties};
    return fault;
}

void hwi_ack_write(struct hwi_writer *w, enum hwi_packet_type type,
                   const struct hwi_ack_out *ack, enum hawser_version version)
{
    bool is_v5 = version == HAWSER_MQTT_5;
    bool has_list = is_v5 && ack->properties.count > 0;
    unsigned first = (unsigned)type << 4;
    uint8_t *body;

    first |= type == HWI_PUBREL ? PUBREL_FLAGS : 0;
    body = hwi_write_open_packet(w, (uint8_t)first);
    hwi_write_u16(w, ack->packet_id);
    if (has_list || (is_v5 && ack->reason != HWI_OK)) {
        hwi_write_u8(w, ack->reason);
    }
    if (has_list) {
        hwi_write_properties(w, ack->properties.at, ack->properties.count);
    }
    hwi_write_close(w, body);
}
