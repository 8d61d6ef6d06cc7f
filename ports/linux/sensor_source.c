/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sensor's source, taken apart: sensor_source.h.
 */
#include "ports/linux/sensor_source.h"

#include <string.h>

#include "ports/linux/message.h"
#include "ports/linux/number.h"
#include "ports/linux/sensor_exec.h"
#include "ports/linux/spawn.h"
#include "ports/linux/text_file.h"

/* Keeps the simulation's products inside 64 bits. */
#define RANGE_MANTISSA_MAX INT64_C(100000000000000)

enum argument { ARGUMENT_NONE, ARGUMENT_MAY, ARGUMENT_MUST };

static const struct {
    const char *word;
    enum hwi_linux_sensor_kind kind;
    enum argument argument;
} kinds[] = {
    {"auto", HWI_LINUX_SENSOR_AUTO, ARGUMENT_NONE},
    {"thermal", HWI_LINUX_SENSOR_THERMAL, ARGUMENT_MUST},
    {"hwmon", HWI_LINUX_SENSOR_HWMON, ARGUMENT_MUST},
    {"iio", HWI_LINUX_SENSOR_IIO, ARGUMENT_MUST},
    {"file", HWI_LINUX_SENSOR_FILE, ARGUMENT_MUST},
    {"exec", HWI_LINUX_SENSOR_EXEC, ARGUMENT_MUST},
    {"simulated", HWI_LINUX_SENSOR_SIMULATED, ARGUMENT_MAY},
};
#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

static const struct hwi_linux_quantity quantities[] = {
    {"temperature", "temp", "in_temp", 18, 26},
    {"humidity", "humidity", "in_humidityrelative", 40, 60},
    {"pressure", NULL, "in_pressure", 95, 105},
    {"illuminance", NULL, "in_illuminance", 0, 1000},
};
#define QUANTITY_COUNT (sizeof quantities / sizeof quantities[0])

const struct hwi_linux_quantity *hwi_linux_quantity_of(const char *name)
{
    size_t len = strcspn(name, "_");
    size_t i;

    for (i = 0; i < QUANTITY_COUNT; i++) {
        if (strlen(quantities[i].name) == len &&
            memcmp(quantities[i].name, name, len) == 0) {
            return &quantities[i];
        }
    }
    return NULL;
}

/* Gives the number so many decimals, if it fits. */
static bool refine(struct hawser_number *number, uint8_t decimals)
{
    for (; number->decimals < decimals; number->decimals++) {
        if (number->mantissa > RANGE_MANTISSA_MAX ||
            number->mantissa < -RANGE_MANTISSA_MAX) {
            return false;
        }
        number->mantissa *= 10;
    }
    return number->mantissa <= RANGE_MANTISSA_MAX &&
           number->mantissa >= -RANGE_MANTISSA_MAX;
}

/* "MIN..MAX". The numbers stand apart at the two points, which no number can
 * hold, so MIN is cut out first. */
static bool range_parse(const char *text, struct hwi_linux_sensor_source *out)
{
    const char *points = strstr(text, "..");
    char min[32];
    size_t min_len;
    uint8_t decimals = 1;
    int max_len;

    if (points == NULL || (size_t)(points - text) >= sizeof min) {
        return false;
    }
    min_len = (size_t)(points - text);
    memcpy(min, text, min_len);
    min[min_len] = '\0';
    if (hwi_linux_number_parse(min, &out->min) != (int)min_len) {
        return false;
    }
    max_len = hwi_linux_number_parse(points + 2, &out->max);
    if (max_len < 0 || points[2 + max_len] != '\0') {
        return false;
    }
    if (out->min.decimals > decimals) {
        decimals = out->min.decimals;
    }
    if (out->max.decimals > decimals) {
        decimals = out->max.decimals;
    }
    return refine(&out->min, decimals) && refine(&out->max, decimals) &&
           out->min.mantissa < out->max.mantissa;
}

/* The row of the kind that text begins with; KIND_COUNT: none. */
static size_t kind_find(const char *text)
{
    size_t len = strcspn(text, ":");
    size_t i;

    for (i = 0; i < KIND_COUNT; i++) {
        if (strlen(kinds[i].word) == len &&
            memcmp(kinds[i].word, text, len) == 0) {
            break;
        }
    }
    return i;
}

/* What the kind asks of its argument. */
static int argument_check(const char *text, struct hwi_linux_sensor_source *out,
                          char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    if (strlen(out->argument) >= HWI_LINUX_PATH_SIZE) {
        return hwi_linux_refuse(HAWSER_E_ARG, message,
                                "the sensor source is too long: at most %d "
                                "bytes",
                                HWI_LINUX_PATH_SIZE - 1);
    }
    if (out->kind == HWI_LINUX_SENSOR_EXEC &&
        !hwi_linux_spawn_is_command(out->argument)) {
        return hwi_linux_refuse(HAWSER_E_ARG, message,
                                "\"%.80s\": a program and at most %d words "
                                "after it, separated by blanks",
                                text, HWI_LINUX_EXEC_WORDS_MAX - 1);
    }
    if (out->kind != HWI_LINUX_SENSOR_SIMULATED || out->argument[0] == '\0') {
        return 0;
    }
    out->has_range = range_parse(out->argument, out);
    if (!out->has_range) {
        return hwi_linux_refuse(HAWSER_E_ARG, message,
                                "\"%.80s\" has no range MIN..MAX with MIN "
                                "below MAX, as in simulated:18.5..26",
                                text);
    }
    return 0;
}

int hwi_linux_sensor_source_parse(const char *text,
                                  struct hwi_linux_sensor_source *out,
                                  char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    size_t row = kind_find(text);
    const char *colon = strchr(text, ':');
    bool has_argument = colon != NULL && colon[1] != '\0';
    bool is_wrong;

    if (row == KIND_COUNT) {
        return hwi_linux_refuse(
            HAWSER_E_ARG, message,
            "\"%.80s\" is no sensor source; allowed: auto, thermal:TYPE or "
            "thermal:N, hwmon:NAME[/LABEL], iio:NAME[/CHANNEL], file:PATH, "
            "exec:COMMAND, simulated[:MIN..MAX]",
            text);
    }
    is_wrong =
        (kinds[row].argument == ARGUMENT_MUST && !has_argument) ||
        (kinds[row].argument == ARGUMENT_NONE && colon != NULL) ||
        (kinds[row].argument == ARGUMENT_MAY && colon != NULL && !has_argument);
    if (is_wrong) {
        return hwi_linux_refuse(HAWSER_E_ARG, message, "\"%.80s\": %s %s", text,
                                kinds[row].word,
                                kinds[row].argument == ARGUMENT_NONE
                                    ? "stands alone"
                                    : "needs something behind the colon");
    }
    *out = (struct hwi_linux_sensor_source){
        .kind = kinds[row].kind,
        .argument = has_argument ? colon + 1 : "",
    };
    return argument_check(text, out, message);
}

int hawser_linux_sensor_check(const char *source,
                              char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    struct hwi_linux_sensor_source parsed;

    return hwi_linux_sensor_source_parse(source, &parsed, message);
}
