/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Causes are counted in runs of the same one. When there are too many runs, the
 * first and the newest are kept, because they say why it began and why it
 * lasted; the others are only counted.
 */
#include "device/outage.h"

#include "device/clock.h"
#include "device/json_write.h"
#include "device/outgoing.h"
#include "wire/memory.h"

void hwi_outage_begin(struct hwi_outage *o, uint64_t now_ms)
{
    *o = (struct hwi_outage){.since_ms = now_ms};
}

/* The end of its session, as far as the clock was known. */
static uint64_t end_of(const struct hwi_attempt *a)
{
    uint64_t stages_ms = 0;

    for (unsigned i = 0; i < HWI_STAGES; i++) {
        stages_ms += a->stage_ms[i];
    }
    return a->unix_s == 0 || a->cause == HAWSER_CAUSE_NONE
               ? 0
               : a->unix_s + stages_ms / 1000 + a->online_s;
}

static void forget_second_run(struct hwi_outage *o)
{
    o->others += o->runs[1].count;
    o->run_count--;
    memmove(o->runs + 1, o->runs + 2, (o->run_count - 1) * sizeof(o->runs[0]));
}

static void add_failure(struct hwi_outage *o, const struct hwi_attempt *a)
{
    struct hwi_run *last =
        o->run_count == 0 ? NULL : &o->runs[o->run_count - 1];

    o->attempts++;
    if (last != NULL && last->cause == a->cause && last->reason == a->reason) {
        last->count++;
        return;
    }
    if (o->run_count == HWI_RUNS_MAX) {
        forget_second_run(o);
    }
    o->runs[o->run_count++] =
        (struct hwi_run){.cause = a->cause, .reason = a->reason, .count = 1};
}

void hwi_outage_add(struct hwi_outage *o, const struct hwi_attempt *a)
{
    if (a->was_online) {
        *o = (struct hwi_outage){.since_ms = o->since_ms,
                                 .since_unix_s = end_of(a),
                                 .lost = a->cause};
    } else {
        add_failure(o, a);
    }
}

bool hwi_outage_is_worth_telling(const struct hwi_outage *o)
{
    return o->attempts > 0 ||
           (o->lost != HAWSER_CAUSE_NONE && o->lost != HAWSER_CAUSE_STOPPED);
}

static uint64_t offline_s(const struct hawser_device *d)
{
    const struct hwi_outage *o = &d->outage;
    uint64_t now_s = hwi_clock_unix_ms(&d->clock, d->now_ms) / 1000;

    if (o->since_unix_s != 0 && now_s >= o->since_unix_s) {
        return now_s - o->since_unix_s;
    }
    return (d->now_ms - o->since_ms) / 1000;
}

static void write_runs(const struct hwi_outage *o, struct hwi_json *j)
{
    hwi_json_open(j, "causes", '[');
    for (unsigned i = 0; i < o->run_count; i++) {
        hwi_json_open(j, NULL, '{');
        hwi_json_word(j, "cause", hawser_cause_word(o->runs[i].cause));
        if (o->runs[i].reason != 0) {
            hwi_json_uint(j, "reason", o->runs[i].reason);
        }
        hwi_json_uint(j, "count", o->runs[i].count);
        hwi_json_close(j, '}');
    }
    hwi_json_close(j, ']');
    if (o->others > 0) {
        hwi_json_uint(j, "others", o->others);
    }
}

int hwi_outage_send(struct hawser_device *d)
{
    const struct hwi_outage *o = &d->outage;
    struct hwi_outgoing m = {.kind = HWI_KIND_EVENT, .word = "event", .qos = 1};
    struct hwi_json j =
        hwi_json_to((struct hawser_span){d->text, sizeof(d->text)});
    int err;

    hwi_json_open(&j, NULL, '{');
    hwi_json_word(&j, "device", d->cfg->id);
    hwi_json_word(&j, "event", "reconnected");
    hwi_json_uint(&j, "boot", d->lasting.boot);
    hwi_json_uint(&j, "offline_s", offline_s(d));
    if (o->lost != HAWSER_CAUSE_NONE) {
        hwi_json_word(&j, "lost", hawser_cause_word(o->lost));
    }
    hwi_json_uint(&j, "attempts", o->attempts);
    write_runs(o, &j);
    hwi_json_close(&j, '}');
    m.payload = hwi_json_end(&j);
    err = hwi_outgoing_send(d, &m);
    if (err == 0) {
        hwi_outage_begin(&d->outage, d->now_ms);
    }
    return err;
}
