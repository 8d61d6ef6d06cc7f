/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads replies. Everything in them is a stranger's: it is checked, and shown
 * escaped.
 */
#include "send_reply.h"

#include <string.h>

#include "when.h"

static bool is_one_of(struct hawser_view value, const char *const *words,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hawser_cli_json_is(value, words[i])) {
            return true;
        }
    }
    return false;
}

enum hawser_cli_reply_kind hawser_cli_reply_read(struct hawser_cli_object *out,
                                                 struct hawser_view payload,
                                                 const char *id)
{
    static const char *const progress[] = {"accepted", "running"};
    struct hawser_cli_object answer;
    if (!hawser_cli_json_read(out, payload) ||
        !hawser_cli_json_is(hawser_cli_json_get(out, "id"), id)) {
        return HAWSER_REPLY_OTHER;
    }
    struct hawser_view word = hawser_cli_json_get(out, "status");
    if (hawser_cli_json_is(word, "duplicate") &&
        hawser_cli_json_read(&answer, hawser_cli_json_get(out, "answer"))) {
        word = hawser_cli_json_get(&answer, "status"); /* what came of it */
    }
    if (is_one_of(word, progress, sizeof(progress) / sizeof(progress[0]))) {
        return HAWSER_REPLY_PROGRESS;
    }
    return hawser_cli_json_is(word, "succeeded") ? HAWSER_REPLY_SUCCEEDED
                                                 : HAWSER_REPLY_FAILED;
}

static bool is_in_headline(struct hawser_view name)
{
    static const char *const names[] = {"device", "command", "status", "id"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (name.len == strlen(names[i]) &&
            memcmp(name.at, names[i], name.len) == 0) {
            return true;
        }
    }
    return false;
}

/* A line for each member; those of an inner object stand below it. */
static void add_members(struct hawser_cli_text *t,
                        const struct hawser_cli_object *o, const char *indent)
{
    for (size_t i = 0; i < o->count; i++) {
        hawser_cli_text_add(t, indent);
        hawser_cli_text_add_shown(t, o->members[i].name);
        hawser_cli_text_add(t, ": ");
        hawser_cli_json_add_shown(t, o->members[i].value);
        hawser_cli_text_add(t, "\n");
    }
}

static void add_member(struct hawser_cli_text *t,
                       const struct hawser_cli_member *member)
{
    struct hawser_cli_object inner = {.count = 0};
    hawser_cli_text_add(t, "  ");
    hawser_cli_text_add_shown(t, member->name);
    hawser_cli_text_add(t, ":");
    if (hawser_cli_json_read(&inner, member->value)) {
        hawser_cli_text_add(t, "\n");
        add_members(t, &inner, "    ");
    } else {
        hawser_cli_text_add(t, " ");
        hawser_cli_json_add_shown(t, member->value);
        hawser_cli_text_add(t, "\n");
    }
}

void hawser_cli_reply_add_shown(struct hawser_cli_text *t,
                                const struct hawser_cli_object *reply)
{
    hawser_cli_json_add_shown(t, hawser_cli_json_get(reply, "device"));
    hawser_cli_text_add(t, ": ");
    hawser_cli_json_add_shown(t, hawser_cli_json_get(reply, "command"));
    hawser_cli_text_add(t, " ");
    hawser_cli_json_add_shown(t, hawser_cli_json_get(reply, "status"));
    hawser_cli_text_add(t, "\n");
    for (size_t i = 0; i < reply->count; i++) {
        if (!is_in_headline(reply->members[i].name)) {
            add_member(t, &reply->members[i]);
        }
    }
}

bool hawser_cli_status_is_of(struct hawser_view payload, const char *device)
{
    struct hawser_cli_object status;
    if (!hawser_cli_json_read(&status, payload)) {
        return false;
    }
    struct hawser_view name = hawser_cli_json_get(&status, "device");
    return name.at == NULL || hawser_cli_json_is(name, device);
}

void hawser_cli_status_add_shown(struct hawser_cli_text *t,
                                 struct hawser_view payload, const char *device)
{
    struct hawser_cli_object status;
    if (payload.at == NULL) {
        hawser_cli_text_add(t, "no device of this name has ever reported here");
        return;
    }
    if (!hawser_cli_json_read(&status, payload)) {
        hawser_cli_text_add(t, "its last status is not readable");
        return;
    }
    if (!hawser_cli_status_is_of(payload, device)) {
        hawser_cli_text_add(t, "the last status here is of another device, ");
        hawser_cli_json_add_shown(t, hawser_cli_json_get(&status, "device"));
        return;
    }
    uint64_t since_ms =
        hawser_cli_moment_read(hawser_cli_json_get(&status, "time"));
    hawser_cli_text_add(t, "its last status is ");
    hawser_cli_json_add_shown(t, hawser_cli_json_get(&status, "status"));
    if (since_ms > 0) {
        hawser_cli_text_add(t, ", reported at ");
        hawser_cli_text_add_moment(t, since_ms);
    }
}
