/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fleet's window: when a broker goes down, all its devices lose it at the
 * same moment, and shall not all come back at the same moment. The broker's
 * side says over how many seconds they are to spread, retained on
 * <root>/reconnect: {"window_s":600}. It is kept for a power cut, which hits a
 * fleet at once, too.
 */
#ifndef HWI_DEVICE_FLEET_H
#define HWI_DEVICE_FLEET_H

#include <stdbool.h>

#include "hawser/device.h"

#define HWI_FLEET_WINDOW_MAX_S 3600u /* whatever is asked for */

/* The topic, in out. */
struct hawser_view hwi_fleet_topic(const struct hawser_device_config *cfg,
                                   uint8_t out[HWI_TOPIC_SIZE]);

/* A message on it: an empty one is no window; what is none changes nothing. */
void hwi_fleet_take(struct hawser_device *d, struct hawser_view payload);

/* How long to wait, at random, when a session was lost; 0: there is no window,
 * or there was no session. For causes with HWI_REMEDY_SPREAD. */
uint32_t hwi_fleet_wait_ms(const struct hawser_device *d);

/* The same before the first attempt of this boot. */
uint32_t hwi_fleet_boot_wait_ms(const struct hawser_device *d);

#endif
