/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine for tests: a clock that only tests move, a link, names, time
 * servers, a stream to a fake broker, sensors, and flash in RAM whose power can
 * be cut after any program or erase. Everything is scripted by plain fields.
 */
#ifndef HWI_DEVICE_FAKE_PORT_H
#define HWI_DEVICE_FAKE_PORT_H

#include "hawser/device.h"

#include "device/fake_broker.h"
#include "device/fake_pki.h"

#define FAKE_FLASH_SIZE 16384
#define FAKE_LOGS_MAX   512
#define FAKE_PLANS_MAX  64

/* What a time server does with a request. */
enum fake_time {
    FAKE_TIME_GOOD,
    FAKE_TIME_SILENT,
    FAKE_TIME_FORGED,    /* a wrong origin */
    FAKE_TIME_ELSEWHERE, /* from another port: nobody gets to see it */
    FAKE_TIME_ALARM,     /* leap indicator 3 */
    FAKE_TIME_STRATUM,   /* 16: it is not synchronised itself */
    FAKE_TIME_RATE,      /* kiss-o'-death */
    FAKE_TIME_DENY,
    FAKE_TIME_NO_SEND, /* udp_open fails */
    FAKE_TIME_BUSY     /* udp_send says WAIT */
};

struct fake_time_server {
    enum fake_time mode;
    int64_t error_ms;  /* how wrong it is */
    uint64_t delay_ms; /* until the reply */
    unsigned asked;
    struct hawser_address to; /* as last opened */
    bool is_open;
    bool has_reply;
    uint64_t reply_ms;
    uint8_t reply[48];
};

/* How an attempt to open the stream ends. cause NONE: it opens. */
struct fake_plan {
    enum hawser_stream_stage stage; /* where it stays or fails */
    enum hawser_cause cause;        /* NONE with a stage: it hangs there */
};

struct fake_region {
    uint8_t bytes[FAKE_FLASH_SIZE];
    struct hawser_flash_geometry shape; /* sector_count 0: no such region */
};

/* The power of all regions is one. */
struct fake_flash {
    bool is_broken; /* every change fails */
    bool is_unreadable;
    int power_left;       /* changes until the power is cut; < 0: for ever */
    bool is_cut;          /* the power is off: nothing works any more */
    unsigned torn_bytes;  /* of the change that was cut, done before it was */
    size_t cut_len;       /* bytes of that change */
    bool leaves_garbage;  /* in the unit, or sector, that was under way */
    uint32_t worn_offset; /* this byte loses a bit when programmed; 0: none */
    unsigned programs;
    unsigned erases;
};

struct fake_log {
    enum hawser_log_level level;
    char text[240]; /* event key=value ... */
};

struct fake_port {
    struct hawser_port port; /* give this one to the device */
    uint64_t now_ms;
    uint64_t unix_ms; /* the true time at now_ms 0 */
    bool has_news;

    bool has_wall_clock;
    struct hawser_wall_clock wall; /* unix_ms: what to add to the true one */
    bool has_entropy;
    uint32_t random;

    struct hawser_link_status link;
    unsigned recovers;
    uint32_t last_recover;

    int dns;               /* addresses of every broker, or a negative error */
    int time_dns;          /* the same for time servers */
    const char *lost_host; /* its look-up fails; NULL: none */
    bool has_lost_names;   /* only: who has an address gets through */
    const char *last_host; /* of the last look-up */
    unsigned resolves;
    unsigned resolve_cancels;

    struct fake_time_server time[HAWSER_UDP_SLOTS];

    struct fake_plan plans[FAKE_PLANS_MAX];
    unsigned plan_at; /* streams opened */
    struct fake_plan plan;
    bool opens_at_once_fail; /* stream_open itself answers LINK */
    enum hawser_stream_stage stage;
    enum hawser_cause stream_cause;
    struct hawser_stream_target target; /* as last opened */
    char target_host[64];
    struct fake_pki pki;
    struct hawser_security security;
    bool is_send_blocked;
    bool is_cut_off;   /* bytes vanish both ways, nothing closes */
    size_t send_chunk; /* the most that one send takes; 0: all */

    struct fake_flash flash;
    struct fake_region regions[HAWSER_REGION_COUNT];

    struct hawser_reading readings[HAWSER_SENSORS_MAX];
    int sensor_err[HAWSER_SENSORS_MAX];
    struct hawser_system system;
    int restart_err;
    unsigned restarts;

    struct fake_broker broker;

    struct fake_log logs[FAKE_LOGS_MAX];
    unsigned log_count;
};

/* All is well: link up, one address, all time servers right, a broker that
 * takes everything, 2 sectors of flash for the state, 4 for commands. */
void fake_port_init(struct fake_port *f);

/* fake_flash.c: as struct hawser_port's, ctx a struct fake_port. */
void fake_flash_geometry(void *ctx, enum hawser_region region,
                         struct hawser_flash_geometry *out);
int fake_flash_read(void *ctx, enum hawser_region region, uint32_t offset,
                    uint8_t *out, size_t len);
int fake_flash_program(void *ctx, enum hawser_region region, uint32_t offset,
                       const uint8_t *bytes, size_t len);
int fake_flash_erase(void *ctx, enum hawser_region region, uint32_t sector);

/* Puts power back after a cut; flash keeps what it has. */
void fake_flash_power(struct fake_port *f);

/* A new chip of this shape. */
void fake_flash_shape(struct fake_port *f, enum hawser_region region,
                      struct hawser_flash_geometry shape);

/* When something happens by itself: a reply of a time server. */
uint64_t fake_port_next_ms(const struct fake_port *f);

/* How many log entries of this event hold this text ("" is in all). */
unsigned fake_logged(const struct fake_port *f, const char *event,
                     const char *text);

#endif
