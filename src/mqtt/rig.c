/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rig: a client under test. [rig.h]
 */
#include "mqtt/rig.h"

struct hawser_view rig_view(const char *text)
{
    return (struct hawser_view){(const uint8_t *)text, strlen(text)};
}

void rig_prepare(struct rig *r, enum hawser_version version)
{
    memset(r, 0, sizeof *r);
    r->now_ms = 1000;
    r->cfg = (struct hawser_config){
        .version = version,
        .client_id = TEXT("c"),
        .clean_start = true,
        .keep_alive_s = 10,
        .rx = {r->rx, sizeof r->rx},
        .tx = {r->tx, sizeof r->tx},
        .store = {r->store, sizeof r->store},
        .slots = r->slots,
        .slot_count = sizeof r->slots / sizeof r->slots[0],
        .inbound = r->inbound,
        .inbound_count = sizeof r->inbound / sizeof r->inbound[0],
    };
}

void rig_open(struct rig *r)
{
    assert_int_equal(hawser_init(&r->c, &r->cfg), 0);
    assert_int_equal(hawser_opened(&r->c, r->now_ms), 0);
    (void)rig_out(r);
}

void rig_go_online(struct rig *r)
{
    bool is_v5 = r->cfg.version == HAWSER_MQTT_5;

    rig_open(r);
    assert_int_equal(rig_feed(r, is_v5 ? "20 03 00 00 00" : "20 02 00 00"), 0);
    assert_true(hawser_is_connected(&r->c));
    (void)rig_log(r);
}

void rig_start(struct rig *r, enum hawser_version version)
{
    rig_prepare(r, version);
    rig_go_online(r);
}

void rig_reopen(struct rig *r)
{
    hawser_lost(&r->c, r->now_ms);
    assert_int_equal(hawser_opened(&r->c, r->now_ms), 0);
    (void)rig_out(r);
}

static void log_text(struct rig *r, const char *text)
{
    size_t len = strlen(r->log);

    assert_true(len + strlen(text) < sizeof r->log);
    memcpy(r->log + len, text, strlen(text) + 1);
}

static void log_bytes(struct rig *r, const char *name, struct hawser_view v)
{
    struct hex h;

    log_text(r, name);
    log_text(r, hex_text(&h, v.at, v.len));
}

static void log_message(struct rig *r, const struct hawser_event *ev)
{
    char line[200];

    assert_int_equal(ev->payload_offset, r->payload_at);
    if (ev->payload_offset == 0) {
        (void)snprintf(line, sizeof line,
                       "MESSAGE %.*s id=%u qos=%u retain=%d dup=%d",
                       (int)ev->topic.len, (const char *)ev->topic.at,
                       ev->packet_id, ev->qos, ev->retain, ev->dup);
        log_text(r, line);
        log_bytes(r, " props=", ev->properties);
        log_text(r, " payload=");
    } else {
        log_text(r, " ");
    }
    log_bytes(r, "", ev->payload);
    r->payload_at += (uint32_t)ev->payload.len;
    if (ev->payload_left == 0) {
        log_text(r, "\n");
        r->payload_at = 0;
    }
}

static void log_event(struct rig *r, const struct hawser_event *ev)
{
    static const char *const names[] = {
        [HAWSER_EVENT_CONNECTED] = "CONNECTED",
        [HAWSER_EVENT_REFUSED] = "REFUSED",
        [HAWSER_EVENT_PUBLISHED] = "PUBLISHED",
        [HAWSER_EVENT_SUBSCRIBED] = "SUBSCRIBED",
        [HAWSER_EVENT_UNSUBSCRIBED] = "UNSUBSCRIBED",
        [HAWSER_EVENT_DISCONNECTED] = "DISCONNECTED",
        [HAWSER_EVENT_AUTH] = "AUTH",
    };
    char number[32];

    if (ev->kind == HAWSER_EVENT_MESSAGE) {
        log_message(r, ev);
        return;
    }
    log_text(r, names[ev->kind]);
    if (ev->packet_id != 0) {
        (void)snprintf(number, sizeof number, " %u", ev->packet_id);
        log_text(r, number);
    }
    if (ev->kind == HAWSER_EVENT_CONNECTED) {
        log_text(r, ev->session_present ? " session=1" : " session=0");
    } else if (ev->kind == HAWSER_EVENT_SUBSCRIBED ||
               ev->kind == HAWSER_EVENT_UNSUBSCRIBED) {
        log_bytes(r, " codes=", ev->reasons);
    } else {
        (void)snprintf(number, sizeof number, " %02x", ev->reason);
        log_text(r, number);
    }
    log_bytes(r, " props=", ev->properties);
    log_text(r, "\n");
}

static void log_error(struct rig *r, int err)
{
    const char *name = err == HAWSER_E_MALFORMED  ? "malformed"
                       : err == HAWSER_E_PROTOCOL ? "protocol"
                       : err == HAWSER_E_REFUSED  ? "refused"
                                                  : "other";
    char line[40];

    (void)snprintf(line, sizeof line, "ERROR %s %02x\n", name,
                   hawser_fault(&r->c)->reason);
    log_text(r, line);
}

static void check_guards(const struct rig *r)
{
    static const uint8_t zeros[sizeof r->guard_rx];

    assert_memory_equal(r->guard_rx, zeros, sizeof zeros);
    assert_memory_equal(r->guard_tx, zeros, sizeof zeros);
    assert_memory_equal(r->guard_store, zeros, sizeof zeros);
}

static void drain(struct rig *r)
{
    struct hawser_event ev;

    check_guards(r);
    while (hawser_next_event(&r->c, &ev)) {
        log_event(r, &ev);
    }
}

int rig_feed_bytes(struct rig *r, const uint8_t *in, size_t len)
{
    size_t at = 0;

    while (at < len) {
        /* A copy of its own, so that reads past its end are found. */
        uint8_t *copy = test_malloc(len - at);
        size_t used;
        int err;

        memcpy(copy, in + at, len - at);
        err = hawser_feed(&r->c, r->now_ms, copy, len - at, &used);
        assert_true(used <= len - at);
        assert_true(err != 0 || used == len - at || r->c.has_event);
        drain(r);
        test_free(copy);
        at += used;
        if (err != 0) {
            log_error(r, err);
            return err;
        }
    }
    return 0;
}

int rig_feed(struct rig *r, const char *hex)
{
    struct hex h;
    struct hawser_view v = hex_read(&h, hex);

    return rig_feed_bytes(r, v.at, v.len);
}

const char *rig_out(struct rig *r)
{
    const uint8_t *at;
    size_t len = hawser_out(&r->c, &at);
    const char *text = hex_text(&r->hex, at, len);

    check_guards(r);
    hawser_sent(&r->c, r->now_ms, len);
    return text;
}

const char *rig_log(struct rig *r)
{
    drain(r);
    memcpy(r->last_log, r->log, sizeof r->log);
    r->log[0] = 0;
    return r->last_log;
}

int rig_publish(struct rig *r, uint8_t qos, const char *topic,
                const char *payload, uint16_t *id)
{
    const struct hawser_message m = {
        .topic = rig_view(topic), .payload = rig_view(payload), .qos = qos};

    return hawser_publish(&r->c, r->now_ms, &m, id);
}

uint16_t rig_subscribe(struct rig *r, const char *filter, uint8_t qos)
{
    const struct hawser_filter f = {.topic_filter = rig_view(filter),
                                    .qos = qos};
    uint16_t id = 0;

    assert_int_equal(hawser_subscribe(&r->c, r->now_ms, &f, 1, &id), 0);
    return id;
}

uint16_t rig_unsubscribe(struct rig *r, const char *filter)
{
    const struct hawser_view f = rig_view(filter);
    uint16_t id = 0;

    assert_int_equal(hawser_unsubscribe(&r->c, r->now_ms, &f, 1, &id), 0);
    return id;
}
