/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules, one after the other. [oracle.h]
 */
#include "oracle.h"

enum {
    CONNACK = 2,
    PUBLISH = 3,
    PUBACK = 4,
    PUBREL = 6,
    PUBCOMP = 7,
    SUBACK = 9,
    UNSUBACK = 11,
    PINGRESP = 13,
    DISCONNECT = 14,
    AUTH = 15
};

unsigned oracle_fault_of(uint8_t reason)
{
    return reason == 0x81   ? FAULT_MALFORMED
           : reason == 0x82 ? FAULT_PROTOCOL
           : reason == 0x95 ? FAULT_TOO_LARGE
                            : 0;
}

/* Both are the algorithms of the standards' own text. [MQTT5 1.5.5] */
static size_t varint_encode(uint32_t x, uint8_t out[5])
{
    size_t n = 0;

    do {
        uint8_t encoded = (uint8_t)(x % 128);

        x /= 128;
        out[n++] = (uint8_t)(x > 0 ? encoded + 128 : encoded);
    } while (x > 0);
    return n;
}

int oracle_varint(const uint8_t *at, size_t len, uint32_t *value)
{
    uint32_t multiplier = 1;
    uint32_t sum = 0;
    uint8_t shortest[5];
    size_t n = 0;

    do {
        if (n == 4) {
            return -1;
        }
        if (n == len) {
            return 0;
        }
        sum += at[n] % 128 * multiplier;
        multiplier *= 128;
    } while (at[n++] >= 128);
    if (varint_encode(sum, shortest) != n) {
        return -1;
    }
    *value = sum;
    return (int)n;
}

/* Which first bytes a server may send. [MQTT5 2.1, MQTT3 2.2] */
static unsigned first_byte_faults(uint8_t first, bool is_v5)
{
    unsigned type = first / 16;
    unsigned flags = first % 16;

    if (type == PUBLISH) {
        /* QoS 3, and DUP with QoS 0. */
        return flags == 6 || flags == 7 || flags == 14 || flags == 15 ||
                       flags == 8 || flags == 9
                   ? FAULT_MALFORMED
                   : 0;
    }
    if (type == 0 || type == 1 || type == 8 || type == 10 || type == 12 ||
        (!is_v5 && type >= DISCONNECT)) {
        return FAULT_PROTOCOL;
    }
    return flags == (type == PUBREL ? 2 : 0) ? 0 : FAULT_MALFORMED;
}

/* Which remaining lengths each packet can have. [MQTT5 3, MQTT3 3] */
static bool length_is_possible(unsigned type, uint32_t len, bool is_v5)
{
    bool is_ack = type >= PUBACK && type <= PUBCOMP;

    if (type == PINGRESP) {
        return len == 0;
    }
    if (type == PUBLISH) { /* an empty topic needs an alias, others a byte */
        return len >= 3;
    }
    if (!is_v5) {
        return type == SUBACK ? len >= 3 : len == 2;
    }
    if (is_ack || type == CONNACK) {
        return len >= 2;
    }
    return type >= DISCONNECT || len >= 4;
}

static unsigned connack_faults(uint8_t flags, uint8_t code, bool is_v5)
{
    unsigned faults = flags > 1 ? FAULT_MALFORMED : 0;

    if (code != 0 && flags % 2 == 1) {
        faults |= FAULT_PROTOCOL; /* a refusal has no session */
    }
    if (!is_v5) {
        return faults | (code > 5 ? FAULT_PROTOCOL : 0);
    }
    /* Only a 3.1.1 server's "unacceptable level" has no properties. Whether
     * the code is one of 5.0's is not asked: it is wrong in any case. */
    return faults | (code == 1 ? 0 : FAULT_MALFORMED | FAULT_PROTOCOL);
}

/* [MQTT5 3.14.2.1], a server's. */
static bool is_disconnect_code(uint8_t code)
{
    static const uint8_t refused[] = {0x84, 0x85, 0x86, 0x88, 0x8A, 0x91, 0x92};

    for (size_t i = 0; i < sizeof refused; i++) {
        if (code == refused[i]) {
            return false;
        }
    }
    return code == 0 || (code >= 0x80 && code <= 0xA2);
}

/* DISCONNECT and AUTH: nothing, a reason, a reason and no properties. */
static unsigned farewell_faults(unsigned type, const uint8_t *body, size_t len)
{
    unsigned faults = 0;

    if (len == 0) {
        return 0;
    }
    if (type == DISCONNECT ? !is_disconnect_code(body[0])
                           : body[0] != 0 && body[0] != 0x18) {
        faults = FAULT_PROTOCOL;
    }
    /* AUTH leaves both out or neither. [MQTT5 3.15.2.1] */
    if (len == 1) {
        return faults | (type == AUTH ? FAULT_MALFORMED : 0);
    }
    return faults | (body[1] != 0 ? FAULT_MALFORMED : 0);
}

static unsigned body_faults(unsigned type, const uint8_t *body, size_t len,
                            bool is_v5)
{
    if (type >= DISCONNECT) {
        return farewell_faults(type, body, len);
    }
    if (type == CONNACK) {
        return connack_faults(body[0], body[1], is_v5);
    }
    if (type >= PUBACK && type <= PUBCOMP) { /* an identifier is not 0 */
        return body[0] == 0 && body[1] == 0 ? FAULT_MALFORMED : 0;
    }
    return 0;
}

struct oracle_packet oracle_packet(const uint8_t *at, size_t len, bool is_v5)
{
    struct oracle_packet p = {0};
    int n;

    if (len == 0) {
        return p;
    }
    p.type = at[0] / 16;
    p.faults = first_byte_faults(at[0], is_v5);
    if (p.faults != 0) {
        return p;
    }
    n = oracle_varint(at + 1, len - 1, &p.body_len);
    if (n < 0) {
        p.faults = FAULT_MALFORMED;
    }
    if (n <= 0) {
        return p;
    }
    p.header_len = 1 + (size_t)n;
    if (!length_is_possible(p.type, p.body_len, is_v5)) {
        p.faults = FAULT_MALFORMED;
    } else if (p.body_len <= len - p.header_len) {
        p.len = p.header_len + p.body_len;
        p.faults = body_faults(p.type, at + p.header_len, p.body_len, is_v5);
    }
    return p;
}

/* What only a client can say: is it the time for this packet, has it room? */
static unsigned client_faults(const struct oracle_client *c,
                              const struct oracle_packet *p, const uint8_t *at,
                              size_t len)
{
    const uint8_t *body = at + p->header_len;
    unsigned faults = 0;
    uint32_t head;

    if (p->header_len == 0) {
        return 0;
    }
    if (c->is_online ? p->type == CONNACK
                     : p->type != CONNACK && p->type != AUTH) {
        faults |= FAULT_PROTOCOL;
    }
    /* AUTH was not agreed on, and no UNSUBSCRIBE is under way. */
    if (p->len > 0 && (p->type == AUTH || p->type == UNSUBACK)) {
        faults |= FAULT_PROTOCOL;
    }
    if (p->body_len <= c->rx_len) {
        return faults;
    }
    if (p->type != PUBLISH) {
        return faults | FAULT_TOO_LARGE;
    }
    if (len < p->header_len + 2) {
        return faults;
    }
    /* Topic, identifier and the length of the properties go into one piece. */
    head = 2 + body[0] * 256u + body[1];
    head += at[0] % 8 >= 2 ? 2 : 0;
    head += c->is_v5 ? 1 : 0;
    if (head == 2) { /* it is whole already, and its topic is empty */
        faults |= FAULT_PROTOCOL;
    }
    faults |= head > p->body_len ? FAULT_MALFORMED : 0;
    return faults | (head > c->rx_len ? FAULT_TOO_LARGE : 0);
}

/* How a packet without a fault, whole, ends the story. */
static enum oracle_end end_of(const struct oracle_packet *p, uint8_t code)
{
    if (p->type == CONNACK) {
        return code == 0 ? ORACLE_CONNECTED : ORACLE_REFUSED;
    }
    return p->type == DISCONNECT ? ORACLE_DISCONNECTED : ORACLE_GOES_ON;
}

struct oracle_story oracle_tell(const struct oracle_client *c,
                                const uint8_t *at, size_t len)
{
    struct oracle_story s = {ORACLE_GOES_ON, 0, 0};

    while (s.end == ORACLE_GOES_ON && s.at < len) {
        struct oracle_packet p = oracle_packet(at + s.at, len - s.at, c->is_v5);

        p.faults |= client_faults(c, &p, at + s.at, len - s.at);
        if (p.faults != 0) {
            s.end = ORACLE_FAULT;
            s.faults = p.faults;
        } else if (p.len == 0) {
            break;
        } else {
            s.end = end_of(&p, p.len == 4 ? at[s.at + 3] : 0);
            s.at += s.end == ORACLE_GOES_ON ? p.len : 0;
        }
    }
    return s;
}
