/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Topic aliases: a table for each side. An alias takes an equal part of the
 * caller's span: its head, then its topic. Ours are given to topics as messages
 * come, the least recently used one makes place; none is used for what is
 * stored, so a message can be sent again on another connection, where no alias
 * stands for anything. [MQTT5 3.3.2.3.4]
 */
#include "mqtt/client.h"

#include "wire/memory.h"
#include "wire/reason.h"

/* In front of the topic in each part. The server knows ours once is_told. */
struct head {
    uint16_t len; /* 0: the alias stands for nothing */
    uint8_t is_told;
    uint8_t unused;
    uint32_t used_at;
};

/* An alias instead of a topic: identifier, number. It must be worth it. */
#define WORTH_LEN 4u

struct table {
    struct hawser_span span;
    uint16_t count;
};

static struct table in_of(const struct hawser_client *c)
{
    return (struct table){c->cfg->aliases_in, c->cfg->alias_in_count};
}

/* Ours, as far as the server allows; 5.0 only. */
static struct table out_of(const struct hawser_client *c)
{
    uint16_t allowed = c->limits.topic_alias_maximum;
    uint16_t count = c->cfg->alias_out_count;

    return (struct table){c->cfg->aliases_out,
                          allowed < count ? allowed : count};
}

static size_t part_len(struct hawser_span span, uint16_t count)
{
    return count == 0 ? 0 : span.size / count;
}

static bool span_is_usable(struct hawser_span span, uint16_t count)
{
    return count == 0 ||
           (span.at != NULL && part_len(span, count) > sizeof(struct head));
}

bool hwi_alias_memory_is_usable(const struct hawser_config *cfg)
{
    return span_is_usable(cfg->aliases_in, cfg->alias_in_count) &&
           span_is_usable(cfg->aliases_out, cfg->alias_out_count);
}

/* Parts are cut by what the caller gave, not by what the server allows. */
static uint8_t *part(struct hawser_span span, uint16_t count, size_t alias)
{
    return span.at + part_len(span, count) * (alias - 1);
}

static uint8_t *in_part(const struct hawser_client *c, size_t alias)
{
    return part(c->cfg->aliases_in, c->cfg->alias_in_count, alias);
}

static uint8_t *out_part(const struct hawser_client *c, size_t alias)
{
    return part(c->cfg->aliases_out, c->cfg->alias_out_count, alias);
}

static struct head head_of(const uint8_t *at)
{
    struct head h;

    memcpy(&h, at, sizeof h);
    return h;
}

static struct hawser_view topic_of(const uint8_t *at)
{
    return (struct hawser_view){at + sizeof(struct head), head_of(at).len};
}

static bool fits(struct hawser_view topic, struct hawser_span span,
                 uint16_t count)
{
    return topic.len <= part_len(span, count) - sizeof(struct head);
}

static void put(uint8_t *at, struct head h, struct hawser_view topic)
{
    h.len = (uint16_t)topic.len;
    memcpy(at, &h, sizeof h);
    memmove(at + sizeof h, topic.at, topic.len);
}

void hwi_alias_reset(struct hawser_client *c)
{
    static const struct head none;

    for (size_t i = 1; i <= c->cfg->alias_in_count; i++) {
        memcpy(in_part(c, i), &none, sizeof none);
    }
    for (size_t i = 1; i <= c->cfg->alias_out_count; i++) {
        memcpy(out_part(c, i), &none, sizeof none);
    }
}

/* Theirs -------------------------------------------------------------------- */

uint8_t hwi_alias_take(struct hawser_client *c, struct hwi_publish *m)
{
    struct table in = in_of(c);

    if (m->alias == 0) {
        return HWI_OK;
    }
    /* MQTT5 3.1.2.11.5 [MQTT-3.1.2-26, 27]: not above what we allow. */
    if (m->alias > in.count) {
        return HWI_BAD_TOPIC_ALIAS;
    }
    if (m->topic.len > 0) {
        if (!fits(m->topic, in.span, in.count)) {
            return HWI_QUOTA_EXCEEDED;
        }
        put(in_part(c, m->alias), (struct head){.len = 0}, m->topic);
        return HWI_OK;
    }
    m->topic = topic_of(in_part(c, m->alias));
    /* MQTT5 3.3.4: an alias that stands for nothing. */
    return m->topic.len > 0 ? HWI_OK : HWI_PROTOCOL_ERROR;
}

/* Ours ---------------------------------------------------------------------- */

static bool is_same(struct hawser_view a, struct hawser_view b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* The alias of this topic; else, if it may have one, that which was used least
 * recently. 0: none. */
static size_t choose(const struct hawser_client *c, struct hawser_view topic)
{
    struct table out = out_of(c);
    size_t oldest = 0;
    uint32_t oldest_age = 0;

    for (size_t i = 1; i <= out.count; i++) {
        const uint8_t *at = out_part(c, i);
        struct head h = head_of(at);
        uint32_t age = h.len == 0 ? UINT32_MAX : c->alias_uses - h.used_at;

        if (is_same(topic_of(at), topic)) {
            return i;
        }
        if (oldest == 0 || age > oldest_age) {
            oldest = i;
            oldest_age = age;
        }
    }
    return topic.len >= WORTH_LEN &&
                   fits(topic, out.span, c->cfg->alias_out_count)
               ? oldest
               : 0;
}

bool hwi_alias_is_possible(const struct hawser_client *c, uint16_t alias,
                           struct hawser_view topic)
{
    struct table out = out_of(c);

    /* MQTT5 3.3.2.3.4 [MQTT-3.3.2-9]. */
    return alias <= out.count && fits(topic, out.span, c->cfg->alias_out_count);
}

struct hawser_view hwi_alias_topic(const struct hawser_client *c,
                                   uint16_t alias)
{
    return alias <= out_of(c).count ? topic_of(out_part(c, alias))
                                    : (struct hawser_view){NULL, 0};
}

void hwi_alias_apply(const struct hawser_client *c, struct hwi_publish_out *m)
{
    const uint8_t *at;

    if (m->alias == 0 && c->version == HAWSER_MQTT_5) {
        m->alias = (uint16_t)choose(c, m->topic);
    }
    if (m->alias == 0) {
        return;
    }
    at = out_part(c, m->alias);
    if (is_same(topic_of(at), m->topic) && head_of(at).is_told != 0) {
        m->topic.len = 0;
    }
}

void hwi_alias_set(struct hawser_client *c, uint16_t alias,
                   struct hawser_view topic, bool is_told)
{
    uint8_t *at = out_part(c, alias);

    if (is_told || !is_same(topic_of(at), topic)) {
        c->alias_uses++;
        put(at, (struct head){.is_told = is_told, .used_at = c->alias_uses},
            topic);
    }
}
