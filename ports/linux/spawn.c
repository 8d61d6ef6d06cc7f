/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs of the configuration: spawn.h. Tested by sensor_exec_test.c.
 */
#include "ports/linux/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>

#include "ports/linux/text_file.h"

#define BLANKS " \t"

/* Splits command in place into argv with a NULL behind. How many words. */
static size_t split(char *command, char *argv[HWI_LINUX_EXEC_WORDS_MAX + 1])
{
    size_t count = 0;
    char *rest = NULL;
    char *word = strtok_r(command, BLANKS, &rest);

    for (; word != NULL && count < HWI_LINUX_EXEC_WORDS_MAX; count++) {
        argv[count] = word;
        word = strtok_r(NULL, BLANKS, &rest);
    }
    argv[count] = NULL;
    return count;
}

bool hwi_linux_spawn_is_command(const char *command)
{
    size_t words = 0;

    for (;;) {
        command += strspn(command, BLANKS);
        if (*command == '\0') {
            return words > 0 && words <= HWI_LINUX_EXEC_WORDS_MAX;
        }
        words++;
        command += strcspn(command, BLANKS);
    }
}

/* A child starts as from a login: no blocked or ignored signals. */
static int attributes_fill(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;
    int err = posix_spawnattr_init(attributes);

    if (err != 0) {
        return err;
    }
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    err = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP |
                                                   POSIX_SPAWN_SETSIGMASK |
                                                   POSIX_SPAWN_SETSIGDEF);
    if (err == 0) {
        err = posix_spawnattr_setpgroup(attributes, 0);
    }
    if (err == 0) {
        err = posix_spawnattr_setsigmask(attributes, &none);
    }
    if (err == 0) {
        err = posix_spawnattr_setsigdefault(attributes, &all);
    }
    return err;
}

static int files_fill(posix_spawn_file_actions_t *files, int out_fd)
{
    int err = posix_spawn_file_actions_init(files);

    if (err == 0) {
        err = posix_spawn_file_actions_adddup2(files, out_fd, STDOUT_FILENO);
    }
    if (err == 0) {
        err = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null",
                                               O_RDONLY, 0);
    }
    if (err == 0) {
        err = posix_spawn_file_actions_addopen(files, STDERR_FILENO,
                                               "/dev/null", O_WRONLY, 0);
    }
    return err;
}

/* Starts it with its output to out_fd. 0 or an errno value. */
static int spawn(const struct hwi_linux_spawn *what, pid_t *pid, int out_fd)
{
    char words[HWI_LINUX_PATH_SIZE];
    char *argv[HWI_LINUX_EXEC_WORDS_MAX + 1];
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    size_t len = strlen(what->command);
    int err;

    if (len >= sizeof words) {
        return E2BIG;
    }
    memcpy(words, what->command, len + 1);
    if (split(words, argv) == 0) {
        return EINVAL;
    }
    err = attributes_fill(&attributes);
    if (err != 0) {
        return err;
    }
    err = files_fill(&files, out_fd);
    if (err == 0) {
        err = posix_spawnp(pid, argv[0], &files, &attributes, argv, what->env);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    (void)posix_spawnattr_destroy(&attributes);
    return err;
}

int hwi_linux_spawn_start(const struct hwi_linux_spawn *what, pid_t *pid,
                          int *out_fd)
{
    int ends[2];
    int err;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return errno;
    }
    /* Only our end: programs do not expect a pipe that cannot wait. */
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        err = errno;
    } else {
        err = spawn(what, pid, ends[1]);
    }
    (void)close(ends[1]);
    if (err != 0) {
        (void)close(ends[0]);
        return err;
    }
    *out_fd = ends[0];
    return 0;
}
