/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of state_dir.c: the lock and the reset reason.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ports/linux/state_dir.h"
#include "ports/linux/test_tree.h"

#define BOOT_ID "proc/sys/kernel/random/boot_id"

struct fixture {
    struct test_tree tree;
    char path[TREE_FILE_SIZE];
    char message[HAWSER_LINUX_MESSAGE_SIZE];
};

static int set_up(void **state)
{
    static struct fixture f; /* one test at a time */

    tree_make(&f.tree);
    tree_write(&f.tree, BOOT_ID, "boot-one\n");
    (void)tree_path(&f.tree, "state", f.path);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tree_remove(&f->tree);
    return 0;
}

static int open_dir(struct fixture *f, struct hwi_linux_state_dir *out)
{
    return hwi_linux_state_dir_open(out, f->path, f->tree.path, f->message);
}

/* One run: the reset reason it sees; ends by a clean stop or a restart. */
static enum hawser_reset_reason run(struct fixture *f, bool is_restart)
{
    struct hwi_linux_state_dir dir;
    enum hawser_reset_reason reason;

    assert_int_equal(open_dir(f, &dir), 0);
    reason = dir.reset_reason;
    hwi_linux_state_dir_close(&dir, is_restart);
    return reason;
}

/* A run that ends without a stop. */
static void run_and_crash(struct fixture *f)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        struct hwi_linux_state_dir dir;

        _exit(open_dir(f, &dir) == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void test_state_dir_reason_after_each_end(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(run(f, false), HAWSER_RESET_POWER_ON);
    assert_int_equal(run(f, true), HAWSER_RESET_SOFTWARE);
    assert_int_equal(run(f, false), HAWSER_RESET_COMMAND);
    run_and_crash(f);
    assert_int_equal(run(f, false), HAWSER_RESET_CRASH);
}

static void test_state_dir_reason_after_another_boot(void **state)
{
    struct fixture *f = *state;

    run_and_crash(f);
    tree_write(&f->tree, BOOT_ID, "boot-two\n");
    assert_int_equal(run(f, true), HAWSER_RESET_POWER_ON);
    tree_write(&f->tree, BOOT_ID, "boot-three\n");
    assert_int_equal(run(f, false), HAWSER_RESET_COMMAND);
    tree_write(&f->tree, BOOT_ID, "boot-four\n");
    assert_int_equal(run(f, false), HAWSER_RESET_POWER_ON);
}

static void test_state_dir_reason_of_garbled_note_is_power_on(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(run(f, false), HAWSER_RESET_POWER_ON);
    tree_write(&f->tree, "state/lock", "garbled");
    assert_int_equal(run(f, false), HAWSER_RESET_POWER_ON);
    assert_int_equal(run(f, false), HAWSER_RESET_SOFTWARE);
}

static void test_state_dir_open_makes_private_folder(void **state)
{
    struct fixture *f = *state;
    struct stat facts;

    (void)run(f, false);
    assert_int_equal(stat(f->path, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0700);
}

static void test_state_dir_open_twice_refused_with_pid(void **state)
{
    struct fixture *f = *state;
    struct hwi_linux_state_dir first;
    struct hwi_linux_state_dir second;
    char words[64];

    assert_int_equal(open_dir(f, &first), 0);
    assert_int_equal(open_dir(f, &second), HAWSER_E_STORAGE);
    assert_int_equal(second.fd, -1);
    (void)snprintf(words, sizeof words, "in use by process %ld",
                   (long)getpid());
    assert_non_null(strstr(f->message, words));
    assert_non_null(strstr(f->message, f->path));
    /* The refused one left the note alone. */
    hwi_linux_state_dir_close(&first, true);
    assert_int_equal(run(f, false), HAWSER_RESET_COMMAND);
}

static void test_state_dir_open_where_it_cannot_be_refused(void **state)
{
    struct fixture *f = *state;
    struct hwi_linux_state_dir dir;

    (void)tree_path(&f->tree, "no/state", f->path);
    assert_int_equal(open_dir(f, &dir), HAWSER_E_STORAGE);
    assert_non_null(strstr(f->message, "cannot make the state directory"));
    assert_non_null(strstr(f->message, "No such file"));
    tree_write(&f->tree, "file", "");
    (void)tree_path(&f->tree, "file", f->path);
    assert_int_equal(open_dir(f, &dir), HAWSER_E_STORAGE);
    assert_non_null(strstr(f->message, "Not a directory"));
}

static void test_state_dir_open_none_is_fine(void **state)
{
    struct hwi_linux_state_dir dir;
    struct fixture *f = *state;

    assert_int_equal(hwi_linux_state_dir_open(&dir, NULL, "", f->message), 0);
    assert_int_equal(dir.fd, -1);
    assert_int_equal(dir.reset_reason, HAWSER_RESET_UNKNOWN);
    hwi_linux_state_dir_close(&dir, true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_state_dir_reason_after_each_end),
        TEST(test_state_dir_reason_after_another_boot),
        TEST(test_state_dir_reason_of_garbled_note_is_power_on),
        TEST(test_state_dir_open_makes_private_folder),
        TEST(test_state_dir_open_twice_refused_with_pid),
        TEST(test_state_dir_open_where_it_cannot_be_refused),
        TEST(test_state_dir_open_none_is_fine),
    };

    return cmocka_run_group_tests_name("linux state_dir", tests, NULL, NULL);
}
