/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network link: lwIP, its one interface, and the address by DHCP.
 */
#ifndef HWI_RV32_LINK_H
#define HWI_RV32_LINK_H

#include "hawser/port.h"

/* false: the machine has no network card. mac: 6 bytes. */
bool hwi_rv32_link_open(uint8_t *mac);

/* Asks this name server instead of the one that DHCP names. */
void hwi_rv32_link_name_server(const struct hawser_address *server);

/* Everything that lwIP and the card have to do now. */
void hwi_rv32_link_drive(void);
/* When lwIP's own timers are due. */
uint64_t hwi_rv32_link_deadline_ms(void);

/* As struct hawser_port's functions of these names. */
void hwi_rv32_link_status(struct hawser_link_status *out);
void hwi_rv32_link_recover(void);

#endif
