/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Are the certificates and keys of a configuration usable? Asked before
 * anybody depends on them.
 */
#ifndef HAWSER_CLI_CONFIG_CHECK_H
#define HAWSER_CLI_CONFIG_CHECK_H

#include "config.h"

/*
 * Loads ca_file, cert_file and key_file as a connection would, without making
 * one. True; or false and a mistake that names path (*mistakes is begun anew).
 */
bool hawser_cli_config_check(const struct hawser_cli_config *config,
                             const char *path,
                             struct hawser_cli_mistakes *mistakes);

#endif
