/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SUBSCRIBE, which only a client sends. [MQTT5 3.8, MQTT3 3.8]
 */
#ifndef HWI_WIRE_SUBSCRIBE_H
#define HWI_WIRE_SUBSCRIBE_H

#include "wire/cursor.h"

/* What it asks for. */
struct hwi_subscribe {
    uint16_t packet_id;
    const struct hawser_filter *filters; /* at least one, valid */
    size_t count;
    const struct hawser_property *properties; /* valid; 5.0 */
    size_t property_count;
};

/* Writes the packet; with 3.1.1 the options but QoS are left out. Bad if it
 * is too long for the format. */
void hwi_subscribe_write(struct hwi_writer *w, const struct hwi_subscribe *m,
                         enum hawser_version version);

#endif
