/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys. New ones are always P-256: every library of small devices has
 * it, its certificates are the smallest and its handshakes the cheapest.
 */
#include "pki_key.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "cli.h"
#include "pki_file.h"

#define PASSPHRASE_MIN 8

/* What a stolen key file costs to try a passphrase on; a tenth of a second for
 * its owner. */
#define PBKDF2_ROUNDS 600000

const char *hwi_openssl_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason == NULL ? "OpenSSL gives no reason" : reason;
}

int hwi_key_make(EVP_PKEY **out)
{
    *out = EVP_EC_gen("P-256");
    if (*out == NULL) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "no key can be made: %s",
                            hwi_openssl_reason());
    }
    return 0;
}

const char *hwi_key_problem(const EVP_PKEY *key)
{
    int bits = EVP_PKEY_get_bits(key);
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
        return bits < 2048 ? "an RSA key below 2048 bits is too weak" : NULL;
    case EVP_PKEY_EC:
        return bits < 256 ? "an elliptic curve below 256 bits is too weak"
                          : NULL;
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
        return NULL;
    default:
        return "its key is neither RSA, an elliptic curve nor Ed25519";
    }
}

/* PEM of the key in clear. */
static bool put_clear(BIO *bio, EVP_PKEY *key)
{
    return PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) ==
           1;
}

/* PEM of the key under the passphrase: PBES2 with more rounds than OpenSSL's
 * own 2048. */
static bool put_sealed(BIO *bio, EVP_PKEY *key, const char *passphrase)
{
    X509_ALGOR *scheme = PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), PBKDF2_ROUNDS,
                                           NULL, 0, NULL, NID_hmacWithSHA256);
    PKCS8_PRIV_KEY_INFO *clear = EVP_PKEY2PKCS8(key);
    X509_SIG *sealed = NULL;

    if (scheme != NULL && clear != NULL) {
        sealed =
            PKCS8_set0_pbe(passphrase, (int)strlen(passphrase), clear, scheme);
    }
    if (sealed == NULL) {
        X509_ALGOR_free(scheme); /* else it went into sealed */
    }
    bool good = sealed != NULL && PEM_write_bio_PKCS8(bio, sealed) == 1;
    X509_SIG_free(sealed);
    PKCS8_PRIV_KEY_INFO_free(clear);
    return good;
}

int hwi_key_write(const char *path, EVP_PKEY *key, const char *passphrase)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    bool good =
        bio != NULL && (passphrase == NULL ? put_clear(bio, key)
                                           : put_sealed(bio, key, passphrase));
    int code;
    if (good) {
        char *pem = NULL;
        long len = BIO_get_mem_data(bio, &pem);
        code = hwi_pki_write_new(path, pem, (size_t)len, 0600);
    } else {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "%s: the key is not made: %s",
                            path, hwi_openssl_reason());
    }
    BIO_free(bio);
    return code;
}

/* Answers the passphrase to OpenSSL; -1 without one, so that it never asks at
 * the terminal. */
static int give_passphrase(char *out, int size, int writing, void *ctx)
{
    const char *passphrase = ctx;
    (void)writing;
    if (passphrase == NULL || strlen(passphrase) > (size_t)size) {
        return -1;
    }
    memcpy(out, passphrase, strlen(passphrase));
    return (int)strlen(passphrase);
}

int hwi_key_read(const char *path, const char *passphrase, EVP_PKEY **out)
{
    char *text = NULL;
    size_t len = 0;
    *out = NULL;
    int code = hwi_pki_read_secret(path, &text, &len);
    if (code != 0) {
        return code;
    }
    bool sealed = strstr(text, "ENCRYPTED") != NULL;
    BIO *bio = BIO_new_mem_buf(text, (int)len);
    if (bio != NULL) {
        /* OpenSSL only reads it; the callback's context is not const. */
        *out = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase,
                                       (void *)(uintptr_t)passphrase);
    }
    BIO_free(bio);
    hwi_pki_forget(text, len);
    if (*out != NULL) {
        return 0;
    }
    const char *reason = hwi_openssl_reason();
    if (sealed && passphrase == NULL) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s is encrypted; give --passphrase-file FILE",
                            path);
    }
    if (sealed) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: the passphrase does not fit", path);
    }
    return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                        "%s: there is no private key in it (%s)", path, reason);
}

int hwi_passphrase_read(const char *path, char **out)
{
    size_t len = 0;
    *out = NULL;
    if (path == NULL) {
        return 0;
    }
    int code = hwi_pki_read_secret(path, out, &len);
    if (code != 0) {
        return code;
    }
    size_t line = strcspn(*out, "\r\n");
    OPENSSL_cleanse(*out + line, len - line);
    if (line < PASSPHRASE_MIN) {
        hwi_pki_forget(*out, len);
        *out = NULL;
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: a passphrase needs %d bytes at least", path,
                            PASSPHRASE_MIN);
    }
    return 0;
}
