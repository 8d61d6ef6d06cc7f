/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts of the machine: system.h. proc(5), cgroups(7).
 */
#include "ports/linux/system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ports/linux/number.h"
#include "ports/linux/text_file.h"

#define CGROUPS "%s/sys/fs/cgroup"

/* The number behind a word that begins a line. false: not there. */
static bool line_number(const char *text, const char *word, uint64_t *out)
{
    size_t len = strlen(word);
    const char *line;

    for (line = text; line != NULL; line = strchr(line, '\n')) {
        char *end;

        line += strspn(line, "\n");
        if (strncmp(line, word, len) != 0) {
            continue;
        }
        *out = strtoull(line + len, &end, 10);
        return end != line + len;
    }
    return false;
}

static bool number_read(const char *root, const char *group, const char *file,
                        uint64_t *out)
{
    char text[32];

    return hwi_linux_text_read(text, sizeof text, CGROUPS "%s/%s", root, group,
                               file) > 0 &&
           line_number(text, "", out); /* "max" is no number: no limit */
}

/* What one group still allows. false: it has no limit. */
static bool group_room(const char *root, const char *group, uint64_t *out)
{
    char text[4096];
    uint64_t limit;
    uint64_t used;
    uint64_t cache = 0;

    if (!number_read(root, group, "memory.max", &limit) ||
        !number_read(root, group, "memory.current", &used)) {
        return false;
    }
    if (hwi_linux_text_read(text, sizeof text, CGROUPS "%s/memory.stat", root,
                            group) > 0) {
        (void)line_number(text, "inactive_file ", &cache);
    }
    used = used > cache ? used - cache : 0;
    *out = limit > used ? limit - used : 0;
    return true;
}

/* The process's own group of version 2, as a path below its root. */
static bool own_group(const char *root, char out[HWI_LINUX_PATH_SIZE])
{
    char text[2048];
    const char *line;
    size_t len;

    if (hwi_linux_text_read(text, sizeof text, "%s/proc/self/cgroup", root) <
        0) {
        return false;
    }
    line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
    if (line == NULL) {
        return false;
    }
    line = strchr(line, '/');
    if (line == NULL) {
        return false;
    }
    len = strcspn(line, "\n");
    if (len >= HWI_LINUX_PATH_SIZE) {
        return false;
    }
    memcpy(out, line, len);
    out[len] = '\0';
    return true;
}

int hwi_linux_heap_read(const char *root, uint64_t *out)
{
    char text[4096];
    char group[HWI_LINUX_PATH_SIZE];
    uint64_t available;
    uint64_t room;

    if (hwi_linux_text_read(text, sizeof text, "%s/proc/meminfo", root) < 0 ||
        !line_number(text, "MemAvailable:", &available) ||
        available > UINT64_MAX / 1024) {
        return HAWSER_E_ABSENT;
    }
    available *= 1024;
    if (own_group(root, group)) {
        /* Each group above bounds it, too. */
        while (group[0] != '\0') {
            if (group_room(root, group, &room) && room < available) {
                available = room;
            }
            *strrchr(group, '/') = '\0';
        }
    }
    *out = available;
    return 0;
}

/* What the columns of an interface say: status, quality, level, ... */
static int level_read(const char *columns, int32_t *out)
{
    struct hawser_number level;
    unsigned skipped;

    for (skipped = 0; skipped < 2; skipped++) {
        columns += strspn(columns, " ");
        columns += strcspn(columns, " \n");
    }
    columns += strspn(columns, " ");
    /* Drivers that count in units of their own give no negative level. */
    if (hwi_linux_number_parse(columns, &level) < 0 || level.decimals != 0 ||
        level.mantissa >= 0 || level.mantissa < -200) {
        return HAWSER_E_ABSENT;
    }
    *out = (int32_t)level.mantissa;
    return 0;
}

int hwi_linux_rssi_read(const char *root, const char *interface, int32_t *out)
{
    char text[4096];
    const char *line;
    size_t len = strlen(interface);

    if (len == 0 || hwi_linux_text_read(text, sizeof text,
                                        "%s/proc/net/wireless", root) < 0) {
        return HAWSER_E_ABSENT;
    }
    for (line = text; line != NULL; line = strchr(line, '\n')) {
        line += strspn(line, "\n ");
        /* "wlan0: 0000   54.  -61.  -256  ..." */
        if (strncmp(line, interface, len) == 0 && line[len] == ':') {
            return level_read(line + len + 1, out);
        }
    }
    return HAWSER_E_ABSENT;
}
