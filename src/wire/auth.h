/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AUTH, 5.0 only. The client does not speak it yet: it decodes one to answer
 * rightly. [MQTT5 3.15]
 */
#ifndef HWI_WIRE_AUTH_H
#define HWI_WIRE_AUTH_H

#include "wire/packet.h"

struct hwi_auth {
    uint8_t reason;
    struct hawser_view properties;
};

/* Reads the body. 0 or a reason code. */
uint8_t hwi_auth_read(struct hwi_auth *out, const struct hwi_packet *p);

#endif
