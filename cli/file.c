/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading of small files. Everything is asked of the open file, not of its
 * name, so that nobody can exchange it between the question and the reading.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_fit(const struct stat *facts, const char *path, size_t max,
                   struct hawser_cli_text *why)
{
    if (!S_ISREG(facts->st_mode)) {
        hawser_cli_text_addf(why, "%s: not a regular file", path);
    } else if (facts->st_size == 0) {
        hawser_cli_text_addf(why, "%s: the file is empty", path);
    } else if ((uint64_t)facts->st_size > max) {
        hawser_cli_text_addf(why, "%s: more than %zu bytes", path, max);
    } else {
        return true;
    }
    return false;
}

/* systemd hands secrets over in a folder that nobody else can enter. Where it
 * lets the service in by an ACL, the ACL's mask looks like the group's bits. */
static bool is_credential(const char *path)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    size_t len = folder == NULL ? 0 : strlen(folder);
    return len > 0 && strncmp(path, folder, len) == 0 && path[len] == '/' &&
           strstr(path + len, "/../") == NULL;
}

bool hawser_cli_file_is_private(const struct stat *facts, const char *path,
                                struct hawser_cli_text *why)
{
    mode_t others = is_credential(path) ? 07 : 077;
    if ((facts->st_mode & others) != 0) {
        hawser_cli_text_addf(
            why, "%s: mode %04o lets others at a secret; chmod 600 %s", path,
            (unsigned)(facts->st_mode & 07777), path);
        return false;
    }
    if (facts->st_uid != geteuid() && facts->st_uid != 0) {
        hawser_cli_text_addf(why, "%s: belongs to another user", path);
        return false;
    }
    return true;
}

/* The whole file; it may have become shorter or longer since it was asked. */
static bool fill(struct hawser_cli_file *out, int fd, size_t size)
{
    out->bytes = malloc(size + 1);
    while (out->bytes != NULL && out->len < size) {
        ssize_t n = read(fd, out->bytes + out->len, size - out->len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        out->len += (size_t)n;
    }
    if (out->bytes == NULL || out->len == 0) {
        return false;
    }
    out->bytes[out->len] = '\0';
    return true;
}

bool hawser_cli_file_read(struct hawser_cli_file *out, const char *path,
                          size_t max, bool is_secret,
                          struct hawser_cli_text *why)
{
    *out = (struct hawser_cli_file){NULL, 0};
    /* O_NONBLOCK: a pipe in the place of a file must not hold us up. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        hawser_cli_text_addf(why, "%s: %s", path, strerror(errno));
        return false;
    }
    struct stat facts;
    bool is_ok = fstat(fd, &facts) == 0 && is_fit(&facts, path, max, why) &&
                 (!is_secret || hawser_cli_file_is_private(&facts, path, why));
    if (is_ok && !fill(out, fd, (size_t)facts.st_size)) {
        hawser_cli_text_addf(why, "%s: cannot be read", path);
        hawser_cli_file_wipe(out);
        is_ok = false;
    }
    (void)close(fd); /* only read: nothing can be lost */
    return is_ok;
}

void hawser_cli_file_cut_line_end(struct hawser_cli_file *file)
{
    if (file->len > 0 && file->bytes[file->len - 1] == '\n') {
        file->len--;
    }
    if (file->len > 0 && file->bytes[file->len - 1] == '\r') {
        file->len--;
    }
    if (file->bytes != NULL) {
        file->bytes[file->len] = '\0';
    }
}

void hawser_cli_file_wipe(struct hawser_cli_file *file)
{
    if (file->bytes != NULL) {
        explicit_bzero(file->bytes, file->len);
        free(file->bytes);
    }
    *file = (struct hawser_cli_file){NULL, 0};
}
