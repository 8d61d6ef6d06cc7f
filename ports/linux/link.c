/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches the network link over rtnetlink: link.h.
 */
#include "ports/linux/link.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ports/linux/clock.h"
#include "ports/linux/message.h"

/* Not more often than this, however much changes or fails. */
#define SYNC_INTERVAL_MS 100
/* The kernel answers at once. An answer that is lost is not waited for. */
#define ROUND_MAX_MS 2000
/* Datagrams a call takes in, so that a storm cannot hold the caller. */
#define DATAGRAMS_MAX 64

/* The socket, and the number by which the kernel knows it. -1: failed. */
static int socket_open(uint32_t *port_id)
{
    struct sockaddr_nl own = {.nl_pid = 0};
    socklen_t own_len = sizeof own;
    const struct sockaddr_nl local = {
        .nl_family = AF_NETLINK,
        .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
                     RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
    };
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    NETLINK_ROUTE);

    if (fd < 0) {
        return -1;
    }
    if (bind(fd, (const struct sockaddr *)&local, sizeof local) != 0 ||
        getsockname(fd, (struct sockaddr *)&own, &own_len) != 0) {
        (void)close(fd);
        return -1;
    }
    *port_id = own.nl_pid;
    return fd;
}

/* Copies the name, if there is such an interface. */
static int wanted_set(struct hwi_linux_link *link, const char *interface,
                      char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    if (interface == NULL) {
        interface = "";
    }
    if (interface[0] != '\0' && (strlen(interface) >= sizeof link->wanted ||
                                 if_nametoindex(interface) == 0)) {
        return hwi_linux_refuse(HAWSER_E_ARG, message,
                                "there is no network interface \"%.40s\"; ip "
                                "link shows which there are",
                                interface);
    }
    (void)snprintf(link->wanted, sizeof link->wanted, "%s", interface);
    return 0;
}

int hwi_linux_link_open(struct hwi_linux_link *link, const char *interface,
                        char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    int err;

    memset(link, 0, sizeof *link);
    link->fd = -1;
    err = wanted_set(link, interface, message);
    if (err != 0) {
        return err;
    }
    link->fd = socket_open(&link->question.port_id);
    if (link->fd < 0) {
        return hwi_linux_refuse(HAWSER_E_ABSENT, message,
                                "the kernel's network link watch (rtnetlink) "
                                "is not to be had: %s",
                                hwi_linux_errno_text(errno));
    }
    link->dump = HWI_LINUX_LINK_DUMP_NONE;
    link->status.state = HAWSER_LINK_JOINING;
    link->sync_ms = 0;
    hwi_linux_link_drive(link);
    return 0;
}

void hwi_linux_link_close(struct hwi_linux_link *link)
{
    if (link->fd >= 0) {
        (void)close(link->fd);
    }
    link->fd = -1;
    hwi_linux_link_table_free(&link->table);
}

int hwi_linux_link_choose(struct hwi_linux_link *link, const char *interface,
                          char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    int err = wanted_set(link, interface, message);

    if (err == 0) {
        hwi_linux_link_resync(link);
    }
    return err;
}

void hwi_linux_link_resync(struct hwi_linux_link *link)
{
    uint64_t soonest_ms = link->synced_ms + SYNC_INTERVAL_MS;

    if (soonest_ms < link->sync_ms) {
        link->sync_ms = soonest_ms;
    }
}

/* The round has come to nothing; another one soon. */
static void round_fail(struct hwi_linux_link *link)
{
    link->dump = HWI_LINUX_LINK_DUMP_NONE;
    link->question.sequence = 0;
    hwi_linux_link_resync(link);
}

/* Asks for link->dump. */
static void dump_request(struct hwi_linux_link *link)
{
    static const uint16_t types[] = {
        [HWI_LINUX_LINK_DUMP_LINKS] = RTM_GETLINK,
        [HWI_LINUX_LINK_DUMP_ADDRESSES] = RTM_GETADDR,
        [HWI_LINUX_LINK_DUMP_ROUTES] = RTM_GETROUTE,
    };
    struct {
        struct nlmsghdr head;
        struct ifinfomsg body; /* the largest; zeros mean "all" in each */
    } request;

    link->last_sequence++;
    if (link->last_sequence == 0) {
        link->last_sequence = 1;
    }
    link->question.sequence = link->last_sequence;
    memset(&request, 0, sizeof request);
    request.head.nlmsg_len = sizeof request;
    request.head.nlmsg_type = types[link->dump];
    request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.head.nlmsg_seq = link->last_sequence;
    if (send(link->fd, &request, sizeof request, 0) < 0) {
        round_fail(link);
    }
}

/* One dump is in: the next one, or the judgement. */
static void dump_end(struct hwi_linux_link *link)
{
    link->dump++;
    link->question.sequence = 0;
    if (link->dump != HWI_LINUX_LINK_DUMP_NONE) {
        dump_request(link);
        return;
    }
    hwi_linux_link_table_judge(&link->table, link->wanted, &link->status);
}

/* Begins a round if one is due. */
static void round_begin(struct hwi_linux_link *link)
{
    uint64_t now_ms = hwi_linux_now_ms();

    if (link->dump != HWI_LINUX_LINK_DUMP_NONE &&
        now_ms >= link->synced_ms + ROUND_MAX_MS) {
        round_fail(link);
    }
    if (link->dump != HWI_LINUX_LINK_DUMP_NONE || now_ms < link->sync_ms) {
        return;
    }
    link->sync_ms = HAWSER_NEVER;
    link->synced_ms = now_ms;
    hwi_linux_link_table_clear(&link->table);
    link->dump = HWI_LINUX_LINK_DUMP_LINKS;
    dump_request(link);
}

static void datagram_take(struct hwi_linux_link *link, size_t len)
{
    struct hwi_linux_link_batch batch;

    hwi_linux_link_table_take(&link->table, link->buffer, len, &link->question,
                              &batch);
    if (batch.is_changed) {
        hwi_linux_link_resync(link);
    }
    if (batch.is_broken) {
        round_fail(link);
    } else if (batch.is_end) {
        dump_end(link);
    }
}

/* Takes one datagram in. false: there is none now. */
static bool receive(struct hwi_linux_link *link)
{
    struct sockaddr_nl from = {0};
    struct iovec room = {link->buffer, sizeof link->buffer};
    struct msghdr message = {
        .msg_name = &from,
        .msg_namelen = sizeof from,
        .msg_iov = &room,
        .msg_iovlen = 1,
    };
    ssize_t len = recvmsg(link->fd, &message, 0);

    if (len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        return false;
    }
    if (len < 0 && errno == EINTR) {
        return true;
    }
    /* ENOBUFS: the kernel had more to say than we took; ask for all of it. */
    if (len < 0 || (message.msg_flags & MSG_TRUNC) != 0) {
        round_fail(link);
    } else if (from.nl_pid == 0) { /* of the kernel; others may send, too */
        datagram_take(link, (size_t)len);
    }
    return true;
}

void hwi_linux_link_drive(struct hwi_linux_link *link)
{
    unsigned left = DATAGRAMS_MAX;

    round_begin(link);
    while (left-- > 0 && receive(link)) {
        round_begin(link);
    }
}

void hwi_linux_link_status(const struct hwi_linux_link *link,
                           struct hawser_link_status *out)
{
    *out = link->status;
}

void hwi_linux_link_poll(const struct hwi_linux_link *link,
                         struct hwi_linux_pollset *set)
{
    hwi_linux_pollset_add(set, link->fd, POLLIN);
    hwi_linux_pollset_until(set, link->dump == HWI_LINUX_LINK_DUMP_NONE
                                     ? link->sync_ms
                                     : link->synced_ms + ROUND_MAX_MS);
}
