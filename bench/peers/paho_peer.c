/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paho C, MQTTAsync (its own threads); the next message is sent from the callback
 * of one that is complete.
 */
#include <MQTTAsync.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

struct program {
    struct peer_task task;
    MQTTAsync m;
    atomic_uint sent;
    atomic_uint complete;
    sem_t done; /* a step of main() is done */
    sem_t room; /* QoS 0: messages that may be queued */
};

static void on_refused(void *ctx, MQTTAsync_failureData *why)
{
    (void)ctx;
    peer_fail(why != NULL && why->message != NULL ? why->message : "refused",
              why != NULL ? why->code : 0);
}

static void on_refused_5(void *ctx, MQTTAsync_failureData5 *why)
{
    (void)ctx;
    peer_fail(why != NULL && why->message != NULL ? why->message : "refused",
              why != NULL ? why->code : 0);
}

static void post(struct program *p)
{
    (void)sem_post(&p->done);
}

static void on_step(void *ctx, MQTTAsync_successData *what)
{
    (void)what;
    post(ctx);
}

static void on_step_5(void *ctx, MQTTAsync_successData5 *what)
{
    (void)what;
    post(ctx);
}

typedef void on_success(void *ctx, MQTTAsync_successData *what);
typedef void on_success_5(void *ctx, MQTTAsync_successData5 *what);

static MQTTAsync_responseOptions answer(struct program *p, on_success *ok,
                                        on_success_5 *ok_5)
{
    MQTTAsync_responseOptions o = MQTTAsync_responseOptions_initializer;

    if (p->task.version == 5) {
        o.onSuccess5 = ok_5;
        o.onFailure5 = on_refused_5;
    } else {
        o.onSuccess = ok;
        o.onFailure = on_refused;
    }
    o.context = p;
    return o;
}

static int publish(struct program *p, struct peer_message m,
                   MQTTAsync_responseOptions *o)
{
    return MQTTAsync_send(p->m, m.topic, (int)m.len, m.payload, m.qos, m.retain,
                          o);
}

static void publish_next(struct program *p);

static void count(struct program *p)
{
    unsigned complete = atomic_fetch_add(&p->complete, 1) + 1;

    if (p->task.mode == PEER_RATE && p->task.qos > 0) {
        if (atomic_load(&p->sent) < p->task.count) {
            publish_next(p);
        }
    } else if (p->task.qos == 0) {
        (void)sem_post(&p->room);
    }
    if (complete == p->task.count || p->task.mode == PEER_BYTES) {
        post(p);
    }
}

static void on_complete(void *ctx, MQTTAsync_successData *what)
{
    (void)what;
    count(ctx);
}

static void on_complete_5(void *ctx, MQTTAsync_successData5 *what)
{
    (void)what;
    count(ctx);
}

static void publish_next(struct program *p)
{
    MQTTAsync_responseOptions o = answer(p, on_complete, on_complete_5);

    if (atomic_fetch_add(&p->sent, 1) < p->task.count &&
        publish(p, peer_telemetry(&p->task), &o) != MQTTASYNC_SUCCESS) {
        peer_fail("MQTTAsync_send", 0);
    }
}

static void await(struct program *p)
{
    while (sem_wait(&p->done) != 0) {
    }
}

static void rate(struct program *p)
{
    MQTTAsync_responseOptions last = answer(p, on_step, on_step_5);
    struct peer_message end = peer_telemetry(&p->task);
    struct peer_moment begin = peer_moment();

    end.qos = 1;
    if (p->task.qos > 0) {
        for (unsigned i = 0; i < PEER_WINDOW && i < p->task.count; i++) {
            publish_next(p);
        }
        await(p);
    } else {
        for (unsigned i = 0; i < p->task.count; i++) {
            (void)sem_wait(&p->room);
            publish_next(p);
        }
        await(p);
        if (publish(p, end, &last) != MQTTASYNC_SUCCESS) {
            peer_fail("MQTTAsync_send", 0);
        }
        await(p);
    }
    peer_print(&p->task, &begin);
}

static void online(struct program *p, struct peer_moment begin)
{
    MQTTAsync_responseOptions o = answer(p, on_step, on_step_5);
    int err = MQTTAsync_subscribe(p->m, PEER_FILTER, 1, &o);

    if (err == MQTTASYNC_SUCCESS) {
        err = publish(p, peer_status(), &o);
    }
    if (err != MQTTASYNC_SUCCESS) {
        peer_fail("subscribe and publish", err);
    }
    await(p);
    await(p);
    peer_print(&p->task, &begin);
}

static void connect_tls(struct program *p)
{
    MQTTAsync_connectOptions o = MQTTAsync_connectOptions_initializer;
    MQTTAsync_connectOptions o5 = MQTTAsync_connectOptions_initializer5;
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    int err;

    if (p->task.version == 5) {
        o = o5;
        o.cleanstart = 1;
        o.onSuccess5 = on_step_5;
        o.onFailure5 = on_refused_5;
    } else {
        o.cleansession = 1;
        o.MQTTVersion = MQTTVERSION_3_1_1;
        o.onSuccess = on_step;
        o.onFailure = on_refused;
    }
    tls.trustStore = p->task.ca;
    tls.enableServerCertAuth = 1;
    tls.verify = 1;
    o.ssl = &tls;
    o.maxInflight = PEER_WINDOW;
    o.keepAliveInterval = 60;
    o.context = p;
    err = MQTTAsync_connect(p->m, &o);
    if (err != MQTTASYNC_SUCCESS) {
        peer_fail("MQTTAsync_connect", err);
    }
    await(p);
}

int main(int argc, char **argv)
{
    static struct program p;
    MQTTAsync_createOptions o = MQTTAsync_createOptions_initializer5;
    char url[64];
    struct peer_moment begin;

    peer_read(&p.task, argc, argv);
    (void)sem_init(&p.done, 0, 0);
    (void)sem_init(&p.room, 0, 10 * PEER_WINDOW);
    (void)snprintf(url, sizeof(url), "ssl://localhost:%d", p.task.port);
    o.MQTTVersion = p.task.version == 5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
    o.maxBufferedMessages = 20 * PEER_WINDOW;
    if (MQTTAsync_createWithOptions(&p.m, url, "paho",
                                    MQTTCLIENT_PERSISTENCE_NONE, NULL,
                                    &o) != MQTTASYNC_SUCCESS) {
        peer_fail("MQTTAsync_create", 0);
    }
    begin = peer_moment();
    connect_tls(&p);
    if (p.task.mode == PEER_RATE) {
        rate(&p);
    } else if (p.task.mode == PEER_ONLINE) {
        online(&p, begin);
    } else {
        peer_mark();
        for (unsigned i = 0; i < p.task.count; i++) {
            publish_next(&p);
            await(&p);
            peer_mark();
        }
    }
    MQTTAsync_destroy(&p.m);
    return 0;
}
