/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches the machine's network link: an rtnetlink socket that hears of changes
 * and dumps everything anew after one. It only watches: to join a network and
 * to get an address is the affair of the machine's own network service.
 */
#ifndef HWI_LINUX_LINK_H
#define HWI_LINUX_LINK_H

#include "ports/linux/link_table.h"
#include "ports/linux/linux.h"
#include "ports/linux/pollset.h"

/* The kernel fills at most so much of a datagram. */
#define HWI_LINUX_NETLINK_SIZE 32768

/* What is dumped, in this order. */
enum hwi_linux_link_dump {
    HWI_LINUX_LINK_DUMP_LINKS,
    HWI_LINUX_LINK_DUMP_ADDRESSES,
    HWI_LINUX_LINK_DUMP_ROUTES,
    HWI_LINUX_LINK_DUMP_NONE /* all done */
};

struct hwi_linux_link {
    int fd;
    char wanted[16]; /* "": any */
    enum hwi_linux_link_dump dump;
    struct hwi_linux_link_question question; /* for the dump under way */
    uint32_t last_sequence;
    uint64_t sync_ms;   /* when to dump anew; HAWSER_NEVER: no need */
    uint64_t synced_ms; /* when the last round began */
    struct hwi_linux_link_table table; /* of the round under way */
    struct hawser_link_status status;
    uint8_t buffer[HWI_LINUX_NETLINK_SIZE];
};

/* Opens the socket and asks for the first round. interface: NULL or "": any.
 * 0; ARG or ABSENT with words in message; *link is then closed. */
int hwi_linux_link_open(struct hwi_linux_link *link, const char *interface,
                        char message[HAWSER_LINUX_MESSAGE_SIZE]) HAWSER_CHECKED;
void hwi_linux_link_close(struct hwi_linux_link *link);

/* Another interface from now on. 0; or ARG with words in message: there is none
 * of this name; nothing changed. */
int hwi_linux_link_choose(struct hwi_linux_link *link, const char *interface,
                          char message[HAWSER_LINUX_MESSAGE_SIZE])
    HAWSER_CHECKED;

/* Takes in what the kernel has sent and asks on; bounded work. */
void hwi_linux_link_drive(struct hwi_linux_link *link);

/* The link as it is, after hwi_linux_link_drive(). */
void hwi_linux_link_status(const struct hwi_linux_link *link,
                           struct hawser_link_status *out);

/* Looks at everything anew, soon. */
void hwi_linux_link_resync(struct hwi_linux_link *link);

/* Adds what it waits for. */
void hwi_linux_link_poll(const struct hwi_linux_link *link,
                         struct hwi_linux_pollset *set);

#endif
