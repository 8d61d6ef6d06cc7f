/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks of names. A device's id becomes a topic level by the broker's %u
 * pattern: a + # or / in it would be a right to other devices' topics.
 */
#include "pki_name.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "hawser/device.h"
#include "text.h"

/* RFC 1035 2.3.4. */
#define DNS_NAME_MAX  253
#define DNS_LABEL_MAX 63

static bool is_label(const char *label, size_t len)
{
    if (len == 0 || len > DNS_LABEL_MAX || label[0] == '-' ||
        label[len - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)label[i];
        if (c >= 0x80 || (!isalnum(c) && c != '-' && c != '_')) {
            return false;
        }
    }
    return true;
}

static bool is_dns_name(const char *name)
{
    size_t len = 0;
    for (;; name += len + 1) {
        len = strcspn(name, ".");
        if (!is_label(name, len)) {
            return false;
        }
        if (name[len] == '\0') {
            break;
        }
    }
    /* RFC 1123 2.1: a last label of digits only is a mistyped address. */
    return strspn(name, "0123456789") != len;
}

enum hwi_host_kind hwi_host_kind(const char *name, unsigned char address[16],
                                 const char **why)
{
    *why = NULL;
    if (inet_pton(AF_INET, name, address) == 1) {
        return HWI_HOST_IPV4;
    }
    if (inet_pton(AF_INET6, name, address) == 1) {
        return HWI_HOST_IPV6;
    }
    if (strchr(name, '*') != NULL) {
        *why = "wildcards are refused; name each host";
    } else if (strlen(name) > DNS_NAME_MAX) {
        *why = "it is longer than 253 bytes";
    } else if (!is_dns_name(name)) {
        *why = "it is neither a DNS name (letters, digits, - and dots) nor an "
               "IP address; no port, no brackets, no scheme";
    }
    return *why == NULL ? HWI_HOST_DNS : HWI_HOST_BAD;
}

/* Only what a person can see, in valid UTF-8. */
static bool is_text(const char *text)
{
    struct hawser_view rest = hawser_cli_view(text);
    while (rest.len > 0) {
        uint32_t code = 0;
        size_t len = hawser_cli_utf8_next(rest, &code);
        if (len == 0 || !hawser_cli_is_shown(code)) {
            return false;
        }
        rest.at += len;
        rest.len -= len;
    }
    return true;
}

const char *hwi_id_problem(const char *id)
{
    size_t len = strlen(id);
    if (len == 0) {
        return "it is empty";
    }
    if (len > HAWSER_ID_MAX) {
        return "it is longer than 64 bytes";
    }
    if (strpbrk(id, "+#/") != NULL) {
        return "+ # and / are refused, since it becomes a level of a topic";
    }
    if (!is_text(id)) {
        return "control characters and bytes that are not UTF-8 are refused";
    }
    if (id[0] == ' ' || id[len - 1] == ' ') {
        return "it begins or ends with a space";
    }
    if (id[0] == '.' || id[0] == '-' || id[0] == '$') {
        return "it begins with . - or $, which is trouble as a file, an option "
               "or a topic";
    }
    return NULL;
}
