/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rounds of asking for the time. Each server walks through its own states; the
 * round ends when the answers suffice, when nobody is left, or at its deadline.
 */
#include "device/time_sync.h"

#include "device/alerts.h"
#include "device/clock.h"
#include "device/log.h"
#include "device/random.h"
#include "device/session.h"
#include "device/sntp.h"
#include "device/time_ask.h"

#define SECOND        1000u
#define MINUTE        (60u * SECOND)
#define HOUR          (60u * MINUTE)
#define ROUND_MS      (8u * SECOND)
#define REPLY_MS      (2u * SECOND) /* then the next address */
#define POLL_MS       100u          /* for what the port does not announce */
#define AGREE_MS      (1u * SECOND)
#define RESYNC_MS     (4u * HOUR)
#define RESYNC_JITTER (30u * MINUTE)
#define AGAIN_BASE_MS (15u * SECOND)
#define AGAIN_DOUBLE  6u /* up to 16 minutes */
#define KISS_RATE_MS  (1u * HOUR)
#define DATAGRAMS_MAX 8u /* looked at in one step */

bool hwi_time_sync_has_source(const struct hawser_device *d)
{
    return d->cfg->trust_system_clock || d->cfg->time_server_count > 0;
}

void hwi_time_sync_init(struct hawser_device *d)
{
    d->time = (struct hwi_time_sync){.due_ms = d->now_ms};
}

void hwi_time_sync_cancel(struct hawser_device *d)
{
    const struct hawser_port *port = d->port;

    port->resolve_cancel(port->ctx, HAWSER_RESOLVE_TIME);
    for (unsigned i = 0; i < HAWSER_TIME_SERVERS_MAX; i++) {
        port->udp_close(port->ctx, i);
    }
    d->time.is_asking = false;
}

void hwi_time_sync_suspend(struct hawser_device *d)
{
    if (d->time.is_asking) {
        hwi_time_sync_cancel(d);
        d->time.due_ms = d->now_ms;
    }
}

static void begin_round(struct hawser_device *d)
{
    d->time.is_asking = true;
    d->time.due_ms = d->now_ms + ROUND_MS;
    d->time.poll_ms = d->now_ms;
    for (size_t i = 0; i < HAWSER_TIME_SERVERS_MAX; i++) {
        struct hwi_time_server *s = &d->time.servers[i];
        bool is_shunned = s->shunned_till_ms > d->now_ms;
        s->state = is_shunned ? HWI_TIME_GAVE_UP : HWI_TIME_IDLE;
    }
}

void hwi_time_sync_request(struct hawser_device *d)
{
    if (!d->time.is_asking && hwi_time_sync_has_source(d)) {
        begin_round(d);
    }
}

/* Ends the round. Without a result the next one comes soon, then ever later. */
static void end_round(struct hawser_device *d, bool has_result)
{
    uint32_t random = hwi_random(d->port, d->retry.phase);
    uint32_t doublings;

    hwi_time_sync_cancel(d);
    if (has_result) {
        d->time.failures = 0;
        d->time.is_wait_told = false;
        d->time.due_ms = d->now_ms + RESYNC_MS - random % RESYNC_JITTER;
        return;
    }
    doublings =
        d->time.failures < AGAIN_DOUBLE ? d->time.failures : AGAIN_DOUBLE;
    d->time.failures++;
    d->time.due_ms =
        d->now_ms + ((AGAIN_BASE_MS << doublings) + random % AGAIN_BASE_MS) /
                        (d->cfg->retry_speed == 0 ? 1 : d->cfg->retry_speed);
}

static void log_time(struct hawser_device *d, const char *source)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_INFO, "time");

    hwi_log_word(&l, "source", source);
    hwi_log_number(&l, "confidence", d->clock.confidence);
    hwi_log_number(&l, "unix", hwi_clock_unix_ms(&d->clock, d->now_ms) / 1000);
    hwi_log_send(&l, d->port);
}

/* How far it is from our time. */
static uint32_t step_s(const struct hawser_device *d, uint64_t unix_ms)
{
    uint64_t ours_ms = hwi_clock_unix_ms(&d->clock, d->now_ms);
    uint64_t step_ms =
        unix_ms > ours_ms ? unix_ms - ours_ms : ours_ms - unix_ms;

    return (uint32_t)(step_ms / 1000);
}

/* An answer was found: sets the clock by it. */
static void settle(struct hawser_device *d, uint64_t unix_ms, bool agreed,
                   const char *source)
{
    bool was_known = hwi_clock_is_known(&d->clock);
    enum hwi_clock_answer answer =
        hwi_clock_offer(&d->clock, d->now_ms, unix_ms, agreed);

    if (answer == HWI_CLOCK_SET) {
        log_time(d, source);
        hwi_alert_clear(d, HWI_ALERT_TIME_HELD);
        if (!was_known) {
            hwi_session_say(d, HWI_DUE_STATUS | HWI_DUE_SECURITY);
        }
    } else if (answer == HWI_CLOCK_HELD) {
        if (!hwi_alert_stands(d, HWI_ALERT_TIME_HELD)) {
            hwi_time_ask_now(d);
        }
        hwi_alert_raise(d, HWI_ALERT_TIME_HELD, source, step_s(d, unix_ms));
    } else { /* the machine's: what servers say was looked at before */
        hwi_log_alert(d->port, "time_implausible",
                      "this machine's clock cannot be right; ignored");
    }
    end_round(d, answer == HWI_CLOCK_SET);
}

/* One server ---------------------------------------------------------------- */

static void give_up(struct hawser_device *d, unsigned i)
{
    d->port->udp_close(d->port->ctx, i);
    d->time.servers[i].state = HWI_TIME_GAVE_UP;
}

static void next_address(struct hawser_device *d, unsigned i)
{
    struct hwi_time_server *s = &d->time.servers[i];

    d->port->udp_close(d->port->ctx, i);
    s->address_at++;
    s->due_ms = d->now_ms;
    s->state =
        s->address_at < s->address_count ? HWI_TIME_READY : HWI_TIME_GAVE_UP;
}

/* The port has one look-up for time servers: they take turns. */
static bool is_resolver_busy(const struct hawser_device *d)
{
    for (size_t i = 0; i < d->cfg->time_server_count; i++) {
        if (d->time.servers[i].state == HWI_TIME_RESOLVING) {
            return true;
        }
    }
    return false;
}

static void resolve(struct hawser_device *d, unsigned i)
{
    struct hwi_time_server *s = &d->time.servers[i];
    int n = d->port->resolve(d->port->ctx, HAWSER_RESOLVE_TIME,
                             d->cfg->time_servers[i].host, s->addresses,
                             HWI_TIME_ADDRESSES_MAX);

    s->state = HWI_TIME_RESOLVING;
    if (n == HAWSER_E_WAIT) {
        return;
    }
    s->state = HWI_TIME_GAVE_UP;
    if (n > 0) {
        s->address_count = (uint8_t)n;
        s->address_at = 0;
        s->due_ms = d->now_ms;
        s->state = HWI_TIME_READY;
    }
}

static void ask(struct hawser_device *d, unsigned i)
{
    const struct hawser_port *port = d->port;
    struct hwi_time_server *s = &d->time.servers[i];
    struct hawser_address to = s->addresses[s->address_at];
    uint8_t request[HWI_SNTP_LEN];
    int err;

    if (d->now_ms < s->due_ms) {
        return;
    }
    to.port = d->cfg->time_servers[i].port;
    err = port->entropy(port->ctx, s->nonce, sizeof(s->nonce));
    if (err == 0) {
        hwi_sntp_request(request, s->nonce);
        err = port->udp_open(port->ctx, i, &to);
    }
    if (err == 0) {
        err = port->udp_send(port->ctx, i, request, sizeof(request));
    }
    if (err == 0) {
        s->sent_ms = d->now_ms;
        s->due_ms = d->now_ms + REPLY_MS;
        s->state = HWI_TIME_WAITING;
    } else if (err == HAWSER_E_WAIT) {
        port->udp_close(port->ctx, i);
        s->due_ms = d->now_ms + POLL_MS;
    } else {
        next_address(d, i);
    }
}

static void take_reply(struct hawser_device *d, unsigned i,
                       struct hawser_view reply)
{
    struct hwi_time_server *s = &d->time.servers[i];
    const struct hwi_sntp_exchange x = {.nonce = s->nonce,
                                        .sent_ms = s->sent_ms,
                                        .received_ms = d->now_ms,
                                        .floor_s = d->clock.floor_s};
    uint64_t unix_ms = 0;

    switch (hwi_sntp_reply(reply, &x, &unix_ms)) {
    case HWI_SNTP_OK:
        if (!hwi_clock_is_plausible(&d->clock, unix_ms)) {
            next_address(d, i);
            break;
        }
        d->port->udp_close(d->port->ctx, i);
        s->offset_ms = unix_ms - d->now_ms;
        s->state = HWI_TIME_ANSWERED;
        break;
    case HWI_SNTP_UNUSABLE:
        next_address(d, i);
        break;
    case HWI_SNTP_KISS_RATE:
        s->shunned_till_ms = d->now_ms + KISS_RATE_MS;
        give_up(d, i);
        break;
    case HWI_SNTP_KISS_DENY:
        s->shunned_till_ms = HAWSER_NEVER;
        give_up(d, i);
        break;
    case HWI_SNTP_IGNORED:
        break;
    }
}

static void listen(struct hawser_device *d, unsigned i)
{
    struct hwi_time_server *s = &d->time.servers[i];
    uint8_t reply[HWI_SNTP_LEN + 20]; /* extensions behind it are ignored */

    for (unsigned n = 0; n < DATAGRAMS_MAX; n++) {
        int len = d->port->udp_receive(d->port->ctx, i, reply, sizeof(reply));
        if (len < 0) {
            break;
        }
        take_reply(d, i, (struct hawser_view){reply, (size_t)len});
        if (s->state != HWI_TIME_WAITING) {
            return;
        }
    }
    if (d->now_ms >= s->due_ms) {
        next_address(d, i);
    }
}

static void step_server(struct hawser_device *d, unsigned i)
{
    struct hwi_time_server *s = &d->time.servers[i];

    if ((s->state == HWI_TIME_IDLE && !is_resolver_busy(d)) ||
        s->state == HWI_TIME_RESOLVING) {
        resolve(d, i);
    }
    if (s->state == HWI_TIME_WAITING) {
        listen(d, i);
    }
    if (s->state == HWI_TIME_READY) {
        ask(d, i);
    }
}

/* The round ----------------------------------------------------------------- */

static bool do_agree(uint64_t a, uint64_t b)
{
    return a - b <= AGREE_MS || b - a <= AGREE_MS;
}

/* Looks for two answers that agree; *i is one of them. */
static bool find_pair(const struct hawser_device *d, size_t *i)
{
    const struct hwi_time_server *s = d->time.servers;

    for (*i = 0; *i < d->cfg->time_server_count; (*i)++) {
        for (size_t k = 0; k < *i; k++) {
            if (s[*i].state == HWI_TIME_ANSWERED &&
                s[k].state == HWI_TIME_ANSWERED &&
                do_agree(s[*i].offset_ms, s[k].offset_ms)) {
                return true;
            }
        }
    }
    return false;
}

static bool is_anybody_left(const struct hawser_device *d)
{
    for (size_t i = 0; i < d->cfg->time_server_count; i++) {
        uint8_t state = d->time.servers[i].state;
        if (state != HWI_TIME_ANSWERED && state != HWI_TIME_GAVE_UP) {
            return true;
        }
    }
    return false;
}

static void step_servers(struct hawser_device *d)
{
    const struct hwi_time_server *s = d->time.servers;
    size_t i = 0;

    for (unsigned k = 0; k < d->cfg->time_server_count; k++) {
        step_server(d, k);
    }
    if (d->cfg->time_server_count == 1 && s[0].state == HWI_TIME_ANSWERED) {
        settle(d, d->now_ms + s[0].offset_ms, false, "sntp");
    } else if (find_pair(d, &i)) {
        settle(d, d->now_ms + s[i].offset_ms, true, "sntp");
    } else if (!is_anybody_left(d)) {
        end_round(d, false);
    }
}

/* Once, so that nobody wonders what the device waits for. */
static void log_wait(struct hawser_device *d, bool has_clock)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_INFO, "time_wait");

    if (d->time.is_wait_told) {
        return;
    }
    d->time.is_wait_told = true;
    hwi_log_word(&l, "source", "system");
    hwi_log_number(&l, "confidence", d->clock.confidence);
    hwi_log_word(&l, "detail",
                 has_clock ? "waits for this machine's clock to be synchronised"
                           : "waits for this machine to have a clock");
    hwi_log_send(&l, d->port);
}

static void step_system_clock(struct hawser_device *d)
{
    struct hawser_wall_clock wall = {0};
    bool has_clock;

    if (d->now_ms < d->time.poll_ms) {
        return;
    }
    d->time.poll_ms = d->now_ms + POLL_MS;
    has_clock = d->port->wall_clock(d->port->ctx, &wall) == 0;
    if (has_clock && wall.is_synchronised) {
        settle(d, wall.unix_ms, false, "system");
    } else {
        log_wait(d, has_clock);
    }
}

void hwi_time_sync_step(struct hawser_device *d)
{
    if (!hwi_time_sync_has_source(d)) {
        return;
    }
    if (!d->time.is_asking) {
        if (d->now_ms < d->time.due_ms) {
            return;
        }
        begin_round(d);
    }
    if (d->cfg->trust_system_clock) {
        step_system_clock(d);
    } else {
        step_servers(d);
    }
    if (d->time.is_asking && d->now_ms >= d->time.due_ms) {
        end_round(d, false);
    }
}

/* When a server is to be stepped by itself; a look-up is news of the port. */
static uint64_t server_due_ms(const struct hawser_device *d,
                              const struct hwi_time_server *s)
{
    switch ((enum hwi_time_server_state)s->state) {
    case HWI_TIME_IDLE:
        return is_resolver_busy(d) ? HAWSER_NEVER : d->now_ms;
    case HWI_TIME_READY:
    case HWI_TIME_WAITING:
        return s->due_ms;
    case HWI_TIME_RESOLVING:
    case HWI_TIME_ANSWERED:
    case HWI_TIME_GAVE_UP:
        break;
    }
    return HAWSER_NEVER;
}

uint64_t hwi_time_sync_deadline_ms(const struct hawser_device *d)
{
    uint64_t due_ms = d->time.due_ms;

    if (!hwi_time_sync_has_source(d)) {
        return HAWSER_NEVER;
    }
    if (!d->time.is_asking) {
        return due_ms;
    }
    if (d->cfg->trust_system_clock) {
        return d->time.poll_ms < due_ms ? d->time.poll_ms : due_ms;
    }
    for (size_t i = 0; i < d->cfg->time_server_count; i++) {
        uint64_t server_ms = server_due_ms(d, &d->time.servers[i]);
        due_ms = server_ms < due_ms ? server_ms : due_ms;
    }
    return due_ms;
}
