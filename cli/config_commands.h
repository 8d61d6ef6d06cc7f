/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sections [command NAME]: what a device may be told to run, and with which
 * arguments.
 */
#ifndef HAWSER_CLI_CONFIG_COMMANDS_H
#define HAWSER_CLI_CONFIG_COMMANDS_H

#include "hawser/command.h"

/* In the table of keys all these sections have this name. */
#define HAWSER_CLI_COMMAND_SECTION "command"

#define HAWSER_CLI_CHOICES_MAX 8 /* of an argument */

struct hawser_cli_config;
struct hawser_cli_text;

/* The table that the device is given, and what it points to. */
struct hawser_cli_commands {
    struct hawser_command table[HAWSER_COMMANDS_MAX];
    size_t count;
    const char *run[HAWSER_COMMANDS_MAX]; /* with arguments; NULL: missing */
    uint32_t timeout_s[HAWSER_COMMANDS_MAX];
    unsigned line[HAWSER_COMMANDS_MAX]; /* of the section */
    struct hawser_arg args[HAWSER_COMMANDS_MAX][HAWSER_ARGS_MAX];
    const char
        *choices[HAWSER_COMMANDS_MAX][HAWSER_ARGS_MAX][HAWSER_CLI_CHOICES_MAX];
};

/* The NAME of a section; NULL: it is none of a command. */
const char *hawser_cli_command_of_section(const char *section);

/* Begins a command, which the keys that follow are about. False: why. */
bool hawser_cli_command_begin(struct hawser_cli_config *config,
                              const char *name, unsigned line,
                              struct hawser_cli_text *why);

#endif
