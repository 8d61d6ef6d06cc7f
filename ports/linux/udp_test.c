/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of udp.c with a peer on the loopback.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "ports/linux/address.h"
#include "ports/linux/clock.h"
#include "ports/linux/test_wait.h"
#include "ports/linux/udp.h"

#define LIMIT_MS 5000

/* A socket at a port of its own, and its address. */
static int peer_open(const char *host, struct hawser_address *out)
{
    struct sockaddr_storage address;
    socklen_t len;
    int fd;

    assert_true(hwi_linux_address_parse(host, out));
    len = hwi_linux_address_to_kernel(out, &address);
    fd = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    if (bind(fd, (const struct sockaddr *)&address, len) != 0) {
        (void)close(fd);
        return -1;
    }
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    assert_true(
        hwi_linux_address_from_kernel((struct sockaddr *)&address, out));
    return fd;
}

static int receive(struct hwi_linux_udp *udp, uint8_t *out, size_t size)
{
    uint64_t end_ms = hwi_linux_now_ms() + LIMIT_MS;

    for (;;) {
        struct hwi_linux_pollset set = wait_set();
        int got = hwi_linux_udp_receive(udp, out, size);

        if (got != HAWSER_E_WAIT) {
            return got;
        }
        hwi_linux_udp_poll(udp, &set);
        wait_on(&set, end_ms);
    }
}

/* Sends one datagram there and one back. */
static void echo_once(const char *host)
{
    struct hwi_linux_udp udp = {.fd = -1};
    struct hawser_address to;
    struct sockaddr_storage from;
    socklen_t from_len = sizeof from;
    uint8_t bytes[8];
    int peer = peer_open(host, &to);

    if (peer < 0) {
        print_message("skipped: %s is not to be had here\n", host);
        skip();
    }
    assert_int_equal(hwi_linux_udp_open(&udp, &to), 0);
    assert_int_equal(hwi_linux_udp_receive(&udp, bytes, sizeof bytes),
                     HAWSER_E_WAIT);
    assert_int_equal(hwi_linux_udp_send(&udp, (const uint8_t *)"ask", 3), 0);
    assert_int_equal(recvfrom(peer, bytes, sizeof bytes, 0,
                              (struct sockaddr *)&from, &from_len),
                     3);
    assert_int_equal(
        sendto(peer, "answer", 6, 0, (struct sockaddr *)&from, from_len), 6);
    assert_int_equal(receive(&udp, bytes, sizeof bytes), 6);
    assert_memory_equal(bytes, "answer", 6);
    hwi_linux_udp_close(&udp);
    assert_int_equal(close(peer), 0);
}

static void test_udp_echo_over_ipv4(void **state)
{
    (void)state;
    echo_once("127.0.0.1");
}

static void test_udp_echo_over_ipv6(void **state)
{
    (void)state;
    echo_once("::1");
}

static void test_udp_receive_of_a_stranger_is_dropped(void **state)
{
    struct hwi_linux_udp udp = {.fd = -1};
    struct hawser_address to;
    struct hawser_address other;
    struct sockaddr_storage own;
    socklen_t own_len = sizeof own;
    uint8_t bytes[8];
    int peer = peer_open("127.0.0.1", &to);
    int stranger = peer_open("127.0.0.1", &other);

    (void)state;
    assert_int_equal(hwi_linux_udp_open(&udp, &to), 0);
    assert_int_equal(getsockname(udp.fd, (struct sockaddr *)&own, &own_len), 0);
    /* Same address, another port; then the true peer. */
    assert_int_equal(
        sendto(stranger, "lie", 3, 0, (struct sockaddr *)&own, own_len), 3);
    assert_int_equal(
        sendto(peer, "truth", 5, 0, (struct sockaddr *)&own, own_len), 5);
    assert_int_equal(receive(&udp, bytes, sizeof bytes), 5);
    assert_memory_equal(bytes, "truth", 5);
    assert_int_equal(hwi_linux_udp_receive(&udp, bytes, sizeof bytes),
                     HAWSER_E_WAIT);
    hwi_linux_udp_close(&udp);
    assert_int_equal(close(peer) + close(stranger), 0);
}

static void test_udp_receive_longer_than_room_is_cut(void **state)
{
    struct hwi_linux_udp udp = {.fd = -1};
    struct hawser_address to;
    struct sockaddr_storage own;
    socklen_t own_len = sizeof own;
    uint8_t bytes[4] = {0};
    int peer = peer_open("127.0.0.1", &to);

    (void)state;
    assert_int_equal(hwi_linux_udp_open(&udp, &to), 0);
    assert_int_equal(getsockname(udp.fd, (struct sockaddr *)&own, &own_len), 0);
    assert_int_equal(
        sendto(peer, "longer", 6, 0, (struct sockaddr *)&own, own_len), 6);
    assert_int_equal(receive(&udp, bytes, 3), 3);
    assert_memory_equal(bytes, "lon\0", 4);
    hwi_linux_udp_close(&udp);
    assert_int_equal(close(peer), 0);
}

static void test_udp_receive_after_nobody_listens_is_link(void **state)
{
    struct hwi_linux_udp udp = {.fd = -1};
    struct hawser_address to;
    uint8_t bytes[4];

    (void)state;
    assert_int_equal(close(peer_open("127.0.0.1", &to)), 0);
    assert_int_equal(hwi_linux_udp_open(&udp, &to), 0);
    assert_int_equal(hwi_linux_udp_send(&udp, (const uint8_t *)"ask", 3), 0);
    assert_int_equal(receive(&udp, bytes, sizeof bytes), HAWSER_E_LINK);
    hwi_linux_udp_close(&udp);
}

static void test_udp_closed_answers_link(void **state)
{
    const struct hawser_address nowhere = {.family = 5};
    struct hwi_linux_pollset set = wait_set();
    struct hwi_linux_udp udp = {.fd = -1};
    uint8_t byte;

    (void)state;
    assert_int_equal(hwi_linux_udp_open(&udp, &nowhere), HAWSER_E_LINK);
    assert_int_equal(udp.fd, -1);
    assert_int_equal(hwi_linux_udp_send(&udp, &byte, 0), HAWSER_E_LINK);
    assert_int_equal(hwi_linux_udp_receive(&udp, &byte, 1), HAWSER_E_LINK);
    hwi_linux_udp_poll(&udp, &set);
    assert_int_equal(set.count, 0);
    hwi_linux_udp_close(&udp);
}

static void test_udp_open_is_not_inherited(void **state)
{
    struct hwi_linux_udp udp = {.fd = -1};
    struct hawser_address to = {
        .family = 4, .bytes = {127, 0, 0, 1}, .port = 9};

    (void)state;
    assert_int_equal(hwi_linux_udp_open(&udp, &to), 0);
    assert_int_equal(fcntl(udp.fd, F_GETFD), FD_CLOEXEC);
    hwi_linux_udp_close(&udp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_udp_echo_over_ipv4),
        cmocka_unit_test(test_udp_echo_over_ipv6),
        cmocka_unit_test(test_udp_receive_of_a_stranger_is_dropped),
        cmocka_unit_test(test_udp_receive_longer_than_room_is_cut),
        cmocka_unit_test(test_udp_receive_after_nobody_listens_is_link),
        cmocka_unit_test(test_udp_closed_answers_link),
        cmocka_unit_test(test_udp_open_is_not_inherited),
    };

    return cmocka_run_group_tests_name("linux udp", tests, NULL, NULL);
}
