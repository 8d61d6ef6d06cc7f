/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: certificates made on the spot, good and bad, with the OpenSSL
 * API. Any failure inside is a broken test and fails it at once.
 */
#ifndef HWI_TLS_TEST_FARM_H
#define HWI_TLS_TEST_FARM_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "hawser/port.h"

/* The time of the farm, 2023-11-14: no test asks the machine's clock. */
#define FARM_NOW_S  ((int64_t)1700000000)
#define FARM_DAY_S  ((int64_t)86400)
#define FARM_YEAR_S (365 * FARM_DAY_S)

enum farm_key {
    FARM_P256, /* the default */
    FARM_P384,
    FARM_ED25519,
    FARM_RSA2048,
    FARM_RSA1024,
    FARM_P192
};

/* One certificate to make. All that is 0 or NULL is left out or usual. */
struct farm_spec {
    const char *name; /* the common name; NULL: "leaf", "": no subject */
    const char *san;  /* as openssl.cnf has it: "DNS:a.example,IP:127.0.0.1" */
    const char *raw_dns; /* a dNSName of raw_dns_len raw bytes */
    size_t raw_dns_len;
    bool has_empty_san;
    const char *basic;       /* basicConstraints */
    const char *usage;       /* keyUsage */
    const char *eku;         /* extendedKeyUsage */
    const char *constraints; /* nameConstraints */
    bool has_unknown_critical;
    int64_t from_s;  /* after FARM_NOW_S; 0: a year before */
    int64_t until_s; /* after FARM_NOW_S; 0: a year after */
    enum farm_key key;
    const EVP_MD *hash; /* NULL: SHA-256 */
};

struct farm_cert {
    X509 *cert;
    EVP_PKEY *key;
};

/* Makes a key and a certificate; issuer NULL: self-signed. Free it with
 * farm_clear(). */
struct farm_cert farm_make(const struct farm_spec *spec,
                           const struct farm_cert *issuer);
void farm_clear(struct farm_cert *made);

/* A file's bytes. Free with farm_file_free(). */
struct farm_file {
    uint8_t *bytes;
    size_t len;
};
/* PEM of count certificates, one after the other. */
struct farm_file farm_pem(const struct farm_cert *const certs[], size_t count);
struct farm_file farm_key_pem(const struct farm_cert *made);
/* As PKCS 8, encrypted with a passphrase. */
struct farm_file farm_key_pem_encrypted(const struct farm_cert *made);
struct farm_file farm_der(const struct farm_cert *made);
struct farm_file farm_key_der(const struct farm_cert *made);
void farm_file_free(struct farm_file *file);
struct hawser_view farm_view(const struct farm_file *file);

/* The usual certificates of a test program, as a cmocka group's state. */
struct farm_set {
    struct farm_cert root;
    struct farm_cert other_root; /* nobody trusts it */
    struct farm_cert leaf;       /* for broker.example */
    struct farm_cert rsa_leaf;   /* the same, RSA */
    struct farm_cert device;     /* a client certificate, device-1 */
    struct farm_cert stranger;   /* device-2, by other_root */
    struct farm_file root_pem;
    struct hawser_credentials credentials; /* root_pem, nothing else */
};
int farm_set_up(void **state);
int farm_tear_down(void **state);

#endif
