/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each command does. All but the harmless ones are in the ledger when they
 * run.
 */
#include "device/command.h"

#include "device/alerts.h"
#include "device/clock.h"
#include "device/goodbye.h"
#include "device/json_read.h"
#include "device/json_write.h"
#include "device/lasting.h"
#include "device/reboot_guard.h"
#include "device/reply.h"
#include "device/session.h"
#include "device/telemetry.h"
#include "device/time_ask.h"
#include "device/update_cert.h"
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
    struct hwi_json j =
        hwi_json_to((struct hawser_span){c->result, sizeof(c->result)});

    if (hwi_json_get_uint(from, "interval_s", &interval_s) != 0 ||
        interval_s < 1 || interval_s > INTERVAL_MAX_S) {
        refuse(c, HWI_REPLY_REJECTED, "bad_interval",
               "interval_s is a whole number of 1..86400");
        return;
    }
    hwi_telemetry_set_interval(d, (uint32_t)interval_s);
    c->reply.status = HWI_REPLY_SUCCEEDED;
    hwi_json_uint(&j, "interval_s", interval_s);
    c->result_len = hwi_json_end(&j).len;
}

/* Too high a floor refuses good certificates, too low a one lets ended ones
 * pass: nobody but the owner of the pinned key may say so. */
static void run_lower_floor(struct hawser_device *d, struct hwi_command *c)
{
    uint64_t unix_s = 0;

    if (d->cfg->command_key.len == 0) {
        refuse(c, HWI_REPLY_REJECTED, "not_signed",
               "this takes a signed command, and no key is pinned here");
        return;
    }
    if (hwi_json_get_uint(c->args, "unix_s", &unix_s) != 0) {
        refuse(c, HWI_REPLY_REJECTED, "bad_time", "unix_s is a whole number");
        return;
    }
    hwi_clock_lower_floor(&d->clock, unix_s);
    d->lasting.floor_s = d->clock.floor_s;
    if (hwi_lasting_save(&d->lasting) != 0) {
        refuse(c, HWI_REPLY_FAILED, "storage",
               "it counts until the next restart only");
        return;
    }
    c->reply.status = HWI_REPLY_SUCCEEDED;
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
    hwi_reboot_guard_release(d, name);
    c->reply.status = HWI_REPLY_SUCCEEDED;
}

static void run_restart(struct hawser_device *d, struct hwi_command *c)
{
    (void)c; /* answered after it, from the ledger */
    hwi_reboot_guard_note(d);
    hwi_goodbye_say(d, HWI_GOODBYE_RESTART);
}

const struct hwi_command_row *hwi_command_find(struct hawser_view name)
{
    static const struct hwi_command_row rows[] = {
        {.name = "ping", .run = run_ping, .is_harmless = true},
        {.name = "get_status", .run = run_get_status, .is_harmless = true},
        {.name = "get_flights", .run = run_get_flights, .is_harmless = true},
        {.name = "set_interval", .run = run_set_interval},
        {.name = "restart", .run = run_restart, .restarts = true},
        {.name = "clear_alert", .run = run_clear_alert},
        {.name = "set_time", .run = run_set_time, .is_harmless = true},
        {.name = "lower_floor", .run = run_lower_floor},
        /* Its generations tell what has been done. */
        {.name = "update_cert", .run = hwi_update_run, .is_harmless = true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hawser_view known = hwi_view(rows[i].name);
        if (known.len == name.len && memcmp(known.at, name.at, name.len) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}
