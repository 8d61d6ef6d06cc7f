/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public calls: prepare, step, deadline, reconfigure, stop. The parts do
 * the work; the order in which they are stepped stands here.
 */
#include "hawser/device.h"

#include "device/answer.h"
#include "device/calls.h"
#include "device/clock.h"
#include "device/credentials.h"
#include "device/device.h"
#include "device/goodbye.h"
#include "device/json_write.h"
#include "device/lasting.h"
#include "device/ledger.h"
#include "device/line.h"
#include "device/link.h"
#include "device/log.h"
#include "device/outbox.h"
#include "device/outgoing.h"
#include "device/reboot_guard.h"
#include "device/recorder.h"
#include "device/reply.h"
#include "device/retry.h"
#include "device/session.h"
#include "device/settings.h"
#include "device/supervisor.h"
#include "device/telemetry.h"
#include "device/time_ask.h"
#include "device/time_sync.h"
#include "device/trial.h"

/* Why the device started: what the port knows, else what flash tells. */
static enum hawser_reset_reason find_reset_reason(struct hawser_device *d)
{
    struct hawser_system system = {.reset_reason = HAWSER_RESET_UNKNOWN};

    d->port->system_status(d->port->ctx, &system);
    if (system.reset_reason != HAWSER_RESET_UNKNOWN) {
        return system.reset_reason;
    }
    if (hwi_answers_has_restart(d)) {
        return HAWSER_RESET_COMMAND;
    }
    if (d->lasting.boot == 0) {
        return HAWSER_RESET_UNKNOWN;
    }
    return d->lasting.is_clean ? HAWSER_RESET_SOFTWARE : HAWSER_RESET_CRASH;
}

/* Reads what lasts, counts the boot and writes it back. */
static int begin_boot(struct hawser_device *d)
{
    int load_err = hwi_lasting_load(&d->lasting, d->port);
    int ledger_err = hwi_ledger_load(&d->ledger, d->port);
    int save_err;

    d->reset_reason = find_reset_reason(d);
    if (d->cfg->forget_floor) {
        d->lasting.floor_s = 0;
    }
    d->lasting.boot++;
    d->lasting.is_clean = false;
    save_err = hwi_lasting_save(&d->lasting);
    load_err = load_err != 0 ? load_err : ledger_err;
    return load_err != 0 ? load_err : save_err;
}

int hawser_device_init(struct hawser_device *d,
                       const struct hawser_device_config *config,
                       const struct hawser_device_memory *memory,
                       const struct hawser_port *port)
{
    int err = hwi_settings_check(config);

    if (err == 0) {
        err = hwi_settings_check_memory(memory);
    }
    if (err != 0) {
        return err;
    }
    *d = (struct hawser_device){.cfg = config,
                                .port = port,
                                .memory = *memory,
                                .now_ms = port->now_ms(port->ctx),
                                .floor_saved_ms = HAWSER_NEVER,
                                .resynced_ms = HAWSER_NEVER,
                                .status_word = "online"};
    err = hwi_session_init(d);
    if (err != 0) {
        return err;
    }
    d->started_ms = d->now_ms;
    err = begin_boot(d);
    hwi_clock_init(&d->clock, config->build_time_s, d->lasting.floor_s);
    hwi_outbox_open(&d->outbox, port, memory->outbox, d->lasting.boot);
    hwi_retry_init(&d->retry, hwi_view(config->id));
    hwi_replies_init(d);
    hwi_answers_settle(d);
    hwi_reboot_guard_init(d);
    hwi_telemetry_init(d);
    hwi_link_init(d);
    if (hwi_recorder_init(d) != 0) {
        err = HAWSER_E_STORAGE;
    }
    if (hwi_credentials_init(d) != 0) {
        err = HAWSER_E_STORAGE;
    }
    hwi_line_init(d);
    hwi_time_sync_init(d);
    hwi_time_ask_init(d);
    hwi_supervisor_init(d);
    return err;
}

void hwi_device_take_config(struct hawser_device *d)
{
    if (d->next_cfg == NULL) {
        return;
    }
    d->cfg = d->next_cfg;
    d->next_cfg = NULL;
    hwi_outgoing_reset(d);
    d->has_been_online = false;     /* its session is over, too */
    if (hwi_session_init(d) != 0) { /* it was checked when it was handed in */
        hwi_log_alert(d->port, "config", "the configuration cannot be used");
    }
    hwi_clock_raise_floor(&d->clock, d->cfg->build_time_s);
    hwi_retry_init(&d->retry, hwi_view(d->cfg->id));
    hwi_replies_init(d);
    hwi_calls_cancel(d);
    hwi_telemetry_init(d);
    hwi_line_init(d);
    hwi_time_sync_init(d);
}

static bool is_over(const struct hawser_device *d)
{
    return d->state == HAWSER_DEVICE_STOPPED ||
           d->state == HAWSER_DEVICE_RESTARTING;
}

void hawser_device_step(struct hawser_device *d)
{
    if (is_over(d)) {
        return;
    }
    d->now_ms = d->port->now_ms(d->port->ctx);
    d->has_news = false;
    hwi_link_step(d);
    if (d->goodbye == HWI_GOODBYE_NONE) {
        if (hwi_link_is_up(d)) {
            hwi_time_sync_step(d);
        } else {
            hwi_time_sync_suspend(d);
        }
        hwi_telemetry_step(d);
        hwi_trial_step(d);
    }
    hwi_calls_step(d);
    hwi_supervisor_step(d);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t hawser_device_deadline_ms(const struct hawser_device *d)
{
    uint64_t due_ms;

    if (is_over(d)) {
        return HAWSER_NEVER;
    }
    if (d->line.has_more || d->is_goodbye_new || d->has_news) {
        return d->now_ms;
    }
    due_ms = earlier(hwi_supervisor_deadline_ms(d), hwi_calls_deadline_ms(d));
    if (d->goodbye == HWI_GOODBYE_NONE) {
        due_ms = earlier(due_ms, hwi_telemetry_deadline_ms(d));
        due_ms = earlier(due_ms, hwi_trial_deadline_ms(d));
        if (hwi_link_is_up(d)) {
            due_ms = earlier(due_ms, hwi_time_sync_deadline_ms(d));
        }
    }
    return due_ms;
}

int hawser_device_reconfigure(struct hawser_device *d,
                              const struct hawser_device_config *config)
{
    int err = hwi_settings_check(config);

    if (err != 0) {
        return err;
    }
    if (is_over(d) || d->goodbye > HWI_GOODBYE_RECONFIGURE) {
        return HAWSER_E_STATE;
    }
    d->next_cfg = config;
    hwi_goodbye_say(d, HWI_GOODBYE_RECONFIGURE);
    /* The sensors that are being read may be gone already. */
    hwi_telemetry_cancel(d);
    return 0;
}

bool hawser_device_is_reconfiguring(const struct hawser_device *d)
{
    return d->next_cfg != NULL;
}

void hawser_device_measure(struct hawser_device *d)
{
    d->telemetry.is_wanted = true;
}

void hawser_device_stop(struct hawser_device *d)
{
    if (!is_over(d)) {
        hwi_goodbye_say(d, HWI_GOODBYE_STOP);
    }
}

enum hawser_device_state hawser_device_state(const struct hawser_device *d)
{
    return d->state;
}

const char *hawser_device_state_word(enum hawser_device_state state)
{
    static const char *const words[] = {
        [HAWSER_DEVICE_LINK] = "link",
        [HAWSER_DEVICE_TIME] = "time",
        [HAWSER_DEVICE_RESOLVE] = "resolve",
        [HAWSER_DEVICE_TCP] = "tcp",
        [HAWSER_DEVICE_TLS] = "tls",
        [HAWSER_DEVICE_CONNACK] = "connack",
        [HAWSER_DEVICE_SUBACK] = "suback",
        [HAWSER_DEVICE_ONLINE] = "online",
        [HAWSER_DEVICE_RETRY] = "retry",
        [HAWSER_DEVICE_STOPPING] = "stopping",
        [HAWSER_DEVICE_STOPPED] = "stopped",
        [HAWSER_DEVICE_RESTARTING] = "restarting",
    };

    return words[state];
}

const struct hawser_device_counters *
hawser_device_counters(const struct hawser_device *d)
{
    return &d->counters;
}
