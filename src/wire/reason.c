/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of reason codes. [MQTT5 2.4, 3.2.2.2, 3.4.2.1, 3.5.2.1, 3.6.2.1,
 * 3.7.2.1, 3.9.3, 3.11.3, 3.14.2.1, 3.15.2.1]
 */
#include "wire/reason.h"

#include <stddef.h>

struct rule {
    uint8_t code;
    uint16_t from_client; /* bit n: packet type n */
    uint16_t from_server;
};

#define BIT(type)  (1u << HWI_##type)
#define CONNACK    BIT(CONNACK)
#define PUBLISHED  (BIT(PUBACK) | BIT(PUBREC))
#define RELEASED   (BIT(PUBREL) | BIT(PUBCOMP))
#define SUBACK     BIT(SUBACK)
#define UNSUBACK   BIT(UNSUBACK)
#define DISCONNECT BIT(DISCONNECT)
#define AUTH       BIT(AUTH)

static const struct rule rules[] = {
    {0x00, PUBLISHED | RELEASED | DISCONNECT,
     CONNACK | PUBLISHED | RELEASED | SUBACK | UNSUBACK | DISCONNECT | AUTH},
    {0x01, 0, SUBACK},
    {0x02, 0, SUBACK},
    {0x04, DISCONNECT, 0},
    {0x10, 0, PUBLISHED},
    {0x11, 0, UNSUBACK},
    {0x18, AUTH, AUTH},
    {0x19, AUTH, 0},
    {0x80, PUBLISHED | DISCONNECT,
     CONNACK | PUBLISHED | SUBACK | UNSUBACK | DISCONNECT},
    {0x81, DISCONNECT, CONNACK | DISCONNECT},
    {0x82, DISCONNECT, CONNACK | DISCONNECT},
    {0x83, PUBLISHED | DISCONNECT,
     CONNACK | PUBLISHED | SUBACK | UNSUBACK | DISCONNECT},
    {0x84, 0, CONNACK},
    {0x85, 0, CONNACK},
    {0x86, 0, CONNACK},
    {0x87, PUBLISHED, CONNACK | PUBLISHED | SUBACK | UNSUBACK | DISCONNECT},
    {0x88, 0, CONNACK},
    {0x89, 0, CONNACK | DISCONNECT},
    {0x8A, 0, CONNACK},
    {0x8B, 0, DISCONNECT},
    {0x8C, 0, CONNACK | DISCONNECT},
    {0x8D, 0, DISCONNECT},
    {0x8E, 0, DISCONNECT},
    {0x8F, 0, SUBACK | UNSUBACK | DISCONNECT},
    {0x90, PUBLISHED | DISCONNECT, CONNACK | PUBLISHED | DISCONNECT},
    {0x91, PUBLISHED, PUBLISHED | SUBACK | UNSUBACK},
    {0x92, RELEASED, RELEASED},
    {0x93, DISCONNECT, DISCONNECT},
    {0x94, DISCONNECT, DISCONNECT},
    {0x95, DISCONNECT, CONNACK | DISCONNECT},
    {0x96, DISCONNECT, DISCONNECT},
    {0x97, PUBLISHED | DISCONNECT, CONNACK | PUBLISHED | SUBACK | DISCONNECT},
    {0x98, DISCONNECT, DISCONNECT},
    {0x99, PUBLISHED | DISCONNECT, CONNACK | PUBLISHED | DISCONNECT},
    {0x9A, 0, CONNACK | DISCONNECT},
    {0x9B, 0, CONNACK | DISCONNECT},
    {0x9C, 0, CONNACK | DISCONNECT},
    {0x9D, 0, CONNACK | DISCONNECT},
    {0x9E, 0, SUBACK | DISCONNECT},
    {0x9F, 0, CONNACK | DISCONNECT},
    {0xA0, 0, DISCONNECT},
    {0xA1, 0, SUBACK | DISCONNECT},
    {0xA2, 0, SUBACK | DISCONNECT},
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

bool hwi_reason_is_allowed(uint8_t code, enum hwi_packet_type type,
                           enum hwi_sender sender)
{
    /*@ loop invariant i <= RULES;
        loop assigns i;
        loop variant RULES - i;
    */
    for (size_t i = 0; i < RULES; i++) {
        const struct rule *r = &rules[i];

        if (r->code == code) {
            unsigned allowed =
                sender == HWI_CLIENT ? r->from_client : r->from_server;

            return (allowed >> type & 1u) != 0;
        }
    }
    return false;
}
