/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts a program's heap while it runs, for LD_PRELOAD. The file that
 * HEAP_FIGURES names then holds, as 64-bit numbers of this machine, the bytes
 * that are allocated now, the most there ever were, and how many allocations
 * there have been. Whoever wants the figures reads the file at any moment.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Names of parameters are the C library's, which no program may use. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

/* glibc's own, past this file. */
void *libc_malloc(size_t size) __asm__("__libc_malloc");
void *libc_calloc(size_t count, size_t size) __asm__("__libc_calloc");
void *libc_realloc(void *at, size_t size) __asm__("__libc_realloc");
void *libc_memalign(size_t align, size_t size) __asm__("__libc_memalign");
void libc_free(void *at) __asm__("__libc_free");

struct figures {
    _Atomic uint64_t now;
    _Atomic uint64_t peak;
    _Atomic uint64_t allocations;
};

/* Counted here until the file is mapped. */
static struct figures early;
static struct figures *figures = &early;

__attribute__((constructor)) static void map_file(void)
{
    const char *path = getenv("HEAP_FIGURES");
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    void *at = MAP_FAILED;

    if (fd < 0) {
        return;
    }
    if (ftruncate(fd, sizeof *figures) == 0) {
        at = mmap(NULL, sizeof *figures, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                  0);
    }
    (void)close(fd);
    /* What this program starts counts elsewhere. */
    (void)unsetenv("LD_PRELOAD");
    if (at != MAP_FAILED) {
        *(struct figures *)at = early;
        figures = at;
    }
}

static void *counted(void *at)
{
    uint64_t now;

    if (at != NULL) {
        figures->now += malloc_usable_size(at);
        now = figures->now;
        figures->allocations++;
        if (now > figures->peak) {
            figures->peak = now;
        }
    }
    return at;
}

void *malloc(size_t size)
{
    return counted(libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return counted(libc_calloc(count, size));
}

void *realloc(void *at, size_t size)
{
    size_t before = malloc_usable_size(at);
    void *grown = libc_realloc(at, size);

    if (grown != NULL || size == 0) {
        figures->now -= before;
    }
    return counted(grown);
}

int posix_memalign(void **out, size_t align, size_t size)
{
    *out = counted(libc_memalign(align, size));
    return *out == NULL;
}

void *aligned_alloc(size_t align, size_t size)
{
    return counted(libc_memalign(align, size));
}

void free(void *at)
{
    figures->now -= malloc_usable_size(at);
    libc_free(at);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
