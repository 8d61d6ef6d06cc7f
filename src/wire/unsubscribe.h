/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UNSUBSCRIBE, which only a client sends. [MQTT5 3.10, MQTT3 3.10]
 */
#ifndef HWI_WIRE_UNSUBSCRIBE_H
#define HWI_WIRE_UNSUBSCRIBE_H

#include "wire/cursor.h"

/* What it no longer wants. */
struct hwi_unsubscribe {
    uint16_t packet_id;
    const struct hawser_view *filters; /* at least one, valid */
    size_t count;
    const struct hawser_property *properties; /* valid; 5.0 */
    size_t property_count;
};

/* Writes the packet. Bad if it is too long for the format. */
void hwi_unsubscribe_write(struct hwi_writer *w,
                           const struct hwi_unsubscribe *m,
                           enum hawser_version version);

#endif
