/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AUTH, 5.0 only. [MQTT5 3.15]
 */
#ifndef HWI_WIRE_AUTH_H
#define HWI_WIRE_AUTH_H

#include "wire/cursor.h"
#include "wire/packet.h"

struct hwi_auth {
    uint8_t reason;
    struct hawser_view properties;
};

/* Reads the body. 0 or a reason code. */
uint8_t hwi_auth_read(struct hwi_auth *out, const struct hwi_packet *p);

/* What is written. */
struct hwi_auth_out {
    uint8_t reason;
    const struct hawser_property *properties; /* valid */
    size_t property_count;
};

void hwi_auth_write(struct hwi_writer *w, const struct hwi_auth_out *m);

#endif
