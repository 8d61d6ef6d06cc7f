/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hawser's core over this project's TLS, one thread, one poll loop. All that is
 * queued leaves in one write; "online" uses one flight with CONNECT.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "driver/driver.h"
#include "peer.h"

#define ROOM (256 * 1024)

struct program {
    struct peer_task task;
    struct driver_line line;
    struct hawser_client c;
    struct hawser_config cfg;
    struct hawser_slot slots[PEER_WINDOW];
    struct hawser_inbound inbound[16];
    uint8_t rx[4096], tx[ROOM], store[ROOM], in[ROOM], aliases[512];
    bool is_connected;
    bool is_subscribed;
    unsigned sent;
    unsigned complete;
};

static struct hawser_view text(const char *s)
{
    return (struct hawser_view){(const uint8_t *)s, strlen(s)};
}

static uint64_t now_ms(void)
{
    return (uint64_t)(peer_now() * 1000);
}

static void take_events(struct program *p)
{
    struct hawser_event ev;

    while (hawser_next_event(&p->c, &ev)) {
        p->is_connected |= ev.kind == HAWSER_EVENT_CONNECTED;
        p->is_subscribed |= ev.kind == HAWSER_EVENT_SUBSCRIBED;
        if (ev.kind == HAWSER_EVENT_PUBLISHED) {
            p->complete++;
        }
    }
}

static void send_all(struct program *p)
{
    const uint8_t *at;
    size_t len = hawser_out(&p->c, &at);

    while (len > 0) {
        int n = driver_line_send(&p->line, at, len);
        if (n == HAWSER_E_WAIT) {
            return;
        }
        if (n < 0) {
            peer_fail("the line broke while sending", n);
        }
        hawser_sent(&p->c, now_ms(), (size_t)n);
        len = hawser_out(&p->c, &at);
    }
}

static void receive_all(struct program *p)
{
    int n = driver_line_receive(&p->line, p->in, sizeof(p->in));

    while (n > 0) {
        size_t at = 0;
        while (at < (size_t)n) {
            size_t used = 0;
            int err =
                hawser_feed(&p->c, now_ms(), p->in + at, (size_t)n - at, &used);
            if (err != 0) {
                peer_fail(hawser_error_text(err), err);
            }
            at += used;
            take_events(p);
        }
        n = driver_line_receive(&p->line, p->in, sizeof(p->in));
    }
    if (n != HAWSER_E_WAIT) {
        peer_fail("the line broke", n);
    }
}

/* Sends; false: the line takes no more now. */
static bool flush(struct program *p)
{
    const uint8_t *at;

    send_all(p);
    return hawser_out(&p->c, &at) == 0 && !driver_line_wants_send(&p->line);
}

/* Sends, waits until the line moves, receives. */
static void turn(struct program *p)
{
    struct pollfd wait = {.fd = p->line.fd, .events = POLLIN};

    if (!flush(p)) {
        wait.events |= POLLOUT;
    }
    if (!driver_line_has_pending(&p->line)) {
        (void)poll(&wait, 1, 10000);
    }
    receive_all(p);
}

static void open_line(struct program *p)
{
    const struct driver_target to = {
        .host = "localhost", .port = (uint32_t)p->task.port, .ca = p->task.ca};

    p->line.fd = -1;
    if (!driver_line_open(&p->line, &to)) {
        peer_fail(p->line.why, 0);
    }
    while (!p->line.is_ready) {
        struct pollfd wait = {.fd = p->line.fd, .events = POLLIN};
        if (!driver_line_step(&p->line)) {
            peer_fail(p->line.why, 0);
        }
        if (!p->line.is_ready) {
            (void)poll(&wait, 1, 10000);
        }
    }
    if (hawser_opened(&p->c, now_ms()) != 0) {
        peer_fail("no CONNECT", 0);
    }
}

static int publish(struct program *p, uint8_t qos)
{
    const struct hawser_message m = {
        .topic = text(PEER_TOPIC),
        .payload = {(const uint8_t *)p->task.payload, p->task.size},
        .qos = qos};

    return hawser_publish(&p->c, now_ms(), &m, NULL);
}

static void rate(struct program *p)
{
    uint8_t qos = (uint8_t)p->task.qos;
    unsigned awaited = qos > 0 ? p->task.count : 1;
    struct peer_moment begin;

    while (!p->is_connected) {
        turn(p);
    }
    begin = peer_moment();
    while (p->complete < awaited) {
        do { /* QoS 0 waits for nothing but room */
            while (p->sent < p->task.count && publish(p, qos) == 0) {
                p->sent++;
            }
        } while (qos == 0 && p->sent < p->task.count && flush(p));
        /* QoS 0: one with QoS 1 shows that all before it arrived. */
        if (qos == 0 && p->sent == p->task.count && publish(p, 1) == 0) {
            p->sent++;
        }
        turn(p);
    }
    peer_print(&p->task, &begin);
}

static void online(struct program *p, struct peer_moment begin)
{
    const struct hawser_filter filter = {.topic_filter = text(PEER_FILTER),
                                         .qos = 1};
    const struct hawser_message status = {.topic = text(PEER_STATUS_TOPIC),
                                          .payload = text("online"),
                                          .qos = 1,
                                          .retain = true};
    uint16_t id;

    if (hawser_subscribe(&p->c, now_ms(), &filter, 1, &id) != 0 ||
        hawser_publish(&p->c, now_ms(), &status, &id) != 0) {
        peer_fail("no requests before CONNACK", 0);
    }
    while (!p->is_subscribed || p->complete == 0) {
        turn(p);
    }
    peer_print(&p->task, &begin);
}

static void bytes(struct program *p)
{
    while (!p->is_connected) {
        turn(p);
    }
    peer_mark();
    for (unsigned i = 0; i < p->task.count; i++) {
        if (publish(p, 1) != 0) {
            peer_fail("no PUBLISH", 0);
        }
        while (p->complete <= i) {
            turn(p);
        }
        peer_mark();
    }
}

int main(int argc, char **argv)
{
    static struct program p;
    struct peer_moment begin;

    peer_read(&p.task, argc, argv);
    p.cfg = (struct hawser_config){
        .version = p.task.version == 5 ? HAWSER_MQTT_5 : HAWSER_MQTT_3_1_1,
        .client_id = text("hawser"),
        .clean_start = true,
        .sends_early = p.task.mode == PEER_ONLINE,
        .keep_alive_s = 60,
        .rx = {p.rx, sizeof(p.rx)},
        .tx = {p.tx, sizeof(p.tx)},
        .store = {p.store, sizeof(p.store)},
        .slots = p.slots,
        .slot_count = PEER_WINDOW,
        .inbound = p.inbound,
        .inbound_count = 16,
        .aliases_out = {p.aliases, sizeof(p.aliases)},
        .alias_out_count = 4};
    if (hawser_init(&p.c, &p.cfg) != 0) {
        peer_fail("no client", 0);
    }
    begin = peer_moment();
    open_line(&p);
    if (p.task.mode == PEER_RATE) {
        rate(&p);
    } else if (p.task.mode == PEER_ONLINE) {
        online(&p, begin);
    } else {
        bytes(&p);
    }
    if (hawser_disconnect(&p.c, now_ms(), 0) != 0) {
        peer_fail("no DISCONNECT", 0);
    }
    send_all(&p);
    driver_line_close(&p.line);
    return 0;
}
