/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue of replies and their text.
 */
#include "device/reply.h"

#include "device/bucket.h"
#include "device/clock.h"
#include "device/json_write.h"
#include "device/log.h"
#include "device/outbox.h"
#include "device/outgoing.h"
#include "device/recorder.h"
#include "device/status.h"
#include "device/topics.h"
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

bool hwi_replies_is_answering(const struct hawser_device *d)
{
    const struct hwi_replies *q = &d->replies;

    for (unsigned i = 0; i < q->count; i++) {
        if (q->ring[(q->first + i) % HWI_REPLIES_MAX].is_restart) {
            return true;
        }
    }
    return hwi_outgoing_count(d, HWI_KIND_RESTART_ANSWER) > 0;
}

void hwi_replies_add_restart(struct hawser_device *d)
{
    const struct hwi_lasting *l = &d->lasting;
    struct hwi_reply r = {.status = HWI_REPLY_SUCCEEDED,
                          .result = HWI_RESULT_RESTART,
                          .is_restart = true,
                          .has_id = l->id_len > 0,
                          .id_len = l->id_len,
                          .response_len = l->response_len,
                          .correlation_len = l->correlation_len};
    struct hawser_view command = hwi_view("restart");

    if (!l->is_answer_due || hwi_replies_is_answering(d)) {
        return;
    }
    if (d->is_restart_refused) {
        r.status = HWI_REPLY_FAILED;
        r.result = HWI_RESULT_NONE;
        r.code = "not_supported";
        r.message = "this machine cannot restart the device";
    }
    memcpy(r.command, command.at, command.len);
    r.command_len = (uint8_t)command.len;
    memcpy(r.id, l->id, l->id_len);
    memcpy(r.response, l->response, l->response_len);
    memcpy(r.correlation, l->correlation, l->correlation_len);
    if (!hwi_replies_add(d, &r)) {
        hwi_log_alert(d->port, "replies", "the answer to restart has to wait");
    }
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

static void write_result(const struct hawser_device *d, struct hwi_json *j,
                         enum hwi_reply_result result, struct hawser_view part)
{
    if (result == HWI_RESULT_NONE) {
        return;
    }
    hwi_json_open(j, "result", '{');
    if (result == HWI_RESULT_STATUS) {
        write_status(d, j);
    } else if (result == HWI_RESULT_FLIGHTS) {
        hwi_json_members(j, part);
    } else if (result == HWI_RESULT_INTERVAL) {
        hwi_json_uint(j, "interval_s", d->telemetry.interval_s);
    } else {
        hwi_json_word(j, "reset_reason", hwi_reset_word(d->reset_reason));
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
    struct hwi_json j =
        hwi_json_to((struct hawser_span){d->text, sizeof(d->text) - PART_MAX});

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
    write_result(d, &j, r->result, part);
    hwi_json_uint(&j, "boot", d->lasting.boot);
    hwi_json_close(&j, '}');
    return hwi_json_end(&j);
}

/* Sending ------------------------------------------------------------------- */

static const struct hawser_property *correlation_of(const struct hwi_reply *r,
                                                    struct hawser_property *p)
{
    *p =
        (struct hawser_property){.id = HAWSER_PROP_CORRELATION_DATA,
                                 .value = {r->correlation, r->correlation_len}};
    return r->correlation_len == 0 ? NULL : p;
}

static int send_one(struct hawser_device *d, struct hwi_reply *r)
{
    struct hawser_property p;
    const struct hawser_property *correlation = correlation_of(r, &p);
    struct hwi_outgoing m = {
        .kind = HWI_KIND_REPLY, .qos = 1, .payload = write_reply(d, r)};
    struct hawser_view response = {r->response, r->response_len};
    int err;

    if (!r->is_told) {
        m.kind = r->is_restart ? HWI_KIND_RESTART_ANSWER : HWI_KIND_REPLY;
        err = hwi_outgoing_send_to(d, &m, hwi_view("reply"), correlation);
        if (err == HAWSER_E_FULL) {
            return err;
        }
        r->is_told = true;
        m.kind = HWI_KIND_REPLY;
    }
    if (response.len == 0 ||
        (response.len == 5 && memcmp(response.at, "reply", 5) == 0)) {
        return 0;
    }
    err = hwi_outgoing_send_to(d, &m, response, correlation);
    return err == HAWSER_E_FULL ? err : 0;
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
