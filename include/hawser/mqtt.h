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

#ifdef __cplusplus
extern "C" {
#endif

/* No deadline. */
#define HAWSER_NEVER UINT64_MAX

/* Bytes that somebody else owns; not NUL-terminated. {NULL, 0} means absent
 * where a field is optional; {any, 0} with at != NULL means present, empty. */
struct hawser_view {
    const uint8_t *at;
    size_t len;
};

/* Room that the caller lends. */
struct hawser_span {
    uint8_t *at;
    size_t size;
};

enum hawser_version {
    HAWSER_MQTT_3_1_1 = 4, /* the protocol level on the wire */
    HAWSER_MQTT_5 = 5
};

/* [MQTT5 2.2.2.2] The identifiers of all properties. */
enum hawser_property_id {
    HAWSER_PROP_PAYLOAD_FORMAT = 0x01,
    HAWSER_PROP_MESSAGE_EXPIRY = 0x02,
    HAWSER_PROP_CONTENT_TYPE = 0x03,
    HAWSER_PROP_RESPONSE_TOPIC = 0x08,
    HAWSER_PROP_CORRELATION_DATA = 0x09,
    HAWSER_PROP_SUBSCRIPTION_ID = 0x0B,
    HAWSER_PROP_SESSION_EXPIRY = 0x11,
    HAWSER_PROP_ASSIGNED_CLIENT_ID = 0x12,
    HAWSER_PROP_SERVER_KEEP_ALIVE = 0x13,
    HAWSER_PROP_AUTH_METHOD = 0x15,
    HAWSER_PROP_AUTH_DATA = 0x16,
    HAWSER_PROP_REQUEST_PROBLEM_INFO = 0x17,
    HAWSER_PROP_WILL_DELAY = 0x18,
    HAWSER_PROP_REQUEST_RESPONSE_INFO = 0x19,
    HAWSER_PROP_RESPONSE_INFO = 0x1A,
    HAWSER_PROP_SERVER_REFERENCE = 0x1C,
    HAWSER_PROP_REASON_STRING = 0x1F,
    HAWSER_PROP_RECEIVE_MAXIMUM = 0x21,
    HAWSER_PROP_TOPIC_ALIAS_MAXIMUM = 0x22,
    HAWSER_PROP_TOPIC_ALIAS = 0x23,
    HAWSER_PROP_MAXIMUM_QOS = 0x24,
    HAWSER_PROP_RETAIN_AVAILABLE = 0x25,
    HAWSER_PROP_USER = 0x26,
    HAWSER_PROP_MAXIMUM_PACKET_SIZE = 0x27,
    HAWSER_PROP_WILDCARD_AVAILABLE = 0x28,
    HAWSER_PROP_SUBSCRIPTION_ID_AVAILABLE = 0x29,
    HAWSER_PROP_SHARED_AVAILABLE = 0x2A
};

/*
 * One property. Which field holds its value follows from its type on the wire
 * ([MQTT5 2.2.2.2]): one, two, four byte and variable byte integers in number;
 * strings and binary data in value; a user property has its name in name.
 */
struct hawser_property {
    enum hawser_property_id id;
    uint32_t number;
    struct hawser_view name;
    struct hawser_view value;
};

/* A message to be published, or a will. All views are read during the call
 * only (will: during hawser_opened). Properties are MQTT 5 only: with 3.1.1
 * they are left out, as that version has no place for them. */
struct hawser_message {
    struct hawser_view topic;
    struct hawser_view payload;
    uint32_t payload_more; /* bytes of the payload behind those above, which
                              hawser_payload() will give; a will has none */
    uint8_t qos;           /* 0, 1, 2 */
    bool retain;
    const struct hawser_property *properties; /* may be NULL if count is 0 */
    size_t property_count;
};

/* One topic filter of a SUBSCRIBE. The last three are MQTT 5 options and
 * have no effect with 3.1.1. [MQTT5 3.8.3.1] */
struct hawser_filter {
    struct hawser_view topic_filter;
    uint8_t qos; /* the largest QoS wanted */
    bool no_local;
    bool retain_as_published;
    uint8_t retain_handling; /* 0, 1, 2 */
};

/* Lists of properties for requests of 5.0; with 3.1.1 they are left out. */
struct hawser_properties {
    const struct hawser_property *at; /* may be NULL if count is 0 */
    size_t count;
};

/* One outbound and one inbound QoS > 0 message that is not complete: memory that
 * the caller lends. Defined in hawser/mqtt_private.h. */
struct hawser_slot;
struct hawser_inbound;

/*
 * What a client needs to know. The client keeps a pointer to it. The spans and
 * slots must outlive the client and must not be changed after hawser_init();
 * everything else may be changed by the caller while the client is closed (for
 * the next connection: will, password, clean_start, version...).
 */
struct hawser_config {
    enum hawser_version version;
    struct hawser_view client_id;      /* empty: the server assigns one (5.0) */
    struct hawser_view username;       /* {NULL, 0}: none */
    struct hawser_view password;       /* {NULL, 0}: none */
    const struct hawser_message *will; /* NULL: none */
    bool clean_start;                  /* 3.1.1: clean session */
    bool sends_early;                  /* requests may be made from
                                      hawser_opened() on, before CONNACK */
    uint16_t keep_alive_s;             /* 0: off */
    uint32_t connack_timeout_ms;       /* 0: 30000 */
    uint32_t pingresp_timeout_ms;      /* 0: half of keep_alive_s */
    uint32_t ack_timeout_ms;           /* 0: never; else an unanswered PUBLISH,
                                      PUBREL or SUBSCRIBE ends the
                                      connection with KEEPALIVE */
    uint32_t session_expiry_s;         /* 5.0; 0: ends with the connection */
    uint16_t receive_maximum;          /* 5.0; 0: inbound_count, which is also
                                      the most that is possible */
    uint32_t maximum_packet_size;      /* 5.0; 0: not sent (no limit) */
    /* More for CONNECT, 5.0: user properties, request problem or response
     * information, authentication method and data: with a method,
     * HAWSER_EVENT_AUTH may come before CONNECTED. The others are made from the
     * fields above. */
    const struct hawser_property *properties;
    size_t property_count;

    struct hawser_span rx;     /* one incoming packet, payload aside; >= 64 */
    struct hawser_span tx;     /* packets not yet sent; >= 64 */
    struct hawser_span store;  /* QoS > 0 PUBLISHes until acknowledged */
    struct hawser_slot *slots; /* how many of those at once */
    size_t slot_count;         /* 1..32767 */
    /* Inbound QoS > 0 messages that may be incomplete at once: for QoS 1 until
     * hawser_accept(), for QoS 2 until PUBREL. Brokers' usual windows are 10 to
     * 32. One more ends the connection with PROTOCOL: 3.1.1 cannot tell a
     * server how many, thus accept in time. */
    struct hawser_inbound *inbound;
    size_t inbound_count; /* 1..65535 */
    /* Topic aliases, 5.0, may be none: each alias takes an equal part of its
     * span, 8 bytes of it for itself and the rest for its topic.
     * in: as many as the server may use; a topic that is longer than its part
     * ends the connection. out: the client uses them by itself for topics that
     * fit, the least recently used one makes place. [MQTT5 3.3.2.3.4] */
    struct hawser_span aliases_in;
    uint16_t alias_in_count;
    struct hawser_span aliases_out;
    uint16_t alias_out_count;
};

enum hawser_event_kind {
    /* CONNACK accepted. session_present, properties. The server's limits
     * can be read by hawser_limits(). */
    HAWSER_EVENT_CONNECTED,
    /* CONNACK refused. reason: the MQTT 5 reason code (a 3.1.1 return code
     * is translated, see hawser_event.reason), properties. */
    HAWSER_EVENT_REFUSED,
    /* A message, or the next part of one. A packet that fits the rx span
     * comes as one event. A larger one that came in several feeds comes as
     * several MESSAGE events with the same topic; the first has
     * payload_offset 0, the last payload_left 0. QoS > 0: call
     * hawser_accept() with packet_id once the application has taken the
     * whole message; until then the server counts it as not delivered, and
     * sends it again after a reconnect. Accepted with QoS 2, it never comes
     * again. */
    HAWSER_EVENT_MESSAGE,
    /* A QoS > 0 message of ours is complete: PUBACK or PUBCOMP. packet_id,
     * reason (>= 0x80: it was refused by the server, or by limits that it
     * named later; it will not be sent again). 0x92 with QoS 2: the server
     * lost the session that held it, so whether it arrived is unknown. */
    HAWSER_EVENT_PUBLISHED,
    /* SUBACK, UNSUBACK. packet_id, reasons: one byte a filter, in order;
     * a byte >= 0x80 is a refusal. [MQTT5 3.9.3, MQTT3 3.9.3] */
    HAWSER_EVENT_SUBSCRIBED,
    HAWSER_EVENT_UNSUBSCRIBED,
    /* The server sent DISCONNECT (5.0). reason, properties. */
    HAWSER_EVENT_DISCONNECTED,
    /* The server sent AUTH (5.0, with an authentication method in CONNECT).
     * reason 0x18: go on with hawser_auth(); 0: a re-authentication is done.
     * properties. [MQTT5 4.12] */
    HAWSER_EVENT_AUTH
};

/*
 * What happened. Views live until the next hawser_next_event(), hawser_feed(),
 * hawser_lost() or hawser_opened(), whichever comes first.
 */
struct hawser_event {
    enum hawser_event_kind kind;
    uint16_t packet_id;
    /* MQTT 5 reason code. 3.1.1 CONNACK codes 1..5 arrive as 0x84, 0x85,
     * 0x88, 0x86, 0x87, which mean the same. */
    uint8_t reason;
    bool session_present;
    struct hawser_view reasons;
    struct hawser_view topic;
    struct hawser_view payload;
    uint32_t payload_offset;
    uint32_t payload_left;
    uint8_t qos;
    bool retain;
    bool dup;
    /* Encoded and already validated; read by hawser_property_next(). */
    struct hawser_view properties;
};

/* What the server allows, as of the last CONNACK. [MQTT5 3.2.2.3] With 3.1.1
 * everything is allowed. */
struct hawser_limits {
    uint32_t session_expiry_s;
    uint16_t receive_maximum;
    uint8_t maximum_qos;
    bool retain_available;
    uint32_t maximum_packet_size; /* UINT32_MAX: none */
    uint16_t topic_alias_maximum;
    bool wildcard_available;
    bool subscription_id_available;
    bool shared_available;
    uint16_t keep_alive_s; /* the one in force */
};

/* Where the peer went wrong. */
struct hawser_fault {
    uint64_t offset; /* of the packet's first byte since hawser_opened() */
    uint8_t header;  /* that byte: packet type and flags */
    uint8_t reason;  /* MQTT 5 reason code, also with 3.1.1; 0: no fault */
};

/* A client. Its fields are private; a caller only lends it its memory. */
struct hawser_client;

#include "hawser/mqtt_private.h"

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
 * messages that had left already come back as PUBLISHED with reason 0x92: sent
 * again they might arrive twice. The version may differ from the last
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
 * Errors, all sticky: MALFORMED, PROTOCOL (with 5.0 a DISCONNECT with the
 * reason code is queued: send hawser_out(), then close), REFUSED (after the
 * REFUSED event; close). STATE (closed): nothing taken.
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
 * published with QoS > 0 and a CONNACK then refuses counts as never sent. Messages
 * of an earlier connection go first: until CONNACK the error is FULL.
 * Errors: STATE (not connected), ARG (topic empty, with a wildcard or not
 * UTF-8; QoS above 2; a property that PUBLISH cannot have), LIMIT (retain,
 * QoS or packet size above what the server allows; receive maximum reached:
 * wait for a PUBLISHED; a topic alias above what both sides allow, or whose
 * topic does not fit its part), FULL (tx, store or slots, or stored messages
 * that go first: send, or wait).
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
 * there to be read again until PUBLISHED. The same after hawser_load().
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
 * that SUBSCRIBE cannot have), LIMIT (wildcard, shared or subscription
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
 * Queues DISCONNECT; send hawser_out(), then close. reason: 0, or with 5.0
 * one of [MQTT5 3.14.2.1]; 0x04 makes the server publish the will.
 * With 3.1.1 there is no reason on the wire. Nothing more can be sent or comes.
 * Errors: STATE (not open), ARG (another reason), FULL (in the middle of a
 * payload: give the rest of it, or just close).
 */
int hawser_disconnect(struct hawser_client *c, uint64_t now_ms,
                      uint8_t reason) HAWSER_CHECKED;

/*
 * The same, with properties: session expiry, reason string, user properties.
 * Errors also: ARG (a property that DISCONNECT cannot have; a session expiry
 * when CONNECT had none [MQTT5 3.14.2.2.2]), FULL (no room for them).
 */
int hawser_disconnect_with(struct hawser_client *c, uint64_t now_ms,
                           uint8_t reason,
                           const struct hawser_properties *p) HAWSER_CHECKED;

/*
 * Queues AUTH (5.0). reason 0x18 goes on with what HAWSER_EVENT_AUTH asked;
 * 0x19 begins a re-authentication while connected. The method of CONNECT is
 * added to the properties, which may be authentication data, a reason string
 * and user properties. [MQTT5 3.15, 4.12]
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
 * library), FULL (the configuration has too little memory). Nothing changed.
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
