/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Topics are put together anew whenever one is needed: the parts are in the
 * configuration, and a copy of each would be seven copies of the same prefix.
 */
#include "device/topics.h"

#include "device/json_write.h"
#include "wire/memory.h"
#include "wire/utf8.h"

#define ROOT_DEFAULT "hawser"

_Static_assert(HAWSER_ROOT_MAX + HAWSER_ID_MAX + HWI_RESPONSE_MAX + 2 <=
                   HWI_TOPIC_SIZE,
               "the longest topic fits");

static size_t add(uint8_t *out, size_t len, struct hawser_view v)
{
    memcpy(out + len, v.at, v.len);
    return len + v.len;
}

/* "<root>/<id>/" or "<root>/". */
static size_t write_prefix(const struct hawser_device_config *cfg,
                           uint8_t out[HWI_TOPIC_SIZE])
{
    size_t len =
        add(out, 0, hwi_view(cfg->root == NULL ? ROOT_DEFAULT : cfg->root));

    out[len++] = '/';
    if (cfg->layout == HAWSER_LAYOUT_DEVICE) {
        len = add(out, len, hwi_view(cfg->id));
        out[len++] = '/';
    }
    return len;
}

struct hawser_view hwi_topic(const struct hawser_device_config *cfg,
                             struct hawser_view word,
                             uint8_t out[HWI_TOPIC_SIZE])
{
    size_t len = write_prefix(cfg, out);

    if (word.len > HWI_RESPONSE_MAX) {
        word.len = HWI_RESPONSE_MAX;
    }
    return (struct hawser_view){out, add(out, len, word)};
}

static bool is_same(struct hawser_view a, struct hawser_view b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

bool hwi_topic_is(const struct hawser_device_config *cfg, const char *word,
                  struct hawser_view topic)
{
    uint8_t buffer[HWI_TOPIC_SIZE];

    return is_same(hwi_topic(cfg, hwi_view(word), buffer), topic);
}

static bool has_byte(struct hawser_view v, uint8_t byte)
{
    for (size_t i = 0; i < v.len; i++) {
        if (v.at[i] == byte) {
            return true;
        }
    }
    return false;
}

static struct hawser_view last_level(struct hawser_view topic)
{
    size_t at = topic.len;

    while (at > 0 && topic.at[at - 1] != '/') {
        at--;
    }
    return (struct hawser_view){topic.at + at, topic.len - at};
}

/* Is it an alert's topic, alert/<name>? */
static bool is_alert(struct hawser_view topic)
{
    size_t name_len = last_level(topic).len;

    if (name_len == topic.len) {
        return false;
    }
    topic.len -= name_len + 1;
    return is_same(last_level(topic), hwi_view("alert"));
}

bool hwi_topic_takes_reply(const struct hawser_device_config *cfg,
                           struct hawser_view topic, struct hawser_view *below)
{
    static const char *const taken[] = {"status",  "security", "data",
                                        "control", "event",    "cert"};
    uint8_t prefix[HWI_TOPIC_SIZE];
    size_t len = write_prefix(cfg, prefix);

    if (topic.len <= len || topic.len > len + HWI_RESPONSE_MAX ||
        memcmp(topic.at, prefix, len) != 0) {
        return false;
    }
    *below = (struct hawser_view){topic.at + len, topic.len - len};
    if (has_byte(*below, '+') || has_byte(*below, '#') || is_alert(*below)) {
        return false;
    }
    /* The last level: in the flat layout other devices may be below us. */
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (is_same(last_level(*below), hwi_view(taken[i]))) {
            return false;
        }
    }
    return true;
}

static bool is_clean(struct hawser_view text)
{
    if (!hwi_utf8_is_valid(text) || has_byte(text, '+') ||
        has_byte(text, '#')) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.at[i];
        /* U+0080..U+009F are C2 80..C2 9F. */
        if (byte < 0x20 || byte == 0x7F ||
            (byte == 0xC2 && text.at[i + 1] < 0xA0)) {
            return false;
        }
    }
    return true;
}

bool hwi_topic_root_is_valid(struct hawser_view text)
{
    /* MQTT5 4.7.2 [MQTT-4.7.2-1]: what begins with $ is the server's. */
    return text.len >= 1 && text.len <= HAWSER_ROOT_MAX && is_clean(text) &&
           text.at[0] != '/' && text.at[0] != '$' &&
           text.at[text.len - 1] != '/';
}

bool hwi_topic_level_is_valid(struct hawser_view text)
{
    return text.len >= 1 && text.len <= HAWSER_ID_MAX && is_clean(text) &&
           !has_byte(text, '/');
}
