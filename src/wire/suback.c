/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SUBACK. [MQTT5 3.9, MQTT3 3.9]
 */
#include "wire/suback.h"

#include <stdbool.h>

#include "wire/property.h"
#include "wire/reason.h"

#define QOS_MAX 2

/* The one refusal of 3.1.1. */
#define FAILURE 0x80

static bool code_is_known(uint8_t code, enum hawser_version version)
{
    /* MQTT3 3.9.3 [MQTT-3.9.3-2]: four codes, the others are reserved. */
    if (version != HAWSER_MQTT_5) {
        return code <= QOS_MAX || code == FAILURE;
    }
    /* MQTT5 3.9.3 [MQTT-3.9.3-2]: one of the table's. */
    return hwi_reason_is_allowed(code, HWI_SUBACK, HWI_SERVER);
}

uint8_t hwi_suback_read(struct hwi_suback *out, const struct hwi_packet *p)
{
    struct hwi_reader r = hwi_reader_of(p->body);

    *out = (struct hwi_suback){.packet_id = hwi_read_u16(&r)};
    if (p->version == HAWSER_MQTT_5) {
        out->properties = hwi_read_properties(&r, HWI_SUBACK);
    }
    out->reasons = hwi_read_bytes(&r, r.left);
    if (r.fault != HWI_OK) {
        return r.fault;
    }
    /* MQTT5 3.9.3, MQTT3 3.9.3: one code for each filter, never none. */
    if (out->reasons.len == 0) {
        return HWI_MALFORMED;
    }
    for (size_t i = 0; i < out->reasons.len; i++) {
        if (!code_is_known(out->reasons.at[i],
                           (enum hawser_version)p->version)) {
            return HWI_PROTOCOL_ERROR;
        }
    }
    return HWI_OK;
}
