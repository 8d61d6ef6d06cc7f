/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MQTT client: versions 3.1.1 and 5.0, sans-IO.
 *
 * The caller owns the connection and the clock. It feeds the bytes it received
 * (hawser_feed), sends the bytes it is given (hawser_out, hawser_sent), wakes
 * the client when hawser_deadline_ms() says so (hawser_tick) and pulls events
 * (hawser_next_event). Nothing here blocks, allocates, logs, reads a clock or
 * calls back. The same inputs give the same outputs.
 *
 * Rules for the whole header:
 *   - Every pointer must be valid; NULL is allowed only where a comment says so.
 *   - Structs are the caller's memory. Fields marked "private" are not to be
 *     touched; they stand here so that a caller can allocate one.
 *   - now_ms is monotonic milliseconds of any epoch. The client keeps the
 *     largest value seen, so a late caller cannot turn time back.
 *   - One client is used by one thread at a time; clients share nothing.
 *
 * Standards: MQTT Version 3.1.1 (OASIS, 29 October 2014) as [MQTT3], MQTT
 * Version 5.0 (OASIS, 7 March 2019) as [MQTT5].
 */
#ifndef HAWSER_MQTT_H
#define HAWSER_MQTT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hawser/error.h"
#include "hawser/mqtt_private.h"
#include "hawser/mqtt_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Lifetime ---------------------------------------------------------------- */

/*
 * Prepares a client. Nothing to free afterwards; the client is closed.
 * Errors: ARG (a span too small, no slot, a version unknown, an id, name or
 * will that cannot be encoded): *c is not usable.
 */
int hawser_init(struct hawser_client *c,
                const struct hawser_config *cfg) HAWSER_CHECKED;

/*
 * The connection (TCP and TLS) is up: queue CONNECT. Clears a sticky error and
 * what was left of the last connection's bytes. What is incomplete goes on after
 * CONNACK: PUBRELs, then PUBLISHes, each in their order, with DUP set.
 * Without a session at the server, QoS 1 messages are sent as new ones (the
 * promise of at-least-once is the application's, not the session's), and QoS 2
 * messages that may have left already (they were queued for hawser_out()) come
 * back as PUBLISHED with reason 0x92: sent again they might arrive twice. The version may differ from the last
 * connection's: they are translated. What the server's new limits forbid comes
 * back as PUBLISHED with a reason. A SUBSCRIBE that was under way and inbound
 * messages that were not accepted are forgotten: the server sends those again.
 * Errors: STATE (already open), ARG (the configuration now cannot be encoded):
 * nothing changed. FULL (CONNECT does not fit tx): closed, as by hawser_lost().
 */
int hawser_opened(struct hawser_client *c, uint64_t now_ms) HAWSER_CHECKED;

/* The connection is gone. What was unacknowledged stays. An event that waits
 * is dropped, unless it is PUBLISHED. Always possible. */
void hawser_lost(struct hawser_client *c, uint64_t now_ms);

/* Bytes ------------------------------------------------------------------- */

/*
 * Bytes that came. Keeps no pointer to in beyond the events of this call.
 * *used: how many were taken. 0 with *used < len means that an event waits:
 * drain hawser_next_event(), then feed the rest. Events may hold views into
 * in: drain them before it goes away. After a DISCONNECT of either side bytes
 * are taken and ignored.
 * Errors, all sticky until hawser_opened(): MALFORMED, PROTOCOL (with 5.0 a
 * DISCONNECT with the reason code is queued, unless a payload of ours is half
 * sent: send hawser_out(), then close), REFUSED (after the REFUSED event;
 * close). STATE (closed, and no error before): nothing taken.
 */
int hawser_feed(struct hawser_client *c, uint64_t now_ms, const uint8_t *in,
                size_t len, size_t *used) HAWSER_CHECKED;

/*
 * Bytes to send now, whole packets one behind the other: *at and the length.
 * 0: nothing. To be sent even after an error. *at lives until the next call
 * that is not a fact: events may make room for what waits.
 */
size_t hawser_out(const struct hawser_client *c, const uint8_t **at);

/* n of those bytes have been handed to the connection (n <= what hawser_out
 * answered; more is taken as all). Restarts the keep-alive timer. */
void hawser_sent(struct hawser_client *c, uint64_t now_ms, size_t n);

/* Time -------------------------------------------------------------------- */

/* When hawser_tick() is due; HAWSER_NEVER if nothing is. */
uint64_t hawser_deadline_ms(const struct hawser_client *c);

/*
 * Does what is due: PINGREQ [MQTT5 3.1.2.10] when nothing was sent, or
 * nothing came, for the keep-alive time; time limits. Early calls do no harm.
 * Errors, sticky: KEEPALIVE, TIMEOUT (no CONNACK): close the connection.
 */
int hawser_tick(struct hawser_client *c, uint64_t now_ms) HAWSER_CHECKED;

/* Events ------------------------------------------------------------------ */

/* The next event, if any: true and *ev. */
bool hawser_next_event(struct hawser_client *c, struct hawser_event *ev);

/*
 * The next property of an event. Start with *rest = ev.properties; true and
 * *p as long as there is one. Views in *p live as long as the event's.
 */
bool hawser_property_next(struct hawser_view *rest, struct hawser_property *p);

/* Requests: all or nothing. 0 and *id, or an error and no change ------------ */

/*
 * Publishes. QoS 0: *id is 0 and nothing more is heard. QoS 1, 2: *id is the
 * packet identifier that comes back in PUBLISHED; the client keeps a copy of
 * the packet in the store span until then (QoS 2: until PUBREC). id may be
 * NULL.
 * Before CONNACK (sends_early) nothing is known of the server's limits; what was
 * published with QoS > 0 and a CONNACK then refuses counts as never sent; without
 * a CONNACK it may have arrived. With QoS > 0, messages of an earlier connection
 * go first: until CONNACK the error is FULL.
 * Errors: STATE (not connected), ARG (topic empty, with a wildcard or not
 * UTF-8; QoS above 2; a property that PUBLISH cannot have), LIMIT (retain,
 * QoS or packet size above what the server allows; receive maximum reached:
 * wait for a PUBLISHED; a topic alias above what both sides allow, or whose
 * topic does not fit its part), FULL (tx, store or slots, or stored messages
 * that go first: send, or wait; a message that is larger than tx or the store
 * by itself never fits).
 * The property topic alias is not needed. With a topic it gives the topic this
 * number; with an empty topic it stands for the one that has it (ARG: none).
 */
int hawser_publish(struct hawser_client *c, uint64_t now_ms,
                   const struct hawser_message *m, uint16_t *id) HAWSER_CHECKED;

/*
 * A payload that is larger than any buffer: publish the message with its first
 * bytes, or none, and payload_more. Then, whenever hawser_payload_wanted()
 * answers more than 0, give so many bytes of the message *id (0: the one with
 * QoS 0) from *offset of its payload on. With QoS > 0 only the first bytes are
 * stored: after a reconnect the others are wanted once more, so they must be
 * there to be read again until PUBLISHED and until no byte of it is wanted: a
 * server may refuse a message before all of it came. The same after
 * hawser_load().
 * Nothing else can be sent before the last byte: requests answer FULL,
 * acknowledgements wait, hawser_disconnect() answers FULL (close instead, or
 * finish). No byte for the keep-alive time is the error KEEPALIVE.
 */
size_t hawser_payload_wanted(const struct hawser_client *c, uint16_t *id,
                             uint32_t *offset);

/* Gives the next len bytes of what is wanted, which are copied. Errors: STATE
 * (nothing is wanted), FULL (that is more than was asked for): nothing taken. */
int hawser_payload(struct hawser_client *c, uint64_t now_ms, const uint8_t *at,
                   size_t len) HAWSER_CHECKED;

/*
 * Subscribes to n >= 1 filters in one packet; SUBSCRIBED follows. One SUBSCRIBE
 * or UNSUBSCRIBE may be under way at once.
 * Errors: STATE (not connected, or one under way), ARG (a filter that is not
 * valid [MQTT5 4.7], qos above 2, no_local with a shared filter, a property
 * that SUBSCRIBE cannot have; more filters than rx has bytes for their answers:
 * its size less 3), LIMIT (wildcard, shared or subscription
 * identifiers not available), FULL.
 */
int hawser_subscribe(struct hawser_client *c, uint64_t now_ms,
                     const struct hawser_filter *f, size_t n,
                     uint16_t *id) HAWSER_CHECKED;

/* The same, with properties: a subscription identifier, user properties. */
struct hawser_subscription {
    const struct hawser_filter *filters;
    size_t count;
    struct hawser_properties properties;
};
int hawser_subscribe_with(struct hawser_client *c, uint64_t now_ms,
                          const struct hawser_subscription *s,
                          uint16_t *id) HAWSER_CHECKED;

/* Unsubscribes; UNSUBSCRIBED follows. Errors as hawser_subscribe(). */
int hawser_unsubscribe(struct hawser_client *c, uint64_t now_ms,
                       const struct hawser_view *f, size_t n,
                       uint16_t *id) HAWSER_CHECKED;

/* The same, with properties: user properties. */
struct hawser_unsubscription {
    const struct hawser_view *filters;
    size_t count;
    struct hawser_properties properties;
};
int hawser_unsubscribe_with(struct hawser_client *c, uint64_t now_ms,
                            const struct hawser_unsubscription *u,
                            uint16_t *id) HAWSER_CHECKED;

/*
 * Acknowledges an inbound QoS > 0 message after the application has taken it:
 * PUBACK or PUBREC. reason: 0, or with 5.0 a PUBACK reason code >= 0x80 to
 * refuse it [MQTT5 3.4.2.1, 3.5.2.1]; 3.1.1 cannot refuse and sends the plain
 * acknowledgement.
 * Acknowledgements leave in the order of the messages [MQTT5 4.6].
 * If tx is full, they leave as soon as it is not. Errors: STATE (closed, or no
 * message with this id waits or is whole yet), ARG (another reason).
 */
int hawser_accept(struct hawser_client *c, uint64_t now_ms, uint16_t packet_id,
                  uint8_t reason) HAWSER_CHECKED;

/*
 * The same, with properties: a reason string, user properties. They are not
 * kept: errors also FULL (messages before this one are not accepted yet, or no
 * room: accept it later, or without), ARG (a property that cannot stand there).
 */
int hawser_accept_with(struct hawser_client *c, uint64_t now_ms,
                       uint16_t packet_id, uint8_t reason,
                       const struct hawser_properties *p) HAWSER_CHECKED;

/*
 * Queues DISCONNECT; send hawser_out(), then close. reason: 0, or with 5.0
 * one of [MQTT5 3.14.2.1]; 0x04 makes the server publish the will.
 * With 3.1.1 there is no reason on the wire. Nothing more can be sent or comes.
 * Errors: STATE (not open), ARG (another reason), FULL (in the middle of a
 * payload: give the rest of it, or just close), LIMIT (a reason, and a server
 * that takes no packet of 4 bytes: just close).
 */
int hawser_disconnect(struct hawser_client *c, uint64_t now_ms,
                      uint8_t reason) HAWSER_CHECKED;

/*
 * The same, with properties: session expiry, reason string, user properties.
 * Errors also: ARG (a property that DISCONNECT cannot have; a session expiry
 * when CONNECT had none [MQTT5 3.14.2.2.2]), LIMIT (above the server's maximum
 * packet size), FULL (no room for them).
 */
int hawser_disconnect_with(struct hawser_client *c, uint64_t now_ms,
                           uint8_t reason,
                           const struct hawser_properties *p) HAWSER_CHECKED;

/*
 * Queues AUTH (5.0). reason 0x18 goes on with what HAWSER_EVENT_AUTH asked;
 * 0x19 begins a re-authentication while connected. The method of CONNECT is
 * added to the properties, which may be authentication data, a reason string
 * and user properties, 15 at most. [MQTT5 3.15, 4.12]
 * Errors: STATE (3.1.1; no method in CONNECT; nothing was asked; an exchange
 * is under way), ARG (another reason, a property that AUTH cannot have, the
 * method: it cannot change), LIMIT, FULL.
 */
int hawser_auth(struct hawser_client *c, uint64_t now_ms, uint8_t reason,
                const struct hawser_properties *p) HAWSER_CHECKED;

/* Sessions that outlive the program ----------------------------------------- */

/* How many bytes hawser_save() needs now. */
size_t hawser_save_size(const struct hawser_client *c);

/*
 * Writes what a session needs to go on after a restart of the program: QoS > 0
 * messages that are not complete, both ways. *len: how many bytes. To be sure of
 * every message, save after each call that took bytes or made a request, and
 * before the bytes of hawser_out() leave. Possible in every state.
 * Errors: FULL (out is too small; nothing of use is in it).
 */
int hawser_save(const struct hawser_client *c, struct hawser_span out,
                size_t *len) HAWSER_CHECKED;

/*
 * Puts back what hawser_save() wrote, into a client that is fresh from
 * hawser_init(). Connect with the same client id and clean_start off.
 * Errors: STATE (not fresh), MALFORMED (damaged, or of another version of this
 * library), FULL (the configuration has too little memory: slots, store, tx,
 * inbound). It is fresh still.
 */
int hawser_load(struct hawser_client *c,
                struct hawser_view saved) HAWSER_CHECKED;

/* Facts ------------------------------------------------------------------- */

/* True from CONNACK until an error, a DISCONNECT or hawser_lost(). */
bool hawser_is_connected(const struct hawser_client *c);

/* The limits in force; the defaults before CONNACK. */
const struct hawser_limits *hawser_limits(const struct hawser_client *c);

/* Where the peer went wrong; of use after MALFORMED or PROTOCOL. */
const struct hawser_fault *hawser_fault(const struct hawser_client *c);

/* Does a topic name match a topic filter? [MQTT5 4.7] Neither is validated. */
bool hawser_topic_matches(struct hawser_view topic_filter,
                          struct hawser_view topic);

#ifdef __cplusplus
}
#endif

#endif
