/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The four functions that wire, mqtt and device take from outside. Declared
 * here because a freestanding compiler has no <string.h>; any C library, or
 * four short loops, provide them.
 */
#ifndef HWI_WIRE_MEMORY_H
#define HWI_WIRE_MEMORY_H

#ifdef __FRAMAC__
#include "wire/proof.h"
#else
#include <stddef.h>

/* (to, from, len), (to, from, len), (at, byte, len), (a, b, len) */
void *memcpy(void *restrict, const void *restrict, size_t);
void *memmove(void *, const void *, size_t);
void *memset(void *, int, size_t);
int memcmp(const void *, const void *, size_t);
#endif

#endif
