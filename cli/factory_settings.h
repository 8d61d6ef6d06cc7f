/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a chip finds in its flash when it comes from the factory: the settings that
 * ports/shared/settings.h reads, as a table that ESP-IDF makes an image of NVS from.
 */
#ifndef HWI_FACTORY_SETTINGS_H
#define HWI_FACTORY_SETTINGS_H

#include "config.h"

/* Room for the largest table: two digits a byte, and the keys. */
#define HWI_FACTORY_TABLE_SIZE (64u * 1024)

/* What one device has for itself. Texts are the caller's. */
struct hwi_factory_device {
    const char *id;
    struct hawser_view username; /* {NULL, 0}: that of the configuration */
    struct hawser_view password; /* the same */
    struct hawser_view chain;    /* PEM; {NULL, 0}: none */
    struct hawser_view key;
};

/*
 * Is a configuration (read for HAWSER_CLI_CONFIG_CHIP) one that chips can share?
 * True; or false and mistakes that name path (*mistakes is begun anew): what a
 * chip does not have, what only one device may have, time without servers.
 */
bool hwi_factory_check(const struct hawser_cli_config *config, const char *path,
                       struct hawser_cli_mistakes *mistakes);

/*
 * Writes a device's table: the lines of a CSV that nvs_partition_gen.py reads,
 * blobs of the namespace "hawser", a list as name, name.1, name.2 ... NULL; or
 * static words: it is more than a chip takes. It holds secrets either way.
 */
const char *hwi_factory_table(const struct hawser_cli_config *config,
                              const struct hwi_factory_device *device,
                              struct hawser_cli_text *out);

#endif
