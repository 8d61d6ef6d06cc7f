/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Permissions. Where a signature counts, the command must also end: by expires,
 * or with this run. Else whoever has once seen it could send it again after the
 * ledger has forgotten its id.
 */
#include "device/permission.h"

#include "device/clock.h"
#include "device/json_read.h"
#include "device/json_write.h"
#include "device/reboot_guard.h"
#include "device/signed_request.h"

struct hwi_verdict hwi_permitted(void)
{
    return (struct hwi_verdict){HWI_REPLY_NONE, NULL, NULL};
}

struct hwi_verdict hwi_rejected(const char *code, const char *text)
{
    return (struct hwi_verdict){HWI_REPLY_REJECTED, code, text};
}

/* Sender -------------------------------------------------------------------- */

static bool has_number(struct hawser_view payload, const char *key)
{
    uint64_t value = 0;

    return hwi_json_get_uint(payload, key, &value) == 0;
}

static struct hwi_verdict check_bounds(const struct hwi_command *c)
{
    if (!c->reply.has_id) {
        return hwi_rejected("missing_id", "a signed command has an id");
    }
    if (!has_number(c->payload, "expires") &&
        !has_number(c->payload, "if_boot")) {
        return hwi_rejected("not_bounded",
                            "a signed command has expires or if_boot");
    }
    return hwi_permitted();
}

struct hwi_verdict hwi_permission_of_sender(struct hawser_device *d,
                                            struct hwi_command *c,
                                            const struct hwi_command_row *row)
{
    struct hwi_signed_request r = {.payload = c->payload,
                                   .device = hwi_view(d->cfg->id),
                                   .key = d->cfg->command_key,
                                   .room = {d->text, sizeof(d->text)}};

    if (r.key.len == 0 || row->is_harmless) {
        return hwi_permitted();
    }
    switch (hwi_signed_request_verify(d->port, &r)) {
    case 0:
        break;
    case HAWSER_E_ABSENT:
        return hwi_rejected("not_signed", "this device wants it signed");
    case HAWSER_E_LIMIT:
        return hwi_rejected("too_large", "args are too long to be checked");
    default:
        return hwi_rejected("bad_signature",
                            "the signature is not by the pinned key, or not "
                            "for this command and device");
    }
    if (c->args.at == NULL) {
        c->args = hwi_view("{}");
    }
    return check_bounds(c);
}

/* Time ---------------------------------------------------------------------- */

static struct hwi_verdict check_boot(struct hawser_device *d,
                                     const struct hwi_command *c)
{
    uint64_t boot = d->lasting.boot;

    if (hwi_json_get_uint(c->payload, "if_boot", &boot) == HAWSER_E_ARG) {
        return hwi_rejected("bad_if_boot", "if_boot is no whole number");
    }
    if (boot != d->lasting.boot) {
        return hwi_rejected("wrong_boot", "the device started anew since");
    }
    return hwi_permitted();
}

/* A command that names its end is not obeyed when nobody can tell whether that
 * has come; the floor may still show that it has. */
static struct hwi_verdict check_expiry(struct hawser_device *d,
                                       const struct hwi_command *c)
{
    uint64_t expires_s = UINT64_MAX;

    if (hwi_json_get_uint(c->payload, "expires", &expires_s) == HAWSER_E_ARG) {
        return hwi_rejected("bad_expires", "expires is no whole number");
    }
    if (expires_s < d->clock.floor_s ||
        expires_s < hwi_clock_unix_ms(&d->clock, d->now_ms) / 1000) {
        return (struct hwi_verdict){HWI_REPLY_EXPIRED, "expired",
                                    "the command came too late"};
    }
    if (expires_s != UINT64_MAX && !hwi_clock_is_known(&d->clock)) {
        return hwi_rejected("time_unknown",
                            "expires cannot be judged: the device does not "
                            "know the time yet");
    }
    return hwi_permitted();
}

struct hwi_verdict hwi_permission_now(struct hawser_device *d,
                                      struct hwi_command *c,
                                      const struct hwi_command_row *row)
{
    struct hwi_verdict v = check_boot(d, c);

    if (v.code == NULL) {
        v = check_expiry(d, c);
    }
    if (v.code == NULL && row->restarts && hwi_reboot_guard_holds(d)) {
        v = hwi_rejected("held", "too many short runs were ended by commands; "
                                 "wait ten minutes, or clear the alert "
                                 "reboot_loop");
    }
    return v;
}
