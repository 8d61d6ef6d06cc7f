/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PUBLISH, both ways. [MQTT5 3.3, MQTT3 3.3]
 * Its head is everything before the payload: a client that cannot hold the
 * whole packet needs the head in one piece and passes the payload on.
 */
#ifndef HWI_WIRE_PUBLISH_H
#define HWI_WIRE_PUBLISH_H

#include "wire/cursor.h"
#include "wire/packet.h"

struct hwi_publish {
    struct hawser_view topic;
    struct hawser_view properties; /* checked; from a server */
    struct hawser_view payload;    /* the bytes behind the head */
    uint16_t packet_id;            /* 0 with QoS 0 */
    uint16_t alias;                /* 0: none; then the topic is not empty */
    uint8_t qos;
    bool retain;
    bool dup;
};

/*
 * How many bytes the head needs at least, judged by the first bytes of the body
 * in p->body. Enough are there when the answer is not above p->body.len; until
 * then ask again with that many. Malformed length: answers p->body.len, and
 * hwi_publish_read() will say why.
 */
/*@ requires hwi_packet_is_readable(p);
    assigns \nothing;
*/
size_t hwi_publish_head_len(const struct hwi_packet *p);

/*
 * Reads a body, whole or cut somewhere behind its head. 0 or a reason code. The
 * topic may be empty if there is an alias: what it stands for is the session's
 * business.
 */
/*@ requires hwi_packet_is_readable(p) && \valid(out);
    requires \separated(out, p, p->body.at + (0 .. p->body.len - 1));
    assigns *out;
    ensures hwi_is_in_body{Pre}(out->topic, p) && out->topic.len <= UINT16_MAX;
    ensures hwi_is_in_body{Pre}(out->properties, p);
    ensures hwi_is_in_body{Pre}(out->payload, p);
    ensures \result == HWI_OK && out->qos > 0 ==> out->packet_id != 0;
    ensures \result == HWI_OK && out->topic.len == 0 ==> out->alias != 0;
*/
uint8_t hwi_publish_read(struct hwi_publish *out, const struct hwi_packet *p);

/*
 * Reads topic, packet identifier and flags alone: the body may be cut anywhere
 * behind them. 0 or a reason code.
 */
/*@ requires hwi_packet_is_readable(p) && \valid(out);
    requires \separated(out, p, p->body.at + (0 .. p->body.len - 1));
    assigns *out;
    ensures \result == HWI_OK && out->qos > 0 ==> out->packet_id != 0;
*/
uint8_t hwi_publish_read_id(struct hwi_publish *out,
                            const struct hwi_packet *p);

/* What is written. */
struct hwi_publish_out {
    struct hawser_view topic; /* valid; empty: the server knows the alias */
    struct hawser_view payload;
    struct hawser_properties properties; /* valid; a topic alias is left out */
    struct hawser_view encoded;          /* more of them, encoded */
    uint32_t payload_more; /* bytes that somebody else puts behind */
    uint16_t packet_id;    /* not 0 if qos > 0 */
    uint16_t alias;        /* 0: none */
    uint8_t qos;
    bool retain;
    bool dup;
};

/* Writes the packet. Bad if it is too long for the format. With 3.1.1 the
 * properties and the alias are left out. */
void hwi_publish_write(struct hwi_writer *w, const struct hwi_publish_out *m,
                       enum hawser_version version);

#endif
