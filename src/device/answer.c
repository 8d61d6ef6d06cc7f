/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers, from the end of a command to the broker's PUBACK.
 */
#include "device/answer.h"

#include "device/ledger.h"
#include "device/log.h"
#include "device/outgoing.h"
#include "device/status.h"
#include "wire/memory.h"

static bool is_restart(const struct hwi_ledger_item *item)
{
    struct hawser_view name = item->texts[HWI_LEDGER_COMMAND];
    struct hawser_view restart = hwi_view("restart");

    return name.len == restart.len &&
           memcmp(name.at, restart.at, name.len) == 0;
}

/* Endings ------------------------------------------------------------------- */

/* The answer cannot be kept, so it is told once, from RAM. */
static void tell_unkept(struct hawser_device *d, uint32_t seq,
                        enum hwi_reply_status status)
{
    struct hwi_reply r = {.status = (uint8_t)status,
                          .code = "not_kept",
                          .message = "flash failed: the answer is not kept"};

    hwi_log_alert(d->port, "storage", "an answer could not be written");
    if (hwi_answer_address(d, seq, &r) != 0 || !hwi_replies_add(d, &r)) {
        hwi_log_alert(d->port, "replies", "an answer is lost");
    }
}

void hwi_answer_finish(struct hawser_device *d, uint32_t seq,
                       const struct hwi_answer *answer)
{
    struct hwi_ledger_item item = {.boot = d->lasting.boot,
                                   .status = (uint8_t)answer->status};

    item.texts[HWI_LEDGER_CODE] = answer->code;
    item.texts[HWI_LEDGER_MESSAGE] = answer->message;
    item.texts[HWI_LEDGER_RESULT] = answer->result;
    if (hwi_ledger_finish(&d->ledger, seq, &item) == HAWSER_E_STORAGE) {
        tell_unkept(d, seq, answer->status);
    }
}

static void settle(struct hawser_device *d, uint32_t seq)
{
    uint8_t room[HWI_LEDGER_RECORD_MAX];
    uint8_t text[64];
    struct hwi_json j = hwi_json_to((struct hawser_span){text, sizeof(text)});
    struct hwi_answer answer = {
        .status = HWI_REPLY_FAILED,
        .code = hwi_view("interrupted"),
        .message = hwi_view("the device stopped while it was under way; "
                            "whether it took effect is not known")};
    struct hwi_ledger_item item;

    if (hwi_ledger_read(&d->ledger, seq,
                        (struct hawser_span){room, sizeof(room)}, &item) != 0) {
        return;
    }
    if (is_restart(&item)) {
        hwi_json_word(&j, "reset_reason", hwi_reset_word(d->reset_reason));
        answer = (struct hwi_answer){.status = HWI_REPLY_SUCCEEDED,
                                     .result = hwi_json_end(&j)};
    }
    hwi_answer_finish(d, seq, &answer);
}

void hwi_answers_settle(struct hawser_device *d)
{
    uint32_t seq = hwi_ledger_next(&d->ledger, HWI_LEDGER_LEFT, 0);

    while (seq != 0) {
        settle(d, seq);
        seq = hwi_ledger_next(&d->ledger, HWI_LEDGER_LEFT, seq);
    }
}

/* The oldest restart after this one that is in a state; 0: there is none. */
static uint32_t next_restart(const struct hawser_device *d,
                             enum hwi_ledger_state state, uint32_t after)
{
    uint8_t room[HWI_LEDGER_RECORD_MAX];
    struct hawser_span span = {room, sizeof(room)};
    struct hwi_ledger_item item;
    uint32_t seq = hwi_ledger_next(&d->ledger, state, after);

    while (seq != 0 && (hwi_ledger_read(&d->ledger, seq, span, &item) != 0 ||
                        !is_restart(&item))) {
        seq = hwi_ledger_next(&d->ledger, state, seq);
    }
    return seq;
}

bool hwi_answers_has_restart(const struct hawser_device *d)
{
    return next_restart(d, HWI_LEDGER_LEFT, 0) != 0;
}

void hwi_answers_refuse_restart(struct hawser_device *d)
{
    static const char text[] = "this machine cannot restart the device";
    struct hwi_answer answer = {.status = HWI_REPLY_FAILED,
                                .code = hwi_view("not_supported"),
                                .message = hwi_view(text)};
    uint32_t seq = next_restart(d, HWI_LEDGER_RUNNING, 0);

    while (seq != 0) {
        hwi_answer_finish(d, seq, &answer);
        seq = next_restart(d, HWI_LEDGER_RUNNING, seq);
    }
}

/* Text ---------------------------------------------------------------------- */

static void write_text(struct hwi_json *j, const char *key,
                       struct hawser_view text)
{
    if (text.len > 0) {
        hwi_json_text(j, key, text);
    }
}

static void write_outcome(struct hwi_json *j,
                          const struct hwi_ledger_item *item)
{
    hwi_json_word(j, "status",
                  item->status == HWI_REPLY_NONE
                      ? "running"
                      : hwi_reply_word((enum hwi_reply_status)item->status));
    write_text(j, "code", item->texts[HWI_LEDGER_CODE]);
    write_text(j, "message", item->texts[HWI_LEDGER_MESSAGE]);
    if (item->texts[HWI_LEDGER_RESULT].len > 0) {
        hwi_json_open(j, "result", '{');
        hwi_json_members(j, item->texts[HWI_LEDGER_RESULT]);
        hwi_json_close(j, '}');
    }
    hwi_json_uint(j, "boot", item->boot);
}

void hwi_answer_write(const struct hawser_device *d, uint32_t seq,
                      struct hwi_json *j)
{
    uint8_t room[HWI_LEDGER_RECORD_MAX];
    struct hwi_ledger_item item;

    if (hwi_ledger_read(&d->ledger, seq,
                        (struct hawser_span){room, sizeof(room)}, &item) == 0) {
        hwi_json_open(j, "answer", '{');
        write_outcome(j, &item);
        hwi_json_close(j, '}');
    }
}

static struct hawser_view write_whole(struct hawser_device *d,
                                      const struct hwi_ledger_item *item)
{
    struct hwi_json j =
        hwi_json_to((struct hawser_span){d->text, sizeof(d->text)});

    hwi_json_open(&j, NULL, '{');
    hwi_json_word(&j, "device", d->cfg->id);
    write_text(&j, "id", item->texts[HWI_LEDGER_ID]);
    hwi_json_text(&j, "command", item->texts[HWI_LEDGER_COMMAND]);
    write_outcome(&j, item);
    hwi_json_close(&j, '}');
    return hwi_json_end(&j);
}

int hwi_answer_address(const struct hawser_device *d, uint32_t seq,
                       struct hwi_reply *r)
{
    uint8_t room[HWI_LEDGER_RECORD_MAX];
    struct hwi_ledger_item item;
    int err = hwi_ledger_read(&d->ledger, seq,
                              (struct hawser_span){room, sizeof(room)}, &item);

    if (err != 0) {
        return err;
    }
    /* The ledger keeps no longer ones than a reply has room for. */
    r->id_len = (uint8_t)item.texts[HWI_LEDGER_ID].len;
    r->command_len = (uint8_t)item.texts[HWI_LEDGER_COMMAND].len;
    r->response_len = (uint8_t)item.texts[HWI_LEDGER_RESPONSE].len;
    r->correlation_len = (uint8_t)item.texts[HWI_LEDGER_CORRELATION].len;
    r->has_id = r->id_len > 0;
    memcpy(r->id, item.texts[HWI_LEDGER_ID].at, r->id_len);
    memcpy(r->command, item.texts[HWI_LEDGER_COMMAND].at, r->command_len);
    memcpy(r->response, item.texts[HWI_LEDGER_RESPONSE].at, r->response_len);
    memcpy(r->correlation, item.texts[HWI_LEDGER_CORRELATION].at,
           r->correlation_len);
    return 0;
}

/* Publishing ---------------------------------------------------------------- */

bool hwi_answers_are_due(const struct hawser_device *d)
{
    return d->ledger.halfway != 0 ||
           hwi_ledger_next(&d->ledger, HWI_LEDGER_DONE, 0) != 0;
}

/* Publishes an answer, or the half of it that is left. */
static int send_one(struct hawser_device *d, uint32_t seq,
                    const struct hwi_ledger_item *item)
{
    struct hwi_ledger *l = &d->ledger;
    struct hwi_route to = {.kind = HWI_KIND_ANSWER,
                           .seq = seq,
                           .response = item->texts[HWI_LEDGER_RESPONSE],
                           .correlation = item->texts[HWI_LEDGER_CORRELATION],
                           .is_told = l->halfway == seq};
    int err;

    hwi_ledger_sent(l, seq); /* a broker of QoS 0 has it at once */
    err = hwi_reply_publish(d, &to, write_whole(d, item));
    l->halfway = err != 0 && to.is_told ? seq : 0;
    if (to.is_lost) {
        hwi_answer_told(d, seq);
    } else if (!to.is_told) {
        hwi_ledger_unsent(l, seq);
    }
    return err;
}

int hwi_answers_send(struct hawser_device *d)
{
    uint8_t room[HWI_LEDGER_RECORD_MAX];
    struct hwi_ledger *l = &d->ledger;
    struct hwi_ledger_item item;
    uint32_t seq = l->halfway;

    if (seq == 0) {
        seq = hwi_ledger_next(l, HWI_LEDGER_DONE, 0);
    }
    if (seq == 0) {
        return HAWSER_E_WAIT;
    }
    if (hwi_ledger_read(l, seq, (struct hawser_span){room, sizeof(room)},
                        &item) != 0) {
        hwi_log_alert(d->port, "storage", "an answer could not be read");
        l->halfway = 0;
        hwi_ledger_sent(l, seq); /* the next run may try again */
        return 0;
    }
    return send_one(d, seq, &item);
}

void hwi_answer_told(struct hawser_device *d, uint32_t seq)
{
    if (hwi_ledger_told(&d->ledger, seq) != 0) {
        hwi_log_alert(d->port, "storage", "the ledger could not be written");
    }
}
