/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client that is fuzzed. [side.h]
 */
#include "side.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

void side_tell(struct side *s, const void *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        s->story = (s->story ^ ((const uint8_t *)at)[i]) * 1099511628211u;
    }
}

static void take_event(struct side *s, const struct hawser_event *ev)
{
    struct hawser_view rest = ev->properties;
    struct hawser_property p;

    must(ev->payload_offset == s->payload_at);
    s->payload_at += (uint32_t)ev->payload.len;
    side_tell(s, ev->payload.at, ev->payload.len);
    if (ev->payload_left > 0) {
        return;
    }
    s->payload_at = 0;
    side_tell(s, &ev->kind, sizeof ev->kind);
    side_tell(s, &ev->packet_id, sizeof ev->packet_id);
    side_tell(s, ev->topic.at, ev->topic.len);
    side_tell(s, ev->reasons.at, ev->reasons.len);
    while (hawser_property_next(&rest, &p)) {
        side_tell(s, p.name.at, p.name.len);
        side_tell(s, p.value.at, p.value.len);
        side_tell(s, &p.number, sizeof p.number);
    }
    must(rest.len == 0);
    if (ev->kind == HAWSER_EVENT_MESSAGE && ev->qos > 0) {
        int err = hawser_accept(&s->c, 1, ev->packet_id, 0);

        must(err == 0);
    }
}

int side_feed(struct side *s, const uint8_t *in, size_t len)
{
    int err = 0;

    while (err == 0 && len > 0) {
        uint8_t *copy = malloc(len);
        struct hawser_event ev;
        const uint8_t *at;
        size_t used;

        memcpy(copy, in, len);
        err = hawser_feed(&s->c, 1, copy, len, &used);
        must(used <= len && (err != 0 || used == len || s->c.has_event));
        while (hawser_next_event(&s->c, &ev)) {
            take_event(s, &ev);
        }
        hawser_sent(&s->c, 0, hawser_out(&s->c, &at)); /* room for acks */
        free(copy);
        in += used;
        len -= used;
    }
    return err;
}
