/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of flash.c in a folder of their own.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ports/linux/flash.h"
#include "ports/linux/test_tree.h"

#define REGION HAWSER_REGION_STATE

/* A state directory with flash in it. */
struct fixture {
    struct test_tree tree;
    char path[TREE_FILE_SIZE];
    struct hwi_linux_state_dir dir;
    struct hwi_linux_flash flash;
    struct hawser_flash_geometry shape;
};

static char message[HAWSER_LINUX_MESSAGE_SIZE];

static int set_up(void **state)
{
    static struct fixture f; /* one test at a time */

    tree_make(&f.tree);
    (void)tree_path(&f.tree, "state", f.path);
    assert_int_equal(hwi_linux_state_dir_open(&f.dir, f.path, "", message), 0);
    assert_int_equal(hwi_linux_flash_open(&f.flash, &f.dir, 0, message), 0);
    hwi_linux_flash_geometry(&f.flash, REGION, &f.shape);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    hwi_linux_flash_close(&f->flash);
    hwi_linux_state_dir_close(&f->dir, false);
    tree_remove(&f->tree);
    return 0;
}

static int reopen(struct fixture *f)
{
    hwi_linux_flash_close(&f->flash);
    return hwi_linux_flash_open(&f->flash, &f->dir, 0, message);
}

/* Fails unless len bytes at offset are all value. */
static void assert_all(const struct fixture *f, uint32_t offset, size_t len,
                       uint8_t value)
{
    while (len-- > 0) {
        uint8_t byte;

        assert_int_equal(
            hwi_linux_flash_read(&f->flash, REGION, offset++, &byte, 1), 0);
        assert_int_equal(byte, value);
    }
}

static void test_flash_open_new_is_erased_and_private(void **state)
{
    const struct fixture *f = *state;
    char path[TREE_FILE_SIZE];
    struct stat facts;

    assert_all(f, 0, f->shape.sector_size + 4, 0xff);
    assert_int_equal(
        stat(tree_path(&f->tree, "state/state.flash", path), &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0600);
    assert_int_equal(facts.st_size,
                     f->shape.sector_size * f->shape.sector_count);
    assert_int_equal(access(tree_path(&f->tree, "state/new.flash", path), F_OK),
                     -1);
}

static void test_flash_geometry_is_as_the_port_demands(void **state)
{
    const struct fixture *f = *state;
    unsigned region;

    for (region = 0; region < HAWSER_REGION_COUNT; region++) {
        struct hawser_flash_geometry shape;

        hwi_linux_flash_geometry(&f->flash, (enum hawser_region)region, &shape);
        assert_true(shape.sector_size >= 256);
        assert_true(shape.sector_count >= 2);
        assert_int_equal(16 % shape.program_size, 0);
    }
}

static void test_flash_program_survives_reopening(void **state)
{
    struct fixture *f = *state;
    const uint8_t bytes[8] = "hawser!";
    uint8_t back[8];

    assert_int_equal(
        hwi_linux_flash_program(&f->flash, REGION, 4096, bytes, sizeof bytes),
        0);
    assert_int_equal(reopen(f), 0);
    assert_int_equal(
        hwi_linux_flash_read(&f->flash, REGION, 4096, back, sizeof back), 0);
    assert_memory_equal(back, bytes, sizeof bytes);
    assert_all(f, 4092, 4, 0xff);
    assert_all(f, 4104, 4, 0xff);
}

static void test_flash_program_twice_refused(void **state)
{
    struct fixture *f = *state;
    const uint8_t first[4] = {0xf0, 0xff, 0xff, 0xff};
    const uint8_t more[8] = {0};

    assert_int_equal(hwi_linux_flash_program(&f->flash, REGION, 4, first, 4),
                     0);
    assert_int_equal(hwi_linux_flash_program(&f->flash, REGION, 4, more, 4),
                     HAWSER_E_STORAGE);
    assert_int_equal(hwi_linux_flash_program(&f->flash, REGION, 0, more, 8),
                     HAWSER_E_STORAGE);
    assert_all(f, 0, 4, 0xff);
    assert_all(f, 4, 1, 0xf0);
    assert_int_equal(hwi_linux_flash_program(&f->flash, REGION, 8, more, 8), 0);
}

static void test_flash_program_unaligned_or_outside_refused(void **state)
{
    const struct fixture *f = *state;
    uint32_t size = f->shape.sector_size * f->shape.sector_count;
    const uint8_t bytes[8] = {0};
    static const struct {
        uint32_t offset;
        size_t len;
    } rows[] = {{1, 4},     {0, 3},     {4092, 8},
                {16384, 4}, {16380, 8}, {UINT32_MAX - 3, 8}};
    size_t i;

    assert_int_equal(size, 16384);
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(hwi_linux_flash_program(&f->flash, REGION,
                                                 rows[i].offset, bytes,
                                                 rows[i].len),
                         HAWSER_E_STORAGE);
    }
    assert_all(f, 0, size, 0xff);
}

static void test_flash_read_outside_refused(void **state)
{
    const struct fixture *f = *state;
    uint8_t bytes[8];

    assert_int_equal(hwi_linux_flash_read(&f->flash, REGION, 16380, bytes, 8),
                     HAWSER_E_STORAGE);
    assert_int_equal(
        hwi_linux_flash_read(&f->flash, REGION, UINT32_MAX, bytes, 8),
        HAWSER_E_STORAGE);
    assert_int_equal(
        hwi_linux_flash_read(&f->flash, HAWSER_REGION_COUNT, 0, bytes, 8),
        HAWSER_E_STORAGE);
    assert_int_equal(hwi_linux_flash_read(&f->flash, REGION, 16384, bytes, 0),
                     0);
}

static void test_flash_erase_is_of_one_sector(void **state)
{
    const struct fixture *f = *state;
    const uint8_t bytes[4] = {0};
    uint32_t sector;

    for (sector = 0; sector < 3; sector++) {
        assert_int_equal(
            hwi_linux_flash_program(&f->flash, REGION, sector * 4096, bytes, 4),
            0);
    }
    assert_int_equal(hwi_linux_flash_erase(&f->flash, REGION, 1), 0);
    assert_all(f, 0, 4, 0);
    assert_all(f, 4096, 4096, 0xff);
    assert_all(f, 8192, 4, 0);
    assert_int_equal(hwi_linux_flash_program(&f->flash, REGION, 4096, bytes, 4),
                     0);
    assert_int_equal(hwi_linux_flash_erase(&f->flash, REGION, 4),
                     HAWSER_E_STORAGE);
}

static void test_flash_open_wrong_size_refused_and_kept(void **state)
{
    struct fixture *f = *state;
    char path[TREE_FILE_SIZE];
    struct stat facts;

    (void)tree_path(&f->tree, "state/state.flash", path);
    assert_int_equal(truncate(path, 16383), 0);
    assert_int_equal(reopen(f), HAWSER_E_STORAGE);
    assert_non_null(strstr(message, path));
    assert_non_null(strstr(message, "16383 bytes instead of 16384"));
    assert_non_null(strstr(message, "move it away"));
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_size, 16383);
    assert_int_equal(f->flash.fds[0], -1);
}

static void test_flash_open_no_plain_file_refused(void **state)
{
    struct fixture *f = *state;
    char path[TREE_FILE_SIZE];

    (void)tree_path(&f->tree, "state/outbox.flash", path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/etc/hostname", path), 0);
    assert_int_equal(reopen(f), HAWSER_E_STORAGE);
    assert_non_null(strstr(message, "outbox.flash"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(reopen(f), HAWSER_E_STORAGE);
    assert_non_null(strstr(message, "not a plain file"));
}

static void test_flash_open_half_made_file_is_made_anew(void **state)
{
    struct fixture *f = *state;
    char path[TREE_FILE_SIZE];

    /* As a power cut while the file was made leaves it. */
    assert_int_equal(unlink(tree_path(&f->tree, "state/state.flash", path)), 0);
    tree_write(&f->tree, "state/new.flash", "half");
    assert_int_equal(reopen(f), 0);
    assert_all(f, 0, 16384, 0xff);
}

static void test_flash_read_only_file_answers_storage(void **state)
{
    struct fixture *f = *state;
    char path[TREE_FILE_SIZE];
    const uint8_t bytes[4] = {0};

    (void)close(f->flash.fds[REGION]);
    f->flash.fds[REGION] = open(tree_path(&f->tree, "state/state.flash", path),
                                O_RDONLY | O_CLOEXEC);
    assert_int_equal(hwi_linux_flash_program(&f->flash, REGION, 0, bytes, 4),
                     HAWSER_E_STORAGE);
    assert_int_equal(hwi_linux_flash_erase(&f->flash, REGION, 0),
                     HAWSER_E_STORAGE);
}

static void test_flash_outbox_has_the_size_it_is_told(void **state)
{
    struct fixture *f = *state;
    struct hawser_flash_geometry shape;
    char path[TREE_FILE_SIZE];

    hwi_linux_flash_geometry(&f->flash, HAWSER_REGION_OUTBOX, &shape);
    assert_int_equal(shape.sector_count, 256);
    hwi_linux_flash_close(&f->flash);
    assert_int_equal(hwi_linux_flash_open(&f->flash, &f->dir, 8, message),
                     HAWSER_E_STORAGE);
    assert_non_null(strstr(message, "1048576 bytes instead of 32768"));
    assert_int_equal(unlink(tree_path(&f->tree, "state/outbox.flash", path)),
                     0);
    assert_int_equal(hwi_linux_flash_open(&f->flash, &f->dir, 8, message), 0);
    assert_string_equal(message, "");
    hwi_linux_flash_geometry(&f->flash, HAWSER_REGION_OUTBOX, &shape);
    assert_int_equal(shape.sector_count, 8);
}

static void test_flash_outbox_that_cannot_be_made_fails_alone(void **state)
{
    struct fixture *f = *state;
    struct hawser_flash_geometry shape;
    uint8_t byte;
    char path[TREE_FILE_SIZE];

    assert_int_equal(unlink(tree_path(&f->tree, "state/outbox.flash", path)),
                     0);
    /* Nothing can be made under that name: as if the disk were full. */
    assert_int_equal(mkdir(tree_path(&f->tree, "state/new.flash", path), 0700),
                     0);
    assert_int_equal(reopen(f), 0);
    assert_non_null(strstr(message, "outbox.flash"));
    hwi_linux_flash_geometry(&f->flash, HAWSER_REGION_OUTBOX, &shape);
    assert_int_equal(shape.sector_count, 256);
    assert_int_equal(
        hwi_linux_flash_read(&f->flash, HAWSER_REGION_OUTBOX, 0, &byte, 1),
        HAWSER_E_STORAGE);
    assert_int_equal(hwi_linux_flash_read(&f->flash, REGION, 0, &byte, 1), 0);
    assert_int_equal(rmdir(path), 0);
}

static void test_flash_without_directory_has_no_regions(void **state)
{
    const struct hwi_linux_state_dir none = {.fd = -1, .lock_fd = -1};
    struct hwi_linux_flash flash;
    struct hawser_flash_geometry shape;
    uint8_t byte;

    (void)state;
    assert_int_equal(hwi_linux_flash_open(&flash, &none, 0, message), 0);
    hwi_linux_flash_geometry(&flash, REGION, &shape);
    assert_int_equal(shape.sector_count, 0);
    assert_int_equal(hwi_linux_flash_read(&flash, REGION, 0, &byte, 1),
                     HAWSER_E_STORAGE);
    assert_int_equal(hwi_linux_flash_erase(&flash, REGION, 0),
                     HAWSER_E_STORAGE);
    hwi_linux_flash_close(&flash);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_flash_open_new_is_erased_and_private),
        TEST(test_flash_geometry_is_as_the_port_demands),
        TEST(test_flash_program_survives_reopening),
        TEST(test_flash_program_twice_refused),
        TEST(test_flash_program_unaligned_or_outside_refused),
        TEST(test_flash_read_outside_refused),
        TEST(test_flash_erase_is_of_one_sector),
        TEST(test_flash_open_wrong_size_refused_and_kept),
        TEST(test_flash_open_no_plain_file_refused),
        TEST(test_flash_open_half_made_file_is_made_anew),
        TEST(test_flash_read_only_file_answers_storage),
        TEST(test_flash_outbox_has_the_size_it_is_told),
        TEST(test_flash_outbox_that_cannot_be_made_fails_alone),
        TEST(test_flash_without_directory_has_no_regions),
    };

    return cmocka_run_group_tests_name("linux flash", tests, NULL, NULL);
}
