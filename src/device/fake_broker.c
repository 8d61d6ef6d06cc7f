/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fake broker. What it reads it reads by itself, not with src/wire, so that
 * a mistake there shows here.
 */
#include "device/fake_broker.h"

#include "device/fake_check.h"

#include <stdio.h>
#include <string.h>

void fake_broker_init(struct fake_broker *b)
{
    memset(b, 0, sizeof(*b));
    b->maximum_qos = 1;
    b->suback[0] = 1;
    b->suback[1] = 1;
    b->suback[2] = 1;
    b->suback[3] = 1;
}

void fake_broker_connect(struct fake_broker *b)
{
    b->is_connected = true;
    b->is_closed = false;
    b->in_len = 0;
    b->out_at = 0;
    b->out_len = 0;
}

void fake_broker_lose(struct fake_broker *b)
{
    b->is_connected = false;
}

void fake_broker_close(struct fake_broker *b)
{
    b->is_closed = true;
}

void fake_broker_raw(struct fake_broker *b, const uint8_t *at, size_t len)
{
    FAKE_CHECK(len <= sizeof(b->out) - b->out_len);
    if (len > 0) {
        memcpy(b->out + b->out_len, at, len);
        b->out_len += len;
    }
}

size_t fake_broker_take(struct fake_broker *b, uint8_t *out, size_t size)
{
    size_t len = b->out_len - b->out_at;

    len = len < size ? len : size;
    memcpy(out, b->out + b->out_at, len);
    b->out_at += len;
    if (b->out_at == b->out_len) {
        b->out_at = 0;
        b->out_len = 0;
    }
    return len;
}

/* Writing ------------------------------------------------------------------- */

static size_t put_varint(uint8_t *at, size_t value)
{
    size_t n = 0;

    do {
        at[n] = (uint8_t)(value % 128 | (value >= 128 ? 0x80 : 0));
        value /= 128;
        n++;
    } while (value > 0);
    return n;
}

static size_t put_u16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
    return 2;
}

static size_t put_text(uint8_t *at, const char *text)
{
    size_t len = strlen(text);

    (void)put_u16(at, len);
    memcpy(at + 2, text, len);
    return len + 2;
}

static void packet(struct fake_broker *b, uint8_t header, const uint8_t *body,
                   size_t len)
{
    uint8_t head[5] = {header};
    size_t n = 1 + put_varint(head + 1, len);

    fake_broker_raw(b, head, n);
    fake_broker_raw(b, body, len);
}

static void send_connack(struct fake_broker *b, uint8_t reason)
{
    uint8_t body[40] = {0, reason, 0};
    size_t len = 3;

    if (b->version < 5) {
        packet(b, 0x20, body, 2);
        return;
    }
    if (b->maximum_qos == 0) {
        body[len++] = 0x24;
        body[len++] = 0;
    }
    if (b->retain_unavailable) {
        body[len++] = 0x25;
        body[len++] = 0;
    }
    if (b->receive_maximum > 0) {
        body[len++] = 0x21;
        len += put_u16(body + len, b->receive_maximum);
    }
    if (b->maximum_packet > 0) {
        body[len++] = 0x27;
        len += put_u16(body + len, b->maximum_packet >> 16);
        len += put_u16(body + len, b->maximum_packet & 0xFFFF);
    }
    body[2] = (uint8_t)(len - 3);
    packet(b, 0x20, body, len);
}

void fake_broker_publish(struct fake_broker *b, const struct fake_publish *p)
{
    static uint8_t body[FAKE_WIRE_SIZE * 18];
    size_t len = put_text(body, p->topic);
    size_t payload_len = p->len > 0 ? p->len : strlen(p->payload);
    uint8_t header =
        (uint8_t)(0x30 | (p->packet_id != 0 ? 2 : 0) | (p->retain ? 1 : 0));

    if (p->packet_id != 0) {
        len += put_u16(body + len, p->packet_id);
    }
    if (b->version == 5) {
        uint8_t properties[256];
        size_t n = 0;
        if (p->response != NULL) {
            properties[n++] = 0x08;
            n += put_text(properties + n, p->response);
        }
        if (p->correlation != NULL) {
            properties[n++] = 0x09;
            n += put_text(properties + n, p->correlation);
        }
        len += put_varint(body + len, n);
        memcpy(body + len, properties, n);
        len += n;
    }
    FAKE_CHECK(payload_len <= sizeof(body) - len);
    memcpy(body + len, p->payload, payload_len);
    packet(b, header, body, len + payload_len);
}

/* Reading ------------------------------------------------------------------- */

struct bytes {
    const uint8_t *at;
    size_t left;
};

static const uint8_t *take(struct bytes *in, size_t len)
{
    const uint8_t *at = in->at;

    FAKE_CHECK(in->left >= len);
    in->at += len;
    in->left -= len;
    return at;
}

static unsigned take_u16(struct bytes *in)
{
    const uint8_t *at = take(in, 2);

    return (unsigned)at[0] << 8 | at[1];
}

static void take_text(struct bytes *in, char *out, size_t size)
{
    unsigned len = take_u16(in);

    FAKE_CHECK(len < size);
    memcpy(out, take(in, len), len);
    out[len] = '\0';
}

static size_t take_varint(struct bytes *in)
{
    size_t value = 0;
    unsigned shift = 0;
    uint8_t byte;

    do {
        byte = *take(in, 1);
        value |= (size_t)(byte & 0x7F) << shift;
        shift += 7;
    } while ((byte & 0x80) != 0);
    return value;
}

/* Properties; of those only the correlation data is of interest. */
static void take_properties(struct fake_broker *b, struct bytes *in,
                            char *correlation, size_t size)
{
    struct bytes properties;
    size_t len = b->version == 5 ? take_varint(in) : 0;

    properties = (struct bytes){take(in, len), len};
    if (len > 0 && *properties.at == 0x09 && correlation != NULL) {
        (void)take(&properties, 1);
        take_text(&properties, correlation, size);
    }
}

/* What CONNACK says: as scripted, or what is wrong with the will. */
static uint8_t will_reason(const struct fake_broker *b)
{
    if (b->refuses_will && b->will.qos > 0) {
        return 0x9B;
    }
    return b->refuses_will && b->will.retain ? 0x9A : b->connack;
}

static void on_connect(struct fake_broker *b, struct bytes in)
{
    char protocol[8];
    uint8_t flags;

    take_text(&in, protocol, sizeof(protocol));
    FAKE_CHECK(strcmp(protocol, "MQTT") == 0);
    b->version = *take(&in, 1);
    flags = *take(&in, 1);
    b->clean_start = (flags & 0x02) != 0;
    b->keep_alive_s = (uint16_t)take_u16(&in);
    take_properties(b, &in, NULL, 0);
    take_text(&in, b->client_id, sizeof(b->client_id));
    if ((flags & 0x04) != 0) {
        take_properties(b, &in, NULL, 0);
        take_text(&in, b->will.topic, sizeof(b->will.topic));
        take_text(&in, b->will.payload, sizeof(b->will.payload));
        b->will.qos = flags >> 3 & 3;
        b->will.retain = (flags & 0x20) != 0;
    }
    if ((flags & 0x80) != 0) {
        take_text(&in, b->username, sizeof(b->username));
    }
    if ((flags & 0x40) != 0) {
        take_text(&in, b->password, sizeof(b->password));
    }
    FAKE_CHECK(in.left == 0);
    b->connections++;
    if (b->ignores_connect) {
        return;
    }
    if (b->version == 5 && b->closes_5) {
        fake_broker_close(b);
    } else if (b->version == 5 && b->refuses_5) {
        send_connack(b, 0x84);
        fake_broker_close(b);
    } else {
        uint8_t reason = will_reason(b);
        send_connack(b, reason);
        b->is_closed = reason != 0;
    }
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    size_t end_len = strlen(end);

    return end_len <= len && strcmp(text + len - end_len, end) == 0;
}

static void send_puback(struct fake_broker *b, uint16_t packet_id)
{
    uint8_t body[3];
    size_t len = put_u16(body, packet_id);

    if (b->version == 5 && b->puback != 0) {
        body[len++] = b->puback;
    }
    packet(b, 0x40, body, len);
}

static void on_publish(struct fake_broker *b, uint8_t header, struct bytes in)
{
    struct fake_message *m = &b->messages[b->message_count++];

    FAKE_CHECK(b->message_count <= FAKE_MESSAGES_MAX);
    *m = (struct fake_message){.qos = header >> 1 & 3,
                               .retain = (header & 1) != 0,
                               .dup = (header & 8) != 0,
                               .connection = b->connections};
    take_text(&in, m->topic, sizeof(m->topic));
    if (m->qos > 0) {
        m->packet_id = (uint16_t)take_u16(&in);
    }
    take_properties(b, &in, m->correlation, sizeof(m->correlation));
    FAKE_CHECK(in.left < sizeof(m->payload));
    memcpy(m->payload, in.at, in.left);
    if (b->closes_at != NULL && ends_with(m->topic, b->closes_at)) {
        fake_broker_close(b);
    } else if (m->qos > 0 && !b->ignores_publish) {
        send_puback(b, m->packet_id);
    }
}

static void on_subscribe(struct fake_broker *b, struct bytes in)
{
    uint8_t body[7];
    size_t len = put_u16(body, take_u16(&in));
    unsigned n = 0;

    take_properties(b, &in, NULL, 0);
    if (b->version == 5) {
        body[len++] = 0;
    }
    while (in.left > 0) {
        FAKE_CHECK(n < 4);
        take_text(&in, b->filters[n], sizeof(b->filters[n]));
        (void)take(&in, 1);
        body[len++] = b->suback[n++];
    }
    b->subscribes++;
    if (b->closes_at_subscribe) {
        fake_broker_close(b);
    } else if (!b->ignores_subscribe) {
        packet(b, 0x90, body, len);
    }
}

static void on_packet(struct fake_broker *b, uint8_t header, struct bytes in)
{
    switch (header >> 4) {
    case 1:
        on_connect(b, in);
        break;
    case 3:
        on_publish(b, header, in);
        break;
    case 4:
        b->pubacks++;
        b->last_puback_reason = in.left > 2 ? in.at[2] : 0;
        break;
    case 8:
        on_subscribe(b, in);
        break;
    case 12:
        b->pings++;
        if (!b->ignores_ping) {
            packet(b, 0xD0, NULL, 0);
        }
        break;
    default: /* there is no other that a client sends */
        FAKE_CHECK(header >> 4 == 14);
        b->disconnects++;
        break;
    }
}

/* The length of the packet at the beginning of in; 0: not yet whole. */
static size_t whole_packet(const struct fake_broker *b, size_t *head_len)
{
    size_t value = 0;

    for (size_t i = 1; i < b->in_len && i < 5; i++) {
        value |= (size_t)(b->in[i] & 0x7F) << (7 * (i - 1));
        if ((b->in[i] & 0x80) == 0) {
            *head_len = i + 1;
            return *head_len + value <= b->in_len ? *head_len + value : 0;
        }
    }
    return 0;
}

void fake_broker_feed(struct fake_broker *b, const uint8_t *at, size_t len)
{
    size_t head_len = 0;
    size_t packet_len;

    FAKE_CHECK(len <= sizeof(b->in) - b->in_len);
    memcpy(b->in + b->in_len, at, len);
    b->in_len += len;
    packet_len = whole_packet(b, &head_len);
    while (packet_len > 0 && !b->is_closed) {
        struct bytes body = {b->in + head_len, packet_len - head_len};
        on_packet(b, b->in[0], body);
        b->in_len -= packet_len;
        memmove(b->in, b->in + packet_len, b->in_len);
        packet_len = whole_packet(b, &head_len);
    }
}

/* Looking ------------------------------------------------------------------- */

const struct fake_message *fake_broker_find(const struct fake_broker *b,
                                            const char *topic_end,
                                            const char *text, unsigned n)
{
    for (unsigned i = 0; i < b->message_count; i++) {
        const struct fake_message *m = &b->messages[i];
        if (ends_with(m->topic, topic_end) &&
            strstr(m->payload, text) != NULL && n-- == 0) {
            return m;
        }
    }
    return NULL;
}

unsigned fake_broker_count(const struct fake_broker *b, const char *topic_end,
                           const char *text)
{
    unsigned n = 0;

    while (fake_broker_find(b, topic_end, text, n) != NULL) {
        n++;
    }
    return n;
}
