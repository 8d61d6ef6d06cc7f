/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A number from a program's output: sensor_exec.h.
 */
#include "ports/linux/sensor_exec.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ports/linux/clock.h"
#include "ports/linux/number.h"
#include "ports/linux/spawn.h"

/* Between the end of the output and the end of the process. */
#define LOOK_MS 20

static int start(struct hwi_linux_exec *exec, const char *command)
{
    const struct hwi_linux_spawn what = {command, environ};

    if (hwi_linux_spawn_start(&what, &exec->pid, &exec->out_fd) != 0) {
        return HAWSER_E_ABSENT;
    }
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
