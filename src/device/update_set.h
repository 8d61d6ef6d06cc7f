/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The set that an update leads to: the certificates it brings are looked at one
 * by one, then put together with those of the active set.
 */
#ifndef HWI_DEVICE_UPDATE_SET_H
#define HWI_DEVICE_UPDATE_SET_H

#include "device/credentials.h"
#include "device/update_request.h"

#define HWI_ANCHORS_MAX 6u

/* Can these certificates (DER, none for a removal) be what the update says,
 * whatever the broker presents? */
struct hwi_objection hwi_update_check(const struct hawser_device *d,
                                      const struct hwi_update *u,
                                      struct hawser_view certificates);

/* Puts the new set together in the first room, from the active one and these
 * certificates, which must not stand in it. */
struct hwi_objection hwi_update_compose(const struct hawser_device *d,
                                        const struct hwi_update *u,
                                        struct hawser_view certificates,
                                        struct hwi_set *set);

#endif
