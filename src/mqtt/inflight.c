/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QoS 1 PUBLISHes that are not acknowledged: a ring of slots, oldest first, and
 * their packets in the store span. Packets lie in the store in the order of the
 * slots and never wrap:
 *
 *   |== newer ==|.. free ..|== older ==|.. free ..|     or
 *   |.. free ..|====== older .. newer ======|.. free ..|
 *
 * The first slot_sent slots are on their way, the others wait for room in tx or
 * for the server's receive maximum. [MQTT5 4.4, 4.6, 4.9, MQTT3 4.4, 4.6]
 */
#include "mqtt/client.h"

#include "wire/memory.h"
#include "wire/publish.h"
#include "wire/reason.h"

/* Slot number k, counted from the oldest. */
static struct hawser_slot *slot_at(const struct hawser_client *c, size_t k)
{
    size_t i = c->slot_first + k;

    return &c->cfg->slots[i < c->cfg->slot_count ? i : i - c->cfg->slot_count];
}

static bool is_in_use(const struct hawser_client *c, uint16_t packet_id)
{
    if (c->request_type != 0 && c->request_id == packet_id) {
        return true;
    }
    for (size_t k = 0; k < c->slot_used; k++) {
        if (slot_at(c, k)->packet_id == packet_id) {
            return true;
        }
    }
    return false;
}

uint16_t hwi_inflight_new_id(struct hawser_client *c)
{
    /* MQTT5 2.2.1 [MQTT-2.2.1-3], MQTT3 2.3.1 [MQTT-2.3.1-2]: not in use.
     * There are twice as many as slots, so one is free. */
    do {
        c->last_id++;
    } while (c->last_id == 0 || is_in_use(c, c->last_id));
    return c->last_id;
}

bool hwi_inflight_room(const struct hawser_client *c, size_t len, uint32_t *at)
{
    size_t size = c->cfg->store.size;
    size_t head = 0;
    size_t tail = 0;

    if (c->slot_used == c->cfg->slot_count) {
        return false;
    }
    if (c->slot_used > 0) {
        const struct hawser_slot *newest = slot_at(c, c->slot_used - 1u);

        head = (size_t)newest->at + newest->len;
        tail = slot_at(c, 0)->at;
        if (head <= tail) {
            *at = (uint32_t)head;
            return len <= tail - head;
        }
    }
    if (len <= size - head) {
        *at = (uint32_t)head;
        return true;
    }
    *at = 0;
    return len <= tail;
}

void hwi_inflight_add(struct hawser_client *c, uint16_t packet_id, uint32_t at,
                      uint32_t len)
{
    *slot_at(c, c->slot_used) = (struct hawser_slot){
        .packet_id = packet_id, .version = c->version, .at = at, .len = len};
    c->slot_used++;
}

/* Takes slot k out; the older ones move up. */
static void remove_slot(struct hawser_client *c, size_t k)
{
    for (size_t i = k; i > 0; i--) {
        *slot_at(c, i) = *slot_at(c, i - 1);
    }
    c->slot_first++;
    if (c->slot_first == c->cfg->slot_count) {
        c->slot_first = 0;
    }
    c->slot_used--;
    if (k < c->slot_sent) {
        c->slot_sent--;
    }
}

bool hwi_inflight_done(struct hawser_client *c, uint16_t packet_id)
{
    for (size_t k = 0; k < c->slot_sent; k++) {
        if (slot_at(c, k)->packet_id == packet_id) {
            remove_slot(c, k);
            return true;
        }
    }
    return false;
}

void hwi_inflight_restart(struct hawser_client *c, bool session_present)
{
    for (size_t k = 0; k < c->slot_used; k++) {
        uint8_t *header = c->cfg->store.at + slot_at(c, k)->at;

        /* MQTT5 3.3.1.1 [MQTT-3.3.1-1], MQTT3 3.3.1.1 [MQTT-3.3.1-1]. */
        if (!session_present) {
            *header = (uint8_t)(*header & ~HWI_DUP);
        } else if (k < c->slot_sent) {
            *header = (uint8_t)(*header | HWI_DUP);
        }
    }
    c->slot_sent = 0;
}

/* A stored packet as a message; written by us, so it can be read. Properties
 * are left behind: they only exist in one of the versions. */
static struct hawser_message message_of(const uint8_t *at,
                                        const struct hawser_slot *slot)
{
    enum hawser_version version = (enum hawser_version)slot->version;
    struct hwi_packet p = {at[0], slot->version, {NULL, 0}};
    struct hwi_publish m;
    uint32_t body_len = 0;
    int header_len = hwi_header_read(at, slot->len, version, &body_len);

    p.body = (struct hawser_view){at + header_len, body_len};
    (void)hwi_publish_read(&m, &p);
    return (struct hawser_message){.topic = m.topic,
                                   .payload = m.payload,
                                   .qos = m.qos,
                                   .retain = m.retain};
}

/* Hands the packet of a slot to tx. HWI_OK, or the reason code with which the
 * server would refuse it; *has_room false: not now. */
static uint8_t send_stored(struct hawser_client *c,
                           const struct hawser_slot *slot, bool *has_room)
{
    enum hawser_version version = (enum hawser_version)c->version;
    const uint8_t *stored = c->cfg->store.at + slot->at;
    struct hwi_writer w = {.len = slot->len};
    struct hawser_message m = {.qos = 0};
    uint8_t refused;

    if (slot->version != version) {
        m = message_of(stored, slot);
        w.len = 0;
        hwi_publish_write(&w, &m, slot->packet_id, version);
    }
    refused = w.len > c->cfg->tx.size - HWI_TX_RESERVE
                  ? HWI_PACKET_TOO_LARGE /* 5.0 takes a byte more */
                  : hwi_limits_refuse(c, stored[0], w.len);
    *has_room = w.len <= hwi_tx_room(c);
    if (refused != HWI_OK || !*has_room) {
        return refused;
    }
    w = hwi_tx_take(c, w.len);
    if (slot->version == version) {
        hwi_write_bytes(&w, (struct hawser_view){stored, slot->len});
    } else {
        hwi_publish_write(&w, &m, slot->packet_id, version);
        w.at[0] = (uint8_t)(w.at[0] | (stored[0] & HWI_DUP));
    }
    return HWI_OK;
}

/* Gives up the first packet that waits: the server forbids it by now. */
static void give_up(struct hawser_client *c, uint8_t reason)
{
    struct hawser_event *ev = hwi_event(c, HAWSER_EVENT_PUBLISHED);

    ev->packet_id = slot_at(c, c->slot_sent)->packet_id;
    ev->reason = reason;
    remove_slot(c, c->slot_sent);
}

void hwi_inflight_pump(struct hawser_client *c)
{
    /* MQTT5 4.6 [MQTT-4.6.0-1], MQTT3 4.6 [MQTT-4.6.0-1]: in order. */
    /* MQTT5 4.9 [MQTT-4.9.0-2]: not more than the receive maximum. */
    while (c->slot_sent < c->slot_used &&
           c->slot_sent < c->limits.receive_maximum) {
        struct hawser_slot *slot = slot_at(c, c->slot_sent);
        bool has_room;
        uint8_t refused = send_stored(c, slot, &has_room);

        if (refused != HWI_OK && hwi_can_event(c)) {
            give_up(c, refused);
        } else if (refused != HWI_OK || !has_room) {
            return;
        } else {
            slot->sent_ms = (uint32_t)c->now_ms;
            c->slot_sent++;
        }
    }
}

uint64_t hwi_inflight_due_ms(const struct hawser_client *c)
{
    uint32_t age;

    if (c->slot_sent == 0 || c->cfg->ack_timeout_ms == 0) {
        return HAWSER_NEVER;
    }
    age = (uint32_t)c->now_ms - slot_at(c, 0)->sent_ms;
    return hwi_after(c->now_ms - age, c->cfg->ack_timeout_ms);
}
