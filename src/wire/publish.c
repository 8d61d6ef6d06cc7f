/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PUBLISH. [MQTT5 3.3, MQTT3 3.3]
 */
#include "wire/publish.h"

#include "wire/property.h"
#include "wire/reason.h"
#include "wire/utf8.h"
#include "wire/varint.h"

#define PACKET_ID_LEN 2
#define LENGTH_LEN    2
#define ALIAS_LEN     3

/*@ assigns \nothing;
    ensures \result <= 3;
*/
static uint8_t qos_of(uint8_t header)
{
    return (uint8_t)(header >> HWI_QOS_SHIFT & 3u);
}

size_t hwi_publish_head_len(const struct hwi_packet *p)
{
    const uint8_t *at = p->body.at;
    size_t have = p->body.len;
    size_t need = LENGTH_LEN;
    uint32_t properties = 0;
    int used;

    if (have < need) {
        return need;
    }
    need += ((size_t)at[0] << 8) + at[1];
    if (qos_of(p->header) > 0) {
        need += PACKET_ID_LEN;
    }
    if (p->version != HAWSER_MQTT_5) {
        return need;
    }
    if (have <= need) {
        return need + 1;
    }
    used = hwi_varint_read(at + need, have - need, &properties);
    if (used < 0) {
        return have;
    }
    return used == 0 ? have + 1 : need + (size_t)used + properties;
}

/*@ requires hwi_is_readable(properties);
    assigns \nothing;
*/
static uint16_t alias_of(struct hawser_view properties)
{
    struct hawser_property alias;

    return hwi_property_find(properties, HAWSER_PROP_TOPIC_ALIAS, &alias)
               ? (uint16_t)alias.number
               : 0;
}

uint8_t hwi_publish_read(struct hwi_publish *out, const struct hwi_packet *p)
{
    struct hwi_reader r = hwi_reader_of(p->body);
    struct hawser_view topic = hwi_read_binary(&r);
    struct hawser_view properties = {NULL, 0};
    uint8_t qos = qos_of(p->header);
    uint16_t packet_id = 0;
    uint16_t alias = 0;

    /*@ assert hwi_reads(&r, \at(p->body, Pre)); */
    if (qos > 0) {
        packet_id = hwi_read_u16(&r);
        /* MQTT5 2.2.1 [MQTT-2.2.1-4], MQTT3 2.3.1 [MQTT-2.3.1-4]: not 0. */
        if (packet_id == 0) {
            hwi_read_fail(&r, HWI_MALFORMED);
        }
    }
    /*@ assert hwi_reads(&r, \at(p->body, Pre)); */
    if (p->version == HAWSER_MQTT_5) {
        properties = hwi_read_properties(&r, HWI_PUBLISH);
        alias = alias_of(properties);
    }
    /*@ assert hwi_is_in_body{Pre}(properties, p); */
    /*@ assert hwi_reads(&r, \at(p->body, Pre)); */
    *out = (struct hwi_publish){
        .topic = topic,
        .properties = properties,
        .payload = {r.at, r.left},
        .packet_id = packet_id,
        .alias = alias,
        .qos = qos,
        .retain = (p->header & HWI_RETAIN) != 0,
        .dup = (p->header & HWI_DUP) != 0,
    };
    if (r.fault != HWI_OK) {
        return r.fault;
    }
    /* MQTT5 3.3.2.1: empty only with an alias. */
    if (topic.len == 0) {
        return alias != 0 ? HWI_OK : HWI_PROTOCOL_ERROR;
    }
    /* MQTT5 3.3.2.1 [MQTT-3.3.2-1, -2], MQTT3 3.3.2.1 [MQTT-3.3.2-1, -2]. */
    return hwi_utf8_is_name(topic) ? HWI_OK : HWI_MALFORMED;
}

uint8_t hwi_publish_read_id(struct hwi_publish *out, const struct hwi_packet *p)
{
    struct hwi_reader r = hwi_reader_of(p->body);
    struct hawser_view topic = hwi_read_binary(&r);
    uint8_t qos = qos_of(p->header);
    uint16_t packet_id = 0;

    /*@ assert hwi_reads(&r, \at(p->body, Pre)); */
    if (qos > 0) {
        packet_id = hwi_read_u16(&r);
        if (packet_id == 0) {
            hwi_read_fail(&r, HWI_MALFORMED);
        }
    }
    *out = (struct hwi_publish){.topic = topic,
                                .packet_id = packet_id,
                                .qos = qos,
                                .dup = (p->header & HWI_DUP) != 0};
    return r.fault;
}

/* PUBLISH is what is written most: its lengths are computed, so that nothing of
 * it moves. */
static size_t list_len(const struct hwi_publish_out *m)
{
    size_t len = m->encoded.len + (m->alias != 0 ? ALIAS_LEN : 0);

    for (size_t i = 0; i < m->properties.count; i++) {
        if (m->properties.at[i].id != HAWSER_PROP_TOPIC_ALIAS) {
            len += hwi_property_len(&m->properties.at[i]);
        }
    }
    return len;
}

static void write_list(struct hwi_writer *w, const struct hwi_publish_out *m)
{
    if (m->alias != 0) {
        hwi_write_u8(w, HAWSER_PROP_TOPIC_ALIAS);
        hwi_write_u16(w, m->alias);
    }
    for (size_t i = 0; i < m->properties.count; i++) {
        if (m->properties.at[i].id != HAWSER_PROP_TOPIC_ALIAS) {
            hwi_write_property(w, &m->properties.at[i]);
        }
    }
    hwi_write_bytes(w, m->encoded);
}

void hwi_publish_write(struct hwi_writer *w, const struct hwi_publish_out *m,
                       enum hawser_version version)
{
    size_t body_len =
        LENGTH_LEN + m->topic.len + m->payload.len + m->payload_more;
    size_t list = 0;
    unsigned first = (unsigned)HWI_PUBLISH << 4;

    first |= (unsigned)m->qos << HWI_QOS_SHIFT;
    first |= m->retain ? HWI_RETAIN : 0;
    first |= m->dup ? HWI_DUP : 0;
    body_len += m->qos > 0 ? PACKET_ID_LEN : 0;
    if (version == HAWSER_MQTT_5) {
        list = list_len(m);
        body_len += hwi_varint_len((uint32_t)list) + list;
    }
    hwi_write_header(w, (uint8_t)first, body_len);
    hwi_write_binary(w, m->topic);
    if (m->qos > 0) {
        hwi_write_u16(w, m->packet_id);
    }
    if (version == HAWSER_MQTT_5) {
        hwi_write_varint(w, (uint32_t)list);
        write_list(w, m);
    }
    hwi_write_bytes(w, m->payload);
}
