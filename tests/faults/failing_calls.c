/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes one call of the system fail, for LD_PRELOAD: failing.h. One function a
 * call; it goes on to the next library's, unless it is this call's turn.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "failing.h"

/* Names of parameters are the C library's, which no program may use; lists of
 * them are what the macros below are made of. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name,
   bugprone-macro-parentheses) */

/* The call of this name in the next library. */
static void *next(const char *call)
{
    return dlsym(RTLD_NEXT, call);
}

/* REAL(read)(fd, ...): ISO C has no cast from dlsym's pointer to a function. */
#define REAL(call) (*(__typeof__(&(call)) *)&(void *){next(#call)})

/* Calls that move bytes: they can fail, and move less than they should. */
#define MOVE(call, bytes, params, args)                      \
    ssize_t call params                                      \
    {                                                        \
        enum failing_verdict verdict = failing_judge(#call); \
                                                             \
        if (verdict == FAILING_FAIL) {                       \
            return -1;                                       \
        }                                                    \
        if (verdict == FAILING_SHORT && len > 1) {           \
            len /= 2;                                        \
        }                                                    \
        return REAL(call) args;                              \
    }

MOVE(read, at, (int fd, void *at, size_t len), (fd, at, len))
MOVE(write, at, (int fd, const void *at, size_t len), (fd, at, len))
MOVE(pread, at, (int fd, void *at, size_t len, off_t off), (fd, at, len, off))
MOVE(pwrite, at, (int fd, const void *at, size_t len, off_t off),
     (fd, at, len, off))
MOVE(recv, at, (int fd, void *at, size_t len, int flags), (fd, at, len, flags))
MOVE(send, at, (int fd, const void *at, size_t len, int flags),
     (fd, at, len, flags))
MOVE(getrandom, at, (void *at, size_t len, unsigned flags), (at, len, flags))

/* Calls that work or answer -1. */
#define CALL(call, params, args)                                            \
    int call params                                                         \
    {                                                                       \
        return failing_judge(#call) == FAILING_PASS ? REAL(call) args : -1; \
    }

CALL(fsync, (int fd), (fd))
CALL(fdatasync, (int fd), (fd))
CALL(renameat, (int fd, const char *from, int to_fd, const char *to),
     (fd, from, to_fd, to))
CALL(flock, (int fd, int how), (fd, how))
CALL(fchmod, (int fd, mode_t mode), (fd, mode))
CALL(socket, (int domain, int type, int protocol), (domain, type, protocol))
CALL(connect, (int fd, const struct sockaddr *to, socklen_t len), (fd, to, len))
CALL(bind, (int fd, const struct sockaddr *to, socklen_t len), (fd, to, len))
CALL(setsockopt, (int fd, int level, int name, const void *at, socklen_t len),
     (fd, level, name, at, len))
CALL(getsockopt, (int fd, int level, int name, void *at, socklen_t *len),
     (fd, level, name, at, len))
CALL(poll, (struct pollfd * fds, nfds_t count, int ms), (fds, count, ms))
CALL(timerfd_create, (int clock, int flags), (clock, flags))
CALL(timerfd_settime,
     (int fd, int flags, const struct itimerspec *to, struct itimerspec *old),
     (fd, flags, to, old))
CALL(signalfd, (int fd, const sigset_t *mask, int flags), (fd, mask, flags))
CALL(pipe2, (int fds[2], int flags), (fds, flags))

/* Answers the error itself; its parameters are the C library's */
int posix_spawnp(pid_t *pid, const char *file,
                 const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, char *const argv[],
                 char *const envp[])
{
    if (failing_judge("posix_spawnp") != FAILING_PASS) {
        return errno;
    }
    return REAL(posix_spawnp)(pid, file, actions, attributes, argv, envp);
}

/* its parameters are the C library's */
ssize_t sendto(int fd, const void *at, size_t len, int flags,
               const struct sockaddr *to, socklen_t to_len)
{
    return failing_judge("sendto") == FAILING_PASS
               ? REAL(sendto)(fd, at, len, flags, to, to_len)
               : -1;
}

/* its parameters are the C library's */
ssize_t recvfrom(int fd, void *at, size_t len, int flags, struct sockaddr *from,
                 socklen_t *from_len)
{
    return failing_judge("recvfrom") == FAILING_PASS
               ? REAL(recvfrom)(fd, at, len, flags, from, from_len)
               : -1;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    return failing_judge("recvmsg") == FAILING_PASS
               ? REAL(recvmsg)(fd, message, flags)
               : -1;
}

/* The mode, if there is one, is the argument after the flags. */
static mode_t mode_of(int flags, va_list rest)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    mode_t mode;

    va_start(rest, flags);
    mode = mode_of(flags, rest);
    va_end(rest);
    return failing_judge("open") == FAILING_PASS ? REAL(open)(path, flags, mode)
                                                 : -1;
}

int openat(int fd, const char *path, int flags, ...)
{
    va_list rest;
    mode_t mode;

    va_start(rest, flags);
    mode = mode_of(flags, rest);
    va_end(rest);
    return failing_judge("open") == FAILING_PASS
               ? REAL(openat)(fd, path, flags, mode)
               : -1;
}

FILE *fopen(const char *path, const char *mode)
{
    return failing_judge("open") == FAILING_PASS ? REAL(fopen)(path, mode)
                                                 : NULL;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name,
   bugprone-macro-parentheses) */
