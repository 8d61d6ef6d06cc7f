/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files as `hawser pki` and `hawser broker` need them: never wider than they
 * must be, never over something that exists, all or nothing.
 *
 * Every function here answers 0, or one of the exit codes of cli.h after it
 * has said on standard error what was wrong, where and what to do.
 */
#ifndef HWI_PKI_FILE_H
#define HWI_PKI_FILE_H

#include <stddef.h>
#include <sys/types.h>

#define HWI_PATH_SIZE 4096

/* No file that is read here is larger. */
#define HWI_FILE_MAX (64u * 1024 * 1024)

/* Says "hawser: MESSAGE" on standard error; answers code. */
int hwi_pki_fail(int code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes a path. FAILED if it is too long. */
int hwi_pki_path(char out[HWI_PATH_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The absolute form of a path that exists, or whose parent directory does.
 * CONFIG if there is no such directory. */
int hwi_pki_absolute(char out[HWI_PATH_SIZE], const char *path);

/* Creates a directory, 0700. FAILED also if it exists. */
int hwi_pki_make_dir(const char *path);

/*
 * Creates a file with the mode, whole or not at all. The content is complete
 * on the disk before the name appears. CONFIG if the name is taken already,
 * FAILED if it cannot be written; nothing is left behind.
 */
int hwi_pki_write_new(const char *path, const void *bytes, size_t len,
                      mode_t mode);

/* Replaces the content of a file that exists at one blow; owner and mode stay.
 * FAILED: the old content is still there. */
int hwi_pki_replace(const char *path, const void *bytes, size_t len);

/* As write_new, but a file of that name is replaced at one blow. */
int hwi_pki_put(const char *path, const void *bytes, size_t len, mode_t mode);

/* Adds one line, in one write. FAILED if it cannot. */
int hwi_pki_append(const char *path, const char *line);

/*
 * Reads a whole file. *out ends with a NUL that *len does not count; the
 * caller wipes and frees it with hwi_pki_forget(). CONFIG if it cannot be read,
 * is no regular file or is too large.
 */
int hwi_pki_read(const char *path, char **out, size_t *len);

/* The same for a secret: CONFIG, too, if others may read it. */
int hwi_pki_read_secret(const char *path, char **out, size_t *len);

/* Wipes and frees what hwi_pki_read() answered. NULL is fine. */
void hwi_pki_forget(char *text, size_t len);

/*
 * A directory that appears whole or not at all: everything is made in *stage,
 * a hidden neighbour of `final`, which commit renames. `final` may exist only
 * as an empty directory that nobody works in.
 *
 * begin: CONFIG if `final` exists and is not empty; FAILED if the stage cannot
 * be made. commit: FAILED, the stage is then removed. abandon removes it.
 */
int hwi_pki_stage_begin(char stage[HWI_PATH_SIZE], const char *final);
int hwi_pki_stage_commit(const char *stage, const char *final);
void hwi_pki_stage_abandon(const char *stage);

#endif
