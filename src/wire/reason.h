/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5 reason codes [MQTT5 2.4]: the ones this client gives a meaning to, by
 * name, and a table of which packet may carry which code from which side.
 * Inside wire and mqtt a reason code is also how a decoder says what is wrong:
 * 0 is success, whatever the version.
 */
#ifndef HWI_WIRE_REASON_H
#define HWI_WIRE_REASON_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/packet.h"

enum hwi_reason {
    HWI_OK = 0x00,
    HWI_REFUSAL = 0x80, /* this and everything above */
    HWI_MALFORMED = 0x81,
    HWI_PROTOCOL_ERROR = 0x82,
    HWI_UNSUPPORTED_VERSION = 0x84,
    HWI_BAD_CLIENT_ID = 0x85,
    HWI_BAD_LOGIN = 0x86,
    HWI_NOT_AUTHORISED = 0x87,
    HWI_SERVER_UNAVAILABLE = 0x88,
    HWI_UNKNOWN_ID = 0x92,
    HWI_RECEIVE_MAXIMUM_EXCEEDED = 0x93,
    HWI_BAD_TOPIC_ALIAS = 0x94,
    HWI_PACKET_TOO_LARGE = 0x95,
    HWI_QUOTA_EXCEEDED = 0x97,
    HWI_RETAIN_NOT_SUPPORTED = 0x9A,
    HWI_QOS_NOT_SUPPORTED = 0x9B
};

/* May a packet of this type, sent by this side, carry this code? [MQTT5 2.4]
 * False for a number that is no reason code. */
/*@ requires type < HWI_PACKET_TYPES;
    assigns \nothing;
*/
bool hwi_reason_is_allowed(uint8_t code, enum hwi_packet_type type,
                           enum hwi_sender sender);

#endif
