/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See peer.h.
 */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

_Noreturn void peer_fail(const char *what, int code)
{
    (void)fprintf(stderr, "%s (%d)\n", what, code);
    exit(1);
}

void peer_read(struct peer_task *t, int argc, char **argv)
{
    static const char *const names[] = {"rate", "online", "bytes"};
    static const int counts[] = {8, 5, 6};
    int mode = 0;

    while (mode < 3 && (argc < 2 || strcmp(argv[1], names[mode]) != 0)) {
        mode++;
    }
    if (mode == 3 || argc != counts[mode]) {
        peer_fail("usage: see bench/peers/peer.h", argc);
    }
    *t = (struct peer_task){.mode = (enum peer_mode)mode,
                            .port = atoi(argv[2]),
                            .ca = argv[3],
                            .version = atoi(argv[4]),
                            .qos = 1,
                            .size = strlen(PEER_TELEMETRY)};
    (void)memcpy(t->payload, PEER_TELEMETRY, t->size);
    if (t->mode == PEER_RATE) {
        t->qos = atoi(argv[5]);
        t->size = (size_t)atoi(argv[6]);
        t->count = (unsigned)atoi(argv[7]);
    } else if (t->mode == PEER_BYTES) {
        t->count = (unsigned)atoi(argv[5]);
    }
    if (t->size > PEER_PAYLOAD_MAX) {
        peer_fail("the payload is too long", (int)t->size);
    }
}

struct peer_message peer_telemetry(const struct peer_task *t)
{
    return (struct peer_message){.topic = PEER_TOPIC,
                                 .payload = t->payload,
                                 .len = t->size,
                                 .qos = t->qos};
}

struct peer_message peer_status(void)
{
    return (struct peer_message){.topic = PEER_STATUS_TOPIC,
                                 .payload = "online",
                                 .len = strlen("online"),
                                 .qos = 1,
                                 .retain = 1};
}

double peer_now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

struct peer_moment peer_moment(void)
{
    struct rusage used;

    (void)getrusage(RUSAGE_SELF, &used); /* cannot fail */
    return (struct peer_moment){.at = peer_now(),
                                .cpu = seconds(used.ru_utime) +
                                       seconds(used.ru_stime)};
}

/* Since exec(): getrusage() would count what the parent had. */
static long peak_kib(void)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[128];
    long kib = 0;

    while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            kib = strtol(line + 6, NULL, 10);
        }
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return kib;
}

void peer_print(const struct peer_task *t, const struct peer_moment *begin)
{
    struct peer_moment now = peer_moment();

    (void)printf("%s seconds=%.6f cpu=%.6f peak_kib=%ld\n",
                 t->mode == PEER_ONLINE ? "online" : "rate", now.at - begin->at,
                 now.cpu - begin->cpu, peak_kib());
}

void peer_mark(void)
{
    (void)printf("mark\n");
    (void)fflush(stdout);
    (void)getchar();
}
