/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser pki list`, `check`, `renew`, `revoke` and `crl`: what becomes of a
 * certificate after it was made. The CA's own life: pki_rotate_test.c.
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
#include "pki_crl.h"
#include "pki_fixture.h"

/* A PKI folder "p" with two devices. */
static int begin(void **state)
{
    return fixture_begin(state) != 0 ||
           fixture_run(*state, "pki init p --host a --host ::1") != 0 ||
           fixture_run(*state, "pki device p d1") != 0 ||
           fixture_run(*state, "pki device p d2") != 0;
}

static void expect_out(struct fixture *f, const char *line, const char *words)
{
    assert_int_equal(fixture_run(f, line), 0);
    if (strstr(f->out, words) == NULL) {
        fail_msg("%s: no \"%s\" in: %s", line, words, f->out);
    }
}

static X509_CRL *read_crl(void)
{
    FILE *file = fopen("p/ca/crl.pem", "r");
    assert_non_null(file);
    X509_CRL *crl = PEM_read_X509_CRL(file, NULL, NULL, NULL);
    fclose(file);
    assert_non_null(crl);
    return crl;
}

/* What a broker that reads the list makes of a device; X509_V_OK: welcome. */
static int judge(const char *path)
{
    X509 *leaf = fixture_certificate(path);
    X509 *ca = fixture_certificate("p/ca/ca.crt");
    X509_CRL *crl = read_crl();
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    assert_true(store != NULL && context != NULL);
    assert_int_equal(X509_STORE_add_cert(store, ca), 1);
    assert_int_equal(X509_STORE_add_crl(store, crl), 1);
    assert_int_equal(X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK |
                                                     X509_V_FLAG_X509_STRICT),
                     1);
    assert_int_equal(X509_STORE_CTX_init(context, store, leaf, NULL), 1);
    (void)X509_verify_cert(context);
    int verdict = X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    X509_CRL_free(crl);
    X509_free(ca);
    X509_free(leaf);
    return verdict;
}

static void test_list_shows_what_is_valid_and_what_was(void **state)
{
    struct fixture *f = *state;
    expect_out(f, "pki list p", "valid     device    364  20");
    assert_non_null(strstr(f->out, "  d1\n"));
    assert_non_null(strstr(f->out, "valid     server    396  20"));
    /* what ends first stands first */
    assert_true(strstr(f->out, " device ") < strstr(f->out, " server "));
    assert_int_equal(fixture_run(f, "pki revoke p d2"), 0);
    assert_int_equal(fixture_run(f, "pki renew p d1"), 0);
    expect_out(f, "pki list p", "replaced  device");
    assert_null(strstr(f->out, "d2"));
    expect_out(f, "pki list p --all", "revoked   device");
    expect_out(f, "pki list p --all --json",
               "{\"state\":\"revoked\",\"kind\":\"device\",\"name\":\"d2\",");
}

static void test_names_are_found_in_any_script(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki device p caf\xc3\xa9'\""), 0);
    expect_out(f, "pki list p", "  caf\xc3\xa9'\"\n");
    assert_int_equal(fixture_run(f, "pki revoke p caf\xc3\xa9'\""), 0);
    expect_out(f, "pki list p --all", "revoked   device");
}

static void test_check_tells_what_ends_and_answers_1(void **state)
{
    struct fixture *f = *state;
    expect_out(f, "pki check p", "nothing ends within 30 days\n");
    assert_int_equal(fixture_run(f, "pki check p --days 370"),
                     HAWSER_EXIT_FAILED);
    assert_non_null(strstr(f->out, "hawser pki renew p device/d1\n"));
    assert_null(strstr(f->out, "server/a"));
    /* what is gone for good is not asked for any more */
    assert_int_equal(fixture_run(f, "pki revoke p d1"), 0);
    assert_int_equal(fixture_run(f, "pki check p --days 80"), 0);
    assert_int_equal(fixture_run(f, "pki check p --days 370"),
                     HAWSER_EXIT_FAILED);
    assert_null(strstr(f->out, "device/d1"));
    assert_non_null(strstr(f->out, "device/d2"));
    assert_non_null(strstr(f->out, "hawser pki crl p\n"));
}

static void test_check_tells_of_the_ca_and_its_key(void **state)
{
    struct fixture *f = *state;
    fixture_short_ca("s", 426);
    fixture_put("s/index.jsonl", "");
    assert_int_equal(fixture_run(f, "pki check s"), HAWSER_EXIT_FAILED);
    assert_non_null(strstr(f->out, "hawser pki rotate-ca s\n"));
    assert_int_equal(chmod("p/ca/ca.key", 0640), 0);
    assert_int_equal(fixture_run(f, "pki check p"), HAWSER_EXIT_FAILED);
    assert_non_null(strstr(f->out, "chmod 600"));
}

static void test_check_wants_a_list_once_something_is_revoked(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki revoke p d1"), 0);
    assert_int_equal(fixture_run(f, "pki check p"), 0);
    assert_int_equal(unlink("p/ca/crl.pem"), 0);
    assert_int_equal(fixture_run(f, "pki check p"), HAWSER_EXIT_FAILED);
    assert_non_null(strstr(f->out, "no list of it: hawser pki crl p"));
}

static void test_renew_keeps_the_names_and_changes_the_key(void **state)
{
    static const struct {
        const char *word;
        const char *path;
        const char *key;
    } cases[] = {
        {"pki renew p a", "p/server/a.crt", "p/server/a.key"},
        {"pki renew p device/d1", "p/device/d1.crt", "p/device/d1.key"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        X509 *before = fixture_certificate(cases[i].path);
        assert_int_equal(fixture_run(f, cases[i].word), 0);
        X509 *after = fixture_certificate(cases[i].path);
        GENERAL_NAMES *one =
            X509_get_ext_d2i(before, NID_subject_alt_name, NULL, NULL);
        GENERAL_NAMES *two =
            X509_get_ext_d2i(after, NID_subject_alt_name, NULL, NULL);
        assert_int_equal(sk_GENERAL_NAME_num(one), sk_GENERAL_NAME_num(two));
        for (int n = 0; n < sk_GENERAL_NAME_num(one); n++) {
            assert_int_equal(GENERAL_NAME_cmp(sk_GENERAL_NAME_value(one, n),
                                              sk_GENERAL_NAME_value(two, n)),
                             0);
        }
        assert_int_equal(X509_NAME_cmp(X509_get_subject_name(before),
                                       X509_get_subject_name(after)),
                         0);
        assert_int_not_equal(
            EVP_PKEY_eq(X509_get0_pubkey(before), X509_get0_pubkey(after)), 1);
        assert_int_equal(fixture_mode(cases[i].key), 0600);
        assert_int_equal(fixture_mode(cases[i].path), 0644);
        GENERAL_NAMES_free(one);
        GENERAL_NAMES_free(two);
        X509_free(before);
        X509_free(after);
    }
    assert_int_equal(fixture_count("p/server"), 2);
    assert_int_equal(fixture_run(f, "pki init q --host a"), 0);
    assert_int_equal(fixture_run(f, "broker renew p --pki p"),
                     HAWSER_EXIT_CONFIG); /* not a broker's folder */
}

static void test_renew_by_request_signs_the_devices_own_key(void **state)
{
    struct fixture *f = *state;
    fixture_request("d1.csr", "d1", 0, EVP_sha256());
    assert_int_equal(fixture_run(f, "pki renew p d1 --csr d1.csr"),
                     HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "p/device/d1.key"));
    assert_int_equal(unlink("p/device/d1.key"), 0);
    assert_int_equal(fixture_run(f, "pki renew p d1 --csr d1.csr"), 0);
    assert_int_equal(fixture_mode("p/device/d1.key"), -1);
    /* nor another device's key */
    assert_int_equal(unlink("p/device/d2.key"), 0);
    fixture_request("any.csr", "", 0, EVP_sha256());
    assert_int_equal(fixture_run(f, "pki renew p d1 --csr any.csr"), 0);
    assert_int_equal(fixture_run(f, "pki renew p d2 --csr any.csr"),
                     HAWSER_EXIT_CONFIG);
    assert_int_equal(fixture_run(f, "pki renew p a --csr any.csr"),
                     HAWSER_EXIT_USAGE);
}

static void test_renew_that_fails_leaves_what_was(void **state)
{
    struct fixture *f = *state;
    char before[FIXTURE_TEXT_SIZE];
    snprintf(before, sizeof(before), "%s", fixture_text(f, "p/server/a.crt"));
    assert_int_equal(mkdir("p/server/a.crt.new", 0700), 0);
    assert_int_not_equal(fixture_run(f, "pki renew p a"), 0);
    assert_string_equal(fixture_text(f, "p/server/a.crt"), before);
    assert_int_equal(fixture_mode("p/server/a.key.new"), -1);
    assert_int_equal(rmdir("p/server/a.crt.new"), 0);
    /* left by a renewal that was cut off */
    fixture_put("p/server/a.key.new", "x");
    fixture_put("p/server/a.crt.new", "x");
    assert_int_equal(fixture_run(f, "pki renew p a"), 0);
    assert_int_equal(fixture_count("p/server"), 2);
}

static void test_revoked_is_refused_and_the_rest_is_not(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki revoke p d1"), 0);
    assert_non_null(strstr(f->out, "d1: 1 certificate revoked"));
    assert_int_equal(judge("p/device/d1.crt"), X509_V_ERR_CERT_REVOKED);
    assert_int_equal(judge("p/device/d2.crt"), X509_V_OK);
    assert_int_equal(judge("p/server/a.crt"), X509_V_OK);
    assert_int_equal(fixture_mode("p/ca/crl.pem"), 0644);
    expect_out(f, "pki revoke p d1", "nothing to revoke");
    /* found again: a new certificate is welcome */
    assert_int_equal(fixture_run(f, "pki renew p d1"), 0);
    assert_int_equal(judge("p/device/d1.crt"), X509_V_OK);
}

static void test_revoke_replaced_keeps_the_newest(void **state)
{
    struct fixture *f = *state;
    expect_out(f, "pki revoke p d1 --replaced", "nothing to revoke");
    fixture_put("old.crt", fixture_text(f, "p/device/d1.crt"));
    assert_int_equal(fixture_run(f, "pki renew p d1"), 0);
    assert_int_equal(fixture_run(f, "pki revoke p d1 --replaced"), 0);
    assert_int_equal(judge("old.crt"), X509_V_ERR_CERT_REVOKED);
    assert_int_equal(judge("p/device/d1.crt"), X509_V_OK);
}

static void test_crl_is_written_anew_with_a_greater_number(void **state)
{
    struct fixture *f = *state;
    uint64_t numbers[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        expect_out(f, "pki crl p", "in 90 days");
        X509_CRL *crl = read_crl();
        ASN1_INTEGER *number =
            X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
        assert_int_equal(ASN1_INTEGER_get_uint64(&numbers[i], number), 1);
        ASN1_INTEGER_free(number);
        X509_CRL_free(crl);
    }
    assert_true(numbers[1] > numbers[0]);
    assert_int_equal(judge("p/device/d1.crt"), X509_V_OK);
    assert_int_equal(fixture_run(f, "pki crl p --days 29"), HAWSER_EXIT_USAGE);
    assert_int_equal(fixture_run(f, "pki crl p --days 366"), HAWSER_EXIT_USAGE);
}

static void test_a_name_of_a_server_and_a_device_is_asked_for(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki device p a"), 0);
    assert_int_equal(fixture_run(f, "pki revoke p a"), HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "server/a or device/a"));
    assert_int_equal(fixture_run(f, "pki revoke p device/a"), 0);
    assert_int_equal(judge("p/device/a.crt"), X509_V_ERR_CERT_REVOKED);
    assert_int_equal(judge("p/server/a.crt"), X509_V_OK);
}

static void test_what_cannot_be_is_refused_and_changes_nothing(void **state)
{
    static const struct {
        const char *line;
        int code;
        const char *words;
    } cases[] = {
        {"pki revoke p nobody", HAWSER_EXIT_CONFIG, "no certificate of this"},
        {"pki revoke p ca", HAWSER_EXIT_CONFIG, "no certificate of this"},
        {"pki revoke p server/d1", HAWSER_EXIT_CONFIG, "no certificate of"},
        {"pki renew p nobody", HAWSER_EXIT_CONFIG, "no certificate of this"},
        {"pki renew p d1 --days 731", HAWSER_EXIT_USAGE, "1 to 730"},
        {"pki renew p a --days 398", HAWSER_EXIT_USAGE, "1 to 397"},
        {"pki renew p", HAWSER_EXIT_USAGE, "one NAME"},
        {"pki revoke p", HAWSER_EXIT_USAGE, "one NAME"},
        {"pki revoke q d1", HAWSER_EXIT_CONFIG, "q/ca/ca.key"},
        {"pki list q", HAWSER_EXIT_CONFIG, "q/index.jsonl"},
        {"pki list", HAWSER_EXIT_USAGE, "needs DIR"},
        {"pki check", HAWSER_EXIT_USAGE, "needs DIR"},
        {"pki crl", HAWSER_EXIT_USAGE, "needs DIR"},
        {"pki check p --days 0", HAWSER_EXIT_USAGE, "1 to 3650"},
    };
    struct fixture *f = *state;
    char before[FIXTURE_TEXT_SIZE];
    snprintf(before, sizeof(before), "%s", fixture_text(f, "p/index.jsonl"));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (fixture_run(f, cases[i].line) != cases[i].code ||
            strstr(f->err, cases[i].words) == NULL) {
            fail_msg("%s: %s", cases[i].line, f->err);
        }
    }
    assert_string_equal(fixture_text(f, "p/index.jsonl"), before);
    assert_int_equal(fixture_mode("p/ca/crl.pem"), -1);
}

static void test_an_index_with_a_strange_line_stops_everything(void **state)
{
    static const char *const lines[] = {
        "hello\n",
        "{}\n",
        "{\"issued\":\"x\",\"kind\":\"device\",\"name\":\"d1\"}\n",
        "{\"issued\":\"x\",\"kind\":\"device\",\"name\":\"d1\",\"serial\":"
        "\"0G\",\"not_after\":\"2027-01-01T00:00:00Z\"}\n",
        "{\"issued\":\"x\",\"kind\":\"device\",\"name\":\"d1\",\"serial\":"
        "\"01\",\"not_after\":\"some day\"}\n",
        "{\"revoked\":\"2027-01-01T00:00:00Z\",\"serial\":1}\n",
        "{\"revoked\":\"once\",\"serial\":\"01\"}\n",
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        fixture_put("p/index.jsonl", lines[i]);
        if (fixture_run(f, "pki revoke p d1") != HAWSER_EXIT_CONFIG ||
            strstr(f->err, "p/index.jsonl:1: not a line") == NULL) {
            fail_msg("%s: %s", lines[i], f->err);
        }
        assert_int_equal(fixture_run(f, "pki check p"), HAWSER_EXIT_CONFIG);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(test_list_shows_what_is_valid_and_what_was),
        TEST(test_names_are_found_in_any_script),
        TEST(test_check_tells_what_ends_and_answers_1),
        TEST(test_check_tells_of_the_ca_and_its_key),
        TEST(test_check_wants_a_list_once_something_is_revoked),
        TEST(test_renew_keeps_the_names_and_changes_the_key),
        TEST(test_renew_by_request_signs_the_devices_own_key),
        TEST(test_renew_that_fails_leaves_what_was),
        TEST(test_revoked_is_refused_and_the_rest_is_not),
        TEST(test_revoke_replaced_keeps_the_newest),
        TEST(test_crl_is_written_anew_with_a_greater_number),
        TEST(test_a_name_of_a_server_and_a_device_is_asked_for),
        TEST(test_what_cannot_be_is_refused_and_changes_nothing),
        TEST(test_an_index_with_a_strange_line_stops_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
