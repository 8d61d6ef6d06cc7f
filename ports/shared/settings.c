/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings by name: settings.h.
 */
#include "ports/shared/settings.h"

#include <stdlib.h>
#include <string.h>

static const char *text(struct hawser_view value)
{
    return (const char *)value.at; /* a zero byte stands behind each */
}

static uint32_t number(struct hawser_view value)
{
    return (uint32_t)strtoul(text(value), NULL, 10);
}

/* "HOST PORT" */
static bool add_endpoint(struct hawser_endpoint *to, size_t *count, size_t max,
                         char *value)
{
    char *space = strchr(value, ' ');

    if (space == NULL || *count == max) {
        return false;
    }
    *space = '\0';
    to[(*count)++] =
        (struct hawser_endpoint){value, (uint16_t)strtoul(space + 1, NULL, 10)};
    return true;
}

/* "NAME MIN MAX", in tenths */
static bool add_sensor(struct hwi_settings *s, char *value)
{
    size_t at = s->device.sensor_count;
    char *space = strchr(value, ' ');
    char *end = NULL;

    if (space == NULL || at == HAWSER_SENSORS_MAX) {
        return false;
    }
    *space = '\0';
    s->sensors[at] = value;
    s->ranges[at].min = (struct hawser_number){strtol(space + 1, &end, 10), 1};
    s->ranges[at].max = (struct hawser_number){strtol(end, NULL, 10), 1};
    s->device.sensor_count++;
    return true;
}

static bool add_update_key(struct hwi_settings *s, struct hawser_view value)
{
    size_t i;

    for (i = 0; i < HAWSER_UPDATE_KEYS; i++) {
        if (s->device.update_keys[i].at == NULL) {
            s->device.update_keys[i] = value;
            return true;
        }
    }
    return false;
}

/* "A B C D PORT" */
static bool take_name_server(struct hwi_settings *s, const char *value)
{
    char *at = NULL;
    size_t i;

    s->name_server.family = 4;
    for (i = 0; i < 4; i++) {
        s->name_server.bytes[i] = (uint8_t)strtoul(value, &at, 10);
        value = at;
    }
    s->name_server.port = (uint16_t)strtoul(value, NULL, 10);
    return true;
}

/* Settings that are a view, a text or a number of the device's configuration. */
static bool take_plain(struct hawser_device_config *c, const char *name,
                       struct hawser_view value)
{
    const struct {
        const char *name;
        struct hawser_view *view;
        const char **text;
    } plain[] = {
        {"id", NULL, &c->id},
        {"firmware", NULL, &c->firmware},
        {"root", NULL, &c->root},
        {"ca", &c->credentials.ca, NULL},
        {"chain", &c->credentials.chain, NULL},
        {"key", &c->credentials.key, NULL},
        {"username", &c->username, NULL},
        {"password", &c->password, NULL},
        {"alpn", &c->alpn, NULL},
        {"command_key", &c->command_key, NULL},
    };
    size_t i;

    for (i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (strcmp(name, plain[i].name) != 0) {
            continue;
        }
        if (plain[i].view != NULL) {
            *plain[i].view = value;
        } else if (plain[i].text != NULL) {
            *plain[i].text = text(value);
        }
        return true;
    }
    return false;
}

static bool take_number(struct hawser_device_config *c, const char *name,
                        uint32_t value)
{
    if (strcmp(name, "keep_alive_s") == 0) {
        c->keep_alive_s = (uint16_t)value;
    } else if (strcmp(name, "interval_s") == 0) {
        c->interval_s = value;
    } else if (strcmp(name, "qos") == 0) {
        c->qos = (uint8_t)value;
    } else if (strcmp(name, "layout") == 0) {
        c->layout = (enum hawser_layout)value;
    } else if (strcmp(name, "outbox_policy") == 0) {
        c->outbox_policy = (enum hawser_outbox_policy)value;
    } else if (strcmp(name, "outbox_expiry_s") == 0) {
        c->outbox_expiry_s = value;
    } else if (strcmp(name, "replay") == 0) {
        c->replay_per_second = (uint16_t)value;
    } else if (strcmp(name, "trust_system_clock") == 0) {
        c->trust_system_clock = value != 0;
    } else if (strcmp(name, "retry_speed") == 0) {
        c->retry_speed = value;
    } else {
        return false;
    }
    return true;
}

bool hwi_settings_take(struct hwi_settings *s, const char *name,
                       struct hawser_span span)
{
    const struct hawser_view value = {span.at, span.size};
    char *words = (char *)span.at;

    if (strcmp(name, "broker") == 0) {
        return add_endpoint(s->brokers, &s->device.broker_count,
                            HAWSER_BROKERS_MAX, words);
    }
    if (strcmp(name, "time_server") == 0) {
        return add_endpoint(s->time_servers, &s->device.time_server_count,
                            HAWSER_TIME_SERVERS_MAX, words);
    }
    if (strcmp(name, "sensor") == 0) {
        return add_sensor(s, words);
    }
    if (strcmp(name, "update_key") == 0) {
        return add_update_key(s, value);
    }
    if (strcmp(name, "name_server") == 0) {
        return take_name_server(s, words);
    }
    return take_plain(&s->device, name, value) ||
           take_number(&s->device, name, number(value));
}

void hwi_settings_init(struct hwi_settings *s)
{
    memset(s, 0, sizeof *s);
    s->device.brokers = s->brokers;
    s->device.time_servers = s->time_servers;
    s->device.sensors = s->sensors;
}
