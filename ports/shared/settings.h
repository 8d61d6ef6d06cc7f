/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device's configuration from settings by name, as the factory wrote them into
 * flash: "id", "broker" ("HOST PORT"), "ca" and so on. cli/factory_settings.c has
 * all of a chip's, tools/firmware-flash those of the emulated machine; names have
 * 15 bytes at most, as keys of ESP-IDF's NVS. Texts are not copied.
 */
#ifndef HWI_SHARED_SETTINGS_H
#define HWI_SHARED_SETTINGS_H

#include "hawser/device.h"

/* All values of a chip, each with a NUL behind it. */
#define HWI_SETTINGS_ROOM 12288u

/* A chip's WiFi networks. */
#define HWI_SETTINGS_NETWORKS_MAX 5

/* The range of a simulated sensor. */
struct hwi_range {
    struct hawser_number min;
    struct hawser_number max;
};

struct hwi_settings {
    struct hawser_device_config device;
    struct hawser_endpoint brokers[HAWSER_BROKERS_MAX];
    struct hawser_endpoint time_servers[HAWSER_TIME_SERVERS_MAX];
    const char *sensors[HAWSER_SENSORS_MAX];
    struct hwi_range ranges[HAWSER_SENSORS_MAX];
    struct hawser_address name_server; /* family 0: that of the network */
};

/* Nothing set. *s stays in its place from here on. */
void hwi_settings_init(struct hwi_settings *s);

/* Takes one; a NUL stands behind the value, which is changed and stays. false:
 * not known, or one too many of a kind. Ranges are the device's to check. */
bool hwi_settings_take(struct hwi_settings *s, const char *name,
                       struct hawser_span value);

#endif
