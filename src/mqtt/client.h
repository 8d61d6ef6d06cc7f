/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the client share: its states and the calls between its
 * parts. Each part owns its fields of struct hawser_client; nobody else writes
 * them.
 */
#ifndef HWI_MQTT_CLIENT_H
#define HWI_MQTT_CLIENT_H

#include <stdbool.h>

#include "hawser/mqtt.h"
#include "wire/ack.h"
#include "wire/connect.h"
#include "wire/cursor.h"
#include "wire/disconnect.h"
#include "wire/packet.h"
#include "wire/ping.h"
#include "wire/publish.h"

/* Named by what is awaited. */
enum hwi_state {
    HWI_CLOSED,        /* hawser_opened() */
    HWI_AWAIT_CONNACK, /* the server's answer to CONNECT */
    HWI_ONLINE,        /* anything */
    HWI_ENDED          /* hawser_lost(): an error or a DISCONNECT */
};
#define HWI_STATES (HWI_ENDED + 1)

/* Enhanced authentication. [MQTT5 4.12] */
enum hwi_auth_turn {
    HWI_AUTH_NONE,  /* no exchange */
    HWI_AUTH_OURS,  /* hawser_auth() is awaited */
    HWI_AUTH_THEIRS /* the server's AUTH, or CONNACK, is */
};

/* Of a message of ours. */
enum hwi_slot_state {
    HWI_SLOT_PUBLISH,  /* its packet is in the store */
    HWI_SLOT_RELEASED, /* PUBREC came */
    HWI_SLOT_LOST      /* QoS 2, and the server lost the session: to be told */
};

/* What the contracts below speak of; it builds on the states above. */
#include "mqtt/proof.h"

/* client.c ---------------------------------------------------------------- */

/* Takes the caller's time, unless it runs backwards. */
void hwi_clock(struct hawser_client *c, uint64_t now_ms);

/* t + duration, HAWSER_NEVER if that is too far. */
uint64_t hwi_after(uint64_t t, uint64_t duration_ms);

/* A fresh event to be filled in. None may wait. */
struct hawser_event *hwi_event(struct hawser_client *c,
                               enum hawser_event_kind kind);

/* May an event be made now: none waits and no payload is half told? */
bool hwi_can_event(const struct hawser_client *c);

/* May a request be made now? */
bool hwi_may_request(const struct hawser_client *c);

/* Ends the connection with a sticky error, which is answered. */
int hwi_fail(struct hawser_client *c, int error);

/* Ends the connection for what the peer did: records the reason code, queues
 * DISCONNECT (5.0), sets MALFORMED or PROTOCOL. */
void hwi_fault(struct hawser_client *c, uint8_t reason);

/* Hands over what waits for room: acknowledgements, then stored PUBLISHes. Does
 * nothing unless requests may be made. */
void hwi_pump(struct hawser_client *c);

/* config.c ---------------------------------------------------------------- */

/* Properties of CONNECT that are made from the configuration, at most. */
#define HWI_OWN_PROPERTIES_MAX 4

/* Can the configuration be used as it is now? 0 or ARG. */
int hwi_config_check(const struct hawser_config *cfg);

/* How many inbound messages may be incomplete, as configured. */
/*@ requires \valid_read(cfg);
    assigns \nothing;
*/
uint16_t hwi_config_receive_maximum(const struct hawser_config *cfg);

/* Does CONNECT carry this property, from the caller's list, with this number?
 * dflt: what its absence means. */
bool hwi_config_asks(const struct hawser_config *cfg,
                     enum hawser_property_id id, bool dflt);

/* Fills in *m; own is room for the client's own properties. */
void hwi_config_connect(const struct hawser_client *c, struct hwi_connect *m,
                        struct hawser_property own[HWI_OWN_PROPERTIES_MAX]);

/* auth.c ------------------------------------------------------------------ */

/* The authentication method of CONNECT; false: there is none. */
bool hwi_auth_method(const struct hawser_config *cfg,
                     struct hawser_view *method);

/* May these properties of a CONNACK or AUTH follow on our CONNECT: the same
 * method, or none where we named none? */
bool hwi_auth_fits(const struct hawser_client *c,
                   struct hawser_view properties);

/* CONNECT leaves: with a method, the server may ask. */
void hwi_auth_open(struct hawser_client *c);

/* An AUTH came. 0 or a reason code. */
uint8_t hwi_auth_take(struct hawser_client *c, const struct hwi_packet *p);

/* alias.c ----------------------------------------------------------------- */

/* Can the spans hold so many aliases? */
bool hwi_alias_memory_is_usable(const struct hawser_config *cfg);

/* A new connection: no alias stands for anything. */
void hwi_alias_reset(struct hawser_client *c);

/* A PUBLISH came: remembers its topic under its alias, or puts the topic in. 0
 * or a reason code. */
uint8_t hwi_alias_take(struct hawser_client *c, struct hwi_publish *m);

/* May a topic have this alias, ours? Not if there are not so many, or it is too
 * long. */
bool hwi_alias_is_possible(const struct hawser_client *c, uint16_t alias,
                           struct hawser_view topic);

/* The topic that has this alias, ours; empty: none. */
struct hawser_view hwi_alias_topic(const struct hawser_client *c,
                                   uint16_t alias);

/* Shortens m by its alias, or by the one that there is for it, if any: topic and
 * alias are set. */
void hwi_alias_apply(const struct hawser_client *c, struct hwi_publish_out *m);

/* Gives a topic an alias that is possible. is_told: a message that says so is
 * queued; else the server learns it with the next one. */
void hwi_alias_set(struct hawser_client *c, uint16_t alias,
                   struct hawser_view topic, bool is_told);

/* stored.c ---------------------------------------------------------------- */

/* Hands the packet of a slot to tx. 0, or the reason code with which the server
 * would refuse it; *has_room false: not now. */
uint8_t hwi_stored_send(struct hawser_client *c, const struct hawser_slot *slot,
                        bool *has_room);

/* limits.c ---------------------------------------------------------------- */

/* What holds before CONNACK. */
void hwi_limits_reset(struct hawser_client *c);

/* What the properties of CONNACK say. */
void hwi_limits_take(struct hawser_client *c, struct hawser_view properties);

/* Does the server take a PUBLISH with this first byte? HWI_OK, or the reason
 * code with which it would refuse. */
uint8_t hwi_limits_refuse(const struct hawser_client *c, uint8_t header);

/* tx.c -------------------------------------------------------------------- */

/* Kept free in tx for one PINGREQ and one DISCONNECT. */
#define HWI_TX_RESERVE (HWI_PINGREQ_LEN + HWI_DISCONNECT_LEN)

/* A writer of all the room behind what is queued, but for so many bytes:
 * HWI_TX_RESERVE, or 0 for a PINGREQ and a DISCONNECT, for which there is always
 * room, unless the rest of a payload is awaited: then there is none at all. */
struct hwi_writer hwi_tx_begin(struct hawser_client *c, size_t spare);

/* Can what was written, and so many bytes more, be sent as one packet? 0, ARG
 * (no such packet), LIMIT (above the server's maximum) or FULL. */
int hwi_tx_judge(const struct hawser_client *c, const struct hwi_writer *w,
                 uint32_t more);

/* Queues what was written if it can be sent; else it was never there. Errors
 * as above. */
int hwi_tx_end(struct hawser_client *c, const struct hwi_writer *w);

/* The part of a payload that hawser_payload() has to bring. */
struct hwi_tx_rest {
    uint32_t more; /* so many bytes */
    uint32_t offset;
    uint16_t packet_id;
};

/* The same for a PUBLISH that may have such a rest. */
int hwi_tx_end_publish(struct hawser_client *c, const struct hwi_writer *w,
                       const struct hwi_tx_rest *rest);

/* Queues PUBACK, PUBREC, PUBREL or PUBCOMP. False: no room. */
/*@ requires \valid(c) && \valid_read(c->cfg) && \valid_read(ack);
    requires type < HWI_PACKET_TYPES;
    assigns c->tx_at, c->tx_end, c->cfg->tx.at[0 .. c->cfg->tx.size - 1];
*/
bool hwi_tx_ack(struct hawser_client *c, enum hwi_packet_type type,
                const struct hwi_ack_out *ack);

/* Drops what is queued and wipes it: a CONNECT may hold a password. */
void hwi_tx_reset(struct hawser_client *c);

/* session.c --------------------------------------------------------------- */

/* Is a packet of this type possible in the state the client is in? */
bool hwi_session_expects(const struct hawser_client *c,
                         enum hwi_packet_type type);

/* Acts on a packet that is expected. 0 or a reason code: its fault. */
uint8_t hwi_session_handle(struct hawser_client *c, const struct hwi_packet *p);

/* A PUBLISH came whose properties are larger than rx; p->body is its begin. To
 * end the connection would hand whoever publishes a way to keep us off for ever,
 * since it comes again: it is refused, and not told. 0 or a reason code: its
 * fault, or that even its topic is too large. */
uint8_t hwi_session_pass_by(struct hawser_client *c,
                            const struct hwi_packet *p);

/* A connection ends before its CONNACK: our first session may have begun. */
void hwi_session_ask(struct hawser_client *c);

/* feed.c ------------------------------------------------------------------ */

/* Forgets a packet that is half taken. */
void hwi_feed_reset(struct hawser_client *c);

/* inflight.c -------------------------------------------------------------- */

/* Slot number k, counted from the oldest. */
/*@ requires hwi_ring_is_sound(c) && k < c->cfg->slot_count;
    assigns \nothing;
    ensures \result == c->cfg->slots + hwi_place(c, k);
    ensures 0 <= hwi_place(c, k) < c->cfg->slot_count;
    ensures hwi_number(hwi_place(c, k), c->slot_first,
                       c->cfg->slot_count) == k;
*/
struct hawser_slot *hwi_inflight_slot(const struct hawser_client *c, size_t k);

/* A packet identifier that is not in use. It is the next one again until it is
 * put into last_id. */
/*@ requires hwi_slots_are_sound(c);
    terminates \false;
    assigns \nothing;
    ensures \result != 0;
    ensures \forall integer k; 0 <= k < c->slot_used ==>
            c->cfg->slots[hwi_place(c, k)].packet_id != \result;
    ensures c->request_type != 0 ==> c->request_id != \result;
*/
uint16_t hwi_inflight_next_id(const struct hawser_client *c);

/* Where the store is free for a packet, if there is a slot for it: first piece
 * 0, then piece 1. Either may be empty. To be asked while no message waits. */
/*@ requires hwi_slots_are_sound(c) && (piece == 0 || piece == 1);
    assigns \nothing;
    ensures 0 <= \result.at - c->cfg->store.at <= c->cfg->store.size;
    ensures \result.at - c->cfg->store.at + \result.size <= c->cfg->store.size;
    ensures c->slot_used == c->cfg->slot_count ==> \result.size == 0;
*/
struct hawser_span hwi_inflight_room(const struct hawser_client *c, int piece);

/* Adds a packet that has been written to the store, at the begin of such a
 * piece. hwi_pump() sends it. */
/*@ requires hwi_slots_are_sound(c) && c->slot_used < c->cfg->slot_count;
    requires c->state == HWI_AWAIT_CONNACK ==> c->slot_released == 0;
    requires \base_addr(packet.at) == \base_addr(c->cfg->store.at);
    requires 0 <= packet.at - c->cfg->store.at && packet.len > 0;
    requires packet.at - c->cfg->store.at + packet.len <= c->cfg->store.size;
    assigns c->slot_used, c->slot_early,
            c->cfg->slots[0 .. c->cfg->slot_count - 1];
    ensures hwi_slots_are_sound(c);
    ensures c->slot_used == \old(c->slot_used) + 1;
    ensures c->cfg->slots[hwi_place(c, c->slot_used - 1)].packet_id ==
            packet_id;
*/
void hwi_inflight_add(struct hawser_client *c, uint16_t packet_id,
                      struct hawser_view packet);

/* More of the newest PUBLISH left, if it is this one: its answer is awaited from
 * now on. */
/*@ requires hwi_slots_are_sound(c);
    assigns c->cfg->slots[0 .. c->cfg->slot_count - 1];
    ensures hwi_slots_are_sound(c);
*/
void hwi_inflight_touch(struct hawser_client *c, uint16_t packet_id);

/* An answer to a PUBLISH or PUBREL of ours. */
struct hwi_inflight_answer {
    enum hwi_packet_type type; /* PUBACK, PUBREC, PUBCOMP */
    uint16_t packet_id;
    uint8_t reason;
};

/* Takes an answer. *is_done: the message is complete, with answer->reason, which
 * may have become another one. 0 or a reason code: the
 * answer of another QoS. */
/*@ requires hwi_store_is_apart(c);
    requires hwi_slots_are_sound(c) && c->slot_early == 0;
    requires \valid(answer) && \valid(is_done);
    requires answer->type == HWI_PUBACK || answer->type == HWI_PUBREC ||
             answer->type == HWI_PUBCOMP;
    requires \separated(answer, is_done, c, c->cfg,
                 c->cfg->slots + (0 .. c->cfg->slot_count - 1),
                 c->cfg->store.at + (0 .. c->cfg->store.size - 1));
    requires \separated(c->cfg->tx.at + (0 .. c->cfg->tx.size - 1), answer,
                 is_done);
    assigns *is_done, answer->reason, c->slot_first, c->slot_used, c->slot_sent,
            c->slot_released, c->slot_rel_sent,
            c->cfg->slots[0 .. c->cfg->slot_count - 1],
            c->tx_at, c->tx_end, c->cfg->tx.at[0 .. c->cfg->tx.size - 1];
    ensures hwi_ring_is_sound(c);
    ensures c->slot_used == \old(c->slot_used) - (*is_done ? 1 : 0);
    // PUBCOMP ends a released message, PUBACK and a refusing PUBREC one that
    // was sent, PUBREC releases one.
    ensures *is_done && answer->type == HWI_PUBCOMP ==>
            c->slot_rel_sent == \old(c->slot_rel_sent) - 1 &&
            c->slot_released == \old(c->slot_released) - 1 &&
            c->slot_sent == \old(c->slot_sent) - 1;
    ensures *is_done && answer->type != HWI_PUBCOMP ==>
            c->slot_rel_sent == \old(c->slot_rel_sent) &&
            c->slot_released == \old(c->slot_released) &&
            c->slot_sent == \old(c->slot_sent) - 1;
    ensures !*is_done ==>
            c->slot_sent == \old(c->slot_sent) &&
            c->slot_rel_sent == \old(c->slot_rel_sent);
    ensures c->slot_released > \old(c->slot_released) ==>
            c->slot_released == \old(c->slot_released) + 1 &&
            answer->type == HWI_PUBREC && !*is_done;
    ensures \result != HWI_OK ==> !*is_done &&
            c->slot_released == \old(c->slot_released);
*/
uint8_t hwi_inflight_take(struct hawser_client *c,
                          struct hwi_inflight_answer *answer, bool *is_done);

/* CONNACK came: everything has to be sent (again), but what went before it. */
/*@ requires hwi_store_is_apart(c);
    requires hwi_slots_are_sound(c);
    assigns c->slot_early, c->slot_sent, c->slot_released, c->slot_rel_sent,
            c->cfg->slots[0 .. c->cfg->slot_count - 1],
            c->cfg->store.at[0 .. c->cfg->store.size - 1];
    ensures hwi_slots_are_sound(c);
    ensures c->slot_used == \old(c->slot_used) && c->slot_early == 0;
    ensures \old(c->slot_early) == 0 ==> c->slot_rel_sent == 0 &&
            c->slot_sent == c->slot_released;
    ensures \old(c->slot_early) == 0 && session_present ==>
            c->slot_released == \old(c->slot_released);
    ensures \old(c->slot_early) == 0 && !session_present ==>
            c->slot_released == 0;
*/
void hwi_inflight_restart(struct hawser_client *c, bool session_present);

/* CONNACK refused: what went before it was never sent. [MQTT5 3.1.4
 * [MQTT-3.1.4-6], MQTT3 3.1.4 [MQTT-3.1.4-5]] */
/*@ requires hwi_slots_are_sound(c);
    assigns c->slot_sent, c->slot_early;
    ensures hwi_slots_are_sound(c) && c->slot_early == 0;
*/
void hwi_inflight_refuse(struct hawser_client *c);

/* The connection is gone: what went before a CONNACK that never came may have
 * arrived, unless no byte left. */
/*@ requires hwi_slots_are_sound(c);
    assigns c->slot_sent, c->slot_early;
    ensures hwi_slots_are_sound(c) && c->slot_early == 0;
*/
void hwi_inflight_lose(struct hawser_client *c);

/* Sends what waits, as far as room and the server's limits go. */
void hwi_inflight_pump(struct hawser_client *c);

/* When the oldest PUBREL or PUBLISH on its way is overdue; HAWSER_NEVER if
 * none. */
uint64_t hwi_inflight_due_ms(const struct hawser_client *c);

/* inbound.c --------------------------------------------------------------- */

/* A QoS 1 or 2 message arrived. *is_new false: it was accepted before and is
 * acknowledged again. 0 or a reason code: too many, or the id is in use. */
/*@ requires hwi_inbound_is_sound(c);
    requires \valid_read(m) && \valid(is_new);
    requires \separated(is_new, m, c, c->cfg,
                 c->cfg->inbound + (0 .. c->cfg->inbound_count - 1));
    assigns *is_new, c->inbound_used, c->inbound_received, c->inbound_released,
            c->cfg->inbound[0 .. c->cfg->inbound_count - 1];
    ensures hwi_inbound_is_sound(c);
    ensures \result != HWI_OK ==> hwi_inbound_is_same{Pre, Post}(c);
    ensures c->inbound_used > \old(c->inbound_used) ==>
            c->inbound_used == \old(c->inbound_used) + 1 && *is_new &&
            c->cfg->inbound[c->inbound_used - 1].packet_id == m->packet_id;
*/
uint8_t hwi_inbound_add(struct hawser_client *c, const struct hwi_publish *m,
                        bool *is_new);

/* The newest message will not be taken: PUBACK or PUBREC say why. */
/*@ requires hwi_inbound_is_sound(c) && c->inbound_used > 0;
    assigns c->cfg->inbound[0 .. c->cfg->inbound_count - 1];
    ensures hwi_inbound_is_sound(c);
*/
void hwi_inbound_refuse(struct hawser_client *c, uint8_t reason);

/* A PUBREL came: PUBCOMP follows. 0 or a reason code: the id waits to be
 * accepted. */
/*@ requires hwi_inbound_is_sound(c);
    assigns c->inbound_used, c->inbound_received, c->inbound_released,
            c->cfg->inbound[0 .. c->cfg->inbound_count - 1];
    ensures hwi_inbound_is_sound(c);
    ensures \result != HWI_OK ==> hwi_inbound_is_same{Pre, Post}(c);
    ensures c->inbound_released == \old(c->inbound_released) ||
            (c->inbound_released == \old(c->inbound_released) + 1 &&
             c->cfg->inbound[\old(c->inbound_released)].packet_id ==
             packet_id);
    // Mostly one that PUBREC moved; else one that was repeated since.
    ensures c->inbound_used - c->inbound_received ==
                \old(c->inbound_used - c->inbound_received) ||
            c->inbound_used - c->inbound_received ==
                \old(c->inbound_used - c->inbound_received) - 1;
*/
uint8_t hwi_inbound_release(struct hawser_client *c, uint16_t packet_id);

/* How many messages the server may send, besides those that it has to release
 * yet: they hold their places. At least 1. [MQTT5 3.1.2.11.3] */
/*@ requires hwi_inbound_is_sound(c);
    assigns \nothing;
    ensures \result >= 1;
*/
uint16_t hwi_inbound_places(const struct hawser_client *c);

/* CONNECT leaves, and says hwi_inbound_places(). */
/*@ requires hwi_inbound_is_sound(c);
    assigns c->inbound_limit;
*/
void hwi_inbound_open(struct hawser_client *c);

/* Sends PUBCOMPs and, for what was accepted, PUBACKs and PUBRECs, each in their
 * order, as far as room goes. */
/*@ requires hwi_inbound_is_sound(c);
    assigns c->tx_at, c->tx_end, c->cfg->tx.at[0 .. c->cfg->tx.size - 1],
            c->inbound_used, c->inbound_received, c->inbound_released,
            c->cfg->inbound[0 .. c->cfg->inbound_count - 1];
    ensures hwi_inbound_is_sound(c);
*/
void hwi_inbound_pump(struct hawser_client *c);

/* The connection is gone: what was accepted with QoS 2 stays known. */
/*@ requires hwi_inbound_is_sound(c);
    assigns c->inbound_used, c->inbound_received, c->inbound_released,
            c->cfg->inbound[0 .. c->cfg->inbound_count - 1];
    ensures hwi_inbound_is_sound(c);
    ensures c->inbound_released == 0 && c->inbound_received == c->inbound_used;
    ensures \forall integer k; 0 <= k < c->inbound_used ==>
            hwi_inbound_is_kept(c->cfg->inbound[k]);
*/
void hwi_inbound_lose(struct hawser_client *c);

/* Would hwi_inbound_lose() keep number i? */
/*@ requires hwi_inbound_is_sound(c) && i < c->inbound_used;
    assigns \nothing;
    ensures \result ==> hwi_inbound_is_kept(c->cfg->inbound[i]);
*/
bool hwi_inbound_stays(const struct hawser_client *c, size_t i);

/* Puts one back that stayed. */
/*@ requires hwi_inbound_is_sound(c);
    requires c->inbound_used < c->cfg->inbound_count;
    assigns c->inbound_used, c->inbound_received,
            c->cfg->inbound[0 .. c->cfg->inbound_count - 1];
    ensures hwi_inbound_is_sound(c);
    ensures c->inbound_used == \old(c->inbound_used) + 1;
    ensures c->inbound_received == c->inbound_used;
*/
void hwi_inbound_restore(struct hawser_client *c, uint16_t packet_id);

/* The server has no session: nothing of it is known any more. */
/*@ requires hwi_inbound_is_sound(c);
    requires c->version == HAWSER_MQTT_5 ==>
             c->inbound_limit >= c->inbound_used;
    assigns c->inbound_used, c->inbound_received, c->inbound_released,
            c->inbound_limit;
    ensures hwi_inbound_is_sound(c) && c->inbound_used == 0;
*/
void hwi_inbound_reset(struct hawser_client *c);

/* keepalive.c ------------------------------------------------------------- */

/* The connection opened: the limit for CONNACK starts. */
void hwi_keepalive_start(struct hawser_client *c);

/* A PINGRESP came. */
void hwi_keepalive_answered(struct hawser_client *c);

#endif
