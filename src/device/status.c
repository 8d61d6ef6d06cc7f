/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Status, security and event messages. The first members of a status are the
 * classic ones, in their order; everything else stands behind them.
 */
#include "device/status.h"

#include "device/clock.h"
#include "device/line.h"
#include "device/losses.h"
#include "device/outbox.h"
#include "device/outgoing.h"
#include "device/update_report.h"

#define DAY_S 86400u

static struct hwi_json begin(struct hawser_device *d)
{
    struct hwi_json j =
        hwi_json_to((struct hawser_span){d->text, sizeof(d->text)});

    hwi_json_open(&j, NULL, '{');
    hwi_json_word(&j, "device", d->cfg->id);
    return j;
}

static struct hawser_view end(struct hwi_json *j)
{
    hwi_json_close(j, '}');
    return hwi_json_end(j);
}

const char *hwi_reset_word(enum hawser_reset_reason reason)
{
    static const char *const words[] = {
        [HAWSER_RESET_UNKNOWN] = "unknown",
        [HAWSER_RESET_POWER_ON] = "power_on",
        [HAWSER_RESET_COMMAND] = "command",
        [HAWSER_RESET_SOFTWARE] = "software",
        [HAWSER_RESET_CRASH] = "crash",
        [HAWSER_RESET_WATCHDOG] = "watchdog",
    };

    return words[reason];
}

/* The session number tells a status of this connection from a will of an
 * earlier one that comes late. */
static struct hwi_json begin_status(struct hawser_device *d, const char *word)
{
    struct hwi_json j = begin(d);

    hwi_json_word(&j, "status", word);
    hwi_json_bool(&j, "tls", true);
    hwi_json_word(&j, "version", d->cfg->firmware);
    hwi_json_uint(&j, "session", d->lasting.session);
    hwi_json_uint(&j, "boot", d->lasting.boot);
    return j;
}

struct hawser_view hwi_status_will(struct hawser_device *d)
{
    struct hwi_json j = begin_status(d, "offline");

    return end(&j);
}

static void write_time(struct hawser_device *d, struct hwi_json *j)
{
    if (hwi_clock_is_known(&d->clock)) {
        hwi_json_uint(j, "time",
                      hwi_clock_unix_ms(&d->clock, d->now_ms) / 1000);
    }
    hwi_json_uint(j, "time_confidence", d->clock.confidence);
}

void hwi_status_write_outbox(const struct hawser_device *d, struct hwi_json *j)
{
    struct hwi_outbox_wear wear;

    if (!hwi_outbox_wear(&d->outbox, d->now_ms, &wear)) {
        return;
    }
    hwi_json_open(j, "flash", '{');
    hwi_json_uint(j, "size", wear.size);
    hwi_json_uint(j, "erases", wear.erases);
    if (wear.is_measured) {
        hwi_json_uint(j, "bytes_per_day", wear.bytes_per_day);
        hwi_json_uint(j, "years_left", wear.years_left);
    }
    if (d->outbox.is_failing) {
        hwi_json_bool(j, "failing", true);
    }
    hwi_json_close(j, '}');
}

static void write_facts(struct hawser_device *d, struct hwi_json *j)
{
    hwi_json_word(j, "tls_version", d->session.security.version);
    hwi_json_word(j, "cipher", d->session.security.cipher);
    hwi_json_bool(j, "resumed", d->session.security.resumed);
    write_time(d, j);
    hwi_json_word(j, "reset_reason", hwi_reset_word(d->reset_reason));
    hwi_json_uint(j, "interval_s", d->telemetry.interval_s);
    hwi_status_write_outbox(d, j);
}

int hwi_status_send(struct hawser_device *d)
{
    struct hwi_json j = begin_status(d, d->status_word);
    struct hwi_outgoing m = {
        .kind = HWI_KIND_STATUS, .word = "status", .qos = 1, .retain = true};

    if (d->goodbye == 0) {
        write_facts(d, &j);
    }
    m.payload = end(&j);
    return hwi_outgoing_send(d, &m);
}

int hwi_status_send_pong(struct hawser_device *d)
{
    struct hwi_json j = begin(d);
    struct hwi_outgoing m = {
        .kind = HWI_KIND_STATUS, .word = "status", .qos = 1};

    hwi_json_word(&j, "status", "pong");
    m.payload = end(&j);
    return hwi_outgoing_send(d, &m);
}

/* Security ------------------------------------------------------------------- */

static void write_end(struct hawser_device *d, struct hwi_json *j,
                      uint64_t not_after_s)
{
    uint64_t now_s = hwi_clock_unix_ms(&d->clock, d->now_ms) / 1000;

    hwi_json_uint(j, "not_after", not_after_s);
    if (hwi_clock_is_known(&d->clock)) {
        int64_t left_s = (int64_t)(not_after_s - now_s);
        hwi_json_int(j, "days_left", left_s / (int64_t)DAY_S);
    }
}

static void write_peer(struct hawser_device *d, struct hwi_json *j)
{
    const struct hawser_security *s = &d->session.security;

    hwi_json_open(j, "peer", '{');
    hwi_json_word(j, "subject", s->peer_subject);
    hwi_json_word(j, "fingerprint", s->peer_fingerprint);
    hwi_json_uint(j, "not_before", s->peer_not_before_s);
    write_end(d, j, s->peer_not_after_s);
    hwi_json_close(j, '}');
    hwi_json_open(j, "anchor", '{');
    hwi_json_word(j, "subject", s->anchor_subject);
    hwi_json_word(j, "fingerprint", s->anchor_fingerprint);
    write_end(d, j, s->anchor_not_after_s);
    hwi_json_close(j, '}');
    if (s->client_cert) {
        hwi_json_open(j, "own", '{');
        write_end(d, j, s->own_not_after_s);
        hwi_json_close(j, '}');
    }
}

int hwi_status_send_security(struct hawser_device *d)
{
    const struct hawser_security *s = &d->session.security;
    struct hwi_json j = begin(d);
    struct hwi_outgoing m = {.kind = HWI_KIND_SECURITY,
                             .word = "security",
                             .qos = 1,
                             .retain = true};

    hwi_json_word(&j, "broker", hwi_line_broker(d)->host);
    hwi_json_word(&j, "mqtt",
                  d->mqtt.version == HAWSER_MQTT_5 ? "5.0" : "3.1.1");
    hwi_json_word(&j, "tls_version", s->version);
    hwi_json_word(&j, "cipher", s->cipher);
    hwi_json_word(&j, "group", s->group);
    hwi_json_word(&j, "alpn", s->alpn);
    hwi_json_bool(&j, "resumed", s->resumed);
    hwi_json_bool(&j, "client_cert", s->client_cert);
    /* Whether both ends of the certificates' dates were checked, or only
     * that none had ended before the clock's floor. */
    hwi_json_word(&j, "dates", s->dates_by_floor ? "floor" : "full");
    write_time(d, &j);
    write_peer(d, &j);
    hwi_json_open(&j, "credentials", '{');
    hwi_report_use(d, &j);
    hwi_json_close(&j, '}');
    hwi_json_uint(&j, "session", d->lasting.session);
    hwi_json_uint(&j, "boot", d->lasting.boot);
    m.payload = end(&j);
    return hwi_outgoing_send(d, &m);
}

/* Events --------------------------------------------------------------------- */

static struct hwi_json begin_event(struct hawser_device *d, const char *event)
{
    struct hwi_json j = begin(d);

    hwi_json_word(&j, "event", event);
    hwi_json_uint(&j, "boot", d->lasting.boot);
    return j;
}

static int send_event(struct hawser_device *d, struct hwi_json *j)
{
    struct hwi_outgoing m = {.kind = HWI_KIND_EVENT, .word = "event", .qos = 1};

    m.payload = end(j);
    return hwi_outgoing_send(d, &m);
}

int hwi_status_send_retained(struct hawser_device *d)
{
    struct hwi_json j = begin_event(d, "command_refused");
    int err;

    hwi_json_word(&j, "code", "retained");
    hwi_json_uint(&j, "count", d->retained_refused);
    err = send_event(d, &j);
    if (err == 0) {
        d->retained_refused = 0;
    }
    return err;
}

static void write_lost(struct hwi_json *j, const struct hwi_lost *lost)
{
    hwi_json_open(j, NULL, '{');
    hwi_json_uint(j, "boot", lost->boot);
    hwi_json_uint(j, "from", lost->from);
    if (lost->to_boot != lost->boot) {
        hwi_json_uint(j, "to_boot", lost->to_boot);
    }
    hwi_json_uint(j, "to", lost->to);
    hwi_json_uint(j, "count", lost->count);
    hwi_json_close(j, '}');
}

/* One at a time: the next one when it is known to have arrived. */
int hwi_status_send_lost(struct hawser_device *d)
{
    struct hwi_losses *l = &d->outbox.state.losses;
    struct hwi_outgoing m = {.kind = HWI_KIND_LOST, .word = "event", .qos = 1};
    struct hwi_json j = begin_event(d, "telemetry_lost");
    unsigned count;
    int err;

    if (l->told > 0 || l->count == 0) {
        return 0;
    }
    count = hwi_losses_tell(l);
    hwi_json_open(&j, "lost", '[');
    for (unsigned i = 0; i < count; i++) {
        write_lost(&j, &l->ranges[i]);
    }
    hwi_json_close(&j, ']');
    m.payload = end(&j);
    err = hwi_outgoing_send(d, &m);
    if (err != 0) {
        hwi_losses_not_told(l);
    }
    return err;
}
