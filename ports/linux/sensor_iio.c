/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readings of the kernel's industrial I/O devices: sensor.h.
 */
#include <stdio.h>
#include <string.h>

#include "ports/linux/listing.h"
#include "ports/linux/number.h"
#include "ports/linux/sensor.h"
#include "ports/linux/text_file.h"

#define FOLDER "%s/sys/bus/iio/devices"

/* One device's folder and what is wanted of it. */
struct device {
    const char *root;
    const char *folder;  /* "iio:device0" */
    const char *channel; /* its attributes begin with it: "in_temp" */
    bool is_milli;
};

static int attribute_read(const struct device *device, const char *attribute,
                          struct hawser_number *out)
{
    char text[64];

    if (hwi_linux_text_read(text, sizeof text, FOLDER "/%s/%s", device->root,
                            device->folder, attribute) < 0 ||
        hwi_linux_number_parse(text, out) < 0) {
        return HAWSER_E_ABSENT;
    }
    return 0;
}

/* A scale or offset: the channel's own ("in_temp_object_scale"), else the one
 * that all channels of the type share, else otherwise. */
static int companion_read(const struct device *device, const char *channel,
                          const char *what, struct hawser_number *in_out)
{
    char own[128];
    char shared[128];

    (void)snprintf(own, sizeof own, "%s_%s", channel, what);
    (void)snprintf(shared, sizeof shared, "%s_%s", device->channel, what);
    if (attribute_read(device, own, in_out) == 0 ||
        attribute_read(device, shared, in_out) == 0) {
        return 0;
    }
    return HAWSER_E_ABSENT;
}

/* (raw + offset) * scale; a device without the two has them as 0 and 1. */
static int raw_read(const struct device *device, const char *channel,
                    struct hawser_number *out)
{
    char attribute[128];
    struct hawser_number raw;
    struct hawser_number offset = {0, 0};
    struct hawser_number scale = {1, 0};

    (void)snprintf(attribute, sizeof attribute, "%s_raw", channel);
    if (attribute_read(device, attribute, &raw) != 0) {
        return HAWSER_E_ABSENT;
    }
    (void)companion_read(device, channel, "offset", &offset);
    (void)companion_read(device, channel, "scale", &scale);
    if (hwi_linux_number_add(raw, offset, &raw) != 0) {
        return HAWSER_E_ABSENT;
    }
    return hwi_linux_number_multiply(raw, scale, out);
}

/* Takes "in_temp" out of "in_temp_input" if the suffix and the wanted channel
 * fit: "in_temp", "in_temp0" and "in_temp_object" are all temperatures. */
static bool channel_of(const char *file, const char *suffix, const char *wanted,
                       char out[100])
{
    size_t len = strlen(file);
    size_t suffix_len = strlen(suffix);
    size_t end = len - suffix_len;

    if (len <= suffix_len || end >= 100 || strcmp(file + end, suffix) != 0 ||
        strncmp(file, wanted, strlen(wanted)) != 0) {
        return false;
    }
    memcpy(out, file, end);
    out[end] = '\0';
    return true;
}

/* The first of the files that is a ready value, else the first raw one. */
static int files_read(const struct device *device,
                      const struct hwi_linux_listing *files,
                      struct hawser_number *out)
{
    char channel[100];
    size_t i;

    for (i = 0; i < files->count; i++) {
        const char *file = hwi_linux_listing_name(files, i);

        if (channel_of(file, "_input", device->channel, channel) &&
            attribute_read(device, file, out) == 0) {
            return 0;
        }
    }
    for (i = 0; i < files->count; i++) {
        if (channel_of(hwi_linux_listing_name(files, i), "_raw",
                       device->channel, channel) &&
            raw_read(device, channel, out) == 0) {
            return 0;
        }
    }
    return HAWSER_E_ABSENT;
}

static int device_read(const struct device *device, struct hawser_number *out)
{
    struct hwi_linux_listing files;
    int err;

    hwi_linux_listing_read(&files, FOLDER "/%s", device->root, device->folder);
    err = files_read(device, &files, out);
    hwi_linux_listing_free(&files);
    if (err == 0 && device->is_milli) {
        *out = hwi_linux_number_from_milli(*out);
    }
    return err;
}

static bool is_device(const struct hwi_linux_sensor_query *query,
                      const char *folder)
{
    char name[64];
    int len;

    if (query->argument == NULL) {
        return true;
    }
    len = hwi_linux_text_read(name, sizeof name, FOLDER "/%s/name", query->root,
                              folder);
    return len >= 0 && strcspn(query->argument, "/") == (size_t)len &&
           memcmp(query->argument, name, (size_t)len) == 0;
}

/* Temperatures and humidities come in thousandths, other things as they are. */
static bool is_milli_channel(const char *channel)
{
    return strncmp(channel, "in_temp", 7) == 0 ||
           strncmp(channel, "in_humidityrelative", 19) == 0;
}

int hwi_linux_iio_read(const struct hwi_linux_sensor_query *query,
                       struct hawser_number *out)
{
    const struct hwi_linux_quantity *quantity = query->quantity;
    const char *slash =
        query->argument != NULL ? strchr(query->argument, '/') : NULL;
    struct device device = {.root = query->root};
    struct hwi_linux_listing devices;
    int err = HAWSER_E_ABSENT;
    size_t i;

    if (slash != NULL) {
        device.channel = slash + 1;
    } else if (quantity != NULL) {
        device.channel = quantity->iio;
    }
    if (device.channel == NULL || device.channel[0] == '\0') {
        return HAWSER_E_ABSENT;
    }
    device.is_milli = is_milli_channel(device.channel);
    hwi_linux_listing_read(&devices, FOLDER, query->root);
    for (i = 0; i < devices.count && err != 0; i++) {
        device.folder = hwi_linux_listing_name(&devices, i);
        if (is_device(query, device.folder)) {
            err = device_read(&device, out);
        }
    }
    hwi_linux_listing_free(&devices);
    return err;
}
