/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Issuing: one certificate, its key and its line in the index, all or nothing.
 */
#include "pki.h"

#include <errno.h>
#include <stdbool.h>
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

static int fill_names(GENERAL_NAMES *names, const struct hwi_pki_order *order)
{
    int code = 0;
    if (names == NULL) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory");
    }
    if (order->like != NULL) {
        return 0; /* its names are taken as they are */
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
    GENERAL_NAMES *names =
        order->like == NULL
            ? GENERAL_NAMES_new()
            : X509_get_ext_d2i(order->like, NID_subject_alt_name, NULL, NULL);
    char *organisation = hwi_ca_organisation(ca->certificate);
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

/* The files of a certificate, each first under `ready`. */
struct files {
    char key[HWI_PATH_SIZE];
    char certificate[HWI_PATH_SIZE];
    char key_ready[HWI_PATH_SIZE];
    char certificate_ready[HWI_PATH_SIZE];
};

/* A renewal is made beside what it replaces. */
static int name_files(const struct hwi_pki_order *order, struct files *files)
{
    const char *folder = order->kind == HWI_CERT_SERVER ? "server" : "device";
    const char *name = order->names[0];
    const char *ready = order->replaces ? ".new" : "";
    int code =
        hwi_pki_path(files->key, "%s/%s/%s.key", order->dir, folder, name);
    if (code == 0) {
        code = hwi_pki_path(files->certificate, "%s/%s/%s.crt", order->dir,
                            folder, name);
    }
    if (code == 0) {
        code = hwi_pki_path(files->key_ready, "%s%s", files->key, ready);
    }
    if (code == 0) {
        code = hwi_pki_path(files->certificate_ready, "%s%s",
                            files->certificate, ready);
    }
    if (code == 0 && order->replaces) {
        /* left by a renewal that was cut off before it counted */
        (void)unlink(files->key_ready);
        (void)unlink(files->certificate_ready);
    }
    return code;
}

/* The old names get the new files. Cut between the two, key and certificate do
 * not fit, which everything that reads them says; renewed again, they do. */
static int replace_files(const struct hwi_pki_order *order,
                         const struct files *files)
{
    if ((order->key == NULL && rename(files->key_ready, files->key) != 0) ||
        rename(files->certificate_ready, files->certificate) != 0) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED,
                            "%s cannot be replaced: %s; renew it again",
                            files->certificate, strerror(errno));
    }
    return 0;
}

/* Key, certificate and index line; what was written is taken back when a later
 * one fails. */
static int write_files(const struct hwi_pki_order *order, EVP_PKEY *key,
                       X509 *certificate)
{
    const char *folder = order->kind == HWI_CERT_SERVER ? "server" : "device";
    struct files files;
    bool key_written = false;
    bool cert_written = false;

    int code = name_files(order, &files);
    if (code == 0 && order->key == NULL) { /* else it is the device's own */
        code = hwi_key_write(files.key_ready, key, NULL);
        key_written = code == 0;
    }
    if (code == 0) {
        code = hwi_cert_write(files.certificate_ready, certificate);
        cert_written = code == 0;
    }
    if (code == 0) {
        code = hwi_index_add(order->dir, folder, order->names[0], certificate);
    }
    if (code != 0 && key_written) {
        (void)unlink(files.key_ready);
    }
    if (code != 0 && cert_written) {
        (void)unlink(files.certificate_ready);
    }
    return code == 0 && order->replaces ? replace_files(order, &files) : code;
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
