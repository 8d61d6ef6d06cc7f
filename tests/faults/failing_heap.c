/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes an allocation fail, for LD_PRELOAD: failing.h. All are counted as
 * "malloc". Apart from the other calls, because sanitizers replace the heap.
 */
#include <stddef.h>

#include "failing.h"

/* glibc's own, past this file and past the dynamic linker, which allocates. */
void *libc_malloc(size_t size) __asm__("__libc_malloc");
void *libc_calloc(size_t count, size_t size) __asm__("__libc_calloc");
void *libc_realloc(void *at, size_t size) __asm__("__libc_realloc");

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *at, size_t size);

void *malloc(size_t size)
{
    return failing_judge("malloc") == FAILING_PASS ? libc_malloc(size) : NULL;
}

void *calloc(size_t count, size_t size)
{
    return failing_judge("malloc") == FAILING_PASS ? libc_calloc(count, size)
                                                   : NULL;
}

void *realloc(void *at, size_t size)
{
    return failing_judge("malloc") == FAILING_PASS ? libc_realloc(at, size)
                                                   : NULL;
}
