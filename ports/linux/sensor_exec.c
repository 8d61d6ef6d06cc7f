/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A number from a program's output: sensor_exec.h.
 */
#include "ports/linux/sensor_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ports/linux/clock.h"
#include "ports/linux/number.h"
#include "ports/linux/text_file.h"

#define BLANKS " \t"
/* Between the end of the output and the end of the process. */
#define LOOK_MS 20

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

bool hwi_linux_exec_is_command(const char *command)
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

/* Starts command with its output to out_fd. 0 or an errno value. */
static int spawn(pid_t *pid, const char *command, int out_fd)
{
    char words[HWI_LINUX_PATH_SIZE];
    char *argv[HWI_LINUX_EXEC_WORDS_MAX + 1];
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    size_t len = strlen(command);
    int err;

    if (len >= sizeof words) {
        return E2BIG;
    }
    memcpy(words, command, len + 1);
    if (split(words, argv) == 0) {
        return EINVAL;
    }
    err = attributes_fill(&attributes);
    if (err != 0) {
        return err;
    }
    err = files_fill(&files, out_fd);
    if (err == 0) {
        err = posix_spawnp(pid, argv[0], &files, &attributes, argv, environ);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    (void)posix_spawnattr_destroy(&attributes);
    return err;
}

static int start(struct hwi_linux_exec *exec, const char *command)
{
    int ends[2];
    int err;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return HAWSER_E_ABSENT;
    }
    /* Only our end: programs do not expect a pipe that cannot wait. */
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        err = errno;
    } else {
        err = spawn(&exec->pid, command, ends[1]);
    }
    (void)close(ends[1]);
    if (err != 0) {
        (void)close(ends[0]);
        return HAWSER_E_ABSENT;
    }
    exec->out_fd = ends[0];
    exec->len = 0;
    exec->is_killed = false;
    exec->deadline_ms = hwi_linux_now_ms() + HWI_LINUX_EXEC_LIMIT_MS;
    exec->state = HWI_LINUX_EXEC_READING;
    return 0;
}

/* No more output is wanted; what comes next is the process's end. */
static void output_end(struct hwi_linux_exec *exec)
{
    (void)close(exec->out_fd);
    exec->state = HWI_LINUX_EXEC_ENDING;
    exec->look_ms = 0;
}

/* The process is not reaped yet, so the group's number is still its own. */
static void group_kill(struct hwi_linux_exec *exec)
{
    (void)kill(-exec->pid, SIGKILL);
    exec->is_killed = true;
    exec->deadline_ms = HAWSER_NEVER;
    if (exec->state == HWI_LINUX_EXEC_READING) {
        output_end(exec);
    }
}

static void output_read(struct hwi_linux_exec *exec)
{
    ssize_t got;

    do {
        size_t room = sizeof exec->output - exec->len;

        /* The last byte is for the NUL: a full buffer is too much. */
        got = read(exec->out_fd, exec->output + exec->len, room);
        if (got > 0) {
            exec->len += (size_t)got;
        }
    } while ((got > 0 && exec->len < sizeof exec->output) ||
             (got < 0 && errno == EINTR));
    if (exec->len == sizeof exec->output) {
        group_kill(exec);
    } else if (got == 0 || (got < 0 && errno != EAGAIN)) {
        output_end(exec);
    }
}

/* The process has ended with this status: what was it worth? */
static void conclude(struct hwi_linux_exec *exec, bool is_success)
{
    exec->result = HAWSER_E_ABSENT;
    if (is_success && !exec->is_killed &&
        memchr(exec->output, '\0', exec->len) == NULL) {
        exec->output[exec->len] = '\0';
        exec->result = hwi_linux_number_find(exec->output, &exec->value);
    }
    exec->deadline_ms = hwi_linux_now_ms() + HWI_LINUX_EXEC_FRESH_MS;
    exec->state = HWI_LINUX_EXEC_DONE;
}

static void reap(struct hwi_linux_exec *exec, uint64_t now_ms)
{
    int status = 0;
    pid_t ended = waitpid(exec->pid, &status, WNOHANG);

    if (ended == 0 || (ended < 0 && errno == EINTR)) {
        exec->look_ms = now_ms + LOOK_MS;
        return;
    }
    /* Where the process ignores SIGCHLD there is no status: output counts. */
    conclude(exec,
             ended < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

void hwi_linux_exec_drive(struct hwi_linux_exec *exec)
{
    uint64_t now_ms = hwi_linux_now_ms();

    if (exec->state == HWI_LINUX_EXEC_READING) {
        output_read(exec);
    }
    if ((exec->state == HWI_LINUX_EXEC_READING ||
         exec->state == HWI_LINUX_EXEC_ENDING) &&
        now_ms >= exec->deadline_ms) {
        group_kill(exec);
    }
    if (exec->state == HWI_LINUX_EXEC_ENDING && now_ms >= exec->look_ms) {
        reap(exec, now_ms);
    }
}

int hwi_linux_exec_read(struct hwi_linux_exec *exec, const char *command,
                        struct hawser_number *out)
{
    hwi_linux_exec_drive(exec);
    if (exec->state == HWI_LINUX_EXEC_DONE) {
        exec->state = HWI_LINUX_EXEC_IDLE;
        if (hwi_linux_now_ms() < exec->deadline_ms) {
            if (exec->result == 0) {
                *out = exec->value;
            }
            return exec->result;
        }
    }
    if (exec->state == HWI_LINUX_EXEC_IDLE && start(exec, command) != 0) {
        return HAWSER_E_ABSENT;
    }
    return HAWSER_E_WAIT;
}

void hwi_linux_exec_poll(const struct hwi_linux_exec *exec,
                         struct hwi_linux_pollset *set)
{
    switch (exec->state) {
    case HWI_LINUX_EXEC_READING:
        hwi_linux_pollset_add(set, exec->out_fd, POLLIN);
        hwi_linux_pollset_until(set, exec->deadline_ms);
        break;
    case HWI_LINUX_EXEC_ENDING:
        hwi_linux_pollset_until(set, exec->look_ms);
        break;
    case HWI_LINUX_EXEC_IDLE:
    case HWI_LINUX_EXEC_DONE:
        break;
    }
}

void hwi_linux_exec_stop(struct hwi_linux_exec *exec)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    unsigned left = 200;

    if (exec->state == HWI_LINUX_EXEC_READING ||
        exec->state == HWI_LINUX_EXEC_ENDING) {
        group_kill(exec);
        while (waitpid(exec->pid, NULL, WNOHANG) == 0 && left-- > 0) {
            (void)nanosleep(&pause, NULL);
        }
    }
    exec->state = HWI_LINUX_EXEC_IDLE;
}
