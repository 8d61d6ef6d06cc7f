/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QoS 1 and 2 messages of ours that are not complete: a ring of slots and their
 * packets in the store span. The slots' groups, in the ring's order:
 *
 *   PUBREL sent | PUBREL waits | PUBLISH sent | PUBLISH waits
 *
 * A PUBREC moves its slot to the end of the second group, so PUBRELs stand in the
 * order of the PUBRECs and PUBLISHes in that of the calls: what leaves, leaves in
 * the order of the ring, also after a reconnect. What waits does so for room in
 * tx or for the server's receive maximum. Packets lie in the store in the order
 * of their slots and never wrap; a released message has none:
 *
 *   |== newer ==|.. free ..|== older ==|.. free ..|     or
 *   |.. free ..|====== older .. newer ======|.. free ..|
 *
 * [MQTT5 4.3, 4.4, 4.6, 4.9, MQTT3 4.3, 4.4, 4.6]
 */
#include "mqtt/client.h"

#include "wire/ack.h"
#include "wire/memory.h"
#include "wire/reason.h"

struct hawser_slot *hwi_inflight_slot(const struct hawser_client *c, size_t k)
{
    size_t i = c->slot_first + k;

    return &c->cfg->slots[i < c->cfg->slot_count ? i : i - c->cfg->slot_count];
}

/*@ requires hwi_slots_are_sound(c);
    assigns \nothing;
    ensures !\result ==> \forall integer k; 0 <= k < c->slot_used ==>
            c->cfg->slots[hwi_place(c, k)].packet_id != packet_id;
    ensures !\result && c->request_type != 0 ==> c->request_id != packet_id;
*/
static bool is_in_use(const struct hawser_client *c, uint16_t packet_id)
{
    if (c->request_type != 0 && c->request_id == packet_id) {
        return true;
    }
    /*@ loop invariant k <= c->slot_used;
        loop invariant \forall integer j; 0 <= j < k ==>
            c->cfg->slots[hwi_place(c, j)].packet_id != packet_id;
        loop assigns k;
        loop variant c->slot_used - k;
    */
    for (size_t k = 0; k < c->slot_used; k++) {
        if (hwi_inflight_slot(c, k)->packet_id == packet_id) {
            return true;
        }
    }
    return false;
}

uint16_t hwi_inflight_next_id(const struct hawser_client *c)
{
    uint16_t id = c->last_id;

    /* MQTT5 2.2.1 [MQTT-2.2.1-3], MQTT3 2.3.1 [MQTT-2.3.1-2]: not in use.
     * There are twice as many as slots, so one is free. */
    /*@ loop assigns id; */
    do {
        id = id < UINT16_MAX ? (uint16_t)(id + 1u) : 1;
    } while (is_in_use(c, id));
    return id;
}

/* Before CONNACK it is unknown how what was there before has to go on. */
/*@ requires \valid_read(c);
    assigns \nothing;
*/
static bool waits_for_connack(const struct hawser_client *c)
{
    return c->state == HWI_AWAIT_CONNACK && c->slot_used > c->slot_early;
}

struct hawser_span hwi_inflight_room(const struct hawser_client *c, int piece)
{
    struct hawser_span store = c->cfg->store;
    size_t head = 0;
    size_t tail = 0;

    if (c->slot_used == c->cfg->slot_count || waits_for_connack(c)) {
        return (struct hawser_span){store.at, 0};
    }
    if (c->slot_released < c->slot_used) { /* none waits: all are packets */
        const struct hawser_slot *newest =
            hwi_inflight_slot(c, c->slot_used - 1u);

        head = (size_t)newest->at + newest->len;
        tail = hwi_inflight_slot(c, c->slot_released)->at;
        if (head <= tail) {
            return (struct hawser_span){store.at + head,
                                        piece == 0 ? tail - head : 0};
        }
    }
    return piece == 0 ? (struct hawser_span){store.at + head, store.size - head}
                      : (struct hawser_span){store.at, tail};
}

void hwi_inflight_add(struct hawser_client *c, uint16_t packet_id,
                      struct hawser_view packet)
{
    struct hawser_slot *slot = hwi_inflight_slot(c, c->slot_used);

    slot->packet_id = packet_id;
    slot->version = c->version;
    slot->state = HWI_SLOT_PUBLISH;
    slot->at = (uint32_t)(packet.at - c->cfg->store.at);
    slot->len = (uint32_t)packet.len;
    slot->sent_ms = 0;
    c->slot_used++;
    if (c->state == HWI_AWAIT_CONNACK) {
        c->slot_early++;
    }
}

/* Slot k is taken out of a group that ends before *end, or one behind it. */
/*@ requires \valid(end);
    assigns *end;
    ensures *end == \old(*end) - (k < \old(*end) ? 1 : 0);
*/
static void shrink(uint16_t *end, size_t k)
{
    if (k < *end) {
        (*end)--;
    }
}

/* Takes slot k out; the older ones move up. */
/*@ requires hwi_ring_is_sound(c) && k < c->slot_used;
    assigns c->slot_first, c->slot_used, c->slot_sent, c->slot_released,
            c->slot_rel_sent, c->cfg->slots[0 .. c->cfg->slot_count - 1];
    ensures hwi_ring_is_sound(c);
    ensures c->slot_used == \old(c->slot_used) - 1;
    ensures c->slot_sent ==
            \old(c->slot_sent) - (k < \old(c->slot_sent) ? 1 : 0);
    ensures c->slot_released ==
            \old(c->slot_released) - (k < \old(c->slot_released) ? 1 : 0);
    ensures c->slot_rel_sent ==
            \old(c->slot_rel_sent) - (k < \old(c->slot_rel_sent) ? 1 : 0);
*/
static void remove_slot(struct hawser_client *c, size_t k)
{
    /*@ loop invariant 0 <= i <= k;
        loop assigns i, c->cfg->slots[0 .. c->cfg->slot_count - 1];
        loop variant i;
    */
    for (size_t i = k; i > 0; i--) {
        *hwi_inflight_slot(c, i) = *hwi_inflight_slot(c, i - 1);
    }
    c->slot_first++;
    if (c->slot_first == c->cfg->slot_count) {
        c->slot_first = 0;
    }
    c->slot_used--;
    shrink(&c->slot_sent, k);
    shrink(&c->slot_released, k);
    shrink(&c->slot_rel_sent, k);
}

/* PUBREC came for slot k: it joins those whose PUBREL waits. */
/*@ requires hwi_ring_is_sound(c) && c->slot_early == 0;
    requires c->slot_released <= k < c->slot_sent;
    assigns c->slot_released, c->cfg->slots[0 .. c->cfg->slot_count - 1];
    ensures hwi_ring_is_sound(c);
    ensures c->slot_released == \old(c->slot_released) + 1;
*/
static void release(struct hawser_client *c, size_t k)
{
    struct hawser_slot slot = *hwi_inflight_slot(c, k);

    /*@ loop invariant c->slot_released <= i <= k;
        loop assigns i, c->cfg->slots[0 .. c->cfg->slot_count - 1];
        loop variant i;
    */
    for (size_t i = k; i > c->slot_released; i--) {
        *hwi_inflight_slot(c, i) = *hwi_inflight_slot(c, i - 1);
    }
    slot.state = HWI_SLOT_RELEASED;
    slot.len = 0;
    *hwi_inflight_slot(c, c->slot_released) = slot;
    c->slot_released++;
}

/*@ requires hwi_store_is_apart(c);
    requires hwi_ring_is_sound(c) && \valid_read(slot);
    requires slot->at < c->cfg->store.size;
    assigns \nothing;
    ensures \result <= 3;
*/
static unsigned qos_of(const struct hawser_client *c,
                       const struct hawser_slot *slot)
{
    return (c->cfg->store.at[slot->at] & HWI_QOS_MASK) >> HWI_QOS_SHIFT;
}

/* False: no room. */
/*@ requires hwi_ring_is_sound(c) && hwi_store_is_apart(c);
    assigns c->tx_at, c->tx_end, c->cfg->tx.at[0 .. c->cfg->tx.size - 1];
*/
static bool write_pubrel(struct hawser_client *c, uint16_t packet_id,
                         uint8_t reason)
{
    const struct hwi_ack_out ack = {.packet_id = packet_id, .reason = reason};

    return hwi_tx_ack(c, HWI_PUBREL, &ack);
}

/* The slot among from..to - 1 with this packet identifier; to: none. */
/*@ requires hwi_slots_are_sound(c) && from <= to <= c->slot_used;
    assigns \nothing;
    ensures from <= \result <= to;
    ensures \result < to ==>
            c->cfg->slots[hwi_place(c, \result)].packet_id == packet_id;
*/
static size_t find(const struct hawser_client *c, size_t from, size_t to,
                   uint16_t packet_id)
{
    size_t k = from;

    /*@ loop invariant from <= k <= to;
        loop assigns k;
        loop variant to - k;
    */
    while (k < to && hwi_inflight_slot(c, k)->packet_id != packet_id) {
        k++;
    }
    return k;
}

/* Does slot k wait to be sent once more? */
/*@ requires hwi_store_is_apart(c);
    requires hwi_slots_are_sound(c) && c->slot_sent <= k < c->slot_used;
    assigns \nothing;
*/
static bool is_sent_again(const struct hawser_client *c, size_t k)
{
    const struct hawser_slot *slot = hwi_inflight_slot(c, k);

    return slot->state == HWI_SLOT_PUBLISH &&
           (c->cfg->store.at[slot->at] & HWI_DUP) != 0;
}

/* A PUBREC for what we do not know, or know as released: the server must not
 * wait for ever. Without room now it asks once more after a reconnect. */
/*@ requires hwi_store_is_apart(c);
    requires hwi_slots_are_sound(c);
    assigns c->tx_at, c->tx_end, c->cfg->tx.at[0 .. c->cfg->tx.size - 1];
*/
static void answer_stray(struct hawser_client *c, uint16_t packet_id)
{
    size_t waits = find(c, c->slot_sent, c->slot_used, packet_id);

    /*@ loop invariant k <= c->slot_released;
        loop assigns k;
        loop variant c->slot_released - k;
    */
    for (size_t k = 0; k < c->slot_released; k++) {
        if (hwi_inflight_slot(c, k)->packet_id == packet_id) {
            if (k < c->slot_rel_sent) {
                (void)write_pubrel(c, packet_id, HWI_OK);
            }
            return;
        }
    }
    /* Sent on an earlier connection: the server must know it until it was sent
     * once more, or it would take it for a new one. */
    if (waits < c->slot_used && is_sent_again(c, waits)) {
        return;
    }
    /* MQTT5 3.6.2.1: packet identifier not found. */
    (void)write_pubrel(c, packet_id, HWI_UNKNOWN_ID);
}

uint8_t hwi_inflight_take(struct hawser_client *c,
                          struct hwi_inflight_answer *answer, bool *is_done)
{
    bool is_comp = answer->type == HWI_PUBCOMP;
    size_t from = is_comp ? 0 : c->slot_released;
    size_t to = is_comp ? c->slot_rel_sent : c->slot_sent;
    size_t k = find(c, from, to, answer->packet_id);

    *is_done = false;
    if (k == to) {
        /* An unknown identifier does no harm: an answer of long ago. */
        if (answer->type == HWI_PUBREC) {
            answer_stray(c, answer->packet_id);
        }
        return HWI_OK;
    }
    /* MQTT5 4.3.2, 4.3.3, MQTT3 4.3.2, 4.3.3: each QoS has its own answer. */
    if (!is_comp && (qos_of(c, hwi_inflight_slot(c, k)) == 2) !=
                        (answer->type == HWI_PUBREC)) {
        if (c->version == HAWSER_MQTT_5 || answer->type == HWI_PUBREC) {
            return HWI_PROTOCOL_ERROR;
        }
        /* 3.1.1 has no way to say that a server has no QoS 2; RabbitMQ answers
         * with PUBACK. To insist would send the message for ever. */
        answer->reason = HWI_QOS_NOT_SUPPORTED;
    }
    /* MQTT5 4.3.3 [MQTT-4.3.3-4]: PUBREL unless it was refused. */
    if (answer->type == HWI_PUBREC && answer->reason < HWI_REFUSAL) {
        release(c, k);
        return HWI_OK;
    }
    /* MQTT5 4.3.3 [MQTT-4.3.3-8]: by its PUBREC the server took the message. That
     * it no longer knows the identifier is no failure of it: the last PUBCOMP
     * was lost. MQTT5 3.7.2.1. */
    if (is_comp) {
        answer->reason = HWI_OK;
    }
    remove_slot(c, k);
    *is_done = true;
    return HWI_OK;
}

/* The server has no session: what does that mean for slot k? */
/*@ requires hwi_store_is_apart(c);
    requires hwi_ring_is_sound(c) && k < c->slot_used;
    requires hwi_slot_fits(c, hwi_place(c, k), k);
    assigns c->cfg->slots[0 .. c->cfg->slot_count - 1],
            c->cfg->store.at[0 .. c->cfg->store.size - 1];
    ensures \forall integer p; 0 <= p < c->cfg->slot_count ==>
            p != hwi_place(c, k) ==>
            c->cfg->slots[p].at == \old(c->cfg->slots[p].at) &&
            c->cfg->slots[p].len == \old(c->cfg->slots[p].len) &&
            c->cfg->slots[p].state == \old(c->cfg->slots[p].state);
    ensures hwi_slot_waits(c, hwi_place(c, k));
*/
static void start_anew(struct hawser_client *c, size_t k)
{
    struct hawser_slot *slot = hwi_inflight_slot(c, k);
    uint8_t *header = c->cfg->store.at + slot->at;
    bool was_sent = k < c->slot_sent || (slot->len > 0 && *header & HWI_DUP);

    if (slot->state == HWI_SLOT_RELEASED ||
        (was_sent && qos_of(c, slot) == 2)) {
        slot->state = HWI_SLOT_LOST;
        slot->len = 0;
    } else if (slot->state == HWI_SLOT_PUBLISH) {
        *header = (uint8_t)(*header & ~HWI_DUP);
    }
}

void hwi_inflight_refuse(struct hawser_client *c)
{
    if (c->slot_early > 0) { /* then there are no others */
        c->slot_sent = 0;
        c->slot_early = 0;
    }
}

void hwi_inflight_lose(struct hawser_client *c)
{
    if (!c->has_left) {
        hwi_inflight_refuse(c);
    }
    c->slot_early = 0;
}

void hwi_inflight_restart(struct hawser_client *c, bool session_present)
{
    if (c->slot_early > 0) {
        c->slot_early = 0;
        return;
    }
    /*@ loop invariant k <= c->slot_used && hwi_ring_is_sound(c) &&
                       hwi_store_is_apart(c);
        loop invariant session_present ==> hwi_slots_are_sound(c);
        loop invariant !session_present ==>
            \forall integer p; 0 <= p < c->cfg->slot_count ==>
            hwi_number(p, c->slot_first, c->cfg->slot_count) < k ==> hwi_slot_waits(c, p);
        loop invariant \forall integer p; 0 <= p < c->cfg->slot_count ==>
            k <= hwi_number(p, c->slot_first, c->cfg->slot_count) < c->slot_used ==>
            hwi_slot_fits(c, p, hwi_number(p, c->slot_first, c->cfg->slot_count));
        loop assigns k, c->cfg->slots[0 .. c->cfg->slot_count - 1],
            c->cfg->store.at[0 .. c->cfg->store.size - 1];
        loop variant c->slot_used - k;
    */
    for (size_t k = 0; k < c->slot_used; k++) {
        struct hawser_slot *slot = hwi_inflight_slot(c, k);
        uint8_t *header = c->cfg->store.at + slot->at;

        if (!session_present) {
            start_anew(c, k);
        } else if (k < c->slot_sent && slot->state == HWI_SLOT_PUBLISH) {
            /* MQTT5 3.3.1.1 [MQTT-3.3.1-1], MQTT3 3.3.1.1 [MQTT-3.3.1-1]. */
            *header = (uint8_t)(*header | HWI_DUP);
        }
    }
    if (!session_present) {
        c->slot_released = 0;
    }
    c->slot_rel_sent = 0;
    c->slot_sent = c->slot_released;
}

/* Gives up the first message that waits: the server forbids it by now, or lost
 * it. */
static void give_up(struct hawser_client *c, uint8_t reason)
{
    struct hawser_event *ev = hwi_event(c, HAWSER_EVENT_PUBLISHED);

    ev->packet_id = hwi_inflight_slot(c, c->slot_sent)->packet_id;
    ev->reason = reason;
    remove_slot(c, c->slot_sent);
}

static void pump_pubrels(struct hawser_client *c)
{
    /* MQTT5 4.6 [MQTT-4.6.0-4], MQTT3 4.6 [MQTT-4.6.0-4]: as PUBRECs came. */
    while (c->slot_rel_sent < c->slot_released) {
        struct hawser_slot *slot = hwi_inflight_slot(c, c->slot_rel_sent);

        if (!write_pubrel(c, slot->packet_id, HWI_OK)) {
            return;
        }
        slot->sent_ms = (uint32_t)c->now_ms;
        c->slot_rel_sent++;
    }
}

void hwi_inflight_pump(struct hawser_client *c)
{
    if (waits_for_connack(c)) {
        return;
    }
    pump_pubrels(c);
    /* MQTT5 4.6 [MQTT-4.6.0-1], MQTT3 4.6 [MQTT-4.6.0-1]: in order. */
    /* MQTT5 4.9 [MQTT-4.9.0-2]: not more than the receive maximum. */
    while (c->slot_sent < c->slot_used &&
           c->slot_sent < c->limits.receive_maximum) {
        struct hawser_slot *slot = hwi_inflight_slot(c, c->slot_sent);
        bool has_room = true;
        uint8_t refused = slot->state == HWI_SLOT_LOST
                              ? HWI_UNKNOWN_ID
                              : hwi_stored_send(c, slot, &has_room);

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

/* How long the answer to slot k has been awaited. */
static uint32_t age_of(const struct hawser_client *c, size_t k)
{
    return (uint32_t)c->now_ms - hwi_inflight_slot(c, k)->sent_ms;
}

void hwi_inflight_touch(struct hawser_client *c, uint16_t packet_id)
{
    if (c->slot_sent > c->slot_released) {
        struct hawser_slot *newest = hwi_inflight_slot(c, c->slot_sent - 1u);

        if (newest->packet_id == packet_id) {
            newest->sent_ms = (uint32_t)c->now_ms;
        }
    }
}

uint64_t hwi_inflight_due_ms(const struct hawser_client *c)
{
    uint32_t age = 0;
    bool has_any = c->slot_rel_sent > 0;

    if (c->cfg->ack_timeout_ms == 0) {
        return HAWSER_NEVER;
    }
    if (has_any) {
        age = age_of(c, 0);
    }
    if (c->slot_sent > c->slot_released) {
        uint32_t publish_age = age_of(c, c->slot_released);

        age = publish_age > age ? publish_age : age;
        has_any = true;
    }
    return has_any ? hwi_after(c->now_ms - age, c->cfg->ack_timeout_ms)
                   : HAWSER_NEVER;
}
