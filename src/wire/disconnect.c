/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DISCONNECT. [MQTT5 3.14, MQTT3 3.14]
 */
#include "wire/disconnect.h"

#include "wire/property.h"
#include "wire/reason.h"

uint8_t hwi_disconnect_read(struct hwi_disconnect *out,
                            const struct hwi_packet *p)
{
    struct hwi_reader r = hwi_reader_of(p->body);
    uint8_t reason = HWI_OK;
    struct hawser_view properties = {NULL, 0};
    uint8_t fault;

    /* MQTT5 3.14.2.1, 3.14.2.2.1: both may be left out. */
    if (r.left > 0) {
        reason = hwi_read_u8(&r);
    }
    /*@ assert hwi_reads(&r, \at(p->body, Pre)); */
    if (r.left > 0) {
        properties = hwi_read_properties(&r, HWI_DISCONNECT);
    }
    /*@ assert hwi_is_in_body{Pre}(properties, p); */
    /*@ assert hwi_reader_is_sound(&r); */
    /* MQTT5 3.14.2.1 [MQTT-3.14.2-1]: one of the table's. */
    if (!hwi_reason_is_allowed(reason, HWI_DISCONNECT, HWI_SERVER)) {
        hwi_read_fail(&r, HWI_PROTOCOL_ERROR);
    }
    fault = hwi_read_end(&r);
    *out = (struct hwi_disconnect){reason, properties};
    return fault;
}

void hwi_disconnect_write(struct hwi_writer *w,
                          const struct hwi_disconnect_out *m,
                          enum hawser_version version)
{
    bool has_list = version == HAWSER_MQTT_5 && m->property_count > 0;
    uint8_t *body;

    body = hwi_write_open_packet(w, HWI_DISCONNECT << 4);
    if (has_list || (version == HAWSER_MQTT_5 && m->reason != HWI_OK)) {
        hwi_write_u8(w, m->reason);
    }
    if (has_list) {
        hwi_write_properties(w, m->properties, m->property_count);
    }
    hwi_write_close(w, body);
}
