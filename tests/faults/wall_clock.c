/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moves one program's wall clock while it runs, for LD_PRELOAD. The file that
 * WALL_CLOCK names holds the seconds to add, a 64-bit number of this machine.
 * The other clocks, and what waits by them, are left alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Names of parameters are the C library's, which no program may use. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

static const int64_t nothing = 0;
static const volatile int64_t *offset_s = &nothing;

__attribute__((constructor)) static void map_file(void)
{
    const char *path = getenv("WALL_CLOCK");
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void *at = MAP_FAILED;

    if (fd >= 0) {
        at = mmap(NULL, sizeof *offset_s, PROT_READ, MAP_SHARED, fd, 0);
        (void)close(fd);
    }
    if (at != MAP_FAILED) {
        offset_s = at;
    }
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int answer = (int)syscall(SYS_clock_gettime, clock, out);

    if (answer == 0 && clock == CLOCK_REALTIME) {
        out->tv_sec += (time_t)*offset_s;
    }
    return answer;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL) {
        *out = now.tv_sec;
    }
    return now.tv_sec;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
