/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests: PUBLISH, SUBSCRIBE, UNSUBSCRIBE. All or nothing: everything is
 * checked and measured before anything is written.
 * [MQTT5 3.3, 3.8, 3.10, MQTT3 3.3, 3.8, 3.10]
 */
#include "mqtt/client.h"

#include "wire/property.h"
#include "wire/publish.h"
#include "wire/reason.h"
#include "wire/subscribe.h"
#include "wire/topic.h"
#include "wire/unsubscribe.h"
#include "wire/varint.h"

static enum hawser_version version_of(const struct hawser_client *c)
{
    return (enum hawser_version)c->version;
}

/* The alias that the caller chose; 0: none. */
static uint16_t alias_of(const struct hawser_message *m)
{
    for (size_t i = 0; i < m->property_count; i++) {
        if (m->properties[i].id == HAWSER_PROP_TOPIC_ALIAS) {
            return (uint16_t)m->properties[i].number;
        }
    }
    return 0;
}

/* What m is about: its topic, or the one that its alias stands for. */
static int read_topic(const struct hawser_client *c,
                      const struct hawser_message *m,
                      struct hwi_publish_out *out)
{
    out->alias = c->version == HAWSER_MQTT_5 ? alias_of(m) : 0;
    out->topic = m->topic;
    if (out->alias != 0 && m->topic.len == 0) {
        out->topic = hwi_alias_topic(c, out->alias);
        return out->topic.len > 0 ? 0 : HAWSER_E_ARG;
    }
    /* MQTT5 3.3.2.1 [MQTT-3.3.2-2], MQTT3 3.3.2.1 [MQTT-3.3.2-2]. */
    if (!hwi_topic_is_valid(m->topic)) {
        return HAWSER_E_ARG;
    }
    return out->alias == 0 || hwi_alias_is_possible(c, out->alias, m->topic)
               ? 0
               : HAWSER_E_LIMIT;
}

static int check_message(const struct hawser_client *c,
                         const struct hawser_message *m)
{
    struct hwi_property_set seen = {{0, 0}};
    uint8_t header = m->retain ? HWI_RETAIN : 0;

    /* MQTT5 3.3.1.2 [MQTT-3.3.1-4], 2.1.4: no packet is as long. */
    if (m->qos > 2 || m->payload.len > HWI_VARINT_MAX ||
        m->payload_more > HWI_VARINT_MAX ||
        !hwi_properties_are_valid(m->properties, m->property_count, &seen,
                                  HWI_PUBLISH)) {
        return HAWSER_E_ARG;
    }
    header = (uint8_t)(header | m->qos << HWI_QOS_SHIFT);
    return hwi_limits_refuse(c, header) == HWI_OK ? 0 : HAWSER_E_LIMIT;
}

/* Writes to the store; hwi_pump() hands it to tx, where there is room. */
static int publish_stored(struct hawser_client *c, struct hwi_publish_out *m)
{
    struct hwi_writer w = {.is_full = true};
    uint16_t alias = m->alias;
    int err;

    m->alias = 0; /* nothing that is stored has one */
    /* MQTT5 4.9 [MQTT-4.9.0-2]: the receive maximum. */
    if (c->slot_used >= c->limits.receive_maximum) {
        return HAWSER_E_LIMIT;
    }
    /* Older ones that wait go first. */
    if (c->slot_sent < c->slot_used) {
        return HAWSER_E_FULL;
    }
    m->packet_id = hwi_inflight_next_id(c);
    for (int piece = 0; piece < 2 && w.is_full; piece++) {
        struct hawser_span room = hwi_inflight_room(c, piece);

        w = hwi_writer_of(room);
        hwi_publish_write(&w, m, version_of(c));
    }
    err = hwi_tx_judge(c, &w, m->payload_more);
    if (err == 0 && hwi_written(&w) > hwi_tx_begin(c, HWI_TX_RESERVE).left) {
        err = HAWSER_E_FULL;
    }
    if (err == 0) {
        c->last_id = m->packet_id;
        hwi_inflight_add(c, m->packet_id,
                         (struct hawser_view){w.begin, hwi_written(&w)});
        if (alias != 0) {
            hwi_alias_set(c, alias, m->topic, false);
        }
        hwi_pump(c);
    }
    return err;
}

static int write_at_once(struct hawser_client *c,
                         const struct hwi_publish_out *m)
{
    const struct hwi_tx_rest rest = {.more = m->payload_more,
                                     .offset = (uint32_t)m->payload.len};
    struct hwi_writer w = hwi_tx_begin(c, HWI_TX_RESERVE);

    hwi_publish_write(&w, m, version_of(c));
    return hwi_tx_end_publish(c, &w, &rest);
}

/* Writes to tx, with the caller's alias, or with one of ours if there is one, and
 * if that is not too long: a new one is longer at first. */
static int publish_at_once(struct hawser_client *c, struct hwi_publish_out *m)
{
    struct hawser_view topic = m->topic;
    bool is_ours = m->alias == 0;
    int err;

    hwi_alias_apply(c, m);
    err = write_at_once(c, m);
    if (err != 0 && is_ours && m->alias != 0) {
        m->topic = topic;
        m->alias = 0;
        err = write_at_once(c, m);
    }
    if (err == 0 && m->alias != 0) {
        hwi_alias_set(c, m->alias, topic, true);
    }
    return err;
}

int hawser_publish(struct hawser_client *c, uint64_t now_ms,
                   const struct hawser_message *m, uint16_t *id)
{
    struct hwi_publish_out out = {
        .payload = m->payload,
        .payload_more = m->payload_more,
        .properties = {m->properties, m->property_count},
        .qos = m->qos,
        .retain = m->retain};
    int err;

    if (!hwi_may_request(c)) {
        return HAWSER_E_STATE;
    }
    err = check_message(c, m);
    if (err == 0) {
        err = read_topic(c, m, &out);
    }
    if (err != 0) {
        return err;
    }
    hwi_clock(c, now_ms);
    err = m->qos > 0 ? publish_stored(c, &out) : publish_at_once(c, &out);
    if (err == 0 && id != NULL) {
        *id = out.packet_id;
    }
    return err;
}

/* Queues a SUBSCRIBE or UNSUBSCRIBE of n filters: its answer is awaited. */
static int await(struct hawser_client *c, const struct hwi_writer *w,
                 uint16_t id, size_t n)
{
    uint32_t timeout_ms = c->cfg->ack_timeout_ms;
    int err = hwi_tx_end(c, w);

    if (err != 0) {
        return err;
    }
    c->last_id = id;
    c->request_type = (uint8_t)HWI_TYPE_OF(w->begin[0]);
    c->request_id = id;
    c->request_count = (uint32_t)n;
    c->request_due_ms =
        timeout_ms == 0 ? HAWSER_NEVER : hwi_after(c->now_ms, timeout_ms);
    return 0;
}

static int check_filter(const struct hawser_client *c,
                        const struct hawser_filter *f)
{
    bool is_v5 = c->version == HAWSER_MQTT_5;
    bool is_shared = is_v5 && hwi_filter_is_shared(f->topic_filter);

    /* MQTT5 3.8.3 [MQTT-3.8.3-1], 3.8.3.1: QoS 3 and handling 3. */
    if (!hwi_filter_is_valid(f->topic_filter, version_of(c)) || f->qos > 2 ||
        f->retain_handling > 2) {
        return HAWSER_E_ARG;
    }
    /* MQTT5 3.8.3.1 [MQTT-3.8.3-4]: no local with a shared one. */
    if (is_shared && f->no_local) {
        return HAWSER_E_ARG;
    }
    /* MQTT5 3.2.2.3.11, 3.2.2.3.13: what the server does not have. */
    if ((is_shared && !c->limits.shared_available) ||
        (hwi_filter_has_wildcard(f->topic_filter) &&
         !c->limits.wildcard_available)) {
        return HAWSER_E_LIMIT;
    }
    return 0;
}

/* In front of the codes of an answer: packet identifier, length of properties. */
#define ANSWER_HEAD 3u

static int check_request(const struct hawser_client *c, size_t n)
{
    if (!hwi_may_request(c) || c->request_type != 0) {
        return HAWSER_E_STATE;
    }
    /* MQTT5 3.8.3 [MQTT-3.8.3-2], 3.10.3 [MQTT-3.10.3-2]: at least one. Not more
     * than can be answered in rx. */
    return n == 0 || n > c->cfg->rx.size - ANSWER_HEAD ? HAWSER_E_ARG : 0;
}

static int check_subscription(const struct hawser_client *c,
                              const struct hawser_subscription *s)
{
    struct hwi_property_set seen = {{0, 0}};
    int err = check_request(c, s->count);

    for (size_t i = 0; err == 0 && i < s->count; i++) {
        err = check_filter(c, &s->filters[i]);
    }
    if (err != 0) {
        return err;
    }
    if (!hwi_properties_are_valid(s->properties.at, s->properties.count, &seen,
                                  HWI_SUBSCRIBE)) {
        return HAWSER_E_ARG;
    }
    for (size_t i = 0; i < s->properties.count; i++) {
        /* MQTT5 3.2.2.3.12: what the server does not have. */
        if (s->properties.at[i].id == HAWSER_PROP_SUBSCRIPTION_ID &&
            !c->limits.subscription_id_available) {
            return HAWSER_E_LIMIT;
        }
    }
    return 0;
}

int hawser_subscribe(struct hawser_client *c, uint64_t now_ms,
                     const struct hawser_filter *f, size_t n, uint16_t *id)
{
    const struct hawser_subscription s = {.filters = f, .count = n};

    return hawser_subscribe_with(c, now_ms, &s, id);
}

int hawser_subscribe_with(struct hawser_client *c, uint64_t now_ms,
                          const struct hawser_subscription *s, uint16_t *id)
{
    struct hwi_subscribe m = {.filters = s->filters,
                              .count = s->count,
                              .properties = s->properties.at,
                              .property_count = s->properties.count};
    struct hwi_writer w;
    int err = check_subscription(c, s);

    if (err != 0) {
        return err;
    }
    hwi_clock(c, now_ms);
    m.packet_id = hwi_inflight_next_id(c);
    w = hwi_tx_begin(c, HWI_TX_RESERVE);
    hwi_subscribe_write(&w, &m, version_of(c));
    err = await(c, &w, m.packet_id, m.count);
    if (err == 0) {
        *id = m.packet_id;
    }
    return err;
}

int hawser_unsubscribe(struct hawser_client *c, uint64_t now_ms,
                       const struct hawser_view *f, size_t n, uint16_t *id)
{
    const struct hawser_unsubscription u = {.filters = f, .count = n};

    return hawser_unsubscribe_with(c, now_ms, &u, id);
}

int hawser_unsubscribe_with(struct hawser_client *c, uint64_t now_ms,
                            const struct hawser_unsubscription *u, uint16_t *id)
{
    struct hwi_unsubscribe m = {.filters = u->filters,
                                .count = u->count,
                                .properties = u->properties.at,
                                .property_count = u->properties.count};
    struct hwi_property_set seen = {{0, 0}};
    struct hwi_writer w;
    int err = check_request(c, u->count);

    for (size_t i = 0; err == 0 && i < u->count; i++) {
        err = hwi_filter_is_valid(u->filters[i], version_of(c)) ? 0
                                                                : HAWSER_E_ARG;
    }
    if (err == 0 && !hwi_properties_are_valid(m.properties, m.property_count,
                                              &seen, HWI_UNSUBSCRIBE)) {
        err = HAWSER_E_ARG;
    }
    if (err != 0) {
        return err;
    }
    hwi_clock(c, now_ms);
    m.packet_id = hwi_inflight_next_id(c);
    w = hwi_tx_begin(c, HWI_TX_RESERVE);
    hwi_unsubscribe_write(&w, &m, version_of(c));
    err = await(c, &w, m.packet_id, m.count);
    if (err == 0) {
        *id = m.packet_id;
    }
    return err;
}
