/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each packet does in each state: one table, one handler a cell. A cell
 * without a handler is a protocol error. Handlers decode and check everything
 * before they change anything. [MQTT5 3, 4.13, MQTT3 3]
 */
#include "mqtt/client.h"

#include "wire/ack.h"
#include "wire/connack.h"
#include "wire/crc32.h"
#include "wire/property.h"
#include "wire/publish.h"
#include "wire/reason.h"
#include "wire/suback.h"
#include "wire/unsuback.h"

typedef uint8_t handler(struct hawser_client *c, const struct hwi_packet *p);

static bool has(struct hawser_view properties, enum hawser_property_id id)
{
    struct hawser_property p;

    return hwi_property_find(properties, id, &p);
}

/* MQTT5 3.1.2.11.7 [MQTT-3.1.2-29]: whoever asked for no problem information
 * gets neither reason strings nor user properties in acknowledgements. Nothing
 * else can stand there. */
static bool breaks_silence(const struct hawser_client *c,
                           struct hawser_view properties)
{
    return properties.len > 0 &&
           !hwi_config_asks(c->cfg, HAWSER_PROP_REQUEST_PROBLEM_INFO, true);
}

/* MQTT5 3.2.2.3.7 [MQTT-3.1.3-7]: the identifier of this connection. */
static struct hawser_view id_of(const struct hawser_client *c,
                                struct hawser_view properties)
{
    struct hawser_property assigned;

    return hwi_property_find(properties, HAWSER_PROP_ASSIGNED_CLIENT_ID,
                             &assigned)
               ? assigned.value
               : c->cfg->client_id;
}

void hwi_session_ask(struct hawser_client *c)
{
    uint32_t asked = hwi_crc32(c->cfg->client_id);

    if (c->session_of == 0) {
        c->session_of = asked;
    } else {
        c->asked_of = asked;
    }
}

/* MQTT5 3.2.2.1.1 [MQTT-3.2.2-4]: is that a session of ours, kept or only asked
 * for by a CONNECT that was not answered? */
static bool is_ours(const struct hawser_client *c, struct hawser_view id)
{
    uint32_t of = hwi_crc32(id);

    return c->session_of == of || c->asked_of == of;
}

/* What only the session can judge about a CONNACK that accepts. */
static uint8_t check_connack(const struct hawser_client *c,
                             const struct hwi_connack *m, struct hawser_view id)
{
    /* MQTT5 3.2.2.1.1 [MQTT-3.2.2-2], MQTT3 3.2.2.2 [MQTT-3.2.2-1]. */
    if (m->session_present && c->cfg->clean_start) {
        return HWI_PROTOCOL_ERROR;
    }
    if (c->version != HAWSER_MQTT_5) {
        return HWI_OK;
    }
    /* MQTT5 3.2.2.3.7 [MQTT-3.2.2-16]: an id for who came without. */
    /* MQTT5 4.12: not while it waits for our next AUTH. */
    if ((m->session_present && !is_ours(c, id)) || id.len == 0 ||
        c->auth == HWI_AUTH_OURS) {
        return HWI_PROTOCOL_ERROR;
    }
    /* MQTT5 3.1.2.11.6 [MQTT-3.1.2-28]. */
    return hwi_auth_fits(c, m->properties) &&
                   (!has(m->properties, HAWSER_PROP_RESPONSE_INFO) ||
                    hwi_config_asks(c->cfg, HAWSER_PROP_REQUEST_RESPONSE_INFO,
                                    false))
               ? HWI_OK
               : HWI_PROTOCOL_ERROR;
}

/* MQTT5 3.1.3.1 [MQTT-3.1.3-2], MQTT3 3.1.3.1 [MQTT-3.1.3-2]: what is kept
 * belongs to an identifier. Does it go on? From now on it is of this one. */
static bool session_goes_on(struct hawser_client *c,
                            const struct hwi_connack *m, struct hawser_view id)
{
    uint32_t last = c->session_of;

    c->session_of = hwi_crc32(id);
    return m->session_present && c->session_of == last;
}

static uint8_t on_connack(struct hawser_client *c, const struct hwi_packet *p)
{
    struct hwi_connack m;
    struct hawser_event *ev;
    struct hawser_view id;
    bool goes_on;
    uint8_t fault = hwi_connack_read(&m, p);

    c->is_answered = true;
    id = id_of(c, m.properties);
    if (fault == HWI_OK && m.reason == HWI_OK) {
        fault = check_connack(c, &m, id);
    }
    if (fault != HWI_OK) {
        return fault;
    }
    ev = hwi_event(c, m.reason == HWI_OK ? HAWSER_EVENT_CONNECTED
                                         : HAWSER_EVENT_REFUSED);
    ev->reason = m.reason;
    ev->session_present = m.session_present;
    ev->properties = m.properties;
    if (m.reason != HWI_OK) {
        hwi_inflight_refuse(c);
        (void)hwi_fail(c, HAWSER_E_REFUSED);
        return HWI_OK;
    }
    c->state = HWI_ONLINE;
    c->auth = HWI_AUTH_NONE;
    hwi_limits_take(c, m.properties);
    goes_on = session_goes_on(c, &m, id);
    hwi_inflight_restart(c, goes_on);
    if (!goes_on) {
        hwi_inbound_reset(c);
    }
    hwi_pump(c);
    return HWI_OK;
}

/* Nothing is told of the message that comes. */
static void mute(struct hawser_client *c)
{
    c->is_muted = true;
    c->event = (struct hawser_event){.packet_id = 0};
    hwi_pump(c);
}

static uint8_t on_publish(struct hawser_client *c, const struct hwi_packet *p)
{
    struct hwi_publish m;
    struct hawser_event *ev;
    bool is_new = true;
    uint8_t fault = hwi_publish_read(&m, p);

    if (fault == HWI_OK) {
        fault = hwi_alias_take(c, &m);
    }
    if (fault == HWI_OK && m.qos > 0) {
        fault = hwi_inbound_add(c, &m, &is_new);
    }
    if (fault != HWI_OK) {
        return fault;
    }
    if (!is_new) {
        mute(c);
        return HWI_OK;
    }
    ev = hwi_event(c, HAWSER_EVENT_MESSAGE);
    ev->packet_id = m.packet_id;
    ev->topic = m.topic;
    ev->payload = m.payload;
    ev->properties = m.properties;
    ev->qos = m.qos;
    ev->retain = m.retain;
    ev->dup = m.dup;
    c->has_event = c->payload_left == 0; /* else with its first part */
    return HWI_OK;
}

/* PUBACK, PUBREC, PUBCOMP. */
static uint8_t on_answer(struct hawser_client *c, const struct hwi_packet *p)
{
    struct hwi_inflight_answer answer = {.type = HWI_TYPE_OF(p->header)};
    struct hwi_ack m;
    struct hawser_event *ev;
    bool is_done = false;
    uint8_t fault = hwi_ack_read(&m, p);

    if (fault == HWI_OK && breaks_silence(c, m.properties)) {
        fault = HWI_PROTOCOL_ERROR;
    }
    if (fault == HWI_OK) {
        answer.packet_id = m.packet_id;
        answer.reason = m.reason;
        fault = hwi_inflight_take(c, &answer, &is_done);
    }
    if (fault != HWI_OK) {
        return fault;
    }
    if (is_done) {
        ev = hwi_event(c, HAWSER_EVENT_PUBLISHED);
        ev->packet_id = m.packet_id;
        ev->reason = answer.reason;
        ev->properties = m.properties;
    }
    hwi_pump(c);
    return HWI_OK;
}

static uint8_t on_pubrel(struct hawser_client *c, const struct hwi_packet *p)
{
    struct hwi_ack m;
    uint8_t fault = hwi_ack_read(&m, p);

    if (fault == HWI_OK && breaks_silence(c, m.properties)) {
        fault = HWI_PROTOCOL_ERROR;
    }
    if (fault == HWI_OK) {
        fault = hwi_inbound_release(c, m.packet_id);
    }
    if (fault == HWI_OK) {
        hwi_pump(c);
    }
    return fault;
}

/* SUBACK or UNSUBACK: is it the answer to what is under way? */
static bool is_answer(const struct hawser_client *c, uint8_t request_type,
                      uint16_t packet_id)
{
    return c->request_type == request_type && c->request_id == packet_id;
}

static uint8_t on_suback(struct hawser_client *c, const struct hwi_packet *p)
{
    struct hwi_suback m;
    struct hawser_event *ev;
    uint8_t fault = hwi_suback_read(&m, p);

    if (fault != HWI_OK) {
        return fault;
    }
    /* MQTT5 3.8.4 [MQTT-3.8.4-2], MQTT3 3.8.4 [MQTT-3.8.4-2]: our id. */
    /* MQTT5 3.8.4 [MQTT-3.8.4-6], MQTT3 3.8.4 [MQTT-3.8.4-5]: as many. */
    if (!is_answer(c, HWI_SUBSCRIBE, m.packet_id) ||
        m.reasons.len != c->request_count || breaks_silence(c, m.properties)) {
        return HWI_PROTOCOL_ERROR;
    }
    c->request_type = 0;
    ev = hwi_event(c, HAWSER_EVENT_SUBSCRIBED);
    ev->packet_id = m.packet_id;
    ev->reasons = m.reasons;
    ev->properties = m.properties;
    return HWI_OK;
}

static uint8_t on_unsuback(struct hawser_client *c, const struct hwi_packet *p)
{
    struct hwi_unsuback m;
    struct hawser_event *ev;
    uint8_t fault = hwi_unsuback_read(&m, p);

    if (fault != HWI_OK) {
        return fault;
    }
    /* MQTT5 3.10.4 [MQTT-3.10.4-5], MQTT3 3.10.4 [MQTT-3.10.4-4]: our id. */
    if (!is_answer(c, HWI_UNSUBSCRIBE, m.packet_id) ||
        breaks_silence(c, m.properties)) {
        return HWI_PROTOCOL_ERROR;
    }
    /* MQTT5 3.11.3 [MQTT-3.11.3-1]: one code for each filter. */
    if (c->version == HAWSER_MQTT_5 && m.reasons.len != c->request_count) {
        return HWI_PROTOCOL_ERROR;
    }
    c->request_type = 0;
    ev = hwi_event(c, HAWSER_EVENT_UNSUBSCRIBED);
    ev->packet_id = m.packet_id;
    ev->reasons = m.reasons;
    ev->properties = m.properties;
    return HWI_OK;
}

static uint8_t on_pingresp(struct hawser_client *c, const struct hwi_packet *p)
{
    (void)p; /* has no body: the packet table saw to it */
    hwi_keepalive_answered(c);
    return HWI_OK;
}

static uint8_t on_disconnect(struct hawser_client *c,
                             const struct hwi_packet *p)
{
    struct hwi_disconnect m;
    struct hawser_event *ev;
    uint8_t fault = hwi_disconnect_read(&m, p);

    if (fault != HWI_OK) {
        return fault;
    }
    c->state = HWI_ENDED;
    ev = hwi_event(c, HAWSER_EVENT_DISCONNECTED);
    ev->reason = m.reason;
    ev->properties = m.properties;
    return HWI_OK;
}

static handler *const handlers[HWI_STATES][HWI_PACKET_TYPES] = {
    [HWI_AWAIT_CONNACK] =
        {
            [HWI_CONNACK] = on_connack,
            [HWI_AUTH] = hwi_auth_take,
        },
    [HWI_ONLINE] =
        {
            [HWI_PUBLISH] = on_publish,
            [HWI_PUBACK] = on_answer,
            [HWI_PUBREC] = on_answer,
            [HWI_PUBREL] = on_pubrel,
            [HWI_PUBCOMP] = on_answer,
            [HWI_SUBACK] = on_suback,
            [HWI_UNSUBACK] = on_unsuback,
            [HWI_PINGRESP] = on_pingresp,
            [HWI_DISCONNECT] = on_disconnect,
            [HWI_AUTH] = hwi_auth_take,
        },
};

uint8_t hwi_session_pass_by(struct hawser_client *c, const struct hwi_packet *p)
{
    struct hwi_publish m;
    bool is_new = false;
    uint8_t fault = HWI_OK;

    /* 3.1.1 has no properties: it is the topic that is too large. */
    if (p->version != HAWSER_MQTT_5 || hwi_publish_read_id(&m, p) != HWI_OK) {
        return HWI_PACKET_TOO_LARGE;
    }
    if (m.qos > 0) {
        fault = hwi_inbound_add(c, &m, &is_new);
    }
    if (fault != HWI_OK) {
        return fault;
    }
    if (is_new) {
        hwi_inbound_refuse(c, HWI_QUOTA_EXCEEDED);
    }
    mute(c);
    return HWI_OK;
}

bool hwi_session_expects(const struct hawser_client *c,
                         enum hwi_packet_type type)
{
    return handlers[c->state][type] != NULL;
}

uint8_t hwi_session_handle(struct hawser_client *c, const struct hwi_packet *p)
{
    return handlers[c->state][HWI_TYPE_OF(p->header)](c, p);
}
