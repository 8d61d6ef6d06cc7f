/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The subcommands of `hawser pki`; the table is in pki.c. A PKI folder holds
 * ca/ca.{key,crt}, server/HOST.{key,crt}, device/ID.{key,crt} and index.jsonl.
 *
 * Each runs with argv[0] its own name and answers an exit code of cli.h.
 */
#ifndef HWI_PKI_H
#define HWI_PKI_H

#include <stdbool.h>

#include "pki_cert.h"

int hwi_pki_init(int argc, char **argv);
int hwi_pki_server(int argc, char **argv);
int hwi_pki_device(int argc, char **argv);
int hwi_pki_show(int argc, char **argv);
int hwi_pki_header(int argc, char **argv);
int hwi_pki_list(int argc, char **argv);
int hwi_pki_check(int argc, char **argv);
int hwi_pki_renew(int argc, char **argv);
int hwi_pki_revoke(int argc, char **argv);
int hwi_pki_crl(int argc, char **argv);
int hwi_pki_rotate_ca(int argc, char **argv);

/* A certificate that is wanted, by the words of the command line. */
struct hwi_pki_order {
    const char *dir;
    enum hwi_cert_kind kind;  /* SERVER or DEVICE */
    const char *const *names; /* hosts; or one id */
    int name_count;
    int days;
    EVP_PKEY *key; /* NULL: a new one is made and written beside it */
    X509 *like;    /* NULL, or a certificate whose alternative names it has */
    bool replaces; /* what has this name already */
};

/*
 * Issues it: DIR/server/NAME or DIR/device/NAME .key and .crt, and a line in
 * DIR/index.jsonl. 0, or an exit code after the message; nothing is left
 * behind then.
 */
int hwi_pki_issue(const struct hwi_pki_order *order, const struct hwi_ca *ca);

/* Tells on standard output what DIR/FOLDER/NAME.crt is, in a few lines. 0, or
 * CONFIG if it is not there. */
int hwi_pki_tell(const char *dir, const char *folder, const char *name);

/*
 * Checks a request and takes its public key out; the caller frees *out. Of all
 * else that it asks for nothing is granted. CONFIG.
 */
int hwi_pki_accept_request(const char *path, const char *dir, const char *id,
                           EVP_PKEY **out);

/*
 * As `hawser pki renew DIR ID --csr FILE`, but says only what goes wrong:
 * DIR/device/ID.crt is then the new certificate. passphrase_file may be NULL.
 * 0, or an exit code.
 */
int hwi_pki_renew_by_request(const char *dir, const char *id,
                             const char *csr_file, const char *passphrase_file);

/* Adds a line to DIR/index.jsonl. kind: "ca", "server", "device". FAILED. */
int hwi_index_add(const char *dir, const char *kind, const char *name,
                  X509 *certificate);

/* Refuses a public key that the index knows under another name: two devices
 * with one key are one device. CONFIG. */
int hwi_index_check_key(const char *dir, const char *name, X509_PUBKEY *key);

#endif
