/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue of replies and their text.
 */
#include "device/reply.h"

#include "device/answer.h"
#include "device/bucket.h"
#include "device/clock.h"
#include "device/json_write.h"
#include "device/log.h"
#include "device/outbox.h"
#include "device/recorder.h"
#include "device/status.h"
#include "device/topics.h"
#include "device/update_report.h"
#include "wire/memory.h"

#define PART_MAX   1100u /* bytes of a part of a long answer */
#define PART_MIN   24u   /* an empty list */
#define AROUND_MAX 900u  /* bytes of topic, members, properties around it */

static const struct hwi_bucket_rule garbage_rule = {.burst = 5,
                                                    .per_second = 1};

const char *hwi_reply_word(enum hwi_reply_status status)
{
    static const char *const words[] = {
        [HWI_REPLY_NONE] = "accepted",       [HWI_REPLY_RUNNING] = "running",
        [HWI_REPLY_SUCCEEDED] = "succeeded", [HWI_REPLY_REJECTED] = "rejected",
        [HWI_REPLY_FAILED] = "failed",       [HWI_REPLY_EXPIRED] = "expired",
        [HWI_REPLY_DUPLICATE] = "duplicate",
    };

    return words[status];
}

void hwi_replies_init(struct hawser_device *d)
{
    d->replies.count = 0;
    hwi_bucket_reset(&d->replies.garbage, &garbage_rule, d->now_ms);
}

void hwi_reply_address(const struct hawser_device *d, struct hwi_reply *r,
                       struct hawser_view properties)
{
    struct hawser_property p;
    struct hawser_view below;

    while (hawser_property_next(&properties, &p)) {
        if (p.id == HAWSER_PROP_RESPONSE_TOPIC &&
            hwi_topic_takes_reply(d->cfg, p.value, &below)) {
            memcpy(r->response, below.at, below.len);
            r->response_len = (uint8_t)below.len;
        }
        if (p.id == HAWSER_PROP_CORRELATION_DATA && p.value.len > 0 &&
            p.value.len <= HWI_CORRELATION_MAX) {
            memcpy(r->correlation, p.value.at, p.value.len);
            r->correlation_len = (uint8_t)p.value.len;
        }
    }
}

bool hwi_replies_add(struct hawser_device *d, const struct hwi_reply *r)
{
    struct hwi_replies *q = &d->replies;

    if (q->count == HWI_REPLIES_MAX) {
        return false;
    }
    q->ring[(q->first + q->count) % HWI_REPLIES_MAX] = *r;
    q->count++;
    return true;
}

bool hwi_replies_are_full(const struct hawser_device *d)
{
    return d->replies.count == HWI_REPLIES_MAX;
}

bool hwi_replies_may_reject(struct hawser_device *d)
{
    return hwi_bucket_take(&d->replies.garbage, &garbage_rule, d->now_ms);
}

/* Text ---------------------------------------------------------------------- */

static void write_counters(const struct hawser_device *d, struct hwi_json *j)
{
    hwi_json_open(j, "counters", '{');
    hwi_json_uint(j, "connections", d->counters.connections);
    hwi_json_uint(j, "failures", d->counters.failures);
    hwi_json_uint(j, "published", d->counters.published);
    hwi_json_uint(j, "dropped", d->counters.dropped);
    hwi_json_uint(j, "commands", d->counters.commands);
    hwi_json_uint(j, "refused", d->counters.refused);
    hwi_json_close(j, '}');
}

static void write_status(const struct hawser_device *d, struct hwi_json *j)
{
    struct hawser_system system = {0};

    d->port->system_status(d->port->ctx, &system);
    hwi_json_word(j, "status", "online");
    hwi_json_word(j, "version", d->cfg->firmware);
    hwi_json_uint(j, "session", d->lasting.session);
    hwi_json_uint(j, "uptime", system.uptime_s);
    hwi_json_word(j, "reset_reason", hwi_reset_word(d->reset_reason));
    hwi_json_word(j, "tls_version", d->session.security.version);
    hwi_json_word(j, "cipher", d->session.security.cipher);
    if (hwi_clock_is_known(&d->clock)) {
        hwi_json_uint(j, "time",
                      hwi_clock_unix_ms(&d->clock, d->now_ms) / 1000);
    }
    hwi_json_uint(j, "time_confidence", d->clock.confidence);
    hwi_json_uint(j, "interval_s", d->telemetry.interval_s);
    hwi_json_uint(j, "waiting", hwi_outbox_waiting(&d->outbox));
    hwi_status_write_outbox(d, j);
    write_counters(d, j);
}

static void write_result(struct hawser_device *d, struct hwi_json *j,
                         enum hwi_reply_result result, struct hawser_view part)
{
    if (result == HWI_RESULT_NONE) {
        return;
    }
    hwi_json_open(j, "result", '{');
    switch (result) {
    case HWI_RESULT_STATUS:
        write_status(d, j);
        break;
    case HWI_RESULT_FLIGHTS:
        hwi_json_members(j, part);
        break;
    case HWI_RESULT_UPDATE:
        hwi_report_update(d, j);
        break;
    case HWI_RESULT_CREDENTIALS:
        hwi_report_credentials(d, j);
        break;
    case HWI_RESULT_CSR:
        hwi_report_csr(d, j);
        break;
    case HWI_RESULT_NONE:
        break;
    }
    hwi_json_close(j, '}');
}

/* As much of a long answer as fits a packet, at the end of d->text. */
static struct hawser_view write_part(struct hawser_device *d,
                                     struct hwi_reply *r)
{
    uint32_t packet_max = hawser_limits(&d->client)->maximum_packet_size;
    struct hawser_span out = {d->text + sizeof(d->text) - PART_MAX, PART_MAX};

    if (r->result != HWI_RESULT_FLIGHTS) {
        return (struct hawser_view){NULL, 0};
    }
    if (packet_max < PART_MAX + AROUND_MAX) {
        out.size = packet_max < AROUND_MAX + PART_MIN ? PART_MIN
                                                      : packet_max - AROUND_MAX;
    }
    r->after = r->next;
    return hwi_recorder_write(d, out, &r->after, &r->has_more);
}

static struct hawser_view write_reply(struct hawser_device *d,
                                      struct hwi_reply *r)
{
    struct hawser_view part = write_part(d, r);
    struct hawser_span room = {d->text, sizeof(d->text) -
                                            (part.at == NULL ? 0 : PART_MAX)};
    struct hwi_json j = hwi_json_to(room);

    hwi_json_open(&j, NULL, '{');
    hwi_json_word(&j, "device", d->cfg->id);
    if (r->has_id) {
        hwi_json_text(&j, "id", (struct hawser_view){r->id, r->id_len});
    }
    if (r->command_len > 0) {
        hwi_json_text(&j, "command",
                      (struct hawser_view){r->command, r->command_len});
    }
    hwi_json_word(&j, "status",
                  hwi_reply_word(r->has_more ? HWI_REPLY_RUNNING : r->status));
    if (r->code != NULL) {
        hwi_json_word(&j, "code", r->code);
        hwi_json_word(&j, "message", r->message);
    }
    if (r->has_percent) {
        hwi_json_uint(&j, "percent", r->percent);
    }
    write_result(d, &j, r->result, part);
    if (r->about != 0) {
        hwi_answer_write(d, r->about, &j);
    }
    hwi_json_uint(&j, "boot", d->lasting.boot);
    hwi_json_close(&j, '}');
    return hwi_json_end(&j);
}

/* Sending ------------------------------------------------------------------- */

/* Is a copy wanted elsewhere than on reply? */
static bool has_other(struct hawser_view response)
{
    return response.len > 0 &&
           (response.len != 5 || memcmp(response.at, "reply", 5) != 0);
}

int hwi_reply_publish(struct hawser_device *d, struct hwi_route *to,
                      struct hawser_view text)
{
    struct hawser_property p = {.id = HAWSER_PROP_CORRELATION_DATA,
                                .value = to->correlation};
    const struct hawser_property *correlation =
        to->correlation.len == 0 ? NULL : &p;
    struct hwi_outgoing m = {
        .kind = to->kind, .qos = 1, .payload = text, .seq = to->seq};
    int err = 0;

    if (!to->is_told) {
        err = hwi_outgoing_send_to(d, &m, hwi_view("reply"), correlation);
        if (err == HAWSER_E_FULL) {
            return err;
        }
        to->is_told = true;
        to->is_lost = err != 0;
    }
    if (!has_other(to->response)) {
        return 0;
    }
    m.kind = HWI_KIND_REPLY;
    err = hwi_outgoing_send_to(d, &m, to->response, correlation);
    return err == HAWSER_E_FULL ? err : 0;
}

static int send_one(struct hawser_device *d, struct hwi_reply *r)
{
    struct hwi_route to = {.kind = HWI_KIND_REPLY,
                           .response = {r->response, r->response_len},
                           .correlation = {r->correlation, r->correlation_len},
                           .is_told = r->is_told};
    int err = hwi_reply_publish(d, &to, write_reply(d, r));

    r->is_told = to.is_told;
    return err;
}

int hwi_replies_send(struct hawser_device *d)
{
    struct hwi_replies *q = &d->replies;
    struct hwi_reply *r = &q->ring[q->first];
    int err;

    if (q->count == 0) {
        return HAWSER_E_WAIT;
    }
    err = send_one(d, r);
    if (err != 0) {
        return err;
    }
    if (r->has_more) {
        r->next = r->after;
        r->is_told = false;
        return 0;
    }
    q->first = (uint8_t)((q->first + 1) % HWI_REPLIES_MAX);
    q->count--;
    return 0;
}
