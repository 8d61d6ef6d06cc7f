/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of text_file.c and listing.c.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ports/linux/listing.h"
#include "ports/linux/test_tree.h"
#include "ports/linux/text_file.h"

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

static void test_text_read_drops_final_newlines(void **state)
{
    const struct test_tree *tree = *state;
    char text[16];

    tree_write(tree, "a/b", "45000\n\n");
    assert_int_equal(
        hwi_linux_text_read(text, sizeof text, "%s/a/%c", tree->path, 'b'), 5);
    assert_string_equal(text, "45000");
}

static void test_text_read_long_file_is_cut(void **state)
{
    const struct test_tree *tree = *state;
    char text[4];

    tree_write(tree, "long", "123456789");
    assert_int_equal(
        hwi_linux_text_read(text, sizeof text, "%s/long", tree->path), 3);
    assert_string_equal(text, "123");
}

static void test_text_read_nothing_there_absent(void **state)
{
    const struct test_tree *tree = *state;
    char text[8] = "old";
    char name[HWI_LINUX_PATH_SIZE + 1];

    assert_int_equal(
        hwi_linux_text_read(text, sizeof text, "%s/none", tree->path),
        HAWSER_E_ABSENT);
    assert_string_equal(text, "");
    assert_int_equal(hwi_linux_text_read(text, sizeof text, "%s", tree->path),
                     HAWSER_E_ABSENT); /* a folder */
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(hwi_linux_text_read(text, sizeof text, "%s", name),
                     HAWSER_E_ABSENT);
}

static void test_text_read_with_nul_absent(void **state)
{
    const struct test_tree *tree = *state;
    char path[TREE_FILE_SIZE];
    char text[8];
    int fd;

    fd = open(tree_path(tree, "nul", path), O_WRONLY | O_CREAT | O_CLOEXEC,
              0600);
    assert_int_equal(write(fd, "1\0002", 3), 3);
    assert_int_equal(close(fd), 0);
    assert_int_equal(hwi_linux_text_read(text, sizeof text, "%s", path),
                     HAWSER_E_ABSENT);
    assert_string_equal(text, "");
}

static void test_text_read_pipe_without_writer_does_not_block(void **state)
{
    const struct test_tree *tree = *state;
    char path[TREE_FILE_SIZE];
    char text[8];

    assert_int_equal(mkfifo(tree_path(tree, "pipe", path), 0600), 0);
    assert_int_equal(hwi_linux_text_read(text, sizeof text, "%s", path), 0);
}

static void test_listing_read_is_in_order_of_numbers(void **state)
{
    const struct test_tree *tree = *state;
    struct hwi_linux_listing listing;

    tree_write(tree, "list/zone10", "");
    tree_write(tree, "list/zone2", "");
    tree_write(tree, "list/.hidden", "");
    hwi_linux_listing_read(&listing, "%s/list", tree->path);
    assert_int_equal(listing.count, 2);
    assert_string_equal(hwi_linux_listing_name(&listing, 0), "zone2");
    assert_string_equal(hwi_linux_listing_name(&listing, 1), "zone10");
    hwi_linux_listing_free(&listing);
    assert_int_equal(listing.count, 0);
}

static void test_listing_read_no_folder_is_empty(void **state)
{
    const struct test_tree *tree = *state;
    struct hwi_linux_listing listing;

    hwi_linux_listing_read(&listing, "%s/none", tree->path);
    assert_int_equal(listing.count, 0);
    hwi_linux_listing_free(&listing);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_text_read_drops_final_newlines),
        TEST(test_text_read_long_file_is_cut),
        TEST(test_text_read_nothing_there_absent),
        TEST(test_text_read_with_nul_absent),
        TEST(test_text_read_pipe_without_writer_does_not_block),
        TEST(test_listing_read_is_in_order_of_numbers),
        TEST(test_listing_read_no_folder_is_empty),
    };

    return cmocka_run_group_tests_name("linux text_file", tests, NULL, NULL);
}
