/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A number from the output of a program (spawn.h). It has
 * HWI_LINUX_EXEC_LIMIT_MS; then its group is killed.
 *
 *   IDLE -> READING: its output comes in -> ENDING: output ended or the group
 *   was killed; its exit status is awaited -> DONE: a result waits -> IDLE
 */
#ifndef HWI_LINUX_SENSOR_EXEC_H
#define HWI_LINUX_SENSOR_EXEC_H

#include <sys/types.h>

#include "ports/linux/pollset.h"

#define HWI_LINUX_EXEC_OUTPUT_MAX 256
#define HWI_LINUX_EXEC_LIMIT_MS   5000
/* How long a result that nobody fetched is worth something. */
#define HWI_LINUX_EXEC_FRESH_MS 10000

enum hwi_linux_exec_state {
    HWI_LINUX_EXEC_IDLE, /* zero, so that a zeroed struct is idle */
    HWI_LINUX_EXEC_READING,
    HWI_LINUX_EXEC_ENDING,
    HWI_LINUX_EXEC_DONE
};

struct hwi_linux_exec {
    enum hwi_linux_exec_state state;
    pid_t pid;            /* READING, ENDING: not reaped yet */
    int out_fd;           /* READING: the read end of its output */
    uint64_t deadline_ms; /* READING, ENDING: when to kill; DONE: when stale */
    uint64_t look_ms;     /* ENDING: when to ask for its status again */
    bool is_killed;
    size_t len;
    char output[HWI_LINUX_EXEC_OUTPUT_MAX + 1];
    int result; /* DONE: 0 or ABSENT */
    struct hawser_number value;
};

/* Fetches a result or starts the program. 0 and *out; WAIT: it runs; ABSENT: it
 * could not start, failed, took too long or printed no number, or too much. */
int hwi_linux_exec_read(struct hwi_linux_exec *exec, const char *command,
                        struct hawser_number *out) HAWSER_CHECKED;

/* Does what can be done now: reads, kills, reaps. */
void hwi_linux_exec_drive(struct hwi_linux_exec *exec);

/* Adds what it waits for. */
void hwi_linux_exec_poll(const struct hwi_linux_exec *exec,
                         struct hwi_linux_pollset *set);

/* Kills what runs and waits for its end, 200 ms at most. Idle then. */
void hwi_linux_exec_stop(struct hwi_linux_exec *exec);

#endif
