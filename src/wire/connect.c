/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CONNECT. [MQTT5 3.1, MQTT3 3.1]
 */
#include "wire/connect.h"

#include "wire/packet.h"
#include "wire/property.h"

/* Connect flags. [MQTT5 3.1.2.3] */
#define CLEAN_START    0x02u
#define WILL           0x04u
#define WILL_QOS_SHIFT 3
#define WILL_RETAIN    0x20u
#define PASSWORD       0x40u
#define USERNAME       0x80u

static uint8_t connect_flags(const struct hwi_connect *m)
{
    unsigned flags = 0;

    if (m->clean_start) {
        flags |= CLEAN_START;
    }
    if (m->will != NULL) {
        flags |= WILL | (unsigned)m->will->qos << WILL_QOS_SHIFT;
        flags |= m->will->retain ? WILL_RETAIN : 0;
    }
    if (m->username.at != NULL) {
        flags |= USERNAME;
    }
    if (m->password.at != NULL) {
        flags |= PASSWORD;
    }
    return (uint8_t)flags;
}

static void write_properties(struct hwi_writer *w, const struct hwi_connect *m)
{
    uint8_t *list = hwi_write_open(w);

    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < m->properties[i].count; j++) {
            hwi_write_property(w, &m->properties[i].at[j]);
        }
    }
    hwi_write_close(w, list);
}

void hwi_connect_write(struct hwi_writer *w, const struct hwi_connect *m)
{
    static const uint8_t name[] = {0, 4, 'M', 'Q', 'T', 'T'};
    bool is_v5 = m->version == HAWSER_MQTT_5;
    uint8_t *body;

    body = hwi_write_open_packet(w, HWI_CONNECT << 4);
    hwi_write_bytes(w, (struct hawser_view){name, sizeof name});
    hwi_write_u8(w, (uint8_t)m->version);
    hwi_write_u8(w, connect_flags(m));
    hwi_write_u16(w, m->keep_alive_s);
    if (is_v5) {
        write_properties(w, m);
    }
    hwi_write_binary(w, m->client_id);
    if (m->will != NULL) {
        if (is_v5) {
            hwi_write_properties(w, m->will->properties,
                                 m->will->property_count);
        }
        hwi_write_binary(w, m->will->topic);
        hwi_write_binary(w, m->will->payload);
    }
    if (m->username.at != NULL) {
        hwi_write_binary(w, m->username);
    }
    if (m->password.at != NULL) {
        hwi_write_binary(w, m->password);
    }
    hwi_write_close(w, body);
}
