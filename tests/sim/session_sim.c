/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random stories of a client and a broker, on a line that is cut, with a program
 * that dies, on a clock that only steps move. Everything follows from a seed: what
 * failed once can be played again. What has to be true stands in party.h.
 *
 * Usage: session_sim [SEEDS [STEPS]]    so many stories of so many steps
 *        session_sim --seed N [STEPS]   one of them again, told step by step
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "party.h"

static uint8_t any_qos(struct party *p)
{
    return (uint8_t)(1 + party_draw(p, 2));
}

static size_t some_bytes(struct party *p)
{
    return 1 + party_draw(p, 60);
}

/* 0: the broker says none. */
static uint16_t any_receive_maximum(struct party *p)
{
    return (uint16_t)(party_draw(p, 2) == 0 ? 0 : 1 + party_draw(p, 4));
}

static void step(struct party *p)
{
    uint32_t what = party_draw(p, 100);

    p->now_ms++;
    if (what >= 95) { /* for the next connection */
        p->b.receive_maximum = any_receive_maximum(p);
    }
    if (what < 13) {
        party_publish(p, any_qos(p));
    } else if (what < 23) {
        party_ask(p, any_qos(p));
    } else if (what < 45) {
        party_to_broker(p, some_bytes(p));
    } else if (what < 56) {
        party_act(p);
    } else if (what < 65) {
        party_answer(p);
    } else if (what < 84) {
        party_to_client(p, some_bytes(p));
    } else if (what < 95) {
        party_accept(p, party_draw(p, p->pending_count + 1));
    } else if (what < 98) {
        party_cut(p);
    } else {
        party_restart(p);
    }
    party_save(p); /* before anything of this step can leave */
}

static void play(struct party *p, uint64_t seed, unsigned steps)
{
    struct party_plan plan;

    (void)snprintf(p->name, sizeof p->name, "session_sim --seed %llu %u",
                   (unsigned long long)seed, steps);
    p->random = seed * 0x9E3779B97F4A7C15u + 1;
    plan.version = party_draw(p, 2) == 0 ? HAWSER_MQTT_3_1_1 : HAWSER_MQTT_5;
    plan.receive_maximum = any_receive_maximum(p);
    plan.allows_aliases = party_draw(p, 2) == 0;
    plan.uses_aliases = party_draw(p, 2) == 0;
    party_start(p, &plan);
    for (unsigned i = 0; i < steps; i++) {
        step(p);
    }
    party_finish(p);
}

int main(int argc, char **argv)
{
    static struct party p;
    bool is_one = argc > 2 && strcmp(argv[1], "--seed") == 0;
    int at = is_one ? 2 : 1;
    uint64_t number = argc > at ? strtoull(argv[at], NULL, 10) : 2000;
    unsigned steps =
        argc > at + 1 ? (unsigned)strtoul(argv[at + 1], NULL, 10) : 500;
    uint64_t sent = 0;
    uint64_t asked = 0;

    if (is_one) {
        p.is_told = true;
        play(&p, number, steps);
        return 0;
    }
    for (uint64_t seed = 1; seed <= number; seed++) {
        play(&p, seed, steps);
        sent += p.sent.count;
        asked += p.asked.count;
    }
    printf("%llu steps in %llu stories: %llu messages out, %llu in\n",
           (unsigned long long)number * steps, (unsigned long long)number,
           (unsigned long long)sent, (unsigned long long)asked);
    return 0;
}
