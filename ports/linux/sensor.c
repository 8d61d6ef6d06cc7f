/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sensors of a port: sensor.h.
 */
#include "ports/linux/sensor.h"

#include <stdio.h>
#include <stdlib.h>

#include "ports/linux/clock.h"
#include "ports/linux/entropy.h"
#include "ports/linux/message.h"
#include "ports/linux/number.h"
#include "ports/shared/simulated.h"

static int make_one(struct hwi_linux_sensor *out,
                    const struct hawser_linux_sensor *from,
                    char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    uint16_t phase = 0;
    int err =
        hwi_linux_sensor_source_parse(from->source, &out->source, message);

    if (err != 0) {
        return err;
    }
    (void)snprintf(out->argument, sizeof out->argument, "%s",
                   out->source.argument);
    out->source.argument = out->argument;
    out->quantity = hwi_linux_quantity_of(from->name);
    /* Devices must not move in step; without entropy yet they may. */
    if (hwi_linux_entropy((uint8_t *)&phase, sizeof phase) != 0) {
        phase = 0;
    }
    out->phase_ms = (uint32_t)phase * 10;
    return 0;
}

int hwi_linux_sensors_make(struct hwi_linux_sensors *out,
                           const struct hawser_linux_sensor *sensors,
                           size_t count,
                           char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    size_t i;

    *out = (struct hwi_linux_sensors){NULL, 0};
    if (count == 0) {
        return 0;
    }
    if (count > HWI_LINUX_SENSORS_MAX) {
        return hwi_linux_refuse(HAWSER_E_ARG, message,
                                "%zu sensors are too many: at most %d", count,
                                HWI_LINUX_SENSORS_MAX);
    }
    out->list = calloc(count, sizeof *out->list);
    if (out->list == NULL) {
        return hwi_linux_refuse(HAWSER_E_FULL, message, "no memory");
    }
    out->count = count;
    for (i = 0; i < count; i++) {
        int err = make_one(&out->list[i], &sensors[i], message);

        if (err != 0) {
            hwi_linux_sensors_free(out); /* what is not made yet is zero */
            return err;
        }
    }
    return 0;
}

void hwi_linux_sensors_free(struct hwi_linux_sensors *sensors)
{
    size_t i;

    for (i = 0; i < sensors->count; i++) {
        hwi_linux_exec_stop(&sensors->list[i].exec);
    }
    free(sensors->list);
    *sensors = (struct hwi_linux_sensors){NULL, 0};
}

/* The first of the kernel's sensors that fits. */
static int auto_read(struct hwi_linux_sensor_query *query,
                     struct hawser_number *out)
{
    query->argument = NULL;
    if (hwi_linux_thermal_read(query, out) == 0 ||
        hwi_linux_hwmon_read(query, out) == 0) {
        return 0;
    }
    return hwi_linux_iio_read(query, out);
}

static int file_read(const char *path, struct hawser_number *out)
{
    char text[256];

    if (hwi_linux_text_read(text, sizeof text, "%s", path) < 0) {
        return HAWSER_E_ABSENT;
    }
    return hwi_linux_number_find(text, out);
}

static void simulated_read(const struct hwi_linux_sensor *sensor,
                           struct hawser_reading *out)
{
    const struct hwi_linux_quantity *quantity = sensor->quantity;
    struct hawser_number min = sensor->source.min;
    struct hawser_number max = sensor->source.max;

    if (!sensor->source.has_range) {
        min.mantissa = quantity != NULL ? quantity->simulated_min * 10 : 0;
        max.mantissa = quantity != NULL ? quantity->simulated_max * 10 : 1000;
        min.decimals = max.decimals = 1;
    }
    out->simulated = true;
    out->value =
        hwi_simulated_value(min, max, hwi_linux_now_ms() + sensor->phase_ms);
}

int hwi_linux_sensors_read(struct hwi_linux_sensors *sensors, const char *root,
                           unsigned index, struct hawser_reading *out)
{
    struct hwi_linux_sensor_query query = {.root = root};
    struct hwi_linux_sensor *sensor;

    if (index >= sensors->count) {
        return HAWSER_E_ABSENT;
    }
    sensor = &sensors->list[index];
    query.quantity = sensor->quantity;
    query.argument = sensor->source.argument;
    out->simulated = false;
    switch (sensor->source.kind) {
    case HWI_LINUX_SENSOR_AUTO:
        return auto_read(&query, &out->value);
    case HWI_LINUX_SENSOR_THERMAL:
        return hwi_linux_thermal_read(&query, &out->value);
    case HWI_LINUX_SENSOR_HWMON:
        return hwi_linux_hwmon_read(&query, &out->value);
    case HWI_LINUX_SENSOR_IIO:
        return hwi_linux_iio_read(&query, &out->value);
    case HWI_LINUX_SENSOR_FILE:
        return file_read(query.argument, &out->value);
    case HWI_LINUX_SENSOR_EXEC:
        return hwi_linux_exec_read(&sensor->exec, query.argument, &out->value);
    case HWI_LINUX_SENSOR_SIMULATED:
        simulated_read(sensor, out);
        return 0;
    }
    return HAWSER_E_ABSENT;
}

void hwi_linux_sensors_drive(struct hwi_linux_sensors *sensors)
{
    size_t i;

    for (i = 0; i < sensors->count; i++) {
        hwi_linux_exec_drive(&sensors->list[i].exec);
    }
}

void hwi_linux_sensors_poll(const struct hwi_linux_sensors *sensors,
                            struct hwi_linux_pollset *set)
{
    size_t i;

    for (i = 0; i < sensors->count; i++) {
        hwi_linux_exec_poll(&sensors->list[i].exec, set);
    }
}
