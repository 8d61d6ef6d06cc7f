/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public keys that update_cert must be signed by, as they stand in a file.
 */
#ifndef HAWSER_CLI_UPDATE_KEYS_H
#define HAWSER_CLI_UPDATE_KEYS_H

#include "hawser/device.h"

#include "cli/file.h"
#include "cli/text.h"

struct hawser_cli_update_keys {
    uint8_t points[HAWSER_UPDATE_KEYS][HAWSER_POINT_SIZE];
    size_t count;
};

/* Reads one or two P-256 keys from PEM text. False: words in *why. */
bool hawser_cli_update_keys_read(const struct hawser_cli_file *pem,
                                 struct hawser_cli_update_keys *out,
                                 struct hawser_cli_text *why);

#endif
