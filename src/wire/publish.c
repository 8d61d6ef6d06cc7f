/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PUBLISH. [MQTT5 3.3, MQTT3 3.3]
 */
#include "wire/publish.h"

#include "wire/property.h"
#include "wire/reason.h"
#include "wire/topic.h"
#include "wire/varint.h"

#define PACKET_ID_LEN 2
#define LENGTH_LEN    2

static uint8_t qos_of(uint8_t header)
{
    return (uint8_t)((header & HWI_QOS_MASK) >> HWI_QOS_SHIFT);
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
    need += (size_t)at[0] << 8 | at[1];
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

static uint8_t check(struct hwi_publish *m)
{
    struct hawser_property alias;

    if (hwi_property_find(m->properties, HAWSER_PROP_TOPIC_ALIAS, &alias)) {
        m->alias = (uint16_t)alias.number;
    }
    /* MQTT5 3.3.2.1: empty only with an alias. */
    if (m->topic.len == 0) {
        return m->alias != 0 ? HWI_OK : HWI_PROTOCOL_ERROR;
    }
    /* MQTT5 3.3.2.1 [MQTT-3.3.2-2], MQTT3 3.3.2.1 [MQTT-3.3.2-2]. */
    return hwi_filter_has_wildcard(m->topic) ? HWI_MALFORMED : HWI_OK;
}

uint8_t hwi_publish_read(struct hwi_publish *out, const struct hwi_packet *p)
{
    struct hwi_reader r = hwi_reader_of(p->body);

    *out = (struct hwi_publish){
        .qos = qos_of(p->header),
        .retain = (p->header & HWI_RETAIN) != 0,
        .dup = (p->header & HWI_DUP) != 0,
    };
    out->topic = hwi_read_string(&r);
    if (out->qos > 0) {
        out->packet_id = hwi_read_u16(&r);
        /* MQTT5 2.2.1 [MQTT-2.2.1-4], MQTT3 2.3.1 [MQTT-2.3.1-4]: not 0. */
        if (out->packet_id == 0) {
            hwi_read_fail(&r, HWI_MALFORMED);
        }
    }
    if (p->version == HAWSER_MQTT_5) {
        out->properties = hwi_read_properties(&r, HWI_PUBLISH);
    }
    if (r.fault != HWI_OK) {
        return r.fault;
    }
    out->payload = (struct hawser_view){r.at, r.left};
    return check(out);
}

static void write_list(struct hwi_writer *w, const struct hwi_publish_out *m)
{
    const struct hawser_property alias = {.id = HAWSER_PROP_TOPIC_ALIAS,
                                          .number = m->alias};

    if (m->alias != 0) {
        hwi_write_property(w, &alias);
    }
    for (size_t i = 0; i < m->properties.count; i++) {
        if (m->properties.at[i].id != HAWSER_PROP_TOPIC_ALIAS) {
            hwi_write_property(w, &m->properties.at[i]);
        }
    }
    hwi_write_bytes(w, m->encoded);
}

static void write_head(struct hwi_writer *w, const struct hwi_publish_out *m,
                       enum hawser_version version)
{
    struct hwi_writer list = {.at = NULL};

    hwi_write_binary(w, m->topic);
    if (m->qos > 0) {
        hwi_write_u16(w, m->packet_id);
    }
    if (version == HAWSER_MQTT_5) {
        write_list(&list, m);
        hwi_write_varint(w, (uint32_t)list.len);
        write_list(w, m);
    }
}

void hwi_publish_write(struct hwi_writer *w, const struct hwi_publish_out *m,
                       enum hawser_version version)
{
    struct hwi_writer body = {.at = NULL};
    unsigned first = (unsigned)HWI_PUBLISH << 4;

    first |= (unsigned)m->qos << HWI_QOS_SHIFT;
    first |= m->retain ? HWI_RETAIN : 0;
    first |= m->dup ? HWI_DUP : 0;
    write_head(&body, m, version);
    hwi_write_bytes(&body, m->payload);
    hwi_write_header(w, (uint8_t)first, &body);
    write_head(w, m, version);
    hwi_write_bytes(w, m->payload);
}
