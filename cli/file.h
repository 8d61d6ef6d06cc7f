/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small files whole in memory: certificates, and secrets with the care that
 * they need.
 */
#ifndef HAWSER_CLI_FILE_H
#define HAWSER_CLI_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "text.h"

/* A file's bytes, with a NUL behind them that len does not count. {NULL, 0}:
 * none. */
struct hawser_cli_file {
    uint8_t *bytes;
    size_t len;
};

/*
 * Reads a regular file of 1..max bytes. A secret one may be open to nobody but
 * its owner, and its owner must be this user or root; below
 * $CREDENTIALS_DIRECTORY (systemd's) the group's bits do not count. True and *out, to be
 * given to hawser_cli_file_wipe(); or false and words in *why (the path is
 * named, the content never), *out is empty.
 */
bool hawser_cli_file_read(struct hawser_cli_file *out, const char *path,
                          size_t max, bool is_secret,
                          struct hawser_cli_text *why);

/* Is an open file, by its facts, private as above? False: words in *why. */
bool hawser_cli_file_is_private(const struct stat *facts, const char *path,
                                struct hawser_cli_text *why);

/* Cuts one line end off: editors add it, passwords do not have it. */
void hawser_cli_file_cut_line_end(struct hawser_cli_file *file);

/* Overwrites, frees and empties it. An empty one is fine. */
void hawser_cli_file_wipe(struct hawser_cli_file *file);

#endif
