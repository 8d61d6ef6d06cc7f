/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of link.c against the kernel: the real loopback, and interfaces that
 * the test makes with ip(8) in a network namespace of its own. Where the machine
 * grants none the latter are skipped, and say so.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ports/linux/clock.h"
#include "ports/linux/link.h"
#include "ports/linux/test_wait.h"

#define LIMIT_MS 10000

struct fixture {
    struct hwi_linux_link link;
    char message[HAWSER_LINUX_MESSAGE_SIZE];
};

static int set_up(void **state)
{
    static struct fixture f; /* one test at a time */

    memset(&f, 0, sizeof f);
    f.link.fd = -1;
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    hwi_linux_link_close(&f->link);
    return 0;
}

static struct hawser_link_status status(struct fixture *f)
{
    struct hawser_link_status out;

    hwi_linux_link_drive(&f->link);
    hwi_linux_link_status(&f->link, &out);
    return out;
}

/* Sleeps on what the link waits for until it is in this state. */
static void await_state(struct fixture *f, enum hawser_link_state wanted,
                        const char *address)
{
    uint64_t end_ms = hwi_linux_now_ms() + LIMIT_MS;

    for (;;) {
        struct hwi_linux_pollset set = wait_set();
        struct hawser_link_status now = status(f);

        if (now.state == wanted && strcmp(now.address, address) == 0) {
            return;
        }
        hwi_linux_link_poll(&f->link, &set);
        wait_on(&set, end_ms);
    }
}

/* Runs ip(8) with these words. */
static void ip(const char *words)
{
    char line[256];
    char *argv[16] = {"ip"};
    char *rest = NULL;
    size_t count = 1;
    pid_t pid;
    int result;

    (void)snprintf(line, sizeof line, "%s", words);
    for (char *word = strtok_r(line, " ", &rest); word != NULL && count < 15;
         word = strtok_r(NULL, " ", &rest)) {
        argv[count++] = word;
    }
    assert_int_equal(posix_spawnp(&pid, "ip", NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(pid, &result, 0), pid);
    if (result != 0) {
        fail_msg("ip %s failed", words);
    }
}

/* Where ip(8) is to have the rights of root, it must be root. */
static void become_root(unsigned uid)
{
    FILE *map = fopen("/proc/self/uid_map", "w");

    assert_non_null(map);
    assert_true(fprintf(map, "0 %u 1", uid) > 0);
    assert_int_equal(fclose(map), 0);
}

/* An empty network of its own for the test; there is no way back. */
static bool has_namespace(void)
{
    unsigned uid = geteuid();

    if (unshare(CLONE_NEWNET) == 0) {
        return true;
    }
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) {
        become_root(uid);
        return true;
    }
    print_message("skipped: no network namespace to be had here\n");
    return false;
}

static void test_link_open_loopback_is_up_at_once(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(hwi_linux_link_open(&f->link, "lo", f->message), 0);
    await_state(f, HAWSER_LINK_UP, "127.0.0.1");
    assert_string_equal(status(f).name, "lo");
}

static void test_link_answer_that_is_lost_is_asked_for_again(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(hwi_linux_link_open(&f->link, "lo", f->message), 0);
    await_state(f, HAWSER_LINK_UP, "127.0.0.1");
    /* A round that began a while ago, and that nobody will answer. */
    f->link.status.state = HAWSER_LINK_JOINING;
    f->link.dump = HWI_LINUX_LINK_DUMP_ADDRESSES;
    f->link.question.sequence = ++f->link.last_sequence;
    f->link.synced_ms = hwi_linux_now_ms() - 1900;
    await_state(f, HAWSER_LINK_UP, "127.0.0.1");
}

static void test_link_open_unknown_interface_refused(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(hwi_linux_link_open(&f->link, "nosuch0", f->message),
                     HAWSER_E_ARG);
    assert_non_null(strstr(f->message, "\"nosuch0\""));
    assert_int_equal(f->link.fd, -1);
    assert_int_equal(
        hwi_linux_link_open(&f->link, "a-name-beyond-any", f->message),
        HAWSER_E_ARG);
}

static void test_link_choose_unknown_interface_changes_nothing(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(hwi_linux_link_open(&f->link, "lo", f->message), 0);
    assert_int_equal(hwi_linux_link_choose(&f->link, "nosuch0", f->message),
                     HAWSER_E_ARG);
    hwi_linux_link_resync(&f->link);
    await_state(f, HAWSER_LINK_UP, "127.0.0.1");
    assert_string_equal(status(f).name, "lo");
}

static void test_link_quiet_network_needs_no_wake_up(void **state)
{
    struct fixture *f = *state;
    struct hwi_linux_pollset set = wait_set();

    if (!has_namespace()) {
        skip();
    }
    assert_int_equal(hwi_linux_link_open(&f->link, NULL, f->message), 0);
    await_state(f, HAWSER_LINK_DOWN, "");
    hwi_linux_link_poll(&f->link, &set);
    assert_int_equal(set.count, 1);
    assert_true(set.deadline_ms == HAWSER_NEVER);
    assert_int_equal(poll(set.fds, set.count, 0), 0);
}

/* One end of the pair is the machine's, the other one the cable. Without IPv6,
 * whose link-local address would come later as news of its own. */
static void pair_add(void)
{
    ip("link add dev0 type veth peer name cable0");
    ip("link set dev0 addrgenmode none");
    ip("link set cable0 addrgenmode none");
    ip("link set dev0 up");
}

static void test_link_follows_carrier_and_address(void **state)
{
    struct fixture *f = *state;

    if (!has_namespace()) {
        skip();
    }
    assert_int_equal(hwi_linux_link_open(&f->link, "", f->message), 0);
    await_state(f, HAWSER_LINK_DOWN, "");
    pair_add();
    ip("link set cable0 up");
    await_state(f, HAWSER_LINK_NO_ADDRESS, "");
    ip("addr add 192.0.2.7/24 dev dev0");
    await_state(f, HAWSER_LINK_UP, "192.0.2.7");
    assert_string_equal(status(f).name, "dev0");
    ip("link set cable0 down");
    await_state(f, HAWSER_LINK_DOWN, "");
    ip("link set cable0 up");
    await_state(f, HAWSER_LINK_UP, "192.0.2.7");
    ip("addr del 192.0.2.7/24 dev dev0");
    await_state(f, HAWSER_LINK_NO_ADDRESS, "");
    ip("link del dev0");
    await_state(f, HAWSER_LINK_DOWN, "");
}

static void test_link_prefers_the_default_route(void **state)
{
    struct fixture *f = *state;

    if (!has_namespace()) {
        skip();
    }
    pair_add();
    ip("link set cable0 up");
    ip("link add bridge0 type veth peer name guest0");
    ip("link set bridge0 up");
    ip("link set guest0 up");
    ip("addr add 172.17.0.1/16 dev bridge0");
    assert_int_equal(hwi_linux_link_open(&f->link, "", f->message), 0);
    await_state(f, HAWSER_LINK_UP, "172.17.0.1");
    ip("addr add 192.0.2.7/24 dev dev0");
    ip("route add default via 192.0.2.1 dev dev0");
    await_state(f, HAWSER_LINK_UP, "192.0.2.7");
    ip("link set cable0 down");
    await_state(f, HAWSER_LINK_DOWN, "");
    /* The kernel tells of no route that it drops with its link. */
    ip("link set dev0 down");
    await_state(f, HAWSER_LINK_UP, "172.17.0.1");
    assert_int_equal(hwi_linux_link_choose(&f->link, "dev0", f->message), 0);
    await_state(f, HAWSER_LINK_DOWN, "");
}

static void test_link_choose_another_is_judged_without_news(void **state)
{
    struct fixture *f = *state;

    if (!has_namespace()) {
        skip();
    }
    pair_add();
    ip("link set cable0 up");
    ip("addr add 192.0.2.7/24 dev dev0");
    assert_int_equal(hwi_linux_link_open(&f->link, "", f->message), 0);
    await_state(f, HAWSER_LINK_UP, "192.0.2.7");
    assert_int_equal(hwi_linux_link_choose(&f->link, "lo", f->message), 0);
    await_state(f, HAWSER_LINK_DOWN, "");
    assert_string_equal(status(f).name, "lo");
}

static void test_link_more_news_than_room_is_resynced(void **state)
{
    struct fixture *f = *state;
    const int small = 1;
    char words[64];
    int i;

    if (!has_namespace()) {
        skip();
    }
    pair_add();
    ip("link set cable0 up");
    assert_int_equal(hwi_linux_link_open(&f->link, "", f->message), 0);
    await_state(f, HAWSER_LINK_NO_ADDRESS, "");
    assert_int_equal(
        setsockopt(f->link.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    /* Routes that are no news fill the room, so that the news is lost. */
    for (i = 0; i < 20; i++) {
        (void)snprintf(words, sizeof words, "route add 10.0.%d.0/24 dev dev0",
                       i);
        ip(words);
    }
    ip("addr add 192.0.2.7/24 dev dev0");
    await_state(f, HAWSER_LINK_UP, "192.0.2.7");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_link_open_loopback_is_up_at_once),
        TEST(test_link_answer_that_is_lost_is_asked_for_again),
        TEST(test_link_open_unknown_interface_refused),
        TEST(test_link_choose_unknown_interface_changes_nothing),
        TEST(test_link_quiet_network_needs_no_wake_up),
        TEST(test_link_follows_carrier_and_address),
        TEST(test_link_prefers_the_default_route),
        TEST(test_link_choose_another_is_judged_without_news),
        TEST(test_link_more_news_than_room_is_resynced),
    };

    return cmocka_run_group_tests_name("linux link", tests, NULL, NULL);
}
