/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device: joins the network, learns the time, connects to the broker over
 * verified TLS, reports its state, sends telemetry, obeys commands and comes
 * back after every loss. Sans-IO: it acts through struct hawser_port only.
 *
 * A main loop:
 *
 *  hawser_device_init(&device, &config, &memory, &port);
 *  while (hawser_device_state(&device) != HAWSER_DEVICE_STOPPED) {
 *      hawser_device_step(&device);
 *      wait until hawser_device_deadline_ms() or the port has news;
 *  }
 *
 * Rules of mqtt.h hold here too: nothing blocks, allocates or calls back; one
 * device is used by one thread at a time; devices share nothing.
 */
#ifndef HAWSER_DEVICE_H
#define HAWSER_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hawser/command.h"
#include "hawser/error.h"
#include "hawser/mqtt.h"
#include "hawser/port.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HAWSER_BROKERS_MAX      8
#define HAWSER_TIME_SERVERS_MAX HAWSER_UDP_SLOTS
#define HAWSER_SENSORS_MAX      16
#define HAWSER_ID_MAX           64 /* bytes; the id becomes a topic level */
#define HAWSER_ROOT_MAX         64
#define HAWSER_FIRMWARE_MAX     64
#define HAWSER_SENSOR_NAME_MAX  32
#define HAWSER_UPDATE_KEYS      2

struct hawser_endpoint {
    const char *host; /* name or literal address, without brackets */
    uint16_t port;
};

enum hawser_layout {
    HAWSER_LAYOUT_DEVICE, /* <root>/<id>/status ... */
    HAWSER_LAYOUT_FLAT    /* <root>/status ...: the classic one */
};

/* What is given up when the outbox is full. It is counted and told exactly. */
enum hawser_outbox_policy {
    HAWSER_OUTBOX_DROP_OLDEST, /* with all that shares its sector of flash */
    HAWSER_OUTBOX_DROP_NEWEST, /* the measurement just made */
    HAWSER_OUTBOX_LATEST_ONLY  /* never more than the last one waits */
};

/*
 * What a device is to do. Everything in it is the caller's and stays until the
 * device is stopped or reconfigured. Texts are NUL-terminated UTF-8.
 */
struct hawser_device_config {
    const char *id;       /* 1..HAWSER_ID_MAX bytes, no + # / or control */
    const char *firmware; /* the product's version, in status; up to
                             HAWSER_FIRMWARE_MAX bytes */

    const struct hawser_endpoint *brokers; /* tried in this order */
    size_t broker_count;                   /* 1..HAWSER_BROKERS_MAX */
    struct hawser_credentials credentials;
    /* Points of the public keys (P-256, HAWSER_POINT_SIZE bytes) that
     * update_cert must be signed by; {NULL, 0}: none. None at all: the
     * device's certificates are not changed over the line. */
    struct hawser_view update_keys[HAWSER_UPDATE_KEYS];
    struct hawser_view username; /* {NULL, 0}: none */
    struct hawser_view password; /* {NULL, 0}: none */
    struct hawser_view alpn;     /* {NULL, 0}: none */
    uint16_t keep_alive_s;       /* 5..65535; 0: 60 */

    const char *root; /* 1..HAWSER_ROOT_MAX bytes of topic; NULL: hawser */
    enum hawser_layout layout;

    /* Either SNTP servers, or the machine's synchronised clock. */
    const struct hawser_endpoint *time_servers;
    size_t time_server_count; /* 0..HAWSER_TIME_SERVERS_MAX */
    bool trust_system_clock;
    uint64_t build_time_s; /* of the source; the clock's first floor */
    bool forget_floor; /* what later time was once proven does not count: for a
                          floor that a wrong source of time has raised */

    uint32_t interval_s; /* of telemetry, 1..86400; 0: 30 */
    uint8_t qos;         /* of telemetry, 0 or 1 */

    enum hawser_outbox_policy outbox_policy;
    uint32_t outbox_expiry_s;   /* what is older is not sent; 0: never */
    uint16_t replay_per_second; /* of old telemetry, 1..1000; 0: 20 */

    /* JSON keys, in the port's order: 1..HAWSER_SENSOR_NAME_MAX bytes, no key
     * twice, none that data has anyway (device, rssi, heap, uptime, seq, boot, time,
     * simulated, hist). */
    const char *const *sensors;
    size_t sensor_count; /* 0..HAWSER_SENSORS_MAX */

    /* The application's own: see hawser/command.h. */
    const struct hawser_command *commands;
    size_t command_count; /* 0..HAWSER_COMMANDS_MAX */

    /* {NULL, 0}: who may publish to the control topic may command. Else the
     * point of a P-256 key (HAWSER_POINT_SIZE bytes): commands that have an
     * effect must be signed by it; see docs/commands.md. */
    struct hawser_view command_key;

    /* Divides every waiting time of the retry table; 0 or 1: as it is.
     * For tests and demonstrations. */
    uint32_t retry_speed;
};

/* Memory that the device works in; the caller's, until it is stopped. */
struct hawser_device_memory {
    struct hawser_span rx;     /* >= 1024: the largest command + its topic */
    struct hawser_span tx;     /* >= 4096 */
    struct hawser_span store;  /* >= 4096: unacknowledged messages */
    struct hawser_slot *slots; /* >= 4 */
    size_t slot_count;
    /* {NULL, 0}: no update_cert; or >= 4096: half of it holds a set of
     * certificates and a key, the other half what is being received. */
    struct hawser_span credentials;
    struct hawser_span outbox; /* >= 1024: telemetry that waits and that
                                  flash did not take, or all of it if the
                                  port has no HAWSER_REGION_OUTBOX */
};

enum hawser_device_state {
    HAWSER_DEVICE_LINK,     /* waits for the network */
    HAWSER_DEVICE_TIME,     /* asks for the time */
    HAWSER_DEVICE_RESOLVE,  /* looks the broker up */
    HAWSER_DEVICE_TCP,      /* connects */
    HAWSER_DEVICE_TLS,      /* shakes hands, verifies */
    HAWSER_DEVICE_CONNACK,  /* waits for the broker's CONNACK */
    HAWSER_DEVICE_SUBACK,   /* waits for the control subscription */
    HAWSER_DEVICE_ONLINE,   /* works */
    HAWSER_DEVICE_RETRY,    /* waits before the next attempt */
    HAWSER_DEVICE_STOPPING, /* says goodbye */
    HAWSER_DEVICE_STOPPED,
    HAWSER_DEVICE_RESTARTING /* the port has been asked to restart */
};

/* Counters since the start; for tests, logs and get_status. */
struct hawser_device_counters {
    uint32_t connections; /* CONNACK accepted */
    uint32_t failures;    /* attempts and sessions that ended in a cause */
    uint32_t published;   /* telemetry acknowledged (QoS 0: sent) */
    uint32_t dropped;     /* telemetry lost: outbox full, refused, expired */
    uint32_t commands;    /* obeyed */
    uint32_t refused;     /* messages on control that were not obeyed */
};

#include "hawser/device_private.h"

/*
 * Prepares a device; it starts with the first step. Reads what must last from
 * the port's flash, counts the boot.
 * Errors: ARG (*config or *memory is outside the ranges above; the device is
 * not usable), STORAGE (flash failed; the device works, but counters start
 * anew: a caller may go on).
 */
int hawser_device_init(struct hawser_device *d,
                       const struct hawser_device_config *config,
                       const struct hawser_device_memory *memory,
                       const struct hawser_port *port) HAWSER_CHECKED;

/* Does all that can be done now. Call it when the port has news, when the
 * deadline is reached, and as often as you like. */
void hawser_device_step(struct hawser_device *d);

/* When the next step is due by itself; HAWSER_NEVER if only news counts. */
uint64_t hawser_device_deadline_ms(const struct hawser_device *d);

/*
 * Takes a new configuration: says goodbye on the old one, then connects with
 * the new one. Telemetry that waits is kept. The old *config must stay until
 * hawser_device_is_reconfiguring() answers false.
 * Errors: ARG (nothing changed), STATE (stopping or stopped).
 */
int hawser_device_reconfigure(struct hawser_device *d,
                              const struct hawser_device_config *config)
    HAWSER_CHECKED;
bool hawser_device_is_reconfiguring(const struct hawser_device *d);

/* Measures at the next step, besides the interval. Who does so often keeps
 * below replay_per_second, or an outage is never made up for. */
void hawser_device_measure(struct hawser_device *d);

/* Publishes "offline", disconnects and stops, within 5 s at most. Keep
 * stepping until the state is STOPPED. */
void hawser_device_stop(struct hawser_device *d);

enum hawser_device_state hawser_device_state(const struct hawser_device *d);

/* The word of a state ("online"), static. */
const char *hawser_device_state_word(enum hawser_device_state state);

/* Lives as long as the device. */
const struct hawser_device_counters *
hawser_device_counters(const struct hawser_device *d);

#ifdef __cplusplus
}
#endif

#endif
