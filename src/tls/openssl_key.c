/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys without a connection: does a signature belong to a pinned key, a key of
 * the device's own and the request for its certificate. FIPS 186-4 for ECDSA,
 * SEC 1 2.3.4 for points, RFC 5915 for keys, RFC 2986 for requests.
 */
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <string.h>

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

int hwi_tls_sha256(struct hawser_view bytes, uint8_t out[HAWSER_DIGEST_SIZE])
{
    return EVP_Digest(bytes.at, bytes.len, out, NULL, EVP_sha256(), NULL)
               ? 0
               : HAWSER_E_FULL;
}

/* Moves what OpenSSL has encoded to out; wipes and frees it. len <= 0: it could
 * not encode. */
static int encoded_take(unsigned char *bytes, int len, struct hawser_span out,
                        size_t *out_len)
{
    int err = HAWSER_E_FULL;

    if (len > 0 && (size_t)len <= out.size) {
        memcpy(out.at, bytes, (size_t)len);
        *out_len = (size_t)len;
        err = 0;
    }
    if (len > 0) {
        OPENSSL_clear_free(bytes, (size_t)len);
    }
    ERR_clear_error();
    return err;
}

int hwi_tls_key_create(struct hawser_span out, size_t *len)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    unsigned char *bytes = NULL;
    int bytes_len = key == NULL ? 0 : i2d_PrivateKey(key, &bytes);

    EVP_PKEY_free(key);
    return encoded_take(bytes, bytes_len, out, len);
}

/* There is nobody to ask. */
static int no_passphrase(char *out, int size, int is_writing, void *ctx)
{
    (void)out;
    (void)size;
    (void)is_writing;
    (void)ctx;
    return -1;
}

/* A private key, DER or PEM. NULL: it is none. */
static EVP_PKEY *key_read(struct hawser_view bytes)
{
    const unsigned char *at = bytes.at;
    EVP_PKEY *key = NULL;
    BIO *in;

    if (bytes.len == 0 || bytes.len > INT_MAX) {
        return NULL;
    }
    if (bytes.at[0] == 0x30) { /* DER: a SEQUENCE */
        return d2i_AutoPrivateKey(NULL, &at, (long)bytes.len);
    }
    in = BIO_new_mem_buf(bytes.at, (int)bytes.len);
    if (in != NULL) {
        key = PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL);
    }
    BIO_free(in);
    return key;
}

static bool request_fill(X509_REQ *request, EVP_PKEY *key,
                         const char *common_name)
{
    X509_NAME *subject = X509_REQ_get_subject_name(request);

    return X509_REQ_set_version(request, X509_REQ_VERSION_1) &&
           X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                      (const unsigned char *)common_name, -1,
                                      -1, 0) &&
           X509_REQ_set_pubkey(request, key) &&
           X509_REQ_sign(request, key, EVP_sha256()) > 0;
}

int hwi_tls_key_request(struct hawser_view key, const char *common_name,
                        struct hawser_span out, size_t *len)
{
    EVP_PKEY *own = key_read(key);
    X509_REQ *request = own == NULL ? NULL : X509_REQ_new();
    unsigned char *bytes = NULL;
    int bytes_len = 0;

    if (request != NULL && request_fill(request, own, common_name)) {
        bytes_len = i2d_X509_REQ(request, &bytes);
    }
    X509_REQ_free(request);
    EVP_PKEY_free(own);
    ERR_clear_error();
    if (own == NULL) {
        return HAWSER_E_ARG;
    }
    return encoded_take(bytes, bytes_len, out, len);
}

int hwi_tls_key_matches(struct hawser_view key, struct hawser_view certificate)
{
    const unsigned char *at = certificate.at;
    EVP_PKEY *own = key_read(key);
    X509 *read = certificate.len <= INT_MAX
                     ? d2i_X509(NULL, &at, (long)certificate.len)
                     : NULL;
    bool is_good =
        own != NULL && read != NULL && X509_check_private_key(read, own) == 1;

    X509_free(read);
    EVP_PKEY_free(own);
    ERR_clear_error();
    return is_good ? 0 : HAWSER_E_ARG;
}
