/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses between the seam's form and that of lwIP's sockets.
 */
#ifndef HWI_ESP_ADDRESS_H
#define HWI_ESP_ADDRESS_H

#include <string.h>

#include "hawser/port.h"
#include "lwip/sockets.h"

/* The length of *out; 0: no such family here. */
static inline socklen_t hwi_esp_address_to_lwip(const struct hawser_address *a,
                                                struct sockaddr_storage *out)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(a->port)};

    memset(out, 0, sizeof *out);
    if (a->family != 4) {
        return 0;
    }
    memcpy(&v4.sin_addr, a->bytes, sizeof v4.sin_addr);
    memcpy(out, &v4, sizeof v4);
    return sizeof v4;
}

#endif
