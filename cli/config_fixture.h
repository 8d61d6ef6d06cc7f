/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of the configuration reader: a folder of its own under /tmp with
 * the files that configurations name, and the least good configuration.
 */
#ifndef HAWSER_CLI_CONFIG_FIXTURE_H
#define HAWSER_CLI_CONFIG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

#include <cmocka.h>

#include "config.h"

/* The least that a device needs; more follows it as [broker] keys. */
#define DEVICE "[device]\nid = d1\nstate_dir = state\n"
#define BROKER "[broker]\nurl = mqtts://b.example\nca_file = ca.pem\n"

struct place {
    char folder[64];
    struct hawser_cli_mistakes mistakes;
};

/* Makes a file in the folder, anew; fails the test if it cannot. */
void test_config_write_bytes(const char *name, const char *bytes, size_t len,
                             mode_t mode);
void test_config_write(const char *name, const char *text, mode_t mode);

/* Reads text as the file c.ini. */
struct hawser_cli_config *test_config_load(struct place *p, const char *text);

/* Setup and teardown: *state is a struct place, the working directory its
 * folder. */
int test_config_enter(void **state);
int test_config_leave(void **state);

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, test_config_enter, test_config_leave)

#endif
