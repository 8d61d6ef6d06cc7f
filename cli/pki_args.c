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
        return hwi_args_refuse(command, "option", argv[*i], "there is none");
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
    for (; table->name != NULL; table++) {
        if (strcmp(table->name, argv[1]) == 0) {
            return table->run(argc - 1, argv + 1);
        }
    }
    return hwi_args_refuse(argv[0], argv[0], argv[1], "there is no such thing");
}
