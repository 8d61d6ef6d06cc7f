/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hosts and broker addresses. Only mqtts:// exists: a way to ask for less than
 * a verified connection would be found and used.
 */
#include "endpoint.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#define LABEL_MAX 63 /* RFC 1035 2.3.4 */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_host_letter(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '-' || c == '_';
}

static bool is_name(const char *host)
{
    size_t label_len = 0;
    for (const char *c = host; *c != '\0'; c++) {
        if (*c == '.') {
            if (label_len == 0 || c[-1] == '-') {
                return false;
            }
            label_len = 0;
        } else if (!is_host_letter(*c) || (label_len == 0 && *c == '-') ||
                   ++label_len > LABEL_MAX) {
            return false;
        }
    }
    return label_len > 0 && host[strlen(host) - 1] != '-';
}

/* Digits and dots only: it must be an address, as no name looks like that. */
static bool looks_like_ipv4(const char *host)
{
    return strspn(host, "0123456789.") == strlen(host);
}

static const char *check_host(const char *host)
{
    uint8_t address[16];
    if (strchr(host, ':') != NULL) {
        return inet_pton(AF_INET6, host, address) == 1 ? NULL
                                                       : "not an IPv6 address";
    }
    if (looks_like_ipv4(host)) {
        return inet_pton(AF_INET, host, address) == 1 ? NULL
                                                      : "not an IPv4 address";
    }
    return is_name(host) ? NULL
                         : "not a host name (letters, digits, - and dots; "
                           "others in their xn-- form)";
}

static const char *read_port(uint16_t *out, const char *text, size_t len)
{
    uint32_t port = 0;
    if (len == 0 || len > 5) {
        return "the port is not 1 to 65535";
    }
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(text[i])) {
            return "the port is not a number";
        }
        port = port * 10 + (uint32_t)(text[i] - '0');
    }
    if (port == 0 || port > UINT16_MAX) {
        return "the port is not 1 to 65535";
    }
    *out = (uint16_t)port;
    return NULL;
}

/* HOST[:PORT] cut in two; the colon before the port is *port, NULL: none. */
struct parts {
    const char *host;
    size_t host_len;
    const char *colon;
    bool is_bracketed;
};

static const char *split_brackets(struct parts *p, const char *text, size_t len)
{
    const char *end = memchr(text, ']', len);
    if (end == NULL) {
        return "the bracket is not closed";
    }
    p->is_bracketed = true;
    p->host = text + 1;
    p->host_len = (size_t)(end - p->host);
    p->colon = end + 1 < text + len ? end + 1 : NULL;
    if (p->colon != NULL && *p->colon != ':') {
        return "after the bracket only a port may follow";
    }
    return NULL;
}

static const char *split(struct parts *p, const char *text, size_t len)
{
    if (len > 0 && text[0] == '[') {
        return split_brackets(p, text, len);
    }
    p->is_bracketed = false;
    p->host = text;
    p->colon = memchr(text, ':', len);
    p->host_len = p->colon == NULL ? len : (size_t)(p->colon - text);
    if (p->colon != NULL &&
        memchr(p->colon + 1, ':', len - p->host_len - 1) != NULL) {
        return "an IPv6 address needs brackets";
    }
    return NULL;
}

const char *hawser_cli_endpoint_read(struct hawser_cli_endpoint *out,
                                     const char *text, size_t len,
                                     uint16_t default_port)
{
    struct parts p;
    const char *why = split(&p, text, len);
    if (why != NULL) {
        return why;
    }
    if (p.host_len == 0 || p.host_len >= sizeof(out->host)) {
        return "the host is missing or longer than 253 bytes";
    }
    memcpy(out->host, p.host, p.host_len);
    out->host[p.host_len] = '\0';
    if (p.is_bracketed && strchr(out->host, ':') == NULL) {
        return "brackets are for IPv6 addresses";
    }
    out->port = default_port;
    if (p.colon != NULL) {
        const char *digits = p.colon + 1;
        why = read_port(&out->port, digits, (size_t)(text + len - digits));
    }
    return why != NULL ? why : check_host(out->host);
}

static bool begins_with(const char *text, size_t len, const char *scheme)
{
    size_t scheme_len = strlen(scheme);
    return len >= scheme_len && memcmp(text, scheme, scheme_len) == 0;
}

const char *hawser_cli_endpoint_read_url(struct hawser_cli_endpoint *out,
                                         const char *text, size_t len)
{
    static const char scheme[] = "mqtts://";
    if (begins_with(text, len, "mqtt://") || begins_with(text, len, "tcp://") ||
        begins_with(text, len, "ws://")) {
        return "not encrypted, and verification is never optional";
    }
    if (!begins_with(text, len, scheme)) {
        return "it does not begin with mqtts://";
    }
    text += strlen(scheme);
    len -= strlen(scheme);
    if (len > 0 && text[len - 1] == '/') {
        len--;
    }
    if (memchr(text, '@', len) != NULL) {
        return "no user or password belongs here (see username, "
               "password_file)";
    }
    if (memchr(text, '/', len) != NULL) {
        return "MQTT has no path after the host";
    }
    return hawser_cli_endpoint_read(out, text, len, 8883);
}
