/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts: a bit each for "raised in this run", "to be published" and, in the
 * lasting state, "stands at the broker". The last is set before the message
 * leaves and falls when the broker has the empty one, so that nothing stays
 * behind after a power cut; at worst an empty message is sent twice.
 */
#include "device/alerts.h"

#include "device/clock.h"
#include "device/json_write.h"
#include "device/lasting.h"
#include "device/log.h"
#include "device/outgoing.h"
#include "wire/memory.h"

#define WITHDRAWN 0x100u /* in hwi_outgoing.seq, beside the alert */

struct row {
    const char *topic; /* its last level is the name */
    const char *number;
    const char *text;
    bool is_finding;
};

#define NAME_AT 6u /* behind "alert/" */

static const struct row rows[HWI_ALERTS] = {
    [HWI_ALERT_PEER_CERTIFICATE] = {"alert/peer_certificate", "days_left",
                                    "the broker's certificate ends soon",
                                    false},
    [HWI_ALERT_ANCHOR_CERTIFICATE] = {"alert/anchor_certificate", "days_left",
                                      "the CA's certificate ends soon", false},
    [HWI_ALERT_OWN_CERTIFICATE] = {"alert/own_certificate", "days_left",
                                   "the device's certificate ends soon", false},
    [HWI_ALERT_CREDENTIALS] = {"alert/credentials", "generation",
                               "the newest credentials are not in use", false},
    [HWI_ALERT_OUTBOX] = {"alert/outbox", "count", "telemetry cannot be stored",
                          false},
    [HWI_ALERT_TIME_HELD] = {"alert/time_held", "step_s",
                             "a time source steps by more than 15 minutes; "
                             "ignored",
                             false},
    [HWI_ALERT_DOWNGRADE] = {"alert/downgrade", "session",
                             "TLS is weaker than in the session before", true},
    [HWI_ALERT_COMMAND_REFUSED] = {"alert/command_refused", "count",
                                   "somebody sent what is not obeyed", true},
    [HWI_ALERT_DUPLICATE_ID] = {"alert/duplicate_id", "count",
                                "sessions end early, again and again: another "
                                "device may have the same id",
                                true},
    [HWI_ALERT_REBOOT_LOOP] = {"alert/reboot_loop", "count",
                               "commands restarted the device again and again",
                               true},
};

static uint16_t bit_of(enum hwi_alert alert)
{
    return (uint16_t)(1u << alert);
}

static bool is_raised(const struct hawser_device *d, enum hwi_alert alert)
{
    return (d->alerts.raised & bit_of(alert)) != 0;
}

static const char *name_of(enum hwi_alert alert)
{
    return rows[alert].topic + NAME_AT;
}

/* Raising and clearing -------------------------------------------------------- */

static void log_alert(struct hawser_device *d, enum hwi_alert alert,
                      const char *code)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_WARNING, "alert");

    hwi_log_word(&l, "code", name_of(alert));
    if (code != NULL) {
        hwi_log_word(&l, "kind", code);
    }
    hwi_log_word(&l, "detail", rows[alert].text);
    hwi_log_send(&l, d->port);
}

static void save(struct hawser_device *d)
{
    if (hwi_lasting_save(&d->lasting) != 0) {
        hwi_log_alert(d->port, "storage", "the state could not be written");
    }
}

void hwi_alert_raise(struct hawser_device *d, enum hwi_alert alert,
                     const char *code, uint32_t number)
{
    struct hwi_alert_facts *facts = &d->alerts.facts[alert];
    bool was_raised = is_raised(d, alert);

    facts->number = number;
    if (was_raised && facts->code == code) {
        return;
    }
    facts->code = code;
    facts->since_ms = was_raised ? facts->since_ms : d->now_ms;
    d->alerts.raised |= bit_of(alert);
    d->alerts.due |= bit_of(alert);
    log_alert(d, alert, code);
    if ((d->lasting.alerts & bit_of(alert)) != 0) {
        return;
    }
    d->lasting.alerts |= bit_of(alert);
    save(d);
}

void hwi_alert_clear(struct hawser_device *d, enum hwi_alert alert)
{
    if (hwi_alert_stands(d, alert)) {
        d->alerts.raised &= (uint16_t)~bit_of(alert);
        d->alerts.due |= bit_of(alert);
    }
}

bool hwi_alert_clear_finding(struct hawser_device *d, struct hawser_view name)
{
    bool is_found = name.at == NULL;

    for (unsigned i = 0; i < HWI_ALERTS; i++) {
        struct hawser_view known = hwi_view(name_of(i));
        bool is_meant =
            name.at == NULL ||
            (known.len == name.len && memcmp(known.at, name.at, name.len) == 0);
        if (rows[i].is_finding && is_meant) {
            hwi_alert_clear(d, i);
            is_found = true;
        }
    }
    return is_found;
}

bool hwi_alert_stands(const struct hawser_device *d, enum hwi_alert alert)
{
    return is_raised(d, alert) || (d->lasting.alerts & bit_of(alert)) != 0;
}

/* Publishing ------------------------------------------------------------------ */

void hwi_alerts_granted(struct hawser_device *d)
{
    /* The broker may have lost what it had retained. */
    d->alerts.due |= d->alerts.raised;
    for (unsigned i = 0; i < HWI_ALERTS; i++) {
        if (!rows[i].is_finding && !is_raised(d, i)) {
            d->alerts.due |= d->lasting.alerts & bit_of(i);
        }
    }
}

static struct hawser_view write_alert(struct hawser_device *d,
                                      enum hwi_alert alert)
{
    const struct hwi_alert_facts *facts = &d->alerts.facts[alert];
    struct hwi_json j =
        hwi_json_to((struct hawser_span){d->text, sizeof(d->text)});

    hwi_json_open(&j, NULL, '{');
    hwi_json_word(&j, "device", d->cfg->id);
    hwi_json_word(&j, "alert", name_of(alert));
    if (facts->code != NULL) {
        hwi_json_word(&j, "code", facts->code);
    }
    if (facts->number != 0) {
        hwi_json_uint(&j, rows[alert].number, facts->number);
    }
    hwi_json_word(&j, "message", rows[alert].text);
    if (hwi_clock_is_known(&d->clock)) {
        hwi_json_uint(&j, "since",
                      hwi_clock_unix_ms(&d->clock, facts->since_ms) / 1000);
    }
    hwi_json_uint(&j, "boot", d->lasting.boot);
    hwi_json_close(&j, '}');
    return hwi_json_end(&j);
}

static int send_one(struct hawser_device *d, enum hwi_alert alert)
{
    struct hwi_outgoing m = {.kind = HWI_KIND_ALERT,
                             .word = rows[alert].topic,
                             .qos = 1,
                             .retain = true,
                             .seq = alert};
    int err;

    if (is_raised(d, alert)) {
        m.payload = write_alert(d, alert);
    } else {
        m.payload = hwi_view("");
        m.seq |= WITHDRAWN;
    }
    err = hwi_outgoing_send(d, &m);
    if (err == HAWSER_E_FULL) {
        return err;
    }
    d->alerts.due &= (uint16_t)~bit_of(alert); /* out, or can never go */
    return 0;
}

int hwi_alerts_send(struct hawser_device *d)
{
    for (unsigned i = 0; i < HWI_ALERTS; i++) {
        if ((d->alerts.due & bit_of(i)) != 0) {
            return send_one(d, i);
        }
    }
    return HAWSER_E_WAIT;
}

void hwi_alerts_delivered(struct hawser_device *d, uint32_t seq)
{
    enum hwi_alert alert = seq & (WITHDRAWN - 1);

    if ((seq & WITHDRAWN) != 0 && !is_raised(d, alert)) {
        d->lasting.alerts &= (uint16_t)~bit_of(alert);
        save(d);
    }
}
