/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The broker's end of a stream, for tests: reads what the client sends with a
 * reader of its own, answers as scripted, and writes down every message. It is
 * no broker: one client, no wildcards.
 */
#ifndef HWI_DEVICE_FAKE_BROKER_H
#define HWI_DEVICE_FAKE_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_MESSAGES_MAX 256
#define FAKE_TEXT_SIZE    1400
#define FAKE_WIRE_SIZE    65536

struct fake_message {
    char topic[128];
    char payload[FAKE_TEXT_SIZE];
    char correlation[64];
    uint16_t packet_id;
    uint8_t qos;
    bool retain;
    bool dup;
    unsigned connection; /* the how manieth */
};

struct fake_broker {
    /* Script */
    bool refuses_5;           /* CONNACK 0x84 to MQTT 5.0 */
    bool closes_5;            /* no answer to MQTT 5.0, just a close */
    bool ignores_connect;     /* no answer at all */
    bool refuses_will;        /* of QoS 1, and retained */
    uint8_t connack;          /* reason (5.0) or return code (3.1.1) */
    uint8_t maximum_qos;      /* 5.0 property; 1: not sent */
    bool retain_unavailable;  /* 5.0 property */
    uint16_t receive_maximum; /* 5.0 property; 0: not sent */
    uint32_t maximum_packet;  /* 5.0 property; 0: not sent */
    uint8_t suback[4];        /* granted QoS or refusal */
    bool ignores_subscribe;
    bool closes_at_subscribe;
    const char *closes_at; /* a publish to a topic that ends so */
    bool ignores_publish;  /* no PUBACK */
    uint8_t puback;        /* reason, 5.0 */
    bool ignores_ping;

    /* State */
    bool is_connected; /* the stream is up */
    bool is_closed;    /* by the broker */
    uint8_t version;
    unsigned connections; /* CONNECTs */
    unsigned disconnects;
    unsigned subscribes;
    unsigned pings;
    unsigned pubacks;
    uint8_t last_puback_reason;
    bool clean_start;
    uint16_t keep_alive_s;
    char client_id[80];
    char username[80];
    char password[80];
    struct fake_message will;
    char filters[4][128];
    struct fake_message messages[FAKE_MESSAGES_MAX];
    unsigned message_count;

    uint8_t in[FAKE_WIRE_SIZE]; /* from the client, not yet whole */
    size_t in_len;
    uint8_t out[FAKE_WIRE_SIZE * 20]; /* to the client; 1 MiB fits */
    size_t out_at;
    size_t out_len;
};

void fake_broker_init(struct fake_broker *b);

/* The stream is up; it went down; bytes from and to the client. */
void fake_broker_connect(struct fake_broker *b);
void fake_broker_lose(struct fake_broker *b);
void fake_broker_feed(struct fake_broker *b, const uint8_t *at, size_t len);
size_t fake_broker_take(struct fake_broker *b, uint8_t *out, size_t size);

/* Closes the stream, after what waits was taken. */
void fake_broker_close(struct fake_broker *b);

/* Sends a PUBLISH, QoS 1 if packet_id is not 0; response and correlation only
 * with 5.0, NULL: none. len: of the payload. */
struct fake_publish {
    const char *topic;
    const char *payload;
    size_t len; /* 0: that of the text */
    uint16_t packet_id;
    bool retain;
    const char *response;
    const char *correlation;
};
void fake_broker_publish(struct fake_broker *b, const struct fake_publish *p);

/* Sends these bytes as they are. */
void fake_broker_raw(struct fake_broker *b, const uint8_t *at, size_t len);

/* The n-th message whose topic ends so and whose payload holds text; NULL:
 * there is none. */
const struct fake_message *fake_broker_find(const struct fake_broker *b,
                                            const char *topic_end,
                                            const char *text, unsigned n);
unsigned fake_broker_count(const struct fake_broker *b, const char *topic_end,
                           const char *text);

#endif
