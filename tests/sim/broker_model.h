/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A broker as the standard describes it, for one client and one session: it
 * keeps its session over every cut, delivers what it receives into a list, and
 * sends what it is told to. It checks what a client may do and stops the program
 * at the first thing that it may not. [MQTT5 4.3, 4.4, 4.6, MQTT3 4.3, 4.4, 4.6]
 */
#ifndef HAWSER_SIM_BROKER_MODEL_H
#define HAWSER_SIM_BROKER_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_LIST_MAX 4096
#define MODEL_WIRE_MAX 16384
#define MODEL_IDS_MAX  64
#define MODEL_ALIASES  2
#define MODEL_WINDOW   8 /* without a receive maximum */

/* Which messages arrived, in their order; by number and QoS. */
struct model_list {
    uint32_t number[MODEL_LIST_MAX];
    uint8_t qos[MODEL_LIST_MAX];
    unsigned count;
};

struct model_flight {
    uint16_t packet_id;
    uint32_t number;
    uint8_t qos;
    bool is_released; /* PUBREC came, PUBREL is out */
    bool is_sent;     /* on this connection */
    bool was_sent;    /* on any */
};

/* A PUBACK, PUBREC or PUBCOMP that the broker has not sent yet. */
struct model_answer {
    uint8_t first;
    uint16_t packet_id;
};

struct model_broker {
    uint8_t version;
    uint16_t receive_maximum; /* of the broker; 0: not said */
    bool allows_aliases;

    bool has_session;
    bool is_connected; /* CONNECT came on this connection */
    struct model_list delivered;
    uint16_t held[MODEL_IDS_MAX]; /* QoS 2 ids that wait for PUBREL */
    unsigned held_count;
    char alias[MODEL_ALIASES][16];
    struct model_answer owed[MODEL_IDS_MAX]; /* oldest first */
    unsigned owed_count;
    unsigned unanswered; /* PUBLISHes of the client: its window */

    struct model_flight flights[MODEL_LIST_MAX]; /* oldest first */
    unsigned flight_count;
    uint16_t last_id;
    uint16_t client_maximum; /* the client's receive maximum */

    uint8_t in[MODEL_WIRE_MAX];
    size_t in_len;
    uint8_t out[MODEL_WIRE_MAX];
    size_t out_len;
};

/* A message for the client. */
void model_send(struct model_broker *b, uint32_t number, uint8_t qos);

/* Bytes of the client arrived. */
void model_feed(struct model_broker *b, const uint8_t *at, size_t len);

/* Handles the next packet that has arrived whole. False: there is none. */
bool model_act(struct model_broker *b);

/* Sends the oldest answer that is owed. False: none is. */
bool model_answer(struct model_broker *b);

/* The connection is gone, with all that was under way. */
void model_cut(struct model_broker *b);

/* Appends to a list; false: it is full. */
void model_note(struct model_list *l, uint32_t number, uint8_t qos);

#endif
