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

    *out = (struct hwi_disconnect){.reason = HWI_OK};
    /* MQTT5 3.14.2.1, 3.14.2.2.1: both may be left out. */
    if (r.left > 0) {
        out->reason = hwi_read_u8(&r);
    }
    if (r.left > 0) {
        out->properties = hwi_read_properties(&r, HWI_DISCONNECT);
    }
    /* MQTT5 3.14.2.1 [MQTT-3.14.2-1]: one of the table's. */
    if (!hwi_reason_is_allowed(out->reason, HWI_DISCONNECT, HWI_SERVER)) {
        hwi_read_fail(&r, HWI_PROTOCOL_ERROR);
    }
    return hwi_read_end(&r);
}

static void write_body(struct hwi_writer *w, const struct hwi_disconnect_out *m)
{
    if (m->property_count > 0 || m->reason != HWI_OK) {
        hwi_write_u8(w, m->reason);
    }
    if (m->property_count > 0) {
        hwi_write_properties(w, m->properties, m->property_count);
    }
}

void hwi_disconnect_write(struct hwi_writer *w,
                          const struct hwi_disconnect_out *m,
                          enum hawser_version version)
{
    static const struct hwi_disconnect_out plain;
    struct hwi_writer body = {.at = NULL};

    m = version == HAWSER_MQTT_5 ? m : &plain;
    write_body(&body, m);
    hwi_write_header(w, HWI_DISCONNECT << 4, &body);
    write_body(w, m);
}
