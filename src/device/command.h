/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands that a device obeys, one row each.
 */
#ifndef HWI_DEVICE_COMMAND_H
#define HWI_DEVICE_COMMAND_H

#include "hawser/device.h"

/* A command that was read, and the answer to it as far as it is known. */
struct hwi_command {
    struct hawser_view payload; /* the whole object */
    struct hawser_view args;    /* the inner object; {NULL, 0}: none */
    uint32_t seq;               /* in the ledger; 0: it is harmless */
    struct hwi_reply reply;
    size_t place; /* in the application's table */
    size_t result_len;
    uint8_t result[64]; /* members of an object; not if it is harmless */
    size_t message_len; /* 0: reply.message counts; not if it is harmless */
    uint8_t message[HWI_MESSAGE_MAX];
};

/* run() sets reply.status, and code and message unless it succeeded; NONE if
 * the answer comes later, by hwi_answer_finish(), or, harmless, never. */
struct hwi_command_row {
    const char *name;
    void (*run)(struct hawser_device *d, struct hwi_command *c);
    bool restarts;    /* the device: the guard is asked */
    bool is_harmless; /* may run as often as it comes, for anybody: it only
                         tells, or keeps its own account */
};

/* The row of a name; NULL: no such command. Static. */
const struct hwi_command_row *hwi_command_find(struct hawser_view name);

#endif
