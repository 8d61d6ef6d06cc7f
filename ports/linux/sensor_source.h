/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sensor's source as people write it (struct hawser_linux_sensor.source),
 * taken apart; and what a sensor's name says about the quantity it measures.
 */
#ifndef HWI_LINUX_SENSOR_SOURCE_H
#define HWI_LINUX_SENSOR_SOURCE_H

#include "ports/linux/linux.h"

enum hwi_linux_sensor_kind {
    HWI_LINUX_SENSOR_AUTO,
    HWI_LINUX_SENSOR_THERMAL,
    HWI_LINUX_SENSOR_HWMON,
    HWI_LINUX_SENSOR_IIO,
    HWI_LINUX_SENSOR_FILE,
    HWI_LINUX_SENSOR_EXEC,
    HWI_LINUX_SENSOR_SIMULATED
};

struct hwi_linux_sensor_source {
    enum hwi_linux_sensor_kind kind;
    const char *argument; /* behind the colon, in the text; "" if none */
    /* Of SIMULATED only, with equally many decimals, one at least. */
    bool has_range;
    struct hawser_number min;
    struct hawser_number max;
};

/* What is measured, by the sensor's name. */
struct hwi_linux_quantity {
    const char *name;  /* the whole name, or its part before an underscore */
    const char *hwmon; /* channels' first letters in hwmon; NULL: none */
    const char *iio;   /* the same in IIO */
    int64_t simulated_min;
    int64_t simulated_max;
};

/*
 * Takes a source apart. out->argument points into text.
 * 0; or ARG with words in message: not a known kind, an argument is missing,
 * too long or superfluous, a range that is none.
 */
int hwi_linux_sensor_source_parse(
    const char *text, struct hwi_linux_sensor_source *out,
    char message[HAWSER_LINUX_MESSAGE_SIZE]) HAWSER_CHECKED;

/* The quantity of a sensor of this name ("temperature", "humidity_cellar").
 * Static. NULL: the name says nothing. */
const struct hwi_linux_quantity *hwi_linux_quantity_of(const char *name);

#endif
