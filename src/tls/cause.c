/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts and strangers: cause.h. RFC 8446 6.
 */
#include "tls/cause.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int hwi_tls_blame(struct hwi_tls_failure *why, enum hawser_cause cause,
                  const char *format, ...)
{
    va_list args;

    why->cause = cause;
    va_start(args, format);
    (void)vsnprintf(why->detail, sizeof why->detail, format, args);
    va_end(args);
    return HAWSER_E_LINK;
}

enum hawser_cause hwi_tls_alert_cause(int alert)
{
    static const struct {
        uint8_t alert;
        uint8_t cause;
    } causes[] = {
        {0, HAWSER_CAUSE_CLOSED},            /* close_notify */
        {40, HAWSER_CAUSE_TLS_VERSION},      /* handshake_failure */
        {42, HAWSER_CAUSE_TLS_CLIENT_CERT},  /* bad_certificate */
        {43, HAWSER_CAUSE_TLS_CLIENT_CERT},  /* unsupported_certificate */
        {44, HAWSER_CAUSE_TLS_CLIENT_CERT},  /* certificate_revoked */
        {45, HAWSER_CAUSE_TLS_CLIENT_CERT},  /* certificate_expired */
        {46, HAWSER_CAUSE_TLS_CLIENT_CERT},  /* certificate_unknown */
        {48, HAWSER_CAUSE_TLS_CLIENT_CERT},  /* unknown_ca */
        {49, HAWSER_CAUSE_TLS_CLIENT_CERT},  /* access_denied */
        {70, HAWSER_CAUSE_TLS_VERSION},      /* protocol_version */
        {71, HAWSER_CAUSE_TLS_VERSION},      /* insufficient_security */
        {90, HAWSER_CAUSE_CLOSED},           /* user_canceled */
        {112, HAWSER_CAUSE_TLS_WRONG_NAME},  /* unrecognized_name */
        {116, HAWSER_CAUSE_TLS_CLIENT_CERT}, /* certificate_required */
    };
    size_t i;

    for (i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        if (causes[i].alert == alert) {
            return (enum hawser_cause)causes[i].cause;
        }
    }
    return HAWSER_CAUSE_TLS_OTHER;
}

/* change_cipher_spec, alert or handshake, of version 3.x. */
static bool is_tls(const uint8_t *head, size_t len)
{
    return (len < 1 || (head[0] >= 20 && head[0] <= 22)) &&
           (len < 2 || head[1] == 3);
}

const char *hwi_tls_stranger_words(const uint8_t *head, size_t len)
{
    static const struct {
        const char *begin;
        const char *words;
    } strangers[] = {
        {"HTTP", "an HTTP server answered"},
        {"\x20\x02", "a broker answered in plain MQTT: not its TLS port"},
        {"\x20\x03", "a broker answered in plain MQTT: not its TLS port"},
        {"SSH-", "an SSH server answered"},
        {"220", "a mail or FTP server answered"},
    };
    size_t i;

    if (is_tls(head, len)) {
        return NULL;
    }
    for (i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
        size_t begin_len = strlen(strangers[i].begin);

        if (len >= begin_len &&
            memcmp(head, strangers[i].begin, begin_len) == 0) {
            return strangers[i].words;
        }
    }
    return "the server's answer is not TLS";
}
