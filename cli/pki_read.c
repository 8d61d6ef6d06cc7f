/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates read and described.
 */
#include "pki_cert.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include "cli.h"
#include "pki_file.h"
#include "pki_key.h"

int hwi_cert_read(const char *path, X509 **out)
{
    char *text = NULL;
    size_t len = 0;
    *out = NULL;
    int code = hwi_pki_read(path, &text, &len);
    if (code != 0) {
        return code;
    }
    BIO *bio = BIO_new_mem_buf(text, (int)len);
    if (bio != NULL) {
        *out = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    }
    BIO_free(bio);
    hwi_pki_forget(text, len);
    if (*out == NULL) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: there is no certificate in it (%s)", path,
                            hwi_openssl_reason());
    }
    return 0;
}

static int check_ca(const char *path, const struct hwi_ca *ca)
{
    char end[HWI_DATE_SIZE];
    const char *problem = hwi_key_problem(ca->key);
    if (problem != NULL) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG, "%s: %s", path, problem);
    }
    if (X509_check_ca(ca->certificate) != 1) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: not the certificate of a "
                            "CA",
                            path);
    }
    if (X509_check_private_key(ca->certificate, ca->key) != 1) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: the key beside it belongs to another "
                            "certificate",
                            path);
    }
    if (X509_cmp_current_time(X509_get0_notAfter(ca->certificate)) < 0) {
        hwi_date(X509_get0_notAfter(ca->certificate), end);
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: the CA has ended on %s; make a new one", path,
                            end);
    }
    return 0;
}

static int read_ca_key(const char *dir, const char *name,
                       const char *passphrase_file, struct hwi_ca *out)
{
    char path[HWI_PATH_SIZE];
    char *passphrase = NULL;

    int code = hwi_pki_path(path, "%s/ca/%s.key", dir, name);
    if (code == 0 && access(path, F_OK) != 0) {
        code = hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: %s; `hawser pki init` makes it", path,
                            strerror(errno));
    }
    if (code == 0) {
        code = hwi_passphrase_read(passphrase_file, &passphrase);
    }
    if (code == 0) {
        code = hwi_key_read(path, passphrase, &out->key);
    }
    if (passphrase != NULL) {
        hwi_pki_forget(passphrase, strlen(passphrase));
    }
    return code;
}

int hwi_ca_read(const char *dir, const char *name, const char *passphrase_file,
                struct hwi_ca *out)
{
    char path[HWI_PATH_SIZE];
    *out = (struct hwi_ca){NULL, NULL};

    int code = read_ca_key(dir, name, passphrase_file, out);
    if (code == 0) {
        code = hwi_pki_path(path, "%s/ca/%s.crt", dir, name);
    }
    if (code == 0) {
        code = hwi_cert_read(path, &out->certificate);
    }
    if (code == 0) {
        code = check_ca(path, out);
    }
    if (code != 0) {
        hwi_ca_free(out);
    }
    return code;
}

void hwi_ca_free(struct hwi_ca *ca)
{
    X509_free(ca->certificate);
    EVP_PKEY_free(ca->key);
    *ca = (struct hwi_ca){NULL, NULL};
}

char *hwi_ca_organisation(X509 *ca)
{
    unsigned char *text = NULL;
    const X509_NAME *subject = X509_get_subject_name(ca);
    int at = X509_NAME_get_index_by_NID(subject, NID_organizationName, -1);
    if (at >= 0 &&
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(
                                       X509_NAME_get_entry(subject, at))) < 0) {
        text = NULL;
    }
    return (char *)text;
}

void hwi_common_name(const X509_NAME *name, char out[HWI_COMMON_NAME_SIZE])
{
    unsigned char *text = NULL;
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    int len =
        at < 0 ? -1
               : ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(
                                                X509_NAME_get_entry(name, at)));
    out[0] = '\0';
    if (len > 0 && len < HWI_COMMON_NAME_SIZE) {
        memcpy(out, text, (size_t)len);
        out[len] = '\0';
    }
    OPENSSL_free(text);
}

static void put_hex(const unsigned char *digest, unsigned int len,
                    char out[HWI_FINGERPRINT_SIZE])
{
    out[0] = '\0';
    for (unsigned int i = 0; i < len && i < 32; i++) {
        /* The last separator is overwritten by the end. */
        snprintf(out + 3 * (size_t)i, 4, i + 1 < len ? "%02X:" : "%02X",
                 digest[i]);
    }
}

void hwi_cert_fingerprint(const X509 *certificate,
                          char out[HWI_FINGERPRINT_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    if (X509_digest(certificate, EVP_sha256(), digest, &len) != 1) {
        len = 0;
    }
    put_hex(digest, len, out);
}

void hwi_key_fingerprint(X509_PUBKEY *key, char out[HWI_FINGERPRINT_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_len = 0;
    unsigned char *der = NULL;
    int len = i2d_X509_PUBKEY(key, &der);
    if (len <= 0 || EVP_Digest(der, (size_t)len, digest, &digest_len,
                               EVP_sha256(), NULL) != 1) {
        digest_len = 0;
    }
    OPENSSL_free(der);
    put_hex(digest, digest_len, out);
}

void hwi_date(const ASN1_TIME *time, char out[HWI_DATE_SIZE])
{
    struct tm tm;
    if (ASN1_TIME_to_tm(time, &tm) != 1 ||
        strftime(out, HWI_DATE_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
        memcpy(out, "?", 2);
    }
}

int hwi_days_left(const ASN1_TIME *time)
{
    int days = 0;
    int seconds = 0;
    if (ASN1_TIME_diff(&days, &seconds, NULL, time) != 1) {
        return -1;
    }
    return days == 0 && seconds < 0 ? -1 : days;
}

const char *hwi_signature_problem(int signature_nid)
{
    int digest = NID_undef;
    if (OBJ_find_sigid_algs(signature_nid, &digest, NULL) != 1) {
        return "its signature algorithm is not known";
    }
    switch (digest) {
    case NID_md5:
    case NID_md4:
    case NID_md2:
    case NID_md5_sha1:
    case NID_sha1:
        return "its signature uses SHA-1 or MD5, which are broken";
    default:
        return NULL;
    }
}
