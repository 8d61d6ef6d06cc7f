/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps the clock right: asks all time servers at once and believes two that
 * agree (one, if only one is configured), or takes the machine's synchronised
 * clock. Works in rounds, in the background; the supervisor only waits for the
 * first.
 */
#ifndef HWI_DEVICE_TIME_SYNC_H
#define HWI_DEVICE_TIME_SYNC_H

#include <stdbool.h>

#include "hawser/device.h"

enum hwi_time_server_state {
    HWI_TIME_IDLE,
    HWI_TIME_RESOLVING,
    HWI_TIME_READY,    /* to be asked */
    HWI_TIME_WAITING,  /* for its reply */
    HWI_TIME_ANSWERED, /* offset_ms is valid */
    HWI_TIME_GAVE_UP   /* for this round */
};

/* Nothing is under way; the first step begins a round. */
void hwi_time_sync_init(struct hawser_device *d);

/* Is there anybody to ask? */
bool hwi_time_sync_has_source(const struct hawser_device *d);

/* Begins a round now, unless one is under way. */
void hwi_time_sync_request(struct hawser_device *d);

/* Drives the round on. Only while the link is up. */
void hwi_time_sync_step(struct hawser_device *d);

/* Ends a round without a result and frees sockets and look-up. */
void hwi_time_sync_cancel(struct hawser_device *d);

/* The link is down: a round that was under way begins anew when it is back. */
void hwi_time_sync_suspend(struct hawser_device *d);

uint64_t hwi_time_sync_deadline_ms(const struct hawser_device *d);

#endif
