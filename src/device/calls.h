/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of the application's own commands: those that wait to be fetched, and
 * those that are being carried out, few and each for a bounded time. Their
 * ids, addresses and answers are in the ledger; a call's token is its seq.
 */
#ifndef HWI_DEVICE_CALLS_H
#define HWI_DEVICE_CALLS_H

#include <stdbool.h>

#include "hawser/device.h"

#include "device/command.h"

/* The place of a command in the table; command_count: it is none. */
size_t hwi_calls_find(const struct hawser_device *d, struct hawser_view name);

bool hwi_calls_are_full(const struct hawser_device *d);

/* Takes a command that is in the ledger: it waits to be fetched and "accepted"
 * is published, or its arguments are rejected. c->place says which it is. */
void hwi_calls_take(struct hawser_device *d, struct hwi_command *c);

/* The configuration is another: what is under way is answered. */
void hwi_calls_cancel(struct hawser_device *d);

/* Answers what has taken too long. */
void hwi_calls_step(struct hawser_device *d);
uint64_t hwi_calls_deadline_ms(const struct hawser_device *d);

#endif
