/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts of a certificate, and bytes that are none.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tls/tls.h"
#include "tls/tls_test_farm.h"
#include "tls/tls_test_library.h"

static struct hawser_certificate facts_of(const struct farm_spec *spec,
                                          const struct farm_cert *issuer)
{
    struct farm_cert made = farm_make(spec, issuer);
    struct farm_file der = farm_der(&made);
    struct hawser_certificate facts;

    assert_int_equal(hwi_tls_certificate_inspect(farm_view(&der), &facts), 0);
    farm_file_free(&der);
    farm_clear(&made);
    return facts;
}

static void test_inspect_root_reports_all(void **state)
{
    struct hawser_certificate f =
        facts_of(&(struct farm_spec){.name = "Root",
                                     .basic = "critical,CA:TRUE",
                                     .usage = "keyCertSign"},
                 NULL);

    (void)state;
    assert_true(f.is_ca);
    assert_true(f.is_self_signed);
    assert_int_equal(f.key_kind, HAWSER_KEY_EC);
    assert_int_equal(f.key_bits, 256);
    assert_int_equal(f.hash_bits, 256);
    assert_int_equal(f.not_before_s, FARM_NOW_S - FARM_YEAR_S);
    assert_int_equal(f.not_after_s, FARM_NOW_S + FARM_YEAR_S);
    assert_string_equal(f.subject, "CN=Root");
    assert_string_equal(f.common_name, "Root");
    assert_int_equal(strlen(f.fingerprint), 64);
}

static void test_inspect_leaf_is_no_ca(void **state)
{
    struct farm_set *farm = *state;
    struct hawser_certificate f =
        facts_of(&(struct farm_spec){.name = "device-1", .key = FARM_RSA2048},
                 &farm->root);

    assert_false(f.is_ca);
    assert_false(f.is_self_signed);
    assert_int_equal(f.key_kind, HAWSER_KEY_RSA);
    assert_int_equal(f.key_bits, 2048);
}

/* However long the rest is, the common name is to be seen. */
static void test_inspect_subject_begins_with_the_common_name(void **state)
{
    struct farm_cert made =
        farm_make(&(struct farm_spec){.name = "device-1"}, NULL);
    X509_NAME *name = X509_NAME_dup(X509_get_subject_name(made.cert));
    struct hawser_certificate f;
    struct farm_file der;

    (void)state;
    for (int i = 0; i < 4; i++) {
        static const char words[] = "An organisation with quite a long name";

        assert_true(X509_NAME_add_entry_by_txt(
            name, "O", MBSTRING_ASC, (const unsigned char *)words, -1, 0, 0));
    }
    assert_true(X509_set_subject_name(made.cert, name));
    der = farm_der(&made);
    assert_int_equal(hwi_tls_certificate_inspect(farm_view(&der), &f), 0);
    assert_int_equal(strncmp(f.subject, "CN=device-1,", 12), 0);
    assert_string_equal(f.common_name, "device-1");
    X509_NAME_free(name);
    farm_file_free(&der);
    farm_clear(&made);
}

static void test_inspect_ca_that_may_not_sign_is_none(void **state)
{
    struct hawser_certificate f = facts_of(
        &(struct farm_spec){.basic = "critical,CA:TRUE", .usage = "cRLSign"},
        NULL);

    (void)state;
    assert_false(f.is_ca);
}

static void test_inspect_strength_is_told(void **state)
{
    struct hawser_certificate f =
        facts_of(&(struct farm_spec){.key = FARM_RSA1024}, NULL);

    (void)state;
    assert_int_equal(f.key_bits, 1024);
    assert_int_equal(f.hash_bits, 256);
    if (test_library.has_sha1) {
        f = facts_of(&(struct farm_spec){.hash = EVP_sha1()}, NULL);
        assert_int_equal(f.hash_bits, 160);
    }
    if (test_library.has_all_keys) {
        f = facts_of(&(struct farm_spec){.key = FARM_ED25519}, NULL);
        assert_int_equal(f.key_kind, HAWSER_KEY_EDWARDS);
        assert_int_equal(f.hash_bits, 512);
    }
    f = facts_of(&(struct farm_spec){.key = FARM_P384, .hash = EVP_sha384()},
                 NULL);
    assert_int_equal(f.key_bits, 384);
    assert_int_equal(f.hash_bits, 384);
}

static void test_inspect_other_bytes_are_refused(void **state)
{
    struct farm_set *farm = *state;
    struct farm_file der = farm_der(&farm->root);
    struct farm_file key = farm_key_der(&farm->root);
    struct hawser_certificate f;
    uint8_t *longer = calloc(1, der.len + 1);
    size_t i;

    memcpy(longer, der.bytes, der.len);
    for (i = 0; i < der.len; i++) {
        struct hawser_view cut = {der.bytes, i};
        assert_int_equal(hwi_tls_certificate_inspect(cut, &f), HAWSER_E_ARG);
    }
    assert_int_equal(hwi_tls_certificate_inspect(
                         (struct hawser_view){longer, der.len + 1}, &f),
                     HAWSER_E_ARG);
    assert_int_equal(hwi_tls_certificate_inspect(farm_view(&key), &f),
                     HAWSER_E_ARG);
    assert_int_equal(
        hwi_tls_certificate_inspect(farm_view(&farm->root_pem), &f),
        HAWSER_E_ARG);
    assert_int_equal(ERR_peek_error(), 0);
    free(longer);
    farm_file_free(&key);
    farm_file_free(&der);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inspect_root_reports_all),
        cmocka_unit_test(test_inspect_leaf_is_no_ca),
        cmocka_unit_test(test_inspect_subject_begins_with_the_common_name),
        cmocka_unit_test(test_inspect_ca_that_may_not_sign_is_none),
        cmocka_unit_test(test_inspect_strength_is_told),
        cmocka_unit_test(test_inspect_other_bytes_are_refused),
    };

    return cmocka_run_group_tests(tests, farm_set_up, farm_tear_down);
}
