/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CONNACK. [MQTT5 3.2, MQTT3 3.2]
 */
#include "wire/connack.h"

#include "wire/property.h"
#include "wire/reason.h"

/* 3.1.1 return codes 0 to 5 as the reason codes that mean the same. */
static const uint8_t translated[] = {
    HWI_OK,
    HWI_UNSUPPORTED_VERSION,
    HWI_BAD_CLIENT_ID,
    HWI_SERVER_UNAVAILABLE,
    HWI_BAD_LOGIN,
    HWI_NOT_AUTHORISED,
};

/* The answer that a 3.1.1 server gives to a protocol level it does not know. */
#define UNACCEPTABLE_LEVEL 1

/*@ requires hwi_reader_is_sound(r);
    assigns *r;
    ensures hwi_reader_is_sound(r) && hwi_reader_went_on{Pre, Post}(r);
*/
static uint8_t read_code(struct hwi_reader *r, bool is_short)
{
    uint8_t code = hwi_read_u8(r);

    if (!is_short) {
        /* MQTT5 3.2.2.2 [MQTT-3.2.2-8]: one of the table's. */
        if (!hwi_reason_is_allowed(code, HWI_CONNACK, HWI_SERVER)) {
            hwi_read_fail(r, HWI_PROTOCOL_ERROR);
        }
        return code;
    }
    /* MQTT3 3.2.2.3, table 3.1: others are reserved. */
    if (code >= sizeof translated) {
        hwi_read_fail(r, HWI_PROTOCOL_ERROR);
        return HWI_OK;
    }
    return translated[code];
}

/*@ requires hwi_is_readable(properties);
    assigns \nothing;
*/
static uint8_t check_auth(struct hawser_view properties)
{
    struct hawser_property p;

    /* MQTT5 3.2.2.3.18, 4.12: data only with a method. */
    return hwi_property_find(properties, HAWSER_PROP_AUTH_DATA, &p) &&
                   !hwi_property_find(properties, HAWSER_PROP_AUTH_METHOD, &p)
               ? HWI_PROTOCOL_ERROR
               : HWI_OK;
}

uint8_t hwi_connack_read(struct hwi_connack *out, const struct hwi_packet *p)
{
    struct hwi_reader r = hwi_reader_of(p->body);
    bool is_short = p->version == HAWSER_MQTT_3_1_1 ||
                    (p->body.len == 2 && p->body.at[1] == UNACCEPTABLE_LEVEL);
    uint8_t flags = hwi_read_u8(&r);
    bool session_present = flags % 2 != 0;
    uint8_t reason;
    struct hawser_view properties = {NULL, 0};

    /* MQTT5 3.2.2.1 [MQTT-3.2.2-1], MQTT3 3.2.2.1: bits 7 to 1 are 0. */
    if (flags > 1) {
        hwi_read_fail(&r, HWI_MALFORMED);
    }
    reason = read_code(&r, is_short);
    /*@ assert hwi_reads(&r, \at(p->body, Pre)); */
    if (!is_short) {
        properties = hwi_read_properties(&r, HWI_CONNACK);
    }
    /*@ assert hwi_is_in_body{Pre}(properties, p); */
    /*@ assert hwi_reader_is_sound(&r); */
    /* MQTT5 3.2.2.1.1 [MQTT-3.2.2-6], MQTT3 3.2.2.2 [MQTT-3.2.2-4]: a refusal
     * has no session. */
    if (session_present && reason != HWI_OK) {
        hwi_read_fail(&r, HWI_PROTOCOL_ERROR);
    }
    *out = (struct hwi_connack){session_present, reason, properties};
    if (hwi_read_end(&r) != HWI_OK) {
        return r.fault;
    }
    return check_auth(properties);
}
