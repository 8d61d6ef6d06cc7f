/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flight recorder: the last attempts to get online, with the time that each
 * stage took and how they ended, kept over restarts in HAWSER_REGION_FLIGHTS.
 *
 * Attempts are written eight at a time, or when the device is online or stops:
 * a power cut costs the last few, and a long outage little flash.
 */
#ifndef HWI_DEVICE_RECORDER_H
#define HWI_DEVICE_RECORDER_H

#include <stdbool.h>

#include "hawser/device.h"

#define HWI_RECORDER_TOLD_MAX 64u /* attempts that get_flights answers */

/* Reads what earlier runs left. Errors: STORAGE (flash cannot be read: the
 * recorder works in RAM only). */
int hwi_recorder_init(struct hawser_device *d) HAWSER_CHECKED;

/* The device leaves its state for this one; LINK begins an attempt. Called
 * before d->state changes. */
void hwi_recorder_enter(struct hawser_device *d, enum hawser_device_state next);

/* The attempt led to a session. */
void hwi_recorder_online(struct hawser_device *d);

/* The attempt, or its session, ended; none under way is fine. */
void hwi_recorder_end(struct hawser_device *d, enum hawser_cause cause,
                      const char *detail);

/* Writes what is only in RAM. */
void hwi_recorder_flush(struct hawser_device *d);

/*
 * Writes the member "flights", as many attempts as fit into out, of those that
 * get_flights answers the ones numbered from *next on. *next: where to go on.
 * *has_more: there are some left.
 */
struct hawser_view hwi_recorder_write(struct hawser_device *d,
                                      struct hawser_span out, uint32_t *next,
                                      bool *has_more);

#endif
