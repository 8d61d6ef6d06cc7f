/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Issuing: one certificate, its key and its line in the index, all or nothing.
 */
#include "pki.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "pki_file.h"
#include "pki_key.h"

/* RFC 5280 appendix A: ub-common-name. */
#define COMMON_NAME_MAX 64

int hwi_pki_tell(const char *dir, const char *folder, const char *name)
{
    char path[HWI_PATH_SIZE];
    char print[HWI_FINGERPRINT_SIZE];
    char end[HWI_DATE_SIZE];
    X509 *certificate = NULL;

    int code = hwi_pki_path(path, "%s/%s/%s.crt", dir, folder, name);
    if (code == 0) {
        code = hwi_cert_read(path, &certificate);
    }
    if (code == 0) {
        const ASN1_TIME *not_after = X509_get0_notAfter(certificate);
        hwi_date(not_after, end);
        hwi_cert_fingerprint(certificate, print);
        printf("%s\n  ends     %s (%d days)\n  SHA-256  %s\n", path, end,
               hwi_days_left(not_after), print);
    }
    X509_free(certificate);
    return code;
}

/* The CA's organisation, for the certificates it issues; NULL if none. The
 * caller frees with OPENSSL_free(). */
static char *organisation_of(X509 *ca)
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

static int fill_names(GENERAL_NAMES *names, const struct hwi_pki_order *order)
{
    int code = 0;
    if (names == NULL) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory");
    }
    if (order->kind == HWI_CERT_DEVICE) {
        return hwi_names_add_device(names, order->names[0]);
    }
    for (int i = 0; code == 0 && i < order->name_count; i++) {
        code = hwi_names_add_host(names, order->names[i]);
    }
    return code;
}

static int make_certificate(const struct hwi_pki_order *order, EVP_PKEY *key,
                            const struct hwi_ca *ca, X509 **out)
{
    const char *name = order->names[0];
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    char *organisation = organisation_of(ca->certificate);
    const struct hwi_cert_request request = {
        .kind = order->kind,
        /* A long host stands in the alternative names alone. */
        .common_name = strlen(name) > COMMON_NAME_MAX ? "" : name,
        .organisation = organisation,
        .names = names,
        .key = key,
        .days = order->days,
    };
    int code = fill_names(names, order);
    if (code == 0) {
        code = hwi_cert_make(&request, ca, out);
    }
    OPENSSL_free(organisation);
    GENERAL_NAMES_free(names);
    return code;
}

/* Writes the key unless it is the device's own; *written tells the caller what
 * to take back. */
static int write_key(const char *path, const struct hwi_pki_order *order,
                     EVP_PKEY *key, int *written)
{
    if (order->key != NULL) {
        return 0;
    }
    int code = hwi_key_write(path, key, NULL);
    *written = code == 0;
    return code;
}

/* Key, certificate and index line; what was written is taken back when a later
 * one fails. */
static int write_files(const struct hwi_pki_order *order, EVP_PKEY *key,
                       X509 *certificate)
{
    const char *folder = order->kind == HWI_CERT_SERVER ? "server" : "device";
    char key_path[HWI_PATH_SIZE];
    char path[HWI_PATH_SIZE];
    int key_written = 0;
    int cert_written = 0;

    int code = hwi_pki_path(key_path, "%s/%s/%s.key", order->dir, folder,
                            order->names[0]);
    if (code == 0) {
        code = hwi_pki_path(path, "%s/%s/%s.crt", order->dir, folder,
                            order->names[0]);
    }
    if (code == 0) {
        code = write_key(key_path, order, key, &key_written);
    }
    if (code == 0) {
        code = hwi_cert_write(path, certificate);
        cert_written = code == 0;
    }
    if (code == 0) {
        code = hwi_index_add(order->dir, folder, order->names[0], certificate);
    }
    if (code != 0) {
        if (key_written) {
            (void)unlink(key_path);
        }
        if (cert_written) {
            (void)unlink(path);
        }
    }
    return code;
}

int hwi_pki_issue(const struct hwi_pki_order *order, const struct hwi_ca *ca)
{
    EVP_PKEY *key = order->key;
    X509 *certificate = NULL;
    int code = 0;

    if (key == NULL) {
        code = hwi_key_make(&key);
    }
    if (code == 0) {
        code = make_certificate(order, key, ca, &certificate);
    }
    if (code == 0) {
        code = write_files(order, key, certificate);
    }
    if (order->key == NULL) {
        EVP_PKEY_free(key);
    }
    X509_free(certificate);
    return code;
}
