/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record, little-endian:
 *
 *   0 number u32   4 boot u32   8 begin in the run, s u32   12 Unix time u64
 *  20 online, s u32   24 stages, ms 7 * u16   38 cause u8   39 reason u8
 *  40 broker u8   41 confidence u8, 0x80: it was online   42 detail
 *
 * An attempt that came online is written twice, with the same number: when it
 * did, and when its session ended. The later one counts.
 */
#include "device/recorder.h"

#include "device/bytes.h"
#include "device/clock.h"
#include "device/journal.h"
#include "device/json_write.h"
#include "device/log.h"
#include "device/medium.h"
#include "device/outage.h"
#include "device/session.h"
#include "wire/memory.h"

/* Causes are stored by their number: a firmware that has others would misread
 * them, and has another type. */
#define TYPE       ((uint8_t)HAWSER_CAUSE_COUNT)
#define FIXED_LEN  42u
#define RECORD_MAX (FIXED_LEN + HWI_DETAIL_MAX)
#define ONLINE     0x80u

_Static_assert(HAWSER_CAUSE_COUNT < 0xFF, "a cause, and the type, is a byte");
_Static_assert(HAWSER_DEVICE_SUBACK + 1 == HWI_STAGES, "a stage a state");

/* Record <-> struct ----------------------------------------------------------- */

static uint16_t encode(const struct hwi_attempt *a, uint8_t out[RECORD_MAX])
{
    hwi_put_u32(out, a->number);
    hwi_put_u32(out + 4, a->boot);
    hwi_put_u32(out + 8, a->begin_s);
    hwi_put_u64(out + 12, a->unix_s);
    hwi_put_u32(out + 20, a->online_s);
    for (unsigned i = 0; i < HWI_STAGES; i++) {
        hwi_put_u16(out + 24 + 2 * (size_t)i, a->stage_ms[i]);
    }
    out[38] = a->cause;
    out[39] = a->reason;
    out[40] = a->broker;
    out[41] = (uint8_t)(a->confidence | (a->was_online ? ONLINE : 0));
    memcpy(out + FIXED_LEN, a->detail, a->detail_len);
    return (uint16_t)(FIXED_LEN + a->detail_len);
}

static bool decode(struct hwi_attempt *a, const struct hwi_record *record,
                   const uint8_t *in)
{
    if (record->type != TYPE || record->len < FIXED_LEN ||
        record->len > RECORD_MAX || in[38] >= HAWSER_CAUSE_COUNT) {
        return false;
    }
    a->number = hwi_get_u32(in);
    a->boot = hwi_get_u32(in + 4);
    a->begin_s = hwi_get_u32(in + 8);
    a->unix_s = hwi_get_u64(in + 12);
    a->online_s = hwi_get_u32(in + 20);
    for (unsigned i = 0; i < HWI_STAGES; i++) {
        a->stage_ms[i] = hwi_get_u16(in + 24 + 2 * (size_t)i);
    }
    a->cause = in[38];
    a->reason = in[39];
    a->broker = in[40];
    a->confidence = in[41] & (ONLINE - 1);
    a->was_online = (in[41] & ONLINE) != 0;
    a->detail_len = (uint8_t)(record->len - FIXED_LEN);
    memcpy(a->detail, in + FIXED_LEN, a->detail_len);
    return true;
}

/* Reading --------------------------------------------------------------------- */

/* Through flash, then through what is not written yet. */
struct reader {
    struct hwi_cursor at;
    unsigned waiting;
    bool has_next;
    struct hwi_attempt next;
};

static bool read_record(const struct hawser_device *d, struct reader *r,
                        struct hwi_attempt *out)
{
    uint8_t bytes[RECORD_MAX];
    struct hwi_record record;

    if (!hwi_journal_is_usable(&d->recorder.journal)) {
        return false;
    }
    while (hwi_journal_read(&d->recorder.journal, &r->at, &record,
                            (struct hawser_span){bytes, sizeof(bytes)}) == 0) {
        if (decode(out, &record, bytes)) {
            return true;
        }
    }
    return false;
}

static bool read_any(const struct hawser_device *d, struct reader *r,
                     struct hwi_attempt *out)
{
    if (r->waiting == 0 && read_record(d, r, out)) {
        return true;
    }
    if (r->waiting < d->recorder.waiting_count) {
        *out = d->recorder.waiting[r->waiting++];
        return true;
    }
    return false;
}

/* The next attempt as it ended at last. */
static bool read_attempt(const struct hawser_device *d, struct reader *r,
                         struct hwi_attempt *out)
{
    if (!r->has_next && !read_any(d, r, &r->next)) {
        return false;
    }
    do {
        *out = r->next;
        r->has_next = read_any(d, r, &r->next);
    } while (r->has_next && r->next.number == out->number);
    return true;
}

int hwi_recorder_init(struct hawser_device *d)
{
    struct hwi_recorder *rec = &d->recorder;
    struct reader r = {.has_next = false};
    struct hwi_attempt a;
    int err;

    *rec = (struct hwi_recorder){.number = 0};
    hwi_outage_begin(&d->outage, d->now_ms);
    err = hwi_journal_open(&rec->journal,
                           hwi_medium_flash(d->port, HAWSER_REGION_FLIGHTS));
    while (read_attempt(d, &r, &a)) {
        rec->number = a.number;
        hwi_outage_add(&d->outage, &a);
    }
    return err;
}

/* Writing --------------------------------------------------------------------- */

static int append(struct hwi_journal *j, const struct hwi_attempt *a)
{
    uint8_t frame[HWI_JOURNAL_HEAD + RECORD_MAX + HWI_JOURNAL_TAIL];
    struct hwi_record record = {.type = TYPE};
    int err;

    record.len = encode(a, frame + HWI_JOURNAL_HEAD);
    err = hwi_journal_append(j, &record, frame, 0);
    if (err == HAWSER_E_FULL) {
        hwi_journal_drop_oldest(j);
        err = hwi_journal_append(j, &record, frame, 0);
    }
    return err;
}

void hwi_recorder_flush(struct hawser_device *d)
{
    struct hwi_recorder *rec = &d->recorder;

    if (!hwi_journal_is_usable(&rec->journal)) {
        return; /* the newest stay in RAM */
    }
    for (unsigned i = 0; i < rec->waiting_count; i++) {
        if (append(&rec->journal, &rec->waiting[i]) != 0) {
            hwi_log_alert(d->port, "storage",
                          "attempts to connect could not be recorded");
            break;
        }
    }
    rec->waiting_count = 0;
}

/* Takes the present attempt; when there is no room and no flash, the oldest
 * goes. */
static void keep(struct hawser_device *d)
{
    struct hwi_recorder *rec = &d->recorder;

    if (rec->waiting_count == HWI_ATTEMPTS_MAX) {
        hwi_recorder_flush(d);
    }
    if (rec->waiting_count == HWI_ATTEMPTS_MAX) {
        rec->waiting_count--;
        memmove(rec->waiting, rec->waiting + 1,
                rec->waiting_count * sizeof(rec->waiting[0]));
    }
    rec->waiting[rec->waiting_count++] = rec->now;
}

/* The attempt under way ------------------------------------------------------- */

static void begin(struct hawser_device *d)
{
    struct hwi_recorder *rec = &d->recorder;
    struct hawser_system system = {0};

    d->port->system_status(d->port->ctx, &system);
    rec->is_under_way = true;
    rec->begin_ms = d->now_ms;
    rec->now = (struct hwi_attempt){.number = ++rec->number,
                                    .boot = d->lasting.boot,
                                    .begin_s = (uint32_t)system.uptime_s};
}

static void add_stage(struct hawser_device *d)
{
    struct hwi_recorder *rec = &d->recorder;
    uint64_t spent_ms = d->now_ms - rec->stage_ms;

    if (rec->is_under_way && d->state < HWI_STAGES) {
        spent_ms += rec->now.stage_ms[d->state];
        rec->now.stage_ms[d->state] =
            spent_ms < UINT16_MAX ? (uint16_t)spent_ms : UINT16_MAX;
    }
    rec->stage_ms = d->now_ms;
}

void hwi_recorder_enter(struct hawser_device *d, enum hawser_device_state next)
{
    add_stage(d);
    if (next == HAWSER_DEVICE_LINK) {
        begin(d);
    }
}

/* What is known when it ends: the clock may have been set on the way. */
static void note_facts(struct hawser_device *d)
{
    struct hwi_attempt *a = &d->recorder.now;

    a->unix_s = hwi_clock_unix_ms(&d->clock, d->recorder.begin_ms) / 1000;
    a->confidence = d->clock.confidence;
    a->broker = d->line.broker;
}

void hwi_recorder_online(struct hawser_device *d)
{
    struct hwi_recorder *rec = &d->recorder;

    note_facts(d);
    rec->online_ms = d->now_ms;
    rec->now.was_online = true;
    keep(d);
    hwi_recorder_flush(d);
    if (hwi_outage_is_worth_telling(&d->outage)) {
        hwi_session_say(d, HWI_DUE_RECONNECTED);
    }
}

/* Printable ASCII as it is: in a report it takes as many bytes as here. */
static void note_detail(struct hwi_attempt *a, const char *detail)
{
    for (a->detail_len = 0;
         detail[a->detail_len] != '\0' && a->detail_len < HWI_DETAIL_MAX;
         a->detail_len++) {
        char c = detail[a->detail_len];
        bool is_plain = c >= ' ' && c <= '~' && c != '"' && c != '\\';
        a->detail[a->detail_len] = (uint8_t)(is_plain ? c : '?');
    }
}

void hwi_recorder_end(struct hawser_device *d, enum hawser_cause cause,
                      const char *detail)
{
    struct hwi_recorder *rec = &d->recorder;
    struct hwi_attempt *a = &rec->now;

    if (!rec->is_under_way) {
        return;
    }
    add_stage(d);
    rec->is_under_way = false;
    a->cause = (uint8_t)cause;
    a->reason = d->session.reason;
    note_detail(a, detail);
    if (a->was_online) {
        a->online_s = (uint32_t)((d->now_ms - rec->online_ms) / 1000);
    } else {
        note_facts(d);
    }
    hwi_outage_add(&d->outage, a);
    if (a->was_online) { /* in this run the moment is known for sure */
        d->outage.since_ms = d->now_ms;
        d->outage.since_unix_s = 0;
    }
    keep(d);
}

/* Telling --------------------------------------------------------------------- */

static void write_attempt(struct hwi_json *j, const struct hwi_attempt *a)
{
    hwi_json_open(j, NULL, '{');
    hwi_json_uint(j, "n", a->number);
    hwi_json_uint(j, "boot", a->boot);
    hwi_json_uint(j, "uptime", a->begin_s);
    if (a->unix_s != 0) {
        hwi_json_uint(j, "time", a->unix_s);
    }
    hwi_json_uint(j, "time_confidence", a->confidence);
    hwi_json_uint(j, "broker", a->broker + 1u);
    hwi_json_open(j, "ms", '[');
    for (unsigned i = 0; i < HWI_STAGES; i++) {
        hwi_json_uint(j, NULL, a->stage_ms[i]);
    }
    hwi_json_close(j, ']');
    hwi_json_word(j, "cause", hawser_cause_word(a->cause));
    if (a->reason != 0) {
        hwi_json_uint(j, "reason", a->reason);
    }
    if (a->detail_len > 0) {
        hwi_json_text(j, "detail",
                      (struct hawser_view){a->detail, a->detail_len});
    }
    if (a->was_online) {
        hwi_json_uint(j, "online_s", a->online_s);
    }
    hwi_json_close(j, '}');
}

static bool is_told(const struct hawser_device *d, uint32_t number,
                    uint32_t next)
{
    return d->recorder.number - number < HWI_RECORDER_TOLD_MAX &&
           (int32_t)(number - next) >= 0;
}

struct hawser_view hwi_recorder_write(struct hawser_device *d,
                                      struct hawser_span out, uint32_t *next,
                                      bool *has_more)
{
    struct hwi_json j = hwi_json_to((struct hawser_span){out.at, out.size - 1});
    struct reader r = {.has_next = false};
    struct hwi_attempt a;
    uint32_t from = *next;
    bool is_empty = true;

    *has_more = false;
    hwi_json_open(&j, "flights", '[');
    while (!*has_more && read_attempt(d, &r, &a)) {
        struct hwi_json before = j;
        if (!is_told(d, a.number, from)) {
            continue;
        }
        write_attempt(&j, &a);
        if (j.is_bad) { /* next time, unless it can never fit */
            j = before;
            *has_more = !is_empty;
        } else {
            is_empty = false;
        }
        *next = *has_more ? a.number : a.number + 1;
    }
    j.out.size++; /* was kept for the bracket */
    hwi_json_close(&j, ']');
    return hwi_json_end(&j);
}
