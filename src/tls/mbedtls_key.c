/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys without a connection: does a signature belong to a pinned key, a key of
 * the device's own and the request for its certificate, digests. FIPS 186-4 for
 * ECDSA, SEC 1 2.3.4 for points, RFC 5915 for keys, RFC 2986 for requests.
 */
#include <mbedtls/ecdsa.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/x509_csr.h>
#include <psa/crypto.h>
#include <string.h>

#include "tls/mbedtls_parts.h"

int hwi_tls_sha256(struct hawser_view bytes, uint8_t out[HAWSER_DIGEST_SIZE])
{
    size_t len = 0;

    return psa_hash_compute(PSA_ALG_SHA_256, bytes.at, bytes.len, out,
                            HAWSER_DIGEST_SIZE, &len) == PSA_SUCCESS
               ? 0
               : HAWSER_E_FULL;
}

int hwi_tls_verify_signature(const struct hawser_signature *signature)
{
    uint8_t digest[HAWSER_DIGEST_SIZE];
    mbedtls_ecdsa_context key;
    bool is_good;

    if (signature->key.len != HAWSER_POINT_SIZE ||
        hwi_tls_sha256(signature->bytes, digest) != 0) {
        return HAWSER_E_ARG;
    }
    mbedtls_ecdsa_init(&key);
    is_good = mbedtls_ecp_group_load(&key.grp, MBEDTLS_ECP_DP_SECP256R1) == 0 &&
              mbedtls_ecp_point_read_binary(&key.grp, &key.Q, signature->key.at,
                                            signature->key.len) == 0 &&
              mbedtls_ecp_check_pubkey(&key.grp, &key.Q) == 0 &&
              mbedtls_ecdsa_read_signature(&key, digest, sizeof digest,
                                           signature->value.at,
                                           signature->value.len) == 0;
    mbedtls_ecdsa_free(&key);
    return is_good ? 0 : HAWSER_E_ARG;
}

/* mbedTLS writes DER to the end of its room; it belongs to the start. */
static int der_take(int len, struct hawser_span out, size_t *out_len)
{
    if (len <= 0) {
        return HAWSER_E_FULL;
    }
    memmove(out.at, out.at + out.size - (size_t)len, (size_t)len);
    mbedtls_platform_zeroize(out.at + len, out.size - (size_t)len);
    *out_len = (size_t)len;
    return 0;
}

int hwi_tls_key_create(struct hawser_span out, size_t *len)
{
    mbedtls_pk_context key;
    int err = HAWSER_E_FULL;

    mbedtls_pk_init(&key);
    if (mbedtls_pk_setup(&key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) ==
        0) {
        int error = mbedtls_ecp_gen_key(
            MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key), hwi_tls_random, NULL);

        if (error == HAWSER_E_WAIT) {
            err = HAWSER_E_WAIT;
        } else if (error == 0) {
            err = der_take(mbedtls_pk_write_key_der(&key, out.at, out.size),
                           out, len);
        }
    }
    mbedtls_pk_free(&key);
    return err;
}

/* "CN=" and the name, with what has a meaning there escaped (RFC 4514). */
static void subject_of(const char *common_name, char *out, size_t size)
{
    size_t at = strlen("CN=");

    memcpy(out, "CN=", at);
    for (; *common_name != '\0' && at + 3 < size; common_name++) {
        if (strchr(",+\"\\<>;=#", *common_name) != NULL) {
            out[at++] = '\\';
        }
        out[at++] = *common_name;
    }
    out[at] = '\0';
}

int hwi_tls_key_request(struct hawser_view key, const char *common_name,
                        struct hawser_span out, size_t *len)
{
    char subject[2 * HAWSER_COMMON_NAME_SIZE + 8];
    mbedtls_x509write_csr request;
    mbedtls_pk_context own;
    int err = HAWSER_E_ARG;

    mbedtls_pk_init(&own);
    mbedtls_x509write_csr_init(&request);
    if (hwi_tls_key_read(&own, key) == 0) {
        subject_of(common_name, subject, sizeof subject);
        mbedtls_x509write_csr_set_md_alg(&request, MBEDTLS_MD_SHA256);
        mbedtls_x509write_csr_set_key(&request, &own);
        err = HAWSER_E_FULL;
        if (mbedtls_x509write_csr_set_subject_name(&request, subject) == 0) {
            err = der_take(mbedtls_x509write_csr_der(&request, out.at, out.size,
                                                     hwi_tls_random, NULL),
                           out, len);
        }
    }
    mbedtls_x509write_csr_free(&request);
    mbedtls_pk_free(&own);
    return err;
}

int hwi_tls_key_matches(struct hawser_view key, struct hawser_view certificate)
{
    mbedtls_x509_crt read;
    mbedtls_pk_context own;
    bool is_good;

    mbedtls_pk_init(&own);
    mbedtls_x509_crt_init(&read);
    is_good = hwi_tls_key_read(&own, key) == 0 &&
              mbedtls_x509_crt_parse_der(&read, certificate.at,
                                         certificate.len) == 0 &&
              mbedtls_pk_check_pair(&read.pk, &own, hwi_tls_random, NULL) == 0;
    mbedtls_x509_crt_free(&read);
    mbedtls_pk_free(&own);
    return is_good ? 0 : HAWSER_E_ARG;
}
