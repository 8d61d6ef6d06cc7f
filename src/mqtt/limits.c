/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the server allows. [MQTT5 3.2.2.3]
 */
#include "mqtt/client.h"

#include "wire/reason.h"

void hwi_limits_reset(struct hawser_client *c)
{
    c->limits = (struct hawser_limits){
        .session_expiry_s = c->cfg->session_expiry_s,
        .receive_maximum = UINT16_MAX,
        .maximum_qos = 2,
        .retain_available = true,
        .maximum_packet_size = UINT32_MAX,
        .wildcard_available = true,
        .subscription_id_available = true,
        .shared_available = true,
        .keep_alive_s = c->cfg->keep_alive_s,
    };
}

static void take(struct hawser_limits *limits, const struct hawser_property *p)
{
    if (p->id == HAWSER_PROP_SESSION_EXPIRY) {
        limits->session_expiry_s = p->number;
    } else if (p->id == HAWSER_PROP_RECEIVE_MAXIMUM) {
        limits->receive_maximum = (uint16_t)p->number;
    } else if (p->id == HAWSER_PROP_MAXIMUM_QOS) {
        limits->maximum_qos = (uint8_t)p->number;
    } else if (p->id == HAWSER_PROP_RETAIN_AVAILABLE) {
        limits->retain_available = p->number != 0;
    } else if (p->id == HAWSER_PROP_MAXIMUM_PACKET_SIZE) {
        limits->maximum_packet_size = p->number;
    } else if (p->id == HAWSER_PROP_TOPIC_ALIAS_MAXIMUM) {
        limits->topic_alias_maximum = (uint16_t)p->number;
    } else if (p->id == HAWSER_PROP_WILDCARD_AVAILABLE) {
        limits->wildcard_available = p->number != 0;
    } else if (p->id == HAWSER_PROP_SUBSCRIPTION_ID_AVAILABLE) {
        limits->subscription_id_available = p->number != 0;
    } else if (p->id == HAWSER_PROP_SHARED_AVAILABLE) {
        limits->shared_available = p->number != 0;
    } else if (p->id == HAWSER_PROP_SERVER_KEEP_ALIVE) {
        /* MQTT5 3.2.2.3.14 [MQTT-3.1.2-21]: in place of our own. */
        limits->keep_alive_s = (uint16_t)p->number;
    }
}

void hwi_limits_take(struct hawser_client *c, struct hawser_view properties)
{
    struct hawser_property p;

    while (hawser_property_next(&properties, &p)) {
        take(&c->limits, &p);
    }
}

uint8_t hwi_limits_refuse(const struct hawser_client *c, uint8_t header)
{
    unsigned qos = (header & HWI_QOS_MASK) >> HWI_QOS_SHIFT;

    /* MQTT5 3.2.2.3.4 [MQTT-3.2.2-11]. */
    if (qos > c->limits.maximum_qos) {
        return HWI_QOS_NOT_SUPPORTED;
    }
    /* MQTT5 3.2.2.3.5 [MQTT-3.2.2-14]. */
    return (header & HWI_RETAIN) != 0 && !c->limits.retain_available
               ? HWI_RETAIN_NOT_SUPPORTED
               : HWI_OK;
}
