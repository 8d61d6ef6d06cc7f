/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Anchors, own certificate chain and private key, from PEM or DER bytes.
 * Whatever is wrong with them is said now and by name, not at the handshake; a
 * file with one bad block is refused as a whole, where mbedTLS would take what it
 * can (RFC 5280 4.2.1.9 for what a CA certificate is).
 */
#include <mbedtls/pem.h>
#include <mbedtls/platform.h>
#include <mbedtls/platform_util.h>
#include <string.h>

#include "tls/mbedtls_parts.h"

/* What is being read, for messages. */
#define ROLE_CA    "the CA file"
#define ROLE_CHAIN "the certificate file"
#define ROLE_KEY   "the key file"

#define BEGIN          "-----BEGIN "
#define END            "-----END "
#define CERTIFICATE    "CERTIFICATE-----"
#define FILE_BYTES_MAX 65535u

static int setup_failed(struct hwi_tls_failure *why, const char *role,
                        const char *words)
{
    return hwi_tls_blame(why, HAWSER_CAUSE_TLS_SETUP, "%s %s", role, words);
}

/* What is in a PEM block is no certificate: why. */
static int label_failed(const char *label, const char *role,
                        struct hwi_tls_failure *why)
{
    const char *end = strchr(label, '\n');
    const char *key = strstr(label, "PRIVATE KEY");

    return setup_failed(why, role,
                        key != NULL && (end == NULL || key < end)
                            ? "holds a private key where a certificate belongs"
                            : "holds something else than certificates");
}

/* The PEM block at text; moves *text behind it. */
static int block_read(mbedtls_x509_crt *out, const char **text,
                      const char *role, struct hwi_tls_failure *why)
{
    mbedtls_pem_context pem;
    mbedtls_x509_crt *last = out;
    size_t used = 0;
    int err = 0;

    mbedtls_pem_init(&pem);
    if (mbedtls_pem_read_buffer(&pem, BEGIN CERTIFICATE, END CERTIFICATE,
                                (const unsigned char *)*text, NULL, 0,
                                &used) != 0) {
        err = setup_failed(why, role, "is cut short or damaged (broken PEM)");
    } else if (mbedtls_x509_crt_parse_der(out, pem.buf, pem.buflen) != 0) {
        err = setup_failed(why, role,
                           "holds a damaged certificate, or one of a kind that "
                           "is not known here");
    }
    while (last->next != NULL) {
        last = last->next;
    }
    if (err == 0 && last->raw.len != pem.buflen) {
        err = setup_failed(why, role, "holds a damaged certificate");
    }
    mbedtls_pem_free(&pem);
    *text += used;
    return err;
}

static int pem_certificates(mbedtls_x509_crt *out, const char *text,
                            const char *role, struct hwi_tls_failure *why)
{
    bool has_some = false;
    int err = 0;

    while (err == 0 && (text = strstr(text, BEGIN)) != NULL) {
        const char *label = text + strlen(BEGIN);

        err = strncmp(label, CERTIFICATE, strlen(CERTIFICATE)) == 0
                  ? block_read(out, &text, role, why)
                  : label_failed(label, role, why);
        has_some = true;
    }
    return has_some ? err
                    : setup_failed(why, role,
                                   "holds no certificate (neither PEM nor "
                                   "DER)");
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
    err = pem_certificates(out, text, role, why);
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

int hwi_tls_anchors_check(struct hawser_view anchors,
                          struct hwi_tls_failure *why)
{
    mbedtls_x509_crt list;
    int err;

    mbedtls_x509_crt_init(&list);
    (void)hwi_tls_was_memory_short();
    err = hwi_tls_library_start() ? hwi_tls_anchors_load(&list, anchors, why)
                                  : hwi_tls_no_memory(why);
    mbedtls_x509_crt_free(&list);
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

/* PEM says so in its first line (PKCS 8) or below it (older). */
static bool is_encrypted(struct hawser_view file)
{
    static const char word[] = "ENCRYPTED";
    size_t i;

    for (i = 0; i + sizeof word <= file.len; i++) {
        if (memcmp(file.at + i, word, sizeof word - 1) == 0) {
            return true;
        }
    }
    return false;
}

static int key_load(struct hwi_tls_loaded *loaded, struct hawser_view file,
                    struct hwi_tls_failure *why)
{
    int error;

    if (file.len == 0) {
        return setup_failed(why, ROLE_KEY, "is empty or not given");
    }
    error = hwi_tls_key_read(&loaded->key, file);
    if (error != 0 && is_encrypted(file)) {
        return setup_failed(why, ROLE_KEY,
                            "is encrypted: a device has nobody to ask for the "
                            "passphrase");
    }
    if (error != 0) {
        return setup_failed(why, ROLE_KEY, "holds no private key");
    }
    if (mbedtls_pk_check_pair(&loaded->chain.pk, &loaded->key, hwi_tls_random,
                              NULL) != 0) {
        return setup_failed(why, ROLE_KEY, "does not match the certificate");
    }
    return 0;
}

static int own_load(struct hwi_tls_loaded *loaded,
                    const struct hawser_credentials *credentials,
                    struct hwi_tls_failure *why)
{
    int err =
        certificates_read(&loaded->chain, credentials->chain, ROLE_CHAIN, why);
    const char *fault = err == 0 ? hwi_tls_key_fault(&loaded->chain.pk) : NULL;

    if (fault != NULL) {
        return hwi_tls_blame(why, HAWSER_CAUSE_TLS_SETUP,
                             ROLE_CHAIN " is not usable: %s", fault);
    }
    if (err == 0) {
        err = key_load(loaded, credentials->key, why);
    }
    loaded->has_own = err == 0;
    loaded->own_not_after_s =
        err == 0 ? hwi_tls_time_s(&loaded->chain.valid_to) : 0;
    return err;
}

int hwi_tls_credentials_load(struct hwi_tls_loaded *loaded,
                             const struct hawser_credentials *credentials,
                             struct hwi_tls_failure *why)
{
    int err = hwi_tls_anchors_load(&loaded->anchors, credentials->ca, why);

    loaded->has_own = false;
    loaded->own_not_after_s = 0;
    if (err == 0 && credentials->chain.at != NULL) {
        err = own_load(loaded, credentials, why);
    } else if (err == 0 && credentials->key.at != NULL) {
        err = setup_failed(why, ROLE_KEY, "is given without a certificate");
    }
    return err;
}
