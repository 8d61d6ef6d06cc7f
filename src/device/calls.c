/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls. Arguments are checked when they come and read again, from the bytes
 * that were kept, when the call is fetched.
 */
#include "device/calls.h"

#include "device/answer.h"
#include "device/arguments.h"
#include "device/json_read.h"
#include "device/json_write.h"
#include "device/reply.h"
#include "wire/memory.h"
#include "wire/utf8.h"

#define TIMEOUT_DEFAULT_S 60u
#define PERCENT_MAX       100u

/* The table ----------------------------------------------------------------- */

static bool is_name(struct hawser_view name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.at[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' &&
            c != '-') {
            return false;
        }
    }
    return name.len >= 1 && name.len <= HAWSER_COMMAND_NAME_MAX &&
           hwi_command_find(name) == NULL;
}

static bool is_same(struct hawser_view a, struct hawser_view b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

static size_t find(const struct hawser_command *commands, size_t count,
                   struct hawser_view name)
{
    size_t i = 0;

    while (i < count && !is_same(hwi_view(commands[i].name), name)) {
        i++;
    }
    return i;
}

bool hawser_device_is_command_table(const struct hawser_command *commands,
                                    size_t count)
{
    if (count > HAWSER_COMMANDS_MAX || (count > 0 && commands == NULL)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct hawser_view name = hwi_view(commands[i].name);
        if (!is_name(name) || find(commands, i, name) != i ||
            commands[i].timeout_s > HAWSER_CALL_MAX_S ||
            !hwi_arguments_is_table(commands[i].args, commands[i].arg_count)) {
            return false;
        }
    }
    return true;
}

size_t hwi_calls_find(const struct hawser_device *d, struct hawser_view name)
{
    return find(d->cfg->commands, d->cfg->command_count, name);
}

/* Calls --------------------------------------------------------------------- */

/* The call of a token; 0: a free place. NULL: there is none. */
static struct hwi_call *call_of(struct hawser_device *d, uint32_t token)
{
    for (unsigned i = 0; i < HAWSER_CALLS_MAX; i++) {
        if (d->calls[i].seq == token) {
            return &d->calls[i];
        }
    }
    return NULL;
}

bool hwi_calls_are_full(const struct hawser_device *d)
{
    unsigned n = 0;

    for (unsigned i = 0; i < HAWSER_CALLS_MAX; i++) {
        n += d->calls[i].seq != 0 ? 1 : 0;
    }
    return n == HAWSER_CALLS_MAX;
}

static int read_args(const struct hawser_device *d, const struct hwi_call *call,
                     struct hawser_call *out, struct hawser_span words,
                     struct hawser_view *why)
{
    struct hwi_arguments a = {.object = {call->args, call->args_len}};

    memset(out, 0, sizeof(*out));
    a.values = out->args;
    a.room = (struct hawser_span){out->room, sizeof(out->room)};
    out->token = call->seq;
    out->command = call->place;
    return hwi_arguments_read(&d->cfg->commands[call->place], &a, words, why);
}

static void reject(struct hwi_command *c, struct hawser_view why)
{
    c->reply.status = HWI_REPLY_REJECTED;
    c->reply.code = "bad_args";
    memcpy(c->message, why.at, why.len);
    c->message_len = why.len;
}

/* Nothing is lost if there is no room for it. */
static int say_progress(struct hawser_device *d, const struct hwi_reply *r)
{
    return hwi_replies_add(d, r) ? 0 : HAWSER_E_FULL;
}

void hwi_calls_take(struct hawser_device *d, struct hwi_command *c)
{
    struct hawser_view args = c->args.at == NULL ? hwi_view("{}") : c->args;
    struct hwi_call *call = call_of(d, 0);
    uint32_t timeout_s = d->cfg->commands[c->place].timeout_s;
    uint8_t room[HWI_MESSAGE_MAX];
    struct hawser_span words = {room, sizeof(room)};
    struct hawser_view why = hwi_view("the arguments are too long");
    struct hawser_call read;

    if (call == NULL || args.len > sizeof(call->args)) {
        reject(c, why);
        return;
    }
    *call = (struct hwi_call){.seq = c->seq,
                              .place = (uint8_t)c->place,
                              .args_len = (uint16_t)args.len};
    memcpy(call->args, args.at, args.len);
    timeout_s = timeout_s == 0 ? TIMEOUT_DEFAULT_S : timeout_s;
    call->due_ms = d->now_ms + timeout_s * UINT64_C(1000);
    if (read_args(d, call, &read, words, &why) != 0) {
        call->seq = 0;
        reject(c, why);
        return;
    }
    (void)say_progress(d, &c->reply);
}

static void finish(struct hawser_device *d, struct hwi_call *call,
                   const struct hwi_answer *answer)
{
    uint32_t seq = call->seq;

    call->seq = 0;
    hwi_answer_finish(d, seq, answer);
}

void hwi_calls_cancel(struct hawser_device *d)
{
    static const char text[] = "the device was reconfigured; whether it took "
                               "effect is not known";
    struct hwi_answer answer = {.status = HWI_REPLY_FAILED,
                                .code = hwi_view("interrupted"),
                                .message = hwi_view(text)};

    for (unsigned i = 0; i < HAWSER_CALLS_MAX; i++) {
        if (d->calls[i].seq != 0) {
            finish(d, &d->calls[i], &answer);
        }
    }
}

void hwi_calls_step(struct hawser_device *d)
{
    struct hwi_answer answer = {
        .status = HWI_REPLY_FAILED,
        .code = hwi_view("timeout"),
        .message = hwi_view("it was not answered in the time it has")};

    for (unsigned i = 0; i < HAWSER_CALLS_MAX; i++) {
        struct hwi_call *call = &d->calls[i];
        if (call->seq != 0 && call->due_ms <= d->now_ms) {
            finish(d, call, &answer);
        }
    }
}

uint64_t hwi_calls_deadline_ms(const struct hawser_device *d)
{
    uint64_t due_ms = HAWSER_NEVER;

    for (unsigned i = 0; i < HAWSER_CALLS_MAX; i++) {
        const struct hwi_call *call = &d->calls[i];
        if (call->seq != 0 && call->due_ms < due_ms) {
            due_ms = call->due_ms;
        }
    }
    return due_ms;
}

/* The application ----------------------------------------------------------- */

bool hawser_device_next_call(struct hawser_device *d, struct hawser_call *call)
{
    struct hwi_call *next = NULL;
    uint8_t room[HWI_MESSAGE_MAX];
    struct hawser_view why;

    for (unsigned i = 0; i < HAWSER_CALLS_MAX; i++) {
        struct hwi_call *c = &d->calls[i];
        if (c->seq != 0 && !c->is_fetched &&
            (next == NULL || c->seq < next->seq)) {
            next = c;
        }
    }
    if (next == NULL) {
        return false;
    }
    next->is_fetched = true;
    return read_args(d, next, call, (struct hawser_span){room, sizeof(room)},
                     &why) == 0; /* they were good when they came */
}

int hawser_device_progress(struct hawser_device *d, uint32_t token,
                           uint8_t percent)
{
    struct hwi_reply r = {.status = HWI_REPLY_RUNNING,
                          .has_percent = percent <= PERCENT_MAX,
                          .percent = percent};

    if (token == 0 || call_of(d, token) == NULL ||
        hwi_answer_address(d, token, &r) != 0) {
        return HAWSER_E_ABSENT;
    }
    d->has_news = true;
    return say_progress(d, &r);
}

/* What is between the braces of an object. False: it is none. */
static bool strip(struct hawser_view object, struct hawser_view *members)
{
    size_t first = 0;
    size_t end = object.len;

    *members = (struct hawser_view){NULL, 0};
    if (object.at == NULL) {
        return true;
    }
    if (hwi_json_check(object) != 0) {
        return false;
    }
    while (object.at[first] != '{') {
        first++;
    }
    while (object.at[end - 1] != '}') {
        end--;
    }
    if (hwi_json_count(object) > 0) {
        members->at = object.at + first + 1;
        members->len = end - first - 2;
    }
    return true;
}

int hawser_device_answer(struct hawser_device *d, uint32_t token,
                         const struct hawser_answer *answer)
{
    static const enum hwi_reply_status statuses[] = {
        [HAWSER_SUCCEEDED] = HWI_REPLY_SUCCEEDED,
        [HAWSER_FAILED] = HWI_REPLY_FAILED,
        [HAWSER_REJECTED] = HWI_REPLY_REJECTED,
    };
    struct hwi_answer final = {.code = hwi_view(answer->code),
                               .message = answer->message};
    struct hwi_call *call = token == 0 ? NULL : call_of(d, token);

    if (call == NULL) {
        return HAWSER_E_ABSENT;
    }
    if ((unsigned)answer->outcome > HAWSER_REJECTED ||
        !strip(answer->result, &final.result)) {
        return HAWSER_E_ARG;
    }
    final.status = statuses[answer->outcome];
    finish(d, call, &final);
    d->has_news = true;
    return 0;
}
