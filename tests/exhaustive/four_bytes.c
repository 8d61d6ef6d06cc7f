/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every input of up to four bytes, none left out: as variable byte integers, as
 * packets through the decoders, and as what a client is fed, whole and byte by
 * byte. The code must agree with the oracle on each, and must not look behind
 * the last byte: a page without access follows it.
 *
 * Usage: four_bytes LENGTH [PART...]     LENGTH 1..4
 *        PART: varint, packet-3, packet-5, feed-3, feed-5 (all)
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hawser/mqtt.h"
#include "oracle.h"
#include "wire/ack.h"
#include "wire/auth.h"
#include "wire/connack.h"
#include "wire/disconnect.h"
#include "wire/unsuback.h"
#include "wire/varint.h"

#define LENGTH_MAX 4
#define RX_LEN     64
#define TX_LEN     64
#define STORE_LEN  64

/* Bytes whose end is the end of all memory that may be read. */
static uint8_t *edge;
static size_t checked;

static void make_edge(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *at = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED || mprotect(at + page, page, PROT_NONE) != 0) {
        perror("four_bytes: mmap");
        exit(1);
    }
    edge = at + page;
}

/* Bytes of an input as a number, the first one in front; it stands before the
 * edge. */
static const uint8_t *put(uint64_t input, size_t len)
{
    uint8_t *at = edge - len;

    for (size_t i = len; i > 0; i--) {
        at[i - 1] = (uint8_t)input;
        input >>= 8;
    }
    return at;
}

static void must(bool holds, const char *what, const uint8_t *at, size_t len)
{
    if (holds) {
        return;
    }
    (void)fprintf(stderr, "four_bytes: %s:", what);
    for (size_t i = 0; i < len; i++) {
        (void)fprintf(stderr, " %02x", at[i]);
    }
    (void)fputs("\n", stderr);
    exit(1);
}

static void try_varint(size_t len)
{
    for (uint64_t input = 0; input >> (8 * len) == 0; input++) {
        const uint8_t *at = put(input, len);
        uint32_t value = 0;
        uint32_t expected = 0;
        int used = hwi_varint_read(at, len, &value);
        int there = oracle_varint(at, len, &expected);

        must((used < 0 ? -1 : used) == there && value == expected &&
                 (used >= 0 || used == -0x81),
             "varint", at, len);
        must(used <= 0 || hwi_varint_len(value) == (size_t)used, "varint's len",
             at, len);
        checked++;
    }
}

/* Those that four bytes can hold. */
static uint8_t decode(const struct hwi_packet *p)
{
    struct hwi_connack connack;
    struct hwi_ack ack;
    struct hwi_unsuback unsuback;
    struct hwi_disconnect disconnect;
    struct hwi_auth auth;

    switch ((int)HWI_TYPE_OF(p->header)) {
    case HWI_CONNACK:
        return hwi_connack_read(&connack, p);
    case HWI_UNSUBACK:
        return hwi_unsuback_read(&unsuback, p);
    case HWI_DISCONNECT:
        return hwi_disconnect_read(&disconnect, p);
    case HWI_AUTH:
        return hwi_auth_read(&auth, p);
    case HWI_PINGRESP:
        return 0;
    default:
        return hwi_ack_read(&ack, p);
    }
}

static void try_packet(size_t len, enum hawser_version version)
{
    for (uint64_t input = 0; input >> (8 * len) == 0; input++) {
        const uint8_t *at = put(input, len);
        struct oracle_packet expected =
            oracle_packet(at, len, version == HAWSER_MQTT_5);
        uint32_t body_len = 0;
        int used = hwi_header_read(at, len, version, &body_len);
        int reason = used < 0 ? -used : 0;
        size_t there = 0;

        if (used > 0 && body_len <= len - (size_t)used) {
            struct hwi_packet p = {
                at[0], (uint8_t)version, {at + used, body_len}};

            there = (size_t)used + body_len;
            reason = decode(&p);
        }
        must(reason == 0
                 ? expected.faults == 0
                 : (oracle_fault_of((uint8_t)reason) & expected.faults) != 0,
             "packet", at, len);
        must(used < 0 || there == expected.len, "packet's end", at, len);
        checked++;
    }
}

/* A client and the memory it was lent. A copy of the client alone is as good as
 * the whole: it never reads more of the memory than it wrote since. */
static uint8_t rx[RX_LEN], tx[TX_LEN], store[STORE_LEN];
static struct hawser_slot slot;
static struct hawser_inbound inbound;
static struct hawser_config cfg = {.client_id = {(const uint8_t *)"c", 1},
                                   .rx = {rx, sizeof rx},
                                   .tx = {tx, sizeof tx},
                                   .store = {store, sizeof store},
                                   .slots = &slot,
                                   .slot_count = 1,
                                   .inbound = &inbound,
                                   .inbound_count = 1};

/* Feeds len bytes that stand before the edge. */
static int feed(struct hawser_client *c, const uint8_t *at, size_t len)
{
    size_t used = 0;
    int err = hawser_feed(c, 0, at, len, &used);

    must(used <= len && (err != 0 || used == len || c->has_event), "feed took",
         at, len);
    return err;
}

static enum oracle_end end_of(struct hawser_client *c, int err)
{
    struct hawser_event ev;

    if (!hawser_next_event(c, &ev)) {
        return err != 0 ? ORACLE_FAULT : ORACLE_GOES_ON;
    }
    return ev.kind == HAWSER_EVENT_CONNECTED      ? ORACLE_CONNECTED
           : ev.kind == HAWSER_EVENT_DISCONNECTED ? ORACLE_DISCONNECTED
                                                  : ORACLE_REFUSED;
}

/* Where a walk through all inputs stands. */
struct walk {
    struct oracle_client kind;
    struct hawser_client after[LENGTH_MAX + 1]; /* so many bytes, one by one */
    uint8_t bytes[LENGTH_MAX];
    size_t len; /* of them */
};

/* They were fed, whole or one by one, to *c, which answered err. */
static void judge(const struct walk *w, struct hawser_client *c, int err)
{
    const struct hawser_fault *fault = hawser_fault(c);
    const uint8_t *at = edge - w->len;
    struct oracle_story expected = oracle_tell(&w->kind, at, w->len);
    enum oracle_end end = end_of(c, err);

    must(end == expected.end, "feed ended", at, w->len);
    if (end == ORACLE_FAULT) {
        must((oracle_fault_of(fault->reason) & expected.faults) != 0 &&
                 fault->offset == w->after[0].offset + expected.at,
             "feed's fault", at, w->len);
        must(feed(c, at, w->len) == err, "feed after a fault", at, w->len);
    }
    checked++;
}

/* Both ways of feeding. False: the end of the story. */
static bool step(struct walk *w)
{
    struct hawser_client *c = &w->after[w->len];
    struct hawser_client whole = w->after[0];
    struct hawser_client last;
    int err;

    memcpy(edge - w->len, w->bytes, w->len);
    *c = w->after[w->len - 1];
    err = feed(c, edge - 1, 1);
    last = *c;
    judge(w, &last, err);
    judge(w, &whole, feed(&whole, edge - w->len, w->len));
    return err == 0 && c->state == w->after[0].state;
}

/* All inputs of up to len bytes. What follows a story's end is left out: from
 * there on a client takes no bytes, or ignores them. */
static void walk(struct walk *w, size_t len)
{
    w->len = 1;
    w->bytes[0] = 0;
    while (w->len > 0) {
        if (step(w) && w->len < len) {
            w->bytes[w->len++] = 0;
            continue;
        }
        while (w->len > 0 && ++w->bytes[w->len - 1] == 0) {
            w->len--;
        }
    }
}

static void try_feed(size_t len, enum hawser_version version)
{
    static const uint8_t accepts[] = {0x20, 3, 0, 0, 0};
    bool is_v5 = version == HAWSER_MQTT_5;
    struct walk w = {.kind = {is_v5, false, RX_LEN}};
    struct hawser_client *c = &w.after[0];
    struct hawser_event ev;
    size_t used;

    cfg.version = version;
    must(hawser_init(c, &cfg) == 0 && hawser_opened(c, 0) == 0, "init", edge,
         0);
    hawser_sent(c, 0, TX_LEN);
    walk(&w, len);
    if (is_v5) {
        must(hawser_feed(c, 0, accepts, 5, &used) == 0, "CONNACK", accepts, 5);
    } else {
        must(hawser_feed(c, 0, (const uint8_t[]){0x20, 2, 0, 0}, 4, &used) == 0,
             "CONNACK", accepts, 4);
    }
    must(hawser_next_event(c, &ev), "CONNECTED", edge, 0);
    w.kind.is_online = true;
    walk(&w, len);
}

static void try_part(const char *part, size_t len)
{
    enum hawser_version version =
        strchr(part, '5') != NULL ? HAWSER_MQTT_5 : HAWSER_MQTT_3_1_1;

    checked = 0;
    if (strncmp(part, "feed", 4) == 0) {
        try_feed(len, version);
    } else {
        for (size_t n = 0; n <= len; n++) {
            if (strcmp(part, "varint") == 0) {
                try_varint(n);
            } else {
                try_packet(n, version);
            }
        }
    }
    (void)printf("%s: %zu inputs of up to %zu bytes\n", part, checked, len);
}

int main(int argc, char **argv)
{
    static const char *const parts[] = {"varint", "packet-3", "packet-5",
                                        "feed-3", "feed-5"};
    size_t len = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;

    if (len < 1 || len > LENGTH_MAX) {
        (void)fputs("usage: four_bytes LENGTH [PART...]\n", stderr);
        return 2;
    }
    make_edge();
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        bool is_wanted = argc == 2;

        for (int k = 2; k < argc; k++) {
            is_wanted = is_wanted || strcmp(argv[k], parts[i]) == 0;
        }
        if (is_wanted) {
            try_part(parts[i], len);
        }
    }
    return 0;
}
