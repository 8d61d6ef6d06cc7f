/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the factory's settings: settings.h. The device checks the values.
 */
#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include "wire/crc32.h"

#define MAGIC     "hawser1"
#define HEAD_SIZE (sizeof MAGIC + 8)

static uint32_t number_at(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

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
static bool add_sensor(struct settings *s, char *value)
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
    s->machine.sensor_count++;
    return true;
}

static bool add_update_key(struct settings *s, struct hawser_view value)
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
static bool take_name_server(struct settings *s, const char *value)
{
    char *at = NULL;
    size_t i;

    s->machine.name_server.family = 4;
    for (i = 0; i < 4; i++) {
        s->machine.name_server.bytes[i] = (uint8_t)strtoul(value, &at, 10);
        value = at;
    }
    s->machine.name_server.port = (uint16_t)strtoul(value, NULL, 10);
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
        } else {
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
    } else if (strcmp(name, "replay_per_second") == 0) {
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

/* false: not known, or one too many. */
static bool take(struct settings *s, const char *name, uint8_t *at, size_t len)
{
    const struct hawser_view value = {at, len};
    char *words = (char *)at;

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

/* Every setting of the body. */
static bool take_all(struct settings *s, uint8_t *at, size_t len)
{
    while (len > 0) {
        const uint8_t *end = memchr(at, '\0', len);
        size_t name_len = end != NULL ? (size_t)(end - at) : len;
        size_t value_len;

        if (len < name_len + 4) {
            return false;
        }
        value_len = at[name_len + 1] | (size_t)at[name_len + 2] << 8;
        if (len < name_len + 4 + value_len ||
            at[name_len + 3 + value_len] != '\0' ||
            !take(s, (const char *)at, at + name_len + 3, value_len)) {
            return false;
        }
        at += name_len + 4 + value_len;
        len -= name_len + 4 + value_len;
    }
    return true;
}

const char *settings_read(struct settings *s)
{
    size_t len;

    memset(s, 0, sizeof *s);
    if (hawser_rv32_factory(s->bytes) != 0) {
        return "flash cannot be read";
    }
    if (memcmp(s->bytes, MAGIC, sizeof MAGIC) != 0) {
        return "the factory wrote no settings; tools/firmware-flash does";
    }
    len = number_at(s->bytes + sizeof MAGIC);
    if (len > sizeof s->bytes - HEAD_SIZE ||
        hwi_crc32((struct hawser_view){s->bytes + HEAD_SIZE, len}) !=
            number_at(s->bytes + sizeof MAGIC + 4)) {
        return "the factory's settings are damaged";
    }
    if (!take_all(s, s->bytes + HEAD_SIZE, len)) {
        return "a setting of the factory's is not known here";
    }
    s->device.brokers = s->brokers;
    s->device.time_servers = s->time_servers;
    s->device.sensors = s->sensors;
    s->machine.sensors = s->ranges;
    return NULL;
}
