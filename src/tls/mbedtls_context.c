/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The context: mbedTLS's configuration, made anew whenever the credentials are
 * others, and the binding of the session ticket.
 *
 * RFC 9325: TLS 1.2 at least, ECDHE with AEAD only, no renegotiation. No 0-RTT.
 */
#include <mbedtls/platform.h>
#include <mbedtls/platform_util.h>
#include <psa/crypto.h>
#include <string.h>

#include "tls/mbedtls_parts.h"

const mbedtls_x509_crt_profile hwi_tls_profile = {
    .allowed_mds = MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA256) |
                   MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA384) |
                   MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA512),
    .allowed_pks = 0xfffffff,
    .allowed_curves = MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP256R1) |
                      MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP384R1),
    .rsa_min_bitlen = 2048,
};

static const int ciphers[] = {
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    0,
};

/* P-256 first: mbedTLS needs a fraction of the instructions for it that it needs
 * for X25519. */
static const uint16_t groups[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};

#define SIGNATURES_BUT_PSS                         \
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,     \
        MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384, \
        MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,       \
        MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,       \
        MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512

/* PKCS 1 before PSS: a server that knows only TLS 1.2 may take the first that it
 * can, and mbedTLS cannot check PSS there. */
static const uint16_t signatures[] = {
    SIGNATURES_BUT_PSS,
    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,
    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,
    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,
    MBEDTLS_TLS1_3_SIG_NONE,
};

/* ... and for one that takes PSS all the same: TLS 1.2, or 1.3 with ECDSA. */
static const uint16_t signatures_but_pss[] = {
    SIGNATURES_BUT_PSS,
    MBEDTLS_TLS1_3_SIG_NONE,
};

struct hwi_tls_context *hwi_tls_context_create(void)
{
    return hwi_tls_library_start()
               ? mbedtls_calloc(1, sizeof(struct hwi_tls_context))
               : NULL;
}

void hwi_tls_loaded_release(struct hwi_tls_loaded *loaded)
{
    if (loaded == NULL || --loaded->users > 0) {
        return;
    }
    mbedtls_ssl_config_free(&loaded->config);
    mbedtls_x509_crt_free(&loaded->anchors);
    mbedtls_x509_crt_free(&loaded->chain);
    mbedtls_pk_free(&loaded->key); /* wiped */
    mbedtls_free(loaded);
}

/* Forgets the ticket and what was loaded. */
static void context_unload(struct hwi_tls_context *context)
{
    hwi_tls_ticket_drop(context);
    hwi_tls_loaded_release(context->loaded);
    context->loaded = NULL;
}

void hwi_tls_context_destroy(struct hwi_tls_context *context)
{
    if (context == NULL) {
        return;
    }
    context_unload(context);
    hwi_tls_presented_drop(context);
    mbedtls_platform_zeroize(context, sizeof *context);
    mbedtls_free(context);
}

static bool settings_apply(struct hwi_tls_loaded *loaded)
{
    mbedtls_ssl_config *config = &loaded->config;

    if (mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_CLIENT,
                                    MBEDTLS_SSL_TRANSPORT_STREAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT) != 0) {
        return false;
    }
    mbedtls_ssl_conf_rng(config, hwi_tls_random, NULL);
    mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_max_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_3);
    mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_legacy_renegotiation(config,
                                          MBEDTLS_SSL_LEGACY_BREAK_HANDSHAKE);
    mbedtls_ssl_conf_cert_profile(config, &hwi_tls_profile);
    mbedtls_ssl_conf_ciphersuites(config, ciphers);
    mbedtls_ssl_conf_groups(config, groups);
    mbedtls_ssl_conf_ca_chain(config, &loaded->anchors, NULL);
    mbedtls_ssl_conf_session_tickets(config,
                                     MBEDTLS_SSL_SESSION_TICKETS_ENABLED);
#if defined(MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED)
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
        config, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
#endif
    if (loaded->alpn_list[0] != NULL) {
        (void)mbedtls_ssl_conf_alpn_protocols(config, loaded->alpn_list);
    }
    return !loaded->has_own ||
           mbedtls_ssl_conf_own_cert(config, &loaded->chain, &loaded->key) == 0;
}

/* 0, or LINK: ALPN allows 1 to 255 bytes. */
static int alpn_take(struct hwi_tls_loaded *loaded, struct hawser_view alpn,
                     struct hwi_tls_failure *why)
{
    if (alpn.at == NULL) {
        return 0;
    }
    if (alpn.len == 0 || alpn.len >= sizeof loaded->alpn ||
        memchr(alpn.at, 0, alpn.len) != NULL) {
        return hwi_tls_blame(why, HAWSER_CAUSE_TLS_SETUP,
                             "the ALPN name must have 1 to 255 bytes");
    }
    memcpy(loaded->alpn, alpn.at, alpn.len);
    loaded->alpn_list[0] = loaded->alpn;
    return 0;
}

static int context_load(struct hwi_tls_context *context,
                        const struct hawser_stream_target *target,
                        struct hwi_tls_failure *why)
{
    struct hwi_tls_loaded *loaded;
    int err;

    context_unload(context);
    (void)hwi_tls_was_memory_short();
    loaded = mbedtls_calloc(1, sizeof *loaded);
    if (loaded == NULL) {
        return hwi_tls_no_memory(why);
    }
    context->loaded = loaded;
    loaded->users = 1;
    mbedtls_ssl_config_init(&loaded->config);
    mbedtls_x509_crt_init(&loaded->anchors);
    mbedtls_x509_crt_init(&loaded->chain);
    mbedtls_pk_init(&loaded->key);
    err = alpn_take(loaded, target->alpn, why);
    if (err == 0) {
        err = hwi_tls_credentials_load(loaded, target->credentials, why);
    }
    if (err == 0 && !settings_apply(loaded)) {
        err = hwi_tls_no_memory(why);
    }
    /* Files must not be blamed for what memory did. */
    if (hwi_tls_was_memory_short()) {
        err = hwi_tls_no_memory(why);
    }
    if (err != 0) {
        context_unload(context);
    }
    return err;
}

/* Adds a field, with its length before it, to a digest. */
static void field_add(psa_hash_operation_t *digest, const void *bytes,
                      size_t len)
{
    const uint8_t prefix[] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16),
                              (uint8_t)(len >> 8), (uint8_t)len};

    (void)psa_hash_update(digest, prefix, sizeof prefix);
    if (len > 0) {
        (void)psa_hash_update(digest, bytes, len);
    }
}

/* A step that failed makes the end fail. */
static bool digest_end(psa_hash_operation_t *digest,
                       uint8_t out[HAWSER_DIGEST_SIZE])
{
    size_t len = 0;
    bool is_good =
        psa_hash_finish(digest, out, HAWSER_DIGEST_SIZE, &len) == PSA_SUCCESS;

    (void)psa_hash_abort(digest);
    return is_good;
}

static bool credentials_digest(const struct hawser_stream_target *target,
                               uint8_t out[HAWSER_DIGEST_SIZE])
{
    const struct hawser_credentials *credentials = target->credentials;
    psa_hash_operation_t digest = PSA_HASH_OPERATION_INIT;

    (void)psa_hash_setup(&digest, PSA_ALG_SHA_256);
    field_add(&digest, credentials->ca.at, credentials->ca.len);
    field_add(&digest, credentials->chain.at, credentials->chain.len);
    field_add(&digest, credentials->key.at, credentials->key.len);
    field_add(&digest, target->alpn.at, target->alpn.len);
    return digest_end(&digest, out);
}

static bool binding_digest(const uint8_t credentials[HAWSER_DIGEST_SIZE],
                           const struct hawser_stream_target *target,
                           uint8_t out[HAWSER_DIGEST_SIZE])
{
    psa_hash_operation_t digest = PSA_HASH_OPERATION_INIT;

    (void)psa_hash_setup(&digest, PSA_ALG_SHA_256);
    field_add(&digest, credentials, HAWSER_DIGEST_SIZE);
    field_add(&digest, target->host, strlen(target->host));
    field_add(&digest, &target->address.port, sizeof target->address.port);
    field_add(&digest, &target->dates.has_now, sizeof target->dates.has_now);
    return digest_end(&digest, out);
}

int hwi_tls_context_select(struct hwi_tls_context *context,
                           const struct hawser_stream_target *target,
                           struct hwi_tls_failure *why)
{
    uint8_t credentials[HAWSER_DIGEST_SIZE];
    uint8_t binding[HAWSER_DIGEST_SIZE];
    int err = 0;

    if (!credentials_digest(target, credentials) ||
        !binding_digest(credentials, target, binding)) {
        return hwi_tls_no_memory(why);
    }
    if (memcmp(binding, context->binding, sizeof binding) != 0) {
        hwi_tls_ticket_drop(context);
        context->has_spoken_tls = false;
        context->is_without_pss = false;
    }
    memcpy(context->binding, binding, sizeof binding);
    if (context->loaded == NULL ||
        memcmp(credentials, context->credentials, sizeof credentials) != 0) {
        memcpy(context->credentials, credentials, sizeof credentials);
        err = context_load(context, target, why);
    }
    if (err == 0) {
        mbedtls_ssl_conf_sig_algs(&context->loaded->config,
                                  context->is_without_pss ? signatures_but_pss
                                                          : signatures);
    }
    return err;
}
