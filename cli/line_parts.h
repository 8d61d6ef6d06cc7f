/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operator's line, inside: shared by line.c (which attempt is next) and
 * line_pump.c (bytes and events of the one that runs).
 */
#ifndef HAWSER_CLI_LINE_PARTS_H
#define HAWSER_CLI_LINE_PARTS_H

#include "line.h"

#define HWI_LINE_ADDRESSES 16
#define HWI_LINE_SLOTS     8
#define HWI_LINE_INBOUND   32

enum hawser_cli_line_stage {
    HWI_LINE_RESOLVING,
    HWI_LINE_OPENING, /* TCP and TLS */
    HWI_LINE_CONNACK,
    HWI_LINE_UP,
    HWI_LINE_DOWN
};

struct hawser_cli_line {
    const struct hawser_cli_config *config;
    const struct hawser_cli_line_handler *handler;
    struct hawser_linux *machine;
    const struct hawser_port *port;
    struct hawser_config mqtt;
    struct hawser_client client;
    char client_id[48];

    enum hawser_cli_line_stage stage;
    unsigned stage_count;   /* entered so far: tells progress */
    unsigned stepped_count; /* of it, when the last step ended */
    uint64_t stage_due_ms;  /* counts until UP */
    size_t broker;
    char broker_name[HAWSER_HOST_SIZE + 10];
    struct hawser_address addresses[HWI_LINE_ADDRESSES];
    size_t address_count;
    size_t address;
    struct hawser_stream_target target;

    enum hawser_cli_exit code;
    char why[640];

    uint8_t in[16 * 1024];
    uint8_t rx[66 * 1024]; /* 64 KiB of payload, and a topic */
    uint8_t tx[16 * 1024];
    uint8_t store[16 * 1024];
    struct hawser_slot slots[HWI_LINE_SLOTS];
    struct hawser_inbound inbound[HWI_LINE_INBOUND];
};

/* Moves all bytes that can be moved now, tells the handler what came, and
 * fails the attempt if it has to. In CONNACK and UP only. */
void hawser_cli_line_pump(struct hawser_cli_line *line);

/* Sends what the client has queued, as far as the stream takes it now. */
void hawser_cli_line_send(struct hawser_cli_line *line);

/* The attempt that runs has failed, or the line was lost: what is next? */
void hawser_cli_line_fail(struct hawser_cli_line *line, enum hawser_cause cause,
                          const char *detail);

#endif
