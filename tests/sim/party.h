/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client with its application, which takes messages when it likes, and its
 * disk, which has the session as it was saved last; and the line to the broker's
 * end. The first thing that may not be ends the program.
 */
#ifndef HAWSER_SIM_PARTY_H
#define HAWSER_SIM_PARTY_H

#include "broker_model.h"
#include "hawser/mqtt.h"

#define PARTY_SLOTS   8
#define PARTY_INBOUND 8

struct party_pending {
    uint16_t packet_id;
    uint32_t number;
    uint8_t qos;
};

struct party {
    char name[80];   /* how to play it again */
    uint64_t random; /* state of party_draw() */
    uint64_t now_ms;
    bool is_told;

    struct hawser_client c;
    struct hawser_config cfg;
    uint8_t rx[64], tx[160], store[256];
    uint8_t aliases[MODEL_ALIASES * 24];
    struct hawser_slot slots[PARTY_SLOTS];
    struct hawser_inbound inbound[PARTY_INBOUND];
    uint8_t saved[1024]; /* as a program's disk has it */
    size_t saved_len;

    struct model_broker b;
    struct model_list sent;         /* by the application */
    struct model_list asked;        /* of the broker */
    struct model_list taken;        /* by the application */
    uint16_t id_of[MODEL_LIST_MAX]; /* packet identifiers of sent; 0: done */
    struct party_pending pending[PARTY_INBOUND];
    unsigned pending_count;
};

/* What kind of story it is. */
struct party_plan {
    enum hawser_version version;
    uint16_t receive_maximum; /* of the broker; 0: not said */
    bool allows_aliases;      /* the broker does */
    bool uses_aliases;        /* the client would */
};

/* A client that has opened its line, and a broker. p->name, random and is_told
 * are the caller's, the rest is made. */
void party_start(struct party *p, const struct party_plan *plan);

/* A number from 0 to below - 1, by p->random. */
uint32_t party_draw(struct party *p, uint32_t below);

/* Steps. Each does nothing where nothing can be done. ------------------------ */

/* The application publishes a message; the broker gets one for it. */
void party_publish(struct party *p, uint8_t qos);
void party_ask(struct party *p, uint8_t qos);

/* The application takes one of the messages that wait: number i. */
void party_accept(struct party *p, unsigned i);

/* At most so many bytes arrive on the other end. */
void party_to_broker(struct party *p, size_t most);
void party_to_client(struct party *p, size_t most);

/* The broker handles the next packet that has arrived; it sends the next answer
 * that it owes. */
void party_act(struct party *p);
void party_answer(struct party *p);

/* The session goes to the disk. */
void party_save(struct party *p);

/* The line breaks; or the program dies, and its disk stays. A new line opens. */
void party_cut(struct party *p);
void party_restart(struct party *p);

/* The end --------------------------------------------------------------------- */

/*
 * Everything goes on undisturbed until nothing moves. Then, both ways: QoS 1 came
 * at least once, QoS 2 exactly once, first arrivals in the order of sending, and
 * every message of ours was reported complete exactly once.
 */
void party_finish(struct party *p);

#endif
