/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: a whole port: test_port.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ports/linux/clock.h"
#include "ports/linux/test_port.h"

static void log_count(void *log_ctx, const struct hawser_log *entry)
{
    struct test_port *f = log_ctx;

    (void)entry;
    f->logged++;
}

static const struct hawser_linux_sensor two_sensors[] = {
    {"temperature", "simulated:20..30"},
    {"words", "exec:echo 12.5"},
};

int test_port_set_up(void **state)
{
    static struct test_port f; /* one test at a time */

    memset(&f, 0, sizeof f);
    tree_make(&f.tree);
    (void)tree_path(&f.tree, "state", f.state_dir);
    f.config = (struct hawser_linux_config){
        .interface = "lo",
        .state_dir = f.state_dir,
        .sensors = two_sensors,
        .sensor_count = 2,
        .log = log_count,
        .log_ctx = &f,
    };
    *state = &f;
    return 0;
}

int test_port_tear_down(void **state)
{
    struct test_port *f = *state;

    tree_remove(&f->tree);
    return 0;
}

struct hawser_linux *test_port_create(struct test_port *f)
{
    struct hawser_linux *port = NULL;

    if (hawser_linux_create(&port, &f->config, f->message) != 0) {
        fail_msg("%s", f->message);
    }
    assert_non_null(port);
    return port;
}

void test_port_await_link(struct hawser_linux *port,
                          enum hawser_link_state wanted)
{
    const struct hawser_port *table = hawser_linux_port(port);
    uint64_t end_ms = hwi_linux_now_ms() + TEST_PORT_LIMIT_MS;
    struct hawser_link_status status;

    for (;;) {
        table->link_status(table->ctx, &status);
        if (status.state == wanted) {
            return;
        }
        assert_true(hwi_linux_now_ms() < end_ms);
        hawser_linux_wait(port, end_ms, -1);
    }
}
