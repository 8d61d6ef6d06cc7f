/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UNSUBSCRIBE. [MQTT5 3.10, MQTT3 3.10]
 */
#include "wire/unsubscribe.h"

#include "wire/packet.h"
#include "wire/property.h"

/* MQTT5 3.10.1 [MQTT-3.10.1-1], MQTT3 3.10.1: the flags are 0010. */
#define FIRST_BYTE (HWI_UNSUBSCRIBE << 4 | 2)

void hwi_unsubscribe_write(struct hwi_writer *w,
                           const struct hwi_unsubscribe *m,
                           enum hawser_version version)
{
    uint8_t *body;

    body = hwi_write_open_packet(w, FIRST_BYTE);
    hwi_write_u16(w, m->packet_id);
    if (version == HAWSER_MQTT_5) {
        hwi_write_properties(w, m->properties, m->property_count);
    }
    for (size_t i = 0; i < m->count; i++) {
        hwi_write_binary(w, m->filters[i]);
    }
    hwi_write_close(w, body);
}
