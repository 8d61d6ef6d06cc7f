/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making lists of revoked certificates, and `hawser pki crl`.
 */
#include "pki_crl.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/pem.h>

#include "cli.h"
#include "pki.h"
#include "pki_args.h"
#include "pki_file.h"
#include "pki_key.h"
#include "when.h"

#define COMMAND      "pki"
#define BACK_DATED_S 3600
#define DAY_S        86400

static bool add_entry(X509_CRL *crl, const struct hwi_record *record)
{
    BIGNUM *number = NULL;
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_TIME *since = hwi_date_read(record->revoked);
    ASN1_INTEGER *serial = BN_hex2bn(&number, record->serial) > 0
                               ? BN_to_ASN1_INTEGER(number, NULL)
                               : NULL;
    bool good = entry != NULL && since != NULL && serial != NULL &&
                X509_REVOKED_set_serialNumber(entry, serial) == 1 &&
                X509_REVOKED_set_revocationDate(entry, since) == 1 &&
                X509_CRL_add0_revoked(crl, entry) == 1;
    if (!good) {
        X509_REVOKED_free(entry);
    }
    BN_free(number);
    ASN1_INTEGER_free(serial);
    ASN1_TIME_free(since);
    return good;
}

static bool add_entries(X509_CRL *crl, const struct hwi_ca *ca,
                        const struct hwi_index *index)
{
    char name[HWI_COMMON_NAME_SIZE];
    bool good = true;
    hwi_common_name(X509_get_subject_name(ca->certificate), name);
    for (size_t i = 0; good && i < index->count; i++) {
        const struct hwi_record *record = &index->records[i];
        bool is_ours =
            record->issuer.at == NULL || hwi_index_is(record->issuer, name);
        if (is_ours && record->revoked[0] != '\0' && record->days_left >= 0) {
            good = add_entry(crl, record);
        }
    }
    return good;
}

static bool add_dates(X509_CRL *crl, int days)
{
    ASN1_TIME *from = ASN1_TIME_set(NULL, time(NULL) - BACK_DATED_S);
    ASN1_TIME *to = ASN1_TIME_set(NULL, time(NULL) + (time_t)days * DAY_S);
    bool good = from != NULL && to != NULL &&
                X509_CRL_set1_lastUpdate(crl, from) == 1 &&
                X509_CRL_set1_nextUpdate(crl, to) == 1;
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    return good;
}

/* Which CA, and a number that grows with every list: the time. */
static bool add_extensions(X509_CRL *crl, X509 *issuer)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, NULL, NULL, crl, 0);
    X509_EXTENSION *id = X509V3_EXT_conf_nid(
        NULL, &context, NID_authority_key_identifier, "keyid:always");
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    bool good = id != NULL && number != NULL &&
                X509_CRL_add_ext(crl, id, -1) == 1 &&
                ASN1_INTEGER_set_uint64(number, hawser_cli_unix_ms()) == 1 &&
                X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) == 1;
    X509_EXTENSION_free(id);
    ASN1_INTEGER_free(number);
    return good;
}

int hwi_crl_make(const struct hwi_ca *ca, const struct hwi_index *index,
                 int days, X509_CRL **out)
{
    bool hashes =
        EVP_PKEY_is_a(ca->key, "ED25519") || EVP_PKEY_is_a(ca->key, "ED448");
    X509_CRL *crl = X509_CRL_new();
    *out = NULL;
    if (crl == NULL || X509_CRL_set_version(crl, X509_CRL_VERSION_2) != 1 ||
        X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca->certificate)) !=
            1 ||
        !add_dates(crl, days) || !add_entries(crl, ca, index) ||
        !add_extensions(crl, ca->certificate) || X509_CRL_sort(crl) != 1 ||
        X509_CRL_sign(crl, ca->key, hashes ? NULL : EVP_sha256()) == 0) {
        X509_CRL_free(crl);
        return hwi_pki_fail(HAWSER_EXIT_FAILED,
                            "no revocation list can be made: %s",
                            hwi_openssl_reason());
    }
    *out = crl;
    return 0;
}

/* Adds the list of the CA of that name, if its key is here. */
static int add_list(BIO *out, const char *dir, const char *name,
                    const char *passphrase_file, int days)
{
    char path[HWI_PATH_SIZE];
    struct hwi_index index = {NULL, 0, NULL, 0};
    struct hwi_ca ca = {NULL, NULL};
    X509_CRL *crl = NULL;

    int code = hwi_pki_path(path, "%s/ca/%s.crt", dir, name);
    if (code != 0 || access(path, F_OK) != 0) {
        return code;
    }
    code = hwi_ca_read(dir, name, passphrase_file, &ca);
    if (code == 0) {
        code = hwi_index_read(dir, &index);
    }
    if (code == 0) {
        code = hwi_crl_make(&ca, &index, days, &crl);
    }
    if (code == 0 && PEM_write_bio_X509_CRL(out, crl) != 1) {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory");
    }
    X509_CRL_free(crl);
    hwi_index_free(&index);
    hwi_ca_free(&ca);
    return code;
}

int hwi_crl_write(const char *dir, const char *passphrase_file, int days)
{
    static const char *const names[] = {HWI_CA_ACTIVE, "next", "old"};
    char path[HWI_PATH_SIZE];
    struct hwi_ca ca = {NULL, NULL};
    BIO *bio = BIO_new(BIO_s_mem());
    /* also says what is wrong with a folder that has no CA */
    int code = hwi_ca_read(dir, HWI_CA_ACTIVE, passphrase_file, &ca);
    hwi_ca_free(&ca);
    if (code == 0 && bio == NULL) {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory");
    }
    for (size_t i = 0; code == 0 && i < sizeof(names) / sizeof(names[0]); i++) {
        code = add_list(bio, dir, names[i], passphrase_file, days);
    }
    if (code == 0) {
        code = hwi_pki_path(path, "%s/ca/crl.pem", dir);
    }
    if (code == 0) {
        char *pem = NULL;
        long len = BIO_get_mem_data(bio, &pem);
        code = hwi_pki_put(path, pem, (size_t)len, 0644);
    }
    BIO_free(bio);
    return code;
}

int hwi_crl_refresh(const char *dir, const char *passphrase_file)
{
    char path[HWI_PATH_SIZE];
    int code = hwi_pki_path(path, "%s/ca/crl.pem", dir);
    return code != 0 || access(path, F_OK) != 0
               ? code
               : hwi_crl_write(dir, passphrase_file, HWI_CRL_DAYS);
}

int hwi_crl_days_left(const char *dir, bool *exists, int *days)
{
    char path[HWI_PATH_SIZE];
    char *text = NULL;
    size_t len = 0;

    *days = INT_MAX;
    int code = hwi_pki_path(path, "%s/ca/crl.pem", dir);
    *exists = code == 0 && access(path, F_OK) == 0;
    if (!*exists) {
        return code;
    }
    code = hwi_pki_read(path, &text, &len);
    if (code != 0) {
        return code;
    }
    BIO *bio = BIO_new_mem_buf(text, (int)len);
    X509_CRL *crl;
    while (bio != NULL &&
           (crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL)) != NULL) {
        int left = hwi_days_left(X509_CRL_get0_nextUpdate(crl));
        *days = left < *days ? left : *days;
        X509_CRL_free(crl);
    }
    BIO_free(bio);
    hwi_pki_forget(text, len);
    (void)hwi_openssl_reason(); /* the end of the file is an error to it */
    return *days != INT_MAX
               ? 0
               : hwi_pki_fail(HAWSER_EXIT_CONFIG,
                              "%s: there is no revocation list in it; `hawser "
                              "pki crl` writes one",
                              path);
}

int hwi_pki_crl(int argc, char **argv)
{
    const char *days_word = NULL;
    const char *passphrase_file = NULL;
    const struct hwi_option options[] = {
        {"days", &days_word, NULL},
        {"passphrase-file", &passphrase_file, NULL},
        {NULL, NULL, NULL},
    };
    int days = HWI_CRL_DAYS;
    int count = 0;

    int code = hwi_args_parse(COMMAND, options, argc, argv, &count);
    if (code == 0 && count != 1) {
        code = hawser_cli_usage_error(COMMAND, "crl needs DIR");
    }
    if (code == 0) {
        code = hwi_args_number(COMMAND, "--days", days_word, HWI_CRL_DAYS_MAX,
                               &days);
    }
    if (code == 0 && days < HWI_CRL_DAYS_MIN) {
        code = hawser_cli_usage_error(
            COMMAND,
            "--days %d: a list is good for %d days at least; once it has "
            "ended, brokers let nobody in",
            days, HWI_CRL_DAYS_MIN);
    }
    if (code == 0) {
        code = hwi_crl_write(argv[0], passphrase_file, days);
    }
    if (code == 0) {
        printf("%s/ca/crl.pem\n  ends     in %d days: write it again before, "
               "or brokers let nobody in\n\nNext: hawser broker renew "
               "BROKERDIR --pki %s, then kill -HUP\n",
               argv[0], days, argv[0]);
    }
    return code;
}
