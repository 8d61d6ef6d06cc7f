/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests: a client with its memory, a clock, and a log of its events as
 * text. Bytes go in and come out as hex. Included by tests only.
 *
 * Log lines:
 *   CONNECTED session=0 props=21 00 05
 *   REFUSED 87 props=
 *   MESSAGE topic id=7 qos=1 retain=0 dup=0 props= payload=68 69
 *   PUBLISHED 1 00 props=
 *   SUBSCRIBED 1 codes=00 80 props=
 *   UNSUBSCRIBED 1 codes= props=
 *   DISCONNECTED 8e props=
 *   AUTH 18 props=15 00 01 6d
 *   ERROR malformed 81
 */
#ifndef HWI_MQTT_RIG_H
#define HWI_MQTT_RIG_H

#include "wire/hex.h"

#define RIG_LOG_SIZE 8192

struct rig {
    struct hawser_client c;
    struct hawser_config cfg;
    uint8_t rx[64];
    uint8_t guard_rx[32]; /* never written to by a client */
    uint8_t tx[256];
    uint8_t guard_tx[32];
    uint8_t store[256];
    uint8_t guard_store[32];
    struct hawser_slot slots[4];
    struct hawser_inbound inbound[32];
    uint64_t now_ms;
    struct hex hex;
    char log[RIG_LOG_SIZE];
    char last_log[RIG_LOG_SIZE];
    uint32_t payload_at; /* where the next part has to begin */
};

/* A configuration for id "c" with a clean start and keep-alive 10 s. Change
 * r->cfg, then call rig_open(). */
void rig_prepare(struct rig *r, enum hawser_version version);

/* Initialises the client and opens: CONNECT has been sent. */
void rig_open(struct rig *r);

/* rig_open(), and a plain CONNACK has been taken. The log is empty. */
void rig_go_online(struct rig *r);

/* rig_prepare() and rig_go_online(). */
void rig_start(struct rig *r, enum hawser_version version);

/* Loses the connection and opens a new one: CONNECT has been sent. */
void rig_reopen(struct rig *r);

/* Feeds bytes, draining events into the log whenever the client stops. An
 * error is logged, and answered. */
int rig_feed_bytes(struct rig *r, const uint8_t *in, size_t len);
int rig_feed(struct rig *r, const char *hex);

/* What is queued, as text; it counts as sent. Lives until the next rig_out(). */
const char *rig_out(struct rig *r);

/* The log since the last call; drains events first. */
const char *rig_log(struct rig *r);

/* Publishes a text: the client's answer; the id goes to *id. */
int rig_publish(struct rig *r, uint8_t qos, const char *topic,
                const char *payload, uint16_t *id);

/* Subscribes to one filter / unsubscribes from it; must succeed. */
uint16_t rig_subscribe(struct rig *r, const char *filter, uint8_t qos);
uint16_t rig_unsubscribe(struct rig *r, const char *filter);

/* A view of a C string. */
struct hawser_view rig_view(const char *text);

#endif
