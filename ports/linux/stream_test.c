/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of stream.c end to end: real sockets, real TLS, certificates made on
 * the spot. How TLS judges servers is tested beside src/tls.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "ports/linux/address.h"
#include "ports/linux/clock.h"
#include "ports/linux/stream.h"
#include "ports/linux/stream_test_server.h"
#include "ports/linux/test_wait.h"

#define LIMIT_MS 10000
#define HOST     "broker.example"

/* One client, one server. */
struct pair {
    struct hwi_linux_stream client;
    struct stream_server server;
    struct hawser_stream_target target;
    uint64_t end_ms;
};

static struct pair *pair_start(const struct farm_set *farm,
                               const struct farm_cert *leaf)
{
    struct pair *pair = calloc(1, sizeof *pair);

    assert_non_null(pair);
    assert_int_equal(hwi_linux_stream_init(&pair->client), 0);
    stream_server_start(&pair->server, leaf);
    pair->target = test_target(HOST, &farm->credentials);
    pair->target.address = pair->server.address;
    pair->end_ms = hwi_linux_now_ms() + LIMIT_MS;
    return pair;
}

static void pair_stop(struct pair *pair)
{
    hwi_linux_stream_free(&pair->client);
    stream_server_stop(&pair->server);
    free(pair);
}

/* Sleeps until one of both has news, then lets the server work. */
static void pair_wait(struct pair *pair)
{
    struct hwi_linux_pollset set = wait_set();

    hwi_linux_stream_poll(&pair->client, &set);
    stream_server_poll(&pair->server, &set);
    wait_on(&set, pair->end_ms);
    stream_server_step(&pair->server);
}

/* Drives until the client is open or has failed. */
static struct hawser_stream_status pair_connect(struct pair *pair)
{
    struct hawser_stream_status status;

    if (hwi_linux_stream_open(&pair->client, &pair->target) == 0) {
        assert_int_equal(pair->client.stage, HAWSER_STREAM_TCP);
    }
    for (;;) {
        hwi_linux_stream_status(&pair->client, &status);
        if (status.stage != HAWSER_STREAM_TCP &&
            status.stage != HAWSER_STREAM_TLS) {
            return status;
        }
        assert_int_equal(status.cause, HAWSER_CAUSE_NONE);
        pair_wait(pair);
    }
}

/* Open at both ends: a server that hangs up with bytes unread would reset. */
static struct pair *pair_open(const struct farm_set *farm)
{
    struct pair *pair = pair_start(farm, &farm->leaf);

    assert_int_equal(pair_connect(pair).stage, HAWSER_STREAM_OPEN);
    while (!SSL_is_init_finished(pair->server.ssl)) {
        pair_wait(pair);
    }
    return pair;
}

/* Receives until something other than WAIT comes. */
static int pair_receive(struct pair *pair, uint8_t *out, size_t size)
{
    for (;;) {
        int got = hwi_linux_stream_receive(&pair->client, out, size);

        if (got != HAWSER_E_WAIT) {
            return got;
        }
        pair_wait(pair);
    }
}

static void assert_failed(struct pair *pair, enum hawser_cause cause)
{
    struct hawser_stream_status status;
    struct hwi_linux_pollset set = wait_set();
    struct hawser_security security;
    uint8_t byte = 0;

    hwi_linux_stream_status(&pair->client, &status);
    assert_int_equal(status.stage, HAWSER_STREAM_FAILED);
    assert_string_equal(test_cause_word(status.cause), test_cause_word(cause));
    assert_true(status.detail[0] != '\0');
    assert_int_equal(hwi_linux_stream_receive(&pair->client, &byte, 1),
                     HAWSER_E_LINK);
    assert_int_equal(hwi_linux_stream_send(&pair->client, &byte, 1),
                     HAWSER_E_LINK);
    assert_int_equal(hwi_linux_stream_security(&pair->client, &security),
                     HAWSER_E_STATE);
    hwi_linux_stream_poll(&pair->client, &set);
    assert_int_equal(set.count, 0);
}

static void test_stream_open_talks_both_ways(void **state)
{
    struct pair *pair = pair_open(*state);
    struct hawser_security security;
    uint8_t bytes[16];

    assert_int_equal(hwi_linux_stream_security(&pair->client, &security), 0);
    assert_string_equal(security.version, "TLSv1.3");
    assert_int_equal(
        hwi_linux_stream_send(&pair->client, (const uint8_t *)"ping", 4), 4);
    while (pair->server.received_len < 4) {
        pair_wait(pair);
    }
    assert_memory_equal(pair->server.received, "ping", 4);
    stream_server_say(&pair->server, "pong!", 5);
    assert_int_equal(pair_receive(pair, bytes, sizeof bytes), 5);
    assert_memory_equal(bytes, "pong!", 5);
    assert_int_equal(
        hwi_linux_stream_receive(&pair->client, bytes, sizeof bytes),
        HAWSER_E_WAIT);
    pair_stop(pair);
}

static void test_stream_open_again_resumes(void **state)
{
    struct pair *pair = pair_open(*state);
    struct hawser_security security;
    uint8_t byte;

    /* The ticket comes with the first bytes. */
    stream_server_say(&pair->server, "x", 1);
    assert_int_equal(pair_receive(pair, &byte, 1), 1);
    hwi_linux_stream_close(&pair->client);
    stream_server_hang_up(&pair->server, false);
    assert_int_equal(pair_connect(pair).stage, HAWSER_STREAM_OPEN);
    assert_int_equal(hwi_linux_stream_security(&pair->client, &security), 0);
    assert_true(security.resumed);
    pair_stop(pair);
}

static void test_stream_socket_options(void **state)
{
    struct pair *pair = pair_open(*state);
    int value = 0;
    socklen_t len = sizeof value;

    assert_int_equal(fcntl(pair->client.fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(
        getsockopt(pair->client.fd, IPPROTO_TCP, TCP_NODELAY, &value, &len), 0);
    assert_int_equal(value, 1);
    assert_int_equal(getsockopt(pair->client.fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
                                &value, &len),
                     0);
    assert_int_equal(value, 60000);
    assert_int_equal(
        getsockopt(pair->client.fd, SOL_SOCKET, SO_KEEPALIVE, &value, &len), 0);
    assert_true(value != 0);
    pair_stop(pair);
}

static void test_stream_open_nobody_listens_refused(void **state)
{
    const struct farm_set *farm = *state;
    struct pair *pair = pair_start(farm, NULL);
    char port[32];

    assert_int_equal(close(pair->server.listen_fd), 0);
    pair->server.listen_fd = -1;
    assert_int_equal(pair_connect(pair).stage, HAWSER_STREAM_FAILED);
    assert_failed(pair, HAWSER_CAUSE_TCP_REFUSED);
    (void)snprintf(port, sizeof port,
                   "127.0.0.1 port %u: ", (unsigned)pair->target.address.port);
    assert_memory_equal(pair->client.failure.detail, port, strlen(port));
    pair_stop(pair);
}

static void test_stream_open_no_way_unreachable(void **state)
{
    const struct farm_set *farm = *state;
    struct pair *pair = pair_start(farm, NULL);

    /* The kernel connects no stream to everybody. */
    memset(pair->target.address.bytes, 255, 4);
    assert_int_equal(hwi_linux_stream_open(&pair->client, &pair->target),
                     HAWSER_E_LINK);
    assert_failed(pair, HAWSER_CAUSE_TCP_UNREACHABLE);
    pair->target.address.family = 5;
    assert_int_equal(hwi_linux_stream_open(&pair->client, &pair->target),
                     HAWSER_E_LINK);
    assert_failed(pair, HAWSER_CAUSE_TCP_UNREACHABLE);
    pair_stop(pair);
}

static void test_stream_open_own_files_unusable_is_setup(void **state)
{
    const struct farm_set *farm = *state;
    struct pair *pair = pair_start(farm, &farm->leaf);
    const struct hawser_credentials garbled = {
        .ca = {(const uint8_t *)"no PEM", 6}};

    pair->target.credentials = &garbled;
    assert_int_equal(pair_connect(pair).stage, HAWSER_STREAM_FAILED);
    assert_failed(pair, HAWSER_CAUSE_TLS_SETUP);
    pair_stop(pair);
}

static void test_stream_open_wrong_name_fails(void **state)
{
    const struct farm_set *farm = *state;
    struct pair *pair = pair_start(farm, &farm->leaf);

    pair->target.host = "other.example";
    assert_int_equal(pair_connect(pair).stage, HAWSER_STREAM_FAILED);
    assert_failed(pair, HAWSER_CAUSE_TLS_WRONG_NAME);
    pair_stop(pair);
}

static void test_stream_open_port_without_tls_fails(void **state)
{
    const struct farm_set *farm = *state;
    struct pair *pair = pair_start(farm, NULL);

    assert_int_equal(pair_connect(pair).stage, HAWSER_STREAM_FAILED);
    assert_failed(pair, HAWSER_CAUSE_TLS_NOT_TLS);
    pair_stop(pair);
}

static void test_stream_hung_up_in_handshake_fails(void **state)
{
    const struct farm_set *farm = *state;
    struct hawser_stream_status status;
    int is_reset;

    for (is_reset = 0; is_reset < 2; is_reset++) {
        struct pair *pair = pair_start(farm, &farm->leaf);

        assert_int_equal(hwi_linux_stream_open(&pair->client, &pair->target),
                         0);
        do {
            pair_wait(pair);
            hwi_linux_stream_status(&pair->client, &status);
        } while (pair->server.fd < 0);
        stream_server_hang_up(&pair->server, is_reset != 0);
        /* Nobody comes again. */
        assert_int_equal(close(pair->server.listen_fd), 0);
        pair->server.listen_fd = -1;
        while (status.stage != HAWSER_STREAM_FAILED) {
            pair_wait(pair);
            hwi_linux_stream_status(&pair->client, &status);
        }
        assert_true(status.cause != HAWSER_CAUSE_NONE);
        assert_true(status.detail[0] != '\0');
        pair_stop(pair);
    }
}

static void test_stream_end_is_closed(void **state)
{
    struct pair *pair = pair_open(*state);
    uint8_t byte;

    stream_server_hang_up(&pair->server, false);
    assert_int_equal(pair_receive(pair, &byte, 1), HAWSER_E_LINK);
    assert_failed(pair, HAWSER_CAUSE_CLOSED);
    pair_stop(pair);
}

static void test_stream_reset_is_closed_and_named(void **state)
{
    struct pair *pair = pair_open(*state);
    uint8_t byte;

    stream_server_hang_up(&pair->server, true);
    assert_int_equal(pair_receive(pair, &byte, 1), HAWSER_E_LINK);
    assert_failed(pair, HAWSER_CAUSE_CLOSED);
    assert_string_equal(pair->client.failure.detail,
                        "Connection reset by peer");
    pair_stop(pair);
}

static void test_stream_send_into_reset_raises_no_signal(void **state)
{
    struct pair *pair = pair_open(*state);
    int sent;

    /* The first bytes make the kernel reset; those after it SIGPIPE, which
     * would end the test. */
    assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    stream_server_hang_up(&pair->server, false);
    do {
        sent = hwi_linux_stream_send(&pair->client, (const uint8_t *)"x", 1);
    } while (sent >= 0 && hwi_linux_now_ms() < pair->end_ms);
    assert_int_equal(sent, HAWSER_E_LINK);
    assert_failed(pair, HAWSER_CAUSE_CLOSED);
    pair_stop(pair);
}

/* Whether the client waits for room to send. */
static bool wants_room(const struct pair *pair)
{
    struct hwi_linux_pollset set = wait_set();

    hwi_linux_stream_poll(&pair->client, &set);
    assert_int_equal(set.count, 1);
    return (set.fds[0].events & POLLOUT) != 0;
}

static void test_stream_send_to_slow_peer_waits_and_loses_nothing(void **state)
{
    struct pair *pair = pair_open(*state);
    const int small = 4096;
    uint8_t bytes[4096];
    size_t total = 0;
    size_t i;
    int sent;

    assert_int_equal(setsockopt(pair->client.fd, SOL_SOCKET, SO_SNDBUF, &small,
                                sizeof small),
                     0);
    assert_int_equal(setsockopt(pair->server.fd, SOL_SOCKET, SO_RCVBUF, &small,
                                sizeof small),
                     0);
    pair->server.is_deaf = true;
    for (;;) {
        for (i = 0; i < sizeof bytes; i++) {
            bytes[i] = (uint8_t)((total + i) % 251);
        }
        sent = hwi_linux_stream_send(&pair->client, bytes, sizeof bytes);
        if (sent < 0) {
            break;
        }
        total += (size_t)sent;
        assert_true(total < sizeof pair->server.received);
    }
    assert_int_equal(sent, HAWSER_E_WAIT);
    assert_true(wants_room(pair));
    pair->server.is_deaf = false;
    while (pair->server.received_len < total) {
        pair_wait(pair);
        /* An empty send pushes on what waits. */
        assert_true(hwi_linux_stream_send(&pair->client, bytes, 0) >=
                    HAWSER_E_WAIT);
    }
    assert_false(wants_room(pair));
    for (i = 0; i < total; i++) {
        if (pair->server.received[i] != (uint8_t)(i % 251)) {
            fail_msg("byte %zu is wrong", i);
        }
    }
    pair_stop(pair);
}

static void test_stream_rest_of_a_record_needs_no_wait(void **state)
{
    struct pair *pair = pair_open(*state);
    struct hwi_linux_pollset set = wait_set();
    uint8_t bytes[16];

    stream_server_say(&pair->server, "0123456789", 10);
    assert_int_equal(pair_receive(pair, bytes, 4), 4);
    /* The socket is empty now: only the deadline can tell. */
    hwi_linux_stream_poll(&pair->client, &set);
    assert_true(set.deadline_ms == 0);
    assert_int_equal(
        hwi_linux_stream_receive(&pair->client, bytes, sizeof bytes), 6);
    pair_stop(pair);
}

static void test_stream_not_open_waits_or_answers_link(void **state)
{
    const struct farm_set *farm = *state;
    struct pair *pair = pair_start(farm, &farm->leaf);
    struct hawser_security security;
    uint8_t byte = 0;

    assert_int_equal(hwi_linux_stream_receive(&pair->client, &byte, 1),
                     HAWSER_E_LINK);
    assert_int_equal(hwi_linux_stream_open(&pair->client, &pair->target), 0);
    assert_int_equal(hwi_linux_stream_receive(&pair->client, &byte, 1),
                     HAWSER_E_WAIT);
    assert_int_equal(hwi_linux_stream_send(&pair->client, &byte, 1),
                     HAWSER_E_WAIT);
    assert_int_equal(hwi_linux_stream_security(&pair->client, &security),
                     HAWSER_E_STATE);
    hwi_linux_stream_close(&pair->client);
    hwi_linux_stream_close(&pair->client);
    assert_int_equal(pair->client.stage, HAWSER_STREAM_CLOSED);
    assert_int_equal(pair->client.fd, -1);
    pair_stop(pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream_open_talks_both_ways),
        cmocka_unit_test(test_stream_open_again_resumes),
        cmocka_unit_test(test_stream_socket_options),
        cmocka_unit_test(test_stream_open_nobody_listens_refused),
        cmocka_unit_test(test_stream_open_no_way_unreachable),
        cmocka_unit_test(test_stream_open_own_files_unusable_is_setup),
        cmocka_unit_test(test_stream_open_wrong_name_fails),
        cmocka_unit_test(test_stream_open_port_without_tls_fails),
        cmocka_unit_test(test_stream_hung_up_in_handshake_fails),
        cmocka_unit_test(test_stream_end_is_closed),
        cmocka_unit_test(test_stream_reset_is_closed_and_named),
        cmocka_unit_test(test_stream_send_into_reset_raises_no_signal),
        cmocka_unit_test(test_stream_send_to_slow_peer_waits_and_loses_nothing),
        cmocka_unit_test(test_stream_rest_of_a_record_needs_no_wait),
        cmocka_unit_test(test_stream_not_open_waits_or_answers_link),
    };

    return cmocka_run_group_tests_name("linux stream", tests, farm_set_up,
                                       farm_tear_down);
}
