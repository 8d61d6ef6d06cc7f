/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a certificate for the host that is wanted? By its subjectAltName alone: a
 * name as a name, an address as an address, a wildcard as the whole first label
 * of a name with at least two more. mbedTLS would fall back to the common name.
 * RFC 9525 6.
 */
#include <mbedtls/oid.h>
#include <stdio.h>
#include <string.h>

#include "tls/mbedtls_parts.h"

/* Kinds of names, by their tags. RFC 5280 4.2.1.6 */
#define SAN_DNS     (MBEDTLS_ASN1_CONTEXT_SPECIFIC | 2)
#define SAN_ADDRESS (MBEDTLS_ASN1_CONTEXT_SPECIFIC | 7)

bool hwi_tls_host_take(struct hwi_tls *tls, const char *host)
{
    size_t len = strlen(host);
    size_t i;

    /* No final dot (of a fully qualified name), no zone (of a link-local
     * address). */
    if (strchr(host, ':') != NULL && strchr(host, '%') != NULL) {
        len = strcspn(host, "%");
    } else if (len > 1 && host[len - 1] == '.') {
        len--;
    }
    if (len == 0 || len >= sizeof tls->host || host[0] == '.') {
        return false;
    }
    for (i = 0; i < len; i++) {
        if (host[i] <= ' ' || host[i] >= 0x7f) {
            return false;
        }
        tls->host[i] = host[i];
    }
    tls->host[len] = '\0';
    tls->address_len =
        mbedtls_x509_crt_parse_cn_inet_pton(tls->host, tls->address);
    return true;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool is_same(const char *host, const uint8_t *name, size_t len)
{
    size_t i;

    if (strlen(host) != len) {
        return false;
    }
    for (i = 0; i < len; i++) {
        if (lower((uint8_t)host[i]) != lower(name[i])) {
            return false;
        }
    }
    return true;
}

static bool name_matches(const char *host, const uint8_t *name, size_t len)
{
    const char *rest = strchr(host, '.');

    if (is_same(host, name, len)) {
        return true;
    }
    /* "*.iot.example": two labels at least behind the wildcard. */
    return len > 2 && name[0] == '*' && name[1] == '.' && rest != NULL &&
           rest != host && memchr(name + 2, '.', len - 2) != NULL &&
           is_same(rest, name + 1, len - 1);
}

bool hwi_tls_host_matches(const struct hwi_tls *tls,
                          const mbedtls_x509_crt *certificate)
{
    const mbedtls_x509_sequence *at;

    if ((certificate->ext_types & MBEDTLS_X509_EXT_SUBJECT_ALT_NAME) == 0) {
        return false;
    }
    for (at = &certificate->subject_alt_names; at != NULL; at = at->next) {
        if (tls->address_len == 0 && at->buf.tag == SAN_DNS &&
            name_matches(tls->host, at->buf.p, at->buf.len)) {
            return true;
        }
        if (tls->address_len > 0 && at->buf.tag == SAN_ADDRESS &&
            at->buf.len == tls->address_len &&
            memcmp(at->buf.p, tls->address, tls->address_len) == 0) {
            return true;
        }
    }
    return false;
}

/* Appends bytes, '?' for what is not printable; what does not fit is cut. */
static void append(char *out, size_t size, const uint8_t *bytes, size_t len)
{
    size_t at = strlen(out);
    size_t i;

    for (i = 0; i < len && at + 1 < size; i++) {
        out[at++] = (char)(bytes[i] > ' ' && bytes[i] < 0x7f ? bytes[i] : '?');
    }
    out[at] = '\0';
}

static void address_append(char *out, size_t size, const uint8_t *b, size_t len)
{
    size_t at = strlen(out);
    size_t i;

    if (len == 4) {
        (void)snprintf(out + at, size - at, "IP %u.%u.%u.%u", b[0], b[1], b[2],
                       b[3]);
        return;
    }
    (void)snprintf(out + at, size - at, "IP ");
    for (i = 0; len == 16 && i < len; i += 2) {
        at = strlen(out);
        (void)snprintf(out + at, size - at, "%s%x", i > 0 ? ":" : "",
                       (unsigned)b[i] << 8 | b[i + 1]);
    }
}

void hwi_tls_hosts_text(const mbedtls_x509_crt *certificate, char *out,
                        size_t size)
{
    const mbedtls_x509_sequence *at = &certificate->subject_alt_names;

    out[0] = '\0';
    if ((certificate->ext_types & MBEDTLS_X509_EXT_SUBJECT_ALT_NAME) == 0) {
        return;
    }
    for (; at != NULL; at = at->next) {
        bool is_host = at->buf.tag == SAN_DNS || at->buf.tag == SAN_ADDRESS;

        if (is_host && out[0] != '\0' && strlen(out) + 2 < size) {
            memcpy(out + strlen(out), ", ", 3);
        }
        if (at->buf.tag == SAN_DNS) {
            append(out, size, at->buf.p, at->buf.len);
        } else if (at->buf.tag == SAN_ADDRESS) {
            address_append(out, size, at->buf.p, at->buf.len);
        }
    }
}
