/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each command does. Effects are written to flash or queued before the
 * function returns, because then the broker is told that the command was taken.
 */
#include "device/command.h"

#include "device/alerts.h"
#include "device/goodbye.h"
#include "device/json_read.h"
#include "device/json_write.h"
#include "device/lasting.h"
#include "device/reply.h"
#include "device/session.h"
#include "device/telemetry.h"
#include "device/time_ask.h"
#include "wire/memory.h"

#define INTERVAL_MAX_S 86400u

static void refuse(struct hwi_command *c, enum hwi_reply_status status,
                   const char *code, const char *message)
{
    c->reply.status = (uint8_t)status;
    c->reply.code = code;
    c->reply.message = message;
}

static void run_ping(struct hawser_device *d, struct hwi_command *c)
{
    hwi_session_say(d, HWI_DUE_PONG);
    c->reply.status = HWI_REPLY_SUCCEEDED;
}

static void run_get_status(struct hawser_device *d, struct hwi_command *c)
{
    (void)d; /* the facts are gathered when the reply is written */
    c->reply.status = HWI_REPLY_SUCCEEDED;
    c->reply.result = HWI_RESULT_STATUS;
}

static void run_get_flights(struct hawser_device *d, struct hwi_command *c)
{
    (void)d; /* written part by part, as there is room */
    c->reply.status = HWI_REPLY_SUCCEEDED;
    c->reply.result = HWI_RESULT_FLIGHTS;
}

/* The answer to our own question. One that comes too late, or second, is what
 * may happen: nobody is bothered with it. */
static void run_set_time(struct hawser_device *d, struct hwi_command *c)
{
    uint8_t nonce[HWI_TIME_NONCE_SIZE];
    uint64_t unix_ms = 0;
    struct hawser_view from = c->args.at == NULL ? c->payload : c->args;
    size_t len = 0;

    if (hwi_json_get_text(from, "nonce",
                          (struct hawser_span){nonce, sizeof(nonce)},
                          &len) != 0 ||
        hwi_json_get_uint(from, "unix_ms", &unix_ms) != 0) {
        refuse(c, HWI_REPLY_REJECTED, "bad_time",
               "nonce is a text, unix_ms a whole number");
        return;
    }
    hwi_time_ask_answered(d, (struct hawser_view){nonce, len}, unix_ms);
}

static void run_set_interval(struct hawser_device *d, struct hwi_command *c)
{
    uint64_t interval_s = 0;
    struct hawser_view from = c->args.at == NULL ? c->payload : c->args;

    if (hwi_json_get_uint(from, "interval_s", &interval_s) != 0 ||
        interval_s < 1 || interval_s > INTERVAL_MAX_S) {
        refuse(c, HWI_REPLY_REJECTED, "bad_interval",
               "interval_s is a whole number of 1..86400");
        return;
    }
    hwi_telemetry_set_interval(d, (uint32_t)interval_s);
    c->reply.status = HWI_REPLY_SUCCEEDED;
    c->reply.result = HWI_RESULT_INTERVAL;
}

/* Without a name: all findings. */
static void run_clear_alert(struct hawser_device *d, struct hwi_command *c)
{
    uint8_t bytes[HWI_COMMAND_MAX];
    struct hawser_view name = {NULL, 0};
    struct hawser_view from = c->args.at == NULL ? c->payload : c->args;
    size_t len = 0;
    int err = hwi_json_get_text(
        from, "alert", (struct hawser_span){bytes, sizeof(bytes)}, &len);

    if (err == 0) {
        name = (struct hawser_view){bytes, len};
    }
    if ((err != 0 && err != HAWSER_E_ABSENT) ||
        !hwi_alert_clear_finding(d, name)) {
        refuse(c, HWI_REPLY_REJECTED, "bad_alert",
               "alert names none that a command can clear");
        return;
    }
    c->reply.status = HWI_REPLY_SUCCEEDED;
}

static void run_update_cert(struct hawser_device *d, struct hwi_command *c)
{
    (void)d;
    refuse(c, HWI_REPLY_REJECTED, "not_supported",
           "this firmware cannot change its certificates yet");
}

static bool is_last_restart(const struct hwi_lasting *l,
                            const struct hwi_reply *r)
{
    return r->has_id && r->id_len == l->id_len &&
           memcmp(r->id, l->id, l->id_len) == 0;
}

/* The id is written before the restart: whoever delivers the command again
 * afterwards finds it done. */
static void run_restart(struct hawser_device *d, struct hwi_command *c)
{
    struct hwi_lasting *l = &d->lasting;
    const struct hwi_reply *r = &c->reply;

    if (is_last_restart(l, r)) {
        refuse(c, HWI_REPLY_DUPLICATE, "duplicate",
               "this restart has been done or is under way");
        return;
    }
    /* Its PUBACK would pass for that of the new one. */
    if (hwi_replies_is_answering(d)) {
        refuse(c, HWI_REPLY_REJECTED, "busy",
               "the last restart is still being answered");
        return;
    }
    l->is_answer_due = true;
    l->id_len = r->id_len;
    l->response_len = r->response_len;
    l->correlation_len = r->correlation_len;
    memcpy(l->id, r->id, r->id_len);
    memcpy(l->response, r->response, r->response_len);
    memcpy(l->correlation, r->correlation, r->correlation_len);
    if (hwi_lasting_save(l) != 0) {
        l->is_answer_due = false;
        l->id_len = 0;
        refuse(c, HWI_REPLY_FAILED, "storage",
               "the answer could not be made to outlive the restart");
        return;
    }
    hwi_goodbye_say(d, HWI_GOODBYE_RESTART);
}

const struct hwi_command_row *hwi_command_find(struct hawser_view name)
{
    static const struct hwi_command_row rows[] = {
        {"ping", run_ping},
        {"get_status", run_get_status},
        {"get_flights", run_get_flights},
        {"set_interval", run_set_interval},
        {"restart", run_restart},
        {"clear_alert", run_clear_alert},
        {"set_time", run_set_time},
        {"update_cert", run_update_cert},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hawser_view known = hwi_view(rows[i].name);
        if (known.len == name.len && memcmp(known.at, name.at, name.len) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}
