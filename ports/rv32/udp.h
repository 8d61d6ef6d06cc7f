/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams to and from one peer each.
 */
#ifndef HWI_RV32_UDP_H
#define HWI_RV32_UDP_H

#include "hawser/port.h"

/* As struct hawser_port's functions of these names. */
int hwi_rv32_udp_open(unsigned slot, const struct hawser_address *to);
int hwi_rv32_udp_send(unsigned slot, const uint8_t *bytes, size_t len);
int hwi_rv32_udp_receive(unsigned slot, uint8_t *out, size_t size);
void hwi_rv32_udp_close(unsigned slot);

#endif
