/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of link_table.c with messages as the kernel writes them, put together
 * by the test: whole, cut at every length, and with lengths that lie.
 */
#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ports/linux/link_table.h"

#define SEQUENCE 7
#define PORT_ID  4711
#define RUNNING  (IFF_UP | IFF_LOWER_UP)

static const struct hwi_linux_link_question question = {PORT_ID, SEQUENCE};

static bool is_memory_short;

/* In the linker's place for realloc(): --wrap. */
void *__real_realloc(void *at, size_t size);
void *__wrap_realloc(void *at, size_t size);

void *__wrap_realloc(void *at, size_t size)
{
    return is_memory_short ? NULL : __real_realloc(at, size);
}

/* A datagram under construction. */
struct batch {
    uint8_t bytes[4096];
    size_t len;
    size_t message_at; /* the message under construction */
};

static void put(struct batch *batch, const void *bytes, size_t len)
{
    assert_true(batch->len + NLMSG_ALIGN(len) <= sizeof batch->bytes);
    memcpy(batch->bytes + batch->len, bytes, len);
    batch->len += NLMSG_ALIGN(len);
}

/* Begins a message; sequence 0: a notification of another one's change, whose
 * question had the same number as ours. */
static void begin(struct batch *batch, uint16_t type, uint32_t sequence,
                  const void *body, size_t len)
{
    struct nlmsghdr head = {
        .nlmsg_type = type,
        .nlmsg_seq = sequence != 0 ? sequence : SEQUENCE,
        .nlmsg_pid = sequence != 0 ? PORT_ID : PORT_ID + 1,
    };

    batch->message_at = batch->len;
    put(batch, &head, sizeof head);
    put(batch, body, len);
    head.nlmsg_len = (uint32_t)(batch->len - batch->message_at);
    memcpy(batch->bytes + batch->message_at, &head, sizeof head);
}

static void attribute(struct batch *batch, uint16_t type, const void *bytes,
                      size_t len)
{
    struct rtattr head = {.rta_type = type,
                          .rta_len = (uint16_t)(sizeof head + len)};
    struct nlmsghdr message;

    put(batch, &head, sizeof head);
    put(batch, bytes, len);
    memcpy(&message, batch->bytes + batch->message_at, sizeof message);
    message.nlmsg_len = (uint32_t)(batch->len - batch->message_at);
    memcpy(batch->bytes + batch->message_at, &message, sizeof message);
}

static void put_link(struct batch *batch, int index, const char *name,
                     unsigned flags, uint8_t state)
{
    const struct ifinfomsg body = {.ifi_index = index, .ifi_flags = flags};

    begin(batch, RTM_NEWLINK, SEQUENCE, &body, sizeof body);
    attribute(batch, IFLA_IFNAME, name, strlen(name) + 1);
    attribute(batch, IFLA_OPERSTATE, &state, 1);
}

static void put_address(struct batch *batch, unsigned index, const char *text,
                        unsigned scope, uint32_t flags)
{
    uint8_t bytes[16];
    bool is_v6 = strchr(text, ':') != NULL;
    const struct ifaddrmsg body = {
        .ifa_family = is_v6 ? AF_INET6 : AF_INET,
        .ifa_index = index,
        .ifa_scope = (uint8_t)scope,
        .ifa_flags = (uint8_t)flags,
    };

    assert_int_equal(inet_pton(body.ifa_family, text, bytes), 1);
    begin(batch, RTM_NEWADDR, SEQUENCE, &body, sizeof body);
    attribute(batch, IFA_ADDRESS, bytes, is_v6 ? 16 : 4);
    attribute(batch, IFA_FLAGS, &flags, sizeof flags);
}

static void put_route(struct batch *batch, uint32_t sequence, uint8_t len,
                      uint32_t table, uint32_t index)
{
    const struct rtmsg body = {.rtm_family = AF_INET,
                               .rtm_dst_len = len,
                               .rtm_type = RTN_UNICAST,
                               .rtm_table = RT_TABLE_COMPAT};

    begin(batch, RTM_NEWROUTE, sequence, &body, sizeof body);
    attribute(batch, RTA_TABLE, &table, sizeof table);
    if (index != 0) {
        attribute(batch, RTA_OIF, &index, sizeof index);
    }
}

static void put_done(struct batch *batch)
{
    const int zero = 0;

    begin(batch, NLMSG_DONE, SEQUENCE, &zero, sizeof zero);
}

/* Takes the batch in and judges. */
static struct hwi_linux_link_batch take(const struct batch *batch,
                                        const char *wanted,
                                        struct hawser_link_status *status)
{
    struct hwi_linux_link_table table = {NULL, 0, 0};
    struct hwi_linux_link_batch out;

    hwi_linux_link_table_take(&table, batch->bytes, batch->len, &question,
                              &out);
    hwi_linux_link_table_judge(&table, wanted, status);
    hwi_linux_link_table_free(&table);
    return out;
}

static void assert_judged(const struct batch *batch, const char *wanted,
                          enum hawser_link_state state, const char *name,
                          const char *address)
{
    struct hawser_link_status status;

    (void)take(batch, wanted, &status);
    assert_int_equal(status.state, state);
    assert_string_equal(status.name, name);
    assert_string_equal(status.address, address);
}

static void put_loopback(struct batch *batch)
{
    put_link(batch, 1, "lo", RUNNING | IFF_LOOPBACK, IF_OPER_UNKNOWN);
    put_address(batch, 1, "127.0.0.1", RT_SCOPE_HOST, IFA_F_PERMANENT);
}

static void test_judge_loopback_counts_only_if_wanted(void **state)
{
    struct batch batch = {.len = 0};

    (void)state;
    assert_judged(&batch, "", HAWSER_LINK_DOWN, "", "");
    put_loopback(&batch);
    assert_judged(&batch, "", HAWSER_LINK_DOWN, "", "");
    assert_judged(&batch, "lo", HAWSER_LINK_UP, "lo", "127.0.0.1");
    assert_judged(&batch, "eth0", HAWSER_LINK_DOWN, "eth0", "");
}

static void test_judge_carrier_by_flags_and_state(void **state)
{
    static const struct {
        unsigned flags;
        uint8_t oper;
        enum hawser_link_state state;
    } rows[] = {
        {RUNNING, IF_OPER_UP, HAWSER_LINK_UP},
        {RUNNING, IF_OPER_UNKNOWN, HAWSER_LINK_UP},
        {RUNNING, IF_OPER_DOWN, HAWSER_LINK_DOWN},
        {RUNNING, IF_OPER_LOWERLAYERDOWN, HAWSER_LINK_DOWN},
        {RUNNING, IF_OPER_DORMANT, HAWSER_LINK_JOINING},
        {IFF_UP, IF_OPER_UP, HAWSER_LINK_DOWN},
        {IFF_LOWER_UP, IF_OPER_UP, HAWSER_LINK_DOWN},
        {0, IF_OPER_DORMANT, HAWSER_LINK_DOWN},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct batch batch = {.len = 0};

        put_link(&batch, 2, "eth0", rows[i].flags, rows[i].oper);
        put_address(&batch, 2, "192.0.2.1", RT_SCOPE_UNIVERSE, 0);
        assert_judged(&batch, "", rows[i].state, "eth0",
                      rows[i].state == HAWSER_LINK_UP ? "192.0.2.1" : "");
    }
}

static void test_judge_address_by_scope_and_flags(void **state)
{
    static const struct {
        const char *text;
        unsigned scope;
        uint32_t flags;
        bool is_usable;
    } rows[] = {
        {"192.0.2.1", RT_SCOPE_UNIVERSE, 0, true},
        {"2001:db8::1", RT_SCOPE_UNIVERSE, IFA_F_MANAGETEMPADDR, true},
        {"fec0::1", RT_SCOPE_SITE, 0, true},
        {"2001:db8::1", RT_SCOPE_UNIVERSE, IFA_F_DEPRECATED, true},
        {"2001:db8::1", RT_SCOPE_UNIVERSE, IFA_F_TENTATIVE, false},
        {"2001:db8::1", RT_SCOPE_UNIVERSE, IFA_F_TENTATIVE | IFA_F_OPTIMISTIC,
         true},
        {"2001:db8::1", RT_SCOPE_UNIVERSE, IFA_F_DADFAILED, false},
        {"fe80::1", RT_SCOPE_LINK, 0, false},
        {"169.254.1.1", RT_SCOPE_LINK, 0, false},
        {"192.0.2.1", RT_SCOPE_HOST, 0, false},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct batch batch = {.len = 0};

        put_link(&batch, 2, "eth0", RUNNING, IF_OPER_UP);
        put_address(&batch, 2, rows[i].text, rows[i].scope, rows[i].flags);
        assert_judged(&batch, "",
                      rows[i].is_usable ? HAWSER_LINK_UP
                                        : HAWSER_LINK_NO_ADDRESS,
                      "eth0", rows[i].is_usable ? rows[i].text : "");
    }
}

static void test_judge_point_to_point_shows_the_own_end(void **state)
{
    struct batch batch = {.len = 0};
    const uint8_t own[4] = {10, 0, 0, 1};

    (void)state;
    put_link(&batch, 2, "ppp0", RUNNING, IF_OPER_UNKNOWN);
    put_address(&batch, 2, "10.0.0.2", RT_SCOPE_UNIVERSE, 0);
    attribute(&batch, IFA_LOCAL, own, sizeof own);
    assert_judged(&batch, "", HAWSER_LINK_UP, "ppp0", "10.0.0.1");
}

/* A machine with containers: its bridge stays up when the cable is pulled. */
static void put_machine(struct batch *batch, uint8_t eth0_state)
{
    put_loopback(batch);
    put_link(batch, 2, "docker0", RUNNING, IF_OPER_UP);
    put_link(batch, 3, "eth0", RUNNING, eth0_state);
    put_address(batch, 2, "172.17.0.1", RT_SCOPE_UNIVERSE, 0);
    put_address(batch, 3, "192.0.2.1", RT_SCOPE_UNIVERSE, 0);
}

static void test_judge_default_route_decides_between_interfaces(void **state)
{
    struct batch batch = {.len = 0};

    (void)state;
    put_machine(&batch, IF_OPER_UP);
    assert_judged(&batch, "", HAWSER_LINK_UP, "docker0", "172.17.0.1");
    put_route(&batch, SEQUENCE, 0, RT_TABLE_MAIN, 3);
    assert_judged(&batch, "", HAWSER_LINK_UP, "eth0", "192.0.2.1");
    assert_judged(&batch, "docker0", HAWSER_LINK_UP, "docker0", "172.17.0.1");
    batch.len = 0;
    put_machine(&batch, IF_OPER_DOWN);
    put_route(&batch, SEQUENCE, 0, RT_TABLE_MAIN, 3);
    assert_judged(&batch, "", HAWSER_LINK_DOWN, "eth0", "");
}

static void test_judge_other_routes_are_no_default(void **state)
{
    struct batch batch = {.len = 0};

    (void)state;
    put_machine(&batch, IF_OPER_DOWN);
    put_route(&batch, SEQUENCE, 24, RT_TABLE_MAIN, 3);
    put_route(&batch, SEQUENCE, 0, 1000, 3);
    put_route(&batch, SEQUENCE, 0, RT_TABLE_MAIN, 99);
    assert_judged(&batch, "", HAWSER_LINK_UP, "docker0", "172.17.0.1");
}

static void test_judge_multipath_default_route(void **state)
{
    struct batch batch = {.len = 0};
    const struct rtnexthop hops[2] = {
        {.rtnh_len = sizeof hops[0], .rtnh_ifindex = 99},
        {.rtnh_len = sizeof hops[0], .rtnh_ifindex = 3},
    };

    (void)state;
    put_machine(&batch, IF_OPER_DOWN);
    put_route(&batch, SEQUENCE, 0, RT_TABLE_MAIN, 0);
    attribute(&batch, RTA_MULTIPATH, hops, sizeof hops);
    assert_judged(&batch, "", HAWSER_LINK_DOWN, "eth0", "");
}

static void test_take_many_interfaces_up_to_the_bound(void **state)
{
    struct hwi_linux_link_table table = {NULL, 0, 0};
    struct hwi_linux_link_batch out;
    int index;

    (void)state;
    for (index = 1; index <= HWI_LINUX_INTERFACES_MAX + 9; index++) {
        struct batch batch = {.len = 0};

        put_link(&batch, index, "veth", RUNNING, IF_OPER_UP);
        put_link(&batch, index, "again", RUNNING, IF_OPER_UP);
        hwi_linux_link_table_take(&table, batch.bytes, batch.len, &question,
                                  &out);
    }
    assert_int_equal(table.count, HWI_LINUX_INTERFACES_MAX);
    assert_false(out.is_broken);
    hwi_linux_link_table_clear(&table);
    assert_int_equal(table.count, 0);
    hwi_linux_link_table_free(&table);
}

/* A machine whose interfaces found no room is not one without a link. */
static void test_take_without_memory_is_broken(void **state)
{
    struct hawser_link_status status;
    struct batch batch = {.len = 0};
    bool is_broken;

    (void)state;
    put_link(&batch, 2, "eth0", RUNNING, IF_OPER_UP);
    is_memory_short = true;
    is_broken = take(&batch, "", &status).is_broken;
    is_memory_short = false;
    assert_true(is_broken);
    assert_false(take(&batch, "", &status).is_broken);
}

static void test_take_tells_end_change_and_failure(void **state)
{
    struct hawser_link_status status;
    struct hwi_linux_link_batch out;
    struct batch batch = {.len = 0};
    const struct nlmsgerr error = {.error = -16};
    const struct ifinfomsg body = {.ifi_index = 2};

    (void)state;
    put_done(&batch);
    out = take(&batch, "", &status);
    assert_true(out.is_end && !out.is_changed && !out.is_broken);
    batch.len = 0;
    begin(&batch, NLMSG_ERROR, SEQUENCE, &error, sizeof error);
    out = take(&batch, "", &status);
    assert_true(!out.is_end && !out.is_changed && out.is_broken);
    batch.len = 0;
    begin(&batch, RTM_DELLINK, 0, &body, sizeof body);
    out = take(&batch, "", &status);
    assert_true(!out.is_end && out.is_changed && !out.is_broken);
    /* An answer to an older question is neither. */
    batch.len = 0;
    begin(&batch, NLMSG_DONE, SEQUENCE - 1, &body, sizeof body);
    out = take(&batch, "", &status);
    assert_true(!out.is_end && !out.is_changed && !out.is_broken);
}

static void test_take_interrupted_dump_is_broken(void **state)
{
    struct hawser_link_status status;
    struct batch batch = {.len = 0};
    struct nlmsghdr head;

    (void)state;
    put_done(&batch);
    memcpy(&head, batch.bytes, sizeof head);
    head.nlmsg_flags = NLM_F_DUMP_INTR;
    memcpy(batch.bytes, &head, sizeof head);
    assert_true(take(&batch, "", &status).is_broken);
}

static void test_take_only_default_routes_are_news(void **state)
{
    struct hawser_link_status status;
    struct batch batch = {.len = 0};

    (void)state;
    put_route(&batch, 0, 24, RT_TABLE_MAIN, 3);
    put_route(&batch, 0, 0, RT_TABLE_LOCAL, 3);
    assert_false(take(&batch, "", &status).is_changed);
    put_route(&batch, 0, 0, RT_TABLE_MAIN, 3);
    assert_true(take(&batch, "", &status).is_changed);
}

/* Runs the bytes in a block of just their length, so that a sanitizer sees a
 * read beyond it. */
static void take_exactly(const uint8_t *bytes, size_t len,
                         struct hwi_linux_link_batch *out)
{
    struct hwi_linux_link_table table = {NULL, 0, 0};
    uint8_t *copy = malloc(len > 0 ? len : 1);

    assert_non_null(copy);
    memcpy(copy, bytes, len);
    hwi_linux_link_table_take(&table, copy, len, &question, out);
    hwi_linux_link_table_free(&table);
    free(copy);
}

static void put_everything(struct batch *batch)
{
    const struct rtnexthop hop = {.rtnh_len = sizeof hop, .rtnh_ifindex = 3};

    put_machine(batch, IF_OPER_UP);
    put_route(batch, SEQUENCE, 0, RT_TABLE_MAIN, 3);
    attribute(batch, RTA_MULTIPATH, &hop, sizeof hop);
    put_done(batch);
}

static void test_take_cut_at_every_length_is_safe(void **state)
{
    struct hwi_linux_link_batch out;
    struct batch batch = {.len = 0};
    size_t len;

    (void)state;
    put_everything(&batch);
    for (len = 0; len < batch.len; len++) {
        take_exactly(batch.bytes, len, &out);
        assert_false(out.is_end);
    }
    take_exactly(batch.bytes, len, &out);
    assert_true(out.is_end && !out.is_broken);
}

static void test_take_every_byte_changed_is_safe(void **state)
{
    static const uint8_t values[] = {0x00, 0x01, 0x03, 0x7f, 0x80, 0xff};
    struct hwi_linux_link_batch out;
    struct batch batch = {.len = 0};
    size_t at;
    size_t i;

    (void)state;
    put_everything(&batch);
    for (at = 0; at < batch.len; at++) {
        for (i = 0; i < sizeof values; i++) {
            uint8_t before = batch.bytes[at];

            batch.bytes[at] = values[i];
            take_exactly(batch.bytes, batch.len, &out);
            batch.bytes[at] = before;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge_loopback_counts_only_if_wanted),
        cmocka_unit_test(test_judge_carrier_by_flags_and_state),
        cmocka_unit_test(test_judge_address_by_scope_and_flags),
        cmocka_unit_test(test_judge_point_to_point_shows_the_own_end),
        cmocka_unit_test(test_judge_default_route_decides_between_interfaces),
        cmocka_unit_test(test_judge_other_routes_are_no_default),
        cmocka_unit_test(test_judge_multipath_default_route),
        cmocka_unit_test(test_take_many_interfaces_up_to_the_bound),
        cmocka_unit_test(test_take_without_memory_is_broken),
        cmocka_unit_test(test_take_tells_end_change_and_failure),
        cmocka_unit_test(test_take_interrupted_dump_is_broken),
        cmocka_unit_test(test_take_only_default_routes_are_news),
        cmocka_unit_test(test_take_cut_at_every_length_is_safe),
        cmocka_unit_test(test_take_every_byte_changed_is_safe),
    };

    return cmocka_run_group_tests_name("linux link_table", tests, NULL, NULL);
}
