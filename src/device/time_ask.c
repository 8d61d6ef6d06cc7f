/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The question and its answer. The answer was made somewhere between the two
 * moments we know, so the middle is taken; ten seconds apart they say too
 * little.
 */
#include "device/time_ask.h"

#include "device/alerts.h"
#include "device/clock.h"
#include "device/json_write.h"
#include "device/lasting.h"
#include "device/log.h"
#include "device/outgoing.h"
#include "device/random.h"
#include "device/session.h"
#include "wire/memory.h"

#define MINUTE    60000u
#define HOUR      (60u * MINUTE)
#define AGAIN_MS  (24u * HOUR)
#define JITTER_MS HOUR
#define NOBODY_MS (6u * HOUR) /* until the next try, if nobody answers */
#define ANSWER_MS 10000u
#define DAY_S     86400u
#define CONFIDENT 3

_Static_assert(sizeof(((struct hwi_time_ask *)0)->nonce) * 2 ==
                   HWI_TIME_NONCE_SIZE,
               "two digits a byte");

void hwi_time_ask_init(struct hawser_device *d)
{
    d->time_ask = (struct hwi_time_ask){.due_ms = d->now_ms};
}

void hwi_time_ask_granted(struct hawser_device *d)
{
    d->time_ask.is_waiting = false;
    if (d->clock.confidence < CONFIDENT) {
        hwi_time_ask_now(d);
    }
}

void hwi_time_ask_now(struct hawser_device *d)
{
    struct hwi_time_ask *a = &d->time_ask;
    uint64_t soon_ms = a->asked_ms == 0 ? d->now_ms : a->asked_ms + MINUTE;

    if (soon_ms < a->due_ms) {
        a->due_ms = soon_ms;
    }
}

void hwi_time_ask_step(struct hawser_device *d)
{
    if (d->now_ms >= d->time_ask.due_ms) {
        d->time_ask.due_ms = d->now_ms + NOBODY_MS;
        hwi_session_say(d, HWI_DUE_TIME_ASK);
    }
}

uint64_t hwi_time_ask_deadline_ms(const struct hawser_device *d)
{
    return d->state == HAWSER_DEVICE_ONLINE ? d->time_ask.due_ms : HAWSER_NEVER;
}

static void write_hex(char out[HWI_TIME_NONCE_SIZE + 1], const uint8_t *bytes)
{
    static const char digits[] = "0123456789abcdef";

    for (unsigned i = 0; i < HWI_TIME_NONCE_SIZE; i++) {
        out[i] = digits[(unsigned)bytes[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15u];
    }
    out[HWI_TIME_NONCE_SIZE] = '\0';
}

int hwi_time_ask_send(struct hawser_device *d)
{
    struct hwi_time_ask *a = &d->time_ask;
    struct hwi_outgoing m = {.kind = HWI_KIND_EVENT, .word = "event", .qos = 1};
    struct hwi_json j =
        hwi_json_to((struct hawser_span){d->text, sizeof(d->text)});
    char nonce[HWI_TIME_NONCE_SIZE + 1];
    int err = d->port->entropy(d->port->ctx, a->nonce, sizeof(a->nonce));

    a->is_waiting = false;
    if (err != 0) {
        return err;
    }
    write_hex(nonce, a->nonce);
    hwi_json_open(&j, NULL, '{');
    hwi_json_word(&j, "device", d->cfg->id);
    hwi_json_word(&j, "event", "time_request");
    hwi_json_word(&j, "nonce", nonce);
    hwi_json_uint(&j, "boot", d->lasting.boot);
    hwi_json_close(&j, '}');
    m.payload = hwi_json_end(&j);
    err = hwi_outgoing_send(d, &m);
    a->is_waiting = err == 0;
    a->asked_ms = d->now_ms;
    return err;
}

/* The floor ------------------------------------------------------------------- */

/* What two sources of time do not agree on is no floor: it could not be taken
 * back from afar. */
void hwi_time_ask_note_floor(struct hawser_device *d)
{
    uint64_t now_s = hwi_clock_unix_ms(&d->clock, d->now_ms) / 1000;

    if (d->clock.confidence == CONFIDENT &&
        !hwi_alert_stands(d, HWI_ALERT_TIME_HELD)) {
        hwi_clock_raise_floor(&d->clock, now_s);
        d->lasting.floor_s = d->clock.floor_s;
    }
}

static void save_floor(struct hawser_device *d)
{
    uint64_t now_s = hwi_clock_unix_ms(&d->clock, d->now_ms) / 1000;

    if (now_s - d->lasting.floor_s < DAY_S) {
        return;
    }
    hwi_time_ask_note_floor(d);
    if (hwi_lasting_save(&d->lasting) != 0) {
        hwi_log_alert(d->port, "storage", "the state could not be written");
    }
}

/* The answer ------------------------------------------------------------------ */

static bool is_ours(struct hawser_device *d, struct hawser_view nonce)
{
    struct hwi_time_ask *a = &d->time_ask;
    char text[HWI_TIME_NONCE_SIZE + 1];

    write_hex(text, a->nonce);
    return a->is_waiting && d->now_ms - a->asked_ms <= ANSWER_MS &&
           nonce.len == HWI_TIME_NONCE_SIZE &&
           memcmp(nonce.at, text, nonce.len) == 0;
}

static void log_time(struct hawser_device *d, uint64_t error_ms)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_INFO, "time");

    hwi_log_word(&l, "source", "line");
    hwi_log_number(&l, "confidence", d->clock.confidence);
    hwi_log_number(&l, "unix", hwi_clock_unix_ms(&d->clock, d->now_ms) / 1000);
    hwi_log_number(&l, "error_ms", error_ms);
    hwi_log_send(&l, d->port);
}

void hwi_time_ask_answered(struct hawser_device *d, struct hawser_view nonce,
                           uint64_t unix_ms)
{
    struct hwi_time_ask *a = &d->time_ask;
    uint64_t error_ms = (d->now_ms - a->asked_ms) / 2;
    uint32_t random = hwi_random(d->port, d->retry.phase);
    bool is_news = d->clock.confidence < CONFIDENT;

    if (!is_ours(d, nonce)) {
        return;
    }
    a->is_waiting = false;
    a->due_ms = d->now_ms + AGAIN_MS - random % JITTER_MS;
    switch (hwi_clock_authenticate(&d->clock, d->now_ms, unix_ms + error_ms)) {
    case HWI_CLOCK_IMPLAUSIBLE:
        hwi_alert_raise(d, HWI_ALERT_TIME_HELD, "implausible", 0);
        return;
    case HWI_CLOCK_CONTRADICTED:
        hwi_alert_raise(d, HWI_ALERT_TIME_HELD, "contradicted", 0);
        break;
    case HWI_CLOCK_SET:
    case HWI_CLOCK_HELD: /* never here */
        break;
    }
    log_time(d, error_ms);
    save_floor(d);
    if (is_news) {
        hwi_session_say(d, HWI_DUE_STATUS | HWI_DUE_SECURITY);
    }
}
