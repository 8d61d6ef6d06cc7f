/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What MQTT calls a UTF-8 Encoded String. [MQTT5 1.5.4, MQTT3 1.5.3]
 */
#ifndef HWI_WIRE_UTF8_H
#define HWI_WIRE_UTF8_H

#include <stdbool.h>

#include "hawser/mqtt.h"
#include "wire/proof.h"

/* Is it at most 65535 bytes of well-formed UTF-8 (shortest forms, no
 * surrogates, nothing above U+10FFFF) without U+0000? U+FEFF is a character
 * like others. */
/*@ requires hwi_is_readable(text);
    assigns \nothing;
    ensures \result ==> text.len <= UINT16_MAX;
    ensures \result ==>
            \forall integer i; 0 <= i < text.len ==> text.at[i] != 0;
*/
bool hwi_utf8_is_valid(struct hawser_view text);

/* The same, and neither + nor # is in it: in one pass, since every message has
 * a topic name. [MQTT5 4.7.1, MQTT3 4.7.1] */
/*@ requires hwi_is_readable(text);
    assigns \nothing;
    ensures \result ==> text.len <= UINT16_MAX;
    ensures \result ==> \forall integer i; 0 <= i < text.len ==>
            text.at[i] != 0 && text.at[i] != '+' && text.at[i] != '#';
*/
bool hwi_utf8_is_name(struct hawser_view text);

#endif
