/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of update keys: one and two that are taken, and all that is not a public
 * key on P-256.
 */
#include "update_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

/* Adds a new key's PEM; private: the whole of it. */
static void add_key(BIO *out, const char *curve, bool is_private)
{
    EVP_PKEY *key = EVP_EC_gen(curve);

    assert_non_null(key);
    assert_true(is_private ? PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0,
                                                      NULL, NULL)
                           : PEM_write_bio_PUBKEY(out, key));
    EVP_PKEY_free(key);
}

static bool read_text(BIO *bio, struct hawser_cli_update_keys *keys,
                      char words[128])
{
    char *bytes = NULL;
    long len = BIO_get_mem_data(bio, &bytes);
    struct hawser_cli_file file = {(uint8_t *)bytes, (size_t)len};
    struct hawser_cli_text why = hawser_cli_text_in(words, 128);

    return hawser_cli_update_keys_read(&file, keys, &why);
}

static void test_read_one_and_two_keys(void **state)
{
    BIO *bio = BIO_new(BIO_s_mem());
    struct hawser_cli_update_keys keys;
    char words[128];

    (void)state;
    BIO_puts(bio, "the first one\n");
    add_key(bio, "P-256", false);
    assert_true(read_text(bio, &keys, words));
    assert_int_equal(keys.count, 1);
    assert_int_equal(keys.points[0][0], 4); /* uncompressed */
    add_key(bio, "P-256", false);
    assert_true(read_text(bio, &keys, words));
    assert_int_equal(keys.count, 2);
    assert_memory_not_equal(keys.points[0], keys.points[1], HAWSER_POINT_SIZE);
    add_key(bio, "P-256", false);
    assert_false(read_text(bio, &keys, words));
    assert_string_equal(words, "holds more than two public keys");
    BIO_free(bio);
}

static void test_read_other_keys_are_refused(void **state)
{
    BIO *bio = BIO_new(BIO_s_mem());
    struct hawser_cli_update_keys keys;
    char words[128];

    (void)state;
    BIO_puts(bio, "hello\n");
    assert_false(read_text(bio, &keys, words));
    assert_non_null(strstr(words, "holds no public key"));
    (void)BIO_reset(bio);
    add_key(bio, "P-256", true);
    assert_false(read_text(bio, &keys, words));
    (void)BIO_reset(bio);
    add_key(bio, "P-384", false);
    assert_false(read_text(bio, &keys, words));
    assert_string_equal(words, "holds a public key that is not on P-256");
    BIO_free(bio);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_one_and_two_keys),
        cmocka_unit_test(test_read_other_keys_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
