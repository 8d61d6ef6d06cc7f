/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AUTH. [MQTT5 3.15]
 */
#include "wire/auth.h"

#include "wire/property.h"
#include "wire/reason.h"

uint8_t hwi_auth_read(struct hwi_auth *out, const struct hwi_packet *p)
{
    struct hwi_reader r = hwi_reader_of(p->body);
    uint8_t reason = HWI_OK;
    struct hawser_view properties = {NULL, 0};
    uint8_t fault;

    /* MQTT5 3.15.2.1: both are left out together, or neither. */
    if (r.left > 0) {
        reason = hwi_read_u8(&r);
        properties = hwi_read_properties(&r, HWI_AUTH);
    }
    /* MQTT5 3.15.2.1 [MQTT-3.15.2-1]: one of the table's. */
    if (!hwi_reason_is_allowed(reason, HWI_AUTH, HWI_SERVER)) {
        hwi_read_fail(&r, HWI_PROTOCOL_ERROR);
    }
    fault = hwi_read_end(&r);
    *out = (struct hwi_auth){reason, properties};
    return fault;
}

void hwi_auth_write(struct hwi_writer *w, const struct hwi_auth_out *m)
{
    uint8_t *body;

    body = hwi_write_open_packet(w, HWI_AUTH << 4);
    hwi_write_u8(w, m->reason);
    hwi_write_properties(w, m->properties, m->property_count);
    hwi_write_close(w, body);
}
