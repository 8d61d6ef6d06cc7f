/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UNSUBACK. [MQTT5 3.11, MQTT3 3.11]
 */
#include "wire/unsuback.h"

#include "wire/property.h"
#include "wire/reason.h"

uint8_t hwi_unsuback_read(struct hwi_unsuback *out, const struct hwi_packet *p)
{
    struct hwi_reader r = hwi_reader_of(p->body);
    uint16_t packet_id = hwi_read_u16(&r);
    struct hawser_view properties = {NULL, 0};
    struct hawser_view reasons = {NULL, 0};

    if (p->version == HAWSER_MQTT_5) {
        properties = hwi_read_properties(&r, HWI_UNSUBACK);
        /*@ assert hwi_is_in_body{Pre}(properties, p); */
        /*@ assert hwi_reads(&r, \at(p->body, Pre)); */
        reasons = hwi_read_bytes(&r, r.left);
        /*@ assert hwi_is_in_body{Pre}(reasons, p); */
    }
    *out = (struct hwi_unsuback){packet_id, properties, reasons};
    if (hwi_read_end(&r) != HWI_OK) {
        return r.fault;
    }
    /*@ loop invariant i <= reasons.len;
        loop assigns i;
        loop variant reasons.len - i;
    */
    for (size_t i = 0; i < reasons.len; i++) {
        /* MQTT5 3.11.3 [MQTT-3.11.3-2]: one of the table's. */
        if (!hwi_reason_is_allowed(reasons.at[i], HWI_UNSUBACK, HWI_SERVER)) {
            return HWI_PROTOCOL_ERROR;
        }
    }
    return HWI_OK;
}
