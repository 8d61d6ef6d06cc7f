/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the three programs of this comparison share: the command line, the
 * clock, and the lines that they print.
 *
 *   PROGRAM rate PORT CA VERSION QOS SIZE COUNT   publishes and prints "rate ..."
 *   PROGRAM online PORT CA VERSION                prints "online ..."
 *   PROGRAM bytes PORT CA VERSION COUNT           "mark", a message, "mark", ...
 *
 * VERSION is 3 or 5. Everything goes to localhost, over verified TLS.
 */
#ifndef HAWSER_BENCH_PEER_H
#define HAWSER_BENCH_PEER_H

#include <stddef.h>

/* QoS 1 and 2 messages that may be incomplete at once, for everybody. */
#define PEER_WINDOW 100

#define PEER_TOPIC        "hawser/esp32_factory_001/data"
#define PEER_STATUS_TOPIC "hawser/esp32_factory_001/status"
#define PEER_FILTER       "hawser/esp32_factory_001/control"
#define PEER_TELEMETRY                                                       \
    "{\"device\":\"esp32_factory_001\",\"temperature\":24.5,\"humidity\":"   \
    "65.2,\"rssi\":-61,\"heap\":214332,\"uptime\":3605,\"seq\":120,\"boot\"" \
    ":52}"
#define PEER_PAYLOAD_MAX 1024

struct peer_message {
    const char *topic;
    const char *payload;
    size_t len;
    int qos;
    int retain;
};

enum peer_mode { PEER_RATE, PEER_ONLINE, PEER_BYTES };

struct peer_task {
    enum peer_mode mode;
    int port;
    const char *ca;
    int version; /* 3: 3.1.1; 5 */
    int qos;
    size_t size;
    unsigned count;
    char payload[PEER_PAYLOAD_MAX];
};

/* Reads the command line; ends the program if it makes no sense. */
void peer_read(struct peer_task *t, int argc, char **argv);

/* The task's message; the status. */
struct peer_message peer_telemetry(const struct peer_task *t);
struct peer_message peer_status(void);

/* Seconds, monotonic. */
double peer_now(void);

/* Ends the program with a message. */
_Noreturn void peer_fail(const char *what, int code);

/* A moment: on the clock, and in this process's CPU time. */
struct peer_moment {
    double at;
    double cpu;
};
struct peer_moment peer_moment(void);

/* Prints the result of what began then: time, CPU time, peak memory. */
void peer_print(const struct peer_task *t, const struct peer_moment *begin);

/* Says that a message is complete, and waits until the reader has noted it. */
void peer_mark(void);

#endif
