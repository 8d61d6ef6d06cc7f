/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stages, stops and the file that remembers: cert_rollout.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cert_rollout.h"
#include "cli.h"

#define DEVICES 30

struct fleet {
    const char *bad; /* NULL: every device obeys */
    char asked[DEVICES][8];
    size_t count;
};

static int change(void *ctx, const char *device)
{
    struct fleet *f = ctx;
    (void)snprintf(f->asked[f->count++], sizeof(f->asked[0]), "%s", device);
    return f->bad != NULL && strcmp(f->bad, device) == 0 ? HAWSER_EXIT_TIMEOUT
                                                         : 0;
}

static int roll_out(struct fleet *f, const char *resume, const char *what,
                    int count)
{
    char names[DEVICES][16];
    char *ids[DEVICES];
    struct hawser_cert_devices devices;
    for (int i = 0; i < count; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "dev%d", i);
        ids[i] = names[i];
    }
    assert_int_equal(hawser_cert_devices_read(&devices, count, ids, NULL), 0);
    const struct hawser_cert_rollout r = {&devices, what, resume, change, f};
    int code = hawser_cert_roll_out(&r);
    hawser_cert_devices_free(&devices);
    return code;
}

static void test_stages_are_one_a_tenth_and_all(void **state)
{
    static const struct {
        size_t count;
        size_t ends[3];
    } rows[] = {
        {0, {0, 0, 0}},   {1, {1, 1, 1}},      {2, {1, 2, 2}},
        {3, {1, 2, 3}},   {10, {1, 2, 10}},    {11, {1, 3, 11}},
        {20, {1, 3, 20}}, {100, {1, 11, 100}}, {1000, {1, 101, 1000}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (unsigned stage = 0; stage < 3; stage++) {
            assert_int_equal(hawser_cert_stage_end(rows[i].count, stage),
                             rows[i].ends[stage]);
        }
    }
}

static void test_all_are_asked_in_order(void **state)
{
    struct fleet f = {.bad = NULL};
    (void)state;
    assert_int_equal(roll_out(&f, NULL, "push add 1", 25), 0);
    assert_int_equal(f.count, 25);
    assert_string_equal(f.asked[0], "dev0");
    assert_string_equal(f.asked[24], "dev24");
}

static void test_the_first_failure_stops_it(void **state)
{
    struct fleet f = {.bad = "dev2"};
    (void)state;
    assert_int_equal(roll_out(&f, NULL, "push add 1", 25), HAWSER_EXIT_TIMEOUT);
    assert_int_equal(f.count, 3);
}

/* A file of this test alone; the caller removes it. */
static void fresh_path(char path[64])
{
    (void)snprintf(path, 64, "/tmp/hawser-rollout-%ld", (long)getpid());
    (void)unlink(path);
}

static void test_it_goes_on_where_it_stopped(void **state)
{
    struct fleet first = {.bad = "dev4"};
    struct fleet second = {.bad = NULL};
    struct stat facts;
    char path[64];
    (void)state;
    fresh_path(path);
    assert_int_equal(roll_out(&first, path, "push add 1", 6),
                     HAWSER_EXIT_TIMEOUT);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    assert_int_equal(roll_out(&second, path, "push add 1", 6), 0);
    assert_int_equal(second.count, 2);
    assert_string_equal(second.asked[0], "dev4");
    assert_string_equal(second.asked[1], "dev5");
    /* dev1 is done, dev10 is not: a name is not a beginning. */
    struct fleet third = {.bad = NULL};
    assert_int_equal(roll_out(&third, path, "push add 1", 11), 0);
    assert_int_equal(third.count, 5);
    (void)unlink(path);
}

static void test_a_file_of_another_change_is_refused(void **state)
{
    struct fleet f = {.bad = NULL};
    char path[64];
    (void)state;
    fresh_path(path);
    assert_int_equal(roll_out(&f, path, "push add 1", 2), 0);
    assert_int_equal(roll_out(&f, path, "push remove 1", 2),
                     HAWSER_EXIT_CONFIG);
    assert_int_equal(f.count, 2);
    (void)unlink(path);
}

static void test_devices_are_named_once_and_rightly(void **state)
{
    struct hawser_cert_devices devices;
    char one[] = "dev1";
    char slash[] = "a/b";
    char *twice[] = {one, one};
    char *wrong[] = {slash};
    char path[64];
    (void)state;
    assert_int_equal(hawser_cert_devices_read(&devices, 2, twice, NULL),
                     HAWSER_EXIT_USAGE);
    hawser_cert_devices_free(&devices);
    assert_int_equal(hawser_cert_devices_read(&devices, 1, wrong, NULL),
                     HAWSER_EXIT_USAGE);
    hawser_cert_devices_free(&devices);
    assert_int_equal(hawser_cert_devices_read(&devices, 0, NULL, NULL),
                     HAWSER_EXIT_USAGE);
    hawser_cert_devices_free(&devices);
    fresh_path(path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("# all\n  dev2 \r\n\ndev3 # far\ndev4", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(hawser_cert_devices_read(&devices, 1, twice, path), 0);
    assert_int_equal(devices.count, 4);
    assert_string_equal(devices.ids[0], "dev1");
    assert_string_equal(devices.ids[1], "dev2");
    assert_string_equal(devices.ids[2], "dev3");
    assert_string_equal(devices.ids[3], "dev4");
    hawser_cert_devices_free(&devices);
    (void)unlink(path);
    assert_int_equal(hawser_cert_devices_read(&devices, 0, NULL, path),
                     HAWSER_EXIT_CONFIG);
    hawser_cert_devices_free(&devices);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stages_are_one_a_tenth_and_all),
        cmocka_unit_test(test_all_are_asked_in_order),
        cmocka_unit_test(test_the_first_failure_stops_it),
        cmocka_unit_test(test_it_goes_on_where_it_stopped),
        cmocka_unit_test(test_a_file_of_another_change_is_refused),
        cmocka_unit_test(test_devices_are_named_once_and_rightly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
