/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line between two network namespaces that is as bad as told: IP packets go
 * from one TUN device to another.
 *
 * Usage: tun_relay NAMESPACE_A NAMESPACE_B    (files as /proc/PID/ns/net)
 * Makes the device "line" in each; whoever started it gives them addresses.
 * Commands, a line each; each is answered by the packets passed and dropped:
 *
 *     delay MS, jitter MS      each packet; jitter also changes their order
 *     loss N, duplicate N, corrupt N       of 1000 packets
 *     rate BYTES_PER_S         0: as fast as it goes
 *     cut none|up|down|both    up: from A to B
 *     mtu BYTES                larger ones vanish, and nobody is told
 *     heal                     all of it off
 *
 * "corrupt" swaps two words in a TCP payload, which no checksum of TCP notices.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PACKET_MAX  1500
#define QUEUE_MAX   4096
#define NEVER       UINT64_MAX
#define IP_PROTOCOL 9 /* where an IPv4 header names it */
#define TCP         6
#define ALL_FAIR    1000

struct packet {
    uint64_t due_us;
    int to; /* 0 or 1: which device it leaves by; -1: a free place */
    size_t len;
    uint8_t bytes[PACKET_MAX];
};

struct line {
    int fd[2];
    uint64_t free_us[2]; /* when the last packet will have left, each way */
    unsigned delay, jitter, loss, duplicate, corrupt, rate, mtu;
    bool is_cut[2]; /* towards A, towards B */
    unsigned passed, dropped;
};

static struct packet queue[QUEUE_MAX];

static uint64_t now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static bool happens(unsigned of_1000)
{
    return (unsigned)random() % ALL_FAIR < of_1000;
}

/* Makes a TUN device in a namespace. */
static int open_tun(int namespace)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    int fd = -1;

    memcpy(request.ifr_name, "line", sizeof "line");
    if (setns(namespace, CLONE_NEWNET) == 0) {
        fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    }
    if (fd < 0 || ioctl(fd, TUNSETIFF, &request) != 0) {
        perror("tun_relay");
        exit(1);
    }
    (void)close(namespace);
    return fd;
}

/* Swaps two neighbouring words in the middle of a TCP payload. */
static void corrupt(struct packet *p)
{
    size_t ip = (size_t)(p->bytes[0] & 0x0f) * 4;
    size_t payload = ip + (size_t)(p->bytes[ip + 12] >> 4) * 4;
    uint8_t *word;
    uint8_t kept[2];

    if (p->bytes[IP_PROTOCOL] != TCP || payload + 8 > p->len) {
        return;
    }
    word = p->bytes + payload + ((p->len - payload) / 4) * 2;
    memcpy(kept, word, 2);
    memmove(word, word - 2, 2);
    memcpy(word - 2, kept, 2);
}

/* Puts a packet where it waits until it is due; false: no room, it is lost. */
static bool enqueue(struct line *l, const struct packet *p)
{
    uint64_t start = now_us();
    uint64_t *free_us = &l->free_us[p->to];
    size_t i;

    if (l->rate != 0) {
        start = *free_us > start ? *free_us : start;
        start += (uint64_t)p->len * 1000000 / l->rate;
        *free_us = start;
    }
    for (i = 0; i < QUEUE_MAX; i++) {
        if (queue[i].to < 0) {
            queue[i] = *p;
            queue[i].due_us = start + (uint64_t)l->delay * 1000;
            if (l->jitter != 0) {
                queue[i].due_us += (uint64_t)random() % (l->jitter * 1000);
            }
            return true;
        }
    }
    return false;
}

static void take(struct line *l, int from)
{
    struct packet p = {.to = 1 - from};
    ssize_t got;
    unsigned copies;

    while ((got = read(l->fd[from], p.bytes, sizeof p.bytes)) > 0) {
        p.len = (size_t)got;
        copies = happens(l->duplicate) ? 2 : 1;
        if (l->is_cut[p.to] || happens(l->loss) ||
            (l->mtu != 0 && p.len > l->mtu)) {
            copies = 0;
            l->dropped++;
        }
        if (happens(l->corrupt)) {
            corrupt(&p);
        }
        for (; copies > 0; copies--) {
            l->dropped += enqueue(l, &p) ? 0 : 1;
        }
    }
}

/* Sends what is due; answers when the next one will be. */
static uint64_t send_due(struct line *l)
{
    struct packet *first;
    size_t i;

    while (true) {
        first = NULL;
        for (i = 0; i < QUEUE_MAX; i++) {
            if (queue[i].to >= 0 &&
                (first == NULL || queue[i].due_us < first->due_us)) {
                first = &queue[i];
            }
        }
        if (first == NULL || first->due_us > now_us()) {
            return first == NULL ? NEVER : first->due_us;
        }
        /* A device that is down takes none: lost, as on any line. */
        if (write(l->fd[first->to], first->bytes, first->len) > 0) {
            l->passed++;
        } else {
            l->dropped++;
        }
        first->to = -1;
    }
}

static void set_cut(struct line *l, const char *which)
{
    bool is_both = strcmp(which, "both") == 0;

    l->is_cut[1] = is_both || strcmp(which, "up") == 0;
    l->is_cut[0] = is_both || strcmp(which, "down") == 0;
}

static bool set_number(struct line *l, const char *name, unsigned value)
{
    const struct {
        const char *name;
        unsigned *number;
    } numbers[] = {
        {"delay", &l->delay},     {"jitter", &l->jitter},
        {"loss", &l->loss},       {"duplicate", &l->duplicate},
        {"corrupt", &l->corrupt}, {"rate", &l->rate},
        {"mtu", &l->mtu},
    };
    size_t i;

    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            *numbers[i].number = value;
            return true;
        }
    }
    return false;
}

/* false: the end of the commands. */
static bool obey(struct line *l)
{
    char text[80];
    char name[16] = "";
    char value[16] = "";
    ssize_t len = read(STDIN_FILENO, text, sizeof text - 1);
    bool is_known = true;

    if (len <= 0) {
        return false;
    }
    text[len] = '\0';
    (void)sscanf(text, "%15s %15s", name, value);
    if (strcmp(name, "heal") == 0) {
        *l = (struct line){.fd = {l->fd[0], l->fd[1]},
                           .passed = l->passed,
                           .dropped = l->dropped};
    } else if (strcmp(name, "cut") == 0) {
        set_cut(l, value);
    } else {
        is_known = set_number(l, name, (unsigned)strtoul(value, NULL, 10));
    }
    printf("%s %u passed %u dropped\n", is_known ? "ok" : "unknown", l->passed,
           l->dropped);
    return fflush(stdout) == 0;
}

static int wait_ms(uint64_t due_us)
{
    uint64_t now = now_us();

    if (due_us == NEVER) {
        return -1;
    }
    return due_us <= now ? 0 : (int)((due_us - now + 999) / 1000);
}

int main(int argc, char **argv)
{
    struct line l = {.fd = {-1, -1}};
    size_t i;

    if (argc != 3) {
        fputs("usage: tun_relay NAMESPACE_A NAMESPACE_B\n", stderr);
        return 2;
    }
    for (i = 0; i < QUEUE_MAX; i++) {
        queue[i].to = -1;
    }
    /* Both first: a name may mean another one from within another. */
    l.fd[0] = open(argv[1], O_RDONLY | O_CLOEXEC);
    l.fd[1] = open(argv[2], O_RDONLY | O_CLOEXEC);
    l.fd[0] = open_tun(l.fd[0]);
    l.fd[1] = open_tun(l.fd[1]);
    puts("ready");
    (void)fflush(stdout);
    while (true) {
        struct pollfd fds[] = {{.fd = l.fd[0], .events = POLLIN},
                               {.fd = l.fd[1], .events = POLLIN},
                               {.fd = STDIN_FILENO, .events = POLLIN}};

        (void)poll(fds, 3, wait_ms(send_due(&l)));
        if (fds[2].revents != 0 && !obey(&l)) {
            return 0;
        }
        take(&l, 0);
        take(&l, 1);
    }
}
