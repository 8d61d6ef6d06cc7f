/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a connection failed: the server's alert, OpenSSL's error queue, what the
 * transport said and how the server's stream began, as one cause and words for
 * a person. RFC 8446 6.2 for the alerts.
 */
#include <openssl/err.h>

#include "tls/openssl_parts.h"

/* Faults that we find ourselves. What is not here is TLS_OTHER, with OpenSSL's
 * words. */
static const struct {
    int reason;
    enum hawser_cause cause;
    const char *words;
} reason_causes[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL, HAWSER_CAUSE_TLS_VERSION,
     "the server has no TLS 1.2 or 1.3"},
    {SSL_R_WRONG_SSL_VERSION, HAWSER_CAUSE_TLS_VERSION,
     "the server has no TLS 1.2 or 1.3"},
    {SSL_R_INAPPROPRIATE_FALLBACK, HAWSER_CAUSE_TLS_VERSION,
     "the server can do better: somebody in between forces an older TLS"},
    {SSL_R_WRONG_CIPHER_RETURNED, HAWSER_CAUSE_TLS_VERSION,
     "the server chose a cipher that was not offered"},
    {SSL_R_UNKNOWN_CIPHER_RETURNED, HAWSER_CAUSE_TLS_VERSION,
     "the server chose a cipher that was not offered"},
    {SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED, HAWSER_CAUSE_TLS_VERSION,
     "the server lacks secure renegotiation (RFC 5746)"},
    {SSL_R_WRONG_CURVE, HAWSER_CAUSE_TLS_WEAK,
     "the server uses a group or curve that was not offered"},
    {SSL_R_WRONG_SIGNATURE_TYPE, HAWSER_CAUSE_TLS_WEAK,
     "the server signs with an algorithm that was not offered"},
    {SSL_R_EXCESSIVE_MESSAGE_SIZE, HAWSER_CAUSE_TLS_BAD_CHAIN,
     "the server sends more certificates than 32 KiB"},
};

bool hwi_tls_blame_stranger(struct hwi_tls *tls)
{
    const char *words = hwi_tls_stranger_words(tls->head, tls->head_len);

    if (tls->is_open || words == NULL) {
        return false;
    }
    (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_NOT_TLS, "%s", words);
    return true;
}

static void blame_own_certificate(struct hwi_tls *tls, int alert)
{
    const X509 *own = SSL_get_certificate(tls->ssl);
    const char *words = SSL_alert_desc_string_long(alert);
    char subject[64];

    if (own == NULL) {
        (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_CLIENT_CERT,
                            "the server wants a client certificate and none "
                            "is configured");
        return;
    }
    hwi_tls_name_text(X509_get_subject_name(own), subject, sizeof subject);
    (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_CLIENT_CERT,
                        "the server refused the device's certificate \"%s\": "
                        "%s",
                        subject, words);
}

static void blame_alert(struct hwi_tls *tls, int alert)
{
    enum hawser_cause cause = hwi_tls_alert_cause(alert);

    /* TLS 1.2 has no alert of its own for a certificate that is missing. */
    if (alert == SSL_AD_HANDSHAKE_FAILURE && tls->is_cert_wanted) {
        cause = HAWSER_CAUSE_TLS_CLIENT_CERT;
        /* ... and gives this one to a client that will not renegotiate. */
    } else if (alert == SSL_AD_HANDSHAKE_FAILURE && tls->is_open) {
        cause = HAWSER_CAUSE_TLS_OTHER;
    }
    if (cause == HAWSER_CAUSE_TLS_CLIENT_CERT) {
        blame_own_certificate(tls, alert);
    } else if (alert == SSL_AD_HANDSHAKE_FAILURE && !tls->is_open) {
        (void)hwi_tls_blame(&tls->failure, cause,
                            "the server has no cipher, group or signature in "
                            "common with us (its alert: handshake failure)");
    } else if (alert == SSL_AD_PROTOCOL_VERSION) {
        (void)hwi_tls_blame(&tls->failure, cause,
                            "the server has no TLS 1.2 or 1.3 (its alert: "
                            "protocol version)");
    } else if (alert == SSL_AD_UNRECOGNIZED_NAME) {
        (void)hwi_tls_blame(&tls->failure, cause,
                            "the server does not know the name %.64s",
                            tls->host);
    } else if (alert == SSL_AD_NO_APPLICATION_PROTOCOL) {
        (void)hwi_tls_blame(&tls->failure, cause,
                            "the server does not speak the configured ALPN "
                            "protocol \"%.*s\"",
                            (int)tls->alpn.len, (const char *)tls->alpn.at);
    } else {
        (void)hwi_tls_blame(&tls->failure, cause, "the server's alert: %s",
                            SSL_alert_desc_string_long(alert));
    }
}

/* Mosquitto's plain port hangs up on a TLS greeting without a word; so does a
 * broker that is just going down. Which of the two is told by whether this
 * server has ever spoken TLS to us. */
static void blame_end(struct hwi_tls *tls)
{
    const char *words = "the connection broke without a TLS goodbye";
    enum hawser_cause cause = HAWSER_CAUSE_CLOSED;

    if (!tls->is_open && tls->head_len > 0) {
        words = "the connection broke in the middle of the TLS handshake";
    } else if (!tls->is_open && tls->context->has_spoken_tls) {
        words = "the server hung up without a word of TLS";
    } else if (!tls->is_open) {
        words = "the server hung up without a word of TLS: is this its TLS "
                "port?";
        cause = HAWSER_CAUSE_TLS_NOT_TLS;
    }
    (void)hwi_tls_blame(&tls->failure, cause, "%s", words);
}

static void blame_reason(struct hwi_tls *tls, unsigned long error)
{
    const char *words = ERR_reason_error_string(error);
    size_t i = sizeof reason_causes / sizeof reason_causes[0];

    if (ERR_GET_LIB(error) == ERR_LIB_SSL) {
        for (i = 0; i < sizeof reason_causes / sizeof reason_causes[0]; i++) {
            if (reason_causes[i].reason == ERR_GET_REASON(error)) {
                break;
            }
        }
    }
    if (i < sizeof reason_causes / sizeof reason_causes[0]) {
        (void)hwi_tls_blame(&tls->failure, reason_causes[i].cause, "%s",
                            reason_causes[i].words);
    } else {
        (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_OTHER, "TLS: %s",
                            words != NULL ? words : "failed");
    }
}

unsigned long hwi_tls_queue_empty(bool *is_out_of_memory)
{
    unsigned long first = ERR_peek_error();
    unsigned long error;

    while ((error = ERR_get_error()) != 0) {
        if (ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE) {
            *is_out_of_memory = true;
        }
    }
    return first;
}

/* The alert that an error stands for, or -1. Beyond the alerts are reasons that
 * are no protocol's. */
static int error_alert(unsigned long error)
{
    int alert = ERR_GET_REASON(error) - SSL_AD_REASON_OFFSET;

    return ERR_GET_LIB(error) == ERR_LIB_SSL && alert >= 0 && alert <= UINT8_MAX
               ? alert
               : -1;
}

int hwi_tls_blame_openssl(struct hwi_tls *tls)
{
    unsigned long error = hwi_tls_queue_empty(&tls->is_out_of_memory);
    int alert = error_alert(error);
    bool is_goodbye = (SSL_get_shutdown(tls->ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
    bool is_mere_end = tls->is_open && alert < 0 &&
                       (is_goodbye || tls->has_ended || tls->is_send_broken);

    if (!is_mere_end) {
        hwi_tls_context_unload(tls->context);
    }
    if (tls->failure.cause != HAWSER_CAUSE_NONE) {
        return HAWSER_E_LINK;
    }
    if (tls->is_out_of_memory) {
        (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_MEMORY,
                            "no memory for TLS");
    } else if (alert >= 0) {
        blame_alert(tls, alert);
    } else if (hwi_tls_blame_stranger(tls)) {
        ; /* blamed */
    } else if (is_goodbye) {
        (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_CLOSED,
                            "the server ended the TLS session");
    } else if (tls->has_ended || tls->is_send_broken) {
        blame_end(tls);
    } else {
        blame_reason(tls, error);
    }
    return HAWSER_E_LINK;
}
