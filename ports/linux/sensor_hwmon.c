/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Temperature and humidity of the kernel's hardware monitors: sensor.h.
 */
#include <stdio.h>
#include <string.h>

#include "ports/linux/listing.h"
#include "ports/linux/number.h"
#include "ports/linux/sensor.h"
#include "ports/linux/text_file.h"

#define FOLDER "%s/sys/class/hwmon"
#define SUFFIX "_input"

/* One chip's folder and what is wanted of it. */
struct chip {
    const char *root;
    const char *folder; /* "hwmon0" */
    const char *prefix; /* of channels: "temp" */
    const char *label;  /* or channel; NULL: any */
};

/* Takes "temp2" out of "temp2_input". false: another file. */
static bool channel_of(const char *file, const char *prefix, char out[32])
{
    size_t len = strlen(file);
    size_t end = len - (sizeof SUFFIX - 1);

    if (len <= sizeof SUFFIX || end >= 32 || strcmp(file + end, SUFFIX) != 0 ||
        strncmp(file, prefix, strlen(prefix)) != 0) {
        return false;
    }
    memcpy(out, file, end);
    out[end] = '\0';
    return true;
}

static bool is_meant(const struct chip *chip, const char *channel)
{
    char label[64];

    if (chip->label == NULL || strcmp(chip->label, channel) == 0) {
        return true;
    }
    return hwi_linux_text_read(label, sizeof label, FOLDER "/%s/%s_label",
                               chip->root, chip->folder, channel) >= 0 &&
           strcmp(label, chip->label) == 0;
}

static int channel_read(const struct chip *chip, const char *channel,
                        struct hawser_number *out)
{
    char text[32];
    struct hawser_number milli;

    if (hwi_linux_text_read(text, sizeof text, FOLDER "/%s/%s" SUFFIX,
                            chip->root, chip->folder, channel) < 0 ||
        hwi_linux_number_parse(text, &milli) < 0) {
        return HAWSER_E_ABSENT;
    }
    *out = hwi_linux_number_from_milli(milli);
    return 0;
}

static int chip_read(const struct chip *chip, struct hawser_number *out)
{
    struct hwi_linux_listing files;
    char channel[32];
    int err = HAWSER_E_ABSENT;
    size_t i;

    hwi_linux_listing_read(&files, FOLDER "/%s", chip->root, chip->folder);
    for (i = 0; i < files.count && err != 0; i++) {
        if (channel_of(hwi_linux_listing_name(&files, i), chip->prefix,
                       channel) &&
            is_meant(chip, channel)) {
            err = channel_read(chip, channel, out);
        }
    }
    hwi_linux_listing_free(&files);
    return err;
}

/* Whether the chip in folder bears the name that argument begins with. A name
 * may hold a slash less than a label may, so the first slash parts them. */
static bool is_chip(const struct hwi_linux_sensor_query *query,
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

int hwi_linux_hwmon_read(const struct hwi_linux_sensor_query *query,
                         struct hawser_number *out)
{
    const struct hwi_linux_quantity *quantity = query->quantity;
    const char *slash =
        query->argument != NULL ? strchr(query->argument, '/') : NULL;
    struct chip chip = {.root = query->root, .prefix = "temp"};
    struct hwi_linux_listing chips;
    int err = HAWSER_E_ABSENT;
    size_t i;

    if (quantity != NULL) {
        chip.prefix = quantity->hwmon;
    }
    if (chip.prefix == NULL || (query->argument == NULL && quantity == NULL)) {
        return HAWSER_E_ABSENT;
    }
    if (slash != NULL) {
        chip.label = slash + 1;
    }
    hwi_linux_listing_read(&chips, FOLDER, query->root);
    for (i = 0; i < chips.count && err != 0; i++) {
        chip.folder = hwi_linux_listing_name(&chips, i);
        if (is_chip(query, chip.folder)) {
            err = chip_read(&chip, out);
        }
    }
    hwi_linux_listing_free(&chips);
    return err;
}
