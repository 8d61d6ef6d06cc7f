/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser pki init` and `server`: what is made, how, and what is refused.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bn.h>

#include <cmocka.h>

#include "cli.h"
#include "pki_fixture.h"
#include "pki_key.h"

/* Would a careful verifier take the leaf for this purpose? */
static bool verifies(X509 *leaf, X509 *ca, int purpose, const char *host,
                     const char *address)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    assert_true(store != NULL && context != NULL);
    assert_int_equal(X509_STORE_add_cert(store, ca), 1);
    assert_int_equal(X509_STORE_CTX_init(context, store, leaf, NULL), 1);
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                               X509_CHECK_FLAG_NO_WILDCARDS);
    X509_STORE_CTX_set_purpose(context, purpose);
    if (host != NULL) {
        X509_VERIFY_PARAM_set1_host(param, host, 0);
    }
    if (address != NULL) {
        X509_VERIFY_PARAM_set1_ip_asc(param, address);
    }
    bool good = X509_verify_cert(context) == 1;
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return good;
}

static int life_days(const X509 *certificate)
{
    int days = 0;
    int seconds = 0;
    assert_int_equal(ASN1_TIME_diff(&days, &seconds,
                                    X509_get0_notBefore(certificate),
                                    X509_get0_notAfter(certificate)),
                     1);
    return days + (seconds > 0);
}

static void test_init_makes_every_file_with_its_mode(void **state)
{
    struct fixture *f = *state;
    umask(0); /* the modes do not depend on it */
    assert_int_equal(fixture_run(f, "pki init p --host broker.example"), 0);
    umask(022);
    assert_int_equal(fixture_mode("p"), 0700);
    assert_int_equal(fixture_mode("p/ca"), 0700);
    assert_int_equal(fixture_mode("p/ca/ca.key"), 0600);
    assert_int_equal(fixture_mode("p/ca/ca.crt"), 0644);
    assert_int_equal(fixture_mode("p/server/broker.example.key"), 0600);
    assert_int_equal(fixture_mode("p/server/broker.example.crt"), 0644);
    assert_int_equal(fixture_mode("p/device"), 0700);
    assert_int_equal(fixture_mode("p/index.jsonl"), 0600);
    assert_int_equal(fixture_count("p"), 4);
    assert_int_equal(fixture_count("p/ca"), 2);
    assert_int_equal(fixture_count("p/server"), 2);
    assert_int_equal(fixture_count("."), 1);
    assert_non_null(strstr(f->out, "p/ca/ca.crt"));
    assert_non_null(strstr(f->out, "hawser broker init"));
    assert_null(strstr(f->out, "PRIVATE"));
}

static void test_init_ca_is_a_ca_of_leaves_for_ten_years(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki init p --host a --org ACME~Ltd"), 0);
    X509 *ca = fixture_certificate("p/ca/ca.crt");
    char name[64];
    assert_int_equal(X509_check_ca(ca), 1);
    assert_int_equal(X509_get_pathlen(ca), 0);
    assert_int_equal(X509_get_key_usage(ca), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
    int critical = 0;
    ASN1_BIT_STRING *usage =
        X509_get_ext_d2i(ca, NID_key_usage, &critical, NULL);
    assert_int_equal(critical, 1);
    ASN1_BIT_STRING_free(usage);
    assert_int_equal(life_days(ca), 3650);
    assert_int_equal(X509_get_signature_nid(ca), NID_ecdsa_with_SHA256);
    assert_int_equal(EVP_PKEY_get_bits(X509_get0_pubkey(ca)), 256);
    X509_NAME_get_text_by_NID(X509_get_subject_name(ca), NID_organizationName,
                              name, sizeof(name));
    assert_string_equal(name, "ACME Ltd");
    X509_free(ca);
}

static void test_init_server_verifies_by_each_name_and_no_other(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(
        fixture_run(f, "pki init p --host broker.example --host 127.0.0.1 ::1"),
        0);
    X509 *ca = fixture_certificate("p/ca/ca.crt");
    X509 *leaf = fixture_certificate("p/server/broker.example.crt");
    const int server = X509_PURPOSE_SSL_SERVER;
    assert_true(verifies(leaf, ca, server, "broker.example", NULL));
    assert_true(verifies(leaf, ca, server, NULL, "127.0.0.1"));
    assert_true(verifies(leaf, ca, server, NULL, "::1"));
    assert_false(verifies(leaf, ca, server, "other.example", NULL));
    assert_false(verifies(leaf, ca, server, "127.0.0.1", NULL));
    assert_false(verifies(leaf, ca, server, NULL, "127.0.0.2"));
    assert_false(verifies(leaf, ca, X509_PURPOSE_SSL_CLIENT, NULL, NULL));
    assert_int_equal(X509_get_extended_key_usage(leaf), XKU_SSL_SERVER);
    assert_int_equal(X509_check_ca(leaf), 0);
    assert_int_equal(life_days(leaf), 397);
    int days = 0;
    int seconds = 0;
    ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(leaf), NULL);
    assert_in_range(seconds, 3600, 3660);
    X509_free(leaf);
    X509_free(ca);
}

static void test_init_twice_shares_neither_key_nor_serial_nor_name(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki init p --host a"), 0);
    assert_int_equal(fixture_run(f, "pki init q --host a"), 0);
    X509 *p = fixture_certificate("p/ca/ca.crt");
    X509 *q = fixture_certificate("q/ca/ca.crt");
    X509 *leaf = fixture_certificate("q/server/a.crt");
    assert_int_not_equal(EVP_PKEY_eq(X509_get0_pubkey(p), X509_get0_pubkey(q)),
                         1);
    assert_int_not_equal(
        ASN1_INTEGER_cmp(X509_get0_serialNumber(p), X509_get0_serialNumber(q)),
        0);
    assert_int_not_equal(
        X509_NAME_cmp(X509_get_subject_name(p), X509_get_subject_name(q)), 0);
    assert_false(verifies(leaf, p, X509_PURPOSE_SSL_SERVER, "a", NULL));
    BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(p), NULL);
    assert_int_equal(BN_num_bits(serial), 128);
    BN_free(serial);
    X509_free(leaf);
    X509_free(p);
    X509_free(q);
}

static void test_init_with_a_bad_command_line_makes_nothing(void **state)
{
    static const char *const lines[] = {
        "pki init p",
        "pki init",
        "pki init --host",
        "pki init p --host *.example",
        "pki init p --host 300.1.1.1",
        "pki init p --host a --days 0",
        "pki init p --host a --days 398",
        "pki init p --host a --days 1x",
        "pki init p --host a --unknown",
        "pki init p --host a --org A --org B",
        "pki init p --host a -x",
        "pki",
        "pki frobnicate",
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (fixture_run(f, lines[i]) != HAWSER_EXIT_USAGE) {
            fail_msg("%s", lines[i]);
        }
        assert_int_equal(fixture_count("."), 0);
    }
}

static void test_init_never_touches_what_is_there(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mkdir("p", 0755), 0);
    fixture_put("p/file", "mine");
    assert_int_equal(fixture_run(f, "pki init p --host a"), HAWSER_EXIT_CONFIG);
    assert_int_equal(fixture_count("p"), 1);
    assert_int_equal(fixture_count("."), 1);
    assert_int_equal(fixture_run(f, "pki init p/file --host a"),
                     HAWSER_EXIT_CONFIG);
    assert_int_equal(fixture_run(f, "pki init no/where --host a"),
                     HAWSER_EXIT_CONFIG);
    assert_int_equal(fixture_run(f, "pki init . --host a"), HAWSER_EXIT_CONFIG);
    assert_string_equal(fixture_text(f, "p/file"), "mine");
}

static void test_init_fills_an_empty_folder(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mkdir("p", 0755), 0);
    assert_int_equal(fixture_run(f, "pki init p/ --host a"), 0);
    assert_int_equal(fixture_mode("p"), 0700);
    assert_int_equal(fixture_mode("p/ca/ca.key"), 0600);
}

/* Files cannot grow beyond size bytes while the command runs. */
static int run_on_a_full_disk(struct fixture *f, const char *line, rlim_t size)
{
    struct rlimit old;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    const struct rlimit low = {.rlim_cur = size, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    int code = fixture_run(f, line);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    return code;
}

static void test_init_on_a_full_disk_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    /* No byte fits, or only the key, or all but the growing index. */
    static const rlim_t sizes[] = {100, 300, 600};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(run_on_a_full_disk(f, "pki init p --host a", sizes[i]),
                         HAWSER_EXIT_FAILED);
        assert_int_equal(fixture_count("."), 0);
    }
}

static void test_init_with_a_passphrase_seals_the_ca_key(void **state)
{
    struct fixture *f = *state;
    fixture_put("short", "1234567\n");
    assert_int_equal(chmod("short", 0600), 0);
    assert_int_equal(
        fixture_run(f, "pki init p --host a --passphrase-file short"),
        HAWSER_EXIT_CONFIG);
    assert_int_equal(
        fixture_run(f, "pki init p --host a --passphrase-file absent"),
        HAWSER_EXIT_CONFIG);
    fixture_put("right", "correct horse\nsecond line\n");
    fixture_put("wrong", "battery staple\n");
    assert_int_equal(chmod("wrong", 0600), 0);
    assert_int_equal(chmod("right", 0644), 0);
    assert_int_equal(
        fixture_run(f, "pki init p --host a --passphrase-file right"),
        HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "chmod 600 right"));
    assert_int_equal(chmod("right", 0600), 0);
    assert_int_equal(
        fixture_run(f, "pki init p --host a --passphrase-file right"), 0);
    assert_non_null(
        strstr(fixture_text(f, "p/ca/ca.key"), "BEGIN ENCRYPTED PRIVATE KEY"));
    assert_int_equal(fixture_run(f, "pki server p b"), HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "--passphrase-file"));
    assert_int_equal(fixture_run(f, "pki server p b --passphrase-file wrong"),
                     HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "the passphrase does not fit\n"));
    assert_int_equal(fixture_run(f, "pki server p b --passphrase-file right"),
                     0);
    assert_int_equal(fixture_mode("p/server/b.key"), 0600);
}

static void test_server_refuses_a_ca_key_open_to_others(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki init p --host a"), 0);
    assert_int_equal(chmod("p/ca/ca.key", 0640), 0);
    assert_int_equal(fixture_run(f, "pki server p b"), HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "chmod 600 p/ca/ca.key"));
    assert_int_equal(chmod("p/ca/ca.key", 0600), 0);
    if (chown("p/ca/ca.key", 12345, (gid_t)-1) == 0) { /* root can */
        assert_int_equal(fixture_run(f, "pki server p b"), HAWSER_EXIT_CONFIG);
        assert_non_null(strstr(f->err, "belongs to another user"));
    }
    assert_int_equal(fixture_mode("p/server/b.key"), -1);
}

static void test_server_adds_one_and_never_overwrites(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki init p --host a"), 0);
    assert_int_equal(fixture_run(f, "pki server p b.example 10.0.0.1"), 0);
    X509 *ca = fixture_certificate("p/ca/ca.crt");
    X509 *leaf = fixture_certificate("p/server/b.example.crt");
    assert_true(
        verifies(leaf, ca, X509_PURPOSE_SSL_SERVER, "b.example", "10.0.0.1"));
    X509_free(leaf);
    X509_free(ca);
    assert_int_equal(fixture_run(f, "pki server p a"), HAWSER_EXIT_CONFIG);
    /* the certificate alone is in the way: no new key stays behind */
    assert_int_equal(rename("p/server/a.key", "a.key"), 0);
    assert_int_equal(fixture_run(f, "pki server p a"), HAWSER_EXIT_CONFIG);
    assert_int_equal(fixture_mode("p/server/a.key"), -1);
    const char *index = fixture_text(f, "p/index.jsonl");
    assert_non_null(strstr(index, "\"name\":\"b.example\""));
    int lines = 0;
    for (; (index = strchr(index, '\n')) != NULL; index++) {
        lines++;
    }
    assert_int_equal(lines, 3);
}

static void test_server_with_a_long_name_has_no_subject(void **state)
{
    struct fixture *f = *state;
    static const char name[] =
        "a123456789012345678901234567890123456789.b12345678901234567890123456"
        "7890.example";
    char line[256];
    snprintf(line, sizeof(line), "pki init p --host %s", name);
    assert_int_equal(fixture_run(f, line), 0);
    snprintf(line, sizeof(line), "p/server/%s.crt", name);
    X509 *ca = fixture_certificate("p/ca/ca.crt");
    X509 *leaf = fixture_certificate(line);
    assert_int_equal(X509_NAME_entry_count(X509_get_subject_name(leaf)), 0);
    assert_true(verifies(leaf, ca, X509_PURPOSE_SSL_SERVER, name, NULL));
    X509_free(leaf);
    X509_free(ca);
}

static void test_server_refuses_to_outlive_its_ca(void **state)
{
    struct fixture *f = *state;
    fixture_short_ca("p", 30);
    assert_int_equal(fixture_run(f, "pki server p a"), HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "outlive"));
    assert_int_equal(fixture_count("p/server"), 0);
    assert_int_equal(fixture_run(f, "pki server p a --days 29"), 0);
}

/* As fixture_short_ca(), with a key that no command would make. */
static void put_weak_ca(const char *dir)
{
    char path[64];
    fixture_short_ca(dir, 30);
    EVP_PKEY *key = EVP_RSA_gen(1024);
    snprintf(path, sizeof(path), "%s/ca/ca.crt", dir);
    X509 *certificate = fixture_certificate(path);
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(hwi_cert_write(path, certificate), 0);
    snprintf(path, sizeof(path), "%s/ca/ca.key", dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(hwi_key_write(path, key, NULL), 0);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void test_server_refuses_a_weak_ca(void **state)
{
    struct fixture *f = *state;
    put_weak_ca("p");
    assert_int_equal(fixture_run(f, "pki server p a --days 1"),
                     HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "2048"));
    assert_int_equal(fixture_count("p/server"), 0);
}

static void test_server_refuses_a_ca_that_is_none(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki server nowhere a"),
                     HAWSER_EXIT_CONFIG);
    fixture_short_ca("ended", 0); /* its last second is an hour ago */
    assert_int_equal(fixture_run(f, "pki server ended a --days 1"),
                     HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "has ended"));
    assert_int_equal(fixture_run(f, "pki init p --host a"), 0);
    assert_int_equal(fixture_run(f, "pki init q --host a"), 0);
    assert_int_equal(rename("q/ca/ca.key", "p/ca/ca.key"), 0);
    assert_int_equal(fixture_run(f, "pki server p b"), HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "belongs to another"));
    assert_int_equal(rename("p/server/a.crt", "p/ca/ca.crt"), 0);
    assert_int_equal(fixture_run(f, "pki server p b"), HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "not the certificate of a CA"));
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(test_init_makes_every_file_with_its_mode),
        TEST(test_init_ca_is_a_ca_of_leaves_for_ten_years),
        TEST(test_init_server_verifies_by_each_name_and_no_other),
        TEST(test_init_twice_shares_neither_key_nor_serial_nor_name),
        TEST(test_init_with_a_bad_command_line_makes_nothing),
        TEST(test_init_never_touches_what_is_there),
        TEST(test_init_fills_an_empty_folder),
        TEST(test_init_on_a_full_disk_leaves_nothing),
        TEST(test_init_with_a_passphrase_seals_the_ca_key),
        TEST(test_server_refuses_a_ca_key_open_to_others),
        TEST(test_server_adds_one_and_never_overwrites),
        TEST(test_server_with_a_long_name_has_no_subject),
        TEST(test_server_refuses_to_outlive_its_ca),
        TEST(test_server_refuses_a_weak_ca),
        TEST(test_server_refuses_a_ca_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
