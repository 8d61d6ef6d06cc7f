/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The four functions that wire, mqtt and device take from outside. Declared
 * here because a freestanding compiler has no <string.h>; any C library, or
 * four short loops, provide them.
 */
#ifndef HWI_WIRE_MEMORY_H
#define HWI_WIRE_MEMORY_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *at, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);

#endif
