/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts a program without a shell: the command is split at blanks and nothing
 * in it is special (for pipes and quotes write a script). Its input is empty,
 * its errors are dropped, its signals are as from a login, and it leads a
 * process group of its own, so that all it starts can be ended with it.
 */
#ifndef HWI_LINUX_SPAWN_H
#define HWI_LINUX_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#define HWI_LINUX_EXEC_WORDS_MAX 16

/* Whether a command has a program and not too many words. */
bool hwi_linux_spawn_is_command(const char *command);

/* What to start: env is NULL-terminated, and searched for PATH is ours. */
struct hwi_linux_spawn {
    const char *command;
    char *const *env;
};

/* Starts it; *out_fd, non-blocking, reads its output. 0 or an errno value. */
int hwi_linux_spawn_start(const struct hwi_linux_spawn *what, pid_t *pid,
                          int *out_fd);

#endif
