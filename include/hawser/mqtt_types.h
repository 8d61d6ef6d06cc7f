/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What passes between a caller and its MQTT client: bytes, properties, messages,
 * the configuration, events. Included by hawser/mqtt.h, which says how they are
 * used and what [MQTT3] and [MQTT5] are.
 */
#ifndef HAWSER_MQTT_TYPES_H
#define HAWSER_MQTT_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
 * the next connection: will, password, clean_start, version...). With another
 * client id it is another session, as if the server had none.
 * A server of 5.0 that goes on with a session that the client knows nothing of
 * (it is new, and nothing was loaded) has to be left: PROTOCOL. Connect again
 * with clean_start. [MQTT-3.2.2-4]
 */
struct hawser_config {
    enum hawser_version version;
    struct hawser_view client_id;      /* empty: the server assigns one (5.0) */
    struct hawser_view username;       /* {NULL, 0}: none */
    struct hawser_view password;       /* {NULL, 0}: none */
    const struct hawser_message *will; /* NULL: none */
    bool clean_start;                  /* 3.1.1: clean session */
    bool sends_early;                  /* requests may be made from
                                      hawser_opened() on, before CONNACK, unless
                                      there is an authentication method */
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

    /* One incoming packet, payload aside; >= 64. A message of 5.0 whose
     * properties do not fit is refused with 0x97 (QoS 0: dropped) without an
     * event: its publisher chose them. A topic that does not fit ends the
     * connection. */
    struct hawser_span rx;
    struct hawser_span tx;     /* packets not yet sent; >= 64 */
    struct hawser_span store;  /* QoS > 0 PUBLISHes until acknowledged */
    struct hawser_slot *slots; /* how many of those at once */
    size_t slot_count;         /* 1..32767 */
    /* Inbound QoS > 0 messages that may be incomplete at once: for QoS 1 until
     * hawser_accept(), for QoS 2 until PUBREL. Brokers' usual windows are 10 to
     * 32. One more ends the connection with PROTOCOL: 3.1.1 cannot tell a
     * server how many, thus accept in time; 5.0 cannot tell it 0, thus lend one
     * more than receive_maximum if you receive with QoS 2 and keep sessions. */
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
     * lost the session that held it, so whether it arrived is unknown. 0x9B
     * with QoS 2 over 3.1.1 may also mean that the server took it with QoS 1,
     * since that is all it has (RabbitMQ). */
    HAWSER_EVENT_PUBLISHED,
    /* SUBACK, UNSUBACK. packet_id, reasons: one byte a filter, in order;
     * a byte >= 0x80 is a refusal. UNSUBACK of 3.1.1 has none: it means
     * yes. [MQTT5 3.9.3, 3.11.3, MQTT3 3.9.3, 3.11] */
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
    uint32_t offset; /* of the packet's first byte since hawser_opened(),
                        modulo 2^32 */
    uint8_t header;  /* that byte: packet type and flags */
    uint8_t reason;  /* MQTT 5 reason code, also with 3.1.1; 0: no fault */
};

#endif
