/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judges what was negotiated: is it weaker than the last session with the same
 * broker, and does a certificate end soon? Says so by alerts. The report itself
 * is in status.h.
 */
#ifndef HWI_DEVICE_SECURITY_H
#define HWI_DEVICE_SECURITY_H

#include "hawser/device.h"

/* TLS is up and d->session.security filled in. The strength becomes that to
 * compare the next session with, as soon as the lasting state is saved. */
void hwi_security_begin(struct hawser_device *d);

/* Looks at the ends of the certificates again: a session may last for years. */
void hwi_security_look(struct hawser_device *d);

/* How strong; 0 for a name that is empty. */
struct hwi_strength hwi_security_strength(const struct hawser_security *s);

#endif
