/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests of `hawser pki` and `hawser broker`: a folder of one's own to
 * work in, commands run as a person would type them, what they print, and
 * certificates that the commands would never make.
 */
#ifndef HWI_PKI_FIXTURE_H
#define HWI_PKI_FIXTURE_H

#include <stdbool.h>

#include "pki_cert.h"

#define FIXTURE_TEXT_SIZE 16384

struct fixture {
    char dir[64];                /* absolute; the current directory, too */
    char out[FIXTURE_TEXT_SIZE]; /* of the last command */
    char err[FIXTURE_TEXT_SIZE];
};

/* cmocka's set-up and tear-down: *state is a struct fixture. */
int fixture_begin(void **state);
int fixture_end(void **state);

/* Runs "pki init a b"; words are separated by single spaces, ~ stands for a
 * space within one. Answers the exit code. */
int fixture_run(struct fixture *f, const char *line);

/* The mode bits of a path, -1 if there is none. */
int fixture_mode(const char *path);

/* How many entries a folder has. */
int fixture_count(const char *dir);

/* A certificate of a file; the caller frees it. Fails the test if absent. */
X509 *fixture_certificate(const char *path);

/* The bytes of a file and a NUL, in f->out. */
const char *fixture_text(struct fixture *f, const char *path);

void fixture_put(const char *path, const char *text);

/* Makes a PKI folder by hand whose CA lives for so many days. */
void fixture_short_ca(const char *dir, int days);

/* Writes a request of a new key for a common name ("": none); signed with the
 * digest. bits 0: P-256, else RSA. */
void fixture_request(const char *path, const char *common_name, int bits,
                     const EVP_MD *digest);

#endif
