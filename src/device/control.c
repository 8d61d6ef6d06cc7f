/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads commands and sees them through. A rejection holds nothing of what was
 * sent.
 */
#include "device/control.h"

#include "device/alerts.h"
#include "device/answer.h"
#include "device/calls.h"
#include "device/command.h"
#include "device/json_read.h"
#include "device/json_write.h"
#include "device/ledger.h"
#include "device/log.h"
#include "device/permission.h"
#include "device/reply.h"
#include "device/session.h"
#include "wire/memory.h"
#include "wire/utf8.h"

/* MQTT5 3.4.2.1: PUBACK reason code "quota exceeded". */
#define REASON_QUOTA 0x97

static void count_refusal(struct hawser_device *d, const char *code)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_WARNING, "refused");

    d->counters.refused++;
    hwi_log_word(&l, "code", code);
    hwi_log_send(&l, d->port);
}

/* Members ------------------------------------------------------------------- */

static struct hwi_verdict check_json(struct hawser_view payload)
{
    if (!hwi_utf8_is_valid(payload)) {
        return hwi_rejected("bad_utf8", "the payload is not UTF-8");
    }
    switch (hwi_json_check(payload)) {
    case 0:
        return hwi_permitted();
    case HAWSER_E_LIMIT:
        return hwi_rejected("too_deep", "the JSON is nested too deep");
    case HAWSER_E_FULL:
        return hwi_rejected("too_large", "the JSON has too many values");
    default:
        return hwi_rejected("bad_json", "the payload is no JSON object");
    }
}

static struct hwi_verdict read_id(struct hwi_command *c)
{
    size_t len = 0;
    int err = hwi_json_get_text(
        c->payload, "id",
        (struct hawser_span){c->reply.id, sizeof(c->reply.id)}, &len);

    if (err == HAWSER_E_ARG || (err == 0 && len == 0)) {
        return hwi_rejected("bad_id", "id is no text of 1..64 bytes");
    }
    if (err == 0) {
        c->reply.has_id = true;
        c->reply.id_len = (uint8_t)len;
    }
    return hwi_permitted();
}

static struct hwi_verdict read_name(struct hwi_command *c)
{
    size_t len = 0;
    int err = hwi_json_get_text(
        c->payload, "command",
        (struct hawser_span){c->reply.command, sizeof(c->reply.command)}, &len);

    if (err == HAWSER_E_ABSENT) {
        return hwi_rejected("missing_command", "there is no command");
    }
    if (err != 0) {
        return hwi_rejected("bad_command", "command is no short text");
    }
    c->reply.command_len = (uint8_t)len;
    return hwi_permitted();
}

static struct hwi_verdict read_args(struct hwi_command *c)
{
    if (hwi_json_get_object(c->payload, "args", &c->args) == HAWSER_E_ARG) {
        return hwi_rejected("bad_args", "args is no object");
    }
    return hwi_permitted();
}

enum addressee { FOR_US, FOR_ANOTHER, FOR_NOBODY };

static enum addressee read_device(struct hawser_device *d,
                                  struct hawser_view payload)
{
    uint8_t name[HAWSER_ID_MAX];
    struct hawser_view id = hwi_view(d->cfg->id);
    size_t len = 0;
    int err = hwi_json_get_text(payload, "device",
                                (struct hawser_span){name, sizeof(name)}, &len);

    if (err == HAWSER_E_ABSENT) {
        return FOR_US;
    }
    if (err != 0) {
        return FOR_NOBODY;
    }
    return len == id.len && memcmp(name, id.at, len) == 0 ? FOR_US
                                                          : FOR_ANOTHER;
}

static struct hwi_verdict read_members(struct hwi_command *c)
{
    static struct hwi_verdict (*const readers[])(struct hwi_command *) = {
        read_id, read_name, read_args};
    struct hwi_verdict v = hwi_permitted();

    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        if (v.code == NULL) {
            v = readers[i](c);
        }
    }
    return v;
}

/* Whole messages ------------------------------------------------------------ */

static void log_command(struct hawser_device *d, const struct hwi_command *c)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_INFO, "command");

    hwi_log_text(&l, "command",
                 (struct hawser_view){c->reply.command, c->reply.command_len});
    if (c->reply.has_id) {
        hwi_log_text(&l, "id",
                     (struct hawser_view){c->reply.id, c->reply.id_len});
    }
    hwi_log_word(&l, "status", hwi_reply_word(c->reply.status));
    hwi_log_send(&l, d->port);
}

/* What names no command is answered at a limited rate. */
static uint8_t answer_garbage(struct hawser_device *d, struct hwi_command *c,
                              struct hwi_verdict v)
{
    count_refusal(d, v.code);
    if (v.status == HWI_REPLY_REJECTED) {
        hwi_alert_raise(d, HWI_ALERT_COMMAND_REFUSED, v.code,
                        d->counters.refused);
    }
    c->reply.status = (uint8_t)v.status;
    c->reply.code = v.code;
    c->reply.message = v.text;
    if (!hwi_replies_may_reject(d)) {
        return 0;
    }
    return hwi_replies_add(d, &c->reply) ? 0 : REASON_QUOTA;
}

static void count(struct hawser_device *d, const struct hwi_command *c)
{
    bool is_obeyed = c->reply.status <= HWI_REPLY_SUCCEEDED;

    log_command(d, c);
    d->counters.commands += is_obeyed ? 1 : 0;
    d->counters.refused += is_obeyed ? 0 : 1;
}

/* Runs it as often as it comes, and answers from RAM. */
static uint8_t run_harmless(struct hawser_device *d, struct hwi_command *c,
                            const struct hwi_command_row *row)
{
    if (hwi_replies_are_full(d)) {
        count_refusal(d, "busy");
        return REASON_QUOTA;
    }
    row->run(d, c);
    count(d, c);
    if (c->reply.status == HWI_REPLY_NONE) {
        return 0;
    }
    return hwi_replies_add(d, &c->reply) ? 0 : REASON_QUOTA;
}

/* What came before gets its answer again, with no second effect. */
static uint8_t answer_again(struct hawser_device *d, struct hwi_command *c)
{
    c->reply.status = HWI_REPLY_DUPLICATE;
    c->reply.code = "duplicate";
    c->reply.message = "this id was taken before; answer says what came of it";
    c->reply.about = c->seq;
    count(d, c);
    return hwi_replies_add(d, &c->reply) ? 0 : REASON_QUOTA;
}

/* Not done, but by no fault of the sender's. */
static uint8_t give_up(struct hawser_device *d, struct hwi_command *c,
                       enum hwi_reply_status status, const char *code,
                       const char *text)
{
    c->reply.status = (uint8_t)status;
    c->reply.code = code;
    c->reply.message = text;
    count(d, c);
    return hwi_replies_add(d, &c->reply) ? 0 : REASON_QUOTA;
}

static uint8_t give_up_busy(struct hawser_device *d, struct hwi_command *c)
{
    return give_up(d, c, HWI_REPLY_REJECTED, "busy",
                   "too many commands are under way; send it again");
}

/* The beginning is on flash before the effect, the answer after it. */
static uint8_t run_once(struct hawser_device *d, struct hwi_command *c,
                        const struct hwi_command_row *row)
{
    const struct hwi_reply *r = &c->reply;
    struct hwi_ledger_item item = {.boot = d->lasting.boot};
    int err;

    item.texts[HWI_LEDGER_ID] = (struct hawser_view){r->id, r->id_len};
    item.texts[HWI_LEDGER_COMMAND] =
        (struct hawser_view){r->command, r->command_len};
    item.texts[HWI_LEDGER_RESPONSE] =
        (struct hawser_view){r->response, r->response_len};
    item.texts[HWI_LEDGER_CORRELATION] =
        (struct hawser_view){r->correlation, r->correlation_len};
    err = hwi_ledger_begin(&d->ledger, &item, &c->seq);
    if (err == HAWSER_E_FULL) {
        return give_up_busy(d, c);
    }
    if (err != 0) {
        return give_up(d, c, HWI_REPLY_FAILED, "storage",
                       "the command could not be written down, so it was not "
                       "obeyed");
    }
    row->run(d, c);
    count(d, c);
    if (r->status != HWI_REPLY_NONE) {
        struct hwi_answer answer = {
            .status = (enum hwi_reply_status)r->status,
            .code = hwi_view(r->code),
            .message = c->message_len > 0
                           ? (struct hawser_view){c->message, c->message_len}
                           : hwi_view(r->message),
            .result = {c->result, c->result_len}};
        hwi_answer_finish(d, c->seq, &answer);
    }
    return 0;
}

/* Is this id in the ledger? Its answer stands, whatever the conditions are by
 * now. STORAGE: nobody can tell. */
static int look_up(struct hawser_device *d, struct hwi_command *c)
{
    return c->reply.has_id ? hwi_ledger_find(&d->ledger,
                                             (struct hawser_view){
                                                 c->reply.id, c->reply.id_len},
                                             &c->seq)
                           : HAWSER_E_ABSENT;
}

/* A command with an effect, by somebody who may command. */
static uint8_t obey(struct hawser_device *d, struct hwi_command *c,
                    const struct hwi_command_row *row)
{
    int err = look_up(d, c);
    struct hwi_verdict v;

    if (err == 0) {
        return answer_again(d, c);
    }
    if (err != HAWSER_E_ABSENT) {
        return give_up(d, c, HWI_REPLY_FAILED, "storage",
                       "the ledger could not be read");
    }
    v = hwi_permission_now(d, c, row);
    if (v.code != NULL) {
        return answer_garbage(d, c, v);
    }
    if (row->run == hwi_calls_take && hwi_calls_are_full(d)) {
        return give_up_busy(d, c);
    }
    return run_once(d, c, row);
}

/* The device's own commands, then the application's. */
static const struct hwi_command_row *find_row(struct hawser_device *d,
                                              struct hwi_command *c)
{
    static const struct hwi_command_row application = {.run = hwi_calls_take};
    struct hawser_view name = {c->reply.command, c->reply.command_len};
    const struct hwi_command_row *row = hwi_command_find(name);

    if (row == NULL) {
        c->place = hwi_calls_find(d, name);
        row = c->place < d->cfg->command_count ? &application : NULL;
    }
    return row;
}

/* A command whose members are sound. */
static uint8_t take_command(struct hawser_device *d, struct hwi_command *c)
{
    const struct hwi_command_row *row = find_row(d, c);
    struct hwi_verdict v;

    if (row == NULL) {
        return answer_garbage(
            d, c, hwi_rejected("unknown_command", "no such command"));
    }
    v = hwi_permission_of_sender(d, c, row);
    if (v.code == NULL && !row->is_harmless) {
        return obey(d, c, row);
    }
    if (v.code == NULL) {
        v = hwi_permission_now(d, c, row);
    }
    return v.code == NULL ? run_harmless(d, c, row) : answer_garbage(d, c, v);
}

static void take_whole(struct hawser_device *d, const struct hawser_event *ev)
{
    struct hwi_command c = {.payload = ev->payload};
    struct hwi_verdict v = check_json(ev->payload);
    uint8_t reason;

    hwi_reply_address(d, &c.reply, ev->properties);
    if (v.code == NULL) {
        enum addressee who = read_device(d, c.payload);
        if (who == FOR_ANOTHER && d->cfg->layout == HAWSER_LAYOUT_FLAT) {
            hwi_session_accept(
                d, ev, 0); /* one control topic for all: not our business */
            return;
        }
        v = read_members(&c);
        if (who != FOR_US) {
            v = hwi_rejected("wrong_device", "it is for another device");
        }
    }
    reason = v.code == NULL ? take_command(d, &c) : answer_garbage(d, &c, v);
    hwi_session_accept(d, ev, reason);
}

/* The payload went by in parts and was not kept. */
static void take_large(struct hawser_device *d, const struct hawser_event *ev)
{
    struct hwi_command c = {.payload = {NULL, 0}};

    if (ev->payload_left == 0) {
        uint8_t reason = answer_garbage(
            d, &c, hwi_rejected("too_large", "the command is too long"));
        hwi_session_accept(d, ev, reason);
    }
}

/* A retained command would be obeyed again at every connect. */
static void take_retained(struct hawser_device *d,
                          const struct hawser_event *ev)
{
    if (ev->payload_left == 0) {
        count_refusal(d, "retained");
        hwi_alert_raise(d, HWI_ALERT_COMMAND_REFUSED, "retained",
                        d->counters.refused);
        d->retained_refused++;
        hwi_session_say(d, HWI_DUE_RETAINED);
        hwi_session_accept(d, ev, 0);
    }
}

void hwi_control_take(struct hawser_device *d, const struct hawser_event *ev)
{
    bool is_whole = ev->payload_offset == 0 && ev->payload_left == 0;

    if (ev->retain) {
        take_retained(d, ev);
    } else if (!is_whole || ev->payload.len > HWI_JSON_SIZE_MAX) {
        take_large(d, ev);
    } else {
        take_whole(d, ev);
    }
}
