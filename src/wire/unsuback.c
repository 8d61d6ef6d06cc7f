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

    *out = (struct hwi_unsuback){.packet_id = hwi_read_u16(&r)};
    if (p->version != HAWSER_MQTT_5) {
        return hwi_read_end(&r);
    }
    out->properties = hwi_read_properties(&r, HWI_UNSUBACK);
    out->reasons = hwi_read_bytes(&r, r.left);
    if (r.fault != HWI_OK) {
        return r.fault;
    }
    for (size_t i = 0; i < out->reasons.len; i++) {
        /* MQTT5 3.11.3 [MQTT-3.11.3-2]: one of the table's. */
        if (!hwi_reason_is_allowed(out->reasons.at[i], HWI_UNSUBACK,
                                   HWI_SERVER)) {
            return HWI_PROTOCOL_ERROR;
        }
    }
    return HWI_OK;
}
