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

/* How long the packet is; m without an alias if that would be too long. */
static size_t measure(const struct hawser_client *c, struct hwi_publish_out *m)
{
    struct hawser_view topic = m->topic;
    struct hwi_writer w = {.at = NULL};

    hwi_alias_apply(c, m);
    hwi_publish_write(&w, m, version_of(c));
    if (hwi_limits_refuse(c, 0, w.len) == HWI_OK || m->alias == 0) {
        return w.len;
    }
    m->topic = topic;
    m->alias = 0;
    w.len = 0;
    hwi_publish_write(&w, m, version_of(c));
    return w.len;
}

uint8_t hwi_stored_send(struct hawser_client *c, const struct hawser_slot *slot,
                        bool *has_room)
{
    const uint8_t *stored = c->cfg->store.at + slot->at;
    bool is_as_stored =
        slot->version == c->version && c->cfg->alias_out_count == 0;
    struct hwi_writer w = {.len = slot->len};
    struct hwi_publish_out m = {.qos = 0};
    struct hawser_view topic = {NULL, 0};
    uint8_t refused;

    if (!is_as_stored) {
        m = parts_of(c, slot);
        topic = m.topic;
        w.len = measure(c, &m);
    }
    refused = w.len > c->cfg->tx.size - HWI_TX_RESERVE
                  ? HWI_PACKET_TOO_LARGE /* 5.0 takes a byte more */
                  : hwi_limits_refuse(c, stored[0], w.len);
    *has_room = w.len <= hwi_tx_room(c);
    if (refused != HWI_OK || !*has_room) {
        return refused;
    }
    w = hwi_tx_take(c, w.len);
    if (is_as_stored) {
        hwi_write_bytes(&w, (struct hawser_view){stored, slot->len});
    } else {
        hwi_publish_write(&w, &m, version_of(c));
        hwi_alias_sent(c, &m, topic);
    }
    return HWI_OK;
}
