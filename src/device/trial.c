/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A try is counted before its attempt, so that a device that does not survive
 * one runs out of them, too; only what a certificate can be to blame for uses
 * one up. A switch that was announced waits until the active set is refused,
 * and has its time instead of tries.
 */
#include "device/trial.h"

#include "device/clock.h"
#include "device/json_write.h"
#include "device/log.h"
#include "wire/memory.h"

#define TRIES  3u
#define SECOND 1000u

static struct hwi_vault_state *state_of(struct hawser_device *d)
{
    return &d->credentials.vault.state;
}

const char *hwi_outcome_word(enum hwi_outcome outcome)
{
    static const char *const words[] = {
        [HWI_OUTCOME_NONE] = "none",
        [HWI_OUTCOME_COMMITTED] = "committed",
        [HWI_OUTCOME_REFUSED] = "refused",
        [HWI_OUTCOME_OVERDUE] = "overdue",
        [HWI_OUTCOME_CUT] = "cut",
        [HWI_OUTCOME_DAMAGED] = "damaged",
    };

    return words[outcome];
}

static void log_end(const struct hawser_device *d)
{
    const struct hwi_vault_state *s = &d->credentials.vault.state;
    bool is_good = s->outcome == HWI_OUTCOME_COMMITTED;
    struct hwi_log l = hwi_log_of(
        is_good ? HAWSER_LOG_INFO : HAWSER_LOG_WARNING, "credentials");

    hwi_log_word(&l, "outcome", hwi_outcome_word((enum hwi_outcome)s->outcome));
    hwi_log_word(&l, "cause", hawser_cause_word((enum hawser_cause)s->cause));
    hwi_log_number(&l, "generation", s->generation);
    hwi_log_send(&l, d->port);
}

void hwi_trial_end(struct hawser_device *d, enum hwi_outcome outcome,
                   enum hawser_cause cause)
{
    struct hwi_vault_state *s = state_of(d);

    s->pending = HWI_SLOT_NONE;
    s->outcome = (uint8_t)outcome;
    s->cause = (uint8_t)cause;
    s->is_answer_due = true;
    d->credentials.is_counted = false;
    hwi_credentials_play(d, HWI_ROLE_ACTIVE);
    if (hwi_vault_save(&d->credentials.vault) != 0) {
        hwi_log_alert(d->port, "storage",
                      "the end of a trial could not be written");
    }
    log_end(d);
}

void hwi_trial_commit(struct hawser_device *d)
{
    struct hwi_vault_state *s = state_of(d);

    s->previous = s->active;
    s->generations[1] = s->generations[0];
    s->active = s->pending;
    s->generations[0] = s->generations[2];
    if (s->is_final) {
        s->previous = HWI_SLOT_NONE;
        s->is_barred = true;
    }
    hwi_trial_end(d, HWI_OUTCOME_COMMITTED, HAWSER_CAUSE_NONE);
}

bool hwi_trial_is_on(const struct hawser_device *d)
{
    return d->credentials.vault.state.pending != HWI_SLOT_NONE;
}

static void start(struct hawser_device *d)
{
    const struct hwi_vault_state *s = &d->credentials.vault.state;

    d->credentials.trial_due_ms = d->now_ms + (uint64_t)s->trial_s * SECOND;
    hwi_credentials_play(d, s->is_switch ? HWI_ROLE_ACTIVE : HWI_ROLE_TRIAL);
}

int hwi_trial_begin(struct hawser_device *d, const struct hwi_trial *trial)
{
    struct hwi_vault_state *s = state_of(d);
    const struct hwi_vault_state before = *s;

    if (s->previous == trial->slot) {
        s->previous = HWI_SLOT_NONE; /* it has been overwritten */
    }
    s->pending = (uint8_t)trial->slot;
    s->generation = trial->generation;
    s->generations[2] = trial->generation;
    s->tries = TRIES;
    s->is_switch = trial->is_switch;
    s->is_final = trial->is_final;
    s->key_len = trial->takes_key ? 0 : s->key_len;
    s->outcome = HWI_OUTCOME_NONE;
    s->trial_s = trial->seconds;
    s->deadline_s =
        hwi_clock_is_known(&d->clock)
            ? hwi_clock_unix_ms(&d->clock, d->now_ms) / SECOND + trial->seconds
            : 0;
    s->id_len = (uint8_t)trial->id.len;
    memcpy(s->id, trial->id.at, trial->id.len);
    if (hwi_vault_save(&d->credentials.vault) != 0) {
        *s = before;
        return HAWSER_E_STORAGE;
    }
    start(d);
    return 0;
}

/* The tries do not last for ever, and neither does the time. A device that
 * starts anew has all of it again, unless it knows the time of day. */
static bool is_overdue(const struct hawser_device *d)
{
    const struct hwi_vault_state *s = &d->credentials.vault.state;

    return d->now_ms >= d->credentials.trial_due_ms ||
           (s->deadline_s != 0 && hwi_clock_is_known(&d->clock) &&
            hwi_clock_unix_ms(&d->clock, d->now_ms) / SECOND >= s->deadline_s);
}

/* An attempt that is under way is waited for. */
static bool is_attempting(const struct hawser_device *d)
{
    return d->credentials.role == HWI_ROLE_TRIAL && d->line.is_open;
}

void hwi_trial_step(struct hawser_device *d)
{
    if (hwi_trial_is_on(d) && !is_attempting(d) && is_overdue(d)) {
        hwi_trial_end(d, HWI_OUTCOME_OVERDUE, d->cause);
        if (d->state == HAWSER_DEVICE_RETRY) {
            d->state_due_ms = d->now_ms;
        }
    }
}

uint64_t hwi_trial_deadline_ms(const struct hawser_device *d)
{
    return hwi_trial_is_on(d) && !is_attempting(d) ? d->credentials.trial_due_ms
                                                   : HAWSER_NEVER;
}

/* Takes a try off the trial, once for an attempt. */
bool hwi_trial_count(struct hawser_device *d)
{
    struct hwi_vault_state *s = state_of(d);

    if (d->credentials.role != HWI_ROLE_TRIAL || d->credentials.is_counted ||
        s->is_switch) {
        return true;
    }
    s->tries--;
    d->credentials.is_counted = true;
    return hwi_vault_save(&d->credentials.vault) == 0;
}

bool hwi_trial_failed(struct hawser_device *d, enum hawser_cause cause)
{
    const struct hwi_vault_state *s = &d->credentials.vault.state;

    if (s->is_switch) {
        hwi_credentials_play(d, HWI_ROLE_ACTIVE);
        return false;
    }
    d->credentials.is_counted = false;
    if (s->tries > 0) {
        return false;
    }
    hwi_trial_end(d, HWI_OUTCOME_REFUSED, cause);
    return true;
}

void hwi_trial_resume(struct hawser_device *d)
{
    const struct hwi_vault_state *s = state_of(d);

    if (!hwi_trial_is_on(d)) {
        return;
    }
    if (s->tries == 0 && !s->is_switch) {
        hwi_trial_end(d, HWI_OUTCOME_CUT, HAWSER_CAUSE_NONE);
    } else {
        start(d);
    }
}
