/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must outlive a restart: boot and session counters, the floor of the
 * clock, whether the last run was stopped, which alerts stand, how strong the
 * last session was, the fleet's window, and how many short runs in a row a
 * restart command has ended. Records with a generation and a CRC are appended in
 * HAWSER_REGION_STATE; the newest whole one counts, so a power cut at any
 * moment leaves the old state or the new one.
 */
#ifndef HWI_DEVICE_LASTING_H
#define HWI_DEVICE_LASTING_H

#include "hawser/device.h"

/*
 * Reads the newest record; all zeros if there is none, or no such region.
 * Errors: STORAGE (flash could not be read: zeros, and nothing is written in
 * this run, for what stands there may be read in the next one).
 */
int hwi_lasting_load(struct hwi_lasting *l,
                     const struct hawser_port *port) HAWSER_CHECKED;

/*
 * Writes a record. After 0 it outlives a power cut; without a region there is
 * nothing to do. Errors: STORAGE (the record before still counts).
 */
int hwi_lasting_save(struct hwi_lasting *l) HAWSER_CHECKED;

#endif
