/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moments and spans of time, as people and scripts read them.
 */
#ifndef HAWSER_CLI_WHEN_H
#define HAWSER_CLI_WHEN_H

#include <stdint.h>

#include "text.h"

/* The machine's time of day. */
uint64_t hawser_cli_unix_ms(void);

/* Adds "2026-11-23T01:50:00.123Z" (RFC 3339, UTC). Beyond the year 9999:
 * the last moment of it. */
void hawser_cli_text_add_moment(struct hawser_cli_text *t, uint64_t unix_ms);

/* A moment in whole Unix seconds, as messages carry it, in milliseconds. 0: it
 * is none. */
uint64_t hawser_cli_moment_read(struct hawser_view value);

/* Adds a span in its largest whole unit: "7s", "12m", "3h", "40d". */
void hawser_cli_text_add_span(struct hawser_cli_text *t, uint64_t seconds);

#endif
