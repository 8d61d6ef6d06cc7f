/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: a whole port on the loopback, with a folder of its own and two
 * sensors: "temperature" is simulated, "words" a program that prints 12.5.
 */
#ifndef HWI_LINUX_TEST_PORT_H
#define HWI_LINUX_TEST_PORT_H

#include "ports/linux/linux.h"
#include "ports/linux/test_tree.h"

/* When a test gives up waiting. */
#define TEST_PORT_LIMIT_MS 10000

struct test_port {
    struct test_tree tree;
    char state_dir[TREE_FILE_SIZE];
    struct hawser_linux_config config; /* a test may change it */
    unsigned logged;                   /* entries */
    char message[HAWSER_LINUX_MESSAGE_SIZE];
};

/* For cmocka; *state becomes a struct test_port. */
int test_port_set_up(void **state);
int test_port_tear_down(void **state);

/* A port by f->config. Destroy it before the test ends. */
struct hawser_linux *test_port_create(struct test_port *f);

/* Sleeps as a main loop does until the link is in this state. */
void test_port_await_link(struct hawser_linux *port,
                          enum hawser_link_state wanted);

#endif
