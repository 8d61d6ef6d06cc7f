/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of an MQTT client. It stands in a header so that a caller can
 * allocate it; every field is private and may change with any version.
 * Included by hawser/mqtt.h only.
 */
#ifndef HAWSER_MQTT_PRIVATE_H
#define HAWSER_MQTT_PRIVATE_H

#ifndef HAWSER_MQTT_H
#error "include hawser/mqtt.h"
#endif

#include "hawser/mqtt_types.h"

/* One outbound QoS > 0 message that is not complete. */
struct hawser_slot {
    uint16_t packet_id;
    uint8_t version; /* that its packet is written in */
    uint8_t state;
    uint32_t at; /* of its packet in the store span */
    uint32_t len;
    uint32_t sent_ms; /* the low half of the moment */
};

/* One inbound QoS > 0 message that is not complete. */
struct hawser_inbound {
    uint16_t packet_id;
    uint8_t reason;
    uint8_t state;
};

/*
 * A client.
 *
 *  tx     |.. sent ..|== waits ==|........ free ........|
 *         0        tx_at       tx_end               tx.size
 *
 *  slots  a ring: slot_used entries from slot_first, in four groups:
 *         |= PUBREL sent =|= PUBREL waits =|= PUBLISH sent =|= PUBLISH waits =|
 *         0          slot_rel_sent   slot_released      slot_sent     slot_used
 *
 *  inbound  an array: inbound_used entries, in three groups:
 *         |= PUBCOMP waits =|= PUBREC sent =|= not acknowledged =|
 *         0         inbound_released  inbound_received       inbound_used
 */
struct hawser_client {
    const struct hawser_config *cfg;
    uint64_t now_ms;         /* the largest value seen */
    uint64_t sent_ms;        /* bytes left last */
    uint64_t received_ms;    /* bytes came last */
    uint64_t answer_due_ms;  /* CONNACK or PINGRESP */
    uint64_t request_due_ms; /* SUBACK or UNSUBACK */
    uint32_t offset;         /* of bytes taken since hawser_opened() */
    int error;               /* sticky, 0 if none */
    uint8_t version;         /* of this connection */
    uint8_t state;
    bool is_pinging; /* a PINGREQ is unanswered */
    bool has_event;
    bool is_in_body;  /* the header is whole, its body is awaited */
    bool has_left;    /* a byte of this connection did */
    bool is_answered; /* by a CONNACK */
    bool is_wiped;    /* no CONNECT, thus no password, is left in tx */

    uint8_t header[5]; /* of the packet that is being taken */
    uint8_t header_len;
    uint8_t request_type; /* SUBSCRIBE, UNSUBSCRIBE; 0: none under way */
    bool is_muted;        /* the payload that comes is not told */
    uint8_t auth;         /* whose turn it is in an exchange of AUTH */
    uint32_t body_len;    /* its remaining length */
    size_t rx_len;        /* bytes of its body in rx */
    uint32_t payload_left;

    size_t tx_at;
    size_t tx_end;
    uint32_t tx_more;   /* of a payload, to follow what is in tx */
    uint32_t tx_offset; /* of that in its payload */
    uint16_t tx_id;     /* of its message */

    uint16_t slot_first;
    uint16_t slot_rel_sent;
    uint16_t slot_released;
    uint16_t slot_sent;
    uint16_t slot_used;
    uint16_t slot_early;    /* sent before CONNACK */
    uint16_t inbound_limit; /* that the server was told */
    uint16_t inbound_released;
    uint16_t inbound_received;
    uint16_t inbound_used;
    uint16_t last_id;
    uint16_t request_id;
    uint32_t request_count; /* filters in it */

    uint32_t session_of; /* CRC-32 of its identifier; 0: none has begun */
    uint32_t asked_of;   /* of another one, asked for without an answer */
    uint32_t alias_uses; /* a clock of their own */
    struct hawser_limits limits;
    struct hawser_fault fault;
    struct hawser_event event;
};

#endif
