/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs of commands. A program may go on talking when enough is known: what
 * it says is read and dropped, so that it does not hang.
 */
#include "programs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "device/json_write.h"
#include "ports/linux/spawn.h"
#include "wire/utf8.h"

/* Between the end of the output and the end of the process. */
#define LOOK_MS 20u

#define READ_SIZE   4096
#define READS_MAX   16 /* at once, from one that never stops talking */
#define ENV_SIZE    4096
#define ENV_MAX     (HAWSER_ARGS_MAX + 6)
#define RESULT_SIZE 256

/* Environment --------------------------------------------------------------- */

struct environment {
    char room[ENV_SIZE];
    size_t used;
    char *entries[ENV_MAX];
    size_t count;
};

static void add(struct environment *e, const char *name,
                struct hawser_view value)
{
    char *at = e->room + e->used;
    size_t left = sizeof(e->room) - e->used;
    int len = snprintf(at, left, "%s=%.*s", name, (int)value.len,
                       (const char *)value.at);
    if (len > 0 && (size_t)len < left && e->count + 1 < ENV_MAX) {
        e->entries[e->count++] = at;
        e->used += (size_t)len + 1;
    }
}

static void add_number(struct environment *e, const char *name,
                       struct hawser_number number)
{
    uint8_t room[40];
    struct hwi_json j = hwi_json_to((struct hawser_span){room, sizeof(room)});
    hwi_json_number(&j, NULL, number);
    add(e, name, hwi_json_end(&j));
}

static void add_value(struct environment *e, const struct hawser_arg *arg,
                      const struct hawser_value *value)
{
    char name[sizeof("HAWSER_ARG_") + HAWSER_ARG_NAME_MAX];
    if (!value->is_present) {
        return;
    }
    (void)snprintf(name, sizeof(name), "HAWSER_ARG_%s", arg->name);
    switch (arg->kind) {
    case HAWSER_ARG_INTEGER:
        add_number(e, name, (struct hawser_number){value->integer, 0});
        break;
    case HAWSER_ARG_NUMBER:
        add_number(e, name, value->number);
        break;
    case HAWSER_ARG_BOOL:
        add(e, name, hwi_view(value->truth ? "true" : "false"));
        break;
    case HAWSER_ARG_TEXT:
    case HAWSER_ARG_CHOICE:
        add(e, name, value->text);
        break;
    }
}

static void fill(struct environment *e, const struct hawser_command *command,
                 const struct hawser_call *call)
{
    static const char *const kept[] = {"PATH", "HOME", "LANG", "TZ"};
    memset(e, 0, sizeof(*e));
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        const char *value = getenv(kept[i]);
        if (value != NULL && strlen(value) < ENV_SIZE / 8) {
            add(e, kept[i], hwi_view(value));
        }
    }
    add(e, "HAWSER_COMMAND", hwi_view(command->name));
    for (size_t i = 0; i < command->arg_count; i++) {
        add_value(e, &command->args[i], &call->args[i]);
    }
}

/* Answers ------------------------------------------------------------------- */

static void answer(struct hawser_cli_programs *p, uint32_t token,
                   const struct hawser_answer *answer)
{
    /* ABSENT: the device has given up on it, and said so. */
    int err = hawser_device_answer(p->device, token, answer);
    (void)err;
}

/* The exit status and as much of the output as fits. */
static struct hawser_view write_result(const struct hawser_cli_program *one,
                                       int exit_code, uint8_t out[RESULT_SIZE])
{
    struct hawser_view said = {one->output, one->len};
    struct hawser_view result;
    while (said.len > 0 && said.at[said.len - 1] == '\n') {
        said.len--;
    }
    for (size_t cut = 0; cut < 3 && !hwi_utf8_is_valid(said); cut++) {
        said.len -= said.len > 0 ? 1 : 0; /* a character that was cut */
    }
    do {
        struct hwi_json j = hwi_json_to((struct hawser_span){out, RESULT_SIZE});
        hwi_json_open(&j, NULL, '{');
        if (exit_code >= 0) {
            hwi_json_int(&j, "exit", exit_code);
        }
        hwi_json_text(&j, "output", said);
        hwi_json_close(&j, '}');
        result = hwi_json_end(&j);
    } while (result.at == NULL && said.len-- > 0);
    return result;
}

static void conclude(struct hawser_cli_programs *p,
                     struct hawser_cli_program *one, int status)
{
    uint8_t room[RESULT_SIZE];
    char words[80] = "";
    bool has_exited = WIFEXITED(status);
    int exit_code = has_exited ? WEXITSTATUS(status) : -1;
    struct hawser_answer a = {.outcome = HAWSER_FAILED,
                              .result = write_result(one, exit_code, room)};
    one->state = HAWSER_CLI_PROGRAM_FREE;
    if (one->is_late) {
        a.code = "timeout";
        (void)snprintf(words, sizeof(words),
                       "the program took too long and was killed");
    } else if (!has_exited) {
        a.code = "killed";
        (void)snprintf(words, sizeof(words), "signal %d ended the program",
                       WTERMSIG(status));
    } else if (exit_code != 0) {
        a.code = "exit_status";
        (void)snprintf(words, sizeof(words), "the program ended with status %d",
                       exit_code);
    } else {
        a.outcome = HAWSER_SUCCEEDED;
    }
    a.message = words[0] == '\0' ? hwi_view(NULL) : hwi_view(words);
    answer(p, one->token, &a);
}

/* Running ------------------------------------------------------------------- */

static void start(struct hawser_cli_programs *p,
                  const struct hawser_cli_config *config,
                  const struct hawser_call *call, uint64_t now_ms)
{
    const struct hawser_cli_commands *c = &config->commands;
    struct hawser_cli_program *one = p->all;
    struct environment e;
    fill(&e, &c->table[call->command], call);
    while (one->state != HAWSER_CLI_PROGRAM_FREE) {
        one++; /* the device has no more calls under way than we places */
    }
    struct hwi_linux_spawn what = {c->run[call->command], e.entries};
    int err = hwi_linux_spawn_start(&what, &one->pid, &one->out_fd);
    if (err != 0) {
        struct hawser_answer a = {.outcome = HAWSER_FAILED,
                                  .code = "not_started",
                                  .message = hwi_view(strerror(err))};
        answer(p, call->token, &a);
        return;
    }
    one->state = HAWSER_CLI_PROGRAM_READING;
    one->token = call->token;
    one->due_ms = now_ms + c->timeout_s[call->command] * UINT64_C(1000);
    one->is_late = false;
    one->len = 0;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = one->out_fd};
    if (epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, one->out_fd, &event) != 0) {
        one->due_ms = now_ms; /* unheard it cannot run */
    }
}

/* No more output is wanted; what comes next is the process's end. */
static void end_output(struct hawser_cli_program *one)
{
    (void)close(one->out_fd); /* which takes it out of epoll, too */
    one->state = HAWSER_CLI_PROGRAM_ENDING;
    one->look_ms = 0;
}

/* It is not reaped yet, so the group's number is still its own. */
static void kill_group(struct hawser_cli_program *one)
{
    (void)kill(-one->pid, SIGKILL);
    if (one->state == HAWSER_CLI_PROGRAM_READING) {
        end_output(one);
    }
}

static void read_output(struct hawser_cli_program *one)
{
    for (unsigned i = 0; i < READS_MAX; i++) {
        uint8_t bytes[READ_SIZE];
        ssize_t got = read(one->out_fd, bytes, sizeof(bytes));
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (got <= 0) {
            end_output(one);
            return;
        }
        size_t room = sizeof(one->output) - one->len;
        size_t kept = (size_t)got < room ? (size_t)got : room;
        memcpy(one->output + one->len, bytes, kept);
        one->len += kept;
    }
}

static void reap(struct hawser_cli_programs *p, struct hawser_cli_program *one,
                 uint64_t now_ms)
{
    int status = 0;
    pid_t ended = waitpid(one->pid, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) {
        one->look_ms = now_ms + LOOK_MS;
        return;
    }
    conclude(p, one, status);
}

static void drive(struct hawser_cli_programs *p, struct hawser_cli_program *one,
                  uint64_t now_ms)
{
    if (one->state == HAWSER_CLI_PROGRAM_READING) {
        read_output(one);
    }
    if (one->state != HAWSER_CLI_PROGRAM_FREE && now_ms >= one->due_ms) {
        one->is_late = true;
        one->due_ms = HAWSER_NEVER;
        kill_group(one);
    }
    if (one->state == HAWSER_CLI_PROGRAM_ENDING && now_ms >= one->look_ms) {
        reap(p, one, now_ms);
    }
}

void hawser_cli_programs_drive(struct hawser_cli_programs *p,
                               const struct hawser_cli_config *config,
                               uint64_t now_ms)
{
    struct hawser_call call;
    for (unsigned i = 0; i < HAWSER_CALLS_MAX; i++) {
        drive(p, &p->all[i], now_ms);
    }
    while (hawser_device_next_call(p->device, &call)) {
        start(p, config, &call, now_ms);
    }
}

uint64_t hawser_cli_programs_deadline_ms(const struct hawser_cli_programs *p)
{
    uint64_t due_ms = HAWSER_NEVER;
    for (unsigned i = 0; i < HAWSER_CALLS_MAX; i++) {
        const struct hawser_cli_program *one = &p->all[i];
        bool is_ending = one->state == HAWSER_CLI_PROGRAM_ENDING;
        uint64_t at = is_ending && one->look_ms < one->due_ms ? one->look_ms
                                                              : one->due_ms;
        if (one->state != HAWSER_CLI_PROGRAM_FREE && at < due_ms) {
            due_ms = at;
        }
    }
    return due_ms;
}

void hawser_cli_programs_stop(struct hawser_cli_programs *p)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    for (unsigned i = 0; i < HAWSER_CALLS_MAX; i++) {
        struct hawser_cli_program *one = &p->all[i];
        unsigned left = 200;
        if (one->state == HAWSER_CLI_PROGRAM_FREE) {
            continue;
        }
        kill_group(one);
        while (waitpid(one->pid, NULL, WNOHANG) == 0 && left-- > 0) {
            (void)nanosleep(&pause, NULL);
        }
        one->state = HAWSER_CLI_PROGRAM_FREE;
    }
}

bool hawser_cli_programs_open(struct hawser_cli_programs *p,
                              struct hawser_device *device, int other_fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = other_fd};
    memset(p, 0, sizeof(*p));
    p->device = device;
    p->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return p->epoll_fd >= 0 &&
           epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, other_fd, &event) == 0;
}

void hawser_cli_programs_close(struct hawser_cli_programs *p)
{
    if (p->device == NULL) {
        return; /* never opened */
    }
    hawser_cli_programs_stop(p);
    if (p->epoll_fd >= 0) {
        (void)close(p->epoll_fd);
    }
}
