/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys: made, judged, written and read. Answers as in pki_file.h: 0 or
 * an exit code, the message is said.
 */
#ifndef HWI_PKI_KEY_H
#define HWI_PKI_KEY_H

#include <stddef.h>

#include <openssl/evp.h>

/* A new P-256 key; the caller frees it. FAILED: no randomness or memory. */
int hwi_key_make(EVP_PKEY **out);

/* NULL if the key is strong enough, else what is wrong (static). RSA from 2048
 * bits, elliptic curves from 256 bits, Ed25519 and Ed448. */
const char *hwi_key_problem(const EVP_PKEY *key);

/*
 * Writes a key as PKCS#8 PEM, 0600, to a name that must be free. passphrase
 * NULL: in clear; else encrypted with AES-256 under PBKDF2. Errors of
 * hwi_pki_write_new().
 */
int hwi_key_write(const char *path, EVP_PKEY *key, const char *passphrase);

/* Reads a key; the caller frees it. CONFIG: no key in it, or the passphrase is
 * missing or wrong. */
int hwi_key_read(const char *path, const char *passphrase, EVP_PKEY **out);

/*
 * Reads the first line of a file as a passphrase; *out is the caller's, who
 * frees it with hwi_pki_forget(*out, strlen(*out)). path NULL: *out is NULL.
 * CONFIG: not readable, or shorter than 8 bytes.
 */
int hwi_passphrase_read(const char *path, char **out);

/* The OpenSSL library's own words for its last failure; empties its queue.
 * Static or thread-local; for a message to a person. */
const char *hwi_openssl_reason(void);

#endif
