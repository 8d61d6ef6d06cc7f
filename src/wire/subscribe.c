/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SUBSCRIBE. [MQTT5 3.8, MQTT3 3.8]
 */
#include "wire/subscribe.h"

#include "wire/packet.h"
#include "wire/property.h"

/* Subscription options. [MQTT5 3.8.3.1] */
#define NO_LOCAL              0x04u
#define RETAIN_AS_PUBLISHED   0x08u
#define RETAIN_HANDLING_SHIFT 4

/* MQTT5 3.8.1 [MQTT-3.8.1-1], MQTT3 3.8.1: the flags are 0010. */
#define FIRST_BYTE (HWI_SUBSCRIBE << 4 | 2)

static uint8_t options_of(const struct hawser_filter *f,
                          enum hawser_version version)
{
    unsigned options = f->qos;

    if (version == HAWSER_MQTT_5) {
        options |= f->no_local ? NO_LOCAL : 0;
        options |= f->retain_as_published ? RETAIN_AS_PUBLISHED : 0;
        options |= (unsigned)f->retain_handling << RETAIN_HANDLING_SHIFT;
    }
    return (uint8_t)options;
}

void hwi_subscribe_write(struct hwi_writer *w, const struct hwi_subscribe *m,
                         enum hawser_version version)
{
    uint8_t *body;

    body = hwi_write_open_packet(w, FIRST_BYTE);
    hwi_write_u16(w, m->packet_id);
    if (version == HAWSER_MQTT_5) {
        hwi_write_properties(w, m->properties, m->property_count);
    }
    for (size_t i = 0; i < m->count; i++) {
        hwi_write_binary(w, m->filters[i].topic_filter);
        hwi_write_u8(w, options_of(&m->filters[i], version));
    }
    hwi_write_close(w, body);
}
