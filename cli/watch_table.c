/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages become rows. Ids and payloads are strangers' bytes: bounded here,
 * escaped as they are stored.
 */
#include "watch_table.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "when.h"

#define ALERT "alert/"

/* Topics -------------------------------------------------------------------- */

static enum hawser_cli_watched_kind kind_named(struct hawser_view level)
{
    static const char *const names[] = {
        [HAWSER_WATCHED_STATUS] = "status",
        [HAWSER_WATCHED_SECURITY] = "security",
        [HAWSER_WATCHED_DATA] = "data",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (level.len == strlen(names[i]) &&
            memcmp(level.at, names[i], level.len) == 0) {
            return (enum hawser_cli_watched_kind)i;
        }
    }
    if (level.len > sizeof(ALERT) - 1 &&
        memcmp(level.at, ALERT, sizeof(ALERT) - 1) == 0 &&
        memchr(level.at + sizeof(ALERT) - 1, '/',
               level.len - sizeof(ALERT) + 1) == NULL) {
        return HAWSER_WATCHED_ALERT;
    }
    return HAWSER_WATCHED_NOTHING;
}

struct hawser_view hawser_cli_watched_alert(struct hawser_view topic)
{
    size_t at = topic.len;
    while (at > 0 && topic.at[at - 1] != '/') {
        at--;
    }
    return (struct hawser_view){topic.at + at, topic.len - at};
}

/* With the flat layout the message itself says whose it is. */
static enum hawser_cli_watched_kind flat_kind(struct hawser_view level,
                                              struct hawser_view payload,
                                              struct hawser_view *id)
{
    struct hawser_cli_object object;
    if (!hawser_cli_json_read(&object, payload)) {
        return HAWSER_WATCHED_NOTHING;
    }
    *id = hawser_cli_json_get(&object, "device");
    if (id->len < 2 || id->at[0] != '"') {
        return HAWSER_WATCHED_NOTHING;
    }
    id->at++;
    id->len -= 2;
    return kind_named(level);
}

static enum hawser_cli_watched_kind kind_and_id(const char *root,
                                                enum hawser_layout layout,
                                                struct hawser_view topic,
                                                struct hawser_view payload,
                                                struct hawser_view *id)
{
    size_t root_len = strlen(root);
    if (topic.len <= root_len + 1 || memcmp(topic.at, root, root_len) != 0 ||
        topic.at[root_len] != '/') {
        return HAWSER_WATCHED_NOTHING;
    }
    struct hawser_view rest = {topic.at + root_len + 1,
                               topic.len - root_len - 1};
    if (layout == HAWSER_LAYOUT_FLAT) {
        return flat_kind(rest, payload, id);
    }
    const uint8_t *slash = memchr(rest.at, '/', rest.len);
    if (slash == NULL) {
        return HAWSER_WATCHED_NOTHING;
    }
    *id = (struct hawser_view){rest.at, (size_t)(slash - rest.at)};
    return kind_named((struct hawser_view){slash + 1, rest.len - id->len - 1});
}

enum hawser_cli_watched_kind
hawser_cli_watched_kind_of(const char *root, enum hawser_layout layout,
                           struct hawser_view topic, struct hawser_view payload,
                           struct hawser_view *id)
{
    *id = (struct hawser_view){NULL, 0};
    enum hawser_cli_watched_kind kind =
        kind_and_id(root, layout, topic, payload, id);
    bool is_id = id->len > 0 && id->len <= HAWSER_ID_MAX;
    return is_id ? kind : HAWSER_WATCHED_NOTHING;
}

/* Rows ---------------------------------------------------------------------- */

/* Where the id stands, or would stand. */
static size_t place_of(const struct hawser_cli_table *table, const char *id,
                       bool *is_there)
{
    size_t low = 0;
    size_t high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(table->rows[middle].id, id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *is_there = low < table->count && strcmp(table->rows[low].id, id) == 0;
    return low;
}

static bool has_room(struct hawser_cli_table *table)
{
    if (table->count < table->room) {
        return true;
    }
    size_t room = table->room == 0 ? 64 : table->room * 2;
    struct hawser_cli_watched *rows = NULL;
    if (table->room < HAWSER_CLI_WATCHED_MAX) {
        rows = realloc(table->rows, room * sizeof(*rows));
    }
    if (rows == NULL) {
        return false;
    }
    table->rows = rows;
    table->room = room;
    return true;
}

static struct hawser_cli_watched *row_of(struct hawser_cli_table *table,
                                         const char *id)
{
    bool is_there = false;
    size_t place = place_of(table, id, &is_there);
    struct hawser_cli_watched *row = NULL;
    if (!is_there && !has_room(table)) {
        table->left_out++;
        return NULL;
    }
    row = &table->rows[place];
    if (!is_there) {
        memmove(row + 1, row, (table->count - place) * sizeof(*row));
        *row = (struct hawser_cli_watched){.id = ""};
        memcpy(row->id, id, strlen(id) + 1);
        table->count++;
    }
    return row;
}

static bool remove_row(struct hawser_cli_table *table, const char *id)
{
    bool is_there = false;
    size_t place = place_of(table, id, &is_there);
    if (is_there) {
        table->count--;
        memmove(&table->rows[place], &table->rows[place + 1],
                (table->count - place) * sizeof(table->rows[0]));
    }
    return is_there;
}

/* Members ------------------------------------------------------------------- */

static void keep(char *room, size_t size, const struct hawser_cli_object *o,
                 const char *name)
{
    struct hawser_cli_text t = hawser_cli_text_in(room, size);
    hawser_cli_json_add_shown(&t, hawser_cli_json_get(o, name));
}

/* Status carries it too, for who may not read security; a will does not. */
static void take_tls(struct hawser_cli_watched *row,
                     const struct hawser_cli_object *o)
{
    if (hawser_cli_json_get(o, "tls_version").at != NULL) {
        keep(row->tls, sizeof(row->tls), o, "tls_version");
        keep(row->cipher, sizeof(row->cipher), o, "cipher");
    }
}

static void take_status(struct hawser_cli_watched *row,
                        const struct hawser_cli_sighting *s,
                        const struct hawser_cli_object *o)
{
    char before[sizeof(row->state)];
    struct hawser_view state = hawser_cli_json_get(o, "status");
    if (hawser_cli_json_is(state, "pong")) {
        return; /* an answer to ping, not a state */
    }
    memcpy(before, row->state, sizeof(before));
    keep(row->state, sizeof(row->state), o, "status");
    keep(row->firmware, sizeof(row->firmware), o, "version");
    take_tls(row, o);
    if (s->retain) {
        row->since_ms = hawser_cli_moment_read(hawser_cli_json_get(o, "time"));
    } else if (strcmp(before, row->state) != 0) {
        row->since_ms = s->now_ms;
    }
}

static bool is_telemetry(struct hawser_view name)
{
    static const char *const others[] = {"device", "seq", "boot", "time"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (name.len == strlen(others[i]) &&
            memcmp(name.at, others[i], name.len) == 0) {
            return false;
        }
    }
    return true;
}

static void take_data(struct hawser_cli_watched *row,
                      const struct hawser_cli_sighting *s,
                      const struct hawser_cli_object *o)
{
    if (hawser_cli_json_get(o, "hist").at != NULL) {
        return; /* measured while it was offline: not the last one */
    }
    struct hawser_cli_text t = hawser_cli_text_in(row->data, sizeof(row->data));
    for (size_t i = 0; i < o->count; i++) {
        if (is_telemetry(o->members[i].name)) {
            hawser_cli_text_add(&t, t.len == 0 ? "" : " ");
            hawser_cli_text_add_shown(&t, o->members[i].name);
            hawser_cli_text_add(&t, "=");
            hawser_cli_json_add_shown(&t, o->members[i].value);
        }
    }
    row->data_ms = s->now_ms;
}

/* Takes the name out, and puts it in at the end if it stands and there is
 * room. */
static void take_alert(struct hawser_cli_watched *row,
                       const struct hawser_cli_sighting *s)
{
    char name[64];
    char before[sizeof(row->alerts)];
    struct hawser_cli_text n = hawser_cli_text_in(name, sizeof(name));
    memcpy(before, row->alerts, sizeof(before));
    struct hawser_cli_text t =
        hawser_cli_text_in(row->alerts, sizeof(row->alerts));
    hawser_cli_text_add_shown(&n, s->alert);
    for (char *at = before; *at != '\0'; at = strchr(at, ' ') + 1) {
        size_t len = strcspn(at, " ");
        if (len != n.len || memcmp(at, name, len) != 0) {
            hawser_cli_text_addf(&t, "%.*s ", (int)len, at);
        }
    }
    if (s->payload.len > 0 && strchr(name, ' ') == NULL) {
        hawser_cli_text_addf(&t, "%s ", name);
    }
}

bool hawser_cli_table_take(struct hawser_cli_table *table,
                           const struct hawser_cli_sighting *s)
{
    struct hawser_cli_object object;
    char id[HAWSER_ID_MAX + 1];
    if (s->id.len == 0 || s->id.len > HAWSER_ID_MAX) {
        return false;
    }
    memcpy(id, s->id.at, s->id.len);
    id[s->id.len] = '\0';
    if (s->payload.len == 0 && s->kind == HAWSER_WATCHED_ALERT) {
        bool is_there = false;
        size_t place = place_of(table, id, &is_there);
        if (is_there) {
            take_alert(&table->rows[place], s);
        }
        return is_there;
    }
    if (s->payload.len == 0) {
        return s->kind == HAWSER_WATCHED_STATUS && remove_row(table, id);
    }
    if (!hawser_cli_json_read(&object, s->payload)) {
        return false;
    }
    struct hawser_cli_watched *row = row_of(table, id);
    if (row == NULL) {
        return true; /* "left out" is one more */
    }
    switch (s->kind) {
    case HAWSER_WATCHED_STATUS:
        take_status(row, s, &object);
        return true;
    case HAWSER_WATCHED_SECURITY:
        take_tls(row, &object);
        return true;
    case HAWSER_WATCHED_DATA:
        take_data(row, s, &object);
        return true;
    case HAWSER_WATCHED_ALERT:
        take_alert(row, s);
        return true;
    case HAWSER_WATCHED_NOTHING:
        return false;
    }
    return false;
}

const struct hawser_cli_watched *
hawser_cli_table_find(const struct hawser_cli_table *table, const char *id)
{
    bool is_there = false;
    size_t place = place_of(table, id, &is_there);
    return is_there ? &table->rows[place] : NULL;
}

void hawser_cli_table_free(struct hawser_cli_table *table)
{
    free(table->rows);
    *table = (struct hawser_cli_table){NULL, 0, 0, 0};
}
