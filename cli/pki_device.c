/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser pki device`: a client certificate, for a key that is made here or,
 * better, for a request whose key never leaves the device.
 */
#include "pki.h"

#include <stdio.h>
#include <string.h>

#include <openssl/pem.h>

#include "broker.h"
#include "cli.h"
#include "pki_args.h"
#include "pki_file.h"
#include "pki_key.h"
#include "pki_name.h"

#define COMMAND "pki"

static int read_request(const char *path, X509_REQ **out)
{
    char *text = NULL;
    size_t len = 0;
    int code = hwi_pki_read(path, &text, &len);
    if (code != 0) {
        return code;
    }
    BIO *bio = BIO_new_mem_buf(text, (int)len);
    *out = bio == NULL ? NULL : PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
    BIO_free(bio);
    hwi_pki_forget(text, len);
    if (*out == NULL) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: there is no certificate request in it (%s)",
                            path, hwi_openssl_reason());
    }
    return 0;
}

/* A request may leave the name to us, but not ask for another one. */
static int check_common_name(const char *path, const X509_REQ *request,
                             const char *id)
{
    const X509_NAME *subject = X509_REQ_get_subject_name(request);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0) {
        return 0;
    }
    unsigned char *name = NULL;
    int len = ASN1_STRING_to_UTF8(
        &name, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    int fits = len == 0 || (len > 0 && (size_t)len == strlen(id) &&
                            memcmp(name, id, (size_t)len) == 0);
    OPENSSL_free(name);
    return fits
               ? 0
               : hwi_pki_fail(HAWSER_EXIT_CONFIG,
                              "%s: it asks for another common name than \"%s\"",
                              path, id);
}

int hwi_pki_accept_request(const char *path, const char *dir, const char *id,
                           EVP_PKEY **out)
{
    X509_REQ *request = NULL;
    int code = read_request(path, &request);
    if (code != 0) {
        return code;
    }
    EVP_PKEY *key = X509_REQ_get_pubkey(request);
    const char *problem =
        key == NULL ? "its public key cannot be read" : hwi_key_problem(key);
    if (problem == NULL) {
        problem = hwi_signature_problem(X509_REQ_get_signature_nid(request));
    }
    if (problem == NULL && X509_REQ_verify(request, key) != 1) {
        problem = "its signature does not fit its key; it was changed, or its "
                  "maker does not have the key";
    }
    if (problem != NULL) {
        code = hwi_pki_fail(HAWSER_EXIT_CONFIG, "%s: %s", path, problem);
    }
    if (code == 0) {
        code = check_common_name(path, request, id);
    }
    if (code == 0) {
        code = hwi_index_check_key(dir, id, X509_REQ_get_X509_PUBKEY(request));
    }
    X509_REQ_free(request);
    if (code != 0) {
        EVP_PKEY_free(key);
        return code;
    }
    *out = key;
    return 0;
}

static int check_words(char **argv, int count)
{
    if (count != 2) {
        return hawser_cli_usage_error(COMMAND, "device needs DIR and one ID");
    }
    const char *problem = hwi_id_problem(argv[1]);
    if (problem != NULL) {
        return hwi_args_refuse(COMMAND, "the id", argv[1], problem);
    }
    return 0;
}

/* The operator's is taken from here by `hawser broker init`. */
static void tell_key(const char *dir, const char *id)
{
    printf("  key      %s/device/%s.key: %s\n", dir, id,
           strcmp(id, HWI_BROKER_OPERATOR) == 0
               ? "leave it for `hawser broker init --client-certs`,\n"
                 "           which copies it; then remove it"
               : "move it to the device, and keep no copy");
}

static int make(struct hwi_pki_order *order, const char *csr_file,
                const char *passphrase_file)
{
    struct hwi_ca ca = {NULL, NULL};
    int code = hwi_ca_read(order->dir, HWI_CA_ACTIVE, passphrase_file, &ca);
    if (code == 0 && csr_file != NULL) {
        code = hwi_pki_accept_request(csr_file, order->dir, order->names[0],
                                      &order->key);
    }
    if (code == 0) {
        code = hwi_pki_issue(order, &ca);
    }
    if (code == 0) {
        code = hwi_pki_tell(order->dir, "device", order->names[0]);
    }
    if (code == 0 && order->key == NULL) {
        tell_key(order->dir, order->names[0]);
    }
    EVP_PKEY_free(order->key);
    order->key = NULL;
    hwi_ca_free(&ca);
    return code;
}

int hwi_pki_device(int argc, char **argv)
{
    const char *days = NULL;
    const char *csr_file = NULL;
    const char *passphrase_file = NULL;
    const struct hwi_option options[] = {
        {"days", &days, NULL},
        {"csr", &csr_file, NULL},
        {"passphrase-file", &passphrase_file, NULL},
        {NULL, NULL, NULL},
    };
    struct hwi_pki_order order = {.kind = HWI_CERT_DEVICE,
                                  .days = HWI_DEVICE_DAYS};
    int count = 0;

    int code = hwi_args_parse(COMMAND, options, argc, argv, &count);
    if (code == 0) {
        code = check_words(argv, count);
    }
    if (code == 0) {
        code = hwi_args_number(COMMAND, "--days", days, HWI_DEVICE_DAYS_MAX,
                               &order.days);
    }
    if (code != 0) {
        return code;
    }
    order.dir = argv[0];
    order.names = (const char *const *)argv + 1;
    order.name_count = 1;
    return make(&order, csr_file, passphrase_file);
}
