/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of properties; checking, reading and writing by it.
 * [MQTT5 2.2.2.2, table 2-4]
 */
#include "wire/property.h"

#include "wire/reason.h"
#include "wire/topic.h"
#include "wire/utf8.h"
#include "wire/varint.h"

enum value_type {
    NONE,
    BYTE,
    TWO_BYTES,
    FOUR_BYTES,
    VARINT,
    STRING,
    BINARY,
    PAIR
};

enum value_rule {
    ANY,
    TRUTH,     /* 0 or 1 */
    NOT_ZERO,  /* 0 is a protocol error */
    ALIAS,     /* 0 is an invalid topic alias */
    TOPIC,     /* a topic name */
    REPEATS,   /* may stand there more than once */
    REPEATS_IN /* not zero, and a server may repeat it */
};

struct rule {
    uint8_t type;         /* enum value_type; NONE: no such property */
    uint8_t rule;         /* enum value_rule */
    uint16_t from_client; /* bit n: packet type n, bit 0: will */
    uint16_t from_server;
};

#define BIT(type)   (1u << HWI_##type)
#define CONNECT     BIT(CONNECT)
#define CONNACK     BIT(CONNACK)
#define PUBLISH     BIT(PUBLISH)
#define SUBSCRIBE   BIT(SUBSCRIBE)
#define DISCONNECT  BIT(DISCONNECT)
#define AUTH        BIT(AUTH)
#define WILL        1u
#define MESSAGE     (PUBLISH | WILL)
#define ACKS        (BIT(PUBACK) | BIT(PUBREC) | BIT(PUBREL) | BIT(PUBCOMP))
#define SUBACKS     (BIT(SUBACK) | BIT(UNSUBACK))
#define REASON_ROOM (ACKS | DISCONNECT | AUTH)

static const struct rule rules[] = {
    [HAWSER_PROP_PAYLOAD_FORMAT] = {BYTE, TRUTH, MESSAGE, PUBLISH},
    [HAWSER_PROP_MESSAGE_EXPIRY] = {FOUR_BYTES, ANY, MESSAGE, PUBLISH},
    [HAWSER_PROP_CONTENT_TYPE] = {STRING, ANY, MESSAGE, PUBLISH},
    [HAWSER_PROP_RESPONSE_TOPIC] = {STRING, TOPIC, MESSAGE, PUBLISH},
    [HAWSER_PROP_CORRELATION_DATA] = {BINARY, ANY, MESSAGE, PUBLISH},
    [HAWSER_PROP_SUBSCRIPTION_ID] = {VARINT, REPEATS_IN, SUBSCRIBE, PUBLISH},
    [HAWSER_PROP_SESSION_EXPIRY] = {FOUR_BYTES, ANY, CONNECT | DISCONNECT,
                                    CONNACK},
    [HAWSER_PROP_ASSIGNED_CLIENT_ID] = {STRING, ANY, 0, CONNACK},
    [HAWSER_PROP_SERVER_KEEP_ALIVE] = {TWO_BYTES, ANY, 0, CONNACK},
    [HAWSER_PROP_AUTH_METHOD] = {STRING, ANY, CONNECT | AUTH, CONNACK | AUTH},
    [HAWSER_PROP_AUTH_DATA] = {BINARY, ANY, CONNECT | AUTH, CONNACK | AUTH},
    [HAWSER_PROP_REQUEST_PROBLEM_INFO] = {BYTE, TRUTH, CONNECT, 0},
    [HAWSER_PROP_WILL_DELAY] = {FOUR_BYTES, ANY, WILL, 0},
    [HAWSER_PROP_REQUEST_RESPONSE_INFO] = {BYTE, TRUTH, CONNECT, 0},
    [HAWSER_PROP_RESPONSE_INFO] = {STRING, ANY, 0, CONNACK},
    [HAWSER_PROP_SERVER_REFERENCE] = {STRING, ANY, 0, CONNACK | DISCONNECT},
    [HAWSER_PROP_REASON_STRING] = {STRING, ANY, REASON_ROOM,
                                   REASON_ROOM | SUBACKS | CONNACK},
    [HAWSER_PROP_RECEIVE_MAXIMUM] = {TWO_BYTES, NOT_ZERO, CONNECT, CONNACK},
    [HAWSER_PROP_TOPIC_ALIAS_MAXIMUM] = {TWO_BYTES, ANY, CONNECT, CONNACK},
    [HAWSER_PROP_TOPIC_ALIAS] = {TWO_BYTES, ALIAS, PUBLISH, PUBLISH},
    [HAWSER_PROP_MAXIMUM_QOS] = {BYTE, TRUTH, 0, CONNACK},
    [HAWSER_PROP_RETAIN_AVAILABLE] = {BYTE, TRUTH, 0, CONNACK},
    [HAWSER_PROP_USER] = {PAIR, REPEATS,
                          REASON_ROOM | CONNECT | MESSAGE | SUBSCRIBE |
                              BIT(UNSUBSCRIBE),
                          REASON_ROOM | CONNACK | PUBLISH | SUBACKS},
    [HAWSER_PROP_MAXIMUM_PACKET_SIZE] = {FOUR_BYTES, NOT_ZERO, CONNECT,
                                         CONNACK},
    [HAWSER_PROP_WILDCARD_AVAILABLE] = {BYTE, TRUTH, 0, CONNACK},
    [HAWSER_PROP_SUBSCRIPTION_ID_AVAILABLE] = {BYTE, TRUTH, 0, CONNACK},
    [HAWSER_PROP_SHARED_AVAILABLE] = {BYTE, TRUTH, 0, CONNACK},
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

/* The row of an identifier; unknown ones get that of 0, which has no type. */
/*@ assigns \nothing;
    ensures \result == &rules[id < RULES ? id : 0];
    ensures \result->type != NONE ==> id < RULES;
*/
static const struct rule *rule_of(uint32_t id)
{
    return &rules[id < RULES ? id : 0];
}

/*@ assigns \nothing; */
bool hwi_version_is_known(enum hawser_version version)
{
    return version == HAWSER_MQTT_3_1_1 || version == HAWSER_MQTT_5;
}

/*@ requires \valid_read(rule);
    assigns \nothing;
*/
static uint8_t check_number(const struct rule *rule, uint32_t number)
{
    switch ((enum value_rule)rule->rule) {
    case TRUTH:
        return number <= 1 ? HWI_OK : HWI_PROTOCOL_ERROR;
    case NOT_ZERO:
    case REPEATS_IN:
        return number != 0 ? HWI_OK : HWI_PROTOCOL_ERROR;
    case ALIAS:
        /* MQTT5 3.3.2.3.4 [MQTT-3.3.2-8]: alias 0 is invalid. */
        return number != 0 ? HWI_OK : HWI_BAD_TOPIC_ALIAS;
    case ANY:
    case TOPIC:
    case REPEATS:
        break;
    }
    return HWI_OK;
}

/*@ requires \valid_read(rule);
    assigns \nothing;
*/
static bool may_repeat(const struct rule *rule, enum hwi_sender sender)
{
    return rule->rule == REPEATS ||
           (rule->rule == REPEATS_IN && sender == HWI_SERVER);
}

uint8_t hwi_property_check(const struct hawser_property *p,
                           struct hwi_property_set *seen,
                           enum hwi_packet_type type, enum hwi_sender sender)
{
    uint32_t id = (uint32_t)p->id;
    const struct rule *rule = rule_of(id);
    unsigned packets =
        sender == HWI_CLIENT ? rule->from_client : rule->from_server;
    uint32_t bit = 1u << id % 32;

    /* MQTT5 2.2.2.2: not valid for its packet type is malformed. */
    if (rule->type == NONE || (packets >> type & 1u) == 0) {
        return HWI_MALFORMED;
    }
    /* MQTT5 3.x.2.x: to include it more than once is a protocol error. */
    if ((seen->bits[id / 32] & bit) != 0 && !may_repeat(rule, sender)) {
        return HWI_PROTOCOL_ERROR;
    }
    seen->bits[id / 32] |= bit;
    return check_number(rule, p->number);
}

/* One identifier and its value. */
/*@ requires hwi_reader_is_sound(r) && \valid(p) && \separated(p, r);
    requires \separated(p, r->at + (0 .. r->left - 1));
    assigns *r, *p;
    ensures hwi_reader_is_sound(r) && hwi_reader_went_on{Pre, Post}(r);
    ensures r->fault == HWI_OK ==> r->left < \old(r->left);
    ensures hwi_is_inside(p->name, \old(r->at), \old(r->left));
    ensures hwi_is_inside(p->value, \old(r->at), \old(r->left));
*/
static void read_property(struct hwi_reader *r, struct hawser_property *p)
{
    uint32_t id = hwi_read_varint(r);

    *p = (struct hawser_property){.id = (enum hawser_property_id)id};
    /*@ assert hwi_reader_is_sound(r) && hwi_reader_went_on{Pre, Here}(r); */
    switch ((enum value_type)rule_of(id)->type) {
    case NONE:
        hwi_read_fail(r, HWI_MALFORMED);
        break;
    case BYTE:
        p->number = hwi_read_u8(r);
        break;
    case TWO_BYTES:
        p->number = hwi_read_u16(r);
        break;
    case FOUR_BYTES:
        p->number = hwi_read_u32(r);
        break;
    case VARINT:
        p->number = hwi_read_varint(r);
        break;
    case STRING:
        p->value = hwi_read_string(r);
        break;
    case BINARY:
        p->value = hwi_read_binary(r);
        break;
    case PAIR:
        p->name = hwi_read_string(r);
        /*@ assert hwi_reader_is_sound(r); */
        /*@ assert hwi_reader_went_on{Pre, Here}(r); */
        p->value = hwi_read_string(r);
        break;
    }
}

/*@ requires \valid_read(p) && hwi_is_readable(p->value);
    assigns \nothing;
*/
static bool value_is_topic(const struct hawser_property *p)
{
    return rule_of((uint32_t)p->id)->rule != TOPIC ||
           hwi_topic_is_valid(p->value);
}

/* What is wrong with a server's properties; HWI_OK: nothing. */
/*@ requires hwi_is_readable(bytes) && type < HWI_PACKET_TYPES;
    assigns \nothing;
*/
static uint8_t check_list(struct hawser_view bytes, enum hwi_packet_type type)
{
    struct hwi_reader r = hwi_reader_of(bytes);
    struct hwi_property_set seen = {{0, 0}};

    /*@ loop invariant hwi_reader_is_sound(&r);
        loop assigns r, seen;
        loop variant r.left;
    */
    while (r.left > 0) {
        struct hawser_property p;
        uint8_t fault;

        read_property(&r, &p);
        if (r.fault != HWI_OK) {
            return r.fault;
        }
        fault = hwi_property_check(&p, &seen, type, HWI_SERVER);
        if (fault != HWI_OK) {
            return fault;
        }
        /* MQTT5 3.3.2.3.5 [MQTT-3.3.2-14]: no wildcard in it. */
        if (!value_is_topic(&p)) {
            return HWI_PROTOCOL_ERROR;
        }
    }
    return HWI_OK;
}

struct hawser_view hwi_read_properties(struct hwi_reader *r,
                                       enum hwi_packet_type type)
{
    uint32_t len = hwi_read_varint(r);
    struct hawser_view bytes = hwi_read_bytes(r, len);
    uint8_t fault = check_list(bytes, type);

    if (fault != HWI_OK) {
        hwi_read_fail(r, fault);
    }
    return r->fault == HWI_OK ? bytes : (struct hawser_view){NULL, 0};
}

/*@ requires \valid(rest) && hwi_is_readable(*rest) && \valid(p);
    requires \separated(rest, p, rest->at + (0 .. rest->len - 1));
    assigns *rest, *p;
    ensures hwi_is_readable(*rest);
    ensures hwi_is_inside(*rest, \old(rest->at), \old(rest->len));
    ensures \result ==> rest->len < \old(rest->len);
    ensures \result ==>
            hwi_property_is_inside(p, \old(rest->at), \old(rest->len));
*/
bool hawser_property_next(struct hawser_view *rest, struct hawser_property *p)
{
    struct hwi_reader r = hwi_reader_of(*rest);

    if (r.left == 0) {
        return false;
    }
    read_property(&r, p);
    rest->at = r.at;
    rest->len = r.left;
    return r.fault == HWI_OK;
}

bool hwi_property_find(struct hawser_view properties,
                       enum hawser_property_id id, struct hawser_property *p)
{
    /*@ loop invariant hwi_is_readable(properties);
        loop invariant hwi_is_inside(properties, \at(properties.at, Pre),
                                     \at(properties.len, Pre));
        loop assigns properties, *p;
        loop variant properties.len;
    */
    while (hawser_property_next(&properties, p)) {
        if (p->id == id) {
            return true;
        }
    }
    return false;
}

/* Does the value fit its type on the wire? */
/*@ requires \valid_read(p) && hwi_property_is_readable(p);
    assigns \nothing;
*/
static bool value_is_valid(const struct hawser_property *p)
{
    switch ((enum value_type)rule_of((uint32_t)p->id)->type) {
    case TWO_BYTES:
        return p->number <= UINT16_MAX;
    case VARINT:
        return p->number <= HWI_VARINT_MAX;
    case STRING:
        return hwi_utf8_is_valid(p->value) && value_is_topic(p);
    case BINARY:
        return p->value.len <= UINT16_MAX;
    case PAIR:
        return hwi_utf8_is_valid(p->name) && hwi_utf8_is_valid(p->value);
    case NONE:
    case BYTE: /* 0 or 1: its rule says more */
    case FOUR_BYTES:
        break;
    }
    return true;
}

bool hwi_properties_are_valid(const struct hawser_property *p, size_t n,
                              struct hwi_property_set *seen,
                              enum hwi_packet_type type)
{
    /*@ loop invariant i <= n;
        loop assigns i, *seen;
        loop variant n - i;
    */
    for (size_t i = 0; i < n; i++) {
        if (!value_is_valid(&p[i]) ||
            hwi_property_check(&p[i], seen, type, HWI_CLIENT) != HWI_OK) {
            return false;
        }
    }
    return true;
}

size_t hwi_property_len(const struct hawser_property *p)
{
    switch ((enum value_type)rule_of((uint32_t)p->id)->type) {
    case NONE:
        break;
    case BYTE:
        return 2;
    case TWO_BYTES:
        return 3;
    case FOUR_BYTES:
        return 5;
    case VARINT:
        return 1 + hwi_varint_len(p->number);
    case PAIR:
        return 5 + p->name.len + p->value.len;
    case STRING:
    case BINARY:
        return 3 + p->value.len;
    }
    return 0;
}

void hwi_write_property(struct hwi_writer *w, const struct hawser_property *p)
{
    hwi_write_varint(w, (uint32_t)p->id);
    switch ((enum value_type)rule_of((uint32_t)p->id)->type) {
    case NONE:
        w->is_bad = true;
        break;
    case BYTE:
        hwi_write_u8(w, (uint8_t)p->number);
        break;
    case TWO_BYTES:
        hwi_write_u16(w, (uint16_t)p->number);
        break;
    case FOUR_BYTES:
        hwi_write_u32(w, p->number);
        break;
    case VARINT:
        hwi_write_varint(w, p->number);
        break;
    case PAIR:
        hwi_write_binary(w, p->name);
        hwi_write_binary(w, p->value);
        break;
    case STRING:
    case BINARY:
        hwi_write_binary(w, p->value);
        break;
    }
}

void hwi_write_properties(struct hwi_writer *w, const struct hawser_property *p,
                          size_t n)
{
    uint8_t *list = hwi_write_open(w);

    /*@ loop invariant i <= n;
        loop invariant hwi_writer_is_sound(w);
        loop invariant hwi_writer_went_on{Pre, Here}(w);
        loop invariant hwi_is_open(w, list);
        loop invariant w->is_full || list - 1 == \at(w->at, Pre);
        loop assigns i, *w, \at(w->at, Pre)[0 .. \at(w->left, Pre) - 1];
        loop variant n - i;
    */
    for (size_t i = 0; i < n; i++) {
        hwi_write_property(w, &p[i]);
    }
    hwi_write_close(w, list);
}
