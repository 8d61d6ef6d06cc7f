/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Topic names and filters: rules and matching. [MQTT5 4.7, 4.8.2, MQTT3 4.7]
 * Matching compares bytes: no normalisation. [MQTT-4.7.3-4]
 */
#include "wire/topic.h"

#include "wire/memory.h"
#include "wire/utf8.h"

static const uint8_t share_prefix[7] = {'$', 's', 'h', 'a', 'r', 'e', '/'};

/*@ requires n <= v.len;
    assigns \nothing;
    ensures \result.at == v.at + n && \result.len == v.len - n;
*/
static struct hawser_view without_first(struct hawser_view v, size_t n)
{
    return (struct hawser_view){v.at + n, v.len - n};
}

/* Bytes of the first level. */
/*@ requires hwi_is_readable(v);
    assigns \nothing;
    ensures \result <= v.len;
    ensures \result < v.len ==> v.at[\result] == '/';
    ensures \forall integer i; 0 <= i < \result ==> v.at[i] != '/';
*/
static size_t level_len(struct hawser_view v)
{
    size_t n = 0;

    /*@ loop invariant n <= v.len;
        loop invariant \forall integer i; 0 <= i < n ==> v.at[i] != '/';
        loop assigns n;
        loop variant v.len - n;
    */
    while (n < v.len && v.at[n] != '/') {
        n++;
    }
    return n;
}

/*@ requires hwi_is_readable(a) && hwi_is_readable(b);
    assigns \nothing;
    ensures \result <==> a.len == b.len &&
            \forall integer i; 0 <= i < a.len ==> a.at[i] == b.at[i];
*/
static bool is_equal(struct hawser_view a, struct hawser_view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/*@ requires hwi_is_readable(v);
    assigns \nothing;
    ensures \result <==> hwi_has_wildcard(v);
*/
static bool has_wildcard(struct hawser_view v)
{
    /*@ loop invariant i <= v.len;
        loop invariant \forall integer k; 0 <= k < i ==>
            v.at[k] != '+' && v.at[k] != '#';
        loop assigns i;
        loop variant v.len - i;
    */
    for (size_t i = 0; i < v.len; i++) {
        if (v.at[i] == '+' || v.at[i] == '#') {
            return true;
        }
    }
    return false;
}

bool hwi_topic_is_valid(struct hawser_view topic)
{
    /* MQTT5 4.7.3 [MQTT-4.7.3-1, -2, -3]. */
    /* MQTT5 4.7.1 [MQTT-4.7.0-1], MQTT3 4.7.1 [MQTT-4.7.1-1]. */
    return topic.len > 0 && hwi_utf8_is_name(topic);
}

/* MQTT5 4.7.1.2 [MQTT-4.7.1-1], 4.7.1.3 [MQTT-4.7.1-2]: # is the last level, +
 * is a whole level. */
/*@ requires hwi_is_readable(filter);
    assigns \nothing;
*/
static bool levels_are_valid(struct hawser_view filter)
{
    /*@ loop invariant hwi_is_readable(filter);
        loop assigns filter;
        loop variant filter.len;
    */
    for (;;) {
        size_t n = level_len(filter);
        struct hawser_view level = {filter.at, n};

        if (has_wildcard(level) && n != 1) {
            return false;
        }
        if (n == filter.len) {
            return true;
        }
        if (n == 1 && filter.at[0] == '#') {
            return false;
        }
        filter = without_first(filter, n + 1);
    }
}

bool hwi_filter_is_valid(struct hawser_view filter, enum hawser_version version)
{
    if (filter.len == 0 || !hwi_utf8_is_valid(filter)) {
        return false;
    }
    if (version == HAWSER_MQTT_5 && hwi_filter_is_shared(filter)) {
        struct hawser_view rest = without_first(filter, sizeof share_prefix);
        size_t n = level_len(rest);
        struct hawser_view name = {rest.at, n};

        /* MQTT5 4.8.2 [MQTT-4.8.2-1, -2]: a share name of at least one
         * character without wildcards, then / and a filter. */
        if (n == 0 || n + 1 >= rest.len || has_wildcard(name)) {
            return false;
        }
    }
    return levels_are_valid(filter);
}

bool hwi_filter_has_wildcard(struct hawser_view filter)
{
    return has_wildcard(filter);
}

bool hwi_filter_is_shared(struct hawser_view filter)
{
    return filter.len >= sizeof share_prefix &&
           memcmp(filter.at, share_prefix, sizeof share_prefix) == 0;
}

/*@ requires hwi_is_readable(filter) && hwi_is_readable(topic);
    assigns \nothing;
*/
bool hawser_topic_matches(struct hawser_view filter, struct hawser_view topic)
{
    /* MQTT5 4.7.2 [MQTT-4.7.2-1]: a leading wildcard leaves $ topics out. */
    if (filter.len > 0 && topic.len > 0 && topic.at[0] == '$' &&
        (filter.at[0] == '+' || filter.at[0] == '#')) {
        return false;
    }
    /*@ loop invariant hwi_is_readable(filter) && hwi_is_readable(topic);
        loop assigns filter, topic;
        loop variant filter.len;
    */
    for (;;) {
        size_t f = level_len(filter);
        size_t t = level_len(topic);
        struct hawser_view wanted = {filter.at, f};
        struct hawser_view level = {topic.at, t};
        bool is_any = f == 1 && filter.at[0] == '+';

        if (f == 1 && filter.at[0] == '#') {
            return true;
        }
        if (!is_any && !is_equal(wanted, level)) {
            return false;
        }
        if (f == filter.len) {
            return t == topic.len;
        }
        filter = without_first(filter, f + 1);
        if (t == topic.len) {
            /* "sport/#" also matches "sport". */
            return filter.len == 1 && filter.at[0] == '#';
        }
        topic = without_first(topic, t + 1);
    }
}
