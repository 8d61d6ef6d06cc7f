/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes whole sessions: each input is a script of what the application, the
 * line, the program and the broker do, two bytes a step. The model broker and the
 * application keep the accounts (tests/sim/party.h), so that a message lost, or
 * QoS 2 delivered twice, is a finding. A step may also damage a byte on its way to
 * the client: then only memory and the groups are looked at, and the story ends.
 */
#include "fuzz.h"
#include "sim/party.h"

enum what {
    PUBLISH,
    ASK,
    TO_BROKER,
    ACT,
    ANSWER,
    TO_CLIENT,
    ACCEPT,
    CUT,
    RESTART,
    WINDOW,
    DAMAGE,
    WHATS
};

/* The bytes on their way to the client, one of them wrong. */
static void damage(struct party *p, uint8_t how)
{
    const struct hawser_client *c = &p->c;
    size_t at = 0;
    struct hawser_event ev;

    if (p->b.out_len == 0) {
        return;
    }
    p->b.out[how % p->b.out_len] ^= (uint8_t)(1u << how % 8);
    while (at < p->b.out_len) {
        size_t used;
        int err = hawser_feed(&p->c, p->now_ms, p->b.out + at,
                              p->b.out_len - at, &used);

        must(used <= p->b.out_len - at);
        at += used;
        while (hawser_next_event(&p->c, &ev)) {
        }
        if (err != 0) {
            break;
        }
    }
    must(c->slot_rel_sent <= c->slot_released &&
         c->slot_released <= c->slot_sent && c->slot_sent <= c->slot_used &&
         c->slot_used <= PARTY_SLOTS);
    must(c->inbound_released <= c->inbound_received &&
         c->inbound_received <= c->inbound_used &&
         c->inbound_used <= PARTY_INBOUND);
    hawser_lost(&p->c, p->now_ms);
}

/* False: the story is over. */
static bool step(struct party *p, uint8_t what, uint8_t how)
{
    p->now_ms++;
    switch ((enum what)(what % WHATS)) {
    case PUBLISH:
        party_publish(p, 1 + how % 2);
        break;
    case ASK:
        party_ask(p, 1 + how % 2);
        break;
    case TO_BROKER:
        party_to_broker(p, how);
        break;
    case ACT:
        party_act(p);
        break;
    case ANSWER:
        party_answer(p);
        break;
    case TO_CLIENT:
        party_to_client(p, how);
        break;
    case ACCEPT:
        party_accept(p, how % PARTY_INBOUND);
        break;
    case CUT:
        party_cut(p);
        break;
    case RESTART:
        party_restart(p);
        break;
    case WINDOW:
        p->b.receive_maximum = how % 5; /* from the next connection on */
        party_cut(p);
        break;
    case DAMAGE:
        damage(p, how);
        return false;
    case WHATS:
        break;
    }
    party_save(p);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct party p;
    struct party_plan plan;

    if (size < 2 || size > 1024) {
        return 0;
    }
    plan.version = (data[0] & 1) != 0 ? HAWSER_MQTT_3_1_1 : HAWSER_MQTT_5;
    plan.allows_aliases = (data[0] & 2) != 0;
    plan.uses_aliases = (data[0] & 4) != 0;
    plan.receive_maximum = data[1] % 5;
    p.random = 1;
    party_start(&p, &plan);
    for (size_t i = 2; i + 1 < size; i += 2) {
        if (!step(&p, data[i], data[i + 1])) {
            return 0;
        }
    }
    party_finish(&p);
    return 0;
}
