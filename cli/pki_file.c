/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files for keys and configurations. A file is written under a temporary name
 * in its own folder, synced, and only then given its name by link(2), which
 * unlike rename(2) never replaces anything. Staged directories: pki_stage.c.
 */
#include "pki_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "cli.h"
#include "file.h"
#include "text.h"

#define MESSAGE_SIZE 2048

int hwi_pki_fail(int code, const char *format, ...)
{
    char message[MESSAGE_SIZE];
    char room[2 * MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    /* names of files and of certificates are anybody's */
    struct hawser_cli_text shown = hawser_cli_text_in(room, sizeof(room));
    hawser_cli_text_add_shown(&shown, hawser_cli_view(message));
    fprintf(stderr, "hawser: %s\n", room);
    return code;
}

int hwi_pki_path(char out[HWI_PATH_SIZE], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(out, HWI_PATH_SIZE, format, args);
    va_end(args);
    if (len < 0 || len >= HWI_PATH_SIZE) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "the path %.60s... is too long",
                            out);
    }
    return 0;
}

int hwi_pki_absolute(char out[HWI_PATH_SIZE], const char *path)
{
    char copy[HWI_PATH_SIZE];
    char found[PATH_MAX];

    if (realpath(path, found) != NULL) {
        return hwi_pki_path(out, "%s", found);
    }
    if (hwi_pki_path(copy, "%s", path) != 0) {
        return HAWSER_EXIT_FAILED;
    }
    size_t len = strlen(copy);
    while (len > 1 && copy[len - 1] == '/') {
        copy[--len] = '\0';
    }
    char *slash = strrchr(copy, '/');
    const char *base = slash == NULL ? copy : slash + 1;
    const char *parent = slash == NULL ? "." : slash == copy ? "/" : copy;
    if (slash != NULL) {
        *slash = '\0';
    }
    if (realpath(parent, found) == NULL) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: there is no directory %s; make it first", path,
                            parent);
    }
    return hwi_pki_path(out, "%s/%s", strcmp(found, "/") == 0 ? "" : found,
                        base);
}

int hwi_pki_make_dir(const char *path)
{
    if (mkdir(path, 0700) != 0) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "%s cannot be made: %s", path,
                            strerror(errno));
    }
    return 0;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* Writes the content under a temporary name beside path; mkstemp creates it
 * O_EXCL and 0600, so nobody sees a key even for a moment. */
static int write_beside(char temp[HWI_PATH_SIZE], const char *path,
                        const void *bytes, size_t len, const struct stat *like)
{
    int code = hwi_pki_path(temp, "%s.XXXXXX", path);
    if (code != 0) {
        return code;
    }
    int fd = mkstemp(temp);
    if (fd < 0) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "%s cannot be written: %s",
                            path, strerror(errno));
    }
    bool owned = like->st_uid == (uid_t)-1 ||
                 fchown(fd, like->st_uid, like->st_gid) == 0;
    bool good = owned && fchmod(fd, like->st_mode & 07777) == 0 &&
                write_all(fd, bytes, len) && fsync(fd) == 0;
    int cause = errno;
    if (close(fd) != 0 && good) {
        good = false;
        cause = errno;
    }
    if (!good) {
        (void)unlink(temp); /* what matters is the first failure */
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "%s cannot be written: %s",
                            path, strerror(cause));
    }
    return 0;
}

int hwi_pki_write_new(const char *path, const void *bytes, size_t len,
                      mode_t mode)
{
    char temp[HWI_PATH_SIZE];
    const struct stat like = {
        .st_mode = mode, .st_uid = (uid_t)-1, .st_gid = (gid_t)-1};

    int code = write_beside(temp, path, bytes, len, &like);
    if (code != 0) {
        return code;
    }
    if (link(temp, path) != 0) {
        code =
            errno == EEXIST
                ? hwi_pki_fail(HAWSER_EXIT_CONFIG,
                               "%s exists and is not overwritten; move it "
                               "away first",
                               path)
                : hwi_pki_fail(HAWSER_EXIT_FAILED, "%s cannot be written: %s",
                               path, strerror(errno));
    }
    (void)unlink(temp);
    return code;
}

int hwi_pki_replace(const char *path, const void *bytes, size_t len)
{
    char temp[HWI_PATH_SIZE];
    struct stat like;

    if (stat(path, &like) != 0) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG, "%s: %s", path,
                            strerror(errno));
    }
    int code = write_beside(temp, path, bytes, len, &like);
    if (code == 0 && rename(temp, path) != 0) {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "%s cannot be replaced: %s",
                            path, strerror(errno));
        (void)unlink(temp);
    }
    return code;
}

int hwi_pki_put(const char *path, const void *bytes, size_t len, mode_t mode)
{
    char temp[HWI_PATH_SIZE];
    const struct stat like = {
        .st_mode = mode, .st_uid = (uid_t)-1, .st_gid = (gid_t)-1};

    int code = write_beside(temp, path, bytes, len, &like);
    if (code == 0 && rename(temp, path) != 0) {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "%s cannot be written: %s",
                            path, strerror(errno));
        (void)unlink(temp);
    }
    return code;
}

int hwi_pki_append(const char *path, const char *line)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write_all(fd, line, strlen(line));
    int cause = errno;
    if (fd >= 0 && close(fd) != 0 && good) {
        good = false;
        cause = errno;
    }
    if (!good) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "%s cannot be written: %s",
                            path, strerror(cause));
    }
    return 0;
}

/* Reads up to size bytes; the count, or -1. */
static ssize_t read_all(int fd, char *out, size_t size)
{
    size_t have = 0;
    while (have < size) {
        ssize_t n = read(fd, out + have, size - have);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        if (n == 0) {
            break;
        }
        have += (size_t)n;
    }
    return (ssize_t)have;
}

/* Says why not. */
static bool is_private(const struct stat *info, const char *path)
{
    char words[HWI_PATH_SIZE + 128];
    struct hawser_cli_text why = hawser_cli_text_in(words, sizeof(words));
    if (hawser_cli_file_is_private(info, path, &why)) {
        return true;
    }
    hwi_pki_fail(HAWSER_EXIT_CONFIG, "%s", words);
    return false;
}

static int read_file(const char *path, bool is_secret, char **out, size_t *len)
{
    struct stat info;
    int code = HAWSER_EXIT_CONFIG;
    char *text = NULL;

    *out = NULL;
    *len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &info) != 0) {
        hwi_pki_fail(code, "%s cannot be read: %s", path, strerror(errno));
    } else if (!S_ISREG(info.st_mode) || info.st_size > (off_t)HWI_FILE_MAX) {
        hwi_pki_fail(code, "%s is not a regular file of sensible size", path);
    } else if (!is_secret || is_private(&info, path)) {
        size_t size = (size_t)info.st_size;
        text = calloc(1, size + 1);
        ssize_t n = text == NULL ? -1 : read_all(fd, text, size);
        code = n < 0 ? hwi_pki_fail(HAWSER_EXIT_FAILED, "%s cannot be read: %s",
                                    path, strerror(errno))
                     : 0;
        if (n >= 0) {
            *len = (size_t)n;
            *out = text;
            text = NULL;
        }
    }
    free(text);
    if (fd >= 0) {
        (void)close(fd); /* opened for reading: nothing can be lost */
    }
    return code;
}

int hwi_pki_read(const char *path, char **out, size_t *len)
{
    return read_file(path, false, out, len);
}

int hwi_pki_read_secret(const char *path, char **out, size_t *len)
{
    return read_file(path, true, out, len);
}

void hwi_pki_forget(char *text, size_t len)
{
    OPENSSL_clear_free(text, len);
}
