/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client against a model broker over a line that is cut, with a program that
 * dies, on a clock that only steps move. Everything follows from a seed: what
 * failed once can be played again.
 *
 * Usage: session_sim [SEEDS [STEPS]]    so many stories of so many steps
 *        session_sim --seed N [STEPS]   one of them again, told step by step
 *
 * Shown for each story, both ways: QoS 1 arrives at least once, QoS 2 exactly
 * once, first arrivals in the order of sending, and every message of ours is
 * reported complete exactly once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker_model.h"
#include "hawser/mqtt.h"

#define SLOTS   8
#define INBOUND 8

struct pending {
    uint16_t packet_id;
    uint32_t number;
    uint8_t qos;
};

struct sim {
    uint64_t seed;
    uint64_t random;
    uint64_t now_ms;
    bool is_told;

    struct hawser_client c;
    struct hawser_config cfg;
    uint8_t rx[64], tx[160], store[256];
    uint8_t aliases[MODEL_ALIASES * 24];
    struct hawser_slot slots[SLOTS];
    struct hawser_inbound inbound[INBOUND];
    uint8_t saved[1024]; /* as a program's disk has it */
    size_t saved_len;

    struct model_broker b;
    struct model_list sent;         /* by the application */
    struct model_list asked;        /* of the broker */
    struct model_list taken;        /* by the application */
    uint16_t id_of[MODEL_LIST_MAX]; /* packet identifiers of sent; 0: done */
    struct pending pending[INBOUND];
    unsigned pending_count;
};

static void fail(const struct sim *s, const char *what, uint32_t number)
{
    fprintf(stderr, "session_sim --seed %llu: %s (%u)\n",
            (unsigned long long)s->seed, what, number);
    abort();
}

/* xorshift64*: enough to choose steps by. */
static uint32_t draw(struct sim *s, uint32_t below)
{
    s->random ^= s->random >> 12;
    s->random ^= s->random << 25;
    s->random ^= s->random >> 27;
    return (uint32_t)((s->random * 2685821657736338717u) >> 33) % below;
}

static void tell(const struct sim *s, const char *what, uint32_t number)
{
    if (s->is_told) {
        printf("%6llu %-10s %u\n", (unsigned long long)s->now_ms, what, number);
    }
}

/* The client's side ---------------------------------------------------------- */

static void save(struct sim *s)
{
    if (hawser_save(&s->c, (struct hawser_span){s->saved, sizeof s->saved},
                    &s->saved_len) != 0) {
        fail(s, "the session cannot be saved", 0);
    }
}

static void complete(struct sim *s, uint16_t packet_id, uint8_t reason)
{
    for (unsigned i = 0; i < s->sent.count; i++) {
        if (s->id_of[i] == packet_id) {
            s->id_of[i] = 0;
            tell(s, "complete", i);
            if (reason != 0) {
                fail(s, "refused", i);
            }
            return;
        }
    }
    fail(s, "completed twice, or never sent", packet_id);
}

static void take_message(struct sim *s, const struct hawser_event *ev)
{
    uint32_t number = 0;

    if (ev->payload.len != 4 || ev->payload_left != 0) {
        fail(s, "a message is torn", (uint32_t)ev->payload.len);
    }
    for (unsigned i = 0; i < 4; i++) {
        number = number << 8 | ev->payload.at[i];
    }
    /* A repetition of 3.1.1 takes the place of the first. */
    for (unsigned i = 0; i < s->pending_count; i++) {
        if (s->pending[i].packet_id == ev->packet_id) {
            return;
        }
    }
    tell(s, "message", number);
    s->pending[s->pending_count++] =
        (struct pending){ev->packet_id, number, ev->qos};
}

static void drain(struct sim *s)
{
    struct hawser_event ev;

    while (hawser_next_event(&s->c, &ev)) {
        if (ev.kind == HAWSER_EVENT_PUBLISHED) {
            complete(s, ev.packet_id, ev.reason);
        } else if (ev.kind == HAWSER_EVENT_MESSAGE) {
            take_message(s, &ev);
        } else if (ev.kind != HAWSER_EVENT_CONNECTED) {
            fail(s, "an event that cannot be", (uint32_t)ev.kind);
        }
    }
}

static void publish(struct sim *s)
{
    static const char *const topics[] = {"data/a", "data/b", "data/c"};
    uint8_t payload[48] = {0};
    uint32_t number = s->sent.count;
    struct hawser_message m = {
        .topic = {(const uint8_t *)topics[draw(s, 3)], 6},
        .payload = {payload, 4 + draw(s, 44)},
        .qos = (uint8_t)(1 + draw(s, 2))};
    uint16_t id = 0;

    for (unsigned i = 0; i < 4; i++) {
        payload[i] = (uint8_t)(number >> (24 - 8 * i));
    }
    if (number < MODEL_LIST_MAX &&
        hawser_publish(&s->c, s->now_ms, &m, &id) == 0) {
        tell(s, "publish", number);
        model_note(&s->sent, number, m.qos);
        s->id_of[number] = id;
    }
}

static void accept(struct sim *s)
{
    unsigned i;
    struct pending p;

    if (s->pending_count == 0) {
        return;
    }
    i = draw(s, s->pending_count);
    p = s->pending[i];
    s->pending_count--;
    memmove(&s->pending[i], &s->pending[i + 1],
            (s->pending_count - i) * sizeof p);
    if (hawser_accept(&s->c, s->now_ms, p.packet_id, 0) != 0) {
        fail(s, "what came cannot be accepted", p.number);
    }
    tell(s, "accept", p.number);
    model_note(&s->taken, p.number, p.qos);
}

/* The line -------------------------------------------------------------------- */

static void open_line(struct sim *s)
{
    if (hawser_opened(&s->c, s->now_ms) != 0) {
        fail(s, "the client cannot open", 0);
    }
}

static void cut(struct sim *s)
{
    tell(s, "cut", 0);
    hawser_lost(&s->c, s->now_ms);
    drain(s);
    model_cut(&s->b);
    s->pending_count = 0;
    open_line(s);
}

/* The program dies; its disk stays. */
static void restart(struct sim *s)
{
    tell(s, "restart", 0);
    model_cut(&s->b);
    s->pending_count = 0;
    memset(&s->c, 0xA5, sizeof s->c);
    memset(s->store, 0xA5, sizeof s->store);
    memset(s->slots, 0xA5, sizeof s->slots);
    memset(s->inbound, 0xA5, sizeof s->inbound);
    if (hawser_init(&s->c, &s->cfg) != 0 ||
        hawser_load(&s->c, (struct hawser_view){s->saved, s->saved_len}) != 0) {
        fail(s, "the saved session cannot be loaded", (uint32_t)s->saved_len);
    }
    open_line(s);
}

static void to_broker(struct sim *s, bool is_all)
{
    const uint8_t *at;
    size_t len = hawser_out(&s->c, &at);
    size_t n = is_all || len == 0 ? len : 1 + draw(s, (uint32_t)len);

    model_feed(&s->b, at, n);
    hawser_sent(&s->c, s->now_ms, n);
    drain(s);
}

static void to_client(struct sim *s, bool is_all)
{
    size_t len = s->b.out_len;
    size_t n = is_all || len == 0 ? len : 1 + draw(s, (uint32_t)len);
    size_t at = 0;

    while (at < n) {
        size_t used;
        int err = hawser_feed(&s->c, s->now_ms, s->b.out + at, n - at, &used);

        drain(s);
        at += used;
        if (err != 0) {
            fail(s, "the client refuses the broker",
                 hawser_fault(&s->c)->reason);
        }
    }
    s->b.out_len -= n;
    memmove(s->b.out, s->b.out + n, s->b.out_len);
}

/* A story ---------------------------------------------------------------------- */

static void step(struct sim *s)
{
    uint32_t what = draw(s, 100);

    s->now_ms++;
    if (what < 20) {
        publish(s);
    } else if (what < 35 && s->asked.count < MODEL_LIST_MAX) {
        uint8_t qos = (uint8_t)(1 + draw(s, 2));
        model_send(&s->b, s->asked.count, qos);
        model_note(&s->asked, s->asked.count, qos);
    } else if (what < 60) {
        to_broker(s, false);
    } else if (what < 80) {
        to_client(s, false);
    } else if (what < 95) {
        accept(s);
    } else if (what < 98) {
        cut(s);
    } else {
        restart(s);
    }
    save(s); /* before anything of this step can leave */
}

static void start(struct sim *s, uint64_t seed)
{
    memset(s, 0, sizeof *s);
    s->seed = seed;
    s->random = seed * 0x9E3779B97F4A7C15u + 1;
    s->b.version = (uint8_t)(draw(s, 2) == 0 ? 4 : 5);
    s->b.receive_maximum = (uint16_t)(draw(s, 2) == 0 ? 0 : 1 + draw(s, 4));
    s->b.allows_aliases = draw(s, 2) == 0;
    s->cfg = (struct hawser_config){
        .version = (enum hawser_version)s->b.version,
        .client_id = {(const uint8_t *)"c", 1},
        .session_expiry_s = 60,
        .rx = {s->rx, sizeof s->rx},
        .tx = {s->tx, sizeof s->tx},
        .store = {s->store, sizeof s->store},
        .slots = s->slots,
        .slot_count = SLOTS,
        .inbound = s->inbound,
        .inbound_count = INBOUND,
        .aliases_out = {s->aliases, sizeof s->aliases},
        .alias_out_count = draw(s, 2) == 0 ? 0 : MODEL_ALIASES,
    };
    if (hawser_init(&s->c, &s->cfg) != 0) {
        fail(s, "no client", 0);
    }
    open_line(s);
    save(s);
}

static bool is_quiet(const struct sim *s)
{
    const uint8_t *at;

    return hawser_out(&s->c, &at) == 0 && s->b.out_len == 0 &&
           s->pending_count == 0 && s->b.flight_count == 0;
}

static void check(const struct sim *s, const struct model_list *sent,
                  const struct model_list *came)
{
    static unsigned times[MODEL_LIST_MAX];
    uint32_t next = 0;

    memset(times, 0, sizeof times);
    for (unsigned i = 0; i < came->count; i++) {
        uint32_t number = came->number[i];

        if (number >= sent->count || came->qos[i] != sent->qos[number]) {
            fail(s, "nobody sent it", number);
        }
        if (times[number]++ == 0) {
            if (number < next) {
                fail(s, "out of order", number);
            }
            next = number;
        }
    }
    for (uint32_t i = 0; i < sent->count; i++) {
        if (times[i] == 0) {
            fail(s, "lost", i);
        }
        if (sent->qos[i] == 2 && times[i] > 1) {
            fail(s, "QoS 2 came twice", i);
        }
    }
}

/* The application takes messages in any order, so theirs has none to check. */
static void check_taken(struct sim *s)
{
    struct model_list sorted = {.count = 0};

    for (uint32_t number = 0; number < s->asked.count; number++) {
        for (unsigned i = 0; i < s->taken.count; i++) {
            if (s->taken.number[i] == number) {
                model_note(&sorted, number, s->taken.qos[i]);
            }
        }
    }
    if (sorted.count != s->taken.count) {
        fail(s, "the broker did not send it", sorted.count);
    }
    check(s, &s->asked, &sorted);
}

static void play(struct sim *s, uint64_t seed, unsigned steps, bool is_told)
{
    start(s, seed);
    s->is_told = is_told;
    for (unsigned i = 0; i < steps; i++) {
        step(s);
    }
    for (unsigned i = 0; i < 10000 && !is_quiet(s); i++) {
        to_broker(s, true);
        to_client(s, true);
        accept(s);
    }
    if (!is_quiet(s)) {
        fail(s, "it does not come to rest", s->b.flight_count);
    }
    for (unsigned i = 0; i < s->sent.count; i++) {
        if (s->id_of[i] != 0) {
            fail(s, "not reported complete", i);
        }
    }
    check(s, &s->sent, &s->b.delivered);
    check_taken(s);
}

int main(int argc, char **argv)
{
    static struct sim s;
    bool is_one = argc > 2 && strcmp(argv[1], "--seed") == 0;
    int at = is_one ? 2 : 1;
    uint64_t number = argc > at ? strtoull(argv[at], NULL, 10) : 2000;
    unsigned steps =
        argc > at + 1 ? (unsigned)strtoul(argv[at + 1], NULL, 10) : 500;
    uint64_t sent = 0;
    uint64_t taken = 0;

    if (is_one) {
        play(&s, number, steps, true);
        return 0;
    }
    for (uint64_t seed = 1; seed <= number; seed++) {
        play(&s, seed, steps, false);
        sent += s.sent.count;
        taken += s.asked.count;
    }
    printf("%llu steps in %llu stories: %llu messages out, %llu in\n",
           (unsigned long long)number * steps, (unsigned long long)number,
           (unsigned long long)sent, (unsigned long long)taken);
    return 0;
}
