/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys without a connection: does a signature belong to a pinned key? FIPS
 * 186-4 for ECDSA, SEC 1 2.3.4 for points.
 */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "tls/openssl_parts.h"

/* The key of a point on P-256. NULL: it is none. */
static EVP_PKEY *point_key(struct hawser_view point)
{
    char group[] = "P-256";
    OSSL_PARAM params[3];
    EVP_PKEY_CTX *ctx;
    EVP_PKEY *key = NULL;

    if (point.len != HAWSER_POINT_SIZE || point.at[0] != 0x04) {
        return NULL;
    }
    params[0] =
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
    params[1] = OSSL_PARAM_construct_octet_string(
        OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point.at, point.len);
    params[2] = OSSL_PARAM_construct_end();
    ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) > 0) {
        (void)EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
    }
    EVP_PKEY_CTX_free(ctx);
    return key;
}

int hwi_tls_verify_signature(const struct hawser_signature *signature)
{
    EVP_PKEY *key = point_key(signature->key);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool is_good =
        key != NULL && ctx != NULL &&
        EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) > 0 &&
        EVP_DigestVerify(ctx, signature->value.at, signature->value.len,
                         signature->bytes.at, signature->bytes.len) == 1;

    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return is_good ? 0 : HAWSER_E_ARG;
}
