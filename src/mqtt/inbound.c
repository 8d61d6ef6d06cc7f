/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QoS 1 and 2 messages of the server that are not complete, in three groups:
 *
 *   PUBCOMP waits | PUBREC sent | not acknowledged
 *
 * A message joins at the end. Once it is accepted, and those before it are, its
 * PUBACK takes it out, or its PUBREC moves it to the second group; a PUBREL moves
 * it to the end of the first. So PUBACKs and PUBRECs leave in the order of the
 * messages whatever the order of acceptance, and PUBCOMPs in that of the PUBRELs.
 * [MQTT5 4.3, 4.4, 4.6, 4.9, MQTT3 4.3, 4.4, 4.6]
 */
#include "mqtt/client.h"

#include "wire/memory.h"
#include "wire/property.h"
#include "wire/reason.h"

/* Bits of struct hawser_inbound's state. */
#define IS_QOS_2    1u
#define IS_ACCEPTED 2u
#define IS_RECEIVED 4u /* its PUBREC left once */

/*@ requires \valid_read(c) && \valid_read(c->cfg);
    assigns \nothing;
    ensures \result == c->cfg->inbound + i;
*/
static struct hawser_inbound *at(const struct hawser_client *c, size_t i)
{
    return &c->cfg->inbound[i];
}

/* The number of the one with this packet identifier; inbound_used: none. */
/*@ requires hwi_inbound_is_sound(c);
    assigns \nothing;
    ensures \result <= c->inbound_used;
    ensures \result < c->inbound_used ==>
            c->cfg->inbound[\result].packet_id == packet_id;
    ensures \forall integer k; 0 <= k < \result ==>
            c->cfg->inbound[k].packet_id != packet_id;
*/
static size_t find(const struct hawser_client *c, uint16_t packet_id)
{
    size_t i = 0;

    /*@ loop invariant i <= c->inbound_used;
        loop invariant \forall integer k; 0 <= k < i ==>
                       c->cfg->inbound[k].packet_id != packet_id;
        loop assigns i;
        loop variant c->inbound_used - i;
    */
    while (i < c->inbound_used && at(c, i)->packet_id != packet_id) {
        i++;
    }
    return i;
}

/* Number i is taken out of a group that ends before *end, or one behind it. */
/*@ requires \valid(end);
    assigns *end;
    ensures *end == \old(*end) - (i < \old(*end) ? 1 : 0);
*/
static void shrink(uint16_t *end, size_t i)
{
    if (i < *end) {
        (*end)--;
    }
}

/* Takes number i out of the array, whatever its group. */
/*@ requires hwi_inbound_is_sound(c) && i < c->inbound_used;
    assigns c->inbound_used, c->inbound_received, c->inbound_released,
            c->cfg->inbound[0 .. c->cfg->inbound_count - 1];
    ensures hwi_inbound_is_sound(c);
    ensures \result == \old(c->cfg->inbound[i]);
    ensures c->inbound_used == \old(c->inbound_used) - 1;
    ensures c->inbound_received == \old(c->inbound_received) -
                (i < \old(c->inbound_received) ? 1 : 0);
    ensures c->inbound_released == \old(c->inbound_released) -
                (i < \old(c->inbound_released) ? 1 : 0);
    ensures \forall integer k; 0 <= k < i ==>
            c->cfg->inbound[k] == \old(c->cfg->inbound[k]);
    ensures \forall integer k; i < k <= c->inbound_used ==>
            c->cfg->inbound[k - 1] == \old(c->cfg->inbound[k]);
*/
static struct hawser_inbound take_out(struct hawser_client *c, size_t i)
{
    struct hawser_inbound m = *at(c, i);

    c->inbound_used--;
    shrink(&c->inbound_received, i);
    shrink(&c->inbound_released, i);
    /*@ loop invariant i <= k <= c->inbound_used;
        loop invariant \forall integer j; 0 <= j < i || k <= j <= c->inbound_used
            ==> c->cfg->inbound[j] == \at(c->cfg->inbound[j], Pre);
        loop invariant \forall integer j; i < j <= k ==>
            c->cfg->inbound[j - 1] == \at(c->cfg->inbound[j], Pre);
        loop assigns k, c->cfg->inbound[0 .. c->cfg->inbound_count - 1];
        loop variant c->inbound_used - k;
    */
    for (size_t k = i; k < c->inbound_used; k++) {
        *at(c, k) = *at(c, k + 1);
    }
    return m;
}

/* Puts one in as number i, which is in a group's range or just behind it. */
/*@ requires hwi_inbound_is_sound(c) && i <= c->inbound_used;
    requires c->inbound_used < c->cfg->inbound_count;
    assigns c->inbound_used, c->cfg->inbound[0 .. c->cfg->inbound_count - 1];
    ensures hwi_inbound_is_sound(c);
    ensures c->inbound_used == \old(c->inbound_used) + 1;
    ensures c->cfg->inbound[i] == m;
    ensures \forall integer k; 0 <= k < i ==>
            c->cfg->inbound[k] == \old(c->cfg->inbound[k]);
    ensures \forall integer k; i < k < c->inbound_used ==>
            c->cfg->inbound[k] == \old(c->cfg->inbound[k - 1]);
*/
static void put_in(struct hawser_client *c, size_t i, struct hawser_inbound m)
{
    /*@ loop invariant i <= k <= c->inbound_used;
        loop invariant \forall integer j; 0 <= j < k ==>
            c->cfg->inbound[j] == \at(c->cfg->inbound[j], Pre);
        loop invariant \forall integer j; k < j <= c->inbound_used ==>
            c->cfg->inbound[j] == \at(c->cfg->inbound[j - 1], Pre);
        loop assigns k, c->cfg->inbound[0 .. c->cfg->inbound_count - 1];
        loop variant k - i;
    */
    for (size_t k = c->inbound_used; k > i; k--) {
        *at(c, k) = *at(c, k - 1);
    }
    *at(c, i) = m;
    c->inbound_used++;
}

/* Arrival ------------------------------------------------------------------- */

/* A message whose identifier is number i came once more. */
/*@ requires hwi_inbound_is_sound(c) && i < c->inbound_used;
    requires \valid_read(m) && \valid(is_new);
    requires \separated(is_new, m, c, c->cfg,
                 c->cfg->inbound + (0 .. c->cfg->inbound_count - 1));
    assigns *is_new, c->inbound_used, c->inbound_received, c->inbound_released,
            c->cfg->inbound[0 .. c->cfg->inbound_count - 1];
    ensures hwi_inbound_is_sound(c);
    ensures c->inbound_used == \old(c->inbound_used);
    ensures c->inbound_released == \old(c->inbound_released);
    ensures \result != HWI_OK ==> hwi_inbound_is_same{Pre, Post}(c);
    ensures c->inbound_received == \old(c->inbound_received) -
                (\result == HWI_OK && i < \old(c->inbound_received) ? 1 : 0);
*/
static uint8_t repeat(struct hawser_client *c, size_t i,
                      const struct hwi_publish *m, bool *is_new)
{
    bool is_qos_2 = (at(c, i)->state & IS_QOS_2) != 0;
    struct hawser_inbound again;

    if (is_qos_2 != (m->qos == 2) || i < c->inbound_released) {
        return HWI_PROTOCOL_ERROR;
    }
    *is_new = false;
    if (i < c->inbound_received) {
        /* MQTT5 4.3.3 [MQTT-4.3.3-10], MQTT3 4.3.3: PUBREC once more. */
        again = take_out(c, i);
        put_in(c, c->inbound_used, again);
        return HWI_OK;
    }
    /* MQTT5 4.4 [MQTT-4.4.0-1]: no second time on one connection. A 3.1.1
     * server may repeat itself, marked so; one acknowledgement answers both. */
    if (c->version == HAWSER_MQTT_5 || !m->dup) {
        return HWI_PROTOCOL_ERROR;
    }
    if (!is_qos_2) {
        at(c, i)->state = 0;
        *is_new = true;
    }
    return HWI_OK;
}

uint8_t hwi_inbound_add(struct hawser_client *c, const struct hwi_publish *m,
                        bool *is_new)
{
    size_t i = find(c, m->packet_id);

    if (i < c->inbound_used) {
        return repeat(c, i, m, is_new);
    }
    /* MQTT5 3.3.4 [MQTT-3.3.4-9]. 3.1.1 knows no limit, but memory does. */
    if (c->inbound_used == c->cfg->inbound_count ||
        c->inbound_used - c->inbound_released >= c->inbound_limit) {
        return HWI_RECEIVE_MAXIMUM_EXCEEDED;
    }
    put_in(c, c->inbound_used,
           (struct hawser_inbound){.packet_id = m->packet_id,
                                   .state = m->qos == 2 ? IS_QOS_2 : 0});
    *is_new = true;
    return HWI_OK;
}

void hwi_inbound_refuse(struct hawser_client *c, uint8_t reason)
{
    struct hawser_inbound *m = at(c, c->inbound_used - 1u);

    m->reason = reason;
    m->state |= IS_ACCEPTED;
}

uint8_t hwi_inbound_release(struct hawser_client *c, uint16_t packet_id)
{
    size_t i = find(c, packet_id);
    struct hawser_inbound m = {.packet_id = packet_id,
                               .reason = HWI_UNKNOWN_ID};

    if (i < c->inbound_released) {
        return HWI_OK; /* its PUBCOMP is about to leave */
    }
    if (i < c->inbound_used && i >= c->inbound_received &&
        (at(c, i)->state & IS_RECEIVED) == 0) {
        return HWI_PROTOCOL_ERROR; /* it got no PUBREC yet */
    }
    if (i < c->inbound_used) {
        m = take_out(c, i);
    } else if (c->inbound_used == c->cfg->inbound_count) {
        return HWI_OK; /* it comes again after a reconnect */
    }
    /* MQTT5 3.7.2.1: an identifier that is not known is answered, too. */
    put_in(c, c->inbound_released, m);
    c->inbound_released++;
    c->inbound_received++;
    return HWI_OK;
}

/* Acknowledgements ---------------------------------------------------------- */

static const struct hawser_properties no_properties;

/*@ requires hwi_inbound_is_sound(c) && \valid_read(m) && \valid_read(p);
    requires type < HWI_PACKET_TYPES;
    assigns c->tx_at, c->tx_end, c->cfg->tx.at[0 .. c->cfg->tx.size - 1];
    ensures hwi_inbound_is_sound(c);
*/
static bool write_ack(struct hawser_client *c, enum hwi_packet_type type,
                      const struct hawser_inbound *m,
                      const struct hawser_properties *p)
{
    const struct hwi_ack_out ack = {
        .packet_id = m->packet_id, .reason = m->reason, .properties = *p};

    return hwi_tx_ack(c, type, &ack);
}

/*@ requires \valid_read(m);
    assigns \nothing;
    ensures \result == HWI_PUBREC || \result == HWI_PUBACK;
    ensures \result == HWI_PUBREC <==> hwi_inbound_is_qos_2(*m);
*/
static enum hwi_packet_type ack_type(const struct hawser_inbound *m)
{
    return (m->state & IS_QOS_2) != 0 ? HWI_PUBREC : HWI_PUBACK;
}

/* The first that is not acknowledged. False: no room. */
/*@ requires hwi_inbound_is_sound(c) && \valid_read(p);
    requires c->inbound_received < c->inbound_used;
    assigns c->tx_at, c->tx_end, c->cfg->tx.at[0 .. c->cfg->tx.size - 1],
            c->inbound_used, c->inbound_received, c->inbound_released,
            c->cfg->inbound[0 .. c->cfg->inbound_count - 1];
    ensures hwi_inbound_is_sound(c);
    ensures c->inbound_released == \old(c->inbound_released);
    ensures !\result ==> hwi_inbound_is_same{Pre, Post}(c);
    ensures \result ==>
            c->inbound_used - c->inbound_received ==
            \old(c->inbound_used - c->inbound_received) - 1;
    // PUBREC keeps its message, as the newest of its group; PUBACK and a
    // refusal end it.
    ensures \result && \old(hwi_inbound_is_kept(
                c->cfg->inbound[c->inbound_received])) ==>
            c->inbound_used == \old(c->inbound_used);
    ensures \result && !\old(hwi_inbound_is_kept(
                c->cfg->inbound[c->inbound_received])) ==>
            c->inbound_used == \old(c->inbound_used) - 1;
*/
static bool acknowledge(struct hawser_client *c,
                        const struct hawser_properties *p)
{
    struct hawser_inbound *m = at(c, c->inbound_received);
    enum hwi_packet_type type = ack_type(m);

    if (!write_ack(c, type, m, p)) {
        return false;
    }
    m->state |= IS_ACCEPTED;
    /* MQTT5 4.3.3 [MQTT-4.3.3-9]: a refused one is over. */
    if (type == HWI_PUBREC && m->reason < HWI_REFUSAL) {
        m->state |= IS_RECEIVED;
        c->inbound_received++;
    } else {
        (void)take_out(c, c->inbound_received);
    }
    return true;
}

void hwi_inbound_pump(struct hawser_client *c)
{
    /*@ loop invariant hwi_inbound_is_sound(c);
        loop assigns c->tx_at, c->tx_end,
            c->cfg->tx.at[0 .. c->cfg->tx.size - 1],
            c->inbound_used, c->inbound_received, c->inbound_released,
            c->cfg->inbound[0 .. c->cfg->inbound_count - 1];
        loop variant c->inbound_released;
    */
    while (c->inbound_released > 0 &&
           write_ack(c, HWI_PUBCOMP, at(c, 0), &no_properties)) {
        (void)take_out(c, 0);
    }
    /*@ loop invariant hwi_inbound_is_sound(c);
        loop assigns c->tx_at, c->tx_end,
            c->cfg->tx.at[0 .. c->cfg->tx.size - 1],
            c->inbound_used, c->inbound_received, c->inbound_released,
            c->cfg->inbound[0 .. c->cfg->inbound_count - 1];
        loop variant c->inbound_used - c->inbound_received;
    */
    while (c->inbound_received < c->inbound_used &&
           (at(c, c->inbound_received)->state & IS_ACCEPTED) != 0 &&
           acknowledge(c, &no_properties)) {
    }
}

/*@ requires \valid_read(c);
    assigns \nothing;
*/
static bool reason_is_valid(const struct hawser_client *c, uint8_t reason)
{
    return c->version != HAWSER_MQTT_5 || reason == HWI_OK ||
           (reason >= HWI_REFUSAL &&
            hwi_reason_is_allowed(reason, HWI_PUBACK, HWI_CLIENT));
}

int hawser_accept(struct hawser_client *c, uint64_t now_ms, uint16_t packet_id,
                  uint8_t reason)
{
    return hawser_accept_with(c, now_ms, packet_id, reason, &no_properties);
}

int hawser_accept_with(struct hawser_client *c, uint64_t now_ms,
                       uint16_t packet_id, uint8_t reason,
                       const struct hawser_properties *p)
{
    struct hwi_property_set seen = {{0, 0}};
    size_t i = find(c, packet_id);

    if (c->state != HWI_ONLINE || i < c->inbound_received ||
        i == c->inbound_used || (at(c, i)->state & IS_ACCEPTED) != 0) {
        return HAWSER_E_STATE;
    }
    /* The newest is not whole while its payload is coming. */
    if (c->payload_left > 0 && c->event.packet_id == packet_id) {
        return HAWSER_E_STATE;
    }
    if (!reason_is_valid(c, reason) ||
        !hwi_properties_are_valid(p->at, p->count, &seen, ack_type(at(c, i)))) {
        return HAWSER_E_ARG;
    }
    hwi_clock(c, now_ms);
    /* 3.1.1 has no way to refuse. */
    at(c, i)->reason = c->version == HAWSER_MQTT_5 ? reason : HWI_OK;
    if (p->count == 0 || c->version != HAWSER_MQTT_5) {
        at(c, i)->state |= IS_ACCEPTED;
    } else if (i > c->inbound_received || !acknowledge(c, p)) {
        return HAWSER_E_FULL;
    }
    hwi_pump(c);
    return 0;
}

/* Sessions ------------------------------------------------------------------ */

uint16_t hwi_inbound_places(const struct hawser_client *c)
{
    uint16_t maximum = hwi_config_receive_maximum(c->cfg);

    return c->inbound_used < maximum ? (uint16_t)(maximum - c->inbound_used)
                                     : 1;
}

void hwi_inbound_open(struct hawser_client *c)
{
    size_t limit = c->version == HAWSER_MQTT_5
                       ? (size_t)c->inbound_used + hwi_inbound_places(c)
                       : c->cfg->inbound_count;

    c->inbound_limit = (uint16_t)(limit < UINT16_MAX ? limit : UINT16_MAX);
}

bool hwi_inbound_stays(const struct hawser_client *c, size_t i)
{
    const struct hawser_inbound *m = at(c, i);

    return (m->state & IS_ACCEPTED) != 0 && (m->state & IS_QOS_2) != 0 &&
           m->reason < HWI_REFUSAL;
}

void hwi_inbound_restore(struct hawser_client *c, uint16_t packet_id)
{
    put_in(
        c, c->inbound_used,
        (struct hawser_inbound){.packet_id = packet_id,
                                .state = IS_QOS_2 | IS_ACCEPTED | IS_RECEIVED});
    c->inbound_received = c->inbound_used;
}

void hwi_inbound_lose(struct hawser_client *c)
{
    size_t i = 0;

    /*@ loop invariant hwi_inbound_is_sound(c) && i <= c->inbound_used;
        loop invariant \forall integer k; 0 <= k < i ==>
                       hwi_inbound_is_kept(c->cfg->inbound[k]);
        loop assigns i, c->inbound_used, c->inbound_received,
            c->inbound_released,
            c->cfg->inbound[0 .. c->cfg->inbound_count - 1];
        loop variant c->inbound_used - i;
    */
    while (i < c->inbound_used) {
        if (hwi_inbound_stays(c, i)) {
            i++;
        } else {
            (void)take_out(c, i);
        }
    }
    c->inbound_released = 0;
    c->inbound_received = c->inbound_used;
}

void hwi_inbound_reset(struct hawser_client *c)
{
    if (c->version == HAWSER_MQTT_5) { /* it knows of that many places */
        c->inbound_limit = c->inbound_limit > c->inbound_used
                               ? (uint16_t)(c->inbound_limit - c->inbound_used)
                               : 1;
    }
    c->inbound_used = 0;
    c->inbound_released = 0;
    c->inbound_received = 0;
}
