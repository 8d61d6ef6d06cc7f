/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams over real sockets of the loopback, which lwIP's are like.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lwip/sockets.h"
#include "ports/esp-idf/sockets.h"
#include "ports/esp-idf/sockets_parts.h"

#define WAIT_S 10

struct server {
    int fd;
    struct hawser_address address;
    struct sockaddr_in client; /* who asked last */
};

static int server_open(struct server *s)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &len), 0);
    s->address = (struct hawser_address){
        .family = 4, .bytes = {127, 0, 0, 1}, .port = ntohs(at.sin_port)};
    return s->fd;
}

static void wait_for(int fd)
{
    struct timeval limit = {WAIT_S, 0};
    fd_set in;

    FD_ZERO(&in);
    FD_SET(fd, &in);
    assert_int_equal(select(fd + 1, &in, NULL, NULL, &limit), 1);
}

/* What has come to the server. */
static void expect(struct server *s, const char *text)
{
    socklen_t len = sizeof s->client;
    char got[16] = "";

    wait_for(s->fd);
    assert_true(recvfrom(s->fd, got, sizeof got - 1, 0,
                         (struct sockaddr *)&s->client, &len) > 0);
    assert_string_equal(got, text);
}

static void answer(int fd, const struct server *s, const char *text)
{
    assert_int_equal(sendto(fd, text, strlen(text), 0,
                            (const struct sockaddr *)&s->client,
                            sizeof s->client),
                     strlen(text));
}

static void test_question_and_answer(void **state)
{
    struct server s;
    uint8_t out[4];

    (void)state;
    server_open(&s);
    assert_int_equal(hwi_esp_udp_open(1, &s.address), 0);
    assert_int_equal(hwi_esp_udp_receive(1, out, sizeof out), HAWSER_E_WAIT);
    assert_int_equal(hwi_esp_udp_send(1, (const uint8_t *)"ask", 3), 0);
    expect(&s, "ask");
    answer(s.fd, &s, "answer");
    wait_for(hwi_esp_udp_fds[1]);
    assert_int_equal(hwi_esp_udp_receive(1, out, sizeof out), 4);
    assert_memory_equal(out, "answ", 4); /* cut at the room */
    hwi_esp_udp_close(1);
    close(s.fd);
}

static void test_answer_of_another_is_not_taken(void **state)
{
    struct server s;
    struct server stranger;
    uint8_t out[16];

    (void)state;
    server_open(&s);
    server_open(&stranger);
    assert_int_equal(hwi_esp_udp_open(0, &s.address), 0);
    assert_int_equal(hwi_esp_udp_send(0, (const uint8_t *)"ask", 3), 0);
    expect(&s, "ask");
    answer(stranger.fd, &s, "forged");
    answer(s.fd, &s, "true");
    wait_for(hwi_esp_udp_fds[0]);
    assert_int_equal(hwi_esp_udp_receive(0, out, sizeof out), 4);
    assert_memory_equal(out, "true", 4);
    assert_int_equal(hwi_esp_udp_receive(0, out, sizeof out), HAWSER_E_WAIT);
    hwi_esp_udp_close(0);
    close(stranger.fd);
    close(s.fd);
}

static void test_nobody_there_is_a_broken_link(void **state)
{
    struct server s;
    uint8_t out[4];
    int got;

    (void)state;
    server_open(&s);
    assert_int_equal(hwi_esp_udp_open(0, &s.address), 0);
    close(s.fd);
    assert_int_equal(hwi_esp_udp_send(0, (const uint8_t *)"ask", 3), 0);
    wait_for(hwi_esp_udp_fds[0]); /* ICMP */
    got = hwi_esp_udp_receive(0, out, sizeof out);
    assert_int_equal(got, HAWSER_E_LINK);
    hwi_esp_udp_close(0);
}

static void test_slots_are_bounded_and_closed(void **state)
{
    struct server s;
    uint8_t out[4];

    (void)state;
    server_open(&s);
    assert_int_equal(hwi_esp_udp_open(HAWSER_UDP_SLOTS, &s.address),
                     HAWSER_E_LINK);
    assert_int_equal(hwi_esp_udp_send(2, out, 1), HAWSER_E_LINK);
    assert_int_equal(hwi_esp_udp_receive(2, out, 1), HAWSER_E_LINK);
    assert_int_equal(hwi_esp_udp_send(HAWSER_UDP_SLOTS, out, 1), HAWSER_E_LINK);
    assert_int_equal(hwi_esp_udp_receive(HAWSER_UDP_SLOTS, out, 1),
                     HAWSER_E_LINK);
    hwi_esp_udp_close(HAWSER_UDP_SLOTS);
    assert_int_equal(hwi_esp_udp_open(2, &s.address), 0);
    assert_int_equal(hwi_esp_udp_open(2, &s.address), 0); /* the first closes */
    hwi_esp_udp_close(2);
    assert_int_equal(hwi_esp_udp_fds[2], -1);
    close(s.fd);
}

static void test_ipv6_has_no_way_here(void **state)
{
    struct hawser_address address = {.family = 6, .port = 123};

    (void)state;
    assert_int_equal(hwi_esp_udp_open(0, &address), HAWSER_E_LINK);
    assert_int_equal(hwi_esp_udp_fds[0], -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_question_and_answer),
        cmocka_unit_test(test_answer_of_another_is_not_taken),
        cmocka_unit_test(test_nobody_there_is_a_broken_link),
        cmocka_unit_test(test_slots_are_bounded_and_closed),
        cmocka_unit_test(test_ipv6_has_no_way_here),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
