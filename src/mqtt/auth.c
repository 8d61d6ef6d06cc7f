/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enhanced authentication and re-authentication: whose turn it is, and that the
 * method stays the same. What is said is between the application and the server.
 * [MQTT5 3.15, 4.12]
 */
#include "mqtt/client.h"

#include "wire/auth.h"
#include "wire/memory.h"
#include "wire/property.h"
#include "wire/reason.h"

#define CONTINUE       0x18
#define REAUTHENTICATE 0x19

/* Data, a reason string and a method beside user properties. */
#define PROPERTIES_MAX 16

bool hwi_auth_method(const struct hawser_config *cfg,
                     struct hawser_view *method)
{
    for (size_t i = 0; i < cfg->property_count; i++) {
        if (cfg->properties[i].id == HAWSER_PROP_AUTH_METHOD) {
            *method = cfg->properties[i].value;
            return true;
        }
    }
    return false;
}

bool hwi_auth_fits(const struct hawser_client *c, struct hawser_view properties)
{
    struct hawser_view method;
    struct hawser_property named;
    bool is_named =
        hwi_property_find(properties, HAWSER_PROP_AUTH_METHOD, &named);

    /* MQTT5 4.12 [MQTT-4.12.0-6]: none if we named none. */
    if (!hwi_auth_method(c->cfg, &method)) {
        return !is_named;
    }
    /* MQTT5 4.12 [MQTT-4.12.0-5]: the same, in every AUTH and in CONNACK: a
     * server that goes on without it has not proved what it had to. */
    return is_named && named.value.len == method.len &&
           (method.len == 0 ||
            memcmp(named.value.at, method.at, method.len) == 0);
}

void hwi_auth_open(struct hawser_client *c)
{
    struct hawser_view method;
    bool may_ask =
        c->version == HAWSER_MQTT_5 && hwi_auth_method(c->cfg, &method);

    c->auth = may_ask ? HWI_AUTH_THEIRS : HWI_AUTH_NONE;
}

/* MQTT5 3.1.2.11.7 [MQTT-3.1.2-29]: reason string and user properties, all that
 * may stand here beside method and data, were not asked for. */
static bool breaks_silence(const struct hawser_client *c,
                           struct hawser_view properties)
{
    struct hawser_property p;

    return (hwi_property_find(properties, HAWSER_PROP_REASON_STRING, &p) ||
            hwi_property_find(properties, HAWSER_PROP_USER, &p)) &&
           !hwi_config_asks(c->cfg, HAWSER_PROP_REQUEST_PROBLEM_INFO, true);
}

uint8_t hwi_auth_take(struct hawser_client *c, const struct hwi_packet *p)
{
    struct hwi_auth m;
    struct hawser_event *ev;
    uint8_t fault = hwi_auth_read(&m, p);

    if (fault != HWI_OK) {
        return fault;
    }
    /* Success comes by CONNACK until there was one. */
    if (c->auth != HWI_AUTH_THEIRS ||
        (c->state == HWI_AWAIT_CONNACK && m.reason != CONTINUE) ||
        !hwi_auth_fits(c, m.properties) || breaks_silence(c, m.properties)) {
        return HWI_PROTOCOL_ERROR;
    }
    c->auth = m.reason == CONTINUE ? HWI_AUTH_OURS : HWI_AUTH_NONE;
    ev = hwi_event(c, HAWSER_EVENT_AUTH);
    ev->reason = m.reason;
    ev->properties = m.properties;
    return HWI_OK;
}

/* Is it our turn to say this? */
static bool is_our_turn(const struct hawser_client *c, uint8_t reason)
{
    if (reason == REAUTHENTICATE) {
        return c->state == HWI_ONLINE && c->auth == HWI_AUTH_NONE;
    }
    return c->auth == HWI_AUTH_OURS &&
           (c->state == HWI_ONLINE || c->state == HWI_AWAIT_CONNACK);
}

int hawser_auth(struct hawser_client *c, uint64_t now_ms, uint8_t reason,
                const struct hawser_properties *p)
{
    struct hawser_property all[PROPERTIES_MAX] = {
        {.id = HAWSER_PROP_AUTH_METHOD}};
    struct hwi_auth_out m = {reason, all, p->count + 1};
    struct hwi_property_set seen = {{0, 0}};
    struct hwi_writer w;
    int err;

    if (c->version != HAWSER_MQTT_5 || !is_our_turn(c, reason) ||
        !hwi_auth_method(c->cfg, &all[0].value)) {
        return HAWSER_E_STATE;
    }
    if ((reason != CONTINUE && reason != REAUTHENTICATE) ||
        p->count >= PROPERTIES_MAX) {
        return HAWSER_E_ARG;
    }
    for (size_t i = 0; i < p->count; i++) {
        all[i + 1] = p->at[i];
    }
    /* MQTT5 4.12 [MQTT-4.12.0-5]: a second method is refused as repeated. */
    if (!hwi_properties_are_valid(all, m.property_count, &seen, HWI_AUTH)) {
        return HAWSER_E_ARG;
    }
    hwi_clock(c, now_ms);
    w = hwi_tx_begin(c, HWI_TX_RESERVE);
    hwi_auth_write(&w, &m);
    err = hwi_tx_end(c, &w);
    if (err == 0) {
        c->auth = HWI_AUTH_THEIRS;
    }
    return err;
}
