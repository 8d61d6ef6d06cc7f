/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making and signing certificates: RFC 5280, and the CA/Browser Forum's limit
 * of 397 days for servers. Reading and describing them: pki_read.c.
 */
#include "pki_cert.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "cli.h"
#include "pki_file.h"
#include "pki_key.h"
#include "pki_name.h"

/* A device's clock may be behind when it comes up. */
#define BACK_DATED_S 3600
#define DAY_S        86400

struct extension {
    int nid;
    const char *value;
};

/* What each kind may be used for; read by X509V3_EXT_conf_nid, so only ever
 * constants. */
static const struct extension extensions[][5] = {
    [HWI_CERT_CA] = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                     {NID_key_usage, "critical,keyCertSign,cRLSign"},
                     {NID_subject_key_identifier, "hash"},
                     {NID_undef, NULL}},
    [HWI_CERT_SERVER] = {{NID_basic_constraints, "critical,CA:FALSE"},
                         {NID_key_usage, "critical,digitalSignature"},
                         {NID_ext_key_usage, "serverAuth"},
                         {NID_subject_key_identifier, "hash"},
                         {NID_authority_key_identifier, "keyid:always"}},
    [HWI_CERT_DEVICE] = {{NID_basic_constraints, "critical,CA:FALSE"},
                         {NID_key_usage, "critical,digitalSignature"},
                         {NID_ext_key_usage, "clientAuth"},
                         {NID_subject_key_identifier, "hash"},
                         {NID_authority_key_identifier, "keyid:always"}},
};

static bool add_extensions(X509 *certificate, enum hwi_cert_kind kind,
                           X509 *issuer)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    for (size_t i = 0; i < 5 && extensions[kind][i].value != NULL; i++) {
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(
            NULL, &context, extensions[kind][i].nid, extensions[kind][i].value);
        bool good =
            extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
        X509_EXTENSION_free(extension);
        if (!good) {
            return false;
        }
    }
    return true;
}

static bool add_word(X509_NAME *subject, const char *field, const char *word)
{
    return X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8,
                                      (const unsigned char *)word, -1, -1,
                                      0) == 1;
}

static bool add_subject(X509 *certificate,
                        const struct hwi_cert_request *request)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    return (request->organisation == NULL ||
            add_word(subject, "O", request->organisation)) &&
           (request->common_name[0] == '\0' ||
            add_word(subject, "CN", request->common_name));
}

static bool add_names(X509 *certificate, const struct hwi_cert_request *request)
{
    /* RFC 5280 4.2.1.6: critical when the subject is empty. */
    int critical =
        X509_NAME_entry_count(X509_get_subject_name(certificate)) == 0;
    return request->names == NULL ||
           X509_add1_ext_i2d(certificate, NID_subject_alt_name,
                             (void *)(uintptr_t)request->names, critical,
                             0) == 1;
}

/* 128 random bits: nobody can guess the next one, and two never meet. */
static bool add_serial(X509 *certificate)
{
    BIGNUM *serial = BN_new();
    bool good =
        serial != NULL &&
        BN_rand(serial, 128, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
        BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate)) != NULL;
    BN_free(serial);
    return good;
}

static bool add_dates(X509 *certificate, int days)
{
    time_t begin = time(NULL) - BACK_DATED_S;
    /* The last second is part of the life. */
    time_t end = begin + (time_t)days * DAY_S - 1;
    return X509_time_adj_ex(X509_getm_notBefore(certificate), 0, 0, &begin) !=
               NULL &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), 0, 0, &end) !=
               NULL;
}

static bool fill(X509 *certificate, const struct hwi_cert_request *request,
                 X509 *issuer)
{
    return X509_set_version(certificate, X509_VERSION_3) == 1 &&
           add_serial(certificate) && add_dates(certificate, request->days) &&
           add_subject(certificate, request) &&
           X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) ==
               1 &&
           X509_set_pubkey(certificate, request->key) == 1 &&
           add_extensions(certificate, request->kind, issuer) &&
           add_names(certificate, request);
}

static int check_request(const struct hwi_cert_request *request)
{
    const char *problem = hwi_key_problem(request->key);
    if (problem != NULL) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG, "%s: %s; use P-256",
                            request->common_name, problem);
    }
    if (request->kind != HWI_CERT_CA &&
        sk_GENERAL_NAME_num(request->names) <= 0) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "a certificate without a name is refused");
    }
    return 0;
}

static int check_life(const X509 *certificate, const X509 *issuer)
{
    char end[HWI_DATE_SIZE];
    if (ASN1_TIME_compare(X509_get0_notAfter(certificate),
                          X509_get0_notAfter(issuer)) <= 0) {
        return 0;
    }
    hwi_date(X509_get0_notAfter(issuer), end);
    return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                        "the certificate would outlive its CA, which ends on "
                        "%s; give fewer --days, or make a new CA",
                        end);
}

int hwi_cert_make(const struct hwi_cert_request *request,
                  const struct hwi_ca *ca, X509 **out)
{
    *out = NULL;
    int code = check_request(request);
    if (code != 0) {
        return code;
    }
    X509 *certificate = X509_new();
    X509 *issuer = ca == NULL ? certificate : ca->certificate;
    EVP_PKEY *key = ca == NULL ? request->key : ca->key;
    if (certificate == NULL || !fill(certificate, request, issuer)) {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED,
                            "%s: no certificate can be made: %s",
                            request->common_name, hwi_openssl_reason());
    }
    if (code == 0) {
        code = check_life(certificate, issuer);
    }
    /* Ed25519 and Ed448 hash by themselves and take no digest. */
    bool hashes = EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");
    const EVP_MD *digest = hashes ? NULL : EVP_sha256();
    if (code == 0 && X509_sign(certificate, key, digest) == 0) {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "%s: signing failed: %s",
                            request->common_name, hwi_openssl_reason());
    }
    if (code != 0) {
        X509_free(certificate);
        return code;
    }
    *out = certificate;
    return 0;
}

int hwi_cert_write(const char *path, X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());
    int code;
    if (bio != NULL && PEM_write_bio_X509(bio, certificate) == 1) {
        char *pem = NULL;
        long len = BIO_get_mem_data(bio, &pem);
        code = hwi_pki_write_new(path, pem, (size_t)len, 0644);
    } else {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "%s: %s", path,
                            hwi_openssl_reason());
    }
    BIO_free(bio);
    return code;
}

/* Takes the value (a new ASN1 string of the type) into names. */
static int add_name(GENERAL_NAMES *names, int type, ASN1_STRING *value)
{
    GENERAL_NAME *name = GENERAL_NAME_new();
    if (name == NULL || value == NULL) {
        GENERAL_NAME_free(name);
        ASN1_STRING_free(value);
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory");
    }
    GENERAL_NAME_set0_value(name, type, value);
    if (sk_GENERAL_NAME_push(names, name) <= 0) {
        GENERAL_NAME_free(name);
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory");
    }
    return 0;
}

/* A new ASN.1 string; NULL without memory. */
static ASN1_STRING *string_of(int type, const void *bytes, int len)
{
    ASN1_STRING *string = ASN1_STRING_type_new(type);
    if (string != NULL && ASN1_STRING_set(string, bytes, len) != 1) {
        ASN1_STRING_free(string);
        return NULL;
    }
    return string;
}

int hwi_names_add_host(GENERAL_NAMES *names, const char *host)
{
    unsigned char address[16];
    const char *why;
    switch (hwi_host_kind(host, address, &why)) {
    case HWI_HOST_DNS:
        return add_name(names, GEN_DNS, string_of(V_ASN1_IA5STRING, host, -1));
    case HWI_HOST_IPV4:
        return add_name(names, GEN_IPADD,
                        string_of(V_ASN1_OCTET_STRING, address, 4));
    case HWI_HOST_IPV6:
        return add_name(names, GEN_IPADD,
                        string_of(V_ASN1_OCTET_STRING, address, 16));
    case HWI_HOST_BAD:
        break;
    }
    return hwi_pki_fail(HAWSER_EXIT_USAGE, "the host name \"%s\": %s", host,
                        why);
}

int hwi_names_add_device(GENERAL_NAMES *names, const char *id)
{
    char uri[32 + 3 * 64 + 1];
    size_t len = (size_t)snprintf(uri, sizeof(uri), "urn:hawser:device:");
    /* RFC 3986 2.1: what is not unreserved is percent-encoded. */
    for (; *id != '\0' && len + 4 < sizeof(uri); id++) {
        unsigned char c = (unsigned char)*id;
        bool plain = c < 0x80 && (isalnum(c) || strchr("-._~", c) != NULL);
        len += (size_t)snprintf(uri + len, sizeof(uri) - len,
                                plain ? "%c" : "%%%02X", c);
    }
    return add_name(names, GEN_URI, string_of(V_ASN1_IA5STRING, uri, (int)len));
}
