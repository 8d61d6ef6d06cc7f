/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When to try a lost line again: waits that double up to a limit, with jitter,
 * so that many clients do not come back as one.
 */
#ifndef HAWSER_CLI_BACKOFF_H
#define HAWSER_CLI_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

/* One after hawser_cli_backoff_reset(). */
struct hawser_cli_backoff {
    uint64_t due_ms;  /* of the next try; HAWSER_NEVER: none waits */
    uint64_t wait_ms; /* before the try after that, jitter aside */
};

/* All is well: no try waits, and the next wait is the shortest. */
void hawser_cli_backoff_reset(struct hawser_cli_backoff *b);

/* The line is lost: a try is due after a wait. Answers the wait. */
uint64_t hawser_cli_backoff_fail(struct hawser_cli_backoff *b, uint64_t now_ms);

/* Is it time for the try that waits? True once for each. */
bool hawser_cli_backoff_take(struct hawser_cli_backoff *b, uint64_t now_ms);

#endif
