/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of packets that a server may send, and the fixed header.
 * [MQTT5 2.1, MQTT3 2.2]
 */
#include "wire/packet.h"

#include <stdbool.h>

#include "wire/reason.h"
#include "wire/varint.h"

#define ANY 0xFF

/* Lengths of a body by version; at_most 0 with at_least > 0: never sent. */
struct length_rule {
    uint8_t at_least;
    uint8_t at_most; /* ANY: no bound of its own */
};

struct rule {
    uint8_t flags; /* the only value; PUBLISH has its own meaning for them */
    struct length_rule v3;
    struct length_rule v5;
};

#define NEVER \
    {         \
        1, 0  \
    }

/* An acknowledgement of 5.0 may end after its identifier [MQTT5 3.4.2.1], and
 * a CONNACK may have 3.1.1's shape when the server knows no 5.0. */
static const struct rule rules[16] = {
    [0] = {0, NEVER, NEVER},
    [HWI_CONNECT] = {0, NEVER, NEVER},
    [HWI_CONNACK] = {0, {2, 2}, {2, ANY}},
    [HWI_PUBLISH] = {0, {3, ANY}, {3, ANY}},
    [HWI_PUBACK] = {0, {2, 2}, {2, ANY}},
    [HWI_PUBREC] = {0, {2, 2}, {2, ANY}},
    [HWI_PUBREL] = {2, {2, 2}, {2, ANY}},
    [HWI_PUBCOMP] = {0, {2, 2}, {2, ANY}},
    [HWI_SUBSCRIBE] = {2, NEVER, NEVER},
    [HWI_SUBACK] = {0, {3, ANY}, {4, ANY}},
    [HWI_UNSUBSCRIBE] = {2, NEVER, NEVER},
    [HWI_UNSUBACK] = {0, {2, 2}, {4, ANY}},
    [HWI_PINGREQ] = {0, NEVER, NEVER},
    [HWI_PINGRESP] = {0, {0, 0}, {0, 0}},
    [HWI_DISCONNECT] = {0, NEVER, {0, ANY}},
    [HWI_AUTH] = {0, NEVER, {0, ANY}},
};

static uint8_t check_first_byte(uint8_t header, const struct rule *rule,
                                const struct length_rule *length)
{
    uint8_t flags = header & 0x0Fu;

    /* MQTT5 2.1.2: types that only a client sends, type 0, and with 3.1.1
     * DISCONNECT and AUTH. */
    if (length->at_most < length->at_least) {
        return HWI_PROTOCOL_ERROR;
    }
    if (HWI_TYPE_OF(header) == HWI_PUBLISH) {
        unsigned qos = (flags & HWI_QOS_MASK) >> HWI_QOS_SHIFT;

        /* MQTT5 3.3.1.2 [MQTT-3.3.1-4]: QoS 3 is malformed. */
        /* MQTT5 3.3.1.1 [MQTT-3.3.1-2]: DUP is 0 with QoS 0. */
        return qos == 3 || (qos == 0 && (flags & HWI_DUP) != 0) ? HWI_MALFORMED
                                                                : HWI_OK;
    }
    /* MQTT5 2.1.3 [MQTT-2.1.3-1], MQTT3 2.2.2 [MQTT-2.2.2-2]. */
    return flags == rule->flags ? HWI_OK : HWI_MALFORMED;
}

int hwi_header_read(const uint8_t *at, size_t len, enum hawser_version version,
                    uint32_t *body_len)
{
    const struct rule *rule;
    const struct length_rule *length;
    uint8_t fault;
    int used;

    if (len == 0) {
        return 0;
    }
    rule = &rules[at[0] >> 4];
    length = version == HAWSER_MQTT_5 ? &rule->v5 : &rule->v3;
    fault = check_first_byte(at[0], rule, length);
    if (fault != HWI_OK) {
        return -(int)fault;
    }
    used = hwi_varint_read(at + 1, len - 1, body_len);
    if (used <= 0) {
        return used;
    }
    if (*body_len < length->at_least ||
        (length->at_most != ANY && *body_len > length->at_most)) {
        return -(int)HWI_MALFORMED;
    }
    return 1 + used;
}
