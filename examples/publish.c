/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishes "hello" with QoS 1 and ends when the broker, on this machine, has it.
 * You own socket (yours would speak TLS), clock and memory. Argument: the port.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "hawser/mqtt.h"

static const struct hawser_message hello = {
    .topic = {(const uint8_t *)"example", 7},
    .payload = {(const uint8_t *)"hello", 5},
    .qos = 1};

static uint64_t now_ms(void)
{
    return (uint64_t)time(NULL) * 1000; /* any clock that does not jump */
}

/* Acts on what came. 0, WAIT when the broker has the message, or an error. */
static int take(struct hawser_client *client, const uint8_t *in, size_t len)
{
    struct hawser_event event;
    size_t used = 0;
    int err = 0;
    for (size_t at = 0; err == 0 && at < len; at += used) {
        err = hawser_feed(client, now_ms(), in + at, len - at, &used);
        while (err == 0 && hawser_next_event(client, &event)) {
            if (event.kind == HAWSER_EVENT_CONNECTED) {
                err = hawser_publish(client, now_ms(), &hello, NULL);
            } else if (event.kind == HAWSER_EVENT_PUBLISHED) {
                err = HAWSER_E_WAIT;
            }
        }
    }
    return err;
}

int main(int argc, char **argv)
{
    static uint8_t rx[256], tx[256], store[256], in[256];
    static struct hawser_slot slots[1];
    static struct hawser_inbound inbound[1];
    static const struct hawser_config config = {HAWSER_MQTT_5,
                                                {(const uint8_t *)"example", 7},
                                                .rx = {rx, sizeof rx},
                                                .tx = {tx, sizeof tx},
                                                .store = {store, sizeof store},
                                                .slots = slots,
                                                .slot_count = 1,
                                                .inbound = inbound,
                                                .inbound_count = 1};
    struct sockaddr_in to = {AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct pollfd line = {socket(AF_INET, SOCK_STREAM, 0), POLLIN, 0};
    struct hawser_client client;
    int err = hawser_init(&client, &config);
    to.sin_port =
        htons((uint16_t)(argc == 2 ? strtoul(argv[1], NULL, 10) : 1883));
    err = connect(line.fd, (void *)&to, sizeof to) != 0 ? HAWSER_E_LINK : err;
    err = err != 0 ? err : hawser_opened(&client, now_ms());
    while (err == 0) {
        const uint8_t *at;
        size_t len = hawser_out(&client, &at);
        ssize_t n = write(line.fd, at, len);
        hawser_sent(&client, now_ms(), n > 0 ? (size_t)n : 0);
        n = poll(&line, 1, 1000) == 1 ? read(line.fd, in, sizeof in) : 0;
        err = n > 0 ? take(&client, in, (size_t)n)
                    : hawser_tick(&client, now_ms());
    }
    puts(err == HAWSER_E_WAIT ? "published" : hawser_error_text(err));
    return err == HAWSER_E_WAIT ? 0 : 1;
}
