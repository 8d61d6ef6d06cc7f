/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of wpa_supplicant's control interface: wpa.h.
 */
#include "ports/linux/wpa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ports/linux/message.h"

/* Events ------------------------------------------------------------------- */

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* "<3>CTRL-EVENT-...": the part behind the level; NULL: an answer. */
static const char *event_words(const char *text)
{
    const char *end = text[0] == '<' ? strchr(text, '>') : NULL;

    return end != NULL ? end + 1 : NULL;
}

enum hwi_linux_wpa_event hwi_linux_wpa_event(const char *text)
{
    static const struct {
        const char *words;
        enum hwi_linux_wpa_event event;
    } known[] = {
        {"CTRL-EVENT-CONNECTED", HWI_LINUX_WPA_CONNECTED},
        {"CTRL-EVENT-DISCONNECTED", HWI_LINUX_WPA_LOST},
        {"CTRL-EVENT-NETWORK-NOT-FOUND", HWI_LINUX_WPA_NOT_FOUND},
        {"CTRL-EVENT-EAP-FAILURE", HWI_LINUX_WPA_REFUSED},
        {"CTRL-EVENT-TERMINATING", HWI_LINUX_WPA_ENDS},
    };
    const char *words = event_words(text);

    if (words == NULL) {
        return HWI_LINUX_WPA_ANSWER;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (begins(words, known[i].words)) {
            return known[i].event;
        }
    }
    /* The name of a network stands before the reason and may say anything. */
    if (begins(words, "CTRL-EVENT-SSID-TEMP-DISABLED")) {
        const char *reason = strrchr(words, ' ');

        if (reason != NULL && begins(reason, " reason=WRONG_KEY")) {
            return HWI_LINUX_WPA_REFUSED;
        }
    }
    return HWI_LINUX_WPA_OTHER;
}

/* Answers ------------------------------------------------------------------ */

/* What stands behind KEY= at the begin of a line; NULL: no such line. */
static const char *value_of(const char *answer, const char *key)
{
    size_t len = strlen(key);

    for (const char *line = answer; line != NULL;) {
        if (strncmp(line, key, len) == 0 && line[len] == '=') {
            return line + len + 1;
        }
        line = strchr(line, '\n');
        if (line != NULL) {
            line++;
        }
    }
    return NULL;
}

bool hwi_linux_wpa_number(const char *answer, const char *key, int32_t *out)
{
    const char *at = value_of(answer, key);
    char *end = NULL;
    long number;

    if (at == NULL || strchr("-0123456789", at[0]) == NULL || at[0] == '\0') {
        return false;
    }
    number = strtol(at, &end, 10);
    if (end == at || (*end != '\n' && *end != '\0') || number < INT32_MIN ||
        number > INT32_MAX) {
        return false;
    }
    *out = (int32_t)number;
    return true;
}

bool hwi_linux_wpa_says(const char *answer, const char *key, const char *value)
{
    const char *at = value_of(answer, key);
    size_t len = strlen(value);

    return at != NULL && strncmp(at, value, len) == 0 &&
           (at[len] == '\n' || at[len] == '\0');
}

size_t hwi_linux_wpa_list(const char *answer, uint32_t *out, size_t max)
{
    const char *line = strchr(answer, '\n'); /* behind the heading */
    size_t count = 0;

    while (line != NULL && count < max) {
        char *end = NULL;
        unsigned long id = strtoul(line + 1, &end, 10);

        if (end != line + 1 && *end == '\t' && id <= UINT32_MAX) {
            out[count++] = (uint32_t)id;
        }
        line = strchr(line + 1, '\n');
    }
    return count;
}

/* Commands ----------------------------------------------------------------- */

/* "psk" takes a passphrase in quotes, which may hold quotes itself, or the 64
 * hexadecimal digits of the key that is made of it. */
static void set_secret(char out[HWI_LINUX_WPA_COMMAND_SIZE], uint32_t id,
                       const struct hawser_linux_network *network)
{
    const struct hawser_view *secret = &network->passphrase;
    int len = (int)secret->len;

    if (len == 0) {
        (void)snprintf(out, HWI_LINUX_WPA_COMMAND_SIZE,
                       "SET_NETWORK %u key_mgmt NONE", id);
    } else if (len == 64) {
        (void)snprintf(out, HWI_LINUX_WPA_COMMAND_SIZE,
                       "SET_NETWORK %u psk %.*s", id, len,
                       (const char *)secret->at);
    } else {
        (void)snprintf(out, HWI_LINUX_WPA_COMMAND_SIZE,
                       "SET_NETWORK %u psk \"%.*s\"", id, len,
                       (const char *)secret->at);
    }
}

/* A name may hold any byte: it goes as hexadecimal digits. */
static void set_ssid(char out[HWI_LINUX_WPA_COMMAND_SIZE], uint32_t id,
                     const struct hawser_linux_network *network)
{
    int at =
        snprintf(out, HWI_LINUX_WPA_COMMAND_SIZE, "SET_NETWORK %u ssid ", id);

    for (size_t i = 0; i < network->ssid.len && at > 0; i++) {
        at += snprintf(out + at, HWI_LINUX_WPA_COMMAND_SIZE - (size_t)at,
                       "%02x", network->ssid.at[i]);
    }
}

void hwi_linux_wpa_set(char out[HWI_LINUX_WPA_COMMAND_SIZE], uint32_t id,
                       enum hwi_linux_wpa_field field,
                       const struct hawser_linux_network *network,
                       unsigned priority)
{
    switch (field) {
    case HWI_LINUX_WPA_OWNER:
        (void)snprintf(out, HWI_LINUX_WPA_COMMAND_SIZE,
                       "SET_NETWORK %u id_str %s", id, HWI_LINUX_WPA_OURS);
        return;
    case HWI_LINUX_WPA_SSID:
        set_ssid(out, id, network);
        return;
    case HWI_LINUX_WPA_SECRET:
        set_secret(out, id, network);
        return;
    case HWI_LINUX_WPA_PRIORITY:
    case HWI_LINUX_WPA_FIELDS:
        (void)snprintf(out, HWI_LINUX_WPA_COMMAND_SIZE,
                       "SET_NETWORK %u priority %u", id, priority);
        return;
    }
}

int hawser_linux_network_check(const struct hawser_linux_network *network,
                               char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    const struct hawser_view *secret = &network->passphrase;

    if (network->ssid.len == 0 || network->ssid.len > 32) {
        return hwi_linux_refuse(HAWSER_E_ARG, message,
                                "a WiFi network's name has 1 to 32 bytes");
    }
    if (secret->len != 0 && (secret->len < 8 || secret->len > 64)) {
        return hwi_linux_refuse(
            HAWSER_E_ARG, message,
            "a WiFi passphrase has 8 to 63 characters, or 64 hexadecimal "
            "digits; none at all means a network without one");
    }
    for (size_t i = 0; i < secret->len; i++) {
        bool is_digit = strchr("0123456789abcdefABCDEF", secret->at[i]) != NULL;

        if (secret->at[i] < 32 || secret->at[i] > 126 ||
            (secret->len == 64 && !is_digit)) {
            return hwi_linux_refuse(
                HAWSER_E_ARG, message,
                "a WiFi passphrase is of printable ASCII characters; 64 of "
                "them are hexadecimal digits");
        }
    }
    return 0;
}
