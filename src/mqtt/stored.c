/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stored PUBLISH on its way to tx: as it is, or written anew if this
 * connection speaks the other version or shortens topics by aliases.
 * [MQTT5 3.3, 4.4, MQTT3 3.3, 4.4]  Tested by alias_test.c, inflight_test.c.
 */
#include "mqtt/client.h"

#include "wire/reason.h"

static enum hawser_version version_of(const struct hawser_client *c)
{
    return (enum hawser_version)c->version;
}

/* Is all of the payload stored? */
static bool is_whole(struct hawser_view stored, uint8_t version)
{
    uint32_t body_len = 0;
    int header_len = hwi_header_read(stored.at, stored.len,
                                     (enum hawser_version)version, &body_len);

    return (size_t)header_len + body_len == stored.len;
}

/* The packet's parts; written by us, so it can be read. Properties stay behind
 * if this connection has no place for them: 3.1.1 has none, and wrote none. */
static struct hwi_publish_out parts_of(const struct hawser_client *c,
                                       const struct hawser_slot *slot)
{
    const uint8_t *at = c->cfg->store.at + slot->at;
    struct hwi_packet p = {at[0], slot->version, {NULL, 0}};
    struct hwi_publish m;
    uint32_t body_len = 0;
    int header_len = hwi_header_read(
        at, slot->len, (enum hawser_version)slot->version, &body_len);

    p.body =
        (struct hawser_view){at + header_len, slot->len - (uint32_t)header_len};
    (void)hwi_publish_read(&m, &p);
    return (struct hwi_publish_out){.topic = m.topic,
                                    .payload = m.payload,
                                    .payload_more =
                                        body_len - (uint32_t)p.body.len,
                                    .encoded = m.properties,
                                    .packet_id = m.packet_id,
                                    .qos = m.qos,
                                    .retain = m.retain,
                                    .dup = m.dup};
}

/* Queues the packet: m, or as it is stored, which is the same but shorter to
 * do. 0, or the reason code for which the server, or a tx that never holds 5.0's
 * byte more, refuses it. *has_room: it is queued. */
static uint8_t queue(struct hawser_client *c, const struct hwi_publish_out *m,
                     struct hawser_view stored, bool *has_room)
{
    const struct hwi_tx_rest rest = {.more = m->payload_more,
                                     .offset = (uint32_t)m->payload.len,
                                     .packet_id = m->packet_id};
    struct hwi_writer w = hwi_tx_begin(c, HWI_TX_RESERVE);
    bool is_tx_empty = c->tx_end == 0 && c->tx_more == 0;
    int err;

    if (stored.len > 0) {
        hwi_write_bytes(&w, stored);
    } else {
        hwi_publish_write(&w, m, version_of(c));
    }
    err = hwi_tx_end_publish(c, &w, &rest);
    *has_room = err == 0;
    return err == HAWSER_E_LIMIT || (err == HAWSER_E_FULL && is_tx_empty)
               ? HWI_PACKET_TOO_LARGE
               : HWI_OK;
}

uint8_t hwi_stored_send(struct hawser_client *c, const struct hawser_slot *slot,
                        bool *has_room)
{
    const struct hawser_view nothing = {NULL, 0};
    struct hawser_view stored = {c->cfg->store.at + slot->at, slot->len};
    uint8_t refused = hwi_limits_refuse(c, stored.at[0]);
    bool is_as_stored =
        slot->version == c->version && c->cfg->alias_out_count == 0;
    struct hwi_publish_out m = {.qos = 0};
    struct hawser_view topic;

    *has_room = false;
    if (refused != HWI_OK) {
        return refused;
    }
    if (!is_as_stored || !is_whole(stored, slot->version)) {
        m = parts_of(c, slot);
    }
    if (is_as_stored) {
        return queue(c, &m, stored, has_room);
    }
    topic = m.topic;
    hwi_alias_apply(c, &m);
    refused = queue(c, &m, nothing, has_room);
    if (m.alias != 0 && refused != HWI_OK) { /* it is longer at first */
        m.topic = topic;
        m.alias = 0;
        refused = queue(c, &m, nothing, has_room);
    }
    if (*has_room && m.alias != 0) {
        hwi_alias_set(c, m.alias, topic, true);
    }
    return refused;
}
