/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packet types and the fixed header. [MQTT5 2.1, MQTT3 2.2]
 * What may arrive is a table: flags, shortest and longest remaining length for
 * each version. Everything that can be refused by looking at the header alone
 * is refused here, before a byte of the body is kept.
 */
#ifndef HWI_WIRE_PACKET_H
#define HWI_WIRE_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "hawser/mqtt.h"
#include "wire/varint.h"

enum hwi_packet_type {
    HWI_CONNECT = 1,
    HWI_CONNACK,
    HWI_PUBLISH,
    HWI_PUBACK,
    HWI_PUBREC,
    HWI_PUBREL,
    HWI_PUBCOMP,
    HWI_SUBSCRIBE,
    HWI_SUBACK,
    HWI_UNSUBSCRIBE,
    HWI_UNSUBACK,
    HWI_PINGREQ,
    HWI_PINGRESP,
    HWI_DISCONNECT,
    HWI_AUTH,
    HWI_PACKET_TYPES
};

enum hwi_sender { HWI_CLIENT, HWI_SERVER };

/* Flags of PUBLISH in the first byte. [MQTT5 3.3.1] */
#define HWI_DUP       0x08u
#define HWI_QOS_SHIFT 1
#define HWI_QOS_MASK  0x06u
#define HWI_RETAIN    0x01u

/* The longest fixed header. */
#define HWI_HEADER_MAX 5

/* A packet that has arrived: the first byte of its header and its body. */
struct hwi_packet {
    uint8_t header;
    uint8_t version; /* enum hawser_version of the connection */
    struct hawser_view body;
};

/*@ // What a reader of bodies needs: all of it, and an out of its own.
    predicate hwi_packet_is_readable(struct hwi_packet *p) =
        \valid_read(p) && hwi_is_readable(p->body);

    predicate hwi_is_in_body(struct hawser_view v, struct hwi_packet *p) =
        hwi_is_inside(v, p->body.at, p->body.len);
*/

/* The type in a first byte; 0 is possible and forbidden. */
#define HWI_TYPE_OF(header) ((enum hwi_packet_type)((header) / 16))

/*
 * Reads a fixed header from the first len bytes of at, as a client.
 * > 0: so many bytes, *body_len is set. 0: more bytes are needed.
 * < 0: refused, and -result is the reason code: a remaining length that is not
 * a shortest variable byte integer, flags or a length that this packet type
 * cannot have, or a type that a server does not send in this version.
 */
/*@ requires \valid_read(at + (0 .. len - 1)) && \valid(body_len);
    requires \separated(body_len, at + (0 .. len - 1));
    assigns *body_len;
    ensures \result == -0x81 || \result == -0x82 ||
            0 <= \result <= len;
    ensures \result == 0 ==> len < HWI_HEADER_MAX;
    ensures \result > 0 ==> *body_len <= HWI_VARINT_MAX &&
            \result == 1 + hwi_varint_size(*body_len) &&
            hwi_is_varint(at + 1, *body_len);
*/
int hwi_header_read(const uint8_t *at, size_t len, enum hawser_version version,
                    uint32_t *body_len);

#endif
