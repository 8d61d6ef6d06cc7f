/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures of commands: ECDSA on P-256 with SHA-256, as devices check them.
 */
#ifndef HAWSER_CLI_SIGN_H
#define HAWSER_CLI_SIGN_H

#include "hawser/mqtt.h"

/* Base64 of a DER signature, with its NUL. */
#define HAWSER_CLI_SIG_SIZE 104

/*
 * Signs bytes by the key in a PEM file that only its owner can read. 0, or an
 * exit code, the message said: CONFIG (the file cannot be read, is open to
 * others, is encrypted, or holds no P-256 key), FAILED (no memory).
 */
int hawser_cli_sign(const char *key_path, struct hawser_view bytes,
                    char out[HAWSER_CLI_SIG_SIZE]);

#endif
