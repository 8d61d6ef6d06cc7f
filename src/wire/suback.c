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

/*@ assigns \nothing; */
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
    uint16_t packet_id = hwi_read_u16(&r);
    struct hawser_view properties = {NULL, 0};
    struct hawser_view reasons;

    if (p->version == HAWSER_MQTT_5) {
        properties = hwi_read_properties(&r, HWI_SUBACK);
    }
    /*@ assert hwi_is_in_body{Pre}(properties, p); */
    /*@ assert hwi_reads(&r, \at(p->body, Pre)); */
    reasons = hwi_read_bytes(&r, r.left);
    *out = (struct hwi_suback){packet_id, properties, reasons};
    if (r.fault != HWI_OK) {
        return r.fault;
    }
    /* MQTT5 3.9.3, MQTT3 3.9.3: one code for each filter, never none. */
    if (reasons.len == 0) {
        return HWI_MALFORMED;
    }
    /*@ loop invariant i <= reasons.len;
        loop assigns i;
        loop variant reasons.len - i;
    */
    for (size_t i = 0; i < reasons.len; i++) {
        if (!code_is_known(reasons.at[i], (enum hawser_version)p->version)) {
            return HWI_PROTOCOL_ERROR;
        }
    }
    return HWI_OK;
}
