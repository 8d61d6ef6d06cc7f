/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagram sockets, each connected to one address and port: the kernel then
 * lets through what comes from there and nothing else.
 */
#ifndef HWI_LINUX_UDP_H
#define HWI_LINUX_UDP_H

#include "ports/linux/pollset.h"

/* fd < 0: closed. */
struct hwi_linux_udp {
    int fd;
};

/* As struct hawser_port's udp_*. Opening what is open closes it first. */
int hwi_linux_udp_open(struct hwi_linux_udp *udp,
                       const struct hawser_address *to) HAWSER_CHECKED;
int hwi_linux_udp_send(struct hwi_linux_udp *udp, const uint8_t *bytes,
                       size_t len) HAWSER_CHECKED;
int hwi_linux_udp_receive(struct hwi_linux_udp *udp, uint8_t *out,
                          size_t size) HAWSER_CHECKED;
void hwi_linux_udp_close(struct hwi_linux_udp *udp);

/* Adds what it waits for. */
void hwi_linux_udp_poll(const struct hwi_linux_udp *udp,
                        struct hwi_linux_pollset *set);

#endif
