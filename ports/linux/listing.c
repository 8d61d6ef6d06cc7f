/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names in a folder: listing.h.
 */
#include "ports/linux/listing.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ports/linux/text_file.h"

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

void hwi_linux_listing_read(struct hwi_linux_listing *out, const char *format,
                            ...)
{
    char path[HWI_LINUX_PATH_SIZE];
    va_list args;
    int path_len;
    int count = -1;

    *out = (struct hwi_linux_listing){NULL, 0};
    va_start(args, format);
    path_len = vsnprintf(path, sizeof path, format, args);
    va_end(args);
    if (path_len >= 0 && (size_t)path_len < sizeof path) {
        count = scandir(path, &out->entries, is_shown, versionsort);
    }
    if (count > 0) {
        out->count = (size_t)count;
    }
}

const char *hwi_linux_listing_name(const struct hwi_linux_listing *listing,
                                   size_t i)
{
    return listing->entries[i]->d_name;
}

void hwi_linux_listing_free(struct hwi_linux_listing *listing)
{
    size_t i;

    for (i = 0; i < listing->count; i++) {
        free(listing->entries[i]);
    }
    free(listing->entries);
    *listing = (struct hwi_linux_listing){NULL, 0};
}
