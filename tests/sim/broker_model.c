/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The broker's end. Written on its own, without the library's decoders: what
 * both got wrong in the same way would not be seen.
 */
#include "broker_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(fact)                                                \
    do {                                                           \
        if (!(fact)) {                                             \
            fprintf(stderr,                                        \
                    "broker_model.c:%d: the client broke a rule: " \
                    "%s\n",                                        \
                    __LINE__, #fact);                              \
            abort();                                               \
        }                                                          \
    } while (0)

void model_note(struct model_list *l, uint32_t number, uint8_t qos)
{
    CHECK(l->count < MODEL_LIST_MAX);
    l->number[l->count] = number;
    l->qos[l->count] = qos;
    l->count++;
}

/* Sending ------------------------------------------------------------------- */

static void put(struct model_broker *b, const uint8_t *at, size_t len)
{
    CHECK(b->out_len + len <= MODEL_WIRE_MAX);
    memcpy(b->out + b->out_len, at, len);
    b->out_len += len;
}

static void put_ack(struct model_broker *b, uint8_t first, uint16_t id)
{
    const uint8_t packet[] = {first, 2, (uint8_t)(id >> 8), (uint8_t)id};

    put(b, packet, sizeof packet);
}

static void owe(struct model_broker *b, uint8_t first, uint16_t id)
{
    CHECK(b->owed_count < MODEL_IDS_MAX);
    b->owed[b->owed_count++] = (struct model_answer){first, id};
}

bool model_answer(struct model_broker *b)
{
    struct model_answer a = b->owed[0];

    if (b->owed_count == 0) {
        return false;
    }
    b->owed_count--;
    memmove(&b->owed[0], &b->owed[1], b->owed_count * sizeof b->owed[0]);
    put_ack(b, a.first, a.packet_id);
    if (a.first != 0x50 && b->unanswered > 0) {
        b->unanswered--;
    }
    return true;
}

static void put_publish(struct model_broker *b, const struct model_flight *f)
{
    uint8_t packet[16];
    size_t len = 2;

    packet[0] = (uint8_t)(0x30 | f->qos << 1 | (f->was_sent ? 8 : 0));
    packet[len++] = 0;
    packet[len++] = 1;
    packet[len++] = 't';
    packet[len++] = (uint8_t)(f->packet_id >> 8);
    packet[len++] = (uint8_t)f->packet_id;
    if (b->version == 5) {
        packet[len++] = 0;
    }
    for (unsigned i = 0; i < 4; i++) {
        packet[len++] = (uint8_t)(f->number >> (24 - 8 * i));
    }
    packet[1] = (uint8_t)(len - 2);
    put(b, packet, len);
}

/* Sends what may go: PUBRELs and PUBLISHes in their order. */
static void pump(struct model_broker *b)
{
    for (unsigned i = 0; b->is_connected && i < b->flight_count; i++) {
        struct model_flight *f = &b->flights[i];

        if (i >= b->client_maximum) {
            return; /* MQTT5 4.9: the client's window */
        }
        if (!f->is_sent && f->is_released) {
            put_ack(b, 0x62, f->packet_id);
        } else if (!f->is_sent) {
            put_publish(b, f);
        }
        f->is_sent = true;
        f->was_sent = true;
    }
}

void model_send(struct model_broker *b, uint32_t number, uint8_t qos)
{
    CHECK(b->flight_count < MODEL_LIST_MAX);
    b->last_id = (uint16_t)(b->last_id == 65535 ? 1 : b->last_id + 1);
    b->flights[b->flight_count++] = (struct model_flight){
        .packet_id = b->last_id, .number = number, .qos = qos};
    pump(b);
}

static void remove_flight(struct model_broker *b, unsigned i)
{
    b->flight_count--;
    memmove(&b->flights[i], &b->flights[i + 1],
            (b->flight_count - i) * sizeof b->flights[0]);
    pump(b);
}

static unsigned find_flight(const struct model_broker *b, uint16_t id)
{
    unsigned i = 0;

    while (i < b->flight_count &&
           !(b->flights[i].packet_id == id && b->flights[i].is_sent)) {
        i++;
    }
    CHECK(i < b->flight_count); /* it answers nothing of ours */
    return i;
}

/* Receiving ----------------------------------------------------------------- */

static uint16_t u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static void on_connect(struct model_broker *b, const uint8_t *body, size_t len)
{
    uint8_t connack[16] = {0x20, 0, b->has_session ? 1 : 0, 0};
    size_t n = 4;
    size_t at = 10;

    CHECK(len > 10 && body[6] == b->version && !b->is_connected);
    CHECK((body[7] & 2) == 0);        /* no clean start */
    b->client_maximum = MODEL_WINDOW; /* 3.1.1: as brokers have it */
    if (b->version == 5) {
        size_t end = at + 1 + body[at];
        at++;
        while (at < end) {
            size_t size = body[at] == 0x11 ? 5 : 3;
            CHECK(body[at] == 0x11 || body[at] == 0x21 || body[at] == 0x22);
            if (body[at] == 0x21) {
                b->client_maximum = u16(body + at + 1);
            }
            at += size;
        }
        n++;
        if (b->receive_maximum != 0) {
            connack[n++] = 0x21;
            connack[n++] = 0;
            connack[n++] = (uint8_t)b->receive_maximum;
        }
        if (b->allows_aliases) {
            connack[n++] = 0x22;
            connack[n++] = 0;
            connack[n++] = MODEL_ALIASES;
        }
        connack[4] = (uint8_t)(n - 5);
    }
    connack[1] = (uint8_t)(n - 2);
    put(b, connack, n);
    b->is_connected = true;
    b->has_session = true;
    memset(b->alias, 0, sizeof b->alias);
    pump(b);
}

/* Skips the topic; aliases must stand for something. */
static size_t read_alias(struct model_broker *b, const uint8_t *body, size_t at)
{
    size_t topic_len = u16(body);
    uint8_t properties = body[at];

    if (properties == 0) {
        CHECK(topic_len > 0);
        return at + 1;
    }
    CHECK(properties == 3 && body[at + 1] == 0x23 && b->allows_aliases);
    CHECK(u16(body + at + 2) >= 1 && u16(body + at + 2) <= MODEL_ALIASES);
    char *alias = b->alias[u16(body + at + 2) - 1];
    CHECK(topic_len < sizeof b->alias[0]);
    if (topic_len > 0) {
        memset(alias, 0, sizeof b->alias[0]);
        memcpy(alias, body + 2, topic_len);
    }
    CHECK(alias[0] != 0);
    return at + 4;
}

static bool is_held(const struct model_broker *b, uint16_t id)
{
    for (unsigned i = 0; i < b->held_count; i++) {
        if (b->held[i] == id) {
            return true;
        }
    }
    return false;
}

static void on_publish(struct model_broker *b, uint8_t first,
                       const uint8_t *body, size_t len)
{
    uint8_t qos = first >> 1 & 3;
    size_t at = 2u + u16(body);
    uint16_t id = u16(body + at);
    uint32_t number = 0;

    CHECK(qos == 1 || qos == 2);
    CHECK(id != 0);
    b->unanswered++; /* MQTT5 4.9: our window */
    CHECK(b->version != 5 || b->receive_maximum == 0 ||
          b->unanswered <= b->receive_maximum);
    at += 2;
    if (b->version == 5) {
        at = read_alias(b, body, at);
    }
    CHECK(len >= at + 4);
    for (unsigned i = 0; i < 4; i++) {
        number = number << 8 | body[at + i];
    }
    if (qos == 1) {
        model_note(&b->delivered, number, 1);
        owe(b, 0x40, id);
        return;
    }
    if (!is_held(b, id)) {
        CHECK(b->held_count < MODEL_IDS_MAX);
        b->held[b->held_count++] = id;
        model_note(&b->delivered, number, 2);
    } else {
        CHECK((first & 8) != 0); /* MQTT5 3.3.1.1: a repetition says so */
    }
    owe(b, 0x50, id);
}

static void on_pubrel(struct model_broker *b, uint16_t id)
{
    for (unsigned i = 0; i < b->held_count; i++) {
        if (b->held[i] == id) {
            CHECK(i == 0); /* MQTT5 4.6: PUBRELs in the order of PUBRECs */
            b->held_count--;
            memmove(&b->held[i], &b->held[i + 1],
                    (b->held_count - i) * sizeof b->held[0]);
            break;
        }
    }
    owe(b, 0x70, id);
}

/* MQTT5 4.6: PUBACKs, and PUBRECs, in the order of the PUBLISHes. */
static bool is_first_to_answer(const struct model_broker *b, unsigned i)
{
    for (unsigned j = 0; j < i; j++) {
        if (b->flights[j].qos == b->flights[i].qos &&
            !b->flights[j].is_released) {
            return false;
        }
    }
    return true;
}

static void on_answer(struct model_broker *b, uint8_t type, uint16_t id)
{
    unsigned i = find_flight(b, id);
    struct model_flight *f = &b->flights[i];

    CHECK(type == 7 || f->is_released || is_first_to_answer(b, i));
    if (type == 5) { /* PUBREC; again after a reconnect is fine */
        CHECK(f->qos == 2);
        f->is_released = true;
        put_ack(b, 0x62, id);
        return;
    }
    CHECK(type == 4 ? f->qos == 1 : f->qos == 2 && f->is_released);
    remove_flight(b, i);
}

static void on_packet(struct model_broker *b, uint8_t first,
                      const uint8_t *body, size_t len)
{
    uint8_t type = first >> 4;

    if (type == 1) {
        on_connect(b, body, len);
        return;
    }
    CHECK(b->is_connected);
    CHECK(len >= 2);
    if (type == 3) {
        on_publish(b, first, body, len);
    } else if (type == 6) {
        CHECK(first == 0x62);
        on_pubrel(b, u16(body));
    } else {
        CHECK(type == 4 || type == 5 || type == 7);
        on_answer(b, type, u16(body));
    }
}

void model_feed(struct model_broker *b, const uint8_t *at, size_t len)
{
    CHECK(b->in_len + len <= MODEL_WIRE_MAX);
    memcpy(b->in + b->in_len, at, len);
    b->in_len += len;
}

bool model_act(struct model_broker *b)
{
    size_t head = b->in_len >= 2 && (b->in[1] & 0x80) != 0 ? 3 : 2;
    size_t body;

    if (b->in_len < head) {
        return false;
    }
    body = b->in[1] & 0x7F;
    body |= head == 3 ? (size_t)b->in[2] << 7 : 0;
    if (b->in_len < head + body) {
        return false;
    }
    on_packet(b, b->in[0], b->in + head, body);
    b->in_len -= head + body;
    memmove(b->in, b->in + head + body, b->in_len);
    return true;
}

void model_cut(struct model_broker *b)
{
    b->is_connected = false;
    b->in_len = 0;
    b->out_len = 0;
    b->owed_count = 0;
    b->unanswered = 0;
    for (unsigned i = 0; i < b->flight_count; i++) {
        b->flights[i].is_sent = false;
    }
}
