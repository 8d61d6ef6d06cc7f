/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network card: frames between virtio-net and lwIP.
 */
#ifndef HWI_RV32_ETHERNET_H
#define HWI_RV32_ETHERNET_H

#include <stdbool.h>
#include <stdint.h>

#define HWI_RV32_MAC_SIZE 6

/* false: the machine has no network card. Needs no lwIP yet. */
bool hwi_rv32_ethernet_open(uint8_t mac[HWI_RV32_MAC_SIZE]);

/* Makes lwIP's interface of it, the default one, up, without an address. */
struct netif *hwi_rv32_ethernet_netif(void);

/* Hands lwIP what has come. */
void hwi_rv32_ethernet_drive(void);

bool hwi_rv32_ethernet_has_carrier(void);

#endif
