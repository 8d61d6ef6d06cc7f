/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser pki show` and `header`, also on files that mean harm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/pem.h>

#include <cmocka.h>

#include "cli.h"
#include "pki_fixture.h"
#include "pki_key.h"

/* A PKI folder "p" in the current directory. */
static int begin(void **state)
{
    return fixture_begin(state) != 0 ||
           fixture_run(*state, "pki init p --host a --host ::1") != 0;
}

/* A CA whose names are written by an enemy; days may be 0: ended. */
static void put_certificate(const char *path, const char *name, int days)
{
    struct hwi_ca ca = {NULL, NULL};
    assert_int_equal(hwi_key_make(&ca.key), 0);
    const struct hwi_cert_request request = {
        .kind = HWI_CERT_CA,
        .common_name = name,
        .organisation = name,
        .key = ca.key,
        .days = days,
    };
    assert_int_equal(hwi_cert_make(&request, NULL, &ca.certificate), 0);
    assert_int_equal(hwi_cert_write(path, ca.certificate), 0);
    hwi_ca_free(&ca);
}

static void test_show_tells_what_stands_in_a_certificate(void **state)
{
    static const char *const words[] = {"p/server/a.crt: certificate",
                                        "CN = a",
                                        "a, ::1",
                                        "hawser CA ",
                                        "(396 days left)",
                                        "256 bits",
                                        "usage    server",
                                        "ecdsa-with-SHA256"};
    struct fixture *f = *state;
    char print[HWI_FINGERPRINT_SIZE];
    assert_int_equal(fixture_run(f, "pki show p/server/a.crt"), 0);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strstr(f->out, words[i]) == NULL) {
            fail_msg("no \"%s\" in: %s", words[i], f->out);
        }
    }
    X509 *leaf = fixture_certificate("p/server/a.crt");
    hwi_cert_fingerprint(leaf, print);
    X509_free(leaf);
    assert_int_equal(strlen(print), 95);
    assert_non_null(strstr(f->out, print));
    assert_null(strstr(f->out, "WEAK"));
}

static void test_show_reads_chains_several_files_and_requests(void **state)
{
    struct fixture *f = *state;
    char chain[FIXTURE_TEXT_SIZE];
    int len =
        snprintf(chain, sizeof(chain), "%s", fixture_text(f, "p/server/a.crt"));
    snprintf(chain + len, sizeof(chain) - (size_t)len, "%s",
             fixture_text(f, "p/ca/ca.crt"));
    fixture_put("chain.pem", chain);
    fixture_request("r.csr", "asks", 1024, EVP_sha256());
    assert_int_equal(fixture_run(f, "pki show chain.pem r.csr"), 0);
    assert_non_null(strstr(f->out, "usage    server"));
    assert_non_null(strstr(f->out, "usage    CA of leaves"));
    assert_non_null(strstr(f->out, "r.csr: request"));
    assert_non_null(strstr(f->out, "CN = asks"));
    assert_non_null(strstr(f->out, "WEAK: an RSA key"));
    assert_non_null(strstr(f->out, "by this key"));
}

static void test_show_of_an_ended_certificate_answers_1(void **state)
{
    struct fixture *f = *state;
    put_certificate("ended.crt", "x", 0);
    assert_int_equal(fixture_run(f, "pki show ended.crt p/ca/ca.crt"),
                     HAWSER_EXIT_FAILED);
    assert_non_null(strstr(f->out, "ENDED"));
    assert_non_null(strstr(f->out, "p/ca/ca.crt: certificate"));
}

static void test_show_never_shows_a_private_key(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki show p/ca/ca.key"),
                     HAWSER_EXIT_CONFIG);
    assert_string_equal(f->out, "");
    assert_non_null(strstr(f->err, "private key"));
    assert_null(strstr(f->err, "MIG"));
}

static void test_show_of_what_is_no_certificate_is_refused(void **state)
{
    struct fixture *f = *state;
    fixture_put("text", "hello\n");
    fixture_put("empty", "");
    fixture_put("junk", "-----BEGIN CERTIFICATE-----\nAAAA\n"
                        "-----END CERTIFICATE-----\n");
    static const char *const lines[] = {"pki show text",      "pki show empty",
                                        "pki show junk",      "pki show absent",
                                        "pki show /dev/zero", "pki show p"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (fixture_run(f, lines[i]) != HAWSER_EXIT_CONFIG) {
            fail_msg("%s", lines[i]);
        }
    }
    assert_int_equal(fixture_run(f, "pki show"), HAWSER_EXIT_USAGE);
}

static void test_show_escapes_what_a_terminal_would_obey(void **state)
{
    struct fixture *f = *state;
    put_certificate("evil.crt", "a\x1b[2Jb\nSHA-256  forged", 1);
    assert_int_equal(fixture_run(f, "pki show evil.crt"), 0);
    assert_null(strchr(f->out, '\x1b'));
    assert_null(strstr(f->out, "\nSHA-256  forged"));
}

static void test_header_holds_the_ca_and_when_it_ends(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki header p/ca/ca.crt"), 0);
    assert_non_null(strstr(f->out, "#ifndef HAWSER_CA_CERT_H\n"));
    assert_non_null(strstr(f->out, "static const char hawser_ca_pem[] =\n"));
    assert_non_null(strstr(f->out, "\"-----BEGIN CERTIFICATE-----\\n\"\n"));
    assert_non_null(strstr(f->out, "-----END CERTIFICATE-----\\n\";\n"));
    assert_non_null(strstr(f->out, "ends 20"));
    assert_non_null(strstr(f->out, "#endif\n"));
}

static void test_header_of_two_cas_reads_back_as_both(void **state)
{
    struct fixture *f = *state;
    char pem[FIXTURE_TEXT_SIZE] = "";
    put_certificate("next.crt", "next", 100);
    assert_int_equal(fixture_run(f, "pki header p/ca/ca.crt next.crt"), 0);
    const char *at = strstr(f->out, "hawser_ca_pem");
    assert_non_null(at);
    size_t len = 0;
    for (at = strchr(at, '"'); at != NULL; at = strchr(at + 1, '"')) {
        const char *end = strchr(at + 1, '"');
        assert_non_null(end);
        len += (size_t)snprintf(pem + len, sizeof(pem) - len, "%.*s\n",
                                (int)(end - at) - 3, at + 1);
        at = end;
    }
    fixture_put("back.pem", pem);
    assert_int_equal(fixture_run(f, "pki show back.pem"), 0);
    assert_non_null(strstr(f->out, "CN = hawser CA"));
    assert_non_null(strstr(f->out, "CN = next"));
}

static void test_header_comment_cannot_be_closed_by_a_name(void **state)
{
    struct fixture *f = *state;
    put_certificate("evil.crt", "*/ int x; /\\", 1);
    assert_int_equal(fixture_run(f, "pki header evil.crt"), 0);
    const char *end = strstr(f->out, "*/");
    assert_non_null(end);
    assert_int_equal(strncmp(end, "*/\n#ifndef", 10), 0);
}

static void test_header_refuses_what_no_firmware_should_trust(void **state)
{
    struct fixture *f = *state;
    put_certificate("ended.crt", "x", 0);
    fixture_put("text", "hello\n");
    static const struct {
        const char *line;
        const char *words;
    } cases[] = {
        {"pki header p/server/a.crt", "not the certificate of a CA"},
        {"pki header p/ca/ca.key", "private key"},
        {"pki header p/ca/ca.crt p/ca/ca.key", "private key"},
        {"pki header ended.crt", "ended"},
        {"pki header text", "no certificate"},
        {"pki header absent", "cannot be read"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (fixture_run(f, cases[i].line) != HAWSER_EXIT_CONFIG ||
            strstr(f->err, cases[i].words) == NULL || f->out[0] != '\0') {
            fail_msg("%s: %s", cases[i].line, f->err);
        }
    }
    assert_int_equal(fixture_run(f, "pki header"), HAWSER_EXIT_USAGE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(test_show_tells_what_stands_in_a_certificate),
        TEST(test_show_reads_chains_several_files_and_requests),
        TEST(test_show_of_an_ended_certificate_answers_1),
        TEST(test_show_never_shows_a_private_key),
        TEST(test_show_of_what_is_no_certificate_is_refused),
        TEST(test_show_escapes_what_a_terminal_would_obey),
        TEST(test_header_holds_the_ca_and_when_it_ends),
        TEST(test_header_of_two_cas_reads_back_as_both),
        TEST(test_header_comment_cannot_be_closed_by_a_name),
        TEST(test_header_refuses_what_no_firmware_should_trust),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
