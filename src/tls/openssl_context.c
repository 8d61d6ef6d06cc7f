/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The context: an SSL_CTX with the protocol's settings, made anew whenever the
 * credentials are others, and the binding of the session tickets.
 *
 * RFC 9325: TLS 1.2 at least, ECDHE with AEAD only, no compression, no
 * renegotiation. No 0-RTT: nothing here ever writes early data.
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <string.h>

#include "tls/openssl_parts.h"

/* RFC 9325 4.2: what TLS 1.2 may use. */
#define CIPHERS_TLS12                \
    "ECDHE-ECDSA-AES128-GCM-SHA256:" \
    "ECDHE-RSA-AES128-GCM-SHA256:"   \
    "ECDHE-ECDSA-AES256-GCM-SHA384:" \
    "ECDHE-RSA-AES256-GCM-SHA384:"   \
    "ECDHE-ECDSA-CHACHA20-POLY1305:" \
    "ECDHE-RSA-CHACHA20-POLY1305"
#define CIPHERS_TLS13         \
    "TLS_AES_256_GCM_SHA384:" \
    "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"
#define GROUPS "X25519:P-256:P-384"
/* Security level 2 alone would still take SHA-224. */
#define SIGNATURES                                    \
    "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:" \
    "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:"        \
    "rsa_pss_rsae_sha512:rsa_pss_pss_sha256:"         \
    "rsa_pss_pss_sha384:rsa_pss_pss_sha512:"          \
    "RSA+SHA256:RSA+SHA384:RSA+SHA512"
/* Bytes of the server's certificate message: a chain of RSA 4096 needs some 8
 * KiB; OpenSSL's own limit is 100 KiB. */
#define CERTIFICATES_MAX (32L * 1024)

/* A look-up, which OpenSSL keeps; false: there is no such thing. */
#define IS_THERE(Kind, name)                                      \
    do {                                                          \
        EVP_##Kind *found = EVP_##Kind##_fetch(NULL, name, NULL); \
        EVP_##Kind##_free(found);                                 \
        is_whole = is_whole && found != NULL;                     \
    } while (0)

/* OpenSSL looks algorithms up once for the process, and looks at no failure:
 * where memory was short meanwhile, one is unknown for as long as the process
 * runs. Certificates signed with a digest are "weak" then, or nothing is left that
 * a server would take. So all that TLS needs is looked up before anything is. */
static bool is_library_whole(void)
{
    static const char *const digests[] = {"SHA256", "SHA384", "SHA512"};
    static const char *const ciphers[] = {"AES-128-GCM", "AES-256-GCM"};
    static const char *const signatures[] = {"ECDSA", "RSA"};
    static const char *const exchanges[] = {"ECDH", "X25519"};
    static const char *const keys[] = {"EC", "X25519", "RSA", "RSA-PSS"};
    static const char *const derivations[] = {"TLS13-KDF", "TLS1-PRF", "HKDF"};
    bool is_whole = true;
    size_t i;

    for (i = 0; i < sizeof digests / sizeof digests[0]; i++) {
        is_whole = is_whole && EVP_get_digestbyname(digests[i]) != NULL;
        IS_THERE(MD, digests[i]);
    }
    for (i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++) {
        IS_THERE(CIPHER, ciphers[i]);
    }
    for (i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
        IS_THERE(SIGNATURE, signatures[i]);
    }
    for (i = 0; i < sizeof exchanges / sizeof exchanges[0]; i++) {
        IS_THERE(KEYEXCH, exchanges[i]);
    }
    for (i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        IS_THERE(KEYMGMT, keys[i]);
    }
    for (i = 0; i < sizeof derivations / sizeof derivations[0]; i++) {
        IS_THERE(KDF, derivations[i]);
    }
    IS_THERE(MAC, "HMAC");
    return is_whole;
}

struct hwi_tls_context *hwi_tls_context_create(void)
{
    struct hwi_tls_context *context =
        is_library_whole() ? OPENSSL_zalloc(sizeof *context) : NULL;

    if (context == NULL) {
        return NULL;
    }
    context->transport_method = hwi_tls_transport_method();
    if (context->transport_method == NULL) {
        OPENSSL_free(context);
        return NULL;
    }
    return context;
}

void hwi_tls_context_unload(struct hwi_tls_context *context)
{
    hwi_tls_ticket_drop_all(context);
    SSL_CTX_free(context->ssl_ctx);
    context->ssl_ctx = NULL;
}

void hwi_tls_context_destroy(struct hwi_tls_context *context)
{
    if (context == NULL) {
        return;
    }
    hwi_tls_context_unload(context);
    BIO_meth_free(context->transport_method);
    OPENSSL_clear_free(context, sizeof *context);
}

/* There is nobody to ask for a passphrase; OpenSSL would ask the terminal. */
static int no_passphrase(char *out, int size, int is_writing, void *ctx)
{
    (void)out;
    (void)size;
    (void)is_writing;
    (void)ctx;
    return -1;
}

/* All set by name here, so that a machine's openssl.cnf cannot loosen it. */
static bool settings_apply(SSL_CTX *ctx)
{
    SSL_CTX_set_security_level(ctx, 2);
    (void)SSL_CTX_clear_options(
        ctx, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF |
                 SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION | SSL_OP_NO_TLSv1_2 |
                 SSL_OP_NO_TLSv1_3 | SSL_OP_NO_TICKET |
                 SSL_OP_NO_EXTENDED_MASTER_SECRET);
    (void)SSL_CTX_set_options(ctx,
                              SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    (void)SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                    SSL_MODE_RELEASE_BUFFERS);
    /* A server that sends tickets or key updates without end must not hold us
     * in one call. */
    (void)SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
    (void)SSL_CTX_set_max_cert_list(ctx, CERTIFICATES_MAX);
    (void)SSL_CTX_set0_verify_cert_store(ctx, NULL);
    SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
    hwi_tls_verify_context(ctx);
    hwi_tls_ticket_context(ctx);
    return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) &&
           SSL_CTX_set_max_proto_version(ctx, 0) &&
           SSL_CTX_set_cipher_list(ctx, CIPHERS_TLS12) &&
           SSL_CTX_set_ciphersuites(ctx, CIPHERS_TLS13) &&
           SSL_CTX_set1_groups_list(ctx, GROUPS) &&
           SSL_CTX_set1_sigalgs_list(ctx, SIGNATURES);
}

static int no_memory(struct hwi_tls_failure *why)
{
    return hwi_tls_blame(why, HAWSER_CAUSE_TLS_MEMORY, "no memory for TLS");
}

static int context_load(struct hwi_tls_context *context,
                        const struct hawser_credentials *credentials,
                        struct hwi_tls_failure *why)
{
    bool is_out_of_memory = false;
    int err;

    hwi_tls_context_unload(context);
    ERR_clear_error();
    context->ssl_ctx = SSL_CTX_new(TLS_client_method());
    if (context->ssl_ctx == NULL) {
        return no_memory(why);
    }
    if (!settings_apply(context->ssl_ctx)) {
        err = hwi_tls_blame(why, HAWSER_CAUSE_TLS_SETUP,
                            "this OpenSSL lacks the ciphers, groups or "
                            "signatures that TLS needs today");
    } else {
        err = hwi_tls_credentials_load(context, credentials, why);
    }
    (void)hwi_tls_queue_empty(&is_out_of_memory);
    if (err == 0) {
        return 0;
    }
    hwi_tls_context_unload(context);
    /* Files must not be blamed for what memory did. */
    if (is_out_of_memory) {
        err = no_memory(why);
    }
    return err;
}

bool hwi_tls_digest_field(EVP_MD_CTX *digest, const void *bytes, size_t len)
{
    uint64_t prefix = len;

    return EVP_DigestUpdate(digest, &prefix, sizeof prefix) &&
           (len == 0 || EVP_DigestUpdate(digest, bytes, len));
}

static bool credentials_digest(EVP_MD_CTX *digest,
                               const struct hawser_credentials *credentials,
                               uint8_t out[HWI_DIGEST_SIZE])
{
    const struct hawser_view *parts[] = {&credentials->ca, &credentials->chain,
                                         &credentials->key};
    bool is_good = EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
    size_t i;

    for (i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        is_good = is_good &&
                  hwi_tls_digest_field(digest, parts[i]->at, parts[i]->len);
    }
    return is_good && EVP_DigestFinal_ex(digest, out, NULL);
}

static bool binding_digest(EVP_MD_CTX *digest,
                           const uint8_t credentials[HWI_DIGEST_SIZE],
                           const struct hawser_stream_target *target,
                           uint8_t out[HWI_DIGEST_SIZE])
{
    uint16_t port = target->address.port;
    bool has_now = target->dates.has_now;

    return EVP_DigestInit_ex(digest, EVP_sha256(), NULL) &&
           hwi_tls_digest_field(digest, credentials, HWI_DIGEST_SIZE) &&
           hwi_tls_digest_field(digest, target->host, strlen(target->host)) &&
           hwi_tls_digest_field(digest, &port, sizeof port) &&
           hwi_tls_digest_field(digest, target->alpn.at, target->alpn.len) &&
           hwi_tls_digest_field(digest, &has_now, sizeof has_now) &&
           EVP_DigestFinal_ex(digest, out, NULL);
}

int hwi_tls_context_select(struct hwi_tls_context *context,
                           const struct hawser_stream_target *target,
                           struct hwi_tls_failure *why)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    uint8_t credentials[HWI_DIGEST_SIZE];
    uint8_t binding[HWI_DIGEST_SIZE];
    bool is_good =
        digest != NULL &&
        credentials_digest(digest, target->credentials, credentials) &&
        binding_digest(digest, credentials, target, binding);

    EVP_MD_CTX_free(digest);
    if (!is_good) {
        return no_memory(why);
    }
    if (memcmp(binding, context->binding, sizeof binding) != 0) {
        hwi_tls_ticket_drop_all(context);
        context->has_spoken_tls = false;
    }
    memcpy(context->binding, binding, sizeof binding);
    if (context->ssl_ctx != NULL &&
        memcmp(credentials, context->credentials, sizeof credentials) == 0) {
        return 0;
    }
    memcpy(context->credentials, credentials, sizeof credentials);
    return context_load(context, target->credentials, why);
}
