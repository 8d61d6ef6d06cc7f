/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random bytes fit for keys, from the kernel.
 */
#ifndef HWI_LINUX_ENTROPY_H
#define HWI_LINUX_ENTROPY_H

#include "hawser/port.h"

/* Fills out with len random bytes. 0, or WAIT: the kernel has not gathered
 * enough since boot (out is then undefined; ask again). */
int hwi_linux_entropy(uint8_t *out, size_t len) HAWSER_CHECKED;

#endif
