/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fake port. Flash is checked as strictly as real flash is: a program turns
 * ones into zeros, once per unit after an erase.
 */
#include "device/fake_port.h"
#include "device/fake_check.h"

#include <stdio.h>
#include <string.h>

static struct fake_port *self(void *ctx)
{
    return ctx;
}

static uint64_t now_ms(void *ctx)
{
    return self(ctx)->now_ms;
}

static int wall_clock(void *ctx, struct hawser_wall_clock *out)
{
    struct fake_port *f = self(ctx);

    if (!f->has_wall_clock) {
        return HAWSER_E_ABSENT;
    }
    *out = f->wall;
    out->unix_ms += f->unix_ms + f->now_ms;
    return 0;
}

static int entropy(void *ctx, uint8_t *out, size_t len)
{
    struct fake_port *f = self(ctx);

    if (!f->has_entropy) {
        return HAWSER_E_WAIT;
    }
    for (size_t i = 0; i < len; i++) {
        f->random = f->random * 1664525u + 1013904223u;
        out[i] = (uint8_t)(f->random >> 24);
    }
    return 0;
}

static void link_status(void *ctx, struct hawser_link_status *out)
{
    *out = self(ctx)->link;
}

static void link_recover(void *ctx, uint32_t attempt)
{
    self(ctx)->recovers++;
    self(ctx)->last_recover = attempt;
}

static int resolve(void *ctx, enum hawser_resolve_slot slot, const char *host,
                   struct hawser_address *out, size_t max)
{
    struct fake_port *f = self(ctx);
    int n = slot == HAWSER_RESOLVE_BROKER ? f->dns : f->time_dns;

    FAKE_CHECK(host != NULL);
    f->last_host = host;
    f->resolves += slot == HAWSER_RESOLVE_BROKER ? 1 : 0;
    if (f->lost_host != NULL && strcmp(host, f->lost_host) == 0) {
        return HAWSER_E_LINK;
    }
    for (int i = 0; i < n && (size_t)i < max; i++) {
        out[i] = (struct hawser_address){.family = i % 2 == 0 ? 4 : 6,
                                         .bytes = {10, 0, 0, (uint8_t)i}};
    }
    return n > (int)max ? (int)max : n;
}

static void resolve_cancel(void *ctx, enum hawser_resolve_slot slot)
{
    (void)slot;
    self(ctx)->resolve_cancels++;
}

/* Time servers -------------------------------------------------------------- */

static int udp_open(void *ctx, unsigned slot, const struct hawser_address *to)
{
    struct fake_time_server *s = &self(ctx)->time[slot];

    FAKE_CHECK(to->port != 0 && !s->is_open);
    s->is_open = s->mode != FAKE_TIME_NO_SEND;
    s->to = *to;
    return s->is_open ? 0 : HAWSER_E_LINK;
}

static void put_time(uint8_t *at, uint64_t unix_ms)
{
    uint32_t seconds = (uint32_t)(unix_ms / 1000 + 2208988800u);
    uint32_t fraction = (uint32_t)(((unix_ms % 1000) << 32) / 1000 + 1);

    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(seconds >> (24 - 8 * i));
        at[4 + i] = (uint8_t)(fraction >> (24 - 8 * i));
    }
}

static int udp_send(void *ctx, unsigned slot, const uint8_t *bytes, size_t len)
{
    struct fake_port *f = self(ctx);
    struct fake_time_server *s = &f->time[slot];
    /* The server answers half way through the delay. */
    uint64_t then_ms = f->unix_ms + f->now_ms + s->delay_ms / 2;

    FAKE_CHECK(s->is_open && len == 48 && bytes[0] == 0x23);
    s->asked++;
    if (s->mode == FAKE_TIME_BUSY) {
        return HAWSER_E_WAIT;
    }
    s->has_reply =
        s->mode != FAKE_TIME_SILENT && s->mode != FAKE_TIME_ELSEWHERE;
    s->reply_ms = f->now_ms + s->delay_ms;
    memset(s->reply, 0, sizeof(s->reply));
    s->reply[0] = s->mode == FAKE_TIME_ALARM ? 0xE4 : 0x24;
    s->reply[1] = s->mode == FAKE_TIME_STRATUM ? 16 : 2;
    memcpy(s->reply + 24, bytes + 40, 8);
    put_time(s->reply + 32, then_ms + (uint64_t)s->error_ms);
    put_time(s->reply + 40, then_ms + (uint64_t)s->error_ms);
    if (s->mode == FAKE_TIME_FORGED) {
        s->reply[24] ^= 1;
    }
    if (s->mode == FAKE_TIME_RATE || s->mode == FAKE_TIME_DENY) {
        s->reply[1] = 0;
        memcpy(s->reply + 12, s->mode == FAKE_TIME_RATE ? "RATE" : "DENY", 4);
    }
    return 0;
}

static int udp_receive(void *ctx, unsigned slot, uint8_t *out, size_t size)
{
    struct fake_port *f = self(ctx);
    struct fake_time_server *s = &f->time[slot];

    if (!s->has_reply || f->now_ms < s->reply_ms) {
        return HAWSER_E_WAIT;
    }
    s->has_reply = false;
    FAKE_CHECK(size >= sizeof(s->reply));
    memcpy(out, s->reply, sizeof(s->reply));
    return (int)sizeof(s->reply);
}

static void udp_close(void *ctx, unsigned slot)
{
    self(ctx)->time[slot].has_reply = false;
    self(ctx)->time[slot].is_open = false;
}

uint64_t fake_port_next_ms(const struct fake_port *f)
{
    uint64_t next_ms = HAWSER_NEVER;

    for (unsigned i = 0; i < HAWSER_UDP_SLOTS; i++) {
        if (f->time[i].has_reply && f->time[i].reply_ms < next_ms) {
            next_ms = f->time[i].reply_ms;
        }
    }
    return next_ms;
}

/* Stream -------------------------------------------------------------------- */

/* When no name can be resolved the whole network is gone, unless said. */
static bool is_gone(const struct fake_port *f)
{
    bool is_lost =
        f->lost_host != NULL && strcmp(f->target_host, f->lost_host) == 0;

    return (f->dns < 0 || is_lost) && !f->has_lost_names;
}

static int stream_open(void *ctx, const struct hawser_stream_target *target)
{
    struct fake_port *f = self(ctx);

    FAKE_CHECK(f->stage == HAWSER_STREAM_CLOSED);
    f->target = *target;
    (void)snprintf(f->target_host, sizeof(f->target_host), "%s", target->host);
    f->plan = f->plan_at < FAKE_PLANS_MAX ? f->plans[f->plan_at]
                                          : (struct fake_plan){0};
    f->plan_at++;
    f->stream_cause = HAWSER_CAUSE_NONE;
    if (f->opens_at_once_fail || is_gone(f)) {
        f->stage = HAWSER_STREAM_FAILED;
        f->stream_cause = HAWSER_CAUSE_TCP_UNREACHABLE;
        return HAWSER_E_LINK;
    }
    f->stage = HAWSER_STREAM_TCP;
    f->has_news = true;
    return 0;
}

static void advance(struct fake_port *f)
{
    bool is_there = f->plan.stage == f->stage;
    enum hawser_cause cause = f->plan.cause;

    if (f->stage != HAWSER_STREAM_TCP && f->stage != HAWSER_STREAM_TLS) {
        return;
    }
    if (f->stage == HAWSER_STREAM_TLS && !is_there) {
        cause = fake_pki_judge(&f->pki, &f->target);
        is_there = cause != HAWSER_CAUSE_NONE;
    }
    if (is_there && cause != HAWSER_CAUSE_NONE) {
        f->stage = HAWSER_STREAM_FAILED;
        f->stream_cause = cause;
    } else if (!is_there) {
        f->stage = f->stage == HAWSER_STREAM_TCP ? HAWSER_STREAM_TLS
                                                 : HAWSER_STREAM_OPEN;
        f->has_news = true;
        if (f->stage == HAWSER_STREAM_OPEN) {
            fake_broker_connect(&f->broker);
        }
    }
}

static void stream_status(void *ctx, struct hawser_stream_status *out)
{
    struct fake_port *f = self(ctx);

    out->stage = f->stage;
    out->cause = f->stream_cause;
    (void)snprintf(out->detail, sizeof(out->detail), "%s",
                   f->stream_cause == HAWSER_CAUSE_NONE ? "" : "as scripted");
    advance(f);
}

static int ended(struct fake_port *f)
{
    f->stage = HAWSER_STREAM_FAILED;
    if (f->stream_cause == HAWSER_CAUSE_NONE) {
        f->stream_cause = HAWSER_CAUSE_CLOSED;
    }
    return HAWSER_E_LINK;
}

static int stream_receive(void *ctx, uint8_t *out, size_t size)
{
    struct fake_port *f = self(ctx);
    size_t len;

    if (f->stage != HAWSER_STREAM_OPEN) {
        return HAWSER_E_LINK;
    }
    if (f->is_cut_off) {
        return HAWSER_E_WAIT;
    }
    len = fake_broker_take(&f->broker, out, size);
    if (len > 0) {
        return (int)len;
    }
    return f->broker.is_closed ? ended(f) : HAWSER_E_WAIT;
}

static int stream_send(void *ctx, const uint8_t *bytes, size_t len)
{
    struct fake_port *f = self(ctx);

    if (f->stage != HAWSER_STREAM_OPEN) {
        return HAWSER_E_LINK;
    }
    if (f->is_send_blocked) {
        return HAWSER_E_WAIT;
    }
    if (f->send_chunk > 0 && len > f->send_chunk) {
        len = f->send_chunk;
    }
    if (!f->is_cut_off) {
        fake_broker_feed(&f->broker, bytes, len);
        f->has_news = true;
    }
    return (int)len;
}

static int stream_security(void *ctx, struct hawser_security *out)
{
    struct fake_port *f = self(ctx);

    *out = f->security;
    out->dates_by_floor = !f->target.dates.has_now;
    return f->stage == HAWSER_STREAM_OPEN ? 0 : HAWSER_E_STATE;
}

static void stream_close(void *ctx)
{
    struct fake_port *f = self(ctx);

    if (f->stage == HAWSER_STREAM_OPEN) {
        fake_broker_lose(&f->broker);
    }
    f->stage = HAWSER_STREAM_CLOSED;
}

/* The rest ------------------------------------------------------------------ */

static int sensor_read(void *ctx, unsigned index, struct hawser_reading *out)
{
    *out = self(ctx)->readings[index];
    return self(ctx)->sensor_err[index];
}

static void system_status(void *ctx, struct hawser_system *out)
{
    *out = self(ctx)->system;
}

static int restart(void *ctx)
{
    self(ctx)->restarts++;
    return self(ctx)->restart_err;
}

static void log_entry(void *ctx, const struct hawser_log *entry)
{
    struct fake_port *f = self(ctx);
    struct fake_log *l = &f->logs[f->log_count % FAKE_LOGS_MAX];
    int len = snprintf(l->text, sizeof(l->text), "%s", entry->event);

    l->level = entry->level;
    for (size_t i = 0; i < entry->field_count; i++) {
        const struct hawser_field *e = &entry->fields[i];
        size_t left = sizeof(l->text) - (size_t)len;
        int n = e->text.at != NULL
                    ? snprintf(l->text + len, left, " %s=%.*s", e->name,
                               (int)e->text.len, (const char *)e->text.at)
                    : snprintf(l->text + len, left, " %s=%lld", e->name,
                               (long long)e->number);
        FAKE_CHECK(n > 0 && (size_t)n < left);
        len += n;
    }
    f->log_count++;
}

unsigned fake_logged(const struct fake_port *f, const char *event,
                     const char *text)
{
    unsigned n = 0;
    size_t len = strlen(event);

    FAKE_CHECK(f->log_count <= FAKE_LOGS_MAX);
    for (unsigned i = 0; i < f->log_count; i++) {
        const char *line = f->logs[i].text;
        if (strncmp(line, event, len) == 0 &&
            (line[len] == ' ' || line[len] == '\0') &&
            strstr(line + len, text) != NULL) {
            n++;
        }
    }
    return n;
}

static const struct hawser_port functions = {
    .now_ms = now_ms,
    .wall_clock = wall_clock,
    .entropy = entropy,
    .link_status = link_status,
    .link_recover = link_recover,
    .resolve = resolve,
    .resolve_cancel = resolve_cancel,
    .udp_open = udp_open,
    .udp_send = udp_send,
    .udp_receive = udp_receive,
    .udp_close = udp_close,
    .stream_open = stream_open,
    .stream_status = stream_status,
    .stream_receive = stream_receive,
    .stream_send = stream_send,
    .stream_security = stream_security,
    .stream_close = stream_close,
    .flash_geometry = fake_flash_geometry,
    .flash_read = fake_flash_read,
    .flash_program = fake_flash_program,
    .flash_erase = fake_flash_erase,
    .sensor_read = sensor_read,
    .system_status = system_status,
    .restart = restart,
    .log = log_entry,
};

void fake_port_init(struct fake_port *f)
{
    memset(f, 0, sizeof(*f));
    f->port = functions;
    fake_pki_fill(&f->port);
    f->port.ctx = f;
    f->now_ms = 5000;
    f->unix_ms = UINT64_C(1790000000) * 1000;
    f->has_entropy = true;
    f->random = 1;
    f->link = (struct hawser_link_status){
        .state = HAWSER_LINK_UP, .name = "wlan0", .address = "192.0.2.7"};
    f->dns = 1;
    f->time_dns = 1;
    for (unsigned i = 0; i < HAWSER_UDP_SLOTS; i++) {
        f->time[i].delay_ms = 40;
    }
    f->security = (struct hawser_security){
        .version = "TLSv1.3",
        .cipher = "TLS_AES_256_GCM_SHA384",
        .group = "X25519",
        .peer_subject = "CN=broker",
        .peer_fingerprint = "aa",
        .peer_not_before_s = 1780000000,
        .peer_not_after_s = 1810000000,
        .anchor_subject = "CN=CA",
        .anchor_fingerprint = "bb",
        .anchor_not_after_s = 2000000000,
    };
    f->flash.power_left = -1;
    fake_flash_shape(f, HAWSER_REGION_STATE,
                     (struct hawser_flash_geometry){512, 2, 4});
    fake_flash_shape(f, HAWSER_REGION_COMMANDS,
                     (struct hawser_flash_geometry){1024, 4, 4});
    f->system = (struct hawser_system){.has_rssi = true,
                                       .rssi_dbm = -61,
                                       .has_heap = true,
                                       .heap_bytes = 214332,
                                       .uptime_s = 3605};
    fake_broker_init(&f->broker);
}
