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

static struct hawser_inbound *at(const struct hawser_client *c, size_t i)
{
    return &c->cfg->inbound[i];
}

/* The number of the one with this packet identifier; inbound_used: none. */
static size_t find(const struct hawser_client *c, uint16_t packet_id)
{
    size_t i = 0;

    while (i < c->inbound_used && at(c, i)->packet_id != packet_id) {
        i++;
    }
    return i;
}

/* Number i is taken out of a group that ends before *end, or one behind it. */
static void shrink(uint16_t *end, size_t i)
{
    if (i < *end) {
        (*end)--;
    }
}

/* Takes number i out of the array, whatever its group. */
static struct hawser_inbound take_out(struct hawser_client *c, size_t i)
{
    struct hawser_inbound m = *at(c, i);

    c->inbound_used--;
    shrink(&c->inbound_received, i);
    shrink(&c->inbound_released, i);
    memmove(at(c, i), at(c, i + 1), (c->inbound_used - i) * sizeof m);
    return m;
}

/* Puts one in as number i, which is in a group's range or just behind it. */
static void put_in(struct hawser_client *c, size_t i, struct hawser_inbound m)
{
    memmove(at(c, i + 1), at(c, i), (c->inbound_used - i) * sizeof m);
    *at(c, i) = m;
    c->inbound_used++;
}

/* Arrival ------------------------------------------------------------------- */

/* A message whose identifier is number i came once more. */
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

uint8_t hwi_inbound_release(struct hawser_client *c, uint16_t packet_id)
{
    size_t i = find(c, packet_id);
    struct hawser_inbound m = {.packet_id = packet_id,
                               .reason = HWI_UNKNOWN_ID};

    if (i < c->inbound_released) {
        return HWI_OK; /* its PUBCOMP is about to leave */
    }
    if (i < c->inbound_used && i >= c->inbound_received) {
        return HWI_PROTOCOL_ERROR; /* it got no PUBREC yet */
    }
    if (i < c->inbound_received) {
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

static bool write_ack(struct hawser_client *c, enum hwi_packet_type type,
                      const struct hawser_inbound *m,
                      const struct hawser_properties *p)
{
    const struct hwi_ack_out ack = {
        .packet_id = m->packet_id, .reason = m->reason, .properties = *p};

    return hwi_tx_ack(c, type, &ack);
}

static enum hwi_packet_type ack_type(const struct hawser_inbound *m)
{
    return (m->state & IS_QOS_2) != 0 ? HWI_PUBREC : HWI_PUBACK;
}

/* The first that is not acknowledged. False: no room. */
static bool acknowledge(struct hawser_client *c,
                        const struct hawser_properties *p)
{
    struct hawser_inbound *m = at(c, c->inbound_received);

    if (!write_ack(c, ack_type(m), m, p)) {
        return false;
    }
    m->state |= IS_ACCEPTED;
    /* MQTT5 4.3.3 [MQTT-4.3.3-9]: a refused one is over. */
    if (ack_type(m) == HWI_PUBREC && m->reason < HWI_REFUSAL) {
        c->inbound_received++;
    } else {
        (void)take_out(c, c->inbound_received);
    }
    return true;
}

void hwi_inbound_pump(struct hawser_client *c)
{
    while (c->inbound_released > 0 &&
           write_ack(c, HWI_PUBCOMP, at(c, 0), &no_properties)) {
        (void)take_out(c, 0);
    }
    while (c->inbound_received < c->inbound_used &&
           (at(c, c->inbound_received)->state & IS_ACCEPTED) != 0 &&
           acknowledge(c, &no_properties)) {
    }
}

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
    put_in(c, c->inbound_used,
           (struct hawser_inbound){.packet_id = packet_id,
                                   .state = IS_QOS_2 | IS_ACCEPTED});
    c->inbound_received = c->inbound_used;
}

void hwi_inbound_lose(struct hawser_client *c)
{
    size_t i = 0;

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
        c->inbound_limit = (uint16_t)(c->inbound_limit - c->inbound_used);
    }
    c->inbound_used = 0;
    c->inbound_released = 0;
    c->inbound_received = 0;
}
