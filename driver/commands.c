/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands, each a function.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

#define WAIT_MS 5000

/* Absent becomes empty, where MQTT knows no difference. */
static struct hawser_view or_empty(const struct driver_words *w,
                                   const char *key)
{
    struct hawser_view v = driver_value(w, key);

    if (v.at == NULL) {
        v = (struct hawser_view){(const uint8_t *)"", 0};
    }
    return v;
}

static void read_will(struct driver *d, struct driver_words *w)
{
    d->will = (struct hawser_message){
        .topic = driver_value(w, "will_topic"),
        .payload = driver_value(w, "will_payload"),
        .qos = (uint8_t)driver_number(w, "will_qos", 0),
        .retain = driver_number(w, "will_retain", 0) != 0};
    driver_properties(w, "will.", false, &d->will_properties);
    d->will.properties = d->will_properties.at;
    d->will.property_count = d->will_properties.count;
    d->cfg.will = d->will.topic.at == NULL ? NULL : &d->will;
}

static void read_connect(struct driver *d, struct driver_words *w)
{
    bool is_old = driver_number(w, "version", 5) != 5;

    d->cfg = (struct hawser_config){
        .version = is_old ? HAWSER_MQTT_3_1_1 : HAWSER_MQTT_5,
        .client_id = or_empty(w, "client_id"),
        .username = driver_value(w, "user"),
        .password = driver_value(w, "password"),
        .clean_start = driver_number(w, "clean_start", 1) != 0,
        .sends_early = driver_number(w, "early", 0) != 0,
        .keep_alive_s = (uint16_t)driver_number(w, "keep_alive", 0),
        .session_expiry_s = driver_number(w, "prop.session_expiry", 0),
        .receive_maximum =
            (uint16_t)driver_number(w, "prop.receive_maximum", 0),
        .maximum_packet_size = driver_number(w, "prop.maximum_packet_size", 0),
        .rx = {d->rx, DRIVER_RX_SIZE},
        .tx = {d->tx, DRIVER_TX_SIZE},
        .store = {d->store, DRIVER_TX_SIZE},
        .slots = d->slots,
        .slot_count = DRIVER_SLOTS,
        .inbound = d->inbound,
        .inbound_count = DRIVER_INBOUND,
        .aliases_in = {d->aliases_in, DRIVER_ALIASES_SIZE},
        .alias_in_count =
            (uint16_t)driver_number(w, "prop.topic_alias_maximum", 0),
        .aliases_out = {d->aliases_out, DRIVER_ALIASES_SIZE},
        .alias_out_count = (uint16_t)driver_number(w, "aliases", 0),
    };
    driver_properties(w, "prop.", true, &d->properties);
    d->cfg.properties = d->properties.at;
    d->cfg.property_count = d->properties.count;
    read_will(d, w);
}

static void open_line(struct driver *d)
{
    struct driver_words *w = &d->connect;
    const struct driver_target to = {.host =
                                         driver_text(w, "host", "localhost"),
                                     .port = driver_number(w, "port", 1883),
                                     .ca = driver_text(w, "ca", NULL),
                                     .cert = driver_text(w, "cert", NULL),
                                     .key = driver_text(w, "key", NULL),
                                     .alpn = driver_text(w, "alpn", NULL)};

    driver_close(d, "by command");
    if (!driver_line_open(&d->line, &to)) {
        driver_say(d, "closed", d->line.why, -1);
        d->code = 1;
    }
}

static bool is_equal(struct hawser_view a, struct hawser_view b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* A client for the new configuration, with the session of the one before. */
static int renew_client(struct driver *d)
{
    struct hawser_span room = {.size = hawser_save_size(&d->c)};
    size_t len;
    int err = HAWSER_E_FULL;

    room.at = malloc(room.size);
    if (room.at != NULL) {
        err = hawser_save(&d->c, room, &len);
    }
    if (err == 0) {
        err = hawser_init(&d->c, &d->cfg);
    }
    if (err == 0) {
        err = hawser_load(&d->c, (struct hawser_view){room.at, len});
    }
    free(room.at);
    return err;
}

/* The configuration's views lead into a copy of the line. */
static int do_connect(struct driver *d, struct driver_words *w, uint16_t *id)
{
    struct hawser_view last_id = d->cfg.client_id;
    char *last_line = d->connect_line;
    bool is_same;
    int err;

    (void)w;
    (void)id;
    driver_close(d, "by command");
    d->connect_line = strdup(d->line_text);
    if (d->connect_line == NULL) {
        d->connect_line = last_line;
        return HAWSER_E_FULL;
    }
    driver_words_cut(&d->connect, d->connect_line);
    read_connect(d, &d->connect);
    is_same = d->has_client && is_equal(d->cfg.client_id, last_id);
    free(last_line);
    if (d->connect.mistake != NULL) {
        return HAWSER_E_ARG;
    }
    err = is_same && !d->cfg.clean_start ? renew_client(d)
                                         : hawser_init(&d->c, &d->cfg);
    d->has_client = err == 0;
    if (err == 0) {
        open_line(d);
    }
    return err;
}

static int do_publish(struct driver *d, struct driver_words *w, uint16_t *id)
{
    struct driver_list list;
    struct hawser_message m = {.topic = or_empty(w, "topic"),
                               .payload = or_empty(w, "payload"),
                               .payload_more = driver_number(w, "more", 0),
                               .qos = (uint8_t)driver_number(w, "qos", 0),
                               .retain = driver_number(w, "retain", 0) != 0};

    driver_properties(w, "prop.", false, &list);
    m.properties = list.at;
    m.property_count = list.count;
    return w->mistake != NULL ? HAWSER_E_ARG
                              : hawser_publish(&d->c, driver_now_ms(), &m, id);
}

/* Each "filter=" begins another one; the options behind it are its own. */
static size_t read_filters(struct driver_words *w,
                           struct hawser_filter out[DRIVER_LIST_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < w->count; i++) {
        const char *key = w->at[i].key;
        uint8_t number =
            (uint8_t)strtoul((const char *)w->at[i].value.at, NULL, 0);
        if (strcmp(key, "filter") == 0 && n < DRIVER_LIST_MAX) {
            out[n++] = (struct hawser_filter){.topic_filter = w->at[i].value};
        } else if (n == 0) {
            continue;
        } else if (strcmp(key, "qos") == 0) {
            out[n - 1].qos = number;
        } else if (strcmp(key, "no_local") == 0) {
            out[n - 1].no_local = number != 0;
        } else if (strcmp(key, "retain_as_published") == 0) {
            out[n - 1].retain_as_published = number != 0;
        } else if (strcmp(key, "retain_handling") == 0) {
            out[n - 1].retain_handling = number;
        }
    }
    return n;
}

static int do_subscribe(struct driver *d, struct driver_words *w, uint16_t *id)
{
    struct hawser_filter filters[DRIVER_LIST_MAX];
    struct hawser_view names[DRIVER_LIST_MAX];
    struct driver_list list;
    size_t n = read_filters(w, filters);

    driver_properties(w, "prop.", false, &list);
    if (w->mistake != NULL) {
        return HAWSER_E_ARG;
    }
    if (strcmp(w->command, "subscribe") == 0) {
        const struct hawser_subscription s = {
            filters, n, {list.at, list.count}};
        return hawser_subscribe_with(&d->c, driver_now_ms(), &s, id);
    }
    for (size_t i = 0; i < n; i++) {
        names[i] = filters[i].topic_filter;
    }
    const struct hawser_unsubscription u = {names, n, {list.at, list.count}};
    return hawser_unsubscribe_with(&d->c, driver_now_ms(), &u, id);
}

static int do_disconnect(struct driver *d, struct driver_words *w, uint16_t *id)
{
    (void)id;
    struct driver_list list;
    uint8_t reason = (uint8_t)driver_number(w, "reason", 0);
    int err;

    driver_properties(w, "prop.", false, &list);
    if (w->mistake != NULL) {
        return HAWSER_E_ARG;
    }
    const struct hawser_properties p = {list.at, list.count};
    err = hawser_disconnect_with(&d->c, driver_now_ms(), reason, &p);
    if (err == 0) {
        driver_send_out(d);
        driver_close(d, "by command");
    }
    return err;
}

static int do_auth(struct driver *d, struct driver_words *w, uint16_t *id)
{
    (void)id;
    struct driver_list list;
    uint8_t reason = (uint8_t)driver_number(w, "reason", 0x18);

    driver_properties(w, "prop.", false, &list);
    const struct hawser_properties p = {list.at, list.count};
    return w->mistake != NULL ? HAWSER_E_ARG
                              : hawser_auth(&d->c, driver_now_ms(), reason, &p);
}

static int do_accept(struct driver *d, struct driver_words *w, uint16_t *id)
{
    struct driver_list list;
    uint8_t reason = (uint8_t)driver_number(w, "reason", 0);

    driver_properties(w, "prop.", false, &list);
    const struct hawser_properties p = {list.at, list.count};
    *id = (uint16_t)driver_number(w, "packet_id", 0);
    return w->mistake != NULL
               ? HAWSER_E_ARG
               : hawser_accept_with(&d->c, driver_now_ms(), *id, reason, &p);
}

/* Decodes all of it; the length, or -1. */
static long decode_hex(struct hawser_view hex, uint8_t *out)
{
    for (size_t i = 0; i < hex.len; i += 2) {
        int byte = driver_hex_byte((const char *)hex.at + i);
        if (byte < 0) {
            return -1;
        }
        out[i / 2] = (uint8_t)byte;
    }
    return (long)hex.len / 2;
}

/* The bytes of hex=..., past the client. */
static int do_raw(struct driver *d, struct driver_words *w, uint16_t *id)
{
    (void)id;
    struct hawser_view hex = driver_value(w, "hex");
    uint8_t *bytes = malloc(hex.len + 1);
    long len = bytes == NULL ? 0 : decode_hex(hex, bytes);
    int n = 0;

    if (hex.len == 0 || len < 0) {
        free(bytes);
        w->mistake = "hex is pairs of hexadecimal digits, as in hex=c000";
        return HAWSER_E_ARG;
    }
    driver_send_out(d);
    if (bytes != NULL && d->line.fd >= 0) {
        n = driver_line_send(&d->line, bytes, (size_t)len);
    }
    free(bytes);
    return n > 0 && n == len ? 0 : HAWSER_E_LINK;
}

static int do_reconnect(struct driver *d, struct driver_words *w, uint16_t *id)
{
    (void)w;
    (void)id;
    d->cfg.clean_start = false;
    open_line(d);
    return 0;
}

/* "wait event=NAME timeout_ms=N": for one that no wait has seen yet. */
static int do_wait(struct driver *d, struct driver_words *w, uint16_t *id)
{
    (void)id;
    const char *name = driver_text(w, "event", NULL);

    d->waiting = name == NULL ? -1 : driver_index_of(d, name);
    d->wait_due_ms = driver_now_ms() + driver_number(w, "timeout_ms", WAIT_MS);
    return d->waiting < 0 || w->mistake != NULL ? HAWSER_E_ARG : 0;
}

static int do_quit(struct driver *d, struct driver_words *w, uint16_t *id)
{
    (void)w;
    (void)id;
    d->is_done = true;
    return 0;
}

static int do_ack(struct driver *d, struct driver_words *w, uint16_t *id)
{
    const char *mode = driver_text(w, "mode", "");

    (void)id;
    d->is_manual = strcmp(mode, "manual") == 0;
    return d->is_manual || strcmp(mode, "auto") == 0 ? 0 : HAWSER_E_ARG;
}

static int do_cut(struct driver *d, struct driver_words *w, uint16_t *id)
{
    (void)w;
    (void)id;
    driver_close(d, "by command");
    return 0;
}

#define CONNECT_KEYS                                                          \
    "host port version client_id clean_start keep_alive user password "       \
    "will_topic will_payload will_qos will_retain will. prop. early aliases " \
    "ca cert key alpn"

/* Which keys it takes; one that ends in a dot begins many. */
static const struct {
    const char *name;
    int (*run)(struct driver *d, struct driver_words *w, uint16_t *id);
    bool needs_client;
    const char *keys;
} commands[] = {
    {"connect", do_connect, false, CONNECT_KEYS},
    {"reconnect", do_reconnect, true, ""},
    {"publish", do_publish, true, "topic payload qos retain more prop."},
    {"subscribe", do_subscribe, true,
     "filter qos no_local retain_as_published retain_handling prop."},
    {"unsubscribe", do_subscribe, true, "filter prop."},
    {"disconnect", do_disconnect, true, "reason prop."},
    {"auth", do_auth, true, "reason prop."},
    {"ack", do_ack, false, "mode"},
    {"accept", do_accept, true, "packet_id reason prop."},
    {"cut", do_cut, false, ""},
    {"raw", do_raw, false, "hex"},
    {"wait", do_wait, false, "event timeout_ms"},
    {"quit", do_quit, false, ""},
};

static int run(struct driver *d, struct driver_words *w, uint16_t *id)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].name, w->command) != 0) {
            continue;
        }
        if (!driver_takes_all(commands[i].keys, w)) {
            return HAWSER_E_ARG;
        }
        return commands[i].needs_client && !d->has_client
                   ? HAWSER_E_STATE
                   : commands[i].run(d, w, id);
    }
    w->mistake = "no such command";
    return HAWSER_E_ARG;
}

void driver_obey(struct driver *d, char *line)
{
    struct driver_words w;
    uint16_t id = 0;
    int err;

    free(d->line_text);
    d->line_text = strdup(line);
    driver_words_cut(&w, line);
    if (w.command == NULL || w.command[0] == '#' || d->line_text == NULL) {
        return;
    }
    err = w.mistake != NULL ? HAWSER_E_ARG : run(d, &w, &id);
    if (err == 0) {
        driver_print("ok", "command", w.command, id == 0 ? -1 : id);
        driver_came(d, "ok");
    } else {
        driver_say(d, "failed",
                   w.mistake != NULL ? w.mistake : hawser_error_text(err), -1);
        d->code = 1;
    }
}
