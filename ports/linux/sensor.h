/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sensors of a port, in the order of the configuration, and the kernel's
 * three ways to read one (sensor_thermal.c, sensor_hwmon.c, sensor_iio.c).
 *
 * Kernel sensors are looked for afresh at each reading: they come and go with
 * modules and plugs. A driver that measures on being read (some on I2C and
 * 1-Wire) holds the caller up for as long as it measures.
 */
#ifndef HWI_LINUX_SENSOR_H
#define HWI_LINUX_SENSOR_H

#include "ports/linux/linux.h"
#include "ports/linux/sensor_exec.h"
#include "ports/linux/sensor_source.h"
#include "ports/linux/text_file.h"

struct hwi_linux_sensor {
    const struct hwi_linux_quantity *quantity; /* NULL: its name says nothing */
    struct hwi_linux_sensor_source source;     /* points to argument */
    char argument[HWI_LINUX_PATH_SIZE];
    struct hwi_linux_exec exec;
    uint32_t phase_ms; /* where the simulation starts */
};

struct hwi_linux_sensors {
    struct hwi_linux_sensor *list; /* NULL: none */
    size_t count;
};

/* What a kernel reader is asked for. */
struct hwi_linux_sensor_query {
    const char *root; /* before /sys; "" but in tests */
    const struct hwi_linux_quantity *quantity; /* NULL: not known */
    const char *argument; /* of the source; NULL: whatever fits the quantity */
};

/* Makes the list; copies the texts. 0; ARG with words in message (a source is
 * not understood, too many); FULL with words: no memory. On failure *out is
 * empty. Free with hwi_linux_sensors_free(). */
int hwi_linux_sensors_make(
    struct hwi_linux_sensors *out, const struct hawser_linux_sensor *sensors,
    size_t count, char message[HAWSER_LINUX_MESSAGE_SIZE]) HAWSER_CHECKED;
/* Ends what runs and frees. An empty list is fine. */
void hwi_linux_sensors_free(struct hwi_linux_sensors *sensors);

/* As struct hawser_port's sensor_read. root as in the query. */
int hwi_linux_sensors_read(struct hwi_linux_sensors *sensors, const char *root,
                           unsigned index,
                           struct hawser_reading *out) HAWSER_CHECKED;

/* Drives running programs on. */
void hwi_linux_sensors_drive(struct hwi_linux_sensors *sensors);
/* Adds what they wait for. */
void hwi_linux_sensors_poll(const struct hwi_linux_sensors *sensors,
                            struct hwi_linux_pollset *set);

/*
 * The kernel's readers. 0 and *out in wholes of the unit (degrees Celsius, per
 * cent); ABSENT: none that fits, or it cannot be read now.
 *
 * thermal: argument is a zone's number or its type; without one a zone that is
 *     the processor's, else the first. Only for temperatures without one.
 * hwmon: argument is a chip's name, a slash and a label ("Tctl") or channel
 *     ("temp2") may follow; without them the first that gives a number.
 * iio: argument is a device's name, a slash and a channel ("in_temp") may
 *     follow; values are (raw + offset) * scale if there is no ready one.
 */
int hwi_linux_thermal_read(const struct hwi_linux_sensor_query *query,
                           struct hawser_number *out) HAWSER_CHECKED;
int hwi_linux_hwmon_read(const struct hwi_linux_sensor_query *query,
                         struct hawser_number *out) HAWSER_CHECKED;
int hwi_linux_iio_read(const struct hwi_linux_sensor_query *query,
                       struct hawser_number *out) HAWSER_CHECKED;

#endif
