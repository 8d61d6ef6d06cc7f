/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chain that the server has presented, judged anew under other anchors: what
 * a change of them would lead to, before it is made. A resumed session presents
 * nothing: what the full handshake before it showed is kept with the context.
 */
#include <mbedtls/platform.h>
#include <string.h>

#include "tls/mbedtls_parts.h"

void hwi_tls_presented_drop(struct hwi_tls_context *context)
{
    mbedtls_free(context->presented.bytes);
    memset(&context->presented, 0, sizeof context->presented);
}

void hwi_tls_presented_take(struct hwi_tls *tls, const mbedtls_x509_crt *first)
{
    struct hwi_tls_presented *presented = &tls->context->presented;
    const mbedtls_x509_crt *at;
    size_t len = 0;

    hwi_tls_presented_drop(tls->context);
    for (at = first; at != NULL; at = at->next) {
        len += at->raw.len;
    }
    presented->bytes = mbedtls_calloc(1, len);
    if (presented->bytes == NULL) {
        return;
    }
    for (at = first; at != NULL; at = at->next) {
        memcpy(presented->bytes + presented->len, at->raw.p, at->raw.len);
        presented->len += at->raw.len;
    }
    memcpy(presented->fingerprint, tls->identity.report.peer_fingerprint,
           sizeof presented->fingerprint);
}

/* Reads what this connection's server presented. 0, or LINK and *why. */
static int chain_read(const struct hwi_tls *tls, mbedtls_x509_crt *out,
                      struct hwi_tls_failure *why)
{
    const struct hwi_tls_presented *presented = &tls->context->presented;
    const uint8_t *at = presented->bytes;
    const uint8_t *end = at + presented->len;
    const mbedtls_x509_crt *last = out;

    if (strcmp(presented->fingerprint, tls->identity.report.peer_fingerprint) !=
        0) {
        return hwi_tls_blame(why, HAWSER_CAUSE_TLS_OTHER,
                             "the server's certificates are not at hand");
    }
    while (at < end) {
        if (mbedtls_x509_crt_parse_der(out, at, (size_t)(end - at)) != 0) {
            return hwi_tls_no_memory(why); /* all was read before */
        }
        while (last->next != NULL) {
            last = last->next;
        }
        at += last->raw.len;
    }
    return 0;
}

/* As the handshake did; the connection stays as it is. */
static int judge_again(struct hwi_tls *tls, mbedtls_x509_crt *chain,
                       mbedtls_x509_crt *anchors, struct hwi_tls_failure *why)
{
    const struct hwi_tls_failure failure = tls->failure;
    const struct hwi_tls_identity identity = tls->identity;
    const bool was_verified = tls->is_verified;
    uint32_t flags = 0;
    int error;

    memset(&tls->failure, 0, sizeof tls->failure);
    tls->anchors = anchors;
    error = mbedtls_x509_crt_verify_with_profile(chain, anchors, NULL,
                                                 &hwi_tls_profile, NULL, &flags,
                                                 hwi_tls_judge, tls);
    *why = tls->failure;
    tls->failure = failure;
    tls->identity = identity;
    tls->is_verified = was_verified;
    tls->is_judging = false;
    tls->anchors = &tls->loaded->anchors;
    if (hwi_tls_was_memory_short()) {
        return hwi_tls_no_memory(why);
    }
    if (error != 0 && why->cause == HAWSER_CAUSE_NONE) {
        return hwi_tls_blame(why, HAWSER_CAUSE_TLS_BAD_CHAIN,
                             "the server's certificates are not acceptable");
    }
    return why->cause == HAWSER_CAUSE_NONE ? 0 : HAWSER_E_LINK;
}

int hwi_tls_preflight(struct hwi_tls *tls, struct hawser_view anchors,
                      struct hwi_tls_failure *why)
{
    mbedtls_x509_crt list;
    mbedtls_x509_crt chain;
    int err;

    mbedtls_x509_crt_init(&list);
    mbedtls_x509_crt_init(&chain);
    (void)hwi_tls_was_memory_short();
    err = hwi_tls_anchors_load(&list, anchors, why);
    if (err == 0) {
        err = chain_read(tls, &chain, why);
    }
    if (err == 0) {
        err = judge_again(tls, &chain, &list, why);
    }
    mbedtls_x509_crt_free(&chain);
    mbedtls_x509_crt_free(&list);
    return err;
}
