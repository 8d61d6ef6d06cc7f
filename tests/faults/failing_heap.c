/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes an allocation fail, for LD_PRELOAD: failing.h. All are counted as
 * "malloc". Apart from the other calls, because sanitizers replace the heap.
 *
 * A crash is told with the library that made it: "fault: crash in libx.so.3".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "failing.h"

#define FRAMES_MAX 16

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

/* Stands for this file. */
static const char failing_own;

static void tell(const char *text)
{
    (void)!write(STDERR_FILENO, text, strlen(text));
}

/* The first caller that is neither this file, nor the C library, nor the
 * kernel's way back from a signal. */
/* NOLINTBEGIN(bugprone-signal-handler,cert-sig30-c): the program is lost
   already. */
static void tell_crash(int number)
{
    void *frames[FRAMES_MAX];
    int count = backtrace(frames, FRAMES_MAX);
    Dl_info here;
    Dl_info at;

    (void)dladdr(&failing_own, &here);
    for (int i = 0; i < count; i++) {
        if (dladdr(frames[i], &at) != 0 && at.dli_fbase != here.dli_fbase &&
            strstr(at.dli_fname, "/libc.so") == NULL) {
            tell("fault: crash in ");
            tell(at.dli_fname);
            tell("\n");
            break;
        }
    }
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

/* NOLINTEND(bugprone-signal-handler,cert-sig30-c) */

__attribute__((constructor)) static void watch_crashes(void)
{
    void *frames[1];

    /* Loads what it needs now: later the heap may fail. */
    (void)backtrace(frames, 1);
    (void)signal(SIGSEGV, tell_crash);
}
