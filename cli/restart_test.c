/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of a restart program, and the reason handed to the next run.
 */
#include "restart.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void test_split_cuts_at_spaces(void **state)
{
    (void)state;
    char line[] = "/bin/a  -b\t'c d'";
    char *argv[HAWSER_CLI_RESTART_WORDS + 1];
    hawser_cli_restart_split(line, argv);
    assert_string_equal(argv[0], "/bin/a");
    assert_string_equal(argv[1], "-b");
    assert_string_equal(argv[2], "'c");
    assert_string_equal(argv[3], "d'");
    assert_null(argv[4]);
}

static void test_split_leaves_out_what_is_too_much(void **state)
{
    (void)state;
    char line[] = "a b c d e f g h i j k l m n o p q r";
    char *argv[HAWSER_CLI_RESTART_WORDS + 1];
    hawser_cli_restart_split(line, argv);
    assert_string_equal(argv[HAWSER_CLI_RESTART_WORDS - 1], "o");
    assert_null(argv[HAWSER_CLI_RESTART_WORDS]);
}

static void test_restart_reason_is_taken_once(void **state)
{
    (void)state;
    (void)setenv("HAWSER_RESET_REASON", "command", 1);
    assert_int_equal(hawser_cli_restart_reason(), HAWSER_RESET_COMMAND);
    assert_int_equal(hawser_cli_restart_reason(), HAWSER_RESET_UNKNOWN);
    (void)setenv("HAWSER_RESET_REASON", "else", 1);
    assert_int_equal(hawser_cli_restart_reason(), HAWSER_RESET_UNKNOWN);
}

/* A child becomes a program that sees the reason. */
static void test_restart_program_takes_the_process(void **state)
{
    (void)state;
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char line[] = "/usr/bin/printenv HAWSER_RESET_REASON";
        (void)dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
        hawser_cli_restart(line, NULL);
        _exit(99);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0); /* 1: it was not there */
}

static void test_restart_that_fails_comes_back(void **state)
{
    (void)state;
    char line[] = "/nowhere/program";
    hawser_cli_restart(line, NULL);
    assert_int_equal(hawser_cli_restart_reason(), HAWSER_RESET_COMMAND);
}

/* How a child ends for which a signal waits when it becomes /bin/false. */
static int status_after(int number)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char line[] = "/bin/false";
        sigset_t held;
        sigset_t before;
        (void)sigfillset(&held);
        (void)sigprocmask(SIG_BLOCK, &held, &before);
        (void)raise(number);
        hawser_cli_restart_let_signals(&before);
        hawser_cli_restart(line, NULL);
        _exit(99);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void test_restart_signal_that_waits_kills_nobody(void **state)
{
    (void)state;
    static const struct {
        int number;
        int code; /* 0: no restart; 1: that of the program */
    } rows[] = {{SIGTERM, 0}, {SIGINT, 0}, {SIGHUP, 1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int status = status_after(rows[i].number);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), rows[i].code);
    }
}

/* The next program does not inherit what this one does about signals. */
static void test_restart_program_begins_with_default_signals(void **state)
{
    (void)state;
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char line[] = "/bin/sh /dev/stdin";
        int ends[2] = {-1, -1};
        static const char script[] = "kill -HUP $$\n";
        sigset_t none;
        (void)sigemptyset(&none);
        if (pipe(ends) != 0 || dup2(ends[0], STDIN_FILENO) < 0 ||
            write(ends[1], script, sizeof(script) - 1) < 0) {
            _exit(98);
        }
        (void)close(ends[1]);
        hawser_cli_restart_let_signals(&none);
        hawser_cli_restart(line, NULL);
        _exit(99);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGHUP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split_cuts_at_spaces),
        cmocka_unit_test(test_split_leaves_out_what_is_too_much),
        cmocka_unit_test(test_restart_reason_is_taken_once),
        cmocka_unit_test(test_restart_program_takes_the_process),
        cmocka_unit_test(test_restart_that_fails_comes_back),
        cmocka_unit_test(test_restart_signal_that_waits_kills_nobody),
        cmocka_unit_test(test_restart_program_begins_with_default_signals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
