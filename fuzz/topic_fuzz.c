/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes topics: validation against matching. The input is a filter and a topic
 * with a zero byte between them. A slow, plain matcher gives the right answer.
 */
#include <string.h>

#include "fuzz.h"
#include "wire/topic.h"

/* By the words of [MQTT5 4.7]; recursive, for short texts. */
static bool matches(const uint8_t *f, const uint8_t *fe, const uint8_t *t,
                    const uint8_t *te)
{
    if (f == fe) {
        return t == te;
    }
    if (*f == '#') {
        return true;
    }
    if (*f == '+') {
        while (t < te && *t != '/') {
            t++;
        }
        f++;
    } else if (t < te && *f == *t) {
        return f[0] == '/' && f + 2 == fe && f[1] == '#'
                   ? true
                   : matches(f + 1, fe, t + 1, te);
    } else {
        return t == te && fe - f == 2 && f[0] == '/' && f[1] == '#';
    }
    return matches(f, fe, t, te);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *zero = size > 0 ? memchr(data, 0, size) : NULL;
    struct hawser_view filter;
    struct hawser_view topic;
    bool expected;

    if (zero == NULL || size > 512) {
        return 0;
    }
    filter = (struct hawser_view){data, (size_t)(zero - data)};
    topic = (struct hawser_view){zero + 1, size - filter.len - 1};
    expected = hawser_topic_matches(filter, topic);
    if (!hwi_filter_is_valid(filter, HAWSER_MQTT_3_1_1) ||
        !hwi_topic_is_valid(topic)) {
        (void)hwi_filter_is_valid(filter, HAWSER_MQTT_5);
        return 0; /* no harm was done */
    }
    if (topic.at[0] == '$' && hwi_filter_has_wildcard(filter) &&
        filter.at[0] != '$' && (filter.at[0] == '+' || filter.at[0] == '#')) {
        must(!expected);
        return 0;
    }
    must(expected == matches(filter.at, filter.at + filter.len, topic.at,
                             topic.at + topic.len));
    must(!hwi_topic_is_valid(filter) || hawser_topic_matches(filter, filter));
    return 0;
}
