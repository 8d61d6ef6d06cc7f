/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: makes certificates. See tls_test_farm.h.
 */
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tls/tls_test_farm.h"

static EVP_PKEY *key_make(enum farm_key kind)
{
    switch (kind) {
    case FARM_P256:
        return EVP_EC_gen("P-256");
    case FARM_P384:
        return EVP_EC_gen("P-384");
    case FARM_ED25519:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    case FARM_RSA2048:
        return EVP_RSA_gen(2048);
    case FARM_RSA1024:
        return EVP_RSA_gen(1024);
    case FARM_P192:
        return EVP_EC_gen("P-192");
    }
    return NULL;
}

static void extension_add(X509 *cert, int kind, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *extension;

    if (value == NULL) {
        return;
    }
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &ctx, kind, value);
    assert_non_null(extension);
    assert_true(X509_add_ext(cert, extension, -1));
    X509_EXTENSION_free(extension);
}

/* A subjectAltName that no configuration text could say. */
static void san_add_raw(X509 *cert, const char *dns, size_t len)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();

    assert_non_null(names);
    if (dns != NULL) {
        GENERAL_NAME *name = GENERAL_NAME_new();
        ASN1_IA5STRING *text = ASN1_IA5STRING_new();

        assert_true(ASN1_STRING_set(text, dns, (int)len));
        GENERAL_NAME_set0_value(name, GEN_DNS, text);
        assert_true(sk_GENERAL_NAME_push(names, name));
    }
    assert_true(X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, 0));
    GENERAL_NAMES_free(names);
}

/* A critical extension that nobody knows. */
static void unknown_add(X509 *cert)
{
    extension_add(cert, NID_netscape_comment, "x");
    assert_true(X509_EXTENSION_set_critical(
        X509_get_ext(cert, X509_get_ext_count(cert) - 1), 1));
}

static void extensions_add(X509 *cert, const struct farm_spec *spec)
{
    extension_add(cert, NID_basic_constraints, spec->basic);
    extension_add(cert, NID_key_usage, spec->usage);
    extension_add(cert, NID_ext_key_usage, spec->eku);
    extension_add(cert, NID_name_constraints, spec->constraints);
    extension_add(cert, NID_subject_alt_name, spec->san);
    if (spec->raw_dns != NULL || spec->has_empty_san) {
        san_add_raw(cert, spec->raw_dns, spec->raw_dns_len);
    }
    if (spec->has_unknown_critical) {
        unknown_add(cert);
    }
}

static void times_set(X509 *cert, const struct farm_spec *spec)
{
    int64_t from_s = spec->from_s != 0 ? spec->from_s : -FARM_YEAR_S;
    int64_t until_s = spec->until_s != 0 ? spec->until_s : FARM_YEAR_S;
    ASN1_TIME *time = NULL;

    time = ASN1_TIME_set(NULL, (time_t)(FARM_NOW_S + from_s));
    assert_true(X509_set1_notBefore(cert, time));
    ASN1_TIME_free(time);
    time = ASN1_TIME_set(NULL, (time_t)(FARM_NOW_S + until_s));
    assert_true(X509_set1_notAfter(cert, time));
    ASN1_TIME_free(time);
}

static void subject_set(X509 *cert, const char *name)
{
    if (name != NULL && name[0] == '\0') {
        return;
    }
    assert_true(X509_NAME_add_entry_by_txt(
        X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
        (const unsigned char *)(name != NULL ? name : "leaf"), -1, -1, 0));
}

struct farm_cert farm_make(const struct farm_spec *spec,
                           const struct farm_cert *issuer)
{
    struct farm_cert made = {X509_new(), key_make(spec->key)};
    const struct farm_cert *signer = issuer != NULL ? issuer : &made;
    const EVP_MD *hash = spec->hash != NULL ? spec->hash : EVP_sha256();
    static long serial;

    assert_non_null(made.cert);
    assert_non_null(made.key);
    subject_set(made.cert, spec->name);
    assert_true(X509_set_version(made.cert, X509_VERSION_3));
    assert_true(ASN1_INTEGER_set(X509_get_serialNumber(made.cert), ++serial));
    assert_true(
        X509_set_issuer_name(made.cert, X509_get_subject_name(signer->cert)));
    assert_true(X509_set_pubkey(made.cert, made.key));
    times_set(made.cert, spec);
    extensions_add(made.cert, spec);
    if (EVP_PKEY_get_base_id(signer->key) == EVP_PKEY_ED25519) {
        hash = NULL;
    }
    assert_true(X509_sign(made.cert, signer->key, hash) > 0);
    return made;
}

void farm_clear(struct farm_cert *made)
{
    X509_free(made->cert);
    EVP_PKEY_free(made->key);
    *made = (struct farm_cert){0};
}

/* What a memory BIO holds; frees the BIO. */
static struct farm_file file_take(BIO *bio)
{
    struct farm_file file;
    char *bytes = NULL;
    long len = BIO_get_mem_data(bio, &bytes);

    assert_true(len > 0);
    file.len = (size_t)len;
    file.bytes = malloc(file.len);
    assert_non_null(file.bytes);
    memcpy(file.bytes, bytes, file.len);
    BIO_free(bio);
    return file;
}

struct farm_file farm_pem(const struct farm_cert *const certs[], size_t count)
{
    BIO *bio = BIO_new(BIO_s_mem());
    size_t i;

    for (i = 0; i < count; i++) {
        assert_true(PEM_write_bio_X509(bio, certs[i]->cert));
    }
    return file_take(bio);
}

struct farm_file farm_key_pem(const struct farm_cert *made)
{
    BIO *bio = BIO_new(BIO_s_mem());

    assert_true(PEM_write_bio_PKCS8PrivateKey(bio, made->key, NULL, NULL, 0,
                                              NULL, NULL));
    return file_take(bio);
}

struct farm_file farm_key_pem_encrypted(const struct farm_cert *made)
{
    BIO *bio = BIO_new(BIO_s_mem());

    assert_true(PEM_write_bio_PKCS8PrivateKey(bio, made->key, EVP_aes_128_cbc(),
                                              "secret", 6, NULL, NULL));
    return file_take(bio);
}

struct farm_file farm_der(const struct farm_cert *made)
{
    BIO *bio = BIO_new(BIO_s_mem());

    assert_true(i2d_X509_bio(bio, made->cert));
    return file_take(bio);
}

struct farm_file farm_key_der(const struct farm_cert *made)
{
    BIO *bio = BIO_new(BIO_s_mem());

    assert_true(i2d_PrivateKey_bio(bio, made->key));
    return file_take(bio);
}

void farm_file_free(struct farm_file *file)
{
    free(file->bytes);
    *file = (struct farm_file){0};
}

struct hawser_view farm_view(const struct farm_file *file)
{
    return (struct hawser_view){file->bytes, file->len};
}

int farm_set_up(void **state)
{
    struct farm_set *farm = calloc(1, sizeof *farm);
    struct farm_spec ca = {.name = "Root", .basic = "critical,CA:TRUE"};
    struct farm_spec leaf = {.san = "DNS:broker.example"};
    const struct farm_cert *list[1];

    assert_non_null(farm);
    farm->root = farm_make(&ca, NULL);
    ca.name = "Other";
    farm->other_root = farm_make(&ca, NULL);
    farm->leaf = farm_make(&leaf, &farm->root);
    leaf.key = FARM_RSA2048;
    farm->rsa_leaf = farm_make(&leaf, &farm->root);
    farm->device =
        farm_make(&(struct farm_spec){.name = "device-1"}, &farm->root);
    farm->stranger =
        farm_make(&(struct farm_spec){.name = "device-2"}, &farm->other_root);
    list[0] = &farm->root;
    farm->root_pem = farm_pem(list, 1);
    farm->credentials.ca = farm_view(&farm->root_pem);
    *state = farm;
    return 0;
}

int farm_tear_down(void **state)
{
    struct farm_set *farm = *state;

    farm_clear(&farm->root);
    farm_clear(&farm->other_root);
    farm_clear(&farm->leaf);
    farm_clear(&farm->rsa_leaf);
    farm_clear(&farm->device);
    farm_clear(&farm->stranger);
    farm_file_free(&farm->root_pem);
    free(farm);
    return 0;
}
