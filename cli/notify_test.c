/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The datagrams, as a service manager receives them.
 */
#include "notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "hawser/mqtt.h"

/* A manager's socket with an abstract name; its name goes to NOTIFY_SOCKET. */
static int listen_as_manager(void)
{
    char name[64];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    (void)snprintf(name, sizeof(name), "@hawser-notify-%d", (int)getpid());
    memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
    socklen_t len =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    return fd;
}

static void expect(int fd, const char *text)
{
    char got[128] = "";
    ssize_t len = recv(fd, got, sizeof(got) - 1, 0);
    assert_int_equal(len, (ssize_t)strlen(text));
    assert_string_equal(got, text);
}

static void test_say_reaches_the_manager(void **state)
{
    (void)state;
    struct hawser_cli_notify n;
    int manager = listen_as_manager();
    hawser_cli_notify_open(&n);
    hawser_cli_notify_say(&n, "READY=1\nSTATUS=online");
    expect(manager, "READY=1\nSTATUS=online");
    hawser_cli_notify_say_reloading(&n);
    char got[128] = "";
    assert_true(recv(manager, got, sizeof(got) - 1, 0) > 0);
    assert_memory_equal(got, "RELOADING=1\nMONOTONIC_USEC=", 27);
    hawser_cli_notify_close(&n);
    (void)close(manager);
}

static void test_feed_is_due_at_half_of_the_watchdogs_patience(void **state)
{
    (void)state;
    struct hawser_cli_notify n;
    char got[8];
    int manager = listen_as_manager();
    (void)setenv("WATCHDOG_USEC", "10000000", 1);
    hawser_cli_notify_open(&n);
    assert_int_equal(hawser_cli_notify_feed(&n, 1000), 6000);
    expect(manager, "WATCHDOG=1");
    assert_int_equal(hawser_cli_notify_feed(&n, 5999), 6000);
    assert_int_equal(recv(manager, got, sizeof(got), 0), -1);
    assert_int_equal(hawser_cli_notify_feed(&n, 6000), 11000);
    expect(manager, "WATCHDOG=1");
    hawser_cli_notify_close(&n);
    (void)setenv("WATCHDOG_PID", "1", 1);
    hawser_cli_notify_open(&n);
    assert_true(hawser_cli_notify_feed(&n, 1000) == HAWSER_NEVER);
    hawser_cli_notify_close(&n);
    (void)unsetenv("WATCHDOG_USEC");
    (void)unsetenv("WATCHDOG_PID");
    (void)close(manager);
}

static void test_open_without_manager_does_nothing(void **state)
{
    (void)state;
    struct hawser_cli_notify n;
    (void)unsetenv("NOTIFY_SOCKET");
    hawser_cli_notify_open(&n);
    assert_int_equal(n.fd, -1);
    hawser_cli_notify_say(&n, "READY=1");
    assert_true(hawser_cli_notify_feed(&n, 1) == HAWSER_NEVER);
    hawser_cli_notify_close(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_say_reaches_the_manager),
        cmocka_unit_test(test_feed_is_due_at_half_of_the_watchdogs_patience),
        cmocka_unit_test(test_open_without_manager_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
