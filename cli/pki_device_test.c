/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser pki device`: with a key made here, and for a request.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>

#include <cmocka.h>

#include "cli.h"
#include "pki_fixture.h"

/* A PKI folder "p" in the current directory. */
static int begin(void **state)
{
    return fixture_begin(state) != 0 ||
           fixture_run(*state, "pki init p --host a") != 0;
}

static void test_device_certificate_is_for_one_client(void **state)
{
    struct fixture *f = *state;
    char name[64];
    assert_int_equal(fixture_run(f, "pki device p esp~1\xc3\xa9"), 0);
    assert_int_equal(fixture_mode("p/device/esp 1\xc3\xa9.key"), 0600);
    assert_int_equal(fixture_mode("p/device/esp 1\xc3\xa9.crt"), 0644);
    X509 *leaf = fixture_certificate("p/device/esp 1\xc3\xa9.crt");
    assert_int_equal(X509_get_extended_key_usage(leaf), XKU_SSL_CLIENT);
    assert_int_equal(X509_get_key_usage(leaf), KU_DIGITAL_SIGNATURE);
    assert_int_equal(X509_check_ca(leaf), 0);
    X509_NAME_get_text_by_NID(X509_get_subject_name(leaf), NID_commonName, name,
                              sizeof(name));
    assert_string_equal(name, "esp 1\xc3\xa9");
    GENERAL_NAMES *names =
        X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    assert_int_equal(sk_GENERAL_NAME_num(names), 1);
    int type;
    const ASN1_STRING *uri =
        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, 0), &type);
    assert_int_equal(type, GEN_URI);
    assert_string_equal((const char *)ASN1_STRING_get0_data(uri),
                        "urn:hawser:device:esp%201%C3%A9");
    GENERAL_NAMES_free(names);
    X509_free(leaf);
}

static void test_device_life_is_a_year_and_two_at_most(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki device p a"), 0);
    assert_int_equal(fixture_run(f, "pki device p b --days 730"), 0);
    assert_int_equal(fixture_run(f, "pki device p c --days=7"), 0);
    static const struct {
        const char *path;
        int days;
    } lives[] = {{"p/device/a.crt", 364},
                 {"p/device/b.crt", 729},
                 {"p/device/c.crt", 6}};
    for (size_t i = 0; i < 3; i++) {
        X509 *leaf = fixture_certificate(lives[i].path);
        assert_int_equal(hwi_days_left(X509_get0_notAfter(leaf)),
                         lives[i].days);
        X509_free(leaf);
    }
    assert_int_equal(fixture_run(f, "pki device p d --days 731"),
                     HAWSER_EXIT_USAGE);
    assert_int_equal(fixture_run(f, "pki device p d --days -1"),
                     HAWSER_EXIT_USAGE);
    assert_int_equal(fixture_count("p/device"), 6);
}

static void test_device_with_a_bad_id_makes_nothing(void **state)
{
    static const char *const lines[] = {
        "pki device p a+b", "pki device p a/b",    "pki device p #",
        "pki device p ~",   "pki device p ..",     "pki device p \x1b[2J",
        "pki device p",     "pki device p one two"};
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (fixture_run(f, lines[i]) != HAWSER_EXIT_USAGE) {
            fail_msg("%s", lines[i]);
        }
        /* an id must not reach the terminal as it is */
        assert_null(strchr(f->err, '\x1b'));
    }
    assert_int_equal(fixture_count("p/device"), 0);
}

static void test_device_twice_is_refused_and_keeps_the_first(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki device p a"), 0);
    char before[FIXTURE_TEXT_SIZE];
    snprintf(before, sizeof(before), "%s", fixture_text(f, "p/device/a.key"));
    assert_int_equal(fixture_run(f, "pki device p a"), HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "not overwritten"));
    assert_string_equal(fixture_text(f, "p/device/a.key"), before);
    assert_int_equal(fixture_count("p/device"), 2);
}

static void test_device_that_cannot_be_indexed_is_not_issued(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(rename("p/index.jsonl", "index"), 0);
    assert_int_equal(mkdir("p/index.jsonl", 0700), 0);
    assert_int_equal(fixture_run(f, "pki device p a"), HAWSER_EXIT_FAILED);
    assert_int_equal(fixture_count("p/device"), 0);
}

static void test_device_outliving_its_ca_is_refused(void **state)
{
    struct fixture *f = *state;
    fixture_short_ca("q", 100);
    assert_int_equal(fixture_run(f, "pki device q a"), HAWSER_EXIT_CONFIG);
    assert_int_equal(fixture_count("q/device"), 0);
    assert_int_equal(fixture_run(f, "pki device q a --days 99"), 0);
}

static void test_device_csr_is_signed_without_a_key_here(void **state)
{
    struct fixture *f = *state;
    fixture_request("named.csr", "a", 0, EVP_sha256());
    fixture_request("bare.csr", "", 2048, EVP_sha384());
    assert_int_equal(fixture_run(f, "pki device p a --csr named.csr"), 0);
    assert_int_equal(fixture_run(f, "pki device p b --csr bare.csr"), 0);
    assert_int_equal(fixture_mode("p/device/a.key"), -1);
    assert_int_equal(fixture_count("p/device"), 2);
    X509 *leaf = fixture_certificate("p/device/b.crt");
    assert_int_equal(EVP_PKEY_get_bits(X509_get0_pubkey(leaf)), 2048);
    assert_int_equal(X509_get_extended_key_usage(leaf), XKU_SSL_CLIENT);
    X509_free(leaf);
}

static void test_device_csr_asking_for_more_is_granted_nothing(void **state)
{
    struct fixture *f = *state;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509_REQ *request = X509_REQ_new();
    STACK_OF(X509_EXTENSION) *wishes = sk_X509_EXTENSION_new_null();
    sk_X509_EXTENSION_push(wishes, X509V3_EXT_conf_nid(NULL, NULL,
                                                       NID_basic_constraints,
                                                       "critical,CA:TRUE"));
    sk_X509_EXTENSION_push(wishes,
                           X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
                                               "DNS:broker.example"));
    assert_int_equal(X509_REQ_set_pubkey(request, key), 1);
    assert_int_equal(X509_REQ_add_extensions(request, wishes), 1);
    assert_true(X509_REQ_sign(request, key, EVP_sha256()) > 0);
    FILE *file = fopen("greedy.csr", "w");
    assert_int_equal(PEM_write_X509_REQ(file, request), 1);
    fclose(file);
    sk_X509_EXTENSION_pop_free(wishes, X509_EXTENSION_free);
    X509_REQ_free(request);
    EVP_PKEY_free(key);

    assert_int_equal(fixture_run(f, "pki device p a --csr greedy.csr"), 0);
    X509 *leaf = fixture_certificate("p/device/a.crt");
    assert_int_equal(X509_check_ca(leaf), 0);
    assert_int_not_equal(X509_check_host(leaf, "broker.example", 0, 0, NULL),
                         1);
    X509_free(leaf);
}

/* Changes one letter within the signature. */
static void tamper(struct fixture *f, const char *path)
{
    char *text = f->out;
    fixture_text(f, path);
    char *end = strstr(text, "\n-----END");
    assert_non_null(end);
    char *letter = end - 12;
    *letter = *letter == 'A' ? 'B' : 'A';
    fixture_put(path, text);
}

static void test_device_csr_that_is_not_sound_is_refused(void **state)
{
    struct fixture *f = *state;
    fixture_request("other.csr", "b", 0, EVP_sha256());
    fixture_request("weak.csr", "a", 1024, EVP_sha256());
    fixture_request("sha1.csr", "a", 0, EVP_sha1());
    fixture_request("tampered.csr", "a", 0, EVP_sha256());
    tamper(f, "tampered.csr");
    fixture_put("text.csr", "no request\n");
    static const struct {
        const char *line;
        const char *words;
    } cases[] = {
        {"pki device p a --csr other.csr", "another common name"},
        {"pki device p a --csr weak.csr", "2048"},
        {"pki device p a --csr sha1.csr", "SHA-1"},
        {"pki device p a --csr tampered.csr", "signature"},
        {"pki device p a --csr text.csr", "no certificate request"},
        {"pki device p a --csr absent.csr", "cannot be read"},
        {"pki device p a --csr p/ca/ca.crt", "no certificate request"},
        {"pki device p a --csr /dev/zero", "regular file"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (fixture_run(f, cases[i].line) != HAWSER_EXIT_CONFIG ||
            strstr(f->err, cases[i].words) == NULL) {
            fail_msg("%s: %s", cases[i].line, f->err);
        }
    }
    assert_int_equal(fixture_count("p/device"), 0);
}

static void test_device_csr_with_the_key_of_another_is_refused(void **state)
{
    struct fixture *f = *state;
    fixture_request("a.csr", "", 0, EVP_sha256());
    assert_int_equal(fixture_run(f, "pki device p a --csr a.csr"), 0);
    assert_int_equal(fixture_run(f, "pki device p b --csr a.csr"),
                     HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "another name"));
    /* its own next certificate may have the same key */
    assert_int_equal(unlink("p/device/a.crt"), 0);
    assert_int_equal(fixture_run(f, "pki device p a --csr a.csr"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(test_device_certificate_is_for_one_client),
        TEST(test_device_life_is_a_year_and_two_at_most),
        TEST(test_device_with_a_bad_id_makes_nothing),
        TEST(test_device_twice_is_refused_and_keeps_the_first),
        TEST(test_device_that_cannot_be_indexed_is_not_issued),
        TEST(test_device_outliving_its_ca_is_refused),
        TEST(test_device_csr_is_signed_without_a_key_here),
        TEST(test_device_csr_asking_for_more_is_granted_nothing),
        TEST(test_device_csr_that_is_not_sound_is_refused),
        TEST(test_device_csr_with_the_key_of_another_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
