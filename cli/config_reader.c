/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings find their row in the table of keys, or become mistakes that name
 * the line, the key, what was found and what is allowed.
 */
#include "config_reader.h"

#include <string.h>

#include "config_lines.h"
#include "nearest.h"

#define FOUND_SIZE 96 /* of a value that a message repeats */

/* Mistakes ------------------------------------------------------------------ */

struct hawser_cli_text hawser_cli_mistake_at(struct hawser_cli_reader *r,
                                             unsigned line)
{
    struct hawser_cli_mistakes *m = r->mistakes;
    if (m->count == HAWSER_CLI_MISTAKES_MAX) {
        m->left_out++;
        return hawser_cli_text_in(r->nowhere, sizeof(r->nowhere));
    }
    struct hawser_cli_text t =
        hawser_cli_text_in(m->text[m->count++], HAWSER_CLI_MISTAKE_SIZE);
    hawser_cli_text_add_shown(&t, hawser_cli_view(r->path));
    if (line > 0) {
        hawser_cli_text_addf(&t, ":%u", line);
    }
    hawser_cli_text_add(&t, ": ");
    return t;
}

struct hawser_cli_text hawser_cli_mistake_of(struct hawser_cli_reader *r,
                                             unsigned line,
                                             const struct hawser_cli_key *key,
                                             const char *name)
{
    struct hawser_cli_text t = hawser_cli_mistake_at(r, line);
    hawser_cli_text_addf(&t, "[%s] %s: ", key->section, name);
    return t;
}

/* A URL with a user in it, a program's arguments. What names no kind of sensor
 * may be a command too, so with a blank it counts as one. */
static bool may_hold_password(const struct hawser_cli_key *key,
                              const char *value)
{
    bool is_command = key->take == hawser_cli_take_sensor ||
                      key->take == hawser_cli_take_program ||
                      key->take == hawser_cli_take_run;
    return strchr(value, '@') != NULL ||
           (is_command &&
            (strncmp(value, "exec:", 5) == 0 || strpbrk(value, " \t") != NULL));
}

static void add_found(struct hawser_cli_text *t,
                      const struct hawser_cli_key *key, const char *value)
{
    char room[FOUND_SIZE];
    if (may_hold_password(key, value)) {
        hawser_cli_text_add(t, "the value cannot be taken");
        return;
    }
    struct hawser_cli_text found = hawser_cli_text_in(room, sizeof(room));
    hawser_cli_text_add_shown(&found, hawser_cli_view(value));
    hawser_cli_text_addf(t, "found \"%s%s\"", room, found.cut ? "..." : "");
}

/* Lines --------------------------------------------------------------------- */

static void on_mistake(void *ctx, unsigned line, const char *words)
{
    struct hawser_cli_text t = hawser_cli_mistake_at(ctx, line);
    hawser_cli_text_add(&t, words);
}

/* The name that a section has in the table. */
static const char *table_name(const char *section)
{
    return hawser_cli_command_of_section(section) != NULL
               ? HAWSER_CLI_COMMAND_SECTION
               : section;
}

/* A command's section begins: its keys have not been seen. */
static bool begin_command(struct hawser_cli_reader *r, const char *name,
                          unsigned line)
{
    char words[HAWSER_CLI_MISTAKE_SIZE];
    struct hawser_cli_text why = hawser_cli_text_in(words, sizeof(words));
    for (size_t i = 0; i < r->key_count; i++) {
        if (strcmp(r->keys[i].section, HAWSER_CLI_COMMAND_SECTION) == 0) {
            r->line_of[i] = 0;
        }
    }
    if (hawser_cli_command_begin(r->config, name, line, &why)) {
        return true;
    }
    struct hawser_cli_text t = hawser_cli_mistake_at(r, line);
    hawser_cli_text_add(&t, "[" HAWSER_CLI_COMMAND_SECTION " ");
    hawser_cli_text_add_shown(&t, hawser_cli_view(name));
    hawser_cli_text_addf(&t, "]: %s", words);
    return false;
}

static bool is_section(const struct hawser_cli_reader *r, const char *name)
{
    for (size_t i = 0; i < r->key_count; i++) {
        if (strcmp(r->keys[i].section, name) == 0) {
            return true;
        }
    }
    return false;
}

static void on_section(void *ctx, const char *name, unsigned line)
{
    struct hawser_cli_reader *r = ctx;
    const char *command = hawser_cli_command_of_section(name);
    if (command != NULL) {
        r->is_section_known = begin_command(r, command, line);
        return;
    }
    r->is_section_known = is_section(r, name);
    if (r->is_section_known) {
        return;
    }
    struct hawser_cli_nearest nearest = {name, NULL, 0};
    for (size_t i = 0; i < r->key_count; i++) {
        hawser_cli_nearest_try(&nearest, r->keys[i].section);
    }
    const char *meant = hawser_cli_nearest_found(&nearest);
    struct hawser_cli_text t = hawser_cli_mistake_at(r, line);
    hawser_cli_text_addf(&t, "[%s]: unknown section", name);
    if (meant != NULL) {
        hawser_cli_text_addf(&t, "; did you mean [%s]?", meant);
        return;
    }
    hawser_cli_text_add(&t, "; allowed:");
    for (size_t i = 0; i < r->key_count; i++) {
        if (i == 0 || strcmp(r->keys[i].section, r->keys[i - 1].section) != 0) {
            hawser_cli_text_addf(&t, " [%s%s]", r->keys[i].section,
                                 hawser_cli_section_more(&r->keys[i]));
        }
    }
}

static const struct hawser_cli_key *find_key(const struct hawser_cli_reader *r,
                                             const char *section,
                                             const char *name)
{
    section = table_name(section);
    for (size_t i = 0; i < r->key_count; i++) {
        const struct hawser_cli_key *key = &r->keys[i];
        if (strcmp(key->section, section) == 0 &&
            (strcmp(key->name, name) == 0 ||
             strcmp(key->name, HAWSER_CLI_ANY_KEY) == 0)) {
            return key;
        }
    }
    return NULL;
}

/* Never repeats the value: it may be a password under a wrong name. */
static void unknown_key(struct hawser_cli_reader *r,
                        const struct hawser_cli_line_found *found)
{
    const char *section = table_name(found->section);
    struct hawser_cli_nearest nearest = {found->name, NULL, 0};
    struct hawser_cli_text t = hawser_cli_mistake_at(r, found->number);
    hawser_cli_text_addf(&t, "[%s] ", found->section);
    hawser_cli_text_add_shown(&t, hawser_cli_view(found->name));
    hawser_cli_text_add(&t, ": unknown key");
    for (size_t i = 0; i < r->key_count; i++) {
        if (strcmp(r->keys[i].section, section) == 0) {
            hawser_cli_nearest_try(&nearest, r->keys[i].name);
        }
    }
    const char *meant = hawser_cli_nearest_found(&nearest);
    if (meant != NULL) {
        hawser_cli_text_addf(&t, "; did you mean %s?", meant);
        return;
    }
    const char *before = "; allowed: ";
    for (size_t i = 0; i < r->key_count; i++) {
        if (strcmp(r->keys[i].section, section) == 0) {
            hawser_cli_text_addf(&t, "%s%s", before, r->keys[i].name);
            before = ", ";
        }
    }
}

/* Where this key stood before; 0: it did not. */
static unsigned line_before(const struct hawser_cli_reader *r,
                            const struct hawser_cli_key *key, const char *name)
{
    if (key->take != hawser_cli_take_sensor) {
        return r->line_of[key - r->keys];
    }
    for (size_t i = 0; i < r->config->device.sensor_count; i++) {
        if (strcmp(r->config->sensor_names[i], name) == 0) {
            return r->sensor_line[i];
        }
    }
    return 0;
}

static void take(struct hawser_cli_reader *r, const struct hawser_cli_key *key,
                 const struct hawser_cli_line_found *found)
{
    char words[HAWSER_CLI_MISTAKE_SIZE];
    struct hawser_cli_text why = hawser_cli_text_in(words, sizeof(words));
    struct hawser_cli_setting s = {key,       found->name, found->value,
                                   r->folder, r->config,   &why};
    if (key->take(&s)) {
        return;
    }
    struct hawser_cli_text t =
        hawser_cli_mistake_of(r, found->number, key, found->name);
    add_found(&t, key, found->value);
    if (why.len > 0) {
        hawser_cli_text_addf(&t, ": %s", words);
    }
    hawser_cli_text_addf(&t, "; allowed: %s", key->allowed);
}

static void on_setting(void *ctx, const struct hawser_cli_line_found *found)
{
    struct hawser_cli_reader *r = ctx;
    if (found->is_more) {
        if (r->last != NULL && r->last->is_list) {
            take(r, r->last, found);
        } else if (r->last != NULL) {
            on_mistake(r, found->number,
                       "begins with a space and so goes on with the line "
                       "before, but only url, servers and args may");
        }
        return;
    }
    r->last = NULL;
    if (found->section[0] == '\0') {
        on_mistake(r, found->number, "a key before the first [section]");
        return;
    }
    if (!r->is_section_known) {
        return; /* said once, at the section */
    }
    const struct hawser_cli_key *key = find_key(r, found->section, found->name);
    if (key == NULL) {
        unknown_key(r, found);
        return;
    }
    unsigned before = line_before(r, key, found->name);
    if (before != 0) {
        struct hawser_cli_text t =
            hawser_cli_mistake_of(r, found->number, key, found->name);
        hawser_cli_text_addf(&t, "given twice, first in line %u", before);
        return;
    }
    r->last = key;
    r->line_of[key - r->keys] = found->number;
    size_t sensor_count = r->config->device.sensor_count;
    take(r, key, found);
    if (r->config->device.sensor_count > sensor_count) {
        r->sensor_line[sensor_count] = found->number;
    }
}

void hawser_cli_reader_read(struct hawser_cli_reader *r,
                            struct hawser_view file)
{
    const struct hawser_cli_line_taker taker = {r, on_section, on_setting,
                                                on_mistake};
    hawser_cli_lines_read(file, &taker);
}
