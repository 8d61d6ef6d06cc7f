/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One short story, in which the line is cut, or the program dies, after every
 * single step of it, and after every two: for each version and QoS, with topic
 * aliases and without. What has to be true stands in party.h.
 *
 * Usage: every_step             all of it
 *        every_step --told N    story number N again, told step by step
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "party.h"

#define MESSAGES  3
#define STEPS_MAX 5000
#define TURNS     6

enum harm { NONE, CUT, RESTART, HARMS };

/* Which story, and what goes wrong in it. */
struct tale {
    struct party_plan plan;
    uint8_t qos;
    size_t bytes;      /* that a step moves */
    unsigned steps;    /* in which harm may come */
    unsigned first_at; /* after which step: first harm */
    enum harm first;
    unsigned second_at;
    enum harm second;
};

static unsigned told;
static unsigned count;
static unsigned long steps_done;

/* The steps take turns; so both directions are under way at once. */
static void step(struct party *p, const struct tale *t, unsigned number)
{
    unsigned round = number / TURNS;

    p->now_ms++;
    switch (number % TURNS) {
    case 0:
        if (p->sent.count < MESSAGES && round % 2 == 0) {
            party_publish(p, t->qos);
        } else if (p->asked.count < MESSAGES) {
            party_ask(p, t->qos);
        }
        break;
    case 1:
        party_to_broker(p, t->bytes);
        break;
    case 2:
        party_act(p);
        break;
    case 3:
        party_answer(p);
        break;
    case 4:
        party_to_client(p, t->bytes);
        break;
    default:
        party_accept(p, 0);
        break;
    }
    party_save(p);
    steps_done++;
}

static void suffer(struct party *p, enum harm harm)
{
    if (harm == CUT) {
        party_cut(p);
    } else if (harm == RESTART) {
        party_restart(p);
    }
    party_save(p);
}

/* Does a message still have to be sent? A window of 1 takes its time. */
static bool is_under_way(const struct party *p)
{
    return p->now_ms < STEPS_MAX &&
           (p->sent.count < MESSAGES || p->asked.count < MESSAGES);
}

static void play(const struct tale *t)
{
    static struct party p;

    count++;
    if (told != 0 && count != told) {
        return;
    }
    (void)snprintf(p.name, sizeof p.name, "every_step --told %u", count);
    p.random = 1;
    p.is_told = told != 0;
    party_start(&p, &t->plan);
    for (unsigned i = 0; i < t->steps || is_under_way(&p); i++) {
        step(&p, t, i);
        if (t->first != NONE && i == t->first_at) {
            suffer(&p, t->first);
        }
        if (t->second != NONE && i == t->second_at) {
            suffer(&p, t->second);
        }
    }
    party_finish(&p);
    if (is_under_way(&p) || p.now_ms == STEPS_MAX) {
        fprintf(stderr, "%s: a message could never be sent\n", p.name);
        abort();
    }
}

/* Byte by byte: one harm after each step. */
static void play_each(struct tale t)
{
    t.bytes = 1;
    t.steps = 900;
    play(&t);
    for (t.first_at = 0; t.first_at < t.steps; t.first_at++) {
        for (t.first = CUT; t.first < HARMS; t.first++) {
            play(&t);
        }
    }
}

/* Each two kinds of harm. */
static void play_kinds(struct tale t)
{
    for (t.first = CUT; t.first < HARMS; t.first++) {
        for (t.second = CUT; t.second < HARMS; t.second++) {
            play(&t);
        }
    }
}

/* Packet by packet: two harms after each two steps. */
static void play_pairs(struct tale t)
{
    t.bytes = SIZE_MAX;
    t.steps = 60;
    for (t.first_at = 0; t.first_at < t.steps; t.first_at++) {
        for (t.second_at = t.first_at; t.second_at < t.steps; t.second_at++) {
            play_kinds(t);
        }
    }
}

int main(int argc, char **argv)
{
    static const struct party_plan plans[] = {
        {HAWSER_MQTT_3_1_1, 0, false, false},
        {HAWSER_MQTT_5, 0, false, false},
        {HAWSER_MQTT_5, 1, true, true},
        {HAWSER_MQTT_5, 2, true, true},
    };

    if (argc > 2 && strcmp(argv[1], "--told") == 0) {
        told = (unsigned)strtoul(argv[2], NULL, 10);
    }
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        for (uint8_t qos = 1; qos <= 2; qos++) {
            struct tale t = {.plan = plans[i], .qos = qos};

            play_each(t);
            play_pairs(t);
        }
    }
    printf("%u stories, %lu steps\n", count, steps_done);
    return 0;
}
