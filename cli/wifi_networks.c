/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The WiFi networks to join: wifi_networks.h.
 */
#include "wifi_networks.h"

#include <string.h>

static struct hawser_linux_network network_of(const char *line, size_t len)
{
    const char *tab = memchr(line, '\t', len);
    size_t ssid_len = tab != NULL ? (size_t)(tab - line) : len;
    struct hawser_linux_network n = {
        .ssid = {(const uint8_t *)line, ssid_len},
        .passphrase = {(const uint8_t *)line + len, 0}};
    if (tab != NULL) {
        n.passphrase =
            (struct hawser_view){(const uint8_t *)tab + 1, len - ssid_len - 1};
    }
    return n;
}

static bool add(struct hawser_cli_networks *out,
                const struct hawser_linux_network *n, unsigned line,
                struct hawser_cli_text *why)
{
    char message[HAWSER_LINUX_MESSAGE_SIZE];
    if (n->passphrase.len == 0 &&
        n->passphrase.at != n->ssid.at + n->ssid.len) {
        hawser_cli_text_addf(why,
                             "line %u: no passphrase stands behind the tab; "
                             "leave the tab out if there is none",
                             line);
        return false;
    }
    if (hawser_linux_network_check(n, message) != 0) {
        hawser_cli_text_addf(why, "line %u: %s", line, message);
        return false;
    }
    if (out->count == HAWSER_CLI_NETWORKS_MAX) {
        hawser_cli_text_addf(why, "line %u: there are more than %d networks",
                             line, HAWSER_CLI_NETWORKS_MAX);
        return false;
    }
    out->of[out->count++] = *n;
    return true;
}

bool hawser_cli_networks_read(const struct hawser_cli_file *file,
                              struct hawser_cli_networks *out,
                              struct hawser_cli_text *why)
{
    const char *at = (const char *)file->bytes;
    const char *end = at + file->len;
    out->count = 0;
    for (unsigned line = 1; at < end; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((stop != NULL ? stop : end) - at);
        struct hawser_linux_network n;
        if (len > 0 && at[len - 1] == '\r') {
            len--;
        }
        n = network_of(at, len);
        if (len > 0 && !add(out, &n, line, why)) {
            return false;
        }
        at = stop != NULL ? stop + 1 : end;
    }
    if (out->count == 0) {
        hawser_cli_text_add(why, "names no network");
    }
    return out->count > 0;
}
