/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of wait.c and pollset.c: what wakes a port, and what does not.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "ports/linux/clock.h"
#include "ports/linux/linux_parts.h"
#include "ports/linux/test_port.h"

static void test_wait_ends_at_the_deadline(void **state)
{
    struct hawser_linux *port = test_port_create(*state);
    uint64_t start_ms = hwi_linux_now_ms();

    /* News of the link may end a wait early; each call may. */
    while (hwi_linux_now_ms() < start_ms + 50) {
        hawser_linux_wait(port, start_ms + 50, -1);
    }
    assert_true(hwi_linux_now_ms() < start_ms + TEST_PORT_LIMIT_MS);
    hawser_linux_wait(port, 0, -1);
    hawser_linux_wait(port, start_ms, -1);
    assert_true(hwi_linux_now_ms() < start_ms + TEST_PORT_LIMIT_MS);
    hawser_linux_destroy(port);
}

static void test_wait_does_not_spin(void **state)
{
    struct hawser_linux *port = test_port_create(*state);
    uint64_t start_ms;
    unsigned rounds = 0;

    test_port_await_link(port, HAWSER_LINK_UP);
    start_ms = hwi_linux_now_ms();
    while (hwi_linux_now_ms() < start_ms + 100) {
        hawser_linux_wait(port, start_ms + 100, -1);
        rounds++;
    }
    assert_true(rounds < 20);
    hawser_linux_destroy(port);
}

static void test_wait_ends_by_the_wake_up(void **state)
{
    struct hawser_linux *port = test_port_create(*state);
    int wake_fd = eventfd(1, EFD_CLOEXEC);

    assert_true(wake_fd >= 0);
    hawser_linux_wait(port, HAWSER_NEVER, wake_fd); /* or CTest's time-out */
    assert_int_equal(close(wake_fd), 0);
    hawser_linux_destroy(port);
}

static void test_wait_ends_by_a_datagram(void **state)
{
    struct hawser_linux *port = test_port_create(*state);
    const struct hawser_port *table = hawser_linux_port(port);
    struct sockaddr_in own = {.sin_family = AF_INET};
    struct sockaddr_in from;
    struct hawser_address to = {.family = 4, .bytes = {127, 0, 0, 1}};
    socklen_t len = sizeof own;
    uint64_t end_ms = hwi_linux_now_ms() + TEST_PORT_LIMIT_MS;
    uint8_t bytes[8];
    int got;
    int peer = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(peer, (struct sockaddr *)&own, len), 0);
    assert_int_equal(getsockname(peer, (struct sockaddr *)&own, &len), 0);
    to.port = ntohs(own.sin_port);
    assert_int_equal(table->udp_open(table->ctx, 3, &to), 0);
    assert_int_equal(table->udp_send(table->ctx, 3, (const uint8_t *)"ask", 3),
                     0);
    assert_int_equal(
        recvfrom(peer, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &len),
        3);
    assert_int_equal(sendto(peer, "yes", 3, 0, (struct sockaddr *)&from, len),
                     3);
    while ((got = table->udp_receive(table->ctx, 3, bytes, sizeof bytes)) ==
           HAWSER_E_WAIT) {
        assert_true(hwi_linux_now_ms() < end_ms);
        hawser_linux_wait(port, end_ms, -1);
    }
    assert_int_equal(got, 3);
    table->udp_close(table->ctx, 3);
    assert_int_equal(close(peer), 0);
    hawser_linux_destroy(port);
}

static void test_wait_drives_what_nobody_asks_about(void **state)
{
    struct hawser_linux *port = test_port_create(*state);
    const struct hawser_port *table = hawser_linux_port(port);
    uint64_t end_ms = hwi_linux_now_ms() + TEST_PORT_LIMIT_MS;
    struct hawser_reading reading;

    assert_int_equal(table->sensor_read(table->ctx, 1, &reading),
                     HAWSER_E_WAIT);
    while (port->sensors.list[1].exec.state != HWI_LINUX_EXEC_DONE) {
        assert_true(hwi_linux_now_ms() < end_ms);
        hawser_linux_wait(port, end_ms, -1);
    }
    assert_int_equal(table->sensor_read(table->ctx, 1, &reading), 0);
    hawser_linux_destroy(port);
}

static void test_pollset_full_shortens_the_deadline(void **state)
{
    struct hwi_linux_pollset set = {.deadline_ms = HAWSER_NEVER};
    int i;

    (void)state;
    hwi_linux_pollset_add(&set, -1, POLLIN);
    assert_int_equal(set.count, 0);
    for (i = 0; i < HWI_LINUX_POLL_MAX; i++) {
        hwi_linux_pollset_add(&set, 0, POLLIN);
    }
    assert_true(set.deadline_ms == HAWSER_NEVER);
    hwi_linux_pollset_add(&set, 0, POLLIN);
    assert_int_equal(set.count, HWI_LINUX_POLL_MAX);
    assert_true(set.deadline_ms == 0);
    hwi_linux_pollset_until(&set, 5);
    assert_true(set.deadline_ms == 0);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, test_port_set_up, test_port_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_wait_ends_at_the_deadline),
        TEST(test_wait_does_not_spin),
        TEST(test_wait_ends_by_the_wake_up),
        TEST(test_wait_ends_by_a_datagram),
        TEST(test_wait_drives_what_nobody_asks_about),
        TEST(test_pollset_full_shortens_the_deadline),
    };

    return cmocka_run_group_tests_name("linux wait", tests, NULL, NULL);
}
