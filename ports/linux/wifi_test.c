/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dialogue with wpa_supplicant, against a socket that answers as version
 * 2.10 was seen to: each question is compared, each answer given by hand.
 */
#include "ports/linux/wifi.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "ports/linux/clock.h"
#include "ports/linux/test_tree.h"

#define VIEW(text)                                \
    {                                             \
        (const uint8_t *)(text), sizeof(text) - 1 \
    }

static const struct hawser_linux_network networks[] = {
    {.ssid = VIEW("shed"), .passphrase = VIEW("correct horse")},
    {.ssid = VIEW("yard"), .passphrase = VIEW("battery staple")},
};

struct fixture {
    struct test_tree tree;
    char path[TREE_FILE_SIZE];
    int fd; /* the supplicant's */
    struct sockaddr_un peer;
    socklen_t peer_len;
    struct hawser_linux_config config;
    struct hwi_linux_wifi wifi;
    char words[HAWSER_LINUX_MESSAGE_SIZE];
};

static void listen_at(struct fixture *f)
{
    struct sockaddr_un own = {.sun_family = AF_UNIX};

    f->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(f->fd >= 0);
    (void)snprintf(own.sun_path, sizeof own.sun_path, "%.100s", f->path);
    assert_int_equal(bind(f->fd, (struct sockaddr *)&own, sizeof own), 0);
}

static int set_up(void **state)
{
    static struct fixture f; /* one test at a time */

    memset(&f, 0, sizeof f);
    tree_make(&f.tree);
    (void)tree_path(&f.tree, "wlan0", f.path);
    f.config.wifi_control = f.path;
    f.config.networks = networks;
    f.config.network_count = 2;
    listen_at(&f);
    *state = &f;
    return hwi_linux_wifi_open(&f.wifi, &f.config, f.words);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    hwi_linux_wifi_close(&f->wifi);
    (void)close(f->fd);
    tree_remove(&f->tree);
    return 0;
}

static bool drive(struct fixture *f)
{
    return hwi_linux_wifi_drive(&f->wifi, f->words);
}

/* The next question is this one. Datagrams on one machine are there at once. */
static void expect(struct fixture *f, const char *question)
{
    char text[512] = {0};
    ssize_t len;

    (void)drive(f);
    f->peer_len = sizeof f->peer;
    len = recvfrom(f->fd, text, sizeof text - 1, 0, (struct sockaddr *)&f->peer,
                   &f->peer_len);
    assert_true(len > 0);
    assert_string_equal(text, question);
}

static void tell(struct fixture *f, const char *text)
{
    assert_int_equal(sendto(f->fd, text, strlen(text), 0,
                            (struct sockaddr *)&f->peer, f->peer_len),
                     strlen(text));
}

static void expect_nothing(struct fixture *f)
{
    char text[512];

    (void)drive(f);
    assert_int_equal(recv(f->fd, text, sizeof text, 0), -1);
    assert_int_equal(errno, EAGAIN);
}

static void answer(struct fixture *f, const char *question, const char *text)
{
    expect(f, question);
    tell(f, text);
}

/* Up to the first look, with no network of an earlier run. */
static void tell_networks(struct fixture *f)
{
    answer(f, "ATTACH", "OK\n");
    answer(f, "LIST_NETWORKS", "network id / ssid / bssid / flags\n");
    answer(f, "ADD_NETWORK", "0\n");
    answer(f, "SET_NETWORK 0 id_str \"hawser\"", "OK\n");
    answer(f, "SET_NETWORK 0 ssid 73686564", "OK\n");
    answer(f, "SET_NETWORK 0 psk \"correct horse\"", "OK\n");
    answer(f, "SET_NETWORK 0 priority 2", "OK\n");
    answer(f, "ENABLE_NETWORK 0", "OK\n");
    answer(f, "ADD_NETWORK", "1\n");
    answer(f, "SET_NETWORK 1 id_str \"hawser\"", "OK\n");
    answer(f, "SET_NETWORK 1 ssid 79617264", "OK\n");
    answer(f, "SET_NETWORK 1 psk \"battery staple\"", "OK\n");
    answer(f, "SET_NETWORK 1 priority 1", "OK\n");
    answer(f, "ENABLE_NETWORK 1", "OK\n");
}

static void scanning(struct fixture *f)
{
    answer(f, "STATUS", "wpa_state=SCANNING\naddress=02:00:00:00:00:00\n");
    expect_nothing(f);
}

static void completed(struct fixture *f)
{
    answer(f, "STATUS", "ssid=shed\nid=0\nwpa_state=COMPLETED\n");
    answer(f, "SIGNAL_POLL", "RSSI=-61\nLINKSPEED=65\nNOISE=9999\n");
    expect_nothing(f);
}

static enum hawser_link_state explained(const struct fixture *f)
{
    struct hawser_link_status link = {.state = HAWSER_LINK_DOWN};

    hwi_linux_wifi_explain(&f->wifi, &link);
    return link.state;
}

static void test_networks_are_told_then_watched(void **state)
{
    struct fixture *f = *state;
    int32_t rssi = 0;

    tell_networks(f);
    scanning(f);
    assert_int_equal(explained(f), HAWSER_LINK_JOINING);
    assert_int_equal(hwi_linux_wifi_rssi(&f->wifi, &rssi), HAWSER_E_ABSENT);
    tell(f, "<3>CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:01:00 "
            "completed [id=0 id_str=hawser]");
    completed(f);
    assert_int_equal(hwi_linux_wifi_rssi(&f->wifi, &rssi), 0);
    assert_int_equal(rssi, -61);
    assert_true(f->wifi.next_ms > hwi_linux_now_ms());
}

static void test_own_networks_of_an_earlier_run_go_first(void **state)
{
    struct fixture *f = *state;

    answer(f, "ATTACH", "OK\n");
    answer(f, "LIST_NETWORKS",
           "network id / ssid / bssid / flags\n0\thome\tany\t[CURRENT]\n"
           "1\tshed\tany\t\n2\tyard\tany\t[DISABLED]\n");
    answer(f, "GET_NETWORK 0 id_str", "FAIL\n");
    answer(f, "GET_NETWORK 1 id_str", "\"hawser\"");
    answer(f, "REMOVE_NETWORK 1", "OK\n");
    answer(f, "GET_NETWORK 2 id_str", "\"hawser\"");
    answer(f, "REMOVE_NETWORK 2", "OK\n");
    expect(f, "ADD_NETWORK");
}

static void test_without_networks_it_only_watches(void **state)
{
    struct fixture *f = *state;

    f->config.network_count = 0;
    assert_int_equal(hwi_linux_wifi_open(&f->wifi, &f->config, f->words), 0);
    answer(f, "ATTACH", "OK\n");
    answer(f, "LIST_NETWORKS",
           "network id / ssid / bssid / flags\n0\thome\tany\t[CURRENT]\n");
    answer(f, "GET_NETWORK 0 id_str", "FAIL\n");
    completed(f);
}

static void test_wrong_passphrase_is_refused_until_joined(void **state)
{
    struct fixture *f = *state;

    tell_networks(f);
    scanning(f);
    tell(f, "<3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid=\"shed\" "
            "auth_failures=1 duration=10 reason=WRONG_KEY");
    tell(f, "<3>CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:01:00 reason=15");
    scanning(f);
    assert_int_equal(explained(f), HAWSER_LINK_REFUSED);
    tell(f, "<3>CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:02:00 "
            "completed [id=1 id_str=hawser]");
    completed(f);
    assert_int_not_equal(explained(f), HAWSER_LINK_REFUSED);
}

static void test_network_out_of_reach_is_down(void **state)
{
    struct fixture *f = *state;

    tell_networks(f);
    scanning(f);
    tell(f, "<3>CTRL-EVENT-NETWORK-NOT-FOUND ");
    scanning(f);
    assert_int_equal(explained(f), HAWSER_LINK_DOWN);
}

static void test_lost_signal_is_not_reported_any_more(void **state)
{
    struct fixture *f = *state;
    int32_t rssi = 0;

    tell_networks(f);
    completed(f);
    tell(f, "<3>CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:01:00 reason=4");
    scanning(f);
    assert_int_equal(hwi_linux_wifi_rssi(&f->wifi, &rssi), HAWSER_E_ABSENT);
    assert_int_equal(explained(f), HAWSER_LINK_JOINING);
}

static void test_link_that_is_up_needs_no_explanation(void **state)
{
    struct fixture *f = *state;
    struct hawser_link_status link = {.state = HAWSER_LINK_UP};

    hwi_linux_wifi_explain(&f->wifi, &link);
    assert_int_equal(link.state, HAWSER_LINK_UP);
}

static void test_same_configuration_keeps_the_line(void **state)
{
    struct fixture *f = *state;
    struct hawser_linux_network copy[2];

    memcpy(copy, networks, sizeof copy);
    tell_networks(f);
    completed(f);
    f->config.networks = copy;
    assert_int_equal(hwi_linux_wifi_reconfigure(&f->wifi, &f->config, f->words),
                     0);
    expect_nothing(f);
    assert_ptr_equal(f->wifi.networks, copy);
}

static void test_other_configuration_begins_anew(void **state)
{
    struct fixture *f = *state;
    struct hawser_linux_network other[2];

    memcpy(other, networks, sizeof other);
    other[1].passphrase.len--;
    tell_networks(f);
    completed(f);
    f->config.networks = other;
    assert_int_equal(hwi_linux_wifi_reconfigure(&f->wifi, &f->config, f->words),
                     0);
    expect(f, "ATTACH");
}

static void test_recover_asks_to_look_again(void **state)
{
    struct fixture *f = *state;

    tell_networks(f);
    scanning(f);
    hwi_linux_wifi_recover(&f->wifi);
    answer(f, "REASSOCIATE", "OK\n");
    scanning(f);
}

static void test_refused_network_is_told_once_and_passed_by(void **state)
{
    struct fixture *f = *state;

    answer(f, "ATTACH", "OK\n");
    answer(f, "LIST_NETWORKS", "network id / ssid / bssid / flags\n");
    answer(f, "ADD_NETWORK", "0\n");
    answer(f, "SET_NETWORK 0 id_str \"hawser\"", "OK\n");
    expect(f, "SET_NETWORK 0 ssid 73686564");
    tell(f, "FAIL\n");
    assert_true(drive(f));
    assert_non_null(strstr(f->words, "refuses"));
    assert_null(strstr(f->words, "correct horse"));
    expect(f, "SET_NETWORK 0 psk \"correct horse\"");
}

static void test_supplicant_that_is_absent_is_named_once(void **state)
{
    struct fixture *f = *state;

    (void)close(f->fd);
    (void)unlink(f->path);
    assert_true(drive(f));
    assert_non_null(strstr(f->words, f->path));
    f->wifi.next_ms = 0;
    assert_false(drive(f));
    assert_int_equal(explained(f), HAWSER_LINK_DOWN);
    listen_at(f);
    f->wifi.next_ms = 0;
    tell_networks(f);
    scanning(f);
}

static void test_supplicant_that_ends_is_told_anew(void **state)
{
    struct fixture *f = *state;

    tell_networks(f);
    completed(f);
    tell(f, "<3>CTRL-EVENT-TERMINATING ");
    assert_true(drive(f));
    f->wifi.next_ms = 0;
    tell_networks(f);
    completed(f);
}

static void test_supplicant_that_is_silent_is_given_up(void **state)
{
    struct fixture *f = *state;

    expect(f, "ATTACH");
    assert_true(f->wifi.next_ms > hwi_linux_now_ms());
    f->wifi.next_ms = 0; /* the limit is over */
    assert_true(drive(f));
    assert_int_equal(f->wifi.fd, -1);
    f->wifi.next_ms = 0;
    tell_networks(f);
}

static void test_garbage_is_survived(void **state)
{
    struct fixture *f = *state;

    answer(f, "ATTACH", "OK\n");
    answer(f, "LIST_NETWORKS", "\n\n\xff\n4294967296\tx\n-1\n");
    answer(f, "ADD_NETWORK", "many\n");
    (void)drive(f);
    assert_int_equal(f->wifi.fd, -1);
}

static void test_control_path_too_long_is_refused(void **state)
{
    struct fixture *f = *state;
    struct hwi_linux_wifi wifi;
    char path[200];

    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    f->config.wifi_control = path;
    assert_int_equal(hwi_linux_wifi_open(&wifi, &f->config, f->words),
                     HAWSER_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_networks_are_told_then_watched),
        TEST(test_own_networks_of_an_earlier_run_go_first),
        TEST(test_without_networks_it_only_watches),
        TEST(test_wrong_passphrase_is_refused_until_joined),
        TEST(test_network_out_of_reach_is_down),
        TEST(test_lost_signal_is_not_reported_any_more),
        TEST(test_link_that_is_up_needs_no_explanation),
        TEST(test_same_configuration_keeps_the_line),
        TEST(test_other_configuration_begins_anew),
        TEST(test_recover_asks_to_look_again),
        TEST(test_refused_network_is_told_once_and_passed_by),
        TEST(test_supplicant_that_is_absent_is_named_once),
        TEST(test_supplicant_that_ends_is_told_anew),
        TEST(test_supplicant_that_is_silent_is_given_up),
        TEST(test_garbage_is_survived),
        TEST(test_control_path_too_long_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
