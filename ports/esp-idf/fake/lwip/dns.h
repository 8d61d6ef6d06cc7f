/* SPDX-License-Identifier: Apache-2.0 */
/* For tests on the host: what resolve.c uses of lwIP's headers. The numbers are
 * lwIP's. */
#ifndef FAKE_LWIP_DNS_H
#define FAKE_LWIP_DNS_H

#include <stdint.h>

typedef int8_t err_t;
typedef struct {
    uint32_t v4;
} ip_addr_t;

#define ERR_OK                 0
#define ERR_MEM                (-1)
#define ERR_INPROGRESS         (-5)
#define ERR_ARG                (-16)
#define LWIP_DNS_ADDRTYPE_IPV4 0

#define ip_addr_get_ip4_u32(address) ((address)->v4)

typedef void (*dns_found_callback)(const char *host, const ip_addr_t *address,
                                   void *ctx);

err_t dns_gethostbyname_addrtype(const char *host, ip_addr_t *address,
                                 dns_found_callback found, void *ctx,
                                 uint8_t type);

#endif
