/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Temperatures of the kernel's thermal zones: sensor.h.
 */
#include <string.h>

#include "ports/linux/listing.h"
#include "ports/linux/number.h"
#include "ports/linux/sensor.h"
#include "ports/linux/text_file.h"

#define FOLDER "%s/sys/class/thermal"
#define PREFIX "thermal_zone"

/* Types of zones that are the processor, or the chip that it is in. */
static const char *const cpu_words[] = {"cpu", "x86_pkg", "soc", "coretemp"};
#define CPU_WORD_COUNT (sizeof cpu_words / sizeof cpu_words[0])

static bool is_cpu(const char *type)
{
    size_t i;

    for (i = 0; i < CPU_WORD_COUNT; i++) {
        if (strcasestr(type, cpu_words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_zone(const char *name)
{
    return strncmp(name, PREFIX, sizeof PREFIX - 1) == 0;
}

/* argument: the zone's number or type. */
static bool is_meant(const char *zone, const char *type, const char *argument)
{
    return strcmp(zone + sizeof PREFIX - 1, argument) == 0 ||
           strcmp(type, argument) == 0;
}

static int zone_read(const char *root, const char *zone,
                     struct hawser_number *out)
{
    char text[32];
    struct hawser_number milli;

    if (hwi_linux_text_read(text, sizeof text, FOLDER "/%s/temp", root, zone) <
            0 ||
        hwi_linux_number_parse(text, &milli) < 0) {
        return HAWSER_E_ABSENT;
    }
    *out = hwi_linux_number_from_milli(milli);
    return 0;
}

/* Whether the zone is one of the wanted: in the first round without an argument
 * the processor's, in the second any. */
static bool is_wanted(const struct hwi_linux_sensor_query *query,
                      const char *zone, bool is_first_round)
{
    char type[64];

    if (!is_zone(zone)) {
        return false;
    }
    if (hwi_linux_text_read(type, sizeof type, FOLDER "/%s/type", query->root,
                            zone) < 0) {
        type[0] = '\0';
    }
    if (query->argument != NULL) {
        return is_meant(zone, type, query->argument);
    }
    return !is_first_round || is_cpu(type);
}

/* The first wanted zone that gives a number. */
static int zones_read(const struct hwi_linux_sensor_query *query,
                      const struct hwi_linux_listing *zones,
                      bool is_first_round, struct hawser_number *out)
{
    size_t i;

    for (i = 0; i < zones->count; i++) {
        const char *zone = hwi_linux_listing_name(zones, i);

        if (is_wanted(query, zone, is_first_round) &&
            zone_read(query->root, zone, out) == 0) {
            return 0;
        }
    }
    return HAWSER_E_ABSENT;
}

int hwi_linux_thermal_read(const struct hwi_linux_sensor_query *query,
                           struct hawser_number *out)
{
    const struct hwi_linux_quantity *quantity = query->quantity;
    struct hwi_linux_listing zones;
    int err;

    if (query->argument == NULL &&
        (quantity == NULL || strcmp(quantity->name, "temperature") != 0)) {
        return HAWSER_E_ABSENT;
    }
    hwi_linux_listing_read(&zones, FOLDER, query->root);
    err = zones_read(query, &zones, true, out);
    if (err != 0) {
        err = zones_read(query, &zones, false, out);
    }
    hwi_linux_listing_free(&zones);
    return err;
}
