/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which broker, address and MQTT version to try next, and what each failure
 * means for the operator. The bytes themselves are line_pump.c's.
 */
#include "line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "line_parts.h"
#include "when.h"

#define STAGE_LIMIT_MS 30000

/* Failures ------------------------------------------------------------------ */

static enum hawser_cli_exit code_of(enum hawser_cause cause)
{
    if (cause == HAWSER_CAUSE_TLS_SETUP) {
        return HAWSER_EXIT_CONFIG;
    }
    if (cause == HAWSER_CAUSE_TLS_TIMEOUT || cause == HAWSER_CAUSE_TLS_MEMORY) {
        return HAWSER_EXIT_TIMEOUT;
    }
    bool is_refusal =
        cause >= HAWSER_CAUSE_TLS_UNKNOWN_CA && cause <= HAWSER_CAUSE_TLS_OTHER;
    return is_refusal || cause == HAWSER_CAUSE_MQTT_NOT_AUTHORISED ||
                   cause == HAWSER_CAUSE_MQTT_REFUSED
               ? HAWSER_EXIT_REFUSED
               : HAWSER_EXIT_TIMEOUT;
}

/* Keeps the words of the most telling failure. */
static void note(struct hawser_cli_line *l, enum hawser_cause cause,
                 const char *detail)
{
    enum hawser_cli_exit code = code_of(cause);
    if (l->why[0] != '\0' && code <= l->code) {
        return;
    }
    struct hawser_cli_text t = hawser_cli_text_in(l->why, sizeof(l->why));
    hawser_cli_text_addf(&t, "%s: %s", l->broker_name,
                         hawser_cause_text(cause));
    if (detail[0] != '\0') {
        hawser_cli_text_add(&t, " (");
        hawser_cli_text_add_shown(&t, hawser_cli_view(detail));
        hawser_cli_text_add(&t, ")");
    }
    l->code = code;
}

/* Attempts ------------------------------------------------------------------ */

static const struct hawser_endpoint *broker(const struct hawser_cli_line *l)
{
    return &l->config->device.brokers[l->broker];
}

static void enter(struct hawser_cli_line *l, enum hawser_cli_line_stage stage)
{
    l->stage = stage;
    l->stage_count++;
    l->stage_due_ms = hawser_cli_line_now_ms(l) + STAGE_LIMIT_MS;
}

static void begin_broker(struct hawser_cli_line *l)
{
    const char *host = broker(l)->host;
    bool is_v6 = strchr(host, ':') != NULL;
    (void)snprintf(l->broker_name, sizeof(l->broker_name), "%s%s%s:%u",
                   is_v6 ? "[" : "", host, is_v6 ? "]" : "", broker(l)->port);
    l->address_count = 0;
    enter(l, HWI_LINE_RESOLVING);
}

static void next_broker(struct hawser_cli_line *l)
{
    l->broker++;
    if (l->broker < l->config->device.broker_count) {
        begin_broker(l);
        return;
    }
    l->broker = 0;
    l->stage = HWI_LINE_DOWN;
}

/* Opens the stream to the current address, in the current version. */
static void open_stream(struct hawser_cli_line *l)
{
    uint64_t now_s = hawser_cli_unix_ms() / 1000;
    l->target = (struct hawser_stream_target){
        .host = broker(l)->host,
        .address = l->addresses[l->address],
        .credentials = &l->config->device.credentials,
        .alpn = l->config->device.alpn,
        .dates = {.floor_s = l->config->device.build_time_s,
                  .now_s = now_s,
                  .has_now = true},
    };
    l->target.address.port = broker(l)->port;
    enter(l, HWI_LINE_OPENING);
    /* A failure is told by stream_status, too, in the next step. */
    (void)l->port->stream_open(l->port->ctx, &l->target);
}

static void next_address(struct hawser_cli_line *l)
{
    l->mqtt.version = HAWSER_MQTT_5;
    l->address++;
    if (l->address < l->address_count) {
        open_stream(l);
    } else {
        next_broker(l);
    }
}

/* A broker that does not know MQTT 5 may say so, close without a word, or
 * answer in a way that is malformed in that version. */
static bool is_about_version(enum hawser_cause cause)
{
    return cause == HAWSER_CAUSE_MQTT_VERSION ||
           cause == HAWSER_CAUSE_MQTT_PROTOCOL || cause == HAWSER_CAUSE_CLOSED;
}

void hawser_cli_line_fail(struct hawser_cli_line *l, enum hawser_cause cause,
                          const char *detail)
{
    bool was_up = l->stage == HWI_LINE_UP;
    bool may_be_version = l->stage == HWI_LINE_CONNACK &&
                          l->mqtt.version == HAWSER_MQTT_5 &&
                          is_about_version(cause);
    l->port->stream_close(l->port->ctx);
    hawser_lost(&l->client, hawser_cli_line_now_ms(l));
    if (may_be_version) {
        l->mqtt.version = HAWSER_MQTT_3_1_1;
        open_stream(l);
        return;
    }
    note(l, cause, detail);
    if (was_up) {
        l->stage = HWI_LINE_DOWN;
    } else {
        next_address(l);
    }
}

/* Stages -------------------------------------------------------------------- */

static void step_resolving(struct hawser_cli_line *l)
{
    int n = l->port->resolve(l->port->ctx, HAWSER_RESOLVE_BROKER,
                             broker(l)->host, l->addresses, HWI_LINE_ADDRESSES);
    if (n > 0) {
        l->address_count = (size_t)n;
        l->address = 0;
        l->mqtt.version = HAWSER_MQTT_5;
        open_stream(l);
    } else if (n != HAWSER_E_WAIT) {
        note(l, HAWSER_CAUSE_DNS, "");
        next_broker(l);
    }
}

static void step_opening(struct hawser_cli_line *l)
{
    struct hawser_stream_status status = {0};
    l->port->stream_status(l->port->ctx, &status);
    if (status.stage == HAWSER_STREAM_FAILED) {
        hawser_cli_line_fail(l, status.cause, status.detail);
    } else if (status.stage == HAWSER_STREAM_OPEN) {
        enter(l, HWI_LINE_CONNACK);
        int err = hawser_opened(&l->client, hawser_cli_line_now_ms(l));
        if (err != 0) {
            hawser_cli_line_fail(l, HAWSER_CAUSE_MQTT_PROTOCOL,
                                 hawser_error_text(err));
        }
    }
}

static void step_late(struct hawser_cli_line *l)
{
    switch (l->stage) {
    case HWI_LINE_RESOLVING:
        l->port->resolve_cancel(l->port->ctx, HAWSER_RESOLVE_BROKER);
        note(l, HAWSER_CAUSE_DNS, "no answer in time");
        next_broker(l);
        return;
    case HWI_LINE_OPENING:
        hawser_cli_line_fail(l, HAWSER_CAUSE_TCP_TIMEOUT, "");
        return;
    case HWI_LINE_CONNACK:
        hawser_cli_line_fail(l, HAWSER_CAUSE_MQTT_TIMEOUT, "");
        return;
    case HWI_LINE_UP:
    case HWI_LINE_DOWN:
        return;
    }
}

static void step_stage(struct hawser_cli_line *l)
{
    switch (l->stage) {
    case HWI_LINE_RESOLVING:
        step_resolving(l);
        return;
    case HWI_LINE_OPENING:
        step_opening(l);
        return;
    case HWI_LINE_CONNACK:
    case HWI_LINE_UP:
        hawser_cli_line_pump(l);
        return;
    case HWI_LINE_DOWN:
        return;
    }
}

enum hawser_line_state hawser_cli_line_step(struct hawser_cli_line *l)
{
    unsigned before = 0;
    do { /* a stage that is done may let the next one go on at once */
        before = l->stage_count;
        if (hawser_cli_line_now_ms(l) >= l->stage_due_ms) {
            step_late(l);
        }
        step_stage(l);
    } while (l->stage_count != before);
    l->stepped_count = l->stage_count;
    if (l->stage == HWI_LINE_UP) {
        return HAWSER_LINE_UP;
    }
    return l->stage == HWI_LINE_DOWN ? HAWSER_LINE_DOWN
                                     : HAWSER_LINE_CONNECTING;
}

void hawser_cli_line_wait(struct hawser_cli_line *l, uint64_t until_ms,
                          int wake_fd)
{
    uint64_t due_ms = until_ms;
    if (l->stage_count != l->stepped_count) {
        return; /* started, and not a step done yet: nothing would wake us */
    }
    if (l->stage == HWI_LINE_CONNACK || l->stage == HWI_LINE_UP) {
        hawser_cli_line_send(l);
        uint64_t client_ms = hawser_deadline_ms(&l->client);
        due_ms = client_ms < due_ms ? client_ms : due_ms;
    }
    if (l->stage != HWI_LINE_UP && l->stage != HWI_LINE_DOWN &&
        l->stage_due_ms < due_ms) {
        due_ms = l->stage_due_ms;
    }
    hawser_linux_wait(l->machine, due_ms, wake_fd);
}

/* Lifetime ------------------------------------------------------------------ */

static void ignore_log(void *ctx, const struct hawser_log *entry)
{
    (void)ctx;
    (void)entry;
}

/* Another client with the same id would throw this one out: 64 random bits. */
static bool name_client(struct hawser_cli_line *l, const char *name)
{
    uint64_t number = 0;
    if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number)) {
        return false;
    }
    (void)snprintf(l->client_id, sizeof(l->client_id), "%s-%016llx", name,
                   (unsigned long long)number);
    return true;
}

static int prepare(struct hawser_cli_line *l)
{
    const struct hawser_device_config *device = &l->config->device;
    l->mqtt = (struct hawser_config){
        .version = HAWSER_MQTT_5,
        .client_id = hawser_cli_view(l->client_id),
        .username = device->username,
        .password = device->password,
        .clean_start = true,
        .keep_alive_s = device->keep_alive_s,
        .rx = {l->rx, sizeof(l->rx)},
        .tx = {l->tx, sizeof(l->tx)},
        .store = {l->store, sizeof(l->store)},
        .slots = l->slots,
        .slot_count = HWI_LINE_SLOTS,
        .inbound = l->inbound,
        .inbound_count = HWI_LINE_INBOUND,
    };
    return hawser_init(&l->client, &l->mqtt);
}

struct hawser_cli_line *
hawser_cli_line_create(const struct hawser_cli_config *config, const char *name,
                       const struct hawser_cli_line_handler *handler,
                       struct hawser_cli_text *why)
{
    const struct hawser_linux_config machine = {.log = ignore_log};
    char message[HAWSER_LINUX_MESSAGE_SIZE] = "";
    struct hawser_cli_line *l = calloc(1, sizeof(*l));
    if (l == NULL || !name_client(l, name)) {
        hawser_cli_text_add(why, "not enough memory or randomness");
        free(l);
        return NULL;
    }
    l->config = config;
    l->handler = handler;
    l->stage = HWI_LINE_DOWN;
    int err = prepare(l);
    if (err != 0) {
        hawser_cli_text_add(why, hawser_error_text(err));
    } else if (hawser_linux_create(&l->machine, &machine, message) != 0) {
        hawser_cli_text_add(why, message);
    } else {
        l->port = hawser_linux_port(l->machine);
        return l;
    }
    hawser_cli_line_destroy(l);
    return NULL;
}

void hawser_cli_line_destroy(struct hawser_cli_line *l)
{
    if (l == NULL) {
        return;
    }
    if (l->stage == HWI_LINE_UP &&
        hawser_disconnect(&l->client, hawser_cli_line_now_ms(l), 0) == 0) {
        hawser_cli_line_pump(l);
    }
    if (l->machine != NULL) {
        l->port->stream_close(l->port->ctx);
        hawser_linux_destroy(l->machine);
    }
    explicit_bzero(l, sizeof(*l));
    free(l);
}

void hawser_cli_line_start(struct hawser_cli_line *l)
{
    l->port->stream_close(l->port->ctx);
    l->port->resolve_cancel(l->port->ctx, HAWSER_RESOLVE_BROKER);
    hawser_lost(&l->client, hawser_cli_line_now_ms(l));
    l->why[0] = '\0';
    l->code = HAWSER_EXIT_TIMEOUT;
    l->broker = 0;
    begin_broker(l);
}

/* Facts --------------------------------------------------------------------- */

uint64_t hawser_cli_line_now_ms(const struct hawser_cli_line *l)
{
    return l->port->now_ms(l->port->ctx);
}

struct hawser_client *hawser_cli_line_client(struct hawser_cli_line *l)
{
    return &l->client;
}

const char *hawser_cli_line_broker(const struct hawser_cli_line *l)
{
    return l->broker_name;
}

bool hawser_cli_line_is_v5(const struct hawser_cli_line *l)
{
    return l->mqtt.version == HAWSER_MQTT_5;
}

int hawser_cli_line_code(const struct hawser_cli_line *l)
{
    return (int)l->code;
}

const char *hawser_cli_line_why(const struct hawser_cli_line *l)
{
    return l->why[0] == '\0' ? "no connection yet" : l->why;
}
