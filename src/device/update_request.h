/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an update_cert command asks for, and whether it may: every request but
 * the question how things stand is signed by an update key, and of a higher
 * generation than all that were taken before.
 */
#ifndef HWI_DEVICE_UPDATE_REQUEST_H
#define HWI_DEVICE_UPDATE_REQUEST_H

#include "device/command.h"

enum hwi_act {
    HWI_ACT_NONE, /* not understood */
    HWI_ACT_STATUS,
    HWI_ACT_CA_ADD,
    HWI_ACT_CA_REPLACE,
    HWI_ACT_CA_REMOVE,
    HWI_ACT_IDENTITY_REQUEST,
    HWI_ACT_IDENTITY_INSTALL,
    HWI_ACT_KEY_REPLACE
};

/* Why something is not done. code NULL: nothing is wrong. Both are static. */
struct hwi_objection {
    const char *code;
    const char *text;
};

#define HWI_FINE                ((struct hwi_objection){NULL, NULL})
#define HWI_OBJECT(word, words) ((struct hwi_objection){(word), (words)})

/* Reads the members of args; what is absent becomes what is usual. */
struct hwi_objection hwi_update_read(const struct hwi_command *c,
                                     struct hwi_update *u);

/* Does the request bring a file? */
bool hwi_update_has_file(const struct hwi_update *u);

/* Is it signed by whom it must be? Uses the first room. */
struct hwi_objection hwi_update_authorise(const struct hawser_device *d,
                                          const struct hwi_command *c,
                                          const struct hwi_update *u);

/* The point of the public key that a request brings. False: there is none. */
bool hwi_update_new_key(const struct hwi_command *c,
                        uint8_t point[HAWSER_POINT_SIZE]) HAWSER_CHECKED;

/* The point of an update key in force; {NULL, 0}: there is none. */
struct hawser_view hwi_update_key(const struct hawser_device *d, unsigned n);

#endif
