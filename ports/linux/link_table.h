/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's network interfaces as rtnetlink(7) messages tell of them, and
 * the judgement on them. Knows bytes only, no socket.
 *
 * A table is filled by one whole round of dumps: links, addresses, routes. It
 * is never patched by notifications: the kernel drops addresses and routes
 * together with a link without a word, so a patched table goes wrong.
 */
#ifndef HWI_LINUX_LINK_TABLE_H
#define HWI_LINUX_LINK_TABLE_H

#include "hawser/port.h"

/* Interfaces beyond it are not seen. */
#define HWI_LINUX_INTERFACES_MAX 1024

struct hwi_linux_interface {
    int index;
    char name[16];
    bool is_loopback;
    bool has_carrier;
    bool is_joining; /* carrier, but the network has yet to let us in */
    bool has_default_route;
    bool has_address;                       /* a usable one */
    char address[HAWSER_ADDRESS_TEXT_SIZE]; /* the first usable one */
};

struct hwi_linux_link_table {
    struct hwi_linux_interface *list; /* NULL: none */
    size_t count;
    size_t room;
};

/* A question to the kernel: answers carry both numbers. Notifications carry
 * those of the question, of whichever process, that led to the change. */
struct hwi_linux_link_question {
    uint32_t port_id;  /* of the socket that asked */
    uint32_t sequence; /* 0: nothing is asked */
};

/* What a batch of messages held. */
struct hwi_linux_link_batch {
    bool is_end;     /* of the answer to the question */
    bool is_changed; /* a notification: what is known is out of date */
    bool is_broken;  /* the dump failed, is not consistent or found no memory:
                        ask again */
};

/*
 * Takes in the messages of one datagram from the kernel: answers to question
 * fill the table, late answers to older ones are passed over, the rest is news.
 * What is not understood is passed over, a message that
 * does not fit its length ends the batch as broken.
 */
void hwi_linux_link_table_take(struct hwi_linux_link_table *table,
                               const uint8_t *bytes, size_t len,
                               const struct hwi_linux_link_question *question,
                               struct hwi_linux_link_batch *out);

/*
 * Judges. wanted: the one interface that counts, loopback too; "": any but
 * loopback, and if one of them has a default route only those that have.
 */
void hwi_linux_link_table_judge(const struct hwi_linux_link_table *table,
                                const char *wanted,
                                struct hawser_link_status *out);

/* Forgets all interfaces; keeps the room. */
void hwi_linux_link_table_clear(struct hwi_linux_link_table *table);
void hwi_linux_link_table_free(struct hwi_linux_link_table *table);

#endif
