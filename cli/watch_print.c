/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line for each message, for people without a terminal and for scripts.
 * What came from a device is escaped, or checked to be JSON.
 */
#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "watch_table.h"
#include "when.h"

static const char *const kinds[] = {
    [HAWSER_WATCHED_STATUS] = "status",
    [HAWSER_WATCHED_SECURITY] = "security",
    [HAWSER_WATCHED_DATA] = "data",
    [HAWSER_WATCHED_ALERT] = "alert",
};

void hawser_cli_sighting_print_json(FILE *out,
                                    const struct hawser_cli_sighting *s)
{
    /* Every byte may become \u0000. */
    size_t size = (s->payload.len + s->id.len) * 6 + 1024;
    char *room = malloc(size);
    if (room == NULL) {
        return; /* one message less; the next is smaller */
    }
    struct hawser_cli_text t = hawser_cli_text_in(room, size);
    hawser_cli_text_add(&t, "{\"received\":\"");
    hawser_cli_text_add_moment(&t, s->now_ms);
    hawser_cli_text_add(&t, "\",\"device\":");
    hawser_cli_text_add_json_string(&t, s->id);
    hawser_cli_text_addf(&t, ",\"kind\":\"%s\",\"retained\":%s", kinds[s->kind],
                         s->retain ? "true" : "false");
    if (s->kind == HAWSER_WATCHED_ALERT) {
        hawser_cli_text_add(&t, ",\"alert\":");
        hawser_cli_text_add_json_string(&t, s->alert);
    }
    hawser_cli_text_add(&t, ",\"message\":");
    if (s->payload.len == 0) {
        hawser_cli_text_add(&t, "null");
    } else if (!hawser_cli_json_copy(&t, s->payload)) {
        hawser_cli_text_add_json_string(&t, s->payload);
    }
    hawser_cli_text_add(&t, "}\n");
    if (!t.cut) { /* half an object would be worse than none */
        fputs(room, out);
        (void)fflush(out); /* main() asks again whether all was written */
    }
    free(room);
}

void hawser_cli_sighting_print(FILE *out, const struct hawser_cli_sighting *s)
{
    char room[2048];
    struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room) - 8);
    struct hawser_cli_object object;
    hawser_cli_text_add_moment(&t, s->now_ms);
    hawser_cli_text_add(&t, " ");
    hawser_cli_text_add_shown(&t, s->id);
    hawser_cli_text_addf(&t, " %s%s", kinds[s->kind],
                         s->retain ? " (retained)" : "");
    if (s->kind == HAWSER_WATCHED_ALERT && s->payload.len == 0) {
        hawser_cli_text_add(&t, " cleared: ");
        hawser_cli_text_add_shown(&t, s->alert);
    }
    if (hawser_cli_json_read(&object, s->payload)) {
        for (size_t i = 0; i < object.count; i++) {
            hawser_cli_text_add(&t, " ");
            hawser_cli_text_add_shown(&t, object.members[i].name);
            hawser_cli_text_add(&t, "=");
            hawser_cli_json_add_shown(&t, object.members[i].value);
        }
    } else {
        hawser_cli_text_add(&t, " ");
        hawser_cli_text_add_shown(&t, s->payload);
    }
    fprintf(out, "%s%s\n", room, t.cut ? " ..." : "");
    (void)fflush(out); /* main() asks again whether all was written */
}
