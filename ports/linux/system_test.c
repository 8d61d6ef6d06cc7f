/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of system.c against a /proc and a /sys made by the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ports/linux/system.h"
#include "ports/linux/test_tree.h"

#define KIB     UINT64_C(1024)
#define MEMINFO "MemTotal: 1000 kB\nMemFree: 5 kB\nMemAvailable:    400 kB\n"
#define WIRELESS                                                             \
    "Inter-| sta-|   Quality        |   Discarded packets               |\n" \
    " face | tus | link level noise |  nwid  crypt   frag  retry   misc |\n" \
    " wlan0: 0000   54.  -61.  -256        0      0      0      0     41\n"  \
    "wlan01: 0000   54.  -47.  -256        0      0      0      0     41\n"  \
    " wlan2: 0000   54.  50.  0        0      0      0      0     41\n"

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

static uint64_t heap(const struct test_tree *tree)
{
    uint64_t bytes = 0;

    assert_int_equal(hwi_linux_heap_read(tree->path, &bytes), 0);
    return bytes;
}

static void test_heap_read_without_limits_is_mem_available(void **state)
{
    const struct test_tree *tree = *state;
    uint64_t bytes;

    assert_int_equal(hwi_linux_heap_read(tree->path, &bytes), HAWSER_E_ABSENT);
    tree_write(tree, "proc/meminfo", MEMINFO);
    assert_int_equal(heap(tree), 400 * KIB);
    tree_write(tree, "proc/self/cgroup", "4:memory:/x\n0::/\n");
    assert_int_equal(heap(tree), 400 * KIB);
    tree_write(tree, "proc/self/cgroup", "4:memory:/x\n");
    assert_int_equal(heap(tree), 400 * KIB);
}

static void test_heap_read_is_bounded_by_each_group_above(void **state)
{
    const struct test_tree *tree = *state;

    tree_write(tree, "proc/meminfo", MEMINFO);
    tree_write(tree, "proc/self/cgroup", "1:name=x:/\n0::/a/b\n");
    tree_write(tree, "sys/fs/cgroup/a/b/memory.max", "max\n");
    tree_write(tree, "sys/fs/cgroup/a/b/memory.current", "100\n");
    assert_int_equal(heap(tree), 400 * KIB);
    tree_write(tree, "sys/fs/cgroup/a/memory.max", "102400\n");
    tree_write(tree, "sys/fs/cgroup/a/memory.current", "62400\n");
    assert_int_equal(heap(tree), 40000);
    tree_write(tree, "sys/fs/cgroup/a/memory.stat",
               "anon 1\nfile 30000\ninactive_file 20000\n");
    assert_int_equal(heap(tree), 60000);
    tree_write(tree, "sys/fs/cgroup/a/memory.current", "202400\n");
    assert_int_equal(heap(tree), 0);
    tree_write(tree, "sys/fs/cgroup/a/memory.max", "10000000\n");
    assert_int_equal(heap(tree), 400 * KIB);
}

static void test_heap_read_of_this_machine(void **state)
{
    uint64_t bytes = 0;

    (void)state;
    assert_int_equal(hwi_linux_heap_read("", &bytes), 0);
    assert_true(bytes > 0);
}

static void test_rssi_read_of_the_interface_in_use(void **state)
{
    const struct test_tree *tree = *state;
    int32_t dbm = 0;

    tree_write(tree, "proc/net/wireless", WIRELESS);
    assert_int_equal(hwi_linux_rssi_read(tree->path, "wlan0", &dbm), 0);
    assert_int_equal(dbm, -61);
    assert_int_equal(hwi_linux_rssi_read(tree->path, "wlan01", &dbm), 0);
    assert_int_equal(dbm, -47);
}

static void test_rssi_read_wired_or_not_in_dbm_absent(void **state)
{
    const struct test_tree *tree = *state;
    int32_t dbm = 77;

    assert_int_equal(hwi_linux_rssi_read(tree->path, "wlan0", &dbm),
                     HAWSER_E_ABSENT);
    tree_write(tree, "proc/net/wireless", WIRELESS);
    assert_int_equal(hwi_linux_rssi_read(tree->path, "eth0", &dbm),
                     HAWSER_E_ABSENT);
    assert_int_equal(hwi_linux_rssi_read(tree->path, "wlan", &dbm),
                     HAWSER_E_ABSENT);
    assert_int_equal(hwi_linux_rssi_read(tree->path, "wlan2", &dbm),
                     HAWSER_E_ABSENT);
    assert_int_equal(hwi_linux_rssi_read(tree->path, "", &dbm),
                     HAWSER_E_ABSENT);
    assert_int_equal(dbm, 77);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_heap_read_without_limits_is_mem_available),
        TEST(test_heap_read_is_bounded_by_each_group_above),
        TEST(test_heap_read_of_this_machine),
        TEST(test_rssi_read_of_the_interface_in_use),
        TEST(test_rssi_read_wired_or_not_in_dbm_absent),
    };

    return cmocka_run_group_tests_name("linux system", tests, NULL, NULL);
}
