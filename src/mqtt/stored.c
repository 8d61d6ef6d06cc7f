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

    p.body = (struct hawser_view){at + header_len, body_len};
    (void)hwi_publish_read(&m, &p);
    return (struct hwi_publish_out){.topic = m.topic,
                                    .payload = m.payload,
                                    .encoded = m.properties,
                                    .packet_id = m.packet_id,
                                    .qos = m.qos,
                                    .retain = m.retain,
                                    .dup = m.dup};
}

/* Queues the packet, as it is stored or as m. 0, or the reason code for which
 * the server, or a tx that never holds 5.0's byte more, refuses it. *has_room:
 * it is queued. */
static uint8_t queue(struct hawser_client *c, const struct hawser_slot *slot,
                     const struct hwi_publish_out *m, bool *has_room)
{
    struct hwi_writer w = hwi_tx_begin(c, HWI_TX_RESERVE);
    bool is_tx_empty = c->tx_end == 0;
    int err;

    if (m == NULL) {
        hwi_write_bytes(
            &w, (struct hawser_view){c->cfg->store.at + slot->at, slot->len});
    } else {
        hwi_publish_write(&w, m, version_of(c));
    }
    err = hwi_tx_end(c, &w);
    *has_room = err == 0;
    return err == HAWSER_E_LIMIT || (err == HAWSER_E_FULL && is_tx_empty)
               ? HWI_PACKET_TOO_LARGE
               : HWI_OK;
}

/* Written anew for this connection. */
static uint8_t queue_anew(struct hawser_client *c,
                          const struct hawser_slot *slot, bool *has_room)
{
    struct hwi_publish_out m = parts_of(c, slot);
    struct hawser_view topic = m.topic;
    uint8_t refused;

    hwi_alias_apply(c, &m);
    refused = queue(c, slot, &m, has_room);
    if (m.alias != 0 && refused != HWI_OK) { /* it is longer at first */
        m.topic = topic;
        m.alias = 0;
        refused = queue(c, slot, &m, has_room);
    }
    if (*has_room) {
        hwi_alias_sent(c, &m, topic);
    }
    return refused;
}

uint8_t hwi_stored_send(struct hawser_client *c, const struct hawser_slot *slot,
                        bool *has_room)
{
    uint8_t refused = hwi_limits_refuse(c, c->cfg->store.at[slot->at]);

    *has_room = false;
    if (refused != HWI_OK) {
        return refused;
    }
    return slot->version == c->version && c->cfg->alias_out_count == 0
               ? queue(c, slot, NULL, has_room)
               : queue_anew(c, slot, has_room);
}
