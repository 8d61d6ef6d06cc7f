/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The insides of struct hawser_device, here only so that callers can allocate
 * one. Private, every line: names and layout change without notice. Each part
 * is owned by the file of its name in src/device.
 */
#ifndef HAWSER_DEVICE_PRIVATE_H
#define HAWSER_DEVICE_PRIVATE_H

#ifndef HAWSER_DEVICE_H
#error "include hawser/device.h"
#endif

#include "hawser/device_report_private.h"

#define HWI_ADDRESSES_MAX   8    /* of the broker, tried one by one */
#define HWI_IN_SIZE         1024 /* bytes taken from the stream at once */
#define HWI_TEXT_SIZE       3072 /* the longest message we publish */
#define HWI_TOPIC_SIZE      192
#define HWI_COMMAND_MAX     32 /* bytes of a command's name */
#define HWI_COMMAND_ID_MAX  64
#define HWI_RESPONSE_MAX    48 /* of a response topic below our tree */
#define HWI_CORRELATION_MAX 48
#define HWI_REPLIES_MAX     4    /* that wait to be published */
#define HWI_INBOUND_MAX     16   /* commands that wait for their PUBACK */
#define HWI_FLIGHTS_MAX     16   /* QoS 1 messages without their PUBACK */
#define HWI_LOST_MAX        8    /* ranges of lost telemetry remembered */
#define HWI_BOOT_TIMES_MAX  4    /* boots whose clock came late */
#define HWI_ENTRY_MAX       1200 /* bytes of a measurement's JSON */
#define HWI_ENTRY_FRAME     (HWI_ENTRY_MAX + 64) /* as a record */
#define HWI_LEDGER_MAX      32                   /* commands remembered */
#define HWI_CODE_MAX        24  /* bytes of an answer's code, */
#define HWI_MESSAGE_MAX     120 /* its message */
#define HWI_RESULT_MAX      256 /* and its result, a JSON object */
#define HWI_ATTEMPTS_MAX    8   /* not yet on flash */

/* medium.c: what records stand in: a region of flash, or memory that is used
 * like one. */
struct hwi_medium {
    const struct hawser_port *port; /* NULL: memory */
    enum hawser_region region;
    uint8_t *memory;
    uint32_t first;                     /* sector of the region */
    struct hawser_flash_geometry shape; /* sector_count 0: nothing */
};

/* journal.c: a log of records, oldest first, in a ring of sectors. */
struct hwi_journal {
    struct hwi_medium medium;
    uint32_t newest;     /* sector that is being written */
    uint32_t generation; /* of that sector; 0: none has been written */
    uint32_t count;      /* sectors with records, up to the newest */
    uint32_t offset;     /* in the newest, of the next record */
    uint32_t number;     /* of the last record */
};

#include "hawser/credentials_private.h"

/* Where the next record is to be read; all zeros: the oldest. */
struct hwi_cursor {
    uint32_t generation;
    uint32_t offset;
    uint32_t number; /* of the record before */
};

/* retry.c */
struct hwi_retry {
    uint8_t count[HAWSER_CAUSE_COUNT]; /* failures since healthy */
    uint32_t in_a_row;                 /* of all causes */
    uint32_t phase;                    /* this device's own */
};

/* ledger.c: commands that have begun, and how they ended. */
struct hwi_ledger_entry {
    uint32_t seq;         /* counts up; 0: free */
    uint32_t hash;        /* of its id */
    struct hwi_cursor at; /* before its newest record */
    uint8_t state;        /* enum hwi_ledger_state */
};

struct hwi_ledger {
    uint32_t seq;     /* of the newest */
    uint32_t halfway; /* its answer is out on reply, not yet elsewhere */
    struct hwi_ledger_entry entries[HWI_LEDGER_MAX];
    struct hwi_journal journal;
};

/* calls.c: a command of the application's that is under way. */
struct hwi_call {
    uint32_t seq;    /* in the ledger; 0: free */
    uint64_t due_ms; /* then it has taken too long */
    uint8_t place;   /* in the configuration's table */
    bool is_fetched; /* by the application */
    uint16_t args_len;
    uint8_t args[HAWSER_CALL_SIZE]; /* JSON */
};

/* lasting.c: what must outlive a restart, and where it stands in flash. */
struct hwi_lasting {
    uint32_t boot;
    uint32_t session;
    uint64_t floor_s;             /* authenticated only */
    bool is_clean;                /* the last run ended by a stop */
    uint8_t short_restarts;       /* in a row, each asked for by a command */
    uint16_t alerts;              /* that stand at the broker, one bit each */
    uint16_t window_s;            /* over which a fleet spreads; 0: none */
    struct hwi_strength strength; /* of the last session */

    bool is_unreadable; /* and so not to be written */
    struct hwi_journal journal;
};

/* losses.c: telemetry that is neither delivered nor here any more. */
struct hwi_lost {
    uint32_t boot;
    uint32_t from;
    uint32_t to_boot; /* boot, unless ranges ran out */
    uint32_t to;
    uint32_t count; /* of those that were lost within */
};

struct hwi_losses {
    struct hwi_lost ranges[HWI_LOST_MAX];
    uint8_t count;
    uint8_t told; /* so many, from the first, are in a message that is out */
};

/* outbox_record.c: what flash has to know besides the measurements. */
struct hwi_boot_time {
    uint32_t boot;
    uint64_t offset_ms; /* Unix time minus monotonic time in that boot */
};

struct hwi_outbox_state {
    uint32_t done; /* records up to this number do not count any more */
    struct hwi_losses losses;
    struct hwi_boot_time times[HWI_BOOT_TIMES_MAX];
    uint8_t time_count;
};

/* outbox.c: measurements that wait, in a log on flash; and in one in memory,
 * for those behind them that flash did not take. */
struct hwi_outbox_log {
    struct hwi_journal journal;
    struct hwi_cursor next; /* behind the last record that was looked at */
    uint32_t passed;        /* the number of that record */
    uint32_t earlier;       /* up to this number they are of earlier runs */
    uint32_t waiting;       /* measurements from next on */
};

/* One that was looked at and is not done. */
struct hwi_outbox_slot {
    uint32_t ticket;
    uint32_t boot;
    uint32_t seq;
    struct hwi_cursor at; /* of the record itself */
    uint8_t log;
    bool is_sent; /* else it waits */
    bool is_gone; /* its room was given up while it was out */
};

struct hwi_outbox {
    struct hwi_outbox_log logs[2];                  /* flash, memory */
    struct hwi_outbox_slot window[HWI_FLIGHTS_MAX]; /* oldest first */
    uint8_t window_count;
    uint8_t policy; /* enum hawser_outbox_policy */
    bool is_dirty;  /* flash does not know all of state */
    bool is_failing;
    bool is_time_due; /* something of this boot was stored without time */
    uint32_t boot;    /* this one */
    uint32_t ticket;  /* the last that was given out */
    uint32_t unsaved; /* done since flash was told */
    uint32_t lost;    /* in this run */
    uint64_t written; /* bytes of flash used up in this run */
    uint64_t opened_ms;
    struct hwi_outbox_state state;
    uint8_t frame[HWI_ENTRY_FRAME];
};

/* bucket.c: so many at once, so many a second. */
struct hwi_bucket {
    uint32_t level; /* thousandths */
    uint64_t at_ms;
};

/* telemetry.c */
struct hwi_telemetry {
    bool is_measuring;
    bool is_wanted;   /* a measurement besides the interval */
    uint64_t next_ms; /* when the next measurement begins */
    uint64_t poll_ms; /* when slow sensors are asked again */
    uint64_t end_ms;  /* when they are left out */
    uint32_t interval_s;
    uint32_t seq;
    uint32_t pending; /* sensors not yet read, one bit each */
    uint32_t present; /* sensors that gave something */
    struct hawser_reading readings[HAWSER_SENSORS_MAX];
    struct hwi_bucket replay;
};

/* reply.c: an answer to a command that waits to be published. */
struct hwi_reply {
    uint8_t status;   /* enum hwi_reply_status */
    uint8_t result;   /* enum hwi_reply_result */
    const char *code; /* static; NULL: none */
    const char *message;
    bool has_id;
    bool has_percent;
    uint8_t percent; /* done; RUNNING */
    bool is_told;    /* on reply; the response topic is left */
    bool has_more;   /* it is a part of a long answer */
    uint32_t next;   /* where that goes on, */
    uint32_t after;  /* and where behind the part that was written */
    uint32_t about;  /* seq of the command in the ledger; 0: none */
    uint8_t id_len;
    uint8_t command_len;
    uint8_t response_len;
    uint8_t correlation_len;
    uint8_t id[HWI_COMMAND_ID_MAX];
    uint8_t command[HWI_COMMAND_MAX];
    uint8_t response[HWI_RESPONSE_MAX];
    uint8_t correlation[HWI_CORRELATION_MAX];
};

struct hwi_replies {
    struct hwi_reply ring[HWI_REPLIES_MAX];
    uint8_t first;
    uint8_t count;
    struct hwi_bucket garbage; /* rejections of what was no command */
};

/* outgoing.c: a QoS 1 message whose PUBACK is awaited. */
struct hwi_flight {
    uint16_t packet_id; /* 0: free */
    uint8_t kind;       /* enum hwi_kind */
    uint32_t seq;       /* of telemetry, an answer; an alert's own */
    uint32_t ticket;    /* of telemetry, in the outbox */
};

/* recorder.c */
struct hwi_recorder {
    struct hwi_journal journal;
    uint32_t number; /* of the newest attempt */
    bool is_under_way;
    uint64_t begin_ms;
    uint64_t stage_ms; /* since when the stage lasts */
    uint64_t online_ms;
    struct hwi_attempt now;
    uint8_t waiting_count;
    struct hwi_attempt waiting[HWI_ATTEMPTS_MAX]; /* for flash */
};

/* session.c: one connection, from CONNECT to its end. */
struct hwi_session {
    bool is_connected; /* CONNACK */
    bool is_granted;   /* SUBACK for control */
    bool is_ended;     /* the broker said DISCONNECT */
    uint8_t reason;    /* of a refusal or DISCONNECT; 0: none */
    uint16_t held_id;  /* taken, its PUBACK waits for room; 0: none */
    enum hawser_cause cause;
    uint64_t connected_ms;
    uint32_t acked;      /* kinds that were acknowledged, one bit each */
    uint32_t unanswered; /* HWI_DUE_SUBSCRIBE while its SUBACK is out */
    uint32_t due;        /* messages to be published, HWI_DUE_* */
    struct hawser_security security;
};

/* line.c: the way to the broker. */
struct hwi_line {
    uint8_t broker;
    uint8_t broker_failures;
    bool has_no_qos;    /* the broker takes a will of QoS 0 only */
    bool has_no_retain; /* and this one none that is retained */
    uint8_t address_count;
    uint8_t address_at;
    struct hawser_address addresses[HWI_ADDRESSES_MAX];
    struct hawser_address good; /* the one of the last session, */
    uint8_t good_broker;        /* and whose it was */
    bool has_good;
    bool is_guess; /* it is tried because the name was not found */
    struct hawser_stream_target target;
    uint64_t due_ms; /* of TCP and TLS together */
    enum hawser_cause cause;
    char detail[HAWSER_DETAIL_SIZE];
    uint8_t version[HAWSER_BROKERS_MAX]; /* 0, 5: try 5 first */
    bool is_trial;                       /* 3.1.1 is being tried */
    bool is_told;                        /* because the broker refused 5.0 */
    bool is_open;
    bool has_more; /* the step ended early, there is more to do */
    uint8_t in[HWI_IN_SIZE];
};

struct hwi_link_watch {
    struct hawser_link_status status;
    uint64_t down_ms; /* since when; HAWSER_NEVER: it is up */
};

struct hawser_device {
    const struct hawser_device_config *cfg;
    const struct hawser_device_config *next_cfg;
    const struct hawser_port *port;
    struct hawser_device_memory memory;
    uint64_t now_ms;
    uint64_t started_ms;
    bool has_news; /* from the application: step at once */

    enum hawser_device_state state;
    uint64_t state_due_ms;
    uint32_t transitions;
    uint8_t goodbye;          /* enum hwi_goodbye */
    bool is_goodbye_new;      /* the supervisor has to begin it */
    bool is_disconnecting;    /* DISCONNECT is on its way */
    bool has_been_online;     /* since boot */
    uint64_t resynced_ms;     /* the time, for a TLS cause; NEVER: not yet */
    enum hawser_cause cause;  /* of the last failure */
    uint32_t kicks;           /* sessions that the broker cut short */
    uint64_t memory_short_ms; /* since when TLS gets none */
    enum hawser_reset_reason reset_reason;
    uint64_t floor_saved_ms;
    uint32_t retained_refused; /* not yet reported on event */
    const char *status_word;

    struct hwi_link_watch link;
    struct hwi_clock clock;
    struct hwi_time_sync time;
    struct hwi_time_ask time_ask;
    struct hwi_retry retry;
    struct hwi_lasting lasting;
    struct hwi_outbox outbox;
    struct hwi_telemetry telemetry;
    struct hwi_replies replies;
    struct hwi_ledger ledger;
    struct hwi_call calls[HAWSER_CALLS_MAX];
    struct hwi_alerts alerts;
    struct hwi_recorder recorder;
    struct hwi_outage outage;
    struct hwi_flight flights[HWI_FLIGHTS_MAX];
    struct hwi_session session;
    struct hwi_line line;
    struct hwi_credentials credentials;
    struct hwi_update update;
    struct hawser_device_counters counters;

    struct hawser_config mqtt;
    struct hawser_client client;
    struct hawser_inbound inbound[HWI_INBOUND_MAX];
    uint8_t topic[HWI_TOPIC_SIZE];
    uint8_t text[HWI_TEXT_SIZE];
};

#endif
