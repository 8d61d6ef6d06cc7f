/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libmosquitto, one thread: mosquitto_loop(); the next message is published from
 * the callback of one that is complete.
 */
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

struct program {
    struct peer_task task;
    struct mosquitto *m;
    bool is_connected;
    bool is_subscribed;
    unsigned sent;
    unsigned complete;
};

static void publish(struct program *p, struct peer_message m)
{
    int err = mosquitto_publish_v5(p->m, NULL, m.topic, (int)m.len, m.payload,
                                   m.qos, m.retain != 0, NULL);

    if (err != MOSQ_ERR_SUCCESS) {
        peer_fail(mosquitto_strerror(err), err);
    }
}

static void publish_next(struct program *p)
{
    p->sent++;
    publish(p, peer_telemetry(&p->task));
}

static void on_connect(struct mosquitto *m, void *ctx, int code)
{
    struct program *p = ctx;

    if (code != 0) {
        peer_fail("refused", code);
    }
    p->is_connected = true;
    if (p->task.mode == PEER_ONLINE) {
        (void)mosquitto_subscribe(m, NULL, PEER_FILTER, 1);
        publish(p, peer_status());
    }
}

static void on_subscribe(struct mosquitto *m, void *ctx, int id, int count,
                         const int *granted)
{
    struct program *p = ctx;

    (void)m;
    (void)id;
    (void)count;
    (void)granted;
    p->is_subscribed = true;
}

static void on_publish(struct mosquitto *m, void *ctx, int id)
{
    struct program *p = ctx;

    (void)m;
    (void)id;
    p->complete++;
    if (p->task.mode == PEER_RATE && p->task.qos > 0 &&
        p->sent < p->task.count) {
        publish_next(p);
    }
}

static void turn(struct program *p)
{
    int err = mosquitto_loop(p->m, 10000, 1);

    if (err != MOSQ_ERR_SUCCESS) {
        peer_fail(mosquitto_strerror(err), err);
    }
}

/* QoS 0: as long as the socket takes them; the last one, with QoS 1, shows that
 * all before it arrived. */
static void rate_0(struct program *p)
{
    struct peer_message last = peer_telemetry(&p->task);
    unsigned before;

    last.qos = 1;
    while (p->sent < p->task.count) {
        publish_next(p);
        if (mosquitto_want_write(p->m)) {
            turn(p);
        }
    }
    while (p->complete < p->task.count) {
        turn(p);
    }
    before = p->complete;
    publish(p, last);
    while (p->complete == before) {
        turn(p);
    }
}

static void rate(struct program *p)
{
    struct peer_moment begin = peer_moment();

    if (p->task.qos == 0) {
        rate_0(p);
    } else {
        for (unsigned i = 0; i < PEER_WINDOW && i < p->task.count; i++) {
            publish_next(p);
        }
        while (p->complete < p->task.count) {
            turn(p);
        }
    }
    peer_print(&p->task, &begin);
}

int main(int argc, char **argv)
{
    static struct program p;
    struct peer_moment begin;
    int err;

    peer_read(&p.task, argc, argv);
    (void)mosquitto_lib_init();
    p.m = mosquitto_new("mosquitto", true, &p);
    (void)mosquitto_int_option(p.m, MOSQ_OPT_PROTOCOL_VERSION,
                               p.task.version == 5 ? MQTT_PROTOCOL_V5
                                                   : MQTT_PROTOCOL_V311);
    (void)mosquitto_int_option(p.m, MOSQ_OPT_SEND_MAXIMUM, PEER_WINDOW);
    (void)mosquitto_int_option(p.m, MOSQ_OPT_TCP_NODELAY, 1);
    (void)mosquitto_tls_set(p.m, p.task.ca, NULL, NULL, NULL, NULL);
    mosquitto_connect_callback_set(p.m, on_connect);
    mosquitto_subscribe_callback_set(p.m, on_subscribe);
    mosquitto_publish_callback_set(p.m, on_publish);
    begin = peer_moment();
    err = mosquitto_connect(p.m, "localhost", p.task.port, 60);
    if (err != MOSQ_ERR_SUCCESS) {
        peer_fail(mosquitto_strerror(err), err);
    }
    while (!p.is_connected) {
        turn(&p);
    }
    if (p.task.mode == PEER_RATE) {
        rate(&p);
    } else if (p.task.mode == PEER_ONLINE) {
        while (!p.is_subscribed || p.complete == 0) {
            turn(&p);
        }
        peer_print(&p.task, &begin);
    } else {
        peer_mark();
        for (unsigned i = 0; i < p.task.count; i++) {
            publish_next(&p);
            while (p.complete <= i) {
                turn(&p);
            }
            peer_mark();
        }
    }
    (void)mosquitto_disconnect(p.m);
    mosquitto_destroy(p.m);
    (void)mosquitto_lib_cleanup();
    return 0;
}
