/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting anew on command: this program again, or a configured one in its
 * place, and how the next run learns why it was started.
 */
#ifndef HAWSER_CLI_RESTART_H
#define HAWSER_CLI_RESTART_H

#include <signal.h>

#include "hawser/port.h"

/* Arguments of a restart program, its name among them; more are left out. */
#define HAWSER_CLI_RESTART_WORDS 15

/* Cuts a command line in place at spaces and tabs; argv ends with NULL. No
 * shell, so no quoting either. */
void hawser_cli_restart_split(char *line,
                              char *argv[HAWSER_CLI_RESTART_WORDS + 1]);

/* Puts back the signal mask of before, once everything is given back. What has
 * come meanwhile, or comes before the next program runs, must not kill this
 * one halfway: SIGTERM and SIGINT end it with code 0, SIGHUP is dropped, as the
 * next program reads the configuration anyway. That one sees none of it. */
void hawser_cli_restart_let_signals(const sigset_t *before);

/* Gives the process to program (a line that is cut in place; NULL: to this
 * program with own_argv). Comes back, with errno, only if that failed. */
void hawser_cli_restart(char *program, char **own_argv);

/* Why this run was started: COMMAND if hawser_cli_restart() did it, else
 * UNKNOWN. Takes the word out of the environment, so that no program that we
 * start sees it. */
enum hawser_reset_reason hawser_cli_restart_reason(void);

#endif
