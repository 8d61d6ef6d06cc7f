/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "set", "clear" and "show": the settings, as stored.h has them in NVS. Every value
 * is looked at by the reader's own eyes before the first byte is stored.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nvs.h"
#include "ports/esp-idf/console_parts.h"
#include "ports/esp-idf/stored.h"
#include "ports/esp-idf/wipe.h"

#define VALUE_SIZE HWI_ESP_LINE_SIZE
#define SCHEME     "mqtts://"
#define HOST_CHARS \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"

enum kind { KIND_TEXT, KIND_SECRET, KIND_HOSTS, KIND_WIFI, KIND_CA };

struct setting {
    const char *word; /* at the console */
    const char *name; /* in NVS */
    enum kind kind;
    unsigned max;      /* entries of the list */
    unsigned port;     /* of hosts, if none is named */
    const char *rules; /* of a text */
};

static const struct setting settings[] = {
    {"id", "id", KIND_TEXT, 1, 0, "1 to 64 bytes, without + # /"},
    {"wifi", "wifi", KIND_WIFI, HWI_SETTINGS_NETWORKS_MAX, 0, ""},
    {"broker", "broker", KIND_HOSTS, HAWSER_BROKERS_MAX, 8883, ""},
    {"time", "time_server", KIND_HOSTS, HAWSER_TIME_SERVERS_MAX, 123, ""},
    {"ca", "ca", KIND_CA, 1, 0, ""},
    {"user", "username", KIND_TEXT, 1, 0, "UTF-8"},
    {"password", "password", KIND_SECRET, 1, 0, ""},
};
#define SETTINGS (sizeof settings / sizeof settings[0])

static const struct setting *find(const struct hwi_esp_console *c,
                                  const char *word, size_t len)
{
    size_t i;

    for (i = 0; i < SETTINGS; i++) {
        if (len == strlen(settings[i].word) &&
            memcmp(word, settings[i].word, len) == 0) {
            return &settings[i];
        }
    }
    c->port->say("nothing was changed: there is wifi, broker, ca, user, "
                 "password, id and time\n");
    return NULL;
}

/* One value ----------------------------------------------------------------- */

static bool is_usable(const char *name, const char *value)
{
    uint8_t copy[VALUE_SIZE];
    size_t len = strlen(value);
    bool is_good;

    if (len >= sizeof copy) {
        return false;
    }
    memcpy(copy, value, len + 1);
    is_good = hwi_esp_stored_is_usable(name, (struct hawser_span){copy, len});
    hwi_esp_wipe(copy, sizeof copy);
    return is_good;
}

static void set_text(const struct hwi_esp_console *c, const struct setting *s,
                     const char *value)
{
    if (value[0] == '\0') {
        hwi_esp_console_say(c,
                            "nothing was changed: it is empty; \"clear %s\" "
                            "removes it\n",
                            s->word);
    } else if (!is_usable(s->name, value)) {
        hwi_esp_console_say(c, "nothing was changed: %s %s has %s\n",
                            s->word[0] == 'i' ? "an" : "a", s->word, s->rules);
    } else {
        hwi_esp_console_tell(
            c, s->word, hwi_esp_stored_write(s->name, value, strlen(value)));
    }
}

void hwi_esp_console_password(struct hwi_esp_console *c)
{
    set_text(c, find(c, "password", strlen("password")), c->line.text);
}

/* Hosts --------------------------------------------------------------------- */

/* "HOST", "HOST:PORT", "[ADDRESS]:PORT", any of them behind mqtts://, to "HOST
 * PORT". The word ends at a space or a NUL. False: it is none of them. */
static bool host_of(const char *word, unsigned port, char *out, size_t size)
{
    size_t word_len = strcspn(word, " ");
    const char *end = word + word_len;
    bool is_bracketed;
    unsigned long number = port;
    size_t len;

    if (word_len > strlen(SCHEME) &&
        memcmp(word, SCHEME, strlen(SCHEME)) == 0) {
        word += strlen(SCHEME);
    }
    is_bracketed = word[0] == '[';
    word += is_bracketed ? 1 : 0;
    len = is_bracketed ? strspn(word, "0123456789abcdefABCDEF:.")
                       : strspn(word, HOST_CHARS);
    if (len == 0 || len >= HAWSER_HOST_SIZE ||
        snprintf(out, size, "%.*s", (int)len, word) >= (int)size) {
        return false;
    }
    word += len;
    if (is_bracketed && *word++ != ']') {
        return false;
    }
    if (*word == ':') {
        size_t digits = strspn(word + 1, "0123456789");

        number = digits >= 1 && digits <= 5 ? strtoul(word + 1, NULL, 10) : 0;
        word += 1 + digits;
    }
    (void)snprintf(out + len, size - len, " %lu", number);
    return word == end && number >= 1 && number <= 65535;
}

/* Number i of the words, as it is to be stored. 1; 0: there are no more; -1: it is
 * not usable, *bad begins with it. */
static int host_at(const struct setting *s, const char *words, unsigned i,
                   char out[VALUE_SIZE], const char **bad)
{
    for (; i > 0 && words[0] != '\0'; i--) {
        words += strcspn(words, " ");
        words += strspn(words, " ");
    }
    *bad = words;
    if (words[0] == '\0') {
        return 0;
    }
    return host_of(words, s->port, out, VALUE_SIZE) && is_usable(s->name, out)
               ? 1
               : -1;
}

static esp_err_t store_hosts(const struct setting *s, const char *words)
{
    char key[HWI_ESP_KEY_SIZE];
    char value[VALUE_SIZE];
    const char *bad;
    esp_err_t err = ESP_OK;
    unsigned i;

    for (i = 0; err == ESP_OK && host_at(s, words, i, value, &bad) > 0; i++) {
        hwi_esp_stored_key(key, s->name, i);
        err = hwi_esp_stored_write(key, value, strlen(value));
    }
    return err == ESP_OK ? hwi_esp_stored_cut(s->name, i) : err;
}

static void set_hosts(const struct hwi_esp_console *c, const struct setting *s,
                      const char *words)
{
    char value[VALUE_SIZE];
    const char *bad = words;
    unsigned count = 0;
    int found;

    while ((found = host_at(s, words, count, value, &bad)) > 0) {
        count++;
    }
    if (found < 0 || count == 0) {
        hwi_esp_console_say(
            c,
            "nothing was changed: \"%.60s\" is not "
            "HOST[:PORT]%s\n",
            bad, s->port == 8883 ? "; there is no connection without TLS" : "");
    } else if (count > s->max) {
        hwi_esp_console_say(c, "nothing was changed: %u of them are the most\n",
                            s->max);
    } else {
        hwi_esp_console_tell(c, s->word, store_hosts(s, words));
    }
}

/* Networks ------------------------------------------------------------------ */

static void set_wifi(struct hwi_esp_console *c, const char *ssid)
{
    if (!is_usable("wifi", ssid)) {
        c->port->say("nothing was changed: a network's name has 1 to 32 "
                     "bytes: set wifi NAME\n");
        return;
    }
    (void)snprintf(c->ssid, sizeof c->ssid, "%s", ssid);
    c->port->say("passphrase (not shown; an empty line: an open network): ");
    c->mode = HWI_ESP_CONSOLE_PASSPHRASE;
}

/* The entry of this network, or the first that is free; networks_max: none. */
static unsigned network_at(const char *ssid)
{
    char key[HWI_ESP_KEY_SIZE];
    char value[VALUE_SIZE];
    size_t len = strlen(ssid);
    size_t value_len;
    bool is_it = false;
    unsigned i;

    for (i = 0; i < HWI_SETTINGS_NETWORKS_MAX && !is_it; i++) {
        hwi_esp_stored_key(key, "wifi", i);
        if (hwi_esp_stored_get(
                key, (struct hawser_span){(uint8_t *)value, sizeof value},
                &value_len) != ESP_OK) {
            break;
        }
        is_it = strcspn(value, "\n") == len && memcmp(value, ssid, len) == 0;
    }
    hwi_esp_wipe(value, sizeof value);
    return is_it ? i - 1 : i;
}

void hwi_esp_console_passphrase(struct hwi_esp_console *c)
{
    char key[HWI_ESP_KEY_SIZE];
    char value[VALUE_SIZE];
    unsigned at = network_at(c->ssid);
    int len = snprintf(value, sizeof value, "%s\n%s", c->ssid, c->line.text);

    if (len >= (int)sizeof value || !is_usable("wifi", value)) {
        c->port->say("nothing was changed: a passphrase has 8 to 63 "
                     "characters of ASCII, or is a key of 64 hex digits\n");
    } else if (at == HWI_SETTINGS_NETWORKS_MAX) {
        c->port->say("nothing was changed: there are five networks; \"clear "
                     "wifi\" removes them all\n");
    } else {
        hwi_esp_stored_key(key, "wifi", at);
        hwi_esp_console_tell(c, c->line.len > 0 ? "wifi" : "wifi, open",
                             hwi_esp_stored_write(key, value, (size_t)len));
    }
    hwi_esp_wipe(value, sizeof value);
}

/* Commands ------------------------------------------------------------------ */

static void set_secret(struct hwi_esp_console *c, const char *words)
{
    if (words[0] != '\0') {
        c->port->say("nothing was changed: a password is asked for, so that "
                     "no screen shows it: set password\n");
        return;
    }
    c->port->say("password (not shown): ");
    c->mode = HWI_ESP_CONSOLE_PASSWORD;
}

void hwi_esp_console_set(struct hwi_esp_console *c, char *words)
{
    size_t len = strcspn(words, " ");
    const struct setting *s = find(c, words, len);

    if (s == NULL) {
        return;
    }
    words += len;
    words += strspn(words, " ");
    switch (s->kind) {
    case KIND_TEXT:
        set_text(c, s, words);
        break;
    case KIND_SECRET:
        set_secret(c, words);
        break;
    case KIND_HOSTS:
        set_hosts(c, s, words);
        break;
    case KIND_WIFI:
        set_wifi(c, words);
        break;
    case KIND_CA:
        hwi_esp_console_paste_begin(c, true);
        break;
    }
}

void hwi_esp_console_clear(struct hwi_esp_console *c, char *words)
{
    const struct setting *s = find(c, words, strlen(words));

    if (s != NULL) {
        hwi_esp_console_tell(c, s->word, hwi_esp_stored_cut(s->name, 0));
    }
}

/* Nothing that stands in NVS tells a terminal what to do. */
static void tame(char *text)
{
    for (; *text != '\0'; text++) {
        if ((uint8_t)*text < ' ' || *text == 0x7f) {
            *text = '?';
        }
    }
}

/* One entry; false: there is none of this number. */
static bool show_one(const struct hwi_esp_console *c, const struct setting *s,
                     unsigned i)
{
    char key[HWI_ESP_KEY_SIZE];
    char value[VALUE_SIZE];
    size_t len = 0;
    esp_err_t err;
    size_t name_len;
    bool is_open;

    hwi_esp_stored_key(key, s->name, i);
    err = hwi_esp_stored_get(
        key, (struct hawser_span){(uint8_t *)value, sizeof value}, &len);
    if (err == ESP_ERR_NVS_INVALID_LENGTH ||
        (err == ESP_OK && s->kind == KIND_CA)) {
        (void)hwi_esp_stored_get(key, (struct hawser_span){NULL, 0}, &len);
        hwi_esp_console_say(c, "%-9s %zu bytes\n", s->word, len);
    } else if (err != ESP_OK) {
        return false;
    } else if (s->kind == KIND_SECRET) {
        hwi_esp_console_say(c, "%-9s is set\n", s->word);
    } else if (s->kind == KIND_WIFI) {
        name_len = strcspn(value, "\n");
        is_open = name_len + 1 >= len;
        value[name_len] = '\0';
        tame(value);
        hwi_esp_console_say(c, "%-9s %s (%s)\n", s->word, value,
                            is_open ? "open" : "its passphrase is set");
    } else {
        tame(value);
        hwi_esp_console_say(c, "%-9s %.300s\n", s->word, value);
    }
    hwi_esp_wipe(value, sizeof value);
    return true;
}

static bool is_readable(const struct hwi_esp_console *c)
{
    size_t len;
    esp_err_t err =
        hwi_esp_stored_get("id", (struct hawser_span){NULL, 0}, &len);

    if (err == ESP_OK || err == ESP_ERR_NVS_NOT_FOUND) {
        return true;
    }
    hwi_esp_console_say(c,
                        "NVS cannot be read: it answered %s. \"erase\" empties "
                        "it and makes it usable\n",
                        esp_err_to_name(err));
    return false;
}

void hwi_esp_console_show(struct hwi_esp_console *c, char *words)
{
    size_t i;
    unsigned n;

    (void)words;
    if (!is_readable(c)) {
        return;
    }
    for (i = 0; i < SETTINGS; i++) {
        n = 0;
        while (n < settings[i].max && show_one(c, &settings[i], n)) {
            n++;
        }
        if (n == 0 && strcmp(settings[i].word, "id") == 0) {
            hwi_esp_console_say(c, "id        %s (the chip's)\n",
                                c->port->default_id());
        }
    }
    (void)hwi_esp_console_missing(c);
}
