/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a connection failed: the server's alert, mbedTLS's error, what the
 * transport said and how the server's stream began, as one cause and words.
 */
#include <mbedtls/error.h>

#include "tls/mbedtls_parts.h"

#define ALERT_HANDSHAKE_FAILURE 40
#define ALERT_PROTOCOL_VERSION  70
#define ALERT_UNRECOGNIZED_NAME 112
#define ALERT_NO_ALPN           120

int hwi_tls_no_memory(struct hwi_tls_failure *why)
{
    return hwi_tls_blame(why, HAWSER_CAUSE_TLS_MEMORY, "no memory for TLS");
}

bool hwi_tls_blame_stranger(struct hwi_tls *tls)
{
    const char *words = hwi_tls_stranger_words(tls->head, tls->head_len);

    if (tls->is_open || words == NULL) {
        return false;
    }
    (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_NOT_TLS, "%s", words);
    return true;
}

/* The alerts that servers send for a client's certificate. RFC 8446 6.2 */
static const char *alert_words(int alert)
{
    static const struct {
        uint8_t alert;
        const char *words;
    } alerts[] = {
        {43, "unsupported certificate"}, {44, "certificate revoked"},
        {45, "certificate expired"},     {48, "unknown CA"},
        {49, "access denied"},           {80, "internal error"},
    };
    size_t i;

    for (i = 0; i < sizeof alerts / sizeof alerts[0]; i++) {
        if (alerts[i].alert == alert) {
            return alerts[i].words;
        }
    }
    return alert >= 41 && alert <= 49 ? "bad certificate" : "not named here";
}

static void blame_client_certificate(struct hwi_tls *tls, int alert)
{
    char subject[64];

    if (!tls->loaded->has_own) {
        (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_CLIENT_CERT,
                            "the server wants a client certificate and none "
                            "is configured");
        return;
    }
    hwi_tls_name_text(&tls->loaded->chain.subject, subject, sizeof subject);
    (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_CLIENT_CERT,
                        "the server refused the device's certificate \"%s\": "
                        "%s",
                        subject, alert_words(alert));
}

static void blame_alert(struct hwi_tls *tls, int alert)
{
    enum hawser_cause cause = hwi_tls_alert_cause(alert);
    struct hwi_tls_failure *why = &tls->failure;

    /* TLS 1.2 has no alert of its own for a certificate that is missing. */
    if (alert == ALERT_HANDSHAKE_FAILURE && tls->is_cert_wanted) {
        cause = HAWSER_CAUSE_TLS_CLIENT_CERT;
        /* ... and gives this one to a client that will not renegotiate. */
    } else if (alert == ALERT_HANDSHAKE_FAILURE && tls->is_open) {
        cause = HAWSER_CAUSE_TLS_OTHER;
    }
    if (cause == HAWSER_CAUSE_TLS_CLIENT_CERT) {
        blame_client_certificate(tls, alert);
    } else if (alert == ALERT_HANDSHAKE_FAILURE && !tls->is_open) {
        (void)hwi_tls_blame(why, cause,
                            "the server has no cipher, group or signature in "
                            "common with us (its alert: handshake failure)");
    } else if (alert == ALERT_PROTOCOL_VERSION) {
        (void)hwi_tls_blame(why, cause,
                            "the server has no TLS 1.2 or 1.3 (its alert: "
                            "protocol version)");
    } else if (alert == ALERT_UNRECOGNIZED_NAME) {
        (void)hwi_tls_blame(why, cause,
                            "the server does not know the name "
                            "%.64s",
                            tls->host);
    } else if (alert == ALERT_NO_ALPN) {
        (void)hwi_tls_blame(why, cause,
                            "the server does not speak the configured ALPN "
                            "protocol \"%.64s\"",
                            tls->loaded->alpn);
    } else {
        (void)hwi_tls_blame(why, cause, "the server's alert: %s (%d)",
                            alert_words(alert), alert);
    }
}

/* Mosquitto's plain port hangs up on a TLS greeting without a word; so does a
 * broker that is just going down. Which of the two is told by whether this
 * server has ever spoken TLS to us. */
static void blame_end(struct hwi_tls *tls)
{
    struct hwi_tls_failure *why = &tls->failure;

    if (tls->is_open) {
        (void)hwi_tls_blame(why, HAWSER_CAUSE_CLOSED,
                            "the connection broke without a TLS goodbye");
    } else if (tls->head_len > 0) {
        (void)hwi_tls_blame(why, HAWSER_CAUSE_CLOSED,
                            "the connection broke in the middle of the TLS "
                            "handshake");
    } else if (tls->context->has_spoken_tls) {
        (void)hwi_tls_blame(why, HAWSER_CAUSE_CLOSED,
                            "the server hung up without a word of TLS");
    } else {
        (void)hwi_tls_blame(why, HAWSER_CAUSE_TLS_NOT_TLS,
                            "the server hung up without a word of TLS: is this "
                            "its TLS port?");
    }
}

/* An error of reading a certificate, or of judging it. The lowest seven bits say
 * what the parser under it found. */
static bool is_certificate_error(int error)
{
    return error <= MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE &&
           error >= MBEDTLS_ERR_X509_FATAL_ERROR;
}

static bool is_at_certificate(const struct hwi_tls *tls)
{
    return tls->ssl.state == MBEDTLS_SSL_SERVER_CERTIFICATE ||
           tls->ssl.state == MBEDTLS_SSL_CERTIFICATE_REQUEST;
}

/* Errors that we find ourselves. What is not here is TLS_OTHER. */
static void blame_error(struct hwi_tls *tls, int error)
{
    static const struct {
        int error;
        enum hawser_cause cause;
        const char *words;
    } errors[] = {
        {MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION, HAWSER_CAUSE_TLS_VERSION,
         "the server has no TLS 1.2 or 1.3"},
        {MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE, HAWSER_CAUSE_TLS_VERSION,
         "the server chose what was not offered"},
        {MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER, HAWSER_CAUSE_TLS_VERSION,
         "the server chose what was not offered, or somebody in between forces "
         "an older TLS"},
        {MBEDTLS_ERR_SSL_BAD_CERTIFICATE, HAWSER_CAUSE_TLS_BAD_CHAIN,
         "the server's certificates cannot be used"},
        {HAWSER_E_WAIT, HAWSER_CAUSE_TLS_SETUP,
         "the machine has no random bytes now"},
        {MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE, HAWSER_CAUSE_TLS_BAD_CHAIN,
         "the server presents no certificate"},
    };
    size_t i;

    for (i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i].error == error) {
            (void)hwi_tls_blame(&tls->failure, errors[i].cause, "%s",
                                errors[i].words);
            return;
        }
    }
    if (-(-error & ~0x7f) == MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG) {
        (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_WEAK,
                            "one of the server's certificates is signed by a "
                            "method that is too weak or not known here");
    } else if (is_certificate_error(error)) {
        (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_BAD_CHAIN,
                            "one of the server's certificates is not "
                            "acceptable (mbedTLS error -%#x)",
                            (unsigned)-error);
    } else if (is_at_certificate(tls) &&
               error == MBEDTLS_ERR_SSL_BAD_INPUT_DATA) {
        (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_BAD_CHAIN,
                            "the server sends more certificates than %d KiB",
                            MBEDTLS_SSL_IN_CONTENT_LEN / 1024);
    } else {
        (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_OTHER,
                            "TLS failed (mbedTLS error -%#x)",
                            (unsigned)-error);
    }
}

/* A server of TLS 1.2 that signs with PSS is greeted without it the next time;
 * one that has nothing in common with us then, with it again. */
static bool blame_pss(struct hwi_tls *tls, int error)
{
    if (error == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) {
        tls->context->is_without_pss = false;
    }
    if (error != MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER ||
        tls->ssl.state != MBEDTLS_SSL_SERVER_KEY_EXCHANGE) {
        return false;
    }
    tls->context->is_without_pss = true;
    (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_OTHER,
                        "the server signs by a method that was not offered, or "
                        "by RSA-PSS with TLS 1.2: next time without");
    return true;
}

/* What mbedTLS looks at only after the callback. */
static bool blame_usage(struct hwi_tls *tls)
{
    const uint32_t usage =
        MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
    uint32_t flags = mbedtls_ssl_get_verify_result(&tls->ssl);

    if (flags == UINT32_MAX || (flags & usage) == 0) {
        return false;
    }
    (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_WRONG_USAGE,
                        "the server's certificate is not for TLS servers (key "
                        "usage)");
    return true;
}

int hwi_tls_blame_mbedtls(struct hwi_tls *tls, int error)
{
    bool is_goodbye = error == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY;
    bool is_wait = error == MBEDTLS_ERR_SSL_WANT_READ ||
                   error == MBEDTLS_ERR_SSL_WANT_WRITE;

    if (!tls->is_open || (!is_goodbye && !is_wait)) {
        hwi_tls_ticket_drop(tls->context);
    }
    if (hwi_tls_was_memory_short()) {
        return hwi_tls_no_memory(&tls->failure);
    }
    if (tls->failure.cause != HAWSER_CAUSE_NONE) {
        return HAWSER_E_LINK;
    }
    if (!tls->is_open && blame_pss(tls, error)) {
        return HAWSER_E_LINK;
    }
    if (error == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) {
        blame_alert(tls, tls->ssl.in_msg[1]);
    } else if (hwi_tls_blame_stranger(tls)) {
        ; /* blamed */
    } else if (is_goodbye) {
        (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_CLOSED,
                            "the server ended the TLS session");
    } else if (is_wait) {
        blame_end(tls);
    } else if (tls->is_open || !blame_usage(tls)) {
        blame_error(tls, error);
    }
    return HAWSER_E_LINK;
}
