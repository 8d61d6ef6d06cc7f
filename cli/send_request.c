/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds the command message. Numbers stay as they were typed: nothing here
 * rounds them.
 */
#include "send_request.h"

#include <stdio.h>
#include <string.h>

#define DIGITS_MAX 18 /* fit int64_t, whatever they are */

static bool is_integer(const char *text)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    size_t len = strlen(digits);
    return len > 0 && len <= DIGITS_MAX &&
           strspn(digits, "0123456789") == len &&
           (digits[0] != '0' || (len == 1 && digits == text));
}

static void add_value(struct hawser_cli_text *t, const char *value)
{
    if (is_integer(value) || strcmp(value, "true") == 0 ||
        strcmp(value, "false") == 0) {
        hawser_cli_text_add(t, value);
    } else {
        hawser_cli_text_add_json_string(t, hawser_cli_view(value));
    }
}

static struct hawser_view key_of(const char *pair)
{
    const char *equals = strchr(pair, '=');
    size_t len = equals == NULL ? 0 : (size_t)(equals - pair);
    return (struct hawser_view){(const uint8_t *)pair, len};
}

static bool is_same(struct hawser_view a, struct hawser_view b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

static bool check_pair(const struct hawser_cli_request *request, size_t i,
                       struct hawser_cli_text *why)
{
    const char *pair = request->pairs[i];
    struct hawser_view key = key_of(pair);
    if (key.len == 0) {
        hawser_cli_text_add(why, "an argument is KEY=VALUE, not \"");
        hawser_cli_text_add_shown(why, hawser_cli_view(pair));
        hawser_cli_text_add(why, "\"");
        return false;
    }
    for (size_t j = 0; j < i; j++) {
        if (is_same(key, key_of(request->pairs[j]))) {
            hawser_cli_text_add(why, "given twice: ");
            hawser_cli_text_add_shown(why, key);
            return false;
        }
    }
    return true;
}

/* Conditions of the command itself, which stand beside its arguments. */
static bool is_condition(struct hawser_view key)
{
    return is_same(key, hawser_cli_view("if_boot")) ||
           is_same(key, hawser_cli_view("expires"));
}

static void add_pair(struct hawser_cli_text *t, const char *pair)
{
    struct hawser_view key = key_of(pair);
    hawser_cli_text_add_json_string(t, key);
    hawser_cli_text_add(t, ":");
    add_value(t, pair + key.len + 1);
}

static bool check_pairs(const struct hawser_cli_request *request,
                        struct hawser_cli_text *why)
{
    for (size_t i = 0; i < request->pair_count; i++) {
        if (!check_pair(request, i, why)) {
            return false;
        }
    }
    return true;
}

/* The object of the arguments; nothing if there are none. */
static void add_args(struct hawser_cli_text *t,
                     const struct hawser_cli_request *request)
{
    bool has_args = false;
    if (request->args != NULL) {
        hawser_cli_text_add(t, request->args);
        return;
    }
    for (size_t i = 0; i < request->pair_count; i++) {
        if (!is_condition(key_of(request->pairs[i]))) {
            hawser_cli_text_add(t, has_args ? "," : "{");
            add_pair(t, request->pairs[i]);
            has_args = true;
        }
    }
    hawser_cli_text_add(t, has_args ? "}" : "");
}

static bool has_args(const struct hawser_cli_request *request)
{
    for (size_t i = 0; i < request->pair_count; i++) {
        if (!is_condition(key_of(request->pairs[i]))) {
            return true;
        }
    }
    return request->args != NULL;
}

/* A condition's value; "" if it is not among the pairs. */
static const char *condition(const struct hawser_cli_request *request,
                             const char *name)
{
    for (size_t i = 0; i < request->pair_count; i++) {
        struct hawser_view key = key_of(request->pairs[i]);
        if (is_same(key, hawser_cli_view(name))) {
            return request->pairs[i] + key.len + 1;
        }
    }
    return "";
}

static bool is_whole(const struct hawser_cli_text *t,
                     struct hawser_cli_text *why)
{
    if (t->cut) {
        hawser_cli_text_add(why, "the arguments are too long");
    }
    return !t->cut;
}

bool hawser_cli_request_build(struct hawser_cli_text *t,
                              const struct hawser_cli_request *request,
                              struct hawser_cli_text *why)
{
    hawser_cli_text_add(t, "{\"command\":");
    hawser_cli_text_add_json_string(t, hawser_cli_view(request->command));
    hawser_cli_text_add(t, ",\"id\":");
    hawser_cli_text_add_json_string(t, hawser_cli_view(request->id));
    if (request->layout == HAWSER_LAYOUT_FLAT) {
        hawser_cli_text_add(t, ",\"device\":");
        hawser_cli_text_add_json_string(t, hawser_cli_view(request->device));
    }
    if (!check_pairs(request, why)) {
        return false;
    }
    for (size_t i = 0; i < request->pair_count; i++) {
        if (is_condition(key_of(request->pairs[i]))) {
            hawser_cli_text_add(t, ",");
            add_pair(t, request->pairs[i]);
        }
    }
    if (has_args(request)) {
        hawser_cli_text_add(t, ",\"args\":");
        add_args(t, request);
    }
    if (request->sig != NULL) {
        hawser_cli_text_addf(t, ",\"sig\":\"%s\"", request->sig);
    }
    hawser_cli_text_add(t, "}");
    return is_whole(t, why);
}

bool hawser_cli_request_form(struct hawser_cli_text *t,
                             const struct hawser_cli_request *request,
                             struct hawser_cli_text *why)
{
    const char *expires = condition(request, "expires");
    const char *if_boot = condition(request, "if_boot");
    if (!check_pairs(request, why)) {
        return false;
    }
    if ((expires[0] != '\0' && !is_integer(expires)) ||
        (if_boot[0] != '\0' && !is_integer(if_boot))) {
        hawser_cli_text_add(why, "expires and if_boot are numbers");
        return false;
    }
    hawser_cli_text_addf(t, "%s\n%s\n%s\n%s\n%s\n", request->device,
                         request->command, request->id, expires, if_boot);
    add_args(t, request);
    return is_whole(t, why);
}

bool hawser_cli_request_is_bounded(const struct hawser_cli_request *request)
{
    return condition(request, "expires")[0] != '\0' ||
           condition(request, "if_boot")[0] != '\0';
}

void hawser_cli_request_topics(struct hawser_cli_topics *out, const char *root,
                               const struct hawser_cli_request *request)
{
    char own[HAWSER_ROOT_MAX + HAWSER_ID_MAX + 2];
    bool is_flat = request->layout == HAWSER_LAYOUT_FLAT;
    (void)snprintf(own, sizeof(own), "%s%s%s", root, is_flat ? "" : "/",
                   is_flat ? "" : request->device);
    (void)snprintf(out->control, sizeof(out->control), "%s/control", own);
    (void)snprintf(out->reply, sizeof(out->reply), "%s/reply", own);
    (void)snprintf(out->status, sizeof(out->status), "%s/status", own);
    out->reply_own[0] = '\0';
    if (!is_flat) {
        (void)snprintf(out->reply_own, sizeof(out->reply_own), "%s/reply/%s",
                       own, request->id);
    }
}

bool hawser_cli_is_device_id(const char *id)
{
    struct hawser_view rest = hawser_cli_view(id);
    if (rest.len == 0 || rest.len > HAWSER_ID_MAX ||
        strpbrk(id, "+#/") != NULL) {
        return false;
    }
    while (rest.len > 0) {
        uint32_t code = 0;
        size_t len = hawser_cli_utf8_next(rest, &code);
        if (len == 0 || !hawser_cli_is_shown(code)) {
            return false;
        }
        rest.at += len;
        rest.len -= len;
    }
    return true;
}
