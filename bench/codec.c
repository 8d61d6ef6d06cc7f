/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast the client is, and how much memory it takes, without any network.
 * One line a number: name, value, unit. Run on a quiet machine.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hawser/mqtt.h"

#define ROUNDS 400000u
#define TEXT(s)                             \
    {                                       \
        (const uint8_t *)(s), sizeof(s) - 1 \
    }

struct bed {
    struct hawser_client c;
    struct hawser_config cfg;
    struct hawser_slot slots[8];
    struct hawser_inbound inbound[8];
    uint8_t rx[2048], tx[4096], store[4096];
};

static void need(int err)
{
    if (err != 0) {
        (void)fprintf(stderr, "bench: %s\n", hawser_error_text(err));
        abort();
    }
}

static double now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void print_ns(const char *name, enum hawser_version version, size_t len,
                     double start)
{
    printf("%s_v%d_%zuB %.1f ns\n", name, (int)version, len,
           (now_ns() - start) / ROUNDS);
}

static void drain(struct bed *b)
{
    const uint8_t *at;

    hawser_sent(&b->c, 1, hawser_out(&b->c, &at));
}

static void feed(struct bed *b, const uint8_t *in, size_t len)
{
    struct hawser_event ev;
    size_t used;

    need(hawser_feed(&b->c, 1, in, len, &used));
    if (used != len || !hawser_next_event(&b->c, &ev)) {
        abort();
    }
}

static void start(struct bed *b, enum hawser_version version)
{
    static const uint8_t ok3[] = {0x20, 2, 0, 0};
    static const uint8_t ok5[] = {0x20, 3, 0, 0, 0};

    memset(b, 0, sizeof *b);
    b->cfg = (struct hawser_config){
        .version = version,
        .client_id = TEXT("esp32_factory_001"),
        .keep_alive_s = 60,
        .rx = {b->rx, sizeof b->rx},
        .tx = {b->tx, sizeof b->tx},
        .store = {b->store, sizeof b->store},
        .slots = b->slots,
        .slot_count = 8,
        .inbound = b->inbound,
        .inbound_count = 8,
    };
    need(hawser_init(&b->c, &b->cfg));
    need(hawser_opened(&b->c, 1));
    drain(b);
    feed(b, version == HAWSER_MQTT_5 ? ok5 : ok3,
         version == HAWSER_MQTT_5 ? sizeof ok5 : sizeof ok3);
}

static void bench_publish(struct bed *b, uint8_t qos, size_t len)
{
    static const uint8_t payload[1024];
    const struct hawser_message m = {
        .topic = TEXT("esp32/data"), .payload = {payload, len}, .qos = qos};
    enum hawser_version version = b->cfg.version;
    double t = now_ns();

    for (unsigned i = 0; i < ROUNDS; i++) {
        uint16_t id;

        need(hawser_publish(&b->c, 1, &m, &id));
        if (qos > 0) {
            uint8_t ack[] = {0x40, 2, (uint8_t)(id >> 8), (uint8_t)id};

            feed(b, ack, sizeof ack);
        }
        drain(b);
    }
    print_ns(qos == 0 ? "publish_qos0" : "publish_and_puback_qos1", version,
             len, t);
}

static void bench_receive(struct bed *b, uint8_t qos, size_t len)
{
    const struct hawser_view topic = TEXT("esp32/data");
    uint8_t packet[2048] = {(uint8_t)(0x30 | qos << 1)};
    bool is_v5 = b->cfg.version == HAWSER_MQTT_5;
    size_t body = 2 + topic.len + (qos > 0 ? 2u : 0u) + (is_v5 ? 1u : 0u) + len;
    size_t at = 1;
    double t;

    if (body > 127) {
        packet[at++] = (uint8_t)(body | 0x80);
        packet[at++] = (uint8_t)(body >> 7);
    } else {
        packet[at++] = (uint8_t)body;
    }
    packet[at + 1] = (uint8_t)topic.len;
    memcpy(packet + at + 2, topic.at, topic.len);
    packet[at + 13] = qos; /* packet id 1, or the property length 0 */
    t = now_ns();
    for (unsigned i = 0; i < ROUNDS; i++) {
        feed(b, packet, at + body);
        if (qos > 0) {
            need(hawser_accept(&b->c, 1, 1, 0));
            drain(b);
        }
    }
    print_ns(qos == 0 ? "receive_qos0" : "receive_and_accept_qos1",
             b->cfg.version, len, t);
}

static void bench_match(void)
{
    const struct hawser_view filter = TEXT("hawser/+/control/#");
    const struct hawser_view topic = TEXT("hawser/esp32_factory_001/control");
    unsigned n = 0;
    double t = now_ns();

    for (unsigned i = 0; i < ROUNDS; i++) {
        n += hawser_topic_matches(filter, topic);
    }
    printf("topic_match %.1f ns\n", (now_ns() - t) / n);
}

int main(void)
{
    static const size_t sizes[] = {16, 110, 1024};
    static const enum hawser_version versions[] = {HAWSER_MQTT_3_1_1,
                                                   HAWSER_MQTT_5};
    static struct bed b;

    for (size_t v = 0; v < 2; v++) {
        for (size_t i = 0; i < 3; i++) {
            for (uint8_t qos = 0; qos < 2; qos++) {
                start(&b, versions[v]);
                bench_publish(&b, qos, sizes[i]);
                bench_receive(&b, qos, sizes[i]);
            }
        }
    }
    bench_match();
    printf("ram_client %zu B\n", sizeof(struct hawser_client));
    printf("ram_slot %zu B\n", sizeof(struct hawser_slot));
    return 0;
}
