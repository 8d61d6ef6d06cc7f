/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small text files, read whole: text_file.h.
 */
#include "ports/linux/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Up to size bytes of the start of a file; -1: failed. */
static ssize_t read_start(const char *path, char *out, size_t size)
{
    size_t len = 0;
    ssize_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0) {
        return -1;
    }
    while (len < size) {
        got = read(fd, out + len, size - len);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        len += (size_t)got;
    }
    (void)close(fd); /* read only: nothing can be lost */
    return got < 0 ? -1 : (ssize_t)len;
}

int hwi_linux_text_read(char *out, size_t size, const char *format, ...)
{
    char path[HWI_LINUX_PATH_SIZE];
    va_list args;
    int path_len;
    ssize_t len;

    out[0] = '\0';
    va_start(args, format);
    path_len = vsnprintf(path, sizeof path, format, args);
    va_end(args);
    if (path_len < 0 || (size_t)path_len >= sizeof path) {
        return HAWSER_E_ABSENT;
    }
    len = read_start(path, out, size - 1);
    while (len > 0 && out[len - 1] == '\n') {
        len--;
    }
    if (len < 0 || memchr(out, '\0', (size_t)len) != NULL) {
        out[0] = '\0';
        return HAWSER_E_ABSENT;
    }
    out[len] = '\0';
    return (int)len;
}
