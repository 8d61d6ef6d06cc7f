/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One end of a story: what the application does, what a line and a program can
 * suffer, and what has to be true in the end.
 */
#include "party.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const struct party *p, const char *what, uint32_t number)
{
    fprintf(stderr, "%s: %s (%u)\n", p->name, what, number);
    abort();
}

/* xorshift64*: enough to choose steps by. */
uint32_t party_draw(struct party *p, uint32_t below)
{
    p->random ^= p->random >> 12;
    p->random ^= p->random << 25;
    p->random ^= p->random >> 27;
    return (uint32_t)((p->random * 2685821657736338717u) >> 33) % below;
}

static void tell(const struct party *p, const char *what, uint32_t number)
{
    if (p->is_told) {
        printf("%6llu %-10s %u\n", (unsigned long long)p->now_ms, what, number);
    }
}

/* The client's side ---------------------------------------------------------- */

void party_save(struct party *p)
{
    if (hawser_save(&p->c, (struct hawser_span){p->saved, sizeof p->saved},
                    &p->saved_len) != 0) {
        fail(p, "the session cannot be saved", 0);
    }
}

static void complete(struct party *p, uint16_t packet_id, uint8_t reason)
{
    for (unsigned i = 0; i < p->sent.count; i++) {
        if (p->id_of[i] == packet_id) {
            p->id_of[i] = 0;
            tell(p, "complete", i);
            if (reason != 0) {
                fail(p, "refused", i);
            }
            return;
        }
    }
    fail(p, "completed twice, or never sent", packet_id);
}

static void take_message(struct party *p, const struct hawser_event *ev)
{
    uint32_t number = 0;

    if (ev->payload.len != 4 || ev->payload_left != 0) {
        fail(p, "a message is torn", (uint32_t)ev->payload.len);
    }
    for (unsigned i = 0; i < 4; i++) {
        number = number << 8 | ev->payload.at[i];
    }
    /* A repetition of 3.1.1 takes the place of the first. */
    for (unsigned i = 0; i < p->pending_count; i++) {
        if (p->pending[i].packet_id == ev->packet_id) {
            return;
        }
    }
    tell(p, "message", number);
    p->pending[p->pending_count++] =
        (struct party_pending){ev->packet_id, number, ev->qos};
}

static void drain(struct party *p)
{
    struct hawser_event ev;

    while (hawser_next_event(&p->c, &ev)) {
        if (ev.kind == HAWSER_EVENT_PUBLISHED) {
            complete(p, ev.packet_id, ev.reason);
        } else if (ev.kind == HAWSER_EVENT_MESSAGE) {
            take_message(p, &ev);
        } else if (ev.kind != HAWSER_EVENT_CONNECTED) {
            fail(p, "an event that cannot be", (uint32_t)ev.kind);
        }
    }
}

void party_publish(struct party *p, uint8_t qos)
{
    static const char *const topics[] = {"data/a", "data/b", "data/c"};
    uint8_t payload[48] = {0};
    uint32_t number = p->sent.count;
    struct hawser_message m = {
        .topic = {(const uint8_t *)topics[party_draw(p, 3)], 6},
        .payload = {payload, 4 + party_draw(p, 44)},
        .qos = qos};
    uint16_t id = 0;

    for (unsigned i = 0; i < 4; i++) {
        payload[i] = (uint8_t)(number >> (24 - 8 * i));
    }
    if (number < MODEL_LIST_MAX &&
        hawser_publish(&p->c, p->now_ms, &m, &id) == 0) {
        tell(p, "publish", number);
        model_note(&p->sent, number, m.qos);
        p->id_of[number] = id;
    }
}

void party_ask(struct party *p, uint8_t qos)
{
    if (p->asked.count < MODEL_LIST_MAX) {
        tell(p, "ask", p->asked.count);
        model_send(&p->b, p->asked.count, qos);
        model_note(&p->asked, p->asked.count, qos);
    }
}

void party_accept(struct party *p, unsigned i)
{
    struct party_pending m;

    if (i >= p->pending_count) {
        return;
    }
    m = p->pending[i];
    p->pending_count--;
    memmove(&p->pending[i], &p->pending[i + 1],
            (p->pending_count - i) * sizeof m);
    if (hawser_accept(&p->c, p->now_ms, m.packet_id, 0) != 0) {
        fail(p, "what came cannot be accepted", m.number);
    }
    tell(p, "accept", m.number);
    model_note(&p->taken, m.number, m.qos);
}

/* The line -------------------------------------------------------------------- */

static void open_line(struct party *p)
{
    if (hawser_opened(&p->c, p->now_ms) != 0) {
        fail(p, "the client cannot open", 0);
    }
}

void party_cut(struct party *p)
{
    tell(p, "cut", 0);
    hawser_lost(&p->c, p->now_ms);
    drain(p);
    model_cut(&p->b);
    p->pending_count = 0;
    open_line(p);
}

/* The program dies; its disk stays. */
void party_restart(struct party *p)
{
    tell(p, "restart", 0);
    model_cut(&p->b);
    p->pending_count = 0;
    memset(&p->c, 0xA5, sizeof p->c);
    memset(p->store, 0xA5, sizeof p->store);
    memset(p->slots, 0xA5, sizeof p->slots);
    memset(p->inbound, 0xA5, sizeof p->inbound);
    if (hawser_init(&p->c, &p->cfg) != 0 ||
        hawser_load(&p->c, (struct hawser_view){p->saved, p->saved_len}) != 0) {
        fail(p, "the saved session cannot be loaded", (uint32_t)p->saved_len);
    }
    open_line(p);
}

void party_to_broker(struct party *p, size_t most)
{
    const uint8_t *at;
    size_t len = hawser_out(&p->c, &at);
    size_t n = len < most ? len : most;

    model_feed(&p->b, at, n);
    hawser_sent(&p->c, p->now_ms, n);
    drain(p);
}

void party_to_client(struct party *p, size_t most)
{
    size_t n = p->b.out_len < most ? p->b.out_len : most;
    size_t at = 0;

    while (at < n) {
        size_t used;
        int err = hawser_feed(&p->c, p->now_ms, p->b.out + at, n - at, &used);

        drain(p);
        at += used;
        if (err != 0) {
            fail(p, "the client refuses the broker",
                 hawser_fault(&p->c)->reason);
        }
    }
    p->b.out_len -= n;
    memmove(p->b.out, p->b.out + n, p->b.out_len);
}

void party_act(struct party *p)
{
    (void)model_act(&p->b);
}

void party_answer(struct party *p)
{
    (void)model_answer(&p->b);
}

/* A story --------------------------------------------------------------------- */

void party_start(struct party *p, const struct party_plan *plan)
{
    memset(&p->now_ms, 0, sizeof p->now_ms);
    memset(&p->c, 0, sizeof *p - offsetof(struct party, c));
    p->b.version = (uint8_t)plan->version;
    p->b.receive_maximum = plan->receive_maximum;
    p->b.allows_aliases = plan->allows_aliases;
    p->cfg = (struct hawser_config){
        .version = plan->version,
        .client_id = {(const uint8_t *)"c", 1},
        .session_expiry_s = 60,
        .rx = {p->rx, sizeof p->rx},
        .tx = {p->tx, sizeof p->tx},
        .store = {p->store, sizeof p->store},
        .slots = p->slots,
        .slot_count = PARTY_SLOTS,
        .inbound = p->inbound,
        .inbound_count = PARTY_INBOUND,
        .aliases_out = {p->aliases, sizeof p->aliases},
        .alias_out_count = plan->uses_aliases ? MODEL_ALIASES : 0,
    };
    if (hawser_init(&p->c, &p->cfg) != 0) {
        fail(p, "no client", 0);
    }
    open_line(p);
    party_save(p);
}

static bool is_quiet(const struct party *p)
{
    const uint8_t *at;

    return hawser_out(&p->c, &at) == 0 && p->b.out_len == 0 &&
           p->b.in_len == 0 && p->b.owed_count == 0 && p->pending_count == 0 &&
           p->b.flight_count == 0;
}

static void check(const struct party *p, const struct model_list *sent,
                  const struct model_list *came)
{
    static unsigned times[MODEL_LIST_MAX];
    uint32_t next = 0;

    memset(times, 0, sizeof times);
    for (unsigned i = 0; i < came->count; i++) {
        uint32_t number = came->number[i];

        if (number >= sent->count || came->qos[i] != sent->qos[number]) {
            fail(p, "nobody sent it", number);
        }
        if (times[number]++ == 0) {
            if (number < next) {
                fail(p, "out of order", number);
            }
            next = number;
        }
    }
    for (uint32_t i = 0; i < sent->count; i++) {
        if (times[i] == 0) {
            fail(p, "lost", i);
        }
        if (sent->qos[i] == 2 && times[i] > 1) {
            fail(p, "QoS 2 came twice", i);
        }
    }
}

/* The application takes messages in any order, so theirs has none to check. */
static void check_taken(struct party *p)
{
    struct model_list sorted = {.count = 0};

    for (uint32_t number = 0; number < p->asked.count; number++) {
        for (unsigned i = 0; i < p->taken.count; i++) {
            if (p->taken.number[i] == number) {
                model_note(&sorted, number, p->taken.qos[i]);
            }
        }
    }
    if (sorted.count != p->taken.count) {
        fail(p, "the broker did not send it", sorted.count);
    }
    check(p, &p->asked, &sorted);
}

void party_finish(struct party *p)
{
    for (unsigned i = 0; i < 10000 && !is_quiet(p); i++) {
        party_to_broker(p, SIZE_MAX);
        party_act(p);
        party_answer(p);
        party_to_client(p, SIZE_MAX);
        party_accept(p, 0);
    }
    if (!is_quiet(p)) {
        fail(p, "it does not come to rest", p->b.flight_count);
    }
    for (unsigned i = 0; i < p->sent.count; i++) {
        if (p->id_of[i] != 0) {
            fail(p, "not reported complete", i);
        }
    }
    check(p, &p->sent, &p->b.delivered);
    check_taken(p);
}
