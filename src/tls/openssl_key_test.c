/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures that must be believed, and those that must not.
 */
#include <string.h>

#include <openssl/err.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tls/openssl_test_farm.h"
#include "tls/tls.h"

/* What was signed, by whom, and the outcome. */
struct signed_text {
    EVP_PKEY *key;
    uint8_t point[HAWSER_POINT_SIZE];
    uint8_t value[256];
    size_t value_len;
    struct hawser_signature signature;
};

static const char text[] = "update_cert 12";

/* Signs text by a new key of a curve. */
static struct signed_text *sign(const char *curve, const EVP_MD *hash)
{
    static struct signed_text s;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t point_len = 0;

    memset(&s, 0, sizeof s);
    s.key = EVP_EC_gen(curve);
    s.value_len = sizeof s.value;
    assert_non_null(s.key);
    assert_true(EVP_DigestSignInit(ctx, NULL, hash, NULL, s.key));
    assert_true(EVP_DigestSign(ctx, s.value, &s.value_len,
                               (const uint8_t *)text, sizeof text));
    EVP_MD_CTX_free(ctx);
    (void)EVP_PKEY_get_octet_string_param(s.key, "pub", s.point, sizeof s.point,
                                          &point_len);
    EVP_PKEY_free(s.key);
    s.signature =
        (struct hawser_signature){.key = {s.point, sizeof s.point},
                                  .bytes = {(const uint8_t *)text, sizeof text},
                                  .value = {s.value, s.value_len}};
    return &s;
}

static void test_verify_signature_of_the_key_is_taken(void **state)
{
    struct signed_text *s = sign("P-256", EVP_sha256());

    (void)state;
    assert_int_equal(hwi_tls_verify_signature(&s->signature), 0);
}

static void test_verify_signature_any_changed_byte_is_refused(void **state)
{
    struct signed_text *s = sign("P-256", EVP_sha256());
    char changed[sizeof text];
    size_t i;

    (void)state;
    for (i = 0; i < s->value_len; i++) {
        s->value[i] ^= 1;
        assert_int_equal(hwi_tls_verify_signature(&s->signature), HAWSER_E_ARG);
        s->value[i] ^= 1;
    }
    for (i = 0; i < sizeof s->point; i++) {
        s->point[i] ^= 1;
        assert_int_equal(hwi_tls_verify_signature(&s->signature), HAWSER_E_ARG);
        s->point[i] ^= 1;
    }
    memcpy(changed, text, sizeof text);
    s->signature.bytes.at = (const uint8_t *)changed;
    for (i = 0; i < sizeof changed; i++) {
        changed[i] ^= 1;
        assert_int_equal(hwi_tls_verify_signature(&s->signature), HAWSER_E_ARG);
        changed[i] ^= 1;
    }
    assert_int_equal(hwi_tls_verify_signature(&s->signature), 0);
}

static void test_verify_signature_any_cut_is_refused(void **state)
{
    struct signed_text *s = sign("P-256", EVP_sha256());
    size_t i;

    (void)state;
    for (i = 0; i < s->value_len; i++) {
        s->signature.value.len = i;
        assert_int_equal(hwi_tls_verify_signature(&s->signature), HAWSER_E_ARG);
    }
    s->signature.value.len = s->value_len + 1;
    assert_int_equal(hwi_tls_verify_signature(&s->signature), HAWSER_E_ARG);
    s->signature.value.len = s->value_len;
    for (i = 0; i < sizeof s->point; i++) {
        s->signature.key.len = i;
        assert_int_equal(hwi_tls_verify_signature(&s->signature), HAWSER_E_ARG);
    }
}

static void test_verify_signature_by_other_means_is_refused(void **state)
{
    struct signed_text *s = sign("P-256", EVP_sha384());

    (void)state;
    assert_int_equal(hwi_tls_verify_signature(&s->signature), HAWSER_E_ARG);
    s = sign("secp256k1", EVP_sha256());
    assert_int_equal(hwi_tls_verify_signature(&s->signature), HAWSER_E_ARG);
    s = sign("P-256", EVP_sha256());
    s->signature.key = (struct hawser_view){NULL, 0};
    assert_int_equal(hwi_tls_verify_signature(&s->signature), HAWSER_E_ARG);
    assert_int_equal(ERR_peek_error(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify_signature_of_the_key_is_taken),
        cmocka_unit_test(test_verify_signature_any_changed_byte_is_refused),
        cmocka_unit_test(test_verify_signature_any_cut_is_refused),
        cmocka_unit_test(test_verify_signature_by_other_means_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
