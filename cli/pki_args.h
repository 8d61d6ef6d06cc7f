/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command lines of all subcommands: words and options in any order,
 * "--name VALUE" or "--name=VALUE", no abbreviations; "--" ends the options.
 */
#ifndef HWI_PKI_ARGS_H
#define HWI_PKI_ARGS_H

#include <stdbool.h>
#include <stddef.h>

/* One option; exactly one of the targets is set, or none: then its value is
 * one more word (so "DIR --host A --host B" is the same as "DIR A B"). */
struct hwi_option {
    const char *name;   /* without the dashes */
    const char **value; /* takes a value, at most once */
    bool *flag;         /* takes none */
};

/*
 * Sorts argv[1...] into options and words. The words end up in argv[0...], in
 * their order; *count says how many. Options end with a NULL name.
 * Answers 0 or HAWSER_EXIT_USAGE, the message is said under `command`.
 */
int hwi_args_parse(const char *command, const struct hwi_option *options,
                   int argc, char **argv, int *count);

/* Reads a whole number within 1..max; text NULL leaves *out as it is. USAGE. */
int hwi_args_number(const char *command, const char *what, const char *text,
                    int max, int *out);

/* Says that what was given as `what` is not usable, and why; the value is shown
 * so that no terminal obeys it. Answers HAWSER_EXIT_USAGE. */
int hwi_args_refuse(const char *command, const char *what, const char *value,
                    const char *why);

/* A subcommand of a subcommand, as `init` in `hawser pki init`. */
struct hwi_subcommand {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is its own name */
};

/* Runs the one that argv[1] names; the table ends with a NULL name. */
int hwi_args_dispatch(const struct hwi_subcommand *table, int argc,
                      char **argv);

#endif
