/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines with few options. getopt_long keeps global state and words its
 * own messages; both would show.
 */
#include "pki_args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "nearest.h"
#include "text.h"

static const struct hwi_option *find_option(const struct hwi_option *options,
                                            const char *name, size_t len)
{
    for (; options->name != NULL; options++) {
        if (strlen(options->name) == len &&
            memcmp(options->name, name, len) == 0) {
            return options;
        }
    }
    return NULL;
}

/* Says that there is no such thing, and what was probably meant. before stands
 * before both. */
static int refuse_unknown(const char *command, const char *what,
                          const char *before,
                          const struct hawser_cli_nearest *nearest)
{
    char room[256];
    struct hawser_cli_text shown = hawser_cli_text_in(room, sizeof(room));
    const char *meant = hawser_cli_nearest_found(nearest);
    hawser_cli_text_add_shown(&shown, hawser_cli_view(nearest->given));
    if (meant == NULL) {
        return hawser_cli_usage_error(command, "there is no %s\"%s%s\"", what,
                                      before, room);
    }
    fprintf(stderr,
            "hawser %s: there is no %s\"%s%s\"; did you mean \"%s%s\"?\n",
            command, what, before, room, before, meant);
    return HAWSER_EXIT_USAGE;
}

static int refuse_option(const char *command, const struct hwi_option *options,
                         const char *word)
{
    char name[64];
    const char *dashes = word[1] == '-' ? "--" : "-";
    word += strlen(dashes);
    (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
    struct hawser_cli_nearest nearest = {name, NULL, 0};
    for (; dashes[1] != '\0' && options->name != NULL; options++) {
        hawser_cli_nearest_try(&nearest, options->name);
    }
    return refuse_unknown(command, "option ", dashes, &nearest);
}

/* Takes the option at argv[*i]; may step *i on to its value. */
static int take_option(const char *command, const struct hwi_option *options,
                       int argc, char **argv, int *i)
{
    const char *name = argv[*i] + 2;
    size_t len = strcspn(name, "=");
    char *value = name[len] == '=' ? argv[*i] + 2 + len + 1 : NULL;
    const struct hwi_option *option =
        argv[*i][1] == '-' ? find_option(options, name, len) : NULL;

    if (option == NULL) {
        return refuse_option(command, options, argv[*i]);
    }
    if (option->flag != NULL) {
        *option->flag = true;
        argv[*i] = NULL;
        return value == NULL
                   ? 0
                   : hawser_cli_usage_error(command, "--%s takes no value",
                                            option->name);
    }
    if (value == NULL && *i + 1 < argc) {
        value = argv[++*i];
    }
    if (value == NULL || value[0] == '\0') {
        return hawser_cli_usage_error(command, "--%s needs a value",
                                      option->name);
    }
    if (option->value == NULL) {
        argv[*i] = value;
        return 0;
    }
    if (*option->value != NULL) {
        return hawser_cli_usage_error(command, "--%s is given twice",
                                      option->name);
    }
    *option->value = value;
    argv[*i] = NULL;
    return 0;
}

int hwi_args_parse(const char *command, const struct hwi_option *options,
                   int argc, char **argv, int *count)
{
    bool only_words = false;
    *count = 0;
    for (int i = 1; i < argc; i++) {
        char *word = argv[i];
        if (!only_words && strcmp(word, "--") == 0) {
            only_words = true;
            continue;
        }
        if (!only_words && word[0] == '-' && word[1] != '\0') {
            int code = take_option(command, options, argc, argv, &i);
            if (code != 0) {
                return code;
            }
            word = argv[i]; /* a value that is a word, or NULL */
        }
        if (word != NULL) {
            argv[(*count)++] = word;
        }
    }
    return 0;
}

int hwi_args_refuse(const char *command, const char *what, const char *value,
                    const char *why)
{
    char room[256];
    struct hawser_cli_text shown = hawser_cli_text_in(room, sizeof(room));
    hawser_cli_text_add_shown(&shown, hawser_cli_view(value));
    return hawser_cli_usage_error(command, "%s \"%s\": %s", what, room, why);
}

int hwi_args_number(const char *command, const char *what, const char *text,
                    int max, int *out)
{
    if (text == NULL) {
        return 0;
    }
    char *end = NULL;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 1 || value > max) {
        char why[64];
        snprintf(why, sizeof(why), "not a number from 1 to %d", max);
        return hwi_args_refuse(command, what, text, why);
    }
    *out = (int)value;
    return 0;
}

int hwi_args_dispatch(const struct hwi_subcommand *table, int argc, char **argv)
{
    if (argc < 2) {
        return hawser_cli_usage_error(argv[0], "say what to do");
    }
    char before[64];
    struct hawser_cli_nearest nearest = {argv[1], NULL, 0};
    for (; table->name != NULL; table++) {
        if (strcmp(table->name, argv[1]) == 0) {
            return table->run(argc - 1, argv + 1);
        }
        hawser_cli_nearest_try(&nearest, table->name);
    }
    (void)snprintf(before, sizeof(before), "hawser %s ", argv[0]);
    return refuse_unknown(argv[0], "", before, &nearest);
}
