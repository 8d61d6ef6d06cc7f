/* SPDX-License-Identifier: Apache-2.0 */
/* For tests on the host: what resolve.c uses of lwIP's header. */
#ifndef FAKE_LWIP_TCPIP_H
#define FAKE_LWIP_TCPIP_H

#include "lwip/dns.h"

err_t tcpip_callback(void (*function)(void *ctx), void *ctx);

#endif
