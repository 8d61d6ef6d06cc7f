/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hosts, ports and broker addresses: what is read, and every refusal.
 */
#include "endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LABEL_63 \
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static const struct {
    const char *text;
    const char *host;
    uint16_t port;
} good[] = {
    {"mqtts://b", "b", 8883},
    {"mqtts://b.example:1", "b.example", 1},
    {"mqtts://b.example:65535/", "b.example", 65535},
    {"mqtts://127.0.0.1", "127.0.0.1", 8883},
    {"mqtts://[::1]", "::1", 8883},
    {"mqtts://[2001:db8::1]:883", "2001:db8::1", 883},
    {"mqtts://xn--bcher-kva.example", "xn--bcher-kva.example", 8883},
    {"mqtts://" LABEL_63 ".x", LABEL_63 ".x", 8883},
    {"mqtts://1a", "1a", 8883},
};

static void test_read_url_good_gives_host_and_port(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct hawser_cli_endpoint e;
        assert_null(hawser_cli_endpoint_read_url(&e, good[i].text,
                                                 strlen(good[i].text)));
        assert_string_equal(e.host, good[i].host);
        assert_int_equal(e.port, good[i].port);
    }
}

static const char *const bad[] = {
    "",
    "b",
    "mqtts:/b",
    "mqtts://",
    "mqtts:///",
    "mqtt://b",
    "tcp://b",
    "ws://b",
    "MQTTS://b",
    "mqtts://user:geheim@b",
    "mqtts://b/path",
    "mqtts://b:",
    "mqtts://b:0",
    "mqtts://b:65536",
    "mqtts://b:123456",
    "mqtts://b:+1",
    "mqtts://::1",
    "mqtts://[::1",
    "mqtts://[::1]8883",
    "mqtts://[b]",
    "mqtts://[]",
    "mqtts://[::g]",
    "mqtts://[fe80::1%eth0]",
    "mqtts://256.1.1.1",
    "mqtts://1.2.3",
    "mqtts://-b",
    "mqtts://b-",
    "mqtts://b-.c",
    "mqtts://b..c",
    "mqtts://.b",
    "mqtts://b.",
    "mqtts://b c",
    "mqtts://b\xc3\xbc",
    ("mqtts://" LABEL_63 "l"),
};

static void test_read_url_bad_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct hawser_cli_endpoint e;
        const char *why =
            hawser_cli_endpoint_read_url(&e, bad[i], strlen(bad[i]));
        if (why == NULL) {
            fail_msg("\"%s\" was taken", bad[i]);
        }
        assert_null(why == NULL ? NULL : strstr(why, "geheim"));
    }
}

static void test_read_host_longer_than_a_name_is_refused(void **state)
{
    (void)state;
    static const char host[] = LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63;
    struct hawser_cli_endpoint e;
    assert_non_null(hawser_cli_endpoint_read(&e, host, strlen(host), 1));
    assert_null(hawser_cli_endpoint_read(&e, host + 2, strlen(host) - 2, 1));
}

static void test_read_takes_no_more_than_its_bytes(void **state)
{
    (void)state;
    struct hawser_cli_endpoint e;
    assert_null(hawser_cli_endpoint_read(&e, "time:1234567", 7, 123));
    assert_string_equal(e.host, "time");
    assert_int_equal(e.port, 12);
    assert_null(hawser_cli_endpoint_read(&e, "time", 4, 123));
    assert_int_equal(e.port, 123);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_url_good_gives_host_and_port),
        cmocka_unit_test(test_read_url_bad_is_refused),
        cmocka_unit_test(test_read_host_longer_than_a_name_is_refused),
        cmocka_unit_test(test_read_takes_no_more_than_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
