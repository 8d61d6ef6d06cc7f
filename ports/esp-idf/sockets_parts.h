/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of sockets share.
 */
#ifndef HWI_ESP_SOCKETS_PARTS_H
#define HWI_ESP_SOCKETS_PARTS_H

#include "hawser/port.h"

extern int hwi_esp_udp_fds[HAWSER_UDP_SLOTS]; /* < 0: closed */

/* A socket of this kind that does not block, connected or about to be. < 0:
 * errno says why. */
int hwi_esp_socket_open(const struct hawser_address *to, int kind);

#endif
