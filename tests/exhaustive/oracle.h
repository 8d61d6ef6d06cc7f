/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the standards say of the first four bytes from a server, written a second
 * time and in another way than src/wire: rule by rule, slowly, and without a
 * table or a cursor. Four bytes hold bodies of at most two.
 * [MQTT5 1.5.5, 2.1, 3, MQTT3 2.2, 3]
 */
#ifndef EXHAUSTIVE_ORACLE_H
#define EXHAUSTIVE_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is wrong, as bits: where a packet breaks two rules, the standards leave
 * open which one is named. */
enum fault {
    FAULT_MALFORMED = 1, /* 0x81 */
    FAULT_PROTOCOL = 2,  /* 0x82 */
    FAULT_TOO_LARGE = 4  /* 0x95 */
};

/* The bit of a reason code; 0: not one of these. */
unsigned oracle_fault_of(uint8_t reason);

/* A variable byte integer at the beginning: > 0: its bytes, *value is set; 0: it
 * goes on behind them; -1: there is no such integer. */
int oracle_varint(const uint8_t *at, size_t len, uint32_t *value);

/* The first packet of some bytes. */
struct oracle_packet {
    unsigned faults; /* all that the bytes prove; 0: none so far */
    unsigned type;
    size_t header_len; /* 0: not whole */
    size_t len;        /* of the packet; 0: its end is not there */
    uint32_t body_len; /* if header_len > 0 */
};

/* is_v5: 5.0, else 3.1.1. len <= 4. */
struct oracle_packet oracle_packet(const uint8_t *at, size_t len, bool is_v5);

/* What a client makes of bytes that come at once or one by one. */
enum oracle_end {
    ORACLE_GOES_ON,
    ORACLE_CONNECTED,
    ORACLE_REFUSED,
    ORACLE_DISCONNECTED,
    ORACLE_FAULT
};

struct oracle_story {
    enum oracle_end end;
    unsigned faults; /* with ORACLE_FAULT */
    size_t at;       /* where the last packet begins */
};

/* A client with no request under way. */
struct oracle_client {
    bool is_v5;
    bool is_online;  /* CONNACK came */
    uint32_t rx_len; /* its room for a packet's body */
};

struct oracle_story oracle_tell(const struct oracle_client *c,
                                const uint8_t *at, size_t len);

#endif
