/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process is replaced, not forked: its number stays, so that a service
 * manager sees one service and no gap.
 */
#include "restart.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REASON_NAME "HAWSER_RESET_REASON"
#define REASON_WORD "command"

void hawser_cli_restart_split(char *line,
                              char *argv[HAWSER_CLI_RESTART_WORDS + 1])
{
    size_t count = 0;
    char *rest = NULL;
    for (char *word = strtok_r(line, " \t", &rest);
         word != NULL && count < HAWSER_CLI_RESTART_WORDS;
         word = strtok_r(NULL, " \t", &rest)) {
        argv[count++] = word;
    }
    argv[count] = NULL;
}

static void end_now(int number)
{
    (void)number;
    _exit(0); /* nothing is left to be given back */
}

static void drop(int number)
{
    (void)number;
}

/* A handler, as execv() takes it away; but what whoever started us has ignored
 * (nohup) stays ignored. */
static void handle(int number, void (*handler)(int))
{
    if (signal(number, handler) == SIG_IGN) {
        (void)signal(number, SIG_IGN);
    }
}

void hawser_cli_restart_let_signals(const sigset_t *before)
{
    handle(SIGTERM, end_now);
    handle(SIGINT, end_now);
    handle(SIGHUP, drop);
    handle(SIGUSR1, drop);
    (void)sigprocmask(SIG_SETMASK, before, NULL);
}

void hawser_cli_restart(char *program, char **own_argv)
{
    char *argv[HAWSER_CLI_RESTART_WORDS + 1];
    (void)setenv(REASON_NAME, REASON_WORD, 1); /* else: reason unknown */
    if (program == NULL) {
        (void)execv("/proc/self/exe", own_argv);
        return;
    }
    hawser_cli_restart_split(program, argv);
    if (argv[0] != NULL) {
        (void)execv(argv[0], argv);
    }
}

enum hawser_reset_reason hawser_cli_restart_reason(void)
{
    const char *text = getenv(REASON_NAME);
    bool is_command = text != NULL && strcmp(text, REASON_WORD) == 0;
    (void)unsetenv(REASON_NAME);
    return is_command ? HAWSER_RESET_COMMAND : HAWSER_RESET_UNKNOWN;
}
