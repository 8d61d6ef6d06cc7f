/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser broker` without a broker: the files it makes, and what it refuses.
 * mosquitto_passwd is a script here that writes down how it was called; the
 * real one, and Mosquitto itself, are in broker_live_test.sh.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli.h"
#include "pki_fixture.h"

static const char tool[] =
    "#!/bin/sh\n"
    "echo \"$*\" >>calls\n"
    "cat \"$2\" >>lines\n"
    "sed 's/:.*/:$7$101$fake/' \"$2\" >hashed && cat hashed >\"$2\"\n";

/* A PKI folder "p", and a tool that counts its calls. */
static int begin(void **state)
{
    int code = fixture_begin(state) != 0 || mkdir("bin", 0755) != 0;
    if (code == 0) {
        const struct fixture *f = *state;
        char path[256];
        fixture_put("bin/mosquitto_passwd", tool);
        snprintf(path, sizeof(path), "%s/bin:/usr/bin:/bin", f->dir);
        code = chmod("bin/mosquitto_passwd", 0755) != 0 ||
               setenv("PATH", path, 1) != 0 ||
               fixture_run(*state, "pki init p --host localhost ::1") != 0;
    }
    return code;
}

/* The tool's script is replaced: what it does then is a failure. */
static void break_tool(const char *script)
{
    fixture_put("bin/mosquitto_passwd", script);
    assert_int_equal(chmod("bin/mosquitto_passwd", 0755), 0);
}

static void expect_text(struct fixture *f, const char *path, const char *words)
{
    if (strstr(fixture_text(f, path), words) == NULL) {
        fail_msg("no \"%s\" in %s:\n%s", words, path, f->out);
    }
}

static void test_init_makes_every_file_with_its_mode(void **state)
{
    static const struct {
        const char *path;
        int mode;
    } files[] = {
        {"b", 0700},
        {"b/mosquitto.conf", 0600},
        {"b/acl", 0600},
        {"b/passwords", 0600},
        {"b/operator.ini", 0600},
        {"b/operator.password", 0600},
        {"b/tls", 0700},
        {"b/tls/server.key", 0600},
        {"b/tls/server.crt", 0644},
        {"b/data", 0700},
        {"b/devices", 0700},
        {"b/devices/ca.crt", 0644},
    };
    struct fixture *f = *state;
    umask(0); /* the modes do not depend on it */
    assert_int_equal(fixture_run(f, "broker init b --pki p"), 0);
    umask(022);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (fixture_mode(files[i].path) != files[i].mode) {
            fail_msg("%s", files[i].path);
        }
    }
    assert_int_equal(fixture_count("b"), 8);
    assert_int_equal(fixture_count("b/tls"), 2);
    assert_int_equal(fixture_count("b/devices"), 1);
    /* of the PKI, neither the CA's key nor anything new came along */
    assert_int_equal(fixture_count("p/device"), 0);
}

static void test_init_conf_says_what_was_asked(void **state)
{
    struct fixture *f = *state;
    char line[128];
    assert_int_equal(
        fixture_run(f, "broker init b --pki p --port 1234 --bind 127.0.0.1 "
                       "--root site/one"),
        0);
    expect_text(f, "b/mosquitto.conf", "\nlistener 1234 127.0.0.1\n");
    expect_text(f, "b/mosquitto.conf", "\ntls_version tlsv1.2\n");
    expect_text(f, "b/mosquitto.conf", "\nallow_anonymous false\n");
    snprintf(line, sizeof(line), "\nkeyfile %s/b/tls/server.key\n", f->dir);
    expect_text(f, "b/mosquitto.conf", line);
    expect_text(f, "b/acl", "\npattern write site/one/%u/data\n");
    expect_text(f, "b/acl", "\npattern read site/one/%u/control\n");
    expect_text(f, "b/acl", "\npattern read site/one/%u/cert\n");
    expect_text(f, "b/operator.ini", "\nurl = mqtts://localhost:1234\n");
    expect_text(f, "b/operator.ini", "\nroot = site/one\n");
    expect_text(f, "b/operator.ini", "\nlayout = device\n");
}

static void test_init_flat_has_one_tree(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(
        fixture_run(f, "broker init b --pki p --layout flat --root esp32"), 0);
    expect_text(f, "b/acl", "\npattern write esp32/data\n");
    assert_null(strstr(f->out, "%u/"));
    assert_int_equal(fixture_run(f, "broker user b dev1"), 0);
    expect_text(f, "b/devices/dev1.ini", "\nlayout = flat\n");
    expect_text(f, "b/devices/dev1.ini", "\nroot = esp32\n");
}

static void test_init_gives_the_tool_no_password_on_its_line(void **state)
{
    struct fixture *f = *state;
    char password[64];
    assert_int_equal(fixture_run(f, "broker init b --pki p"), 0);
    assert_int_equal(snprintf(password, sizeof(password), "%s",
                              fixture_text(f, "b/operator.password")),
                     33);
    password[32] = '\0';
    assert_int_equal(strspn(password, "0123456789abcdef"), 32);
    assert_null(strstr(fixture_text(f, "calls"), password));
    expect_text(f, "lines", password);
    expect_text(f, "b/passwords", "operator:$7$101$fake\n");
    assert_null(strstr(f->out, password));
}

static void test_init_when_the_tool_fails_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    const int before = fixture_count(".");
    break_tool("#!/bin/sh\nexit 1\n");
    assert_int_equal(fixture_run(f, "broker init b --pki p"),
                     HAWSER_EXIT_FAILED);
    break_tool("#!/bin/sh\nexit 0\n");
    assert_int_equal(fixture_run(f, "broker init b --pki p"),
                     HAWSER_EXIT_FAILED);
    assert_non_null(strstr(f->err, "did not hash"));
    break_tool("#!/bin/sh\nkill -9 $$\n");
    assert_int_equal(fixture_run(f, "broker init b --pki p"),
                     HAWSER_EXIT_FAILED);
    assert_int_equal(fixture_count("."), before);
    assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
    assert_int_equal(fixture_run(f, "broker init b --pki p"),
                     HAWSER_EXIT_FAILED);
    assert_non_null(strstr(f->err, "apt install mosquitto"));
    assert_int_equal(fixture_count("."), before);
}

static void test_init_chooses_among_certificates_by_host(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "pki server p ::1"), 0);
    assert_int_equal(fixture_run(f, "broker init b --pki p"),
                     HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "--host"));
    assert_int_equal(fixture_run(f, "broker init b --pki p --host ::1"), 0);
    expect_text(f, "b/operator.ini", "\nurl = mqtts://[::1]:8883\n");
    assert_int_equal(fixture_run(f, "broker init c --pki p --host other"),
                     HAWSER_EXIT_CONFIG);
    /* the key of one, the certificate of the other */
    assert_int_equal(rename("p/server/::1.key", "p/server/localhost.key"), 0);
    assert_int_equal(fixture_run(f, "broker init c --pki p --host localhost"),
                     HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "another certificate"));
    assert_int_equal(fixture_mode("c"), -1);
}

static void test_init_with_a_bad_command_line_makes_nothing(void **state)
{
    static const char *const lines[] = {
        "broker init b",
        "broker init --pki p",
        "broker init b c --pki p",
        "broker init b --pki p --port 0",
        "broker init b --pki p --port 65536",
        "broker init b --pki p --bind 1.2.3",
        "broker init b --pki p --root a/",
        "broker init b --pki p --root /a",
        "broker init b --pki p --root a//b",
        "broker init b --pki p --root a/#",
        "broker init b --pki p --root +",
        "broker init b --pki p --root %u",
        "broker init b --pki p --root $SYS",
        "broker init b --pki p --root a~b",
        "broker init b --pki p --layout round",
        "broker init b --pki p --host ..",
        "broker init b --pki p --client-certs=yes",
        "broker",
        "broker explode",
    };
    struct fixture *f = *state;
    const int before = fixture_count(".");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (fixture_run(f, lines[i]) != HAWSER_EXIT_USAGE) {
            fail_msg("%s", lines[i]);
        }
    }
    assert_int_equal(fixture_run(f, "broker init b --pki nowhere"),
                     HAWSER_EXIT_CONFIG);
    assert_int_equal(
        fixture_run(f, "broker init b --pki p --run-as no-such-user"),
        HAWSER_EXIT_CONFIG);
    assert_int_equal(fixture_run(f, "broker init p --pki p"),
                     HAWSER_EXIT_CONFIG);
    assert_int_equal(fixture_count("."), before);
}

static void test_init_client_certs_needs_no_passwords(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "broker init b --pki p --client-certs"),
                     HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "hawser pki device p operator"));
    assert_int_equal(fixture_run(f, "pki device p operator"), 0);
    assert_int_equal(chmod("p/device/operator.key", 0640), 0);
    assert_int_equal(fixture_run(f, "broker init b --pki p --client-certs"),
                     HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "chmod 600 p/device/operator.key"));
    assert_int_equal(chmod("p/device/operator.key", 0600), 0);
    assert_int_equal(fixture_run(f, "broker init b --pki p --client-certs"), 0);
    expect_text(f, "b/mosquitto.conf", "\nrequire_certificate true\n");
    expect_text(f, "b/mosquitto.conf", "\nuse_identity_as_username true\n");
    assert_null(strstr(f->out, "\npassword_file"));
    expect_text(f, "b/operator.ini", "\nkey_file = operator.key\n");
    assert_int_equal(fixture_mode("b/operator.key"), 0600);
    assert_int_equal(fixture_mode("b/passwords"), -1);
    assert_int_equal(fixture_run(f, "broker user b dev1"), 0);
    expect_text(f, "b/devices/dev1.ini", "\ncert_file = dev1.crt\n");
    assert_int_equal(fixture_mode("b/devices/dev1.password"), -1);
    assert_int_equal(fixture_run(f, "broker user b dev1"), HAWSER_EXIT_CONFIG);
    assert_int_equal(fixture_run(f, "broker user b dev1 --remove"),
                     HAWSER_EXIT_CONFIG);
}

static void test_user_adds_a_login_and_a_configuration(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "broker init b --pki p"), 0);
    assert_int_equal(fixture_run(f, "broker user b dev1 d\xc3\xa9v~2"), 0);
    assert_non_null(strstr(f->out, "kill -HUP"));
    assert_int_equal(fixture_mode("b/devices/dev1.password"), 0600);
    assert_int_equal(fixture_mode("b/devices/dev1.ini"), 0644);
    expect_text(f, "b/devices/dev1.ini", "\nid = dev1\n");
    expect_text(f, "b/devices/dev1.ini", "\nusername = dev1\n");
    expect_text(f, "b/devices/dev1.ini", "\npassword_file = dev1.password\n");
    expect_text(f, "b/devices/dev1.ini", "\nca_file = ca.crt\n");
    expect_text(f, "b/devices/dev1.ini", "\nurl = mqtts://localhost:8883\n");
    expect_text(f, "b/devices/d\xc3\xa9v 2.ini", "\nid = d\xc3\xa9v 2\n");
    /* the tool hashes every line it sees: it must see each one once */
    assert_string_equal(fixture_text(f, "b/passwords"),
                        "operator:$7$101$fake\ndev1:$7$101$fake\n"
                        "d\xc3\xa9v 2:$7$101$fake\n");
    assert_null(strstr(fixture_text(f, "lines"), "$7$"));
    assert_int_equal(fixture_mode("b/passwords"), 0600);
    assert_int_equal(fixture_count("b"), 8);
}

static void test_user_follows_a_url_corrected_by_hand(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "broker init b --pki p"), 0);
    fixture_put("b/operator.ini", "[broker]\nurl = mqtts://far.example:1\n");
    assert_int_equal(fixture_run(f, "broker user b dev1"), 0);
    expect_text(f, "b/devices/dev1.ini", "\nurl = mqtts://far.example:1\n");
    expect_text(f, "b/devices/dev1.ini", "\nroot = hawser\n");
}

static void test_user_refuses_bad_and_taken_names(void **state)
{
    static const struct {
        const char *line;
        int code;
    } cases[] = {
        {"broker user b", HAWSER_EXIT_USAGE},
        {"broker user b a+b", HAWSER_EXIT_USAGE},
        {"broker user b a/b", HAWSER_EXIT_USAGE},
        {"broker user b a:b", HAWSER_EXIT_USAGE},
        {"broker user b a~;b", HAWSER_EXIT_USAGE},
        {"broker user b operator", HAWSER_EXIT_USAGE},
        {"broker user b dev1", HAWSER_EXIT_CONFIG},
        {"broker user b new dev1", HAWSER_EXIT_CONFIG},
        {"broker user b new new", HAWSER_EXIT_CONFIG},
        {"broker user b other --remove", HAWSER_EXIT_CONFIG},
        {"broker user b dev1 other --remove", HAWSER_EXIT_CONFIG},
        {"broker user b operator --remove", HAWSER_EXIT_USAGE},
        {"broker user p dev9", HAWSER_EXIT_CONFIG},
        {"broker user nowhere dev9", HAWSER_EXIT_CONFIG},
    };
    struct fixture *f = *state;
    char before[FIXTURE_TEXT_SIZE];
    assert_int_equal(fixture_run(f, "broker init b --pki p"), 0);
    assert_int_equal(fixture_run(f, "broker user b dev1"), 0);
    snprintf(before, sizeof(before), "%s", fixture_text(f, "b/passwords"));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (fixture_run(f, cases[i].line) != cases[i].code) {
            fail_msg("%s: %s", cases[i].line, f->err);
        }
        assert_int_equal(fixture_count("b/devices"), 3);
    }
    assert_string_equal(fixture_text(f, "b/passwords"), before);
}

static void test_user_leaves_a_file_that_it_did_not_make(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "broker init b --pki p"), 0);
    fixture_put("b/devices/dev1.ini", "; edited by hand\n");
    assert_true(fixture_run(f, "broker user b dev1") != 0);
    assert_string_equal(fixture_text(f, "b/devices/dev1.ini"),
                        "; edited by hand\n");
    assert_int_equal(fixture_mode("b/devices/dev1.password"), -1);
}

static void test_user_sweeps_what_a_killed_run_left(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "broker init b --pki p"), 0);
    fixture_put("b/.new-0123abcd", "dev0:plain\n");
    fixture_put("b/.new-0123abcd.tmp", "dev0:plain\n");
    fixture_put("p/.new-0123abcd", "not ours\n");
    assert_int_equal(fixture_run(f, "broker user p dev1"), HAWSER_EXIT_CONFIG);
    assert_true(fixture_mode("p/.new-0123abcd") >= 0);
    assert_int_equal(fixture_run(f, "broker user b dev1"), 0);
    assert_int_equal(fixture_mode("b/.new-0123abcd"), -1);
    assert_int_equal(fixture_mode("b/.new-0123abcd.tmp"), -1);
}

static void test_user_when_the_tool_fails_adds_nothing(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "broker init b --pki p"), 0);
    break_tool("#!/bin/sh\nexit 1\n");
    assert_int_equal(fixture_run(f, "broker user b dev1 dev2"),
                     HAWSER_EXIT_FAILED);
    assert_int_equal(fixture_count("b/devices"), 1);
    assert_int_equal(fixture_count("b"), 8);
    assert_string_equal(fixture_text(f, "b/passwords"),
                        "operator:$7$101$fake\n");
}

/* Runs a command in a process of its own, whom the tool sends a signal. */
static void run_and_be_ended(struct fixture *f, const char *line)
{
    char script[512];
    int status = 0;
    snprintf(script, sizeof(script), "%skill -TERM $PPID\n", tool);
    break_tool(script);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(fixture_run(f, line));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void test_a_signal_while_hashing_waits_until_all_is_done(void **state)
{
    struct fixture *f = *state;
    run_and_be_ended(f, "broker init b --pki p");
    assert_int_equal(fixture_count("b"), 8);
    int files = fixture_count(".");
    run_and_be_ended(f, "broker user b dev1 dev2");
    assert_string_equal(fixture_text(f, "b/passwords"),
                        "operator:$7$101$fake\ndev1:$7$101$fake\n"
                        "dev2:$7$101$fake\n");
    assert_int_equal(fixture_count("b"), 8);
    assert_int_equal(fixture_count("b/devices"), 5);
    assert_int_equal(fixture_count("."), files); /* no stage stays behind */
}

static void test_user_remove_takes_out_only_that_one(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "broker init b --pki p"), 0);
    assert_int_equal(fixture_run(f, "broker user b dev1 dev dev11"), 0);
    assert_int_equal(fixture_run(f, "broker user b --remove dev1"), 0);
    assert_string_equal(fixture_text(f, "b/passwords"),
                        "operator:$7$101$fake\ndev:$7$101$fake\n"
                        "dev11:$7$101$fake\n");
    assert_int_equal(fixture_mode("b/devices/dev1.ini"), -1);
    assert_int_equal(fixture_mode("b/devices/dev1.password"), -1);
    assert_int_equal(fixture_mode("b/devices/dev.ini"), 0644);
    assert_int_equal(fixture_run(f, "broker user b dev1"), 0);
}

static void test_renew_takes_the_next_certificate(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fixture_run(f, "broker init b --pki p"), 0);
    assert_int_equal(rename("p/server", "p/old"), 0);
    assert_int_equal(mkdir("p/server", 0700), 0);
    assert_int_equal(fixture_run(f, "broker renew b --pki p"),
                     HAWSER_EXIT_CONFIG);
    assert_int_equal(fixture_run(f, "pki server p new.example"), 0);
    assert_int_equal(fixture_run(f, "broker renew b --pki p"), 0);
    assert_non_null(strstr(f->out, "kill -HUP"));
    X509 *served = fixture_certificate("b/tls/server.crt");
    assert_int_equal(X509_check_host(served, "new.example", 0, 0, NULL), 1);
    X509_free(served);
    assert_int_equal(fixture_mode("b/tls/server.key"), 0600);
    assert_int_equal(fixture_count("b/tls"), 2);
    assert_int_equal(fixture_run(f, "broker renew p --pki p"),
                     HAWSER_EXIT_CONFIG);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(test_init_makes_every_file_with_its_mode),
        TEST(test_init_conf_says_what_was_asked),
        TEST(test_init_flat_has_one_tree),
        TEST(test_init_gives_the_tool_no_password_on_its_line),
        TEST(test_init_when_the_tool_fails_leaves_nothing),
        TEST(test_init_chooses_among_certificates_by_host),
        TEST(test_init_with_a_bad_command_line_makes_nothing),
        TEST(test_init_client_certs_needs_no_passwords),
        TEST(test_user_adds_a_login_and_a_configuration),
        TEST(test_user_follows_a_url_corrected_by_hand),
        TEST(test_user_refuses_bad_and_taken_names),
        TEST(test_user_leaves_a_file_that_it_did_not_make),
        TEST(test_user_sweeps_what_a_killed_run_left),
        TEST(test_user_when_the_tool_fails_adds_nothing),
        TEST(test_a_signal_while_hashing_waits_until_all_is_done),
        TEST(test_user_remove_takes_out_only_that_one),
        TEST(test_renew_takes_the_next_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
