/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 2026-11-23T01:50:00.123Z info  online     host=broker.example session=417
 */
#include "log.h"

#include "text.h"
#include "when.h"

#define CUT_MARK    " ..."
#define RESET       "\x1b[0m"
#define DIM         "\x1b[2m"
#define EVENT_WIDTH 10

/* What a level is called and its colour on a terminal. */
static const struct {
    const char *word;
    const char *colour;
} levels[] = {
    [HAWSER_LOG_DEBUG] = {"debug", DIM},
    [HAWSER_LOG_INFO] = {"info", "\x1b[32m"},
    [HAWSER_LOG_WARNING] = {"warn", "\x1b[33m"},
    [HAWSER_LOG_ERROR] = {"error", "\x1b[1;31m"},
};

/* Text that reads as one word needs no quotes. */
static bool is_word(struct hawser_view text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (c == ' ' || c == '"' || c == '=') {
            return false;
        }
    }
    return text.len > 0;
}

static void add_value(struct hawser_cli_text *t, const struct hawser_field *f)
{
    if (f->text.at == NULL && f->is_bool) {
        hawser_cli_text_add(t, f->number != 0 ? "yes" : "no");
    } else if (f->text.at == NULL) {
        hawser_cli_text_addf(t, "%lld", (long long)f->number);
    } else if (is_word(f->text)) {
        hawser_cli_text_add_shown(t, f->text);
    } else {
        hawser_cli_text_add_json_string(t, f->text);
    }
}

size_t hawser_cli_log_text(char *room, size_t size,
                           const struct hawser_log *entry, uint64_t unix_ms,
                           bool has_colour)
{
    /* What a cut line ends with always has room. */
    struct hawser_cli_text t =
        hawser_cli_text_in(room, size - sizeof(CUT_MARK RESET));
    const char *dim = has_colour ? DIM : "";
    const char *reset = has_colour ? RESET : "";
    hawser_cli_text_add(&t, dim);
    hawser_cli_text_add_moment(&t, unix_ms);
    hawser_cli_text_addf(&t, "%s %s%-5s %-*s%s", reset,
                         has_colour ? levels[entry->level].colour : "",
                         levels[entry->level].word,
                         entry->field_count > 0 ? EVENT_WIDTH : 0, entry->event,
                         reset);
    for (size_t i = 0; i < entry->field_count; i++) {
        hawser_cli_text_addf(&t, " %s%s=%s", dim, entry->fields[i].name, reset);
        add_value(&t, &entry->fields[i]);
    }
    if (t.cut) {
        t.cut = false;
        t.size = size;
        hawser_cli_text_addf(&t, "%s%s", CUT_MARK, reset);
    }
    return t.len;
}
