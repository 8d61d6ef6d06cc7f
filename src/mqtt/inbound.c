/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inbound QoS 1 messages between arrival and acceptance, and their PUBACKs,
 * which leave in the order of the messages whatever the order of acceptance.
 * [MQTT5 3.4, 4.6, 4.9, MQTT3 3.4, 4.6]
 */
#include "mqtt/client.h"

#include "wire/ack.h"
#include "wire/memory.h"
#include "wire/reason.h"

static struct hawser_inbound *find(struct hawser_client *c, uint16_t packet_id)
{
    for (size_t i = 0; i < c->inbound_count; i++) {
        if (c->inbound[i].packet_id == packet_id) {
            return &c->inbound[i];
        }
    }
    return NULL;
}

uint8_t hwi_inbound_add(struct hawser_client *c, uint16_t packet_id, bool dup)
{
    struct hawser_inbound *waits = find(c, packet_id);

    if (waits != NULL) {
        /* MQTT5 4.4 [MQTT-4.4.0-1]: no second time on one connection. A 3.1.1
         * server may repeat itself, marked so; one PUBACK answers both. */
        if (c->version == HAWSER_MQTT_5 || !dup) {
            return HWI_PROTOCOL_ERROR;
        }
        waits->is_accepted = false;
        return HWI_OK;
    }
    /* MQTT5 3.3.4 [MQTT-3.3.4-9]. 3.1.1 knows no limit, but memory does. */
    if (c->inbound_count == (c->version == HAWSER_MQTT_5
                                 ? hwi_config_receive_maximum(c->cfg)
                                 : HAWSER_INBOUND_MAX)) {
        return HWI_RECEIVE_MAXIMUM_EXCEEDED;
    }
    c->inbound[c->inbound_count++] =
        (struct hawser_inbound){.packet_id = packet_id};
    return HWI_OK;
}

/* Sends the PUBACK of the oldest. False: no room. */
static bool acknowledge(struct hawser_client *c)
{
    enum hawser_version version = (enum hawser_version)c->version;
    struct hwi_ack ack = {.packet_id = c->inbound[0].packet_id,
                          .reason = c->inbound[0].reason};
    struct hwi_writer w = {.at = NULL};

    hwi_ack_write(&w, HWI_PUBACK, &ack, version);
    if (w.len > hwi_tx_room(c)) {
        return false;
    }
    w = hwi_tx_take(c, w.len);
    hwi_ack_write(&w, HWI_PUBACK, &ack, version);
    return true;
}

void hwi_inbound_pump(struct hawser_client *c)
{
    while (c->inbound_count > 0 && c->inbound[0].is_accepted &&
           acknowledge(c)) {
        c->inbound_count--;
        memmove(c->inbound, c->inbound + 1,
                c->inbound_count * sizeof c->inbound[0]);
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
    struct hawser_inbound *m = find(c, packet_id);

    if (c->state != HWI_ONLINE || m == NULL || m->is_accepted) {
        return HAWSER_E_STATE;
    }
    /* The newest is not whole while its payload is coming. */
    if (c->payload_left > 0 && c->event.packet_id == packet_id) {
        return HAWSER_E_STATE;
    }
    if (!reason_is_valid(c, reason)) {
        return HAWSER_E_ARG;
    }
    hwi_clock(c, now_ms);
    m->reason = reason;
    m->is_accepted = true;
    hwi_pump(c);
    return 0;
}
