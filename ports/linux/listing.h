/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names in a folder of sysfs, in the order of their numbers.
 */
#ifndef HWI_LINUX_LISTING_H
#define HWI_LINUX_LISTING_H

#include <dirent.h>

#include "hawser/port.h"

struct hwi_linux_listing {
    struct dirent **entries;
    size_t count;
};

/* Lists the folder at the path that format makes (as printf), names that begin
 * with a dot left out, zone2 before zone10. A folder that is not there is an
 * empty one. Free with hwi_linux_listing_free(). */
void hwi_linux_listing_read(struct hwi_linux_listing *out, const char *format,
                            ...) __attribute__((format(printf, 2, 3)));

/* The name of entry i; lives as long as the listing. */
const char *hwi_linux_listing_name(const struct hwi_linux_listing *listing,
                                   size_t i);

void hwi_linux_listing_free(struct hwi_linux_listing *listing);

#endif
