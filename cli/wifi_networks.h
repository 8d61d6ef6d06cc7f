/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The WiFi networks to join, as they stand in a file of their own: a line each,
 * the most preferred first, its name, a tab and its passphrase. Without a tab
 * there is no passphrase.
 */
#ifndef HAWSER_CLI_WIFI_NETWORKS_H
#define HAWSER_CLI_WIFI_NETWORKS_H

#include "cli/file.h"
#include "cli/text.h"
#include "ports/linux/linux.h"

#define HAWSER_CLI_NETWORKS_MAX 8

struct hawser_cli_networks {
    struct hawser_linux_network of[HAWSER_CLI_NETWORKS_MAX];
    size_t count;
};

/* *out points into the file's bytes. Empty lines are passed by. False: words in
 * *why, with the line's number and never its content. */
bool hawser_cli_networks_read(const struct hawser_cli_file *file,
                              struct hawser_cli_networks *out,
                              struct hawser_cli_text *why);

#endif
