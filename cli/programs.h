/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries out the calls of [command NAME] sections: a program each, several at
 * once, without a shell and each for a bounded time. What it may know of the
 * agent is PATH, HOME, LANG and TZ; the arguments are HAWSER_ARG_name, and
 * HAWSER_COMMAND is the command's name.
 *
 *   FREE -> READING: its output comes in -> ENDING: output ended or the group
 *   was killed; its exit status is awaited -> FREE, the call is answered
 */
#ifndef HAWSER_CLI_PROGRAMS_H
#define HAWSER_CLI_PROGRAMS_H

#include <sys/types.h>

#include "cli/config.h"
#include "hawser/device.h"

#define HAWSER_CLI_OUTPUT_MAX 160 /* bytes that are kept of it */

enum hawser_cli_program_state {
    HAWSER_CLI_PROGRAM_FREE,
    HAWSER_CLI_PROGRAM_READING,
    HAWSER_CLI_PROGRAM_ENDING
};

struct hawser_cli_program {
    enum hawser_cli_program_state state;
    uint32_t token;
    pid_t pid; /* not reaped yet; it leads a group of its own */
    int out_fd;
    uint64_t due_ms;  /* when to kill it */
    uint64_t look_ms; /* ENDING: when to ask for its status again */
    bool is_late;     /* and so was killed */
    size_t len;
    uint8_t output[HAWSER_CLI_OUTPUT_MAX]; /* its beginning */
};

struct hawser_cli_programs {
    struct hawser_device *device;
    struct hawser_cli_program all[HAWSER_CALLS_MAX];
    int epoll_fd; /* readable when a program has said something */
};

/* Nothing runs. False: errno. Another descriptor may be watched with it. */
bool hawser_cli_programs_open(struct hawser_cli_programs *p,
                              struct hawser_device *device, int other_fd);

/* Starts what the device was told to, reads, kills, answers. To be called after
 * each step of the device. */
void hawser_cli_programs_drive(struct hawser_cli_programs *p,
                               const struct hawser_cli_config *config,
                               uint64_t now_ms);

/* When to drive at the latest. */
uint64_t hawser_cli_programs_deadline_ms(const struct hawser_cli_programs *p);

/* Kills what runs, without an answer. */
void hawser_cli_programs_stop(struct hawser_cli_programs *p);

/* Stops, and closes what open() opened. */
void hawser_cli_programs_close(struct hawser_cli_programs *p);

#endif
