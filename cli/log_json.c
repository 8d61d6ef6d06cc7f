/* SPDX-License-Identifier: Apache-2.0 */
/*
 * {"time":"2026-11-23T01:50:00.123Z","level":"info","event":"online",...}
 */
#include "log.h"

#include "text.h"
#include "when.h"

#define CUT_END ",\"truncated\":true}"

static const char *const levels[] = {
    [HAWSER_LOG_DEBUG] = "debug",
    [HAWSER_LOG_INFO] = "info",
    [HAWSER_LOG_WARNING] = "warning",
    [HAWSER_LOG_ERROR] = "error",
};

static void add_member(struct hawser_cli_text *t, const struct hawser_field *f)
{
    hawser_cli_text_addf(t, ",\"%s\":", f->name);
    if (f->text.at != NULL) {
        hawser_cli_text_add_json_string(t, f->text);
    } else if (f->is_bool) {
        hawser_cli_text_add(t, f->number != 0 ? "true" : "false");
    } else {
        hawser_cli_text_addf(t, "%lld", (long long)f->number);
    }
}

size_t hawser_cli_log_json(char *room, size_t size,
                           const struct hawser_log *entry, uint64_t unix_ms)
{
    /* The end always has room, and a member is whole or left out. */
    struct hawser_cli_text t = hawser_cli_text_in(room, size - sizeof(CUT_END));
    hawser_cli_text_add(&t, "{\"time\":\"");
    hawser_cli_text_add_moment(&t, unix_ms);
    hawser_cli_text_addf(&t, "\",\"level\":\"%s\",\"event\":\"%s\"",
                         levels[entry->level], entry->event);
    bool is_whole = true;
    for (size_t i = 0; i < entry->field_count; i++) {
        size_t before = t.len;
        add_member(&t, &entry->fields[i]);
        if (t.cut) {
            hawser_cli_text_back_to(&t, before);
            is_whole = false;
        }
    }
    t.size = size;
    hawser_cli_text_add(&t, is_whole ? "}" : CUT_END);
    return t.len;
}
