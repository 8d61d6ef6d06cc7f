/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a value's text to the configuration: one function a kind of value.
 * Lines have been checked before: valid UTF-8 without control characters.
 */
#include "config_keys.h"

#include <string.h>

/* A copy that lives as long as the configuration; NULL: no room. */
static const char *keep(struct hawser_cli_config *c, const char *folder,
                        const char *text)
{
    struct hawser_cli_text copy = hawser_cli_text_in(
        c->room + c->room_used, sizeof(c->room) - c->room_used);
    if (folder != NULL) {
        hawser_cli_text_addf(&copy, "%s/", folder);
    }
    hawser_cli_text_add(&copy, text);
    if (copy.cut || copy.len + 1 >= copy.size) {
        return NULL;
    }
    c->room_used += copy.len + 1;
    return copy.at;
}

const char *hawser_cli_keep(struct hawser_cli_config *c, const char *text)
{
    return keep(c, NULL, text);
}

static bool store(const struct hawser_cli_setting *s, const char *folder)
{
    const char *copy = keep(s->config, folder, s->value);
    if (copy == NULL) {
        hawser_cli_text_add(s->why, "all values together are too long");
        return false;
    }
    memcpy((char *)s->config + s->key->at, &copy, sizeof(copy));
    return true;
}

bool hawser_cli_take_number(const struct hawser_cli_setting *s)
{
    uint32_t number = 0;
    size_t len = strlen(s->value);
    if (len == 0 || len > 9 || strspn(s->value, "0123456789") != len) {
        return false;
    }
    for (const char *c = s->value; *c != '\0'; c++) {
        number = number * 10 + (uint32_t)(*c - '0');
    }
    if (number < s->key->min || number > s->key->max) {
        return false;
    }
    memcpy((char *)s->config + s->key->at, &number, sizeof(number));
    return true;
}

bool hawser_cli_take_text(const struct hawser_cli_setting *s)
{
    size_t len = strlen(s->value);
    return len >= s->key->min && len <= s->key->max && store(s, NULL);
}

bool hawser_cli_take_level(const struct hawser_cli_setting *s)
{
    return strpbrk(s->value, "+#/") == NULL && hawser_cli_take_text(s);
}

bool hawser_cli_take_root(const struct hawser_cli_setting *s)
{
    size_t len = strlen(s->value);
    return len > 0 && strpbrk(s->value, "+#") == NULL && s->value[0] != '$' &&
           s->value[0] != '/' && s->value[len - 1] != '/' &&
           hawser_cli_take_text(s);
}

bool hawser_cli_take_policy(const struct hawser_cli_setting *s)
{
    static const char *const words[] = {
        [HAWSER_OUTBOX_DROP_OLDEST] = "drop_oldest",
        [HAWSER_OUTBOX_DROP_NEWEST] = "drop_newest",
        [HAWSER_OUTBOX_LATEST_ONLY] = "latest_only",
    };
    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(s->value, words[i]) == 0) {
            s->config->device.outbox_policy = (enum hawser_outbox_policy)i;
            return true;
        }
    }
    return false;
}

bool hawser_cli_take_layout(const struct hawser_cli_setting *s)
{
    if (strcmp(s->value, "device") == 0) {
        s->config->device.layout = HAWSER_LAYOUT_DEVICE;
        return true;
    }
    s->config->device.layout = HAWSER_LAYOUT_FLAT;
    return strcmp(s->value, "flat") == 0;
}

bool hawser_cli_take_path(const struct hawser_cli_setting *s)
{
    if (s->value[0] == '\0') {
        return false;
    }
    return store(s, s->value[0] == '/' ? NULL : s->folder);
}

bool hawser_cli_take_program(const struct hawser_cli_setting *s)
{
    return s->value[0] == '/' && store(s, NULL);
}

/* Calls take_word for each word of a list; stops at the first refusal. */
static bool each_word(const struct hawser_cli_setting *s,
                      bool (*take_word)(const struct hawser_cli_setting *s,
                                        const char *word, size_t len))
{
    const char *at = s->value + strspn(s->value, " \t");
    bool has_any = false;
    while (*at != '\0') {
        size_t len = strcspn(at, " \t");
        if (!take_word(s, at, len)) {
            return false;
        }
        has_any = true;
        at += len;
        at += strspn(at, " \t");
    }
    return has_any;
}

static bool take_url(const struct hawser_cli_setting *s, const char *word,
                     size_t len)
{
    struct hawser_cli_config *c = s->config;
    if (c->device.broker_count == HAWSER_BROKERS_MAX) {
        hawser_cli_text_addf(s->why, "more than %d", HAWSER_BROKERS_MAX);
        return false;
    }
    struct hawser_cli_endpoint *at = &c->broker_room[c->device.broker_count];
    const char *wrong = hawser_cli_endpoint_read_url(at, word, len);
    if (wrong != NULL) {
        hawser_cli_text_add(s->why, wrong);
        return false;
    }
    c->brokers[c->device.broker_count++] =
        (struct hawser_endpoint){at->host, at->port};
    return true;
}

bool hawser_cli_take_urls(const struct hawser_cli_setting *s)
{
    return each_word(s, take_url);
}

static bool take_server(const struct hawser_cli_setting *s, const char *word,
                        size_t len)
{
    struct hawser_cli_config *c = s->config;
    size_t *count = &c->device.time_server_count;
    if (len == strlen("system") && memcmp(word, "system", len) == 0) {
        c->device.trust_system_clock = true;
    } else if (*count == HAWSER_TIME_SERVERS_MAX) {
        hawser_cli_text_addf(s->why, "more than %d", HAWSER_TIME_SERVERS_MAX);
        return false;
    } else {
        struct hawser_cli_endpoint *at = &c->server_room[*count];
        const char *wrong = hawser_cli_endpoint_read(at, word, len, 123);
        if (wrong != NULL) {
            hawser_cli_text_add(s->why, wrong);
            return false;
        }
        c->servers[(*count)++] = (struct hawser_endpoint){at->host, at->port};
    }
    if (c->device.trust_system_clock && *count > 0) {
        hawser_cli_text_add(s->why, "\"system\" stands alone");
        return false;
    }
    return true;
}

bool hawser_cli_take_servers(const struct hawser_cli_setting *s)
{
    return each_word(s, take_server);
}

/* Members of a message that are not a sensor's to write. */
static bool is_reserved(const char *name)
{
    static const char *const reserved[] = {"device", "rssi", "heap",
                                           "uptime", "seq",  "boot",
                                           "time",   "hist", "simulated"};
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (strcmp(name, reserved[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_sensor_name(const char *name, struct hawser_cli_text *why)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    size_t len = strlen(name);
    if (name[0] < 'a' || name[0] > 'z' || strspn(name, letters) != len ||
        len > 32) {
        hawser_cli_text_add(why, "a sensor's name is a to z, then a to z, 0 to "
                                 "9 and _, up to 32 letters");
        return false;
    }
    if (is_reserved(name)) {
        hawser_cli_text_add(why, "messages have a member of this name already");
        return false;
    }
    return true;
}

/* "VALUE" WHY; allowed: ... or "VALUE": WHY. The reader of the file says of
 * every key what is allowed, and knows which values are not to be repeated. */
static const char *only_why(char *message)
{
    char *allowed = strstr(message, "; allowed: ");
    if (allowed != NULL) {
        *allowed = '\0';
    }
    const char *quote = strrchr(message, '"');
    return quote == NULL ? message : quote + 1 + strspn(quote + 1, ": ");
}

bool hawser_cli_take_sensor(const struct hawser_cli_setting *s)
{
    struct hawser_cli_config *c = s->config;
    if (!is_sensor_name(s->name, s->why)) {
        return false;
    }
    size_t count = c->device.sensor_count;
    if (count == HAWSER_SENSORS_MAX) {
        hawser_cli_text_addf(s->why, "more than %d sensors",
                             HAWSER_SENSORS_MAX);
        return false;
    }
    char message[HAWSER_LINUX_MESSAGE_SIZE] = "";
    if (hawser_linux_sensor_check(s->value, message) != 0) {
        hawser_cli_text_add(s->why, only_why(message));
        return false;
    }
    const char *name = keep(c, NULL, s->name);
    const char *source = keep(c, NULL, s->value);
    if (name == NULL || source == NULL) {
        hawser_cli_text_add(s->why, "all values together are too long");
        return false;
    }
    c->sensors[count] = (struct hawser_linux_sensor){name, source};
    c->sensor_names[count] = name;
    c->device.sensor_count = count + 1;
    return true;
}
