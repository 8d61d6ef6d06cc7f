/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the next attempt to connect proves with and trusts: the active set, one
 * that is on trial, or, when the broker's certificate or our own is refused
 * again and again, the one before or the factory's. No set is ever deleted for
 * a failure, and none weakens how the server is verified.
 */
#ifndef HWI_DEVICE_CREDENTIALS_H
#define HWI_DEVICE_CREDENTIALS_H

#include "hawser/device.h"

#include "device/vault.h"

enum hwi_role {
    HWI_ROLE_ACTIVE,
    HWI_ROLE_PREVIOUS,
    HWI_ROLE_FACTORY,
    HWI_ROLE_TRIAL
};

/* Finds what stands on flash. Errors: STORAGE (the factory's set is used). */
int hwi_credentials_init(struct hawser_device *d) HAWSER_CHECKED;

/* Can sets be kept on this machine, with this memory? */
bool hwi_credentials_can_change(const struct hawser_device *d);

/* The half of the memory that a set is put together in, and the other one. */
struct hawser_span hwi_credentials_room(const struct hawser_device *d);
struct hawser_span hwi_credentials_other_room(const struct hawser_device *d);

/* Reads the active set into the first room. ABSENT: it is the factory's. Errors
 * otherwise as hwi_vault_read(). */
int hwi_credentials_read(const struct hawser_device *d,
                         struct hwi_set *set) HAWSER_CHECKED;

/* Notes in a set which factory credentials it was made for. Errors: FULL. */
int hwi_credentials_mark(const struct hawser_device *d,
                         struct hwi_set *set) HAWSER_CHECKED;

/* For the next attempt; they stay until hwi_credentials_let_go(). Counts a try
 * of a trial before it answers. */
const struct hawser_credentials *hwi_credentials_take(struct hawser_device *d);
void hwi_credentials_let_go(struct hawser_device *d);

/* The attempt, or the session, ended so. True: other credentials are on, and
 * there is no need to wait. */
bool hwi_credentials_failed(struct hawser_device *d,
                            enum hawser_cause cause) HAWSER_CHECKED;

/* The broker has let us in, subscribe and publish with them. */
void hwi_credentials_proven(struct hawser_device *d);

/* This role is on from the next attempt on; it has not failed yet. */
void hwi_credentials_play(struct hawser_device *d, enum hwi_role role);

/*
 * Goes back, by hand, to the set that was active before the last update; the one
 * that is active becomes the previous one, so that the way is there and back. It
 * counts from the next attempt on, and after a restart. Errors, and nothing has
 * changed: ABSENT (there is none, or it was left for good), STATE (an update is on
 * trial), STORAGE (flash failed).
 */
int hwi_credentials_roll_back(struct hawser_device *d) HAWSER_CHECKED;

/* The word of a role. Static. */
const char *hwi_role_word(enum hwi_role role);

#endif
