/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys from PEM to points, by OpenSSL.
 */
#include "update_keys.h"

#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

static bool is_p256(const EVP_PKEY *key)
{
    char group[32] = "";

    return EVP_PKEY_is_a(key, "EC") &&
           EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME,
                                          group, sizeof(group), NULL) &&
           strcmp(group, "prime256v1") == 0;
}

/* Takes the next key of the file. NULL: that went well; else what is wrong. */
static const char *take_key(EVP_PKEY *key, struct hawser_cli_update_keys *out)
{
    size_t len = 0;

    if (out->count == HAWSER_UPDATE_KEYS) {
        return "holds more than two public keys";
    }
    if (!is_p256(key)) {
        return "holds a public key that is not on P-256";
    }
    if (!EVP_PKEY_get_octet_string_param(
            key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, out->points[out->count],
            HAWSER_POINT_SIZE, &len) ||
        len != HAWSER_POINT_SIZE) {
        return "holds a public key that cannot be read";
    }
    out->count++;
    return NULL;
}

static const char *take_keys(BIO *in, struct hawser_cli_update_keys *out)
{
    const char *wrong = NULL;
    EVP_PKEY *key;

    while (wrong == NULL &&
           (key = PEM_read_bio_PUBKEY(in, NULL, NULL, NULL)) != NULL) {
        wrong = take_key(key, out);
        EVP_PKEY_free(key);
    }
    if (wrong == NULL && out->count == 0) {
        wrong = "holds no public key; openssl pkey -pubout makes one";
    }
    return wrong;
}

bool hawser_cli_update_keys_read(const struct hawser_cli_file *pem,
                                 struct hawser_cli_update_keys *out,
                                 struct hawser_cli_text *why)
{
    BIO *in =
        pem->len > INT_MAX ? NULL : BIO_new_mem_buf(pem->bytes, (int)pem->len);
    const char *wrong;

    out->count = 0;
    if (in == NULL) {
        hawser_cli_text_add(why, "not enough memory");
        return false;
    }
    wrong = take_keys(in, out);
    BIO_free(in);
    ERR_clear_error();
    if (wrong != NULL) {
        hawser_cli_text_add(why, wrong);
    }
    return wrong == NULL;
}
