/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signs a command: sign.h. FIPS 186-4, RFC 4648.
 */
#include "sign.h"

#include <openssl/evp.h>
#include <string.h>

#include "cli.h"
#include "pki_file.h"
#include "pki_key.h"

#define DER_MAX 72 /* bytes of a signature on P-256 */

static bool is_p256(const EVP_PKEY *key)
{
    char group[32] = "";
    size_t len = 0;
    return EVP_PKEY_is_a(key, "EC") &&
           EVP_PKEY_get_group_name(key, group, sizeof(group), &len) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

static bool sign(EVP_PKEY *key, struct hawser_view bytes,
                 char out[HAWSER_CLI_SIG_SIZE])
{
    unsigned char der[DER_MAX];
    size_t len = sizeof(der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool is_good =
        ctx != NULL &&
        EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(ctx, der, &len, bytes.at, bytes.len) == 1;
    EVP_MD_CTX_free(ctx);
    if (is_good) {
        (void)EVP_EncodeBlock((unsigned char *)out, der, (int)len);
    }
    return is_good;
}

int hawser_cli_sign(const char *key_path, struct hawser_view bytes,
                    char out[HAWSER_CLI_SIG_SIZE])
{
    EVP_PKEY *key = NULL;
    int code = hwi_key_read(key_path, NULL, &key);
    if (code != 0) {
        return code;
    }
    if (!is_p256(key)) {
        code = hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s is no key on P-256; openssl genpkey "
                            "-algorithm EC -pkeyopt ec_paramgen_curve:P-256 "
                            "makes one",
                            key_path);
    } else if (!sign(key, bytes, out)) {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "%s: cannot sign: %s", key_path,
                            hwi_openssl_reason());
    }
    EVP_PKEY_free(key);
    return code;
}
