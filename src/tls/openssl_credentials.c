/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Anchors, own certificate chain and private key, from PEM or DER bytes into an
 * SSL_CTX. Whatever is wrong with them is said now and by name, not at the
 * handshake: a CA file that is empty or holds something else must never lead to
 * a connection (RFC 5280 4.2.1.9 for what a CA certificate is).
 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "tls/openssl_parts.h"

/* What is being read, for messages. */
#define ROLE_CA    "the CA file"
#define ROLE_CHAIN "the certificate file"
#define ROLE_KEY   "the key file"

#define RSA_BITS_MIN 2048
#define EC_BITS_MIN  256

static int setup_failed(struct hwi_tls_failure *why, const char *role,
                        const char *words)
{
    return hwi_tls_blame(why, HAWSER_CAUSE_TLS_SETUP, "%s %s", role, words);
}

static int no_memory(struct hwi_tls_failure *why)
{
    return hwi_tls_blame(why, HAWSER_CAUSE_TLS_MEMORY, "no memory for TLS");
}

/* Answers NULL if the key will do, else what is wrong with it. */
static const char *key_fault(const EVP_PKEY *key)
{
    int kind;
    int bits;

    if (key == NULL) {
        return "its key cannot be read";
    }
    kind = EVP_PKEY_get_base_id(key);
    bits = EVP_PKEY_get_bits(key);
    if (kind == EVP_PKEY_RSA || kind == EVP_PKEY_RSA_PSS) {
        return bits >= RSA_BITS_MIN ? NULL : "its RSA key has under 2048 bits";
    }
    if (kind == EVP_PKEY_EC) {
        return bits >= EC_BITS_MIN ? NULL : "its EC key has under 256 bits";
    }
    if (kind == EVP_PKEY_ED25519 || kind == EVP_PKEY_ED448) {
        return NULL;
    }
    return "its key is neither RSA, EC nor Ed25519";
}

static bool is_certificate_label(const char *label)
{
    return strcmp(label, PEM_STRING_X509) == 0 ||
           strcmp(label, PEM_STRING_X509_OLD) == 0;
}

/* The next PEM block into *out: 0; no further block: 0 and *out NULL. */
static int pem_certificate_next(BIO *in, const char *role, X509 **out,
                                struct hwi_tls_failure *why)
{
    char *label = NULL;
    char *header = NULL;
    unsigned char *bytes = NULL;
    const unsigned char *at;
    long len = 0;
    int err = 0;

    *out = NULL;
    ERR_clear_error();
    if (!PEM_read_bio(in, &label, &header, &bytes, &len)) {
        if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
            err =
                setup_failed(why, role, "is cut short or damaged (broken PEM)");
        }
        ERR_clear_error();
        return err;
    }
    at = bytes;
    if (strstr(label, "PRIVATE KEY") != NULL) {
        err = setup_failed(why, role,
                           "holds a private key where a certificate belongs");
    } else if (!is_certificate_label(label)) {
        err = setup_failed(why, role, "holds something else than certificates");
    } else if ((*out = d2i_X509(NULL, &at, len)) == NULL || at != bytes + len) {
        err = setup_failed(why, role, "holds a damaged certificate");
    }
    if (err != 0) {
        X509_free(*out);
        *out = NULL;
    }
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_clear_free(bytes, (size_t)len); /* perhaps a key in a wrong place */
    return err;
}

/* DER certificates, one behind the other. */
static int der_certificates(struct hawser_view file, const char *role,
                            STACK_OF(X509) * out, struct hwi_tls_failure *why)
{
    const unsigned char *at = file.at;
    const unsigned char *end = file.at + file.len;

    while (at < end) {
        X509 *certificate = d2i_X509(NULL, &at, (long)(end - at));

        if (certificate == NULL) {
            return setup_failed(why, role,
                                "is neither PEM nor whole DER certificates");
        }
        if (!sk_X509_push(out, certificate)) {
            X509_free(certificate);
            return no_memory(why);
        }
    }
    return 0;
}

static int pem_certificates(struct hawser_view file, const char *role,
                            STACK_OF(X509) * out, struct hwi_tls_failure *why)
{
    BIO *in = BIO_new_mem_buf(file.at, (int)file.len);
    X509 *certificate;
    int err;

    if (in == NULL) {
        return no_memory(why);
    }
    for (;;) {
        err = pem_certificate_next(in, role, &certificate, why);
        if (err != 0 || certificate == NULL) {
            break;
        }
        if (!sk_X509_push(out, certificate)) {
            X509_free(certificate);
            err = no_memory(why);
            break;
        }
    }
    BIO_free(in);
    if (err == 0 && sk_X509_num(out) == 0) {
        err = setup_failed(why, role,
                           "holds no certificate (neither PEM nor DER)");
    }
    return err;
}

/* Reads all certificates of a file. NULL and *why on failure. */
static STACK_OF(X509) * certificates_read(struct hawser_view file,
                                          const char *role,
                                          struct hwi_tls_failure *why)
{
    STACK_OF(X509) *list = sk_X509_new_null();
    int err;

    if (list == NULL) {
        err = no_memory(why);
    } else if (file.len == 0) {
        err = setup_failed(why, role, "is empty");
    } else if (file.len > INT_MAX) {
        err = setup_failed(why, role, "is too large");
    } else if (file.at[0] == 0x30) { /* DER: a SEQUENCE */
        err = der_certificates(file, role, list, why);
    } else {
        err = pem_certificates(file, role, list, why);
    }
    if (err == 0) {
        return list;
    }
    sk_X509_pop_free(list, X509_free);
    return NULL;
}

/* An anchor must be a CA certificate by its own words: basicConstraints with
 * CA true and, if it has keyUsage, keyCertSign. Old v1 roots do not pass. */
static int anchor_check(X509 *anchor, struct hwi_tls_failure *why)
{
    const char *fault = key_fault(X509_get0_pubkey(anchor));
    char subject[64];

    if (fault == NULL && (X509_get_extension_flags(anchor) & EXFLAG_INVALID)) {
        fault = "one of its extensions is damaged";
    }
    if (fault == NULL && X509_check_ca(anchor) != 1) {
        fault = "it is not a CA certificate";
    }
    if (fault == NULL) {
        return 0;
    }
    hwi_tls_name_text(X509_get_subject_name(anchor), subject, sizeof subject);
    return hwi_tls_blame(why, HAWSER_CAUSE_TLS_SETUP,
                         ROLE_CA " holds \"%s\", but %s", subject, fault);
}

static int anchors_add(X509_STORE *store, STACK_OF(X509) * anchors,
                       struct hwi_tls_failure *why)
{
    bool has_root = false;
    int i;

    for (i = 0; i < sk_X509_num(anchors); i++) {
        X509 *anchor = sk_X509_value(anchors, i);
        int err = anchor_check(anchor, why);

        if (err != 0) {
            return err;
        }
        if (!X509_STORE_add_cert(store, anchor)) {
            return no_memory(why);
        }
        has_root |= (X509_get_extension_flags(anchor) & EXFLAG_SS) != 0;
    }
    /* A chain ends at a self-signed certificate or is not accepted. */
    if (!has_root) {
        return setup_failed(why, ROLE_CA,
                            "holds no root: add the self-signed CA "
                            "certificate above the intermediate one");
    }
    return 0;
}

int hwi_tls_anchors_load(X509_STORE *store, struct hawser_view file,
                         struct hwi_tls_failure *why)
{
    STACK_OF(X509) *anchors = certificates_read(file, ROLE_CA, why);
    int err;

    if (anchors == NULL) {
        return HAWSER_E_LINK;
    }
    err = anchors_add(store, anchors, why);
    sk_X509_pop_free(anchors, X509_free);
    return err;
}

int hwi_tls_anchors_check(struct hawser_view anchors,
                          struct hwi_tls_failure *why)
{
    X509_STORE *store = X509_STORE_new();
    int err;

    if (store == NULL) {
        return hwi_tls_blame(why, HAWSER_CAUSE_TLS_MEMORY, "no memory for TLS");
    }
    err = hwi_tls_anchors_load(store, anchors, why);
    X509_STORE_free(store);
    ERR_clear_error();
    return err;
}

/* OpenSSL refuses a weak own certificate too (security level), but says so in
 * words of its own. */
static int chain_use(SSL_CTX *ctx, STACK_OF(X509) * chain,
                     struct hwi_tls_failure *why)
{
    const char *fault = key_fault(X509_get0_pubkey(sk_X509_value(chain, 0)));
    int i;

    if (fault != NULL) {
        return hwi_tls_blame(why, HAWSER_CAUSE_TLS_SETUP,
                             ROLE_CHAIN " is not usable: %s", fault);
    }
    if (!SSL_CTX_use_certificate(ctx, sk_X509_value(chain, 0))) {
        return setup_failed(why, ROLE_CHAIN,
                            "is too weak (key or signature) for TLS today");
    }
    for (i = 1; i < sk_X509_num(chain); i++) {
        if (!SSL_CTX_add1_chain_cert(ctx, sk_X509_value(chain, i))) {
            return setup_failed(why, ROLE_CHAIN,
                                "has an intermediate that is too weak");
        }
    }
    return 0;
}

static int chain_load(struct hwi_tls_context *context, struct hawser_view file,
                      struct hwi_tls_failure *why)
{
    STACK_OF(X509) *chain = certificates_read(file, ROLE_CHAIN, why);
    int err;

    if (chain == NULL) {
        return HAWSER_E_LINK;
    }
    err = chain_use(context->ssl_ctx, chain, why);
    context->own_not_after_s =
        hwi_tls_time_s(X509_get0_notAfter(sk_X509_value(chain, 0)));
    sk_X509_pop_free(chain, X509_free);
    return err;
}

/* Set when OpenSSL wanted a passphrase for the key. */
static int passphrase_wanted(char *out, int size, int is_writing, void *wanted)
{
    (void)out;
    (void)size;
    (void)is_writing;
    *(bool *)wanted = true;
    return -1;
}

static EVP_PKEY *key_read(struct hawser_view file, bool *is_encrypted)
{
    EVP_PKEY *key;
    BIO *in;

    if (file.at[0] == 0x30) {
        const unsigned char *at = file.at;
        return d2i_AutoPrivateKey(NULL, &at, (long)file.len);
    }
    in = BIO_new_mem_buf(file.at, (int)file.len);
    if (in == NULL) {
        return NULL;
    }
    key = PEM_read_bio_PrivateKey(in, NULL, passphrase_wanted, is_encrypted);
    BIO_free(in);
    return key;
}

static int key_load(SSL_CTX *ctx, struct hawser_view file,
                    struct hwi_tls_failure *why)
{
    bool is_encrypted = false;
    EVP_PKEY *key;
    int err = 0;

    if (file.len == 0) {
        return setup_failed(why, ROLE_KEY, "is empty or not given");
    }
    if (file.len > INT_MAX) {
        return setup_failed(why, ROLE_KEY, "is too large");
    }
    key = key_read(file, &is_encrypted);
    if (is_encrypted) {
        err = setup_failed(why, ROLE_KEY,
                           "is encrypted: a device has nobody to ask for the "
                           "passphrase");
    } else if (key == NULL) {
        err = setup_failed(why, ROLE_KEY, "holds no private key");
    } else if (SSL_CTX_use_PrivateKey(ctx, key) != 1 ||
               SSL_CTX_check_private_key(ctx) != 1) {
        err = setup_failed(why, ROLE_KEY, "does not match the certificate");
    }
    EVP_PKEY_free(key); /* wiped with its last user, the SSL_CTX */
    return err;
}

int hwi_tls_credentials_load(struct hwi_tls_context *context,
                             const struct hawser_credentials *credentials,
                             struct hwi_tls_failure *why)
{
    int err;

    context->has_own = false;
    context->own_not_after_s = 0;
    err = hwi_tls_anchors_load(SSL_CTX_get_cert_store(context->ssl_ctx),
                               credentials->ca, why);
    if (err == 0 && credentials->chain.at != NULL) {
        err = chain_load(context, credentials->chain, why);
        if (err == 0) {
            err = key_load(context->ssl_ctx, credentials->key, why);
        }
        context->has_own = err == 0;
    } else if (err == 0 && credentials->key.at != NULL) {
        err = setup_failed(why, ROLE_KEY, "is given without a certificate");
    }
    return err;
}
