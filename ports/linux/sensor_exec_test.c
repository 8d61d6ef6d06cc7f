/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of sensor_exec.c with real programs. The five seconds of the limit are
 * not waited for: a test moves the deadline instead.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ports/linux/clock.h"
#include "ports/linux/sensor_exec.h"
#include "ports/linux/test_tree.h"
#include "ports/linux/test_wait.h"

#define LIMIT_MS 20000

static int set_up(void **state)
{
    static struct test_tree tree; /* one test at a time */

    tree_make(&tree);
    *state = &tree;
    return 0;
}

static int tear_down(void **state)
{
    tree_remove(*state);
    return 0;
}

/* Drives until there is a result. */
static int finish(struct hwi_linux_exec *exec, const char *command,
                  struct hawser_number *out)
{
    uint64_t end_ms = hwi_linux_now_ms() + LIMIT_MS;

    for (;;) {
        struct hwi_linux_pollset set = wait_set();
        int err = hwi_linux_exec_read(exec, command, out);

        if (err != HAWSER_E_WAIT) {
            return err;
        }
        hwi_linux_exec_poll(exec, &set);
        wait_on(&set, end_ms);
    }
}

/* A command that runs a script of the tree. */
static const char *script(const struct test_tree *tree, const char *text,
                          char out[TREE_COMMAND_SIZE])
{
    tree_write(tree, "script", text);
    (void)snprintf(out, TREE_COMMAND_SIZE, "/bin/sh %s/script", tree->path);
    return out;
}

static int run_script(const struct test_tree *tree, const char *text,
                      struct hawser_number *out)
{
    struct hwi_linux_exec exec = {0};
    char command[TREE_COMMAND_SIZE];

    return finish(&exec, script(tree, text, command), out);
}

static void test_exec_read_waits_then_answers(void **state)
{
    struct hwi_linux_exec exec = {0};
    struct hawser_number value;

    (void)state;
    assert_int_equal(hwi_linux_exec_read(&exec, "echo 21.50 C", &value),
                     HAWSER_E_WAIT);
    assert_int_equal(finish(&exec, "echo 21.50 C", &value), 0);
    assert_int_equal(value.mantissa, 2150);
    assert_int_equal(value.decimals, 2);
    assert_int_equal(exec.state, HWI_LINUX_EXEC_IDLE);
}

static void test_exec_read_uses_no_shell(void **state)
{
    struct hwi_linux_exec exec = {0};
    struct hawser_number value;

    (void)state;
    assert_int_equal(finish(&exec, "echo\t 5 ; false", &value), 0);
    assert_int_equal(value.mantissa, 5);
}

static void test_exec_read_no_such_program_absent(void **state)
{
    struct hwi_linux_exec exec = {0};
    struct hawser_number value;

    (void)state;
    assert_int_equal(finish(&exec, "/no/such/program", &value),
                     HAWSER_E_ABSENT);
    assert_int_equal(exec.state, HWI_LINUX_EXEC_IDLE);
}

static void test_exec_read_failed_program_absent(void **state)
{
    struct hawser_number value;

    assert_int_equal(run_script(*state, "echo 5\nexit 3\n", &value),
                     HAWSER_E_ABSENT);
    assert_int_equal(run_script(*state, "echo 5\nkill -9 $$\n", &value),
                     HAWSER_E_ABSENT);
    assert_int_equal(run_script(*state, "echo nothing\n", &value),
                     HAWSER_E_ABSENT);
    assert_int_equal(run_script(*state, "printf '5\\000'\n", &value),
                     HAWSER_E_ABSENT);
}

static void test_exec_read_output_up_to_its_limit(void **state)
{
    struct hawser_number value;

    assert_int_equal(run_script(*state, "printf '7%255s' ''\n", &value), 0);
    assert_int_equal(value.mantissa, 7);
    assert_int_equal(run_script(*state, "printf '7%256s' ''\n", &value),
                     HAWSER_E_ABSENT);
}

static void test_exec_read_endless_output_is_killed(void **state)
{
    struct hawser_number value;

    assert_int_equal(run_script(*state, "while :; do echo 1; done\n", &value),
                     HAWSER_E_ABSENT);
}

static void test_exec_read_output_closed_before_the_end(void **state)
{
    struct hawser_number value;

    assert_int_equal(
        run_script(*state, "echo 8\nexec >&-\nsleep 0.1\nexit 0\n", &value), 0);
    assert_int_equal(value.mantissa, 8);
}

static void test_exec_read_input_is_empty(void **state)
{
    struct hawser_number value;

    assert_int_equal(run_script(*state, "cat\necho 4\n", &value), 0);
    assert_int_equal(value.mantissa, 4);
}

/* What runs is gone, not even a zombie is left. */
static void assert_gone(pid_t pid)
{
    assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* Sleeps until the pipe has this to tell: a byte (1) or its end (0). */
static void await_pipe(int fd, ssize_t wanted)
{
    uint64_t end_ms = hwi_linux_now_ms() + LIMIT_MS;
    char byte;

    while (read(fd, &byte, 1) != wanted) {
        struct hwi_linux_pollset set = wait_set();

        hwi_linux_pollset_add(&set, fd, POLLIN);
        wait_on(&set, end_ms);
    }
}

static void test_exec_read_too_long_kills_the_group(void **state)
{
    const struct test_tree *tree = *state;
    struct hwi_linux_exec exec = {0};
    struct hawser_number value;
    char command[TREE_COMMAND_SIZE];
    char path[TREE_FILE_SIZE];
    char text[TREE_COMMAND_SIZE];
    pid_t pid;
    int alive;

    /* Who lives holds the pipe open, the program's own child, too. */
    assert_int_equal(mkfifo(tree_path(tree, "alive", path), 0600), 0);
    alive = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    (void)snprintf(text, sizeof text,
                   "exec 3>%s\nsleep 1000 &\necho >&3\nsleep 1000\n", path);
    (void)script(tree, text, command);
    assert_int_equal(hwi_linux_exec_read(&exec, command, &value),
                     HAWSER_E_WAIT);
    assert_true(exec.deadline_ms >
                hwi_linux_now_ms() + HWI_LINUX_EXEC_LIMIT_MS - 1000);
    assert_int_equal(exec.state, HWI_LINUX_EXEC_READING);
    await_pipe(alive, 1);
    pid = exec.pid;
    exec.deadline_ms = hwi_linux_now_ms();
    assert_int_equal(finish(&exec, command, &value), HAWSER_E_ABSENT);
    assert_gone(pid);
    await_pipe(alive, 0);
    assert_int_equal(close(alive), 0);
}

static void test_exec_stop_kills_and_reaps(void **state)
{
    struct hwi_linux_exec exec = {0};
    struct hawser_number value;
    pid_t pid;

    (void)state;
    assert_int_equal(hwi_linux_exec_read(&exec, "sleep 1000", &value),
                     HAWSER_E_WAIT);
    pid = exec.pid;
    hwi_linux_exec_stop(&exec);
    assert_int_equal(exec.state, HWI_LINUX_EXEC_IDLE);
    assert_gone(pid);
    hwi_linux_exec_stop(&exec);
}

static void test_exec_read_stale_result_is_measured_anew(void **state)
{
    struct hwi_linux_exec exec = {0};
    struct hawser_number value;
    uint64_t end_ms = hwi_linux_now_ms() + LIMIT_MS;

    (void)state;
    assert_int_equal(hwi_linux_exec_read(&exec, "echo 1", &value),
                     HAWSER_E_WAIT);
    while (exec.state != HWI_LINUX_EXEC_DONE) {
        struct hwi_linux_pollset set = wait_set();

        hwi_linux_exec_poll(&exec, &set);
        wait_on(&set, end_ms);
        hwi_linux_exec_drive(&exec);
    }
    exec.deadline_ms = hwi_linux_now_ms();
    assert_int_equal(hwi_linux_exec_read(&exec, "echo 2", &value),
                     HAWSER_E_WAIT);
    assert_int_equal(finish(&exec, "echo 2", &value), 0);
    assert_int_equal(value.mantissa, 2);
}

static void test_exec_read_child_has_no_blocked_signals(void **state)
{
    struct hawser_number value;
    sigset_t all;
    sigset_t before;
    int err;

    (void)sigfillset(&all);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &all, &before), 0);
    err = run_script(*state,
                     "while read k v; do [ $k = SigBlk: ] && "
                     "[ $((0x$v)) = 0 ] && echo 1; done </proc/self/status\n"
                     "exit 0\n",
                     &value);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, &before, NULL), 0);
    assert_int_equal(err, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_exec_read_waits_then_answers),
        TEST(test_exec_read_uses_no_shell),
        TEST(test_exec_read_no_such_program_absent),
        TEST(test_exec_read_failed_program_absent),
        TEST(test_exec_read_output_up_to_its_limit),
        TEST(test_exec_read_endless_output_is_killed),
        TEST(test_exec_read_output_closed_before_the_end),
        TEST(test_exec_read_input_is_empty),
        TEST(test_exec_read_too_long_kills_the_group),
        TEST(test_exec_stop_kills_and_reaps),
        TEST(test_exec_read_stale_result_is_measured_anew),
        TEST(test_exec_read_child_has_no_blocked_signals),
    };

    return cmocka_run_group_tests_name("linux sensor_exec", tests, NULL, NULL);
}
