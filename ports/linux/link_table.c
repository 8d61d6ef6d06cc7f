/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's network interfaces: link_table.h. rtnetlink(7), netlink(7).
 */
#include "ports/linux/link_table.h"

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Attributes by type; at NULL: not there. */
#define ATTRIBUTES_MAX 64
struct attributes {
    struct hawser_view of[ATTRIBUTES_MAX];
};

/* One message: the kernel's struct at its head, attributes behind it. */
struct message {
    uint16_t type;
    const uint8_t *body;
    size_t len;
};

/* Reads the attributes behind a head of head_len bytes. false: the message is
 * shorter than its head. Attributes that do not fit end the list. */
static bool attributes_read(const struct message *message, size_t head_len,
                            struct attributes *out)
{
    size_t at = NLMSG_ALIGN(head_len);

    memset(out, 0, sizeof *out);
    if (message->len < head_len) {
        return false;
    }
    while (at < message->len && message->len - at >= sizeof(struct rtattr)) {
        struct rtattr attribute;
        unsigned type;

        memcpy(&attribute, message->body + at, sizeof attribute);
        if (attribute.rta_len < sizeof attribute ||
            attribute.rta_len > message->len - at) {
            break;
        }
        type = attribute.rta_type & (unsigned)NLA_TYPE_MASK;
        if (type < ATTRIBUTES_MAX) {
            out->of[type] =
                (struct hawser_view){message->body + at + sizeof attribute,
                                     attribute.rta_len - sizeof attribute};
        }
        at += RTA_ALIGN((size_t)attribute.rta_len);
    }
    return true;
}

/* A number of 32 bits; otherwise if it is not there. */
static uint32_t attribute_u32(const struct attributes *attributes,
                              unsigned type, uint32_t otherwise)
{
    struct hawser_view view = attributes->of[type];
    uint32_t value;

    if (view.at == NULL || view.len < sizeof value) {
        return otherwise;
    }
    memcpy(&value, view.at, sizeof value);
    return value;
}

static struct hwi_linux_interface *
find(const struct hwi_linux_link_table *table, int index)
{
    size_t i;

    for (i = 0; i < table->count; i++) {
        if (table->list[i].index == index) {
            return &table->list[i];
        }
    }
    return NULL;
}

/* A fresh entry; NULL: no memory or too many. */
static struct hwi_linux_interface *append(struct hwi_linux_link_table *table)
{
    struct hwi_linux_interface *entry;

    if (table->count == table->room) {
        size_t room = table->room == 0 ? 8 : table->room * 2;

        if (room > HWI_LINUX_INTERFACES_MAX) {
            return NULL;
        }
        entry = realloc(table->list, room * sizeof *entry);
        if (entry == NULL) {
            return NULL;
        }
        table->list = entry;
        table->room = room;
    }
    entry = &table->list[table->count++];
    memset(entry, 0, sizeof *entry);
    return entry;
}

/* The first bytes of a message as the kernel's struct of its type. */
#define HEAD_READ(message, head) memcpy(&(head), (message)->body, sizeof(head))

static void link_take(struct hwi_linux_link_table *table,
                      const struct message *message,
                      struct hwi_linux_link_batch *out)
{
    struct attributes attributes;
    struct ifinfomsg head;
    struct hwi_linux_interface *entry;
    struct hawser_view name;
    uint8_t state = IF_OPER_UNKNOWN;

    if (!attributes_read(message, sizeof head, &attributes)) {
        return;
    }
    HEAD_READ(message, head);
    name = attributes.of[IFLA_IFNAME];
    if (find(table, head.ifi_index) != NULL || name.at == NULL ||
        name.len > sizeof entry->name) {
        return;
    }
    entry = append(table);
    if (entry == NULL) {
        out->is_broken =
            out->is_broken || table->count < HWI_LINUX_INTERFACES_MAX;
        return;
    }
    if (attributes.of[IFLA_OPERSTATE].len > 0) {
        state = attributes.of[IFLA_OPERSTATE].at[0];
    }
    entry->index = head.ifi_index;
    (void)snprintf(entry->name, sizeof entry->name, "%.*s", (int)name.len,
                   (const char *)name.at);
    entry->is_loopback = (head.ifi_flags & IFF_LOOPBACK) != 0;
    /* Drivers that keep no operational state leave it at unknown. */
    entry->has_carrier = (head.ifi_flags & IFF_UP) != 0 &&
                         (head.ifi_flags & IFF_LOWER_UP) != 0 &&
                         (state == IF_OPER_UP || state == IF_OPER_UNKNOWN);
    entry->is_joining =
        (head.ifi_flags & IFF_UP) != 0 && state == IF_OPER_DORMANT;
}

static bool is_usable(const struct ifaddrmsg *head, uint32_t flags,
                      const struct hwi_linux_interface *entry)
{
    if ((flags & IFA_F_DADFAILED) != 0 ||
        ((flags & IFA_F_TENTATIVE) != 0 && (flags & IFA_F_OPTIMISTIC) == 0)) {
        return false;
    }
    return head->ifa_scope == RT_SCOPE_UNIVERSE ||
           head->ifa_scope == RT_SCOPE_SITE ||
           (entry->is_loopback && head->ifa_scope == RT_SCOPE_HOST);
}

static void address_take(struct hwi_linux_link_table *table,
                         const struct message *message)
{
    struct attributes attributes;
    struct ifaddrmsg head;
    struct hwi_linux_interface *entry;
    struct hawser_view address;

    if (!attributes_read(message, sizeof head, &attributes)) {
        return;
    }
    HEAD_READ(message, head);
    entry = find(table, (int)head.ifa_index);
    /* On a point-to-point line IFA_ADDRESS is the other end. */
    address = attributes.of[IFA_LOCAL];
    if (address.at == NULL) {
        address = attributes.of[IFA_ADDRESS];
    }
    if (entry == NULL || entry->has_address ||
        address.len != (head.ifa_family == AF_INET ? 4 : 16) ||
        !is_usable(&head, attribute_u32(&attributes, IFA_FLAGS, head.ifa_flags),
                   entry)) {
        return;
    }
    entry->has_address = inet_ntop(head.ifa_family, address.at, entry->address,
                                   sizeof entry->address) != NULL;
}

/* Notes a default route at an interface. */
static void route_note(struct hwi_linux_link_table *table, uint32_t index)
{
    struct hwi_linux_interface *entry = find(table, (int)index);

    if (entry != NULL) {
        entry->has_default_route = true;
    }
}

/* The interfaces of a route over several ways. */
static void multipath_note(struct hwi_linux_link_table *table,
                           struct hawser_view list)
{
    size_t at = 0;

    while (at < list.len && list.len - at >= sizeof(struct rtnexthop)) {
        struct rtnexthop hop;

        memcpy(&hop, list.at + at, sizeof hop);
        if (hop.rtnh_len < sizeof hop) {
            return;
        }
        route_note(table, (uint32_t)hop.rtnh_ifindex);
        at += NLMSG_ALIGN((size_t)hop.rtnh_len); /* as RTNH_ALIGN() does */
    }
}

/* Whether the message is of a default route of the main table. */
static bool is_default_route(const struct message *message,
                             struct attributes *attributes)
{
    struct rtmsg head;

    if (!attributes_read(message, sizeof head, attributes)) {
        return false;
    }
    HEAD_READ(message, head);
    return (head.rtm_family == AF_INET || head.rtm_family == AF_INET6) &&
           head.rtm_dst_len == 0 && head.rtm_type == RTN_UNICAST &&
           attribute_u32(attributes, RTA_TABLE, head.rtm_table) ==
               RT_TABLE_MAIN;
}

static void route_take(struct hwi_linux_link_table *table,
                       const struct message *message)
{
    struct attributes attributes;

    if (!is_default_route(message, &attributes)) {
        return;
    }
    route_note(table, attribute_u32(&attributes, RTA_OIF, 0));
    multipath_note(table, attributes.of[RTA_MULTIPATH]);
}

static void dumped_take(struct hwi_linux_link_table *table,
                        const struct message *message,
                        struct hwi_linux_link_batch *out)
{
    switch (message->type) {
    case NLMSG_DONE:
        out->is_end = true;
        break;
    case NLMSG_ERROR:
        out->is_broken = true;
        break;
    case RTM_NEWLINK:
        link_take(table, message, out);
        break;
    case RTM_NEWADDR:
        address_take(table, message);
        break;
    case RTM_NEWROUTE:
        route_take(table, message);
        break;
    }
}

/* A busy router's other routes are no news. */
static bool is_news(const struct message *message)
{
    struct attributes attributes;

    if (message->type != RTM_NEWROUTE && message->type != RTM_DELROUTE) {
        return message->type >= RTM_BASE;
    }
    return is_default_route(message, &attributes);
}

static void message_take(struct hwi_linux_link_table *table,
                         const struct nlmsghdr *head, const uint8_t *body,
                         const struct hwi_linux_link_question *question,
                         struct hwi_linux_link_batch *out)
{
    const struct message message = {head->nlmsg_type, body,
                                    head->nlmsg_len - NLMSG_HDRLEN};

    if (head->nlmsg_pid != question->port_id) {
        out->is_changed = out->is_changed || is_news(&message);
        return;
    }
    if (question->sequence == 0 || head->nlmsg_seq != question->sequence) {
        return;
    }
    if ((head->nlmsg_flags & NLM_F_DUMP_INTR) != 0) {
        out->is_broken = true;
    }
    dumped_take(table, &message, out);
}

void hwi_linux_link_table_take(struct hwi_linux_link_table *table,
                               const uint8_t *bytes, size_t len,
                               const struct hwi_linux_link_question *question,
                               struct hwi_linux_link_batch *out)
{
    size_t at = 0;

    *out = (struct hwi_linux_link_batch){false, false, false};
    while (at < len) {
        struct nlmsghdr head = {.nlmsg_len = 0};

        if (len - at >= sizeof head) {
            memcpy(&head, bytes + at, sizeof head);
        }
        if (head.nlmsg_len < sizeof head || head.nlmsg_len > len - at) {
            out->is_broken = true;
            return;
        }
        message_take(table, &head, bytes + at + NLMSG_HDRLEN, question, out);
        at += NLMSG_ALIGN((size_t)head.nlmsg_len);
    }
}

static enum hawser_link_state state_of(const struct hwi_linux_interface *entry)
{
    if (entry->is_joining) {
        return HAWSER_LINK_JOINING;
    }
    if (!entry->has_carrier) {
        return HAWSER_LINK_DOWN;
    }
    return entry->has_address ? HAWSER_LINK_UP : HAWSER_LINK_NO_ADDRESS;
}

/* Whether any interface that leads out has a default route. */
static bool has_way_out(const struct hwi_linux_link_table *table)
{
    size_t i;

    for (i = 0; i < table->count; i++) {
        if (table->list[i].has_default_route && !table->list[i].is_loopback) {
            return true;
        }
    }
    return false;
}

static bool is_counted(const struct hwi_linux_interface *entry,
                       const char *wanted, bool needs_route)
{
    if (wanted[0] != '\0') {
        return strcmp(entry->name, wanted) == 0;
    }
    return !entry->is_loopback && (entry->has_default_route || !needs_route);
}

/* How far a state is on the way to UP. */
static int progress(enum hawser_link_state state)
{
    static const int steps[] = {
        [HAWSER_LINK_DOWN] = 0,    [HAWSER_LINK_REFUSED] = 1,
        [HAWSER_LINK_JOINING] = 2, [HAWSER_LINK_NO_ADDRESS] = 3,
        [HAWSER_LINK_UP] = 4,
    };

    return steps[state];
}

void hwi_linux_link_table_judge(const struct hwi_linux_link_table *table,
                                const char *wanted,
                                struct hawser_link_status *out)
{
    bool needs_route = has_way_out(table);
    const struct hwi_linux_interface *best = NULL;
    size_t i;

    for (i = 0; i < table->count; i++) {
        const struct hwi_linux_interface *entry = &table->list[i];

        if (is_counted(entry, wanted, needs_route) &&
            (best == NULL ||
             progress(state_of(entry)) > progress(state_of(best)))) {
            best = entry;
        }
    }
    memset(out, 0, sizeof *out);
    out->state = best != NULL ? state_of(best) : HAWSER_LINK_DOWN;
    (void)snprintf(out->name, sizeof out->name, "%s",
                   best != NULL ? best->name : wanted);
    if (out->state == HAWSER_LINK_UP) {
        (void)snprintf(out->address, sizeof out->address, "%s", best->address);
    }
}

void hwi_linux_link_table_clear(struct hwi_linux_link_table *table)
{
    table->count = 0;
}

void hwi_linux_link_table_free(struct hwi_linux_link_table *table)
{
    free(table->list);
    *table = (struct hwi_linux_link_table){NULL, 0, 0};
}
