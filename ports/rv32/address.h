/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IPv4 addresses between the seam's form and lwIP's.
 */
#ifndef HWI_RV32_ADDRESS_H
#define HWI_RV32_ADDRESS_H

#include <string.h>

#include "hawser/port.h"
#include "lwip/ip_addr.h"

static inline void hwi_rv32_address_from_lwip(const ip_addr_t *from,
                                              uint16_t port,
                                              struct hawser_address *out)
{
    memset(out, 0, sizeof *out);
    out->family = 4;
    out->port = port;
    memcpy(out->bytes, &from->addr, 4);
}

/* false: this machine has no way to such an address. */
static inline bool hwi_rv32_address_to_lwip(const struct hawser_address *from,
                                            ip_addr_t *out)
{
    memcpy(&out->addr, from->bytes, 4);
    return from->family == 4;
}

#endif
