/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Anchors, own certificate chain and private key, from PEM or DER bytes.
 * Whatever is wrong with them is said now and by name, not at the handshake; a
 * file with one bad block is refused as a whole, where mbedTLS would take what it
 * can (RFC 5280 4.2.1.9 for what a CA certificate is).
 */
#include <mbedtls/platform.h>
#include <mbedtls/platform_util.h>
#include <string.h>

#include "tls/mbedtls_parts.h"

/* What is being read, for messages. */
#define ROLE_CA    "the CA file"
#define ROLE_CHAIN "the certificate file"
#define ROLE_KEY   "the key file"

#define BEGIN          "-----BEGIN "
#define CERTIFICATE    "CERTIFICATE-----"
#define FILE_BYTES_MAX 65535u

static int setup_failed(struct hwi_tls_failure *why, const char *role,
                        const char *words)
{
    return hwi_tls_blame(why, HAWSER_CAUSE_TLS_SETUP, "%s %s", role, words);
}

static size_t count_of(const mbedtls_x509_crt *list)
{
    size_t count = 0;

    for (; list != NULL && list->version != 0; list = list->next) {
        count++;
    }
    return count;
}

/* Counts the blocks; what is no certificate is an error. */
static int blocks_count(const char *text, const char *role, size_t *count,
                        struct hwi_tls_failure *why)
{
    const char *at = text;

    *count = 0;
    while ((at = strstr(at, BEGIN)) != NULL) {
        const char *end = strchr(at, '\n');

        at += strlen(BEGIN);
        if (strncmp(at, CERTIFICATE, strlen(CERTIFICATE)) != 0) {
            size_t len = end != NULL && end > at ? (size_t)(end - at) : 0;
            char label[32] = "";

            memcpy(label, at, len < sizeof label ? len : sizeof label - 1);
            return setup_failed(why, role,
                                strstr(label, "PRIVATE KEY") != NULL
                                    ? "holds a private key where a certificate "
                                      "belongs"
                                    : "holds something else than certificates");
        }
        (*count)++;
    }
    return *count > 0 ? 0
                      : setup_failed(why, role,
                                     "holds no certificate (neither "
                                     "PEM nor DER)");
}

static int pem_certificates(mbedtls_x509_crt *out, const char *text, size_t len,
                            const char *role, struct hwi_tls_failure *why)
{
    size_t count = 0;
    int err = blocks_count(text, role, &count, why);

    if (err != 0) {
        return err;
    }
    if (mbedtls_x509_crt_parse(out, (const unsigned char *)text, len + 1) !=
            0 ||
        count_of(out) != count) {
        return setup_failed(why, role,
                            "is cut short or damaged, or holds a certificate "
                            "of a kind that is not known here");
    }
    return 0;
}

/* The length of the DER value at the start; 0: it is none, or cut short. */
static size_t der_len(const uint8_t *at, size_t len)
{
    size_t head = 2;
    size_t body;

    if (len < 2 || at[0] != 0x30) {
        return 0;
    }
    body = at[1];
    if (body == 0x81 || body == 0x82) {
        head += body & 3;
        if (len < head) {
            return 0;
        }
        body = head == 3 ? at[2] : (size_t)at[2] << 8 | at[3];
    } else if (body > 0x7f) {
        return 0;
    }
    return body <= len - head ? head + body : 0;
}

/* DER certificates, one behind the other. */
static int der_certificates(mbedtls_x509_crt *out, struct hawser_view file,
                            const char *role, struct hwi_tls_failure *why)
{
    while (file.len > 0) {
        size_t len = der_len(file.at, file.len);

        if (len == 0 || mbedtls_x509_crt_parse_der(out, file.at, len) != 0) {
            return setup_failed(why, role,
                                "is neither PEM nor whole DER certificates");
        }
        file.at += len;
        file.len -= len;
    }
    return 0;
}

/* A copy with a zero byte behind it, as mbedTLS wants PEM. NULL: no memory. */
static char *text_of(struct hawser_view file)
{
    char *text = mbedtls_calloc(1, file.len + 1);

    if (text != NULL) {
        memcpy(text, file.at, file.len);
    }
    return text;
}

static void text_free(char *text, size_t len)
{
    if (text != NULL) {
        mbedtls_platform_zeroize(text, len);
        mbedtls_free(text);
    }
}

static int certificates_read(mbedtls_x509_crt *out, struct hawser_view file,
                             const char *role, struct hwi_tls_failure *why)
{
    char *text;
    int err;

    if (file.len == 0) {
        return setup_failed(why, role, "is empty");
    }
    if (file.len > FILE_BYTES_MAX) {
        return setup_failed(why, role, "is too large");
    }
    if (file.at[0] == 0x30) { /* DER: a SEQUENCE */
        return der_certificates(out, file, role, why);
    }
    text = text_of(file);
    if (text == NULL) {
        return hwi_tls_no_memory(why);
    }
    err = pem_certificates(out, text, file.len, role, why);
    text_free(text, file.len); /* perhaps a key in a wrong place */
    return err;
}

/* An anchor must be a CA certificate by its own words: basicConstraints with
 * CA true and, if it has keyUsage, keyCertSign. Old v1 roots do not pass. */
static int anchor_check(const mbedtls_x509_crt *anchor,
                        struct hwi_tls_failure *why)
{
    const char *fault = hwi_tls_key_fault(&anchor->pk);
    char subject[64];

    if (fault == NULL && !hwi_tls_is_ca(anchor)) {
        fault = "it is not a CA certificate";
    }
    if (fault == NULL) {
        return 0;
    }
    hwi_tls_name_text(&anchor->subject, subject, sizeof subject);
    return hwi_tls_blame(why, HAWSER_CAUSE_TLS_SETUP,
                         ROLE_CA " holds \"%s\", but %s", subject, fault);
}

int hwi_tls_anchors_load(mbedtls_x509_crt *out, struct hawser_view file,
                         struct hwi_tls_failure *why)
{
    int err = certificates_read(out, file, ROLE_CA, why);
    const mbedtls_x509_crt *at;
    bool has_root = false;

    for (at = out; err == 0 && at != NULL; at = at->next) {
        err = anchor_check(at, why);
        has_root |= hwi_tls_is_named_alike(&at->issuer_raw, &at->subject_raw);
    }
    if (err == 0 && !has_root) {
        err = setup_failed(why, ROLE_CA,
                           "holds no root: add the self-signed CA "
                           "certificate above the intermediate one");
    }
    if (err != 0 && hwi_tls_was_memory_short()) {
        err = hwi_tls_no_memory(why);
    }
    return err;
}

int hwi_tls_key_read(mbedtls_pk_context *out, struct hawser_view file)
{
    char *text;
    int error;

    if (file.len == 0 || file.len > FILE_BYTES_MAX) {
        return MBEDTLS_ERR_PK_KEY_INVALID_FORMAT;
    }
    if (file.at[0] == 0x30) {
        return mbedtls_pk_parse_key(out, file.at, file.len, NULL, 0,
                                    hwi_tls_random, NULL);
    }
    text = text_of(file);
    if (text == NULL) {
        return MBEDTLS_ERR_PK_ALLOC_FAILED;
    }
    error = mbedtls_pk_parse_key(out, (const unsigned char *)text, file.len + 1,
                                 NULL, 0, hwi_tls_random, NULL);
    text_free(text, file.len);
    return error;
}

static int key_load(struct hwi_tls_context *context, struct hawser_view file,
                    struct hwi_tls_failure *why)
{
    int error;

    if (file.len == 0) {
        return setup_failed(why, ROLE_KEY, "is empty or not given");
    }
    error = hwi_tls_key_read(&context->key, file);
    if (error == MBEDTLS_ERR_PK_PASSWORD_REQUIRED ||
        error == MBEDTLS_ERR_PK_PASSWORD_MISMATCH) {
        return setup_failed(why, ROLE_KEY,
                            "is encrypted: a device has nobody to ask for the "
                            "passphrase");
    }
    if (error != 0) {
        return setup_failed(why, ROLE_KEY, "holds no private key");
    }
    if (mbedtls_pk_check_pair(&context->chain.pk, &context->key, hwi_tls_random,
                              NULL) != 0) {
        return setup_failed(why, ROLE_KEY, "does not match the certificate");
    }
    return 0;
}

static int own_load(struct hwi_tls_context *context,
                    const struct hawser_credentials *credentials,
                    struct hwi_tls_failure *why)
{
    int err =
        certificates_read(&context->chain, credentials->chain, ROLE_CHAIN, why);
    const char *fault = err == 0 ? hwi_tls_key_fault(&context->chain.pk) : NULL;

    if (fault != NULL) {
        return hwi_tls_blame(why, HAWSER_CAUSE_TLS_SETUP,
                             ROLE_CHAIN " is not usable: %s", fault);
    }
    if (err == 0) {
        err = key_load(context, credentials->key, why);
    }
    context->has_own = err == 0;
    context->own_not_after_s =
        err == 0 ? hwi_tls_time_s(&context->chain.valid_to) : 0;
    return err;
}

int hwi_tls_credentials_load(struct hwi_tls_context *context,
                             const struct hawser_credentials *credentials,
                             struct hwi_tls_failure *why)
{
    int err = hwi_tls_anchors_load(&context->anchors, credentials->ca, why);

    context->has_own = false;
    context->own_not_after_s = 0;
    if (err == 0 && credentials->chain.at != NULL) {
        err = own_load(context, credentials, why);
    } else if (err == 0 && credentials->key.at != NULL) {
        err = setup_failed(why, ROLE_KEY, "is given without a certificate");
    }
    return err;
}
