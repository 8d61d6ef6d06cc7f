/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that carry a signature. What is signed are these bytes:
 *
 *   device LF command LF id LF expires LF if_boot LF args
 *
 * device: the id of the device; command, id: the texts, escapes resolved;
 * expires, if_boot: decimal digits; args: the object's bytes as they were
 * received, from { to }. What is absent is empty. "sig" is the base64 of an
 * ECDSA signature (P-256, SHA-256, DER) by a pinned key. Members that are not
 * named here are not signed, and must not be obeyed where a signature counts.
 */
#ifndef HWI_DEVICE_SIGNED_REQUEST_H
#define HWI_DEVICE_SIGNED_REQUEST_H

#include "hawser/device.h"

/* Room for what is signed, whatever the command. */
#define HWI_SIGNED_SIZE 4352

struct hwi_signed_request {
    struct hawser_view payload; /* the command: an object that was checked by
                                   hwi_json_check() */
    struct hawser_view device;  /* our own id */
    struct hawser_view key;     /* the point of the key that must have signed */
    const char *member;         /* with the signature; NULL: "sig" */
    struct hawser_span room;    /* scratch, HWI_SIGNED_SIZE or less */
};

/*
 * Writes what is signed into room. 0 and *bytes, a view into room. Errors: ARG
 * (a member has another type, or a text holds a control character), LIMIT (room
 * is too small).
 */
int hwi_signed_request_bytes(const struct hwi_signed_request *r,
                             struct hawser_view *bytes) HAWSER_CHECKED;

/*
 * Was this command signed by this key, for this device? 0: it was. Errors:
 * ABSENT (it has no such member), ARG (it was not, or cannot be), LIMIT (room is too
 * small). Whatever the error, it must not be believed.
 */
int hwi_signed_request_verify(const struct hawser_port *port,
                              const struct hwi_signed_request *r)
    HAWSER_CHECKED;

#endif
