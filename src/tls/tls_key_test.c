/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures that must be believed, and those that must not; a key of our own.
 */
#include <string.h>

#include <openssl/err.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tls/tls.h"
#include "tls/tls_test_farm.h"

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

/* A request's public key and name, if its signature is good. */
static void check_request(const uint8_t *bytes, size_t len, EVP_PKEY *key)
{
    const unsigned char *at = bytes;
    X509_REQ *request = d2i_X509_REQ(NULL, &at, (long)len);
    char name[64];

    assert_non_null(request);
    assert_int_equal(X509_REQ_verify(request, X509_REQ_get0_pubkey(request)),
                     1);
    assert_int_equal(EVP_PKEY_eq(X509_REQ_get0_pubkey(request), key), 1);
    assert_true(X509_NAME_get_text_by_NID(X509_REQ_get_subject_name(request),
                                          NID_commonName, name,
                                          sizeof name) > 0);
    assert_string_equal(name, "esp32_factory_001");
    X509_REQ_free(request);
}

static void test_key_request_is_for_the_key(void **state)
{
    uint8_t key[HAWSER_KEY_MAX];
    uint8_t request[HAWSER_REQUEST_MAX];
    char longest[HAWSER_COMMON_NAME_SIZE];
    const unsigned char *at = key;
    size_t key_len = 0;
    size_t len = 0;
    EVP_PKEY *read;

    (void)state;
    assert_int_equal(
        hwi_tls_key_create((struct hawser_span){key, sizeof key}, &key_len), 0);
    read = d2i_AutoPrivateKey(NULL, &at, (long)key_len);
    assert_non_null(read);
    assert_int_equal(EVP_PKEY_get_bits(read), 256);
    assert_int_equal(hwi_tls_key_request(
                         (struct hawser_view){key, key_len},
                         "esp32_factory_001",
                         (struct hawser_span){request, sizeof request}, &len),
                     0);
    check_request(request, len, read);
    EVP_PKEY_free(read);
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(hwi_tls_key_request(
                         (struct hawser_view){key, key_len}, longest,
                         (struct hawser_span){request, sizeof request}, &len),
                     0);
}

static void test_key_create_twice_makes_two_keys(void **state)
{
    uint8_t key[2][HAWSER_KEY_MAX] = {{0}};
    size_t len = 0;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(hwi_tls_key_create(
                             (struct hawser_span){key[i], sizeof key[i]}, &len),
                         0);
    }
    assert_memory_not_equal(key[0], key[1], len);
}

static void test_key_calls_without_room_or_key_fail(void **state)
{
    uint8_t key[HAWSER_KEY_MAX];
    uint8_t request[HAWSER_REQUEST_MAX];
    struct hawser_span room = {request, sizeof request};
    size_t len = 0;

    (void)state;
    assert_int_equal(hwi_tls_key_create((struct hawser_span){key, 20}, &len),
                     HAWSER_E_FULL);
    assert_int_equal(
        hwi_tls_key_create((struct hawser_span){key, sizeof key}, &len), 0);
    assert_int_equal(hwi_tls_key_request((struct hawser_view){key, len - 1},
                                         "x", room, &len),
                     HAWSER_E_ARG);
    assert_int_equal(
        hwi_tls_key_request((struct hawser_view){NULL, 0}, "x", room, &len),
        HAWSER_E_ARG);
    assert_int_equal(hwi_tls_key_request((struct hawser_view){key, len}, "x",
                                         (struct hawser_span){request, 50},
                                         &len),
                     HAWSER_E_FULL);
    assert_int_equal(ERR_peek_error(), 0);
}

static void test_key_matches_only_its_certificate(void **state)
{
    struct farm_cert a = farm_make(&(struct farm_spec){.name = "a"}, NULL);
    struct farm_cert b = farm_make(&(struct farm_spec){.name = "b"}, NULL);
    struct farm_file key_der = farm_key_der(&a);
    struct farm_file key_pem = farm_key_pem(&a);
    struct farm_file own = farm_der(&a);
    struct farm_file other = farm_der(&b);
    struct hawser_view none = {NULL, 0};

    (void)state;
    assert_int_equal(hwi_tls_key_matches(farm_view(&key_der), farm_view(&own)),
                     0);
    assert_int_equal(hwi_tls_key_matches(farm_view(&key_pem), farm_view(&own)),
                     0);
    assert_int_equal(
        hwi_tls_key_matches(farm_view(&key_der), farm_view(&other)),
        HAWSER_E_ARG);
    assert_int_equal(hwi_tls_key_matches(none, farm_view(&own)), HAWSER_E_ARG);
    assert_int_equal(hwi_tls_key_matches(farm_view(&key_der), none),
                     HAWSER_E_ARG);
    farm_file_free(&other);
    farm_file_free(&own);
    farm_file_free(&key_pem);
    farm_file_free(&key_der);
    farm_clear(&b);
    farm_clear(&a);
}

static void test_sha256_is_that_of_the_standard(void **state)
{
    /* FIPS 180-4: of "abc". */
    static const uint8_t wanted[4] = {0xba, 0x78, 0x16, 0xbf};
    uint8_t digest[HAWSER_DIGEST_SIZE];

    (void)state;
    assert_int_equal(
        hwi_tls_sha256((struct hawser_view){(const uint8_t *)"abc", 3}, digest),
        0);
    assert_memory_equal(digest, wanted, sizeof wanted);
    assert_int_equal(hwi_tls_sha256((struct hawser_view){NULL, 0}, digest), 0);
    assert_int_equal(digest[0], 0xe3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify_signature_of_the_key_is_taken),
        cmocka_unit_test(test_verify_signature_any_changed_byte_is_refused),
        cmocka_unit_test(test_verify_signature_any_cut_is_refused),
        cmocka_unit_test(test_verify_signature_by_other_means_is_refused),
        cmocka_unit_test(test_key_request_is_for_the_key),
        cmocka_unit_test(test_key_create_twice_makes_two_keys),
        cmocka_unit_test(test_key_calls_without_room_or_key_fail),
        cmocka_unit_test(test_key_matches_only_its_certificate),
        cmocka_unit_test(test_sha256_is_that_of_the_standard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
