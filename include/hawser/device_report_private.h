/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Insides of struct hawser_device: what it knows of the time, of its attempts
 * to get online, and of what somebody should look at. Private, every line.
 */
#ifndef HAWSER_DEVICE_REPORT_PRIVATE_H
#define HAWSER_DEVICE_REPORT_PRIVATE_H

#ifndef HAWSER_DEVICE_H
#error "include hawser/device.h"
#endif

#define HWI_TIME_ADDRESSES_MAX 3 /* of a time server */
#define HWI_ALERTS_MAX         16
#define HWI_STAGES             7  /* LINK..SUBACK */
#define HWI_DETAIL_MAX         32 /* bytes of why an attempt failed */
#define HWI_RUNS_MAX           6

/* clock.c: the time of day and how far it can be trusted. */
struct hwi_clock {
    uint64_t offset_ms; /* Unix time minus monotonic time, modulo 2^64 */
    uint64_t floor_s;   /* the true time is not before it; 0: unknown */
    uint64_t build_s;
    uint64_t authenticated_offset_ms; /* as it came last */
    uint64_t authenticated_ms;        /* and when */
    uint8_t confidence; /* 0 none, 1 floor, 2 agreed, 3 authenticated */
    bool is_proven;     /* a certificate was found valid by it */
};

/* time_sync.c: one time server. */
struct hwi_time_server {
    uint8_t state; /* enum hwi_time_server_state */
    uint8_t address_count;
    uint8_t address_at;
    struct hawser_address addresses[HWI_TIME_ADDRESSES_MAX];
    uint8_t nonce[8];
    uint64_t sent_ms;
    uint64_t due_ms;
    uint64_t offset_ms;       /* the answer: Unix minus monotonic time */
    uint64_t shunned_till_ms; /* it sent a kiss-o'-death */
};

struct hwi_time_sync {
    struct hwi_time_server servers[HAWSER_TIME_SERVERS_MAX];
    bool is_asking;
    bool is_wait_told; /* the log knows what the machine's clock lacks */
    uint64_t due_ms;   /* of the round, or of the next one */
    uint64_t poll_ms;  /* of the machine's clock while asking */
    uint32_t failures; /* rounds in a row without a result */
};

/* time_ask.c: authenticated time, over the line. */
struct hwi_time_ask {
    uint8_t nonce[16];
    bool is_waiting;
    uint64_t asked_ms;
    uint64_t due_ms; /* of the next question */
};

/* security.c: how strong a session was, the higher the stronger; 0: unknown. */
struct hwi_strength {
    uint32_t broker; /* a hash of its name: others are not compared */
    uint8_t version;
    uint8_t cipher;
    uint8_t group;
};

/* alerts.c */
struct hwi_alert_facts {
    const char *code; /* static; NULL: none */
    uint32_t number;
    uint64_t since_ms;
};

struct hwi_alerts {
    uint16_t raised; /* in this run, one bit each */
    uint16_t due;    /* to be published, or taken away */
    struct hwi_alert_facts facts[HWI_ALERTS_MAX];
};

/* recorder.c: an attempt to get online. */
struct hwi_attempt {
    uint32_t number;
    uint32_t boot;
    uint32_t begin_s; /* since the start of the run */
    uint32_t online_s;
    uint64_t unix_s; /* 0: unknown */
    uint16_t stage_ms[HWI_STAGES];
    uint8_t cause; /* of its end; NONE: it is online */
    uint8_t reason;
    uint8_t broker;
    uint8_t confidence; /* of the clock */
    bool was_online;
    uint8_t detail_len;
    uint8_t detail[HWI_DETAIL_MAX];
};

/* outage.c: attempts in a row that ended alike. */
struct hwi_run {
    uint8_t cause;
    uint8_t reason;
    uint32_t count;
};

struct hwi_outage {
    uint64_t since_ms;
    uint64_t since_unix_s; /* 0: in this run, or unknown */
    uint32_t attempts;
    uint32_t others; /* of runs that had no room */
    uint8_t lost;    /* the cause that ended the last session; NONE: none */
    uint8_t run_count;
    struct hwi_run runs[HWI_RUNS_MAX];
};

#endif
