/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures every interval, whether or not there is a broker, and publishes what
 * the outbox holds, oldest first: history at a limited rate, then what is
 * measured now. What the outbox loses is counted, and told by an event.
 */
#ifndef HWI_DEVICE_TELEMETRY_H
#define HWI_DEVICE_TELEMETRY_H

#include "hawser/device.h"

/* The first measurement comes with the first session, or after an interval. */
void hwi_telemetry_init(struct hawser_device *d);

/* A session begins: its telemetry counts as live from now on. */
void hwi_telemetry_granted(struct hawser_device *d);

/* A new interval, 1..86400 s; the next measurement is that far away. */
void hwi_telemetry_set_interval(struct hawser_device *d, uint32_t interval_s);

/* Forgets a measurement that is under way: the sensors change. */
void hwi_telemetry_cancel(struct hawser_device *d);

/* Measures what is due. */
void hwi_telemetry_step(struct hawser_device *d);

/* Publishes the next entry. 0: one was; WAIT: there is none to be sent now;
 * FULL: no room. */
int hwi_telemetry_send(struct hawser_device *d) HAWSER_CHECKED;

/* The broker will not take this one. */
void hwi_telemetry_refused(struct hawser_device *d, uint32_t ticket);

/* The broker has it. */
void hwi_telemetry_delivered(struct hawser_device *d, uint32_t seq,
                             uint32_t ticket);

uint64_t hwi_telemetry_deadline_ms(const struct hawser_device *d);

#endif
