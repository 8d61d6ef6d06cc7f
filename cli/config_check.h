/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is what a configuration names usable: certificates and keys, the folder, the
 * interface? Asked before anybody depends on it.
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

/*
 * Are there, on this machine and for this user, the network interface and the
 * state folder, or a place to make it? A folder that is absent stays so. True;
 * or false and mistakes that name path (*mistakes is begun anew).
 */
bool hawser_cli_config_check_machine(const struct hawser_cli_config *config,
                                     const char *path,
                                     struct hawser_cli_mistakes *mistakes);

#endif
