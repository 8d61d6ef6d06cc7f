/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events as JSON, one a line, written at once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/text.h"
#include "driver.h"

/* What is not UTF-8 stands in "NAME_hex" instead. */
static void add_bytes(struct hawser_cli_text *t, const char *name,
                      struct hawser_view v)
{
    bool is_text = true;
    uint32_t code = 0;

    for (size_t i = 0, n = 1; is_text && i < v.len; i += n) {
        n = hawser_cli_utf8_next((struct hawser_view){v.at + i, v.len - i},
                                 &code);
        is_text = n > 0 && code != 0;
    }
    if (is_text) {
        hawser_cli_text_addf(t, ",\"%s\":", name);
        hawser_cli_text_add_json_string(t, v);
        return;
    }
    hawser_cli_text_addf(t, ",\"%s_hex\":\"", name);
    for (size_t i = 0; i < v.len; i++) {
        hawser_cli_text_addf(t, "%02x", v.at[i]);
    }
    hawser_cli_text_add(t, "\"");
}

static void add_properties(struct hawser_cli_text *t, struct hawser_view rest)
{
    struct hawser_property p;
    const char *before = "";

    hawser_cli_text_add(t, ",\"properties\":[");
    while (hawser_property_next(&rest, &p)) {
        hawser_cli_text_addf(t, "%s{\"id\":\"%s\"", before,
                             driver_property_name(p.id));
        if (driver_property_is_number(p.id)) {
            hawser_cli_text_addf(t, ",\"value\":%u", (unsigned)p.number);
        } else {
            if (p.id == HAWSER_PROP_USER) {
                add_bytes(t, "name", p.name);
            }
            add_bytes(t, "value", p.value);
        }
        hawser_cli_text_add(t, "}");
        before = ",";
    }
    hawser_cli_text_add(t, "]");
}

const char *driver_event_name(const struct hawser_event *ev)
{
    static const char *const names[] = {
        [HAWSER_EVENT_CONNECTED] = "connected",
        [HAWSER_EVENT_REFUSED] = "refused",
        [HAWSER_EVENT_MESSAGE] = "message",
        [HAWSER_EVENT_PUBLISHED] = "published",
        [HAWSER_EVENT_SUBSCRIBED] = "subscribed",
        [HAWSER_EVENT_UNSUBSCRIBED] = "unsubscribed",
        [HAWSER_EVENT_DISCONNECTED] = "disconnected",
        [HAWSER_EVENT_AUTH] = "auth",
    };

    return names[ev->kind];
}

static void add_message(struct hawser_cli_text *t,
                        const struct hawser_event *ev)
{
    add_bytes(t, "topic", ev->topic);
    hawser_cli_text_addf(t, ",\"qos\":%u,\"retain\":%s,\"dup\":%s", ev->qos,
                         ev->retain ? "true" : "false",
                         ev->dup ? "true" : "false");
    hawser_cli_text_addf(t, ",\"payload_offset\":%u,\"payload_left\":%u",
                         (unsigned)ev->payload_offset,
                         (unsigned)ev->payload_left);
    add_bytes(t, "payload", ev->payload);
}

static void add_reasons(struct hawser_cli_text *t, struct hawser_view reasons)
{
    hawser_cli_text_add(t, ",\"reasons\":[");
    for (size_t i = 0; i < reasons.len; i++) {
        hawser_cli_text_addf(t, "%s%u", i == 0 ? "" : ",", reasons.at[i]);
    }
    hawser_cli_text_add(t, "]");
}

void driver_print_event(const struct hawser_event *ev)
{
    size_t size = (ev->payload.len + ev->topic.len + ev->properties.len +
                   ev->reasons.len) *
                      8 +
                  4096;
    char *room = malloc(size);

    if (room == NULL) {
        driver_print("error", "detail", "not enough memory", -1);
        return;
    }
    struct hawser_cli_text t = hawser_cli_text_in(room, size);
    hawser_cli_text_addf(&t, "{\"event\":\"%s\"", driver_event_name(ev));
    if (ev->packet_id != 0) {
        hawser_cli_text_addf(&t, ",\"packet_id\":%u", ev->packet_id);
    }
    if (ev->kind == HAWSER_EVENT_MESSAGE) {
        add_message(&t, ev);
    } else if (ev->kind == HAWSER_EVENT_SUBSCRIBED ||
               ev->kind == HAWSER_EVENT_UNSUBSCRIBED) {
        add_reasons(&t, ev->reasons);
    } else {
        hawser_cli_text_addf(&t, ",\"reason\":%u", ev->reason);
    }
    if (ev->kind == HAWSER_EVENT_CONNECTED) {
        hawser_cli_text_addf(&t, ",\"session_present\":%s",
                             ev->session_present ? "true" : "false");
    }
    add_properties(&t, ev->properties);
    hawser_cli_text_add(&t, "}");
    puts(room);
    (void)fflush(stdout);
    free(room);
}

void driver_print(const char *name, const char *key, const char *text,
                  int64_t number)
{
    char room[1024];
    struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room) - 4);

    hawser_cli_text_addf(&t, "{\"event\":\"%s\"", name);
    if (text != NULL) {
        hawser_cli_text_addf(&t, ",\"%s\":", key);
        hawser_cli_text_add_json_string(&t, hawser_cli_view(text));
    }
    if (number >= 0) {
        hawser_cli_text_addf(&t, ",\"number\":%lld", (long long)number);
    }
    printf("%s}\n", room);
    (void)fflush(stdout);
}
