/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of a restart program, and the reason handed to the next run.
 */
#include "restart.h"

#include <fcntl.h>
#include <setjmp.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split_cuts_at_spaces),
        cmocka_unit_test(test_split_leaves_out_what_is_too_much),
        cmocka_unit_test(test_restart_reason_is_taken_once),
        cmocka_unit_test(test_restart_program_takes_the_process),
        cmocka_unit_test(test_restart_that_fails_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
