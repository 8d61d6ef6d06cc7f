/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of resolve.c: literal addresses, the hosts file, and a name server on
 * the loopback that the test plays itself.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "ports/linux/clock.h"
#include "ports/linux/resolve.h"
#include "ports/linux/test_wait.h"

#define LIMIT_MS  20000
#define TYPE_A    1
#define TYPE_AAAA 28

/* RFC 1035 4.1.1: the answers' codes. */
enum { RCODE_NONE = 0, RCODE_NO_NAME = 3 };

/* The name server. */
struct server {
    int fd;
    char text[64]; /* "127.0.0.1:port" */
    unsigned asked;
    unsigned rcode;
    unsigned a_count; /* IPv4 addresses of every name */
    bool has_aaaa;    /* and one IPv6 address */
    unsigned lost;    /* so many questions, the first ones, are not heard */
    struct hwi_linux_lookup lookup; /* the one under test */
};

static int set_up(void **state)
{
    static struct server server; /* one test at a time */
    struct sockaddr_in own = {.sin_family = AF_INET};
    socklen_t len = sizeof own;

    memset(&server, 0, sizeof server);
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server.fd, (struct sockaddr *)&own, len), 0);
    assert_int_equal(getsockname(server.fd, (struct sockaddr *)&own, &len), 0);
    (void)snprintf(server.text, sizeof server.text, "127.0.0.1:%u",
                   (unsigned)ntohs(own.sin_port));
    *state = &server;
    return 0;
}

static int tear_down(void **state)
{
    const struct server *server = *state;

    if (server->fd >= 0) {
        (void)close(server->fd);
    }
    return 0;
}

/* RFC 1035 4.1.3: one record whose name points to the question's. */
static size_t record_put(uint8_t *at, uint8_t type, const uint8_t *data,
                         uint8_t len)
{
    const uint8_t head[12] = {0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, len};

    memcpy(at, head, sizeof head);
    memcpy(at + sizeof head, data, len);
    return sizeof head + len;
}

/* Makes the answer out of the question, in place. Its length. */
static size_t answer_make(const struct server *server, uint8_t *bytes,
                          size_t len)
{
    static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
    size_t name_end = 12 + strlen((const char *)bytes + 12) + 1;
    uint8_t type = bytes[name_end + 1];
    uint8_t count = 0;

    bytes[2] |= 0x80; /* a response */
    bytes[3] = (uint8_t)(0x80 | server->rcode);
    len = name_end + 4; /* without the additional section */
    for (; type == TYPE_A && count < server->a_count; count++) {
        const uint8_t v4[4] = {192, 0, 2, (uint8_t)(count + 1)};

        len += record_put(bytes + len, TYPE_A, v4, sizeof v4);
    }
    if (type == TYPE_AAAA && server->has_aaaa) {
        len += record_put(bytes + len, TYPE_AAAA, v6, sizeof v6);
        count = 1;
    }
    bytes[7] = count;
    bytes[8] = bytes[9] = bytes[10] = bytes[11] = 0;
    return len;
}

/* Answers all questions that wait. */
static void serve(struct server *server)
{
    uint8_t bytes[2048];
    struct sockaddr_in from;
    socklen_t from_len = sizeof from;
    ssize_t got;

    while ((got = recvfrom(server->fd, bytes, 512, 0, (struct sockaddr *)&from,
                           &from_len)) > 12) {
        size_t len = answer_make(server, bytes, (size_t)got);

        server->asked++;
        if (server->asked > server->lost) {
            (void)sendto(server->fd, bytes, len, 0, (struct sockaddr *)&from,
                         from_len);
        }
    }
}

/* Looks host up, the server at work beside it. */
static int resolve(struct server *server, const char *host,
                   struct hawser_address *out, size_t max)
{
    struct hwi_linux_lookup *lookup = &server->lookup;
    uint64_t end_ms = hwi_linux_now_ms() + LIMIT_MS;

    for (;;) {
        struct hwi_linux_pollset set = wait_set();
        int count = hwi_linux_lookup_poll(lookup, host, server->text, out, max);

        if (count != HAWSER_E_WAIT) {
            assert_null(lookup->channel);
            return count;
        }
        hwi_linux_lookup_wait(lookup, &set);
        assert_true(set.deadline_ms <=
                    hwi_linux_now_ms() + HWI_LINUX_RESOLVE_LIMIT_MS);
        hwi_linux_pollset_add(&set, server->fd, POLLIN);
        wait_on(&set, end_ms);
        serve(server);
    }
}

static void test_lookup_literal_answers_at_once(void **state)
{
    struct server *server = *state;
    struct hwi_linux_lookup lookup = {.channel = NULL};
    struct hawser_address found[2];

    assert_int_equal(
        hwi_linux_lookup_poll(&lookup, "192.0.2.7", server->text, found, 2), 1);
    assert_int_equal(found[0].family, 4);
    assert_int_equal(found[0].bytes[3], 7);
    assert_int_equal(
        hwi_linux_lookup_poll(&lookup, "2001:db8::7", server->text, found, 2),
        1);
    assert_int_equal(found[0].family, 6);
    assert_int_equal(found[0].bytes[15], 7);
    assert_int_equal(found[0].port, 0);
}

static void test_lookup_hosts_file_needs_no_server(void **state)
{
    struct server *server = *state;
    struct hawser_address found[8];
    int count = resolve(server, "localhost", found, 8);
    int i;

    assert_true(count > 0);
    for (i = 0; i < count; i++) {
        assert_true(found[i].family == 6 || found[i].bytes[0] == 127);
    }
    assert_int_equal(server->asked, 0);
}

static void test_lookup_both_families(void **state)
{
    struct server *server = *state;
    struct hawser_address found[8];
    unsigned v4 = 0;
    unsigned v6 = 0;
    int count;
    int i;

    server->a_count = 2;
    server->has_aaaa = true;
    count = resolve(server, "broker.example", found, 8);
    assert_int_equal(count, 3);
    for (i = 0; i < count; i++) {
        v4 += found[i].family == 4;
        v6 += found[i].family == 6;
        assert_int_equal(found[i].port, 0);
    }
    assert_int_equal(v4, 2);
    assert_int_equal(v6, 1);
}

static void test_lookup_more_addresses_than_room_are_cut(void **state)
{
    struct server *server = *state;
    struct hawser_address found[3] = {{.family = 0}};

    server->a_count = 20;
    assert_int_equal(resolve(server, "broker.example", found, 2), 2);
    assert_int_equal(found[2].family, 0);
    assert_int_equal(resolve(server, "broker.example", found, 0),
                     HAWSER_E_LINK);
}

static void test_lookup_addresses_that_were_cut_have_their_turn(void **state)
{
    struct server *server = *state;
    struct hawser_address all[5];
    struct hawser_address found[3];
    unsigned i;

    server->a_count = 5;
    assert_int_equal(resolve(server, "broker.example", all, 5), 5);
    for (i = 0; i < 10; i += 3) {
        assert_int_equal(resolve(server, "broker.example", found, 3), 3);
        assert_memory_equal(&found[0], &all[i % 5], sizeof all[0]);
        assert_memory_equal(&found[1], &all[(i + 1) % 5], sizeof all[0]);
        assert_memory_equal(&found[2], &all[(i + 2) % 5], sizeof all[0]);
    }
}

static void test_lookup_nothing_is_cached(void **state)
{
    struct server *server = *state;
    struct hawser_address found[8];
    unsigned asked;

    server->a_count = 1;
    assert_int_equal(resolve(server, "broker.example", found, 8), 1);
    asked = server->asked;
    assert_true(asked > 0);
    server->a_count = 2;
    assert_int_equal(resolve(server, "broker.example", found, 8), 2);
    assert_true(server->asked > asked);
}

static void test_lookup_unknown_name_fails(void **state)
{
    struct server *server = *state;
    struct hawser_address found[8];

    server->rcode = RCODE_NO_NAME;
    assert_int_equal(resolve(server, "no.example", found, 8), HAWSER_E_LINK);
    server->rcode = RCODE_NONE; /* the name is there, but has no address */
    assert_int_equal(resolve(server, "no.example", found, 8), HAWSER_E_LINK);
    assert_int_equal(resolve(server, "", found, 8), HAWSER_E_LINK);
    assert_int_equal(resolve(server, "two..dots", found, 8), HAWSER_E_LINK);
}

static void test_lookup_dead_server_fails(void **state)
{
    struct server *server = *state;
    struct hawser_address found[8];

    assert_int_equal(close(server->fd), 0);
    server->fd = -1;
    assert_int_equal(resolve(server, "broker.example", found, 8),
                     HAWSER_E_LINK);
}

static void test_lookup_silent_server_ends_by_the_deadline(void **state)
{
    struct server *server = *state;
    struct hwi_linux_lookup lookup = {.channel = NULL};
    struct hawser_address found[8];

    assert_int_equal(hwi_linux_lookup_poll(&lookup, "broker.example",
                                           server->text, found, 8),
                     HAWSER_E_WAIT);
    assert_true(lookup.deadline_ms >
                hwi_linux_now_ms() + HWI_LINUX_RESOLVE_LIMIT_MS - 1000);
    lookup.deadline_ms = hwi_linux_now_ms(); /* as if ten seconds were over */
    assert_int_equal(hwi_linux_lookup_poll(&lookup, "broker.example",
                                           server->text, found, 8),
                     HAWSER_E_LINK);
    assert_null(lookup.channel);
}

static void test_lookup_lost_question_is_asked_again(void **state)
{
    struct server *server = *state;
    struct hawser_address found[8];

    server->a_count = 1;
    server->lost = 2; /* A and AAAA */
    assert_int_equal(resolve(server, "broker.example", found, 8), 1);
    assert_int_equal(server->asked, 4);
}

static void test_lookup_cancel_ends_it(void **state)
{
    struct server *server = *state;
    struct hwi_linux_lookup lookup = {.channel = NULL};
    struct hwi_linux_pollset set = wait_set();
    struct hawser_address found[8];

    hwi_linux_lookup_cancel(&lookup);
    assert_int_equal(hwi_linux_lookup_poll(&lookup, "broker.example",
                                           server->text, found, 8),
                     HAWSER_E_WAIT);
    hwi_linux_lookup_cancel(&lookup);
    assert_null(lookup.channel);
    hwi_linux_lookup_drive(&lookup);
    hwi_linux_lookup_wait(&lookup, &set);
    assert_int_equal(set.count, 0);
    assert_true(set.deadline_ms == HAWSER_NEVER);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lookup_literal_answers_at_once),
        TEST(test_lookup_hosts_file_needs_no_server),
        TEST(test_lookup_both_families),
        TEST(test_lookup_more_addresses_than_room_are_cut),
        TEST(test_lookup_addresses_that_were_cut_have_their_turn),
        TEST(test_lookup_nothing_is_cached),
        TEST(test_lookup_unknown_name_fails),
        TEST(test_lookup_dead_server_fails),
        TEST(test_lookup_silent_server_ends_by_the_deadline),
        TEST(test_lookup_lost_question_is_asked_again),
        TEST(test_lookup_cancel_ends_it),
    };

    return cmocka_run_group_tests_name("linux resolve", tests, NULL, NULL);
}
