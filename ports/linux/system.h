/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts of the machine for telemetry.
 *
 * rssi: the signal level of the interface in use, from the kernel's wireless
 *     statistics (/proc/net/wireless); wired: none.
 * heap: what may still be used: MemAvailable of /proc/meminfo, or what the
 *     process's control groups (version 2) still allow, if that is less. Their
 *     file cache counts as free. Limits by setrlimit(2) bound addresses rather
 *     than memory and do not count.
 */
#ifndef HWI_LINUX_SYSTEM_H
#define HWI_LINUX_SYSTEM_H

#include "hawser/port.h"

/* Free memory in bytes. root: before /proc and /sys; "" but in tests.
 * 0, or ABSENT. */
int hwi_linux_heap_read(const char *root, uint64_t *out) HAWSER_CHECKED;

/* The signal level of an interface in dBm. 0, or ABSENT: it is not wireless, or
 * its driver does not say it in dBm. */
int hwi_linux_rssi_read(const char *root, const char *interface,
                        int32_t *out) HAWSER_CHECKED;

#endif
