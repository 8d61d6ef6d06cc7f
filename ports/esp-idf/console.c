/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines to commands: console.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nvs.h"
#include "ports/esp-idf/console_parts.h"
#include "ports/esp-idf/stored.h"
#include "ports/esp-idf/wipe.h"

#define SAY_SIZE   400
#define BEGIN_LINE "-----BEGIN "

void hwi_esp_console_say(const struct hwi_esp_console *c, const char *format,
                         ...)
{
    char text[SAY_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    c->port->say(text);
}

bool hwi_esp_console_missing(const struct hwi_esp_console *c)
{
    const char *how;
    bool is_missing = false;
    unsigned i;

    for (i = 0; (how = hwi_esp_stored_missing(i)) != NULL; i++) {
        if (how[0] != '\0') {
            hwi_esp_console_say(c, "missing: %s\n", how);
            is_missing = true;
        }
    }
    return is_missing;
}

static void tell_next(const struct hwi_esp_console *c)
{
    if (!hwi_esp_console_missing(c)) {
        c->port->say("all that is needed is stored; \"restart\" makes the "
                     "device use it\n");
    }
}

void hwi_esp_console_tell(const struct hwi_esp_console *c, const char *key,
                          esp_err_t err)
{
    if (err == ESP_OK) {
        hwi_esp_console_say(c, "stored: %s\n", key);
        tell_next(c);
    } else if (err == ESP_ERR_NVS_NOT_ENOUGH_SPACE) {
        hwi_esp_console_say(c,
                            "%s was not stored: NVS is full. \"clear\" what is "
                            "not needed\n",
                            key);
    } else {
        hwi_esp_console_say(c,
                            "%s was not stored: NVS answered %s. \"erase\" "
                            "empties it and makes it usable\n",
                            key, esp_err_to_name(err));
    }
}

/* Commands ------------------------------------------------------------------ */

static void help(struct hwi_esp_console *c, char *words)
{
    (void)words;
    c->port->say(
        "set wifi NAME                a network; asks for its passphrase\n"
        "set broker HOST[:PORT] ...   in the order to try; TLS only\n"
        "set ca                       then paste its certificate, PEM\n"
        "set user NAME                for the broker\n");
    c->port->say(
        "set password                 asks for it\n"
        "set id NAME                  of the device\n"
        "set time HOST[:PORT] ...     time servers\n"
        "clear WHAT                   wifi, broker, ca, user, password, id or "
        "time\n");
    c->port->say(
        "show                         what is stored; no secrets\n"
        "rollback                     to the credentials before the last "
        "update_cert\n"
        "restart                      makes the device use what is stored\n"
        "erase                        all of NVS\n"
        "Ctrl-C leaves a question or a paste.\n");
}

static void roll_back(struct hwi_esp_console *c, char *words)
{
    int err = c->port->roll_back();

    (void)words;
    if (err == 0) {
        c->port->say("the credentials before the last update are active; the "
                     "device restarts with them\n");
        c->port->restart();
    } else if (err == HAWSER_E_ABSENT) {
        c->port->say("nothing was changed: there are none to go back to, or "
                     "they were left for good\n");
    } else if (err == HAWSER_E_STATE) {
        c->port->say("nothing was changed: an update is on trial, and goes "
                     "back by itself if it fails\n");
    } else if (err == HAWSER_E_LINK) {
        c->port->say("nothing was changed: the device does not run; \"show\" "
                     "says what is missing\n");
    } else {
        c->port->say("nothing was changed: flash could not be written\n");
    }
}

static void restart(struct hwi_esp_console *c, char *words)
{
    (void)words;
    c->port->say("restarting\n");
    c->port->restart();
}

static void erase(struct hwi_esp_console *c, char *words)
{
    (void)words;
    c->port->say("This erases all settings: WiFi, broker, CA, password. Type "
                 "\"yes\": ");
    c->mode = HWI_ESP_CONSOLE_ERASE;
}

static void erase_confirmed(struct hwi_esp_console *c)
{
    esp_err_t err;

    if (strcmp(c->line.text, "yes") != 0) {
        c->port->say("nothing was erased\n");
        return;
    }
    err = c->port->erase();
    if (err != ESP_OK) {
        hwi_esp_console_say(c, "NVS was not erased: it answered %s\n",
                            esp_err_to_name(err));
        return;
    }
    c->port->say("erased\n");
    tell_next(c);
}

static void run(struct hwi_esp_console *c)
{
    static const struct {
        const char *name;
        void (*run)(struct hwi_esp_console *c, char *words);
    } commands[] = {
        {"set", hwi_esp_console_set},
        {"clear", hwi_esp_console_clear},
        {"show", hwi_esp_console_show},
        {"rollback", roll_back},
        {"restart", restart},
        {"erase", erase},
        {"help", help},
    };
    char *words = c->line.text;
    size_t len = strcspn(words, " ");
    size_t i;

    for (i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (len == strlen(commands[i].name) &&
            memcmp(words, commands[i].name, len) == 0) {
            words += len;
            commands[i].run(c, words + strspn(words, " "));
            return;
        }
    }
    c->port->say("there is no such command: \"help\" lists them\n");
}

static void command(struct hwi_esp_console *c)
{
    char *end = c->line.text + c->line.len;

    while (end > c->line.text && end[-1] == ' ') {
        *--end = '\0';
    }
    if (strncmp(c->line.text, BEGIN_LINE, strlen(BEGIN_LINE)) == 0) {
        hwi_esp_console_paste_begin(c, false);
        hwi_esp_console_paste_line(c);
        return;
    }
    if (c->line.text[0] != '\0') {
        hwi_esp_console_paste_drop(c); /* no further block of it is meant */
        run(c);
    }
}

/* Lines --------------------------------------------------------------------- */

/* Is the line fit to be looked at? A paste judges for itself. */
static bool is_fit(struct hwi_esp_console *c)
{
    if (c->line.is_long) {
        hwi_esp_console_say(c,
                            "nothing was changed: a line has %u bytes at "
                            "most\n",
                            HWI_ESP_LINE_SIZE - 1);
    } else if (c->line.is_bad) {
        c->port->say("nothing was changed: the line has something that is no "
                     "text\n");
    }
    return !c->line.is_long && !c->line.is_bad;
}

static void take(struct hwi_esp_console *c)
{
    enum hwi_esp_console_mode mode = c->mode;

    if (mode == HWI_ESP_CONSOLE_PASTE) {
        hwi_esp_console_paste_line(c);
        return;
    }
    c->mode = HWI_ESP_CONSOLE_COMMAND;
    if (!is_fit(c)) {
        return;
    }
    switch (mode) {
    case HWI_ESP_CONSOLE_COMMAND:
        command(c);
        break;
    case HWI_ESP_CONSOLE_PASSPHRASE:
        hwi_esp_console_passphrase(c);
        break;
    case HWI_ESP_CONSOLE_PASSWORD:
        hwi_esp_console_password(c);
        break;
    case HWI_ESP_CONSOLE_ERASE:
        erase_confirmed(c);
        break;
    case HWI_ESP_CONSOLE_PASTE:
        break; /* above */
    }
}

static void cancel(struct hwi_esp_console *c)
{
    hwi_esp_console_paste_drop(c);
    c->mode = HWI_ESP_CONSOLE_COMMAND;
    c->port->say("nothing was changed\n");
}

static void next_line(struct hwi_esp_console *c)
{
    static const enum hwi_esp_echo echo[] = {
        [HWI_ESP_CONSOLE_COMMAND] = HWI_ESP_ECHO_ALL,
        [HWI_ESP_CONSOLE_PASSPHRASE] = HWI_ESP_ECHO_END,
        [HWI_ESP_CONSOLE_PASSWORD] = HWI_ESP_ECHO_END,
        [HWI_ESP_CONSOLE_PASTE] = HWI_ESP_ECHO_NONE,
        [HWI_ESP_CONSOLE_ERASE] = HWI_ESP_ECHO_ALL,
    };

    hwi_esp_line_next(&c->line, echo[c->mode]);
    if (c->mode == HWI_ESP_CONSOLE_COMMAND) {
        c->port->say("hawser> ");
    }
}

void hwi_esp_console_start(struct hwi_esp_console *c,
                           const struct hwi_esp_console_port *port)
{
    memset(c, 0, sizeof *c);
    c->port = port;
    hwi_esp_line_init(&c->line, port->say);
    port->say("\nhawser's console; \"help\" lists its commands\n");
    next_line(c);
}

void hwi_esp_console_feed(struct hwi_esp_console *c, const uint8_t *bytes,
                          size_t len)
{
    for (size_t i = 0; i < len; i++) {
        switch (hwi_esp_line_feed(&c->line, bytes[i])) {
        case HWI_ESP_LINE_OPEN:
            break;
        case HWI_ESP_LINE_WHOLE:
            take(c);
            next_line(c);
            break;
        case HWI_ESP_LINE_CANCELLED:
            cancel(c);
            next_line(c);
            break;
        }
    }
}
