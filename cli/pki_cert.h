/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates (RFC 5280): what goes into one, signed, described, written.
 * Answers as in pki_file.h: 0 or an exit code, the message is said.
 */
#ifndef HWI_PKI_CERT_H
#define HWI_PKI_CERT_H

#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#define HWI_CA_DAYS         3650
#define HWI_SERVER_DAYS     397
#define HWI_DEVICE_DAYS     365
#define HWI_DEVICE_DAYS_MAX 730

enum hwi_cert_kind { HWI_CERT_CA, HWI_CERT_SERVER, HWI_CERT_DEVICE };

/* What a certificate shall say. Everything is the caller's. */
struct hwi_cert_request {
    enum hwi_cert_kind kind;
    const char *common_name; /* "": no CN, the alternative names are critical */
    const char *organisation;   /* NULL: none */
    const GENERAL_NAMES *names; /* NULL for a CA only */
    EVP_PKEY *key;              /* its subject's; the public half is used */
    int days;
};

/* A CA as it signs. */
struct hwi_ca {
    X509 *certificate;
    EVP_PKEY *key;
};

/*
 * Makes and signs a certificate, valid from an hour ago for request->days. ca
 * NULL: signed by its own key. *out is the caller's, who frees it.
 * CONFIG: it would outlive the CA, its key is weak, it has no names. FAILED.
 */
int hwi_cert_make(const struct hwi_cert_request *request,
                  const struct hwi_ca *ca, X509 **out);

/* Writes a certificate as PEM, 0644, to a name that must be free. */
int hwi_cert_write(const char *path, X509 *certificate);

/* Reads the first certificate of a PEM file. CONFIG: there is none. */
int hwi_cert_read(const char *path, X509 **out);

/* No PEM file of one CA is larger. */
#define HWI_CA_PEM_MAX 8192

/* The CA that signs, by the name of its files. */
#define HWI_CA_ACTIVE "ca"

/*
 * Reads DIR/ca/NAME.crt and NAME.key and checks that they are a pair and a CA
 * that has not ended. passphrase_file NULL: the key is in clear. CONFIG. The
 * caller frees with hwi_ca_free().
 */
int hwi_ca_read(const char *dir, const char *name, const char *passphrase_file,
                struct hwi_ca *out);
void hwi_ca_free(struct hwi_ca *ca);

/* A new CA: a key, and a name of its own. NULL: no organisation. The caller
 * frees with hwi_ca_free(), also after a failure. FAILED. */
int hwi_ca_make(const char *organisation, struct hwi_ca *out);

/* The organisation in a CA's name; NULL if none. OPENSSL_free(). */
char *hwi_ca_organisation(X509 *ca);

#define HWI_COMMON_NAME_SIZE 256

/* The common name in a subject or issuer; "" if none, or none that fits. */
void hwi_common_name(const X509_NAME *name, char out[HWI_COMMON_NAME_SIZE]);

/* Adds an alternative name. USAGE: the host name is none. FAILED: no memory. */
int hwi_names_add_host(GENERAL_NAMES *names, const char *host);
int hwi_names_add_device(GENERAL_NAMES *names, const char *id);

#define HWI_FINGERPRINT_SIZE (32 * 3)

/* SHA-256 of the whole certificate, "AB:CD:...". */
void hwi_cert_fingerprint(const X509 *certificate,
                          char out[HWI_FINGERPRINT_SIZE]);

/* SHA-256 of the public key (SubjectPublicKeyInfo), as the above. */
void hwi_key_fingerprint(X509_PUBKEY *key, char out[HWI_FINGERPRINT_SIZE]);

#define HWI_DATE_SIZE sizeof("9999-12-31T23:59:59Z")

/* An ASN.1 time as RFC 3339 in UTC; "?" if it is none. */
void hwi_date(const ASN1_TIME *time, char out[HWI_DATE_SIZE]);

/* Whole days from now to the time, negative when it has passed. */
int hwi_days_left(const ASN1_TIME *time);

/* NULL if a signature algorithm (NID) is fit for use, else what is wrong. */
const char *hwi_signature_problem(int signature_nid);

#endif
