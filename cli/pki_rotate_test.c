/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser pki rotate-ca`: the three steps, each also cut off at every file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli.h"
#include "pki_crl.h"
#include "pki_fixture.h"

static int begin(void **state)
{
    return fixture_begin(state) != 0 ||
           fixture_run(*state, "pki init p --host a --org ACME") != 0 ||
           fixture_run(*state, "pki device p d1") != 0;
}

/* Is the leaf good for whoever trusts the file's CAs? */
static bool is_trusted(const char *leaf_path, const char *anchors)
{
    X509 *leaf = fixture_certificate(leaf_path);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    assert_true(store != NULL && context != NULL);
    assert_int_equal(X509_STORE_load_file(store, anchors), 1);
    assert_int_equal(X509_STORE_CTX_init(context, store, leaf, NULL), 1);
    bool good = X509_verify_cert(context) == 1;
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    X509_free(leaf);
    return good;
}

static bool is_pair(const char *name)
{
    struct hwi_ca ca = {NULL, NULL};
    bool good = hwi_ca_read("p", name, NULL, &ca) == 0;
    hwi_ca_free(&ca);
    return good;
}

static void test_three_steps_and_somebody_is_always_trusted(void **state)
{
    struct fixture *f = *state;
    fixture_put("old.crt", fixture_text(f, "p/ca/ca.crt"));
    assert_int_equal(fixture_run(f, "pki rotate-ca p"), 0);
    assert_non_null(strstr(f->out, "rotate-ca p begin"));

    assert_int_equal(fixture_run(f, "pki rotate-ca p begin"), 0);
    assert_non_null(strstr(f->out, "step 1 of 3"));
    assert_int_equal(fixture_mode("p/ca/next.key"), 0600);
    assert_int_equal(fixture_mode("p/ca/bundle.crt"), 0644);
    assert_true(is_trusted("p/server/a.crt", "p/ca/bundle.crt"));
    /* the old one signs until the switch */
    assert_int_equal(fixture_run(f, "pki renew p a"), 0);
    assert_true(is_trusted("p/server/a.crt", "old.crt"));

    assert_int_equal(fixture_run(f, "pki rotate-ca p switch"), 0);
    assert_non_null(strstr(f->out, "step 2 of 3"));
    assert_true(is_pair("ca") && is_pair("old"));
    assert_int_equal(fixture_run(f, "pki renew p a"), 0);
    assert_true(is_trusted("p/server/a.crt", "p/ca/bundle.crt"));
    assert_true(is_trusted("p/server/a.crt", "p/ca/ca.crt"));
    assert_false(is_trusted("p/server/a.crt", "old.crt"));

    assert_int_equal(fixture_run(f, "pki rotate-ca p drop"),
                     HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "device \"d1\" is signed by the old CA"));
    assert_null(strstr(f->err, "server"));
    assert_int_equal(fixture_run(f, "pki renew p d1"), 0);
    assert_int_equal(fixture_run(f, "pki rotate-ca p drop"), 0);
    assert_int_equal(fixture_mode("p/ca/bundle.crt"), -1);
    assert_int_equal(fixture_mode("p/ca/old.key"), -1);
    assert_int_equal(fixture_count("p/ca"), 4); /* ca.* and retired-* */
    assert_true(is_trusted("p/device/d1.crt", "p/ca/ca.crt"));
    /* and the next roll begins as the first did */
    assert_int_equal(fixture_run(f, "pki rotate-ca p begin"), 0);
}

static void test_next_ca_has_the_organisation_and_another_name(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki rotate-ca p begin"), 0);
    X509 *ca = fixture_certificate("p/ca/ca.crt");
    X509 *next = fixture_certificate("p/ca/next.crt");
    char *organisation = hwi_ca_organisation(next);
    assert_string_equal(organisation, "ACME");
    assert_int_not_equal(
        X509_NAME_cmp(X509_get_subject_name(ca), X509_get_subject_name(next)),
        0);
    OPENSSL_free(organisation);
    X509_free(ca);
    X509_free(next);
}

static void test_begin_twice_makes_one_ca(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki rotate-ca p begin"), 0);
    char bundle[FIXTURE_TEXT_SIZE];
    snprintf(bundle, sizeof(bundle), "%s", fixture_text(f, "p/ca/bundle.crt"));
    /* cut off before the bundle was written */
    assert_int_equal(unlink("p/ca/bundle.crt"), 0);
    assert_int_equal(fixture_run(f, "pki rotate-ca p switch"),
                     HAWSER_EXIT_CONFIG);
    assert_int_equal(fixture_run(f, "pki rotate-ca p begin"), 0);
    assert_string_equal(fixture_text(f, "p/ca/bundle.crt"), bundle);
    /* or before its certificate: the key alone was never used */
    assert_int_equal(unlink("p/ca/next.crt"), 0);
    assert_int_equal(fixture_run(f, "pki rotate-ca p begin"), 0);
    assert_true(is_pair("next"));
}

/* The renames of a step; a cut after each of them. */
struct cut {
    const char *from;
    const char *to;
};

static void test_switch_goes_on_wherever_it_was_cut_off(void **state)
{
    static const struct cut renames[] = {
        {"p/ca/ca.key", "p/ca/old.key"},
        {"p/ca/next.key", "p/ca/ca.key"},
        {"p/ca/ca.crt", "p/ca/old.crt"},
    };
    struct fixture *f = *state;
    for (size_t cut = 1; cut <= 3; cut++) {
        assert_int_equal(fixture_run(f, "pki rotate-ca p begin"), 0);
        for (size_t i = 0; i < cut; i++) {
            assert_int_equal(rename(renames[i].from, renames[i].to), 0);
        }
        assert_int_not_equal(fixture_run(f, "pki renew p d1"), 0);
        assert_int_not_equal(fixture_run(f, "pki rotate-ca p drop"), 0);
        assert_int_not_equal(fixture_run(f, "pki rotate-ca p begin"), 0);
        assert_int_equal(fixture_run(f, "pki rotate-ca p"), 0);
        assert_non_null(strstr(f->out, "cut off"));
        assert_int_equal(fixture_run(f, "pki rotate-ca p switch"), 0);
        assert_true(is_pair("ca") && is_pair("old"));
        assert_int_equal(fixture_mode("p/ca/next.crt"), -1);
        assert_true(is_trusted("p/device/d1.crt", "p/ca/old.crt"));
        assert_int_equal(fixture_run(f, "pki renew p d1"), 0);
        assert_int_equal(fixture_run(f, "pki renew p a"), 0);
        assert_int_equal(fixture_run(f, "pki rotate-ca p drop"), 0);
    }
}

static void test_drop_goes_on_wherever_it_was_cut_off(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki rotate-ca p begin"), 0);
    assert_int_equal(fixture_run(f, "pki rotate-ca p switch"), 0);
    assert_int_equal(fixture_run(f, "pki revoke p d1"), 0);
    assert_int_equal(fixture_run(f, "pki renew p a"), 0);
    assert_int_equal(unlink("p/ca/bundle.crt"), 0);
    assert_int_equal(fixture_run(f, "pki rotate-ca p drop"), 0);
    assert_int_equal(fixture_mode("p/ca/old.crt"), -1);
    assert_int_equal(fixture_run(f, "pki rotate-ca p drop"),
                     HAWSER_EXIT_CONFIG);
}

static void test_lists_cover_each_ca_that_is_trusted(void **state)
{
    static const char *const steps[] = {"pki rotate-ca p begin",
                                        "pki rotate-ca p switch"};
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki crl p"), 0);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(fixture_run(f, steps[i]), 0);
        const char *text = fixture_text(f, "p/ca/crl.pem");
        const char *first = strstr(text, "BEGIN X509 CRL");
        assert_non_null(first);
        assert_non_null(strstr(first + 1, "BEGIN X509 CRL"));
    }
    assert_int_equal(fixture_run(f, "pki rotate-ca p drop --force"), 0);
    const char *text = fixture_text(f, "p/ca/crl.pem");
    assert_null(strstr(strstr(text, "BEGIN X509 CRL") + 1, "BEGIN X509 CRL"));
}

static void test_brokers_take_both_cas_while_there_are_two(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki device p operator"), 0);
    assert_int_equal(fixture_run(f, "broker init b --pki p --client-certs "
                                    "--crl"),
                     HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "`hawser pki crl p` writes it"));
    assert_int_equal(fixture_run(f, "broker init b --pki p --crl"),
                     HAWSER_EXIT_USAGE);
    assert_int_equal(fixture_run(f, "pki crl p"), 0);
    assert_int_equal(fixture_run(f, "broker init b --pki p --client-certs "
                                    "--crl"),
                     0);
    assert_non_null(strstr(fixture_text(f, "b/mosquitto.conf"), "\ncrlfile "));
    assert_int_equal(fixture_run(f, "pki rotate-ca p begin"), 0);
    assert_int_equal(fixture_run(f, "broker renew b --pki p"), 0);
    static const char *const copies[][2] = {
        {"b/tls/ca.crt", "p/ca/bundle.crt"},
        {"b/devices/ca.crt", "p/ca/bundle.crt"},
        {"b/tls/crl.pem", "p/ca/crl.pem"},
    };
    for (size_t i = 0; i < 3; i++) {
        char want[FIXTURE_TEXT_SIZE];
        snprintf(want, sizeof(want), "%s", fixture_text(f, copies[i][1]));
        assert_string_equal(fixture_text(f, copies[i][0]), want);
        assert_int_equal(fixture_mode(copies[i][0]), 0644);
    }
}

static void test_a_wrong_passphrase_changes_nothing(void **state)
{
    static const char *const lines[] = {
        "pki rotate-ca q begin --passphrase-file wrong",
        "pki rotate-ca q begin",
        "pki revoke q b --passphrase-file wrong",
        "pki crl q --passphrase-file wrong",
        "pki renew q b --passphrase-file wrong",
    };
    struct fixture *f = *state;
    fixture_put("right", "correct horse\n");
    fixture_put("wrong", "battery staple\n");
    assert_true(chmod("right", 0600) == 0 && chmod("wrong", 0600) == 0);
    assert_int_equal(
        fixture_run(f, "pki init q --host b --passphrase-file right"), 0);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_int_equal(fixture_run(f, lines[i]), HAWSER_EXIT_CONFIG);
        assert_int_equal(fixture_count("q/ca"), 2);
    }
    assert_int_equal(
        fixture_run(f, "pki rotate-ca q begin --passphrase-file right"), 0);
    assert_int_equal(fixture_run(f, "pki rotate-ca q switch"),
                     HAWSER_EXIT_CONFIG);
    assert_int_equal(fixture_mode("q/ca/old.key"), -1);
    assert_int_equal(
        fixture_run(f, "pki rotate-ca q switch --passphrase-file right"), 0);
}

static void test_slips_are_told(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki rotate-ca p start"),
                     HAWSER_EXIT_USAGE);
    assert_non_null(strstr(f->err, "begin, switch or drop"));
    assert_int_equal(fixture_run(f, "pki rotate-ca"), HAWSER_EXIT_USAGE);
    assert_int_equal(fixture_run(f, "pki rotate-ca p begin x"),
                     HAWSER_EXIT_USAGE);
    assert_int_equal(fixture_run(f, "pki rotate-ca q begin"),
                     HAWSER_EXIT_CONFIG);
    assert_int_equal(fixture_run(f, "pki rotate-ca p switch"),
                     HAWSER_EXIT_CONFIG);
    assert_int_equal(fixture_run(f, "pki rotate-ca p drop"),
                     HAWSER_EXIT_CONFIG);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(test_three_steps_and_somebody_is_always_trusted),
        TEST(test_next_ca_has_the_organisation_and_another_name),
        TEST(test_begin_twice_makes_one_ca),
        TEST(test_switch_goes_on_wherever_it_was_cut_off),
        TEST(test_drop_goes_on_wherever_it_was_cut_off),
        TEST(test_lists_cover_each_ca_that_is_trusted),
        TEST(test_brokers_take_both_cas_while_there_are_two),
        TEST(test_a_wrong_passphrase_changes_nothing),
        TEST(test_slips_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
