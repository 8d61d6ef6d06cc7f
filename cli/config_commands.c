/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of the configuration. An argument is NAME[?]:KIND[:LIMITS]; with ?
 * it may be left out.
 */
#include "config_commands.h"

#include <stdlib.h>
#include <string.h>

#include "config_keys.h"
#include "ports/linux/spawn.h"

#define WORD_MAX 128

/* The device answers a moment after the program was killed. */
#define GRACE_S 5u

const char *hawser_cli_command_of_section(const char *section)
{
    static const char prefix[] = HAWSER_CLI_COMMAND_SECTION " ";
    size_t len = sizeof(prefix) - 1;
    if (strcmp(section, HAWSER_CLI_COMMAND_SECTION) == 0) {
        return ""; /* which is no name */
    }
    return strncmp(section, prefix, len) == 0 ? section + len : NULL;
}

static bool is_name(const char *name, size_t max, const char *letters)
{
    size_t len = strlen(name);
    return len > 0 && len <= max && strspn(name, letters) == len;
}

bool hawser_cli_command_begin(struct hawser_cli_config *config,
                              const char *name, unsigned line,
                              struct hawser_cli_text *why)
{
    struct hawser_cli_commands *c = &config->commands;
    if (!is_name(name, HAWSER_COMMAND_NAME_MAX,
                 "abcdefghijklmnopqrstuvwxyz0123456789_-")) {
        hawser_cli_text_add(why, "a command's name is a to z, 0 to 9, _ and -, "
                                 "up to 32 letters");
        return false;
    }
    for (size_t i = 0; i < c->count; i++) {
        if (strcmp(c->table[i].name, name) == 0) {
            hawser_cli_text_addf(why, "given twice, first in line %u",
                                 c->line[i]);
            return false;
        }
    }
    if (c->count == HAWSER_COMMANDS_MAX) {
        hawser_cli_text_addf(why, "more than %d commands", HAWSER_COMMANDS_MAX);
        return false;
    }
    const char *copy = hawser_cli_keep(config, name);
    if (copy == NULL) {
        hawser_cli_text_add(why, "all values together are too long");
        return false;
    }
    c->line[c->count] = line;
    c->timeout_s[c->count] = 60;
    c->table[c->count] = (struct hawser_command){
        .name = copy, .args = c->args[c->count], .timeout_s = 60 + GRACE_S};
    if (!hawser_device_is_command_table(&c->table[c->count], 1)) {
        hawser_cli_text_add(why, "the device has a command of this name");
        return false;
    }
    c->count++;
    return true;
}

/* Keys ---------------------------------------------------------------------- */

bool hawser_cli_take_run(const struct hawser_cli_setting *s)
{
    struct hawser_cli_commands *c = &s->config->commands;
    const char *copy = NULL;
    if (s->value[0] != '/' || !hwi_linux_spawn_is_command(s->value)) {
        return false;
    }
    copy = hawser_cli_keep(s->config, s->value);
    c->run[c->count - 1] = copy;
    return copy != NULL;
}

bool hawser_cli_take_timeout(const struct hawser_cli_setting *s)
{
    struct hawser_cli_commands *c = &s->config->commands;
    char *end = NULL;
    unsigned long value = strtoul(s->value, &end, 10);
    if (s->value[0] < '0' || s->value[0] > '9' || *end != '\0' ||
        value < s->key->min || value > s->key->max) {
        return false;
    }
    c->timeout_s[c->count - 1] = (uint32_t)value;
    c->table[c->count - 1].timeout_s = (uint32_t)value + GRACE_S;
    return true;
}

/* Arguments ----------------------------------------------------------------- */

/* MIN..MAX */
static bool read_range(const char *text, struct hawser_arg *arg)
{
    char *end = NULL;
    arg->min = strtoll(text, &end, 10);
    if (end == text || strncmp(end, "..", 2) != 0) {
        return false;
    }
    text = end + 2;
    arg->max = strtoll(text, &end, 10);
    return end != text && *end == '\0';
}

/* MAX bytes */
static bool read_size(const char *text, struct hawser_arg *arg)
{
    char *end = NULL;
    arg->min = 0;
    arg->max = strtoll(text, &end, 10);
    return end != text && *end == '\0';
}

/* A|B|C */
static bool read_choices(struct hawser_cli_config *config, char *text,
                         struct hawser_arg *arg)
{
    struct hawser_cli_commands *c = &config->commands;
    const char **choices =
        c->choices[c->count - 1][c->table[c->count - 1].arg_count];
    char *rest = NULL;
    arg->choices = choices;
    for (char *word = strtok_r(text, "|", &rest); word != NULL;
         word = strtok_r(NULL, "|", &rest)) {
        const char *copy = hawser_cli_keep(config, word);
        if (arg->choice_count == HAWSER_CLI_CHOICES_MAX || copy == NULL) {
            return false;
        }
        choices[arg->choice_count++] = copy;
    }
    return arg->choice_count > 0;
}

static bool read_kind(struct hawser_cli_config *config, char *kind,
                      struct hawser_arg *arg)
{
    char *limits = strchr(kind, ':');
    if (limits != NULL) {
        *limits++ = '\0';
    }
    if (strcmp(kind, "bool") == 0) {
        arg->kind = HAWSER_ARG_BOOL;
        return limits == NULL;
    }
    if (limits == NULL) {
        return false;
    }
    if (strcmp(kind, "integer") == 0) {
        arg->kind = HAWSER_ARG_INTEGER;
        return read_range(limits, arg);
    }
    if (strcmp(kind, "number") == 0) {
        arg->kind = HAWSER_ARG_NUMBER;
        return read_range(limits, arg);
    }
    if (strcmp(kind, "text") == 0) {
        arg->kind = HAWSER_ARG_TEXT;
        return read_size(limits, arg);
    }
    arg->kind = HAWSER_ARG_CHOICE;
    return strcmp(kind, "choice") == 0 && read_choices(config, limits, arg);
}

static bool is_taken(const struct hawser_command *command, const char *name)
{
    for (size_t i = 0; i < command->arg_count; i++) {
        if (strcmp(command->args[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool take_arg(const struct hawser_cli_setting *s, char *word)
{
    struct hawser_cli_commands *c = &s->config->commands;
    struct hawser_command *command = &c->table[c->count - 1];
    struct hawser_arg arg = {.name = NULL};
    char *kind = strchr(word, ':');
    if (command->arg_count == HAWSER_ARGS_MAX) {
        hawser_cli_text_addf(s->why, "more than %d arguments", HAWSER_ARGS_MAX);
        return false;
    }
    if (kind == NULL) {
        return false;
    }
    arg.is_optional = kind > word && kind[-1] == '?';
    kind[arg.is_optional ? -1 : 0] = '\0';
    if (!is_name(word, HAWSER_ARG_NAME_MAX,
                 "abcdefghijklmnopqrstuvwxyz0123456789_") ||
        is_taken(command, word)) {
        hawser_cli_text_add(s->why, "an argument's name is a to z, 0 to 9 and "
                                    "_, and stands once");
        return false;
    }
    arg.name = hawser_cli_keep(s->config, word);
    if (arg.name == NULL || !read_kind(s->config, kind + 1, &arg)) {
        return false;
    }
    c->args[c->count - 1][command->arg_count] = arg;
    command->arg_count++;
    if (!hawser_device_is_command_table(command, 1)) {
        command->arg_count--;
        return false; /* its limits make no sense */
    }
    return true;
}

bool hawser_cli_take_args(const struct hawser_cli_setting *s)
{
    const char *at = s->value + strspn(s->value, " \t");
    while (*at != '\0') {
        char word[WORD_MAX];
        size_t len = strcspn(at, " \t");
        if (len >= sizeof(word)) {
            return false;
        }
        memcpy(word, at, len);
        word[len] = '\0';
        if (!take_arg(s, word)) {
            return false;
        }
        at += len;
        at += strspn(at, " \t");
    }
    return true;
}
