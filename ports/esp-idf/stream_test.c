/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stream over real sockets of the loopback, which lwIP's are like, to a real
 * TLS server. How TLS judges servers is tested beside src/tls.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lwip/sockets.h"
#include "ports/esp-idf/sockets.h"
#include "ports/linux/clock.h"
#include "ports/linux/stream_test_server.h"
#include "ports/linux/test_wait.h"

#define LIMIT_MS 10000

struct pair {
    struct stream_server server;
    struct hawser_stream_target target;
    uint64_t end_ms;
};

static struct pair *pair_start(const struct farm_set *farm,
                               const struct farm_cert *leaf)
{
    struct pair *pair = calloc(1, sizeof *pair);

    assert_non_null(pair);
    stream_server_start(&pair->server, leaf);
    pair->target = test_target("broker.example", &farm->credentials);
    pair->target.address = pair->server.address;
    pair->end_ms = hwi_linux_now_ms() + LIMIT_MS;
    return pair;
}

static void pair_stop(struct pair *pair)
{
    hwi_esp_stream_close();
    stream_server_stop(&pair->server);
    free(pair);
}

/* Sleeps, by the very sets that the device's task sleeps by, until one of both
 * has news; then lets the server work. */
static void pair_wait(struct pair *pair)
{
    struct hwi_linux_pollset set = wait_set();
    struct timeval limit = {LIMIT_MS / 1000, 0};
    bool is_due = false;
    fd_set in;
    fd_set out;
    int highest;

    FD_ZERO(&in);
    FD_ZERO(&out);
    highest = hwi_esp_sockets_wait_for(&in, &out, -1, &is_due);
    stream_server_poll(&pair->server, &set);
    for (size_t i = 0; i < set.count; i++) {
        int fd = set.fds[i].fd;

        FD_SET(fd, (set.fds[i].events & POLLIN) != 0 ? &in : &out);
        highest = fd > highest ? fd : highest;
    }
    if (!is_due) {
        assert_true(select(highest + 1, &in, &out, NULL, &limit) > 0);
    }
    assert_true(hwi_linux_now_ms() < pair->end_ms);
    stream_server_step(&pair->server);
}

static struct hawser_stream_status status(void)
{
    struct hawser_stream_status now;

    hwi_esp_stream_status(&now);
    return now;
}

/* Drives until the client is open or has failed. */
static enum hawser_stream_stage pair_connect(struct pair *pair)
{
    assert_int_equal(hwi_esp_stream_open(&pair->target), 0);
    while (status().stage == HAWSER_STREAM_TCP ||
           status().stage == HAWSER_STREAM_TLS) {
        pair_wait(pair);
    }
    return status().stage;
}

static struct pair *pair_open(const struct farm_set *farm)
{
    struct pair *pair = pair_start(farm, &farm->leaf);

    assert_int_equal(pair_connect(pair), HAWSER_STREAM_OPEN);
    while (!SSL_is_init_finished(pair->server.ssl)) {
        pair_wait(pair);
    }
    return pair;
}

static int pair_receive(struct pair *pair, uint8_t *out, size_t size)
{
    int got = hwi_esp_stream_receive(out, size);

    while (got == HAWSER_E_WAIT) {
        pair_wait(pair);
        got = hwi_esp_stream_receive(out, size);
    }
    return got;
}

/* It has failed for good, and waits for nothing. */
static void assert_failed(enum hawser_cause cause)
{
    struct hawser_stream_status now = status();
    struct hawser_security security;
    bool is_due = false;
    uint8_t byte = 0;
    fd_set in;
    fd_set out;

    FD_ZERO(&in);
    FD_ZERO(&out);
    assert_int_equal(now.stage, HAWSER_STREAM_FAILED);
    assert_string_equal(test_cause_word(now.cause), test_cause_word(cause));
    assert_true(now.detail[0] != '\0');
    assert_int_equal(hwi_esp_stream_receive(&byte, 1), HAWSER_E_LINK);
    assert_int_equal(hwi_esp_stream_send(&byte, 1), HAWSER_E_LINK);
    assert_int_equal(hwi_esp_stream_security(&security), HAWSER_E_STATE);
    assert_int_equal(hwi_esp_sockets_wait_for(&in, &out, -1, &is_due), -1);
    assert_false(is_due);
}

static void test_open_talks_both_ways(void **state)
{
    struct pair *pair = pair_open(*state);
    struct hawser_security security;
    uint8_t bytes[16];

    assert_int_equal(hwi_esp_stream_security(&security), 0);
    assert_string_equal(security.version, "TLSv1.3");
    assert_int_equal(hwi_esp_stream_send((const uint8_t *)"ping", 4), 4);
    while (pair->server.received_len < 4) {
        pair_wait(pair);
    }
    assert_memory_equal(pair->server.received, "ping", 4);
    stream_server_say(&pair->server, "pong!", 5);
    assert_int_equal(pair_receive(pair, bytes, sizeof bytes), 5);
    assert_memory_equal(bytes, "pong!", 5);
    assert_int_equal(hwi_esp_stream_receive(bytes, sizeof bytes),
                     HAWSER_E_WAIT);
    pair_stop(pair);
}

/* What TLS holds already no socket will tell of. */
static void test_bytes_that_tls_holds_are_due(void **state)
{
    struct pair *pair = pair_open(*state);
    bool is_due = false;
    uint8_t byte;
    fd_set in;
    fd_set out;

    stream_server_say(&pair->server, "ab", 2);
    assert_int_equal(pair_receive(pair, &byte, 1), 1);
    FD_ZERO(&in);
    FD_ZERO(&out);
    (void)hwi_esp_sockets_wait_for(&in, &out, -1, &is_due);
    assert_true(is_due);
    assert_int_equal(hwi_esp_stream_receive(&byte, 1), 1);
    assert_int_equal(byte, 'b');
    pair_stop(pair);
}

static void test_open_again_resumes(void **state)
{
    struct pair *pair = pair_open(*state);
    struct hawser_security security;
    uint8_t byte;

    /* The ticket comes with the first bytes. */
    stream_server_say(&pair->server, "x", 1);
    assert_int_equal(pair_receive(pair, &byte, 1), 1);
    hwi_esp_stream_close();
    assert_int_equal(status().stage, HAWSER_STREAM_CLOSED);
    stream_server_hang_up(&pair->server, false);
    assert_int_equal(pair_connect(pair), HAWSER_STREAM_OPEN);
    assert_int_equal(hwi_esp_stream_security(&security), 0);
    assert_true(security.resumed);
    pair_stop(pair);
}

static void test_nobody_listens_is_refused(void **state)
{
    struct pair *pair = pair_start(*state, NULL);

    assert_int_equal(close(pair->server.listen_fd), 0);
    pair->server.listen_fd = -1;
    assert_int_equal(pair_connect(pair), HAWSER_STREAM_FAILED);
    assert_failed(HAWSER_CAUSE_TCP_REFUSED);
    assert_memory_equal(status().detail, "127.0.0.1: ", 11);
    pair_stop(pair);
}

static void test_no_way_is_unreachable(void **state)
{
    struct pair *pair = pair_start(*state, NULL);

    memset(pair->target.address.bytes, 255, 4);
    assert_int_equal(hwi_esp_stream_open(&pair->target), HAWSER_E_LINK);
    assert_failed(HAWSER_CAUSE_TCP_UNREACHABLE);
    pair->target.address.family = 6; /* lwIP is asked for IPv4 alone */
    assert_int_equal(hwi_esp_stream_open(&pair->target), HAWSER_E_LINK);
    assert_failed(HAWSER_CAUSE_TCP_UNREACHABLE);
    pair_stop(pair);
}

static void test_judgements_of_tls_are_handed_on(void **state)
{
    const struct farm_set *farm = *state;
    struct pair *pair = pair_start(farm, &farm->leaf);

    pair->target.host = "other.example";
    assert_int_equal(pair_connect(pair), HAWSER_STREAM_FAILED);
    assert_failed(HAWSER_CAUSE_TLS_WRONG_NAME);
    pair_stop(pair);

    pair = pair_start(farm, NULL);
    assert_int_equal(pair_connect(pair), HAWSER_STREAM_FAILED);
    assert_failed(HAWSER_CAUSE_TLS_NOT_TLS);
    pair_stop(pair);
}

static void test_anchors_that_cannot_be_read_are_setup(void **state)
{
    const struct farm_set *farm = *state;
    struct pair *pair = pair_start(farm, &farm->leaf);
    const struct hawser_credentials garbled = {
        .ca = {(const uint8_t *)"no PEM", 6}};

    pair->target.credentials = &garbled;
    assert_int_equal(pair_connect(pair), HAWSER_STREAM_FAILED);
    assert_failed(HAWSER_CAUSE_TLS_SETUP);
    pair_stop(pair);
}

static void test_end_and_reset_are_closed(void **state)
{
    int is_reset;

    for (is_reset = 0; is_reset < 2; is_reset++) {
        struct pair *pair = pair_open(*state);
        uint8_t byte;

        stream_server_hang_up(&pair->server, is_reset != 0);
        assert_int_equal(pair_receive(pair, &byte, 1), HAWSER_E_LINK);
        assert_failed(HAWSER_CAUSE_CLOSED);
        pair_stop(pair);
    }
}

static void test_preflight_judges_other_anchors(void **state)
{
    const struct farm_set *farm = *state;
    struct pair *pair = pair_start(farm, &farm->leaf);
    const struct farm_cert *const strangers[] = {&farm->other_root};
    struct farm_file other = farm_pem(strangers, 1);
    struct hawser_stream_status why;

    assert_int_equal(hwi_esp_stream_preflight(farm->credentials.ca, &why),
                     HAWSER_E_STATE);
    assert_int_equal(pair_connect(pair), HAWSER_STREAM_OPEN);
    assert_int_equal(hwi_esp_stream_preflight(farm->credentials.ca, &why), 0);
    assert_int_not_equal(hwi_esp_stream_preflight(farm_view(&other), &why), 0);
    assert_int_equal(why.cause, HAWSER_CAUSE_TLS_UNKNOWN_CA);
    assert_int_equal(status().stage, HAWSER_STREAM_OPEN); /* it goes on */
    farm_file_free(&other);
    pair_stop(pair);
}

static int set_up(void **state)
{
    /* lwIP has no such signal. */
    (void)signal(SIGPIPE, SIG_IGN);
    return farm_set_up(state) != 0 || hwi_esp_stream_init() != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_talks_both_ways),
        cmocka_unit_test(test_bytes_that_tls_holds_are_due),
        cmocka_unit_test(test_open_again_resumes),
        cmocka_unit_test(test_nobody_listens_is_refused),
        cmocka_unit_test(test_no_way_is_unreachable),
        cmocka_unit_test(test_judgements_of_tls_are_handed_on),
        cmocka_unit_test(test_anchors_that_cannot_be_read_are_setup),
        cmocka_unit_test(test_end_and_reset_are_closed),
        cmocka_unit_test(test_preflight_judges_other_anchors),
    };

    return cmocka_run_group_tests(tests, set_up, farm_tear_down);
}
