/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may stand in a configuration, and the CONNECT that is made from it.
 * [MQTT5 3.1, MQTT3 3.1]
 */
#include "mqtt/client.h"

#include "wire/property.h"
#include "wire/topic.h"
#include "wire/utf8.h"

#define SPAN_MIN 64

/* Half of the packet identifiers: a new one is always found. */
#define SLOTS_MAX 32767

/* Properties that the client makes itself: the caller cannot give them. As a set
 * of properties that were seen already. */
#define BIT(id) (1u << ((id)&31u))

static const struct hwi_property_set reserved = {
    .bits = {BIT(HAWSER_PROP_SESSION_EXPIRY),
             BIT(HAWSER_PROP_RECEIVE_MAXIMUM) |
                 BIT(HAWSER_PROP_TOPIC_ALIAS_MAXIMUM) |
                 BIT(HAWSER_PROP_MAXIMUM_PACKET_SIZE)},
};

static bool memory_is_usable(const struct hawser_config *cfg)
{
    if (cfg->rx.at == NULL || cfg->rx.size < SPAN_MIN) {
        return false;
    }
    if (cfg->tx.at == NULL || cfg->tx.size < SPAN_MIN) {
        return false;
    }
    if (cfg->store.size > UINT32_MAX ||
        (cfg->store.at == NULL && cfg->store.size > 0)) {
        return false;
    }
    if (!hwi_alias_memory_is_usable(cfg)) {
        return false;
    }
    if (cfg->inbound == NULL || cfg->inbound_count == 0 ||
        cfg->inbound_count > UINT16_MAX) {
        return false;
    }
    return cfg->slots != NULL && cfg->slot_count > 0 &&
           cfg->slot_count <= SLOTS_MAX;
}

static bool login_is_valid(const struct hawser_config *cfg)
{
    bool is_v5 = cfg->version == HAWSER_MQTT_5;

    /* MQTT5 3.1.3.1 [MQTT-3.1.3-4], MQTT3 3.1.3.1 [MQTT-3.1.3-4]. */
    if (!hwi_utf8_is_valid(cfg->client_id)) {
        return false;
    }
    /* MQTT3 3.1.3.1 [MQTT-3.1.3-7]: no id only with a clean session. */
    if (!is_v5 && cfg->client_id.len == 0 && !cfg->clean_start) {
        return false;
    }
    /* MQTT3 3.1.2.9 [MQTT-3.1.2-22]: no password without a user name. */
    if (!is_v5 && cfg->password.at != NULL && cfg->username.at == NULL) {
        return false;
    }
    return hwi_utf8_is_valid(cfg->username) && cfg->password.len <= UINT16_MAX;
}

static bool will_is_valid(const struct hawser_config *cfg)
{
    const struct hawser_message *will = cfg->will;
    struct hwi_property_set seen = {{0, 0}};

    if (will == NULL) {
        return true;
    }
    /* MQTT5 3.1.2.6 [MQTT-3.1.2-12], MQTT3 3.1.2.6 [MQTT-3.1.2-14]. */
    if (will->qos > 2 || will->payload.len > UINT16_MAX ||
        will->payload_more > 0) {
        return false;
    }
    return hwi_topic_is_valid(will->topic) &&
           hwi_properties_are_valid(will->properties, will->property_count,
                                    &seen, HWI_WILL);
}

/* MQTT5 3.1.2.11.10: data only with a method. */
static bool auth_is_valid(const struct hawser_config *cfg)
{
    struct hawser_view method;

    for (size_t i = 0; i < cfg->property_count; i++) {
        if (cfg->properties[i].id == HAWSER_PROP_AUTH_DATA) {
            return hwi_auth_method(cfg, &method);
        }
    }
    return true;
}

int hwi_config_check(const struct hawser_config *cfg)
{
    struct hwi_property_set seen = reserved;

    if (!hwi_version_is_known(cfg->version)) {
        return HAWSER_E_ARG;
    }
    if (cfg->receive_maximum > cfg->inbound_count) {
        return HAWSER_E_ARG;
    }
    if (!memory_is_usable(cfg) || !login_is_valid(cfg) || !will_is_valid(cfg)) {
        return HAWSER_E_ARG;
    }
    return hwi_properties_are_valid(cfg->properties, cfg->property_count, &seen,
                                    HWI_CONNECT) &&
                   auth_is_valid(cfg)
               ? 0
               : HAWSER_E_ARG;
}

uint16_t hwi_config_receive_maximum(const struct hawser_config *cfg)
{
    return cfg->receive_maximum == 0 ? (uint16_t)cfg->inbound_count
                                     : cfg->receive_maximum;
}

bool hwi_config_asks(const struct hawser_config *cfg,
                     enum hawser_property_id id, bool dflt)
{
    for (size_t i = 0; i < cfg->property_count; i++) {
        if (cfg->properties[i].id == id) {
            return cfg->properties[i].number != 0;
        }
    }
    return dflt;
}

void hwi_config_connect(const struct hawser_client *c, struct hwi_connect *m,
                        struct hawser_property own[HWI_OWN_PROPERTIES_MAX])
{
    const struct hawser_config *cfg = c->cfg;
    size_t n = 0;

    if (cfg->session_expiry_s != 0) {
        own[n++] = (struct hawser_property){.id = HAWSER_PROP_SESSION_EXPIRY,
                                            .number = cfg->session_expiry_s};
    }
    own[n++] = (struct hawser_property){.id = HAWSER_PROP_RECEIVE_MAXIMUM,
                                        .number = hwi_inbound_places(c)};
    if (cfg->maximum_packet_size != 0) {
        own[n++] =
            (struct hawser_property){.id = HAWSER_PROP_MAXIMUM_PACKET_SIZE,
                                     .number = cfg->maximum_packet_size};
    }
    if (cfg->alias_in_count != 0) {
        own[n++] =
            (struct hawser_property){.id = HAWSER_PROP_TOPIC_ALIAS_MAXIMUM,
                                     .number = cfg->alias_in_count};
    }
    *m = (struct hwi_connect){
        .version = cfg->version,
        .clean_start = cfg->clean_start,
        .keep_alive_s = cfg->keep_alive_s,
        .client_id = cfg->client_id,
        .username = cfg->username,
        .password = cfg->password,
        .will = cfg->will,
        .properties = {{own, n}, {cfg->properties, cfg->property_count}},
    };
}
