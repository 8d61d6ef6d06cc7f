/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a port waits for: descriptors and the nearest deadline. Each facility
 * adds its own; the wait sleeps on the sum.
 */
#ifndef HWI_LINUX_POLLSET_H
#define HWI_LINUX_POLLSET_H

#include <poll.h>

#include "hawser/port.h"

/* As many as a device can have. */
#define HWI_LINUX_SENSORS_MAX 16

/* Two look-ups of at most 16 sockets, the datagram slots, one pipe a sensor,
 * stream, link, WiFi, timer and wake-up. */
#define HWI_LINUX_POLL_MAX \
    (2 * 16 + HAWSER_UDP_SLOTS + HWI_LINUX_SENSORS_MAX + 5)

struct hwi_linux_pollset {
    struct pollfd fds[HWI_LINUX_POLL_MAX];
    nfds_t count;
    uint64_t deadline_ms; /* on hwi_linux_now_ms()'s clock */
};

/* Adds a descriptor; fd < 0 is left out. events as poll(2). When the set is
 * full it shortens the deadline instead, so that nothing is forgotten. */
void hwi_linux_pollset_add(struct hwi_linux_pollset *set, int fd, int events);

/* Moves the deadline forward to at_ms, if that is earlier. */
void hwi_linux_pollset_until(struct hwi_linux_pollset *set, uint64_t at_ms);

#endif
