/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of packets that a server may send, and the fixed header.
 * [MQTT5 2.1, MQTT3 2.2]
 */
#include "wire/packet.h"

#include <stdbool.h>

#include "wire/reason.h"

#define ANY 0xFF

/* What may arrive in one version. */
struct rule {
    uint16_t flags;   /* bit n: the flags may be n; 0: never sent */
    uint8_t at_least; /* length of a body */
    uint8_t at_most;  /* ANY: no bound of its own */
};

/* MQTT5 2.1.3 [MQTT-2.1.3-1], MQTT3 2.2.2 [MQTT-2.2.2-2]: one value. */
#define PLAIN  (1u << 0)
#define PUBREL (1u << 2)

/* MQTT5 3.3.1.2 [MQTT-3.3.1-4]: QoS 3 is malformed. */
/* MQTT5 3.3.1.1 [MQTT-3.3.1-2]: DUP is 0 with QoS 0. */
#define QOS_0   (1u << 0 | 1u << 1)
#define QOS_1_2 (1u << 2 | 1u << 3 | 1u << 4 | 1u << 5)
#define PUBLISH (QOS_0 | QOS_1_2 | QOS_1_2 << HWI_DUP)

/* By type and version. An acknowledgement of 5.0 may end after its identifier
 * [MQTT5 3.4.2.1], and a CONNACK may have 3.1.1's shape when the server knows no
 * 5.0. */
static const struct rule rules[16][2] = {
    [HWI_CONNACK] = {{PLAIN, 2, 2}, {PLAIN, 2, ANY}},
    [HWI_PUBLISH] = {{PUBLISH, 3, ANY}, {PUBLISH, 3, ANY}},
    [HWI_PUBACK] = {{PLAIN, 2, 2}, {PLAIN, 2, ANY}},
    [HWI_PUBREC] = {{PLAIN, 2, 2}, {PLAIN, 2, ANY}},
    [HWI_PUBREL] = {{PUBREL, 2, 2}, {PUBREL, 2, ANY}},
    [HWI_PUBCOMP] = {{PLAIN, 2, 2}, {PLAIN, 2, ANY}},
    [HWI_SUBACK] = {{PLAIN, 3, ANY}, {PLAIN, 4, ANY}},
    [HWI_UNSUBACK] = {{PLAIN, 2, 2}, {PLAIN, 4, ANY}},
    [HWI_PINGRESP] = {{PLAIN, 0, 0}, {PLAIN, 0, 0}},
    [HWI_DISCONNECT] = {{0, 0, 0}, {PLAIN, 0, ANY}},
    [HWI_AUTH] = {{0, 0, 0}, {PLAIN, 0, ANY}},
};

int hwi_header_read(const uint8_t *at, size_t len, enum hawser_version version,
                    uint32_t *body_len)
{
    const struct rule *rule;
    int used;

    if (len == 0) {
        return 0;
    }
    rule = &rules[at[0] / 16][version == HAWSER_MQTT_5];
    if ((rule->flags >> at[0] % 16u & 1u) == 0) {
        /* MQTT5 2.1.2: types that only a client sends, type 0, and with 3.1.1
         * DISCONNECT and AUTH. */
        return rule->flags == 0 ? -(int)HWI_PROTOCOL_ERROR
                                : -(int)HWI_MALFORMED;
    }
    used = hwi_varint_read(at + 1, len - 1, body_len);
    if (used <= 0) {
        return used;
    }
    if (*body_len < rule->at_least ||
        (*body_len > rule->at_most && rule->at_most != ANY)) {
        return -(int)HWI_MALFORMED;
    }
    return 1 + used;
}
