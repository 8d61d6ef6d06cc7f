/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Topic names and topic filters. [MQTT5 4.7, 4.8.2, MQTT3 4.7]
 * hawser_topic_matches() of mqtt.h is implemented here too.
 */
#ifndef HWI_WIRE_TOPIC_H
#define HWI_WIRE_TOPIC_H

#include <stdbool.h>

#include "hawser/mqtt.h"
#include "wire/proof.h"

/*@ predicate hwi_has_wildcard(struct hawser_view v) =
        \exists integer i; 0 <= i < v.len &&
            (v.at[i] == '+' || v.at[i] == '#');
*/

/* Can it be published to: 1..65535 bytes of MQTT's UTF-8 without + and #? */
/*@ requires hwi_is_readable(topic);
    assigns \nothing;
    ensures \result ==> 1 <= topic.len <= UINT16_MAX;
    ensures \result ==> \forall integer i; 0 <= i < topic.len ==>
            topic.at[i] != 0 && topic.at[i] != '+' && topic.at[i] != '#';
*/
bool hwi_topic_is_valid(struct hawser_view topic);

/* Can it be subscribed to: 1..65535 bytes of MQTT's UTF-8, + alone in a level,
 * # alone in the last one? With 5.0 also the form of $share/NAME/FILTER. */
/*@ requires hwi_is_readable(filter);
    assigns \nothing;
    ensures \result ==> 1 <= filter.len <= UINT16_MAX;
    ensures \result ==>
            \forall integer i; 0 <= i < filter.len ==> filter.at[i] != 0;
*/
bool hwi_filter_is_valid(struct hawser_view filter,
                         enum hawser_version version);

/* Does a valid filter hold + or #? (A share name cannot.) */
/*@ requires hwi_is_readable(filter);
    assigns \nothing;
    ensures \result <==> hwi_has_wildcard(filter);
*/
bool hwi_filter_has_wildcard(struct hawser_view filter);

/* Does a filter begin with "$share/"? [MQTT5 4.8.2] */
/*@ requires hwi_is_readable(filter);
    assigns \nothing;
    ensures \result ==> filter.len >= 7 && filter.at[0] == '$';
*/
bool hwi_filter_is_shared(struct hawser_view filter);

#endif
