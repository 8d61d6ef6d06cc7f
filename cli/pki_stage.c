/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory made in full beside the place where it belongs, then renamed
 * there: an init that fails, or is killed, leaves nothing half done.
 */
#include "pki_file.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

/* Whoever stands in a directory that is replaced would see it empty. */
static int check_nobody_inside(const char *final)
{
    struct stat here;
    struct stat there;
    if (stat(".", &here) == 0 && stat(final, &there) == 0 &&
        here.st_dev == there.st_dev && here.st_ino == there.st_ino) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s is the current directory; give a new one, or "
                            "run this from outside",
                            final);
    }
    return 0;
}

/* Absent or empty. Whatever appears later is seen by rename(2) itself. */
static int check_free(const char *final)
{
    DIR *dir = opendir(final);
    if (dir == NULL) {
        return errno == ENOENT ? 0
                               : hwi_pki_fail(HAWSER_EXIT_CONFIG, "%s: %s",
                                              final, strerror(errno));
    }
    size_t count = 0;
    while (readdir(dir) != NULL) {
        count++;
    }
    (void)closedir(dir); /* opened for reading: nothing can be lost */
    if (count > 2) {     /* more than . and .. */
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s exists and is not empty; nothing in it is "
                            "overwritten, so give a new directory",
                            final);
    }
    return 0;
}

int hwi_pki_stage_begin(char stage[HWI_PATH_SIZE], const char *final)
{
    int code = check_nobody_inside(final);
    if (code == 0) {
        code = check_free(final);
    }
    if (code == 0) {
        code = hwi_pki_path(stage, "%s.new-XXXXXX", final);
    }
    if (code == 0 && mkdtemp(stage) == NULL) {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "%s cannot be made: %s", final,
                            strerror(errno));
    }
    return code;
}

int hwi_pki_stage_commit(const char *stage, const char *final)
{
    if (rename(stage, final) == 0) {
        return 0;
    }
    int code = hwi_pki_fail(HAWSER_EXIT_FAILED, "%s cannot be made: %s", final,
                            strerror(errno));
    hwi_pki_stage_abandon(stage);
    return code;
}

static int remove_one(const char *path, const struct stat *info, int kind,
                      struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

void hwi_pki_stage_abandon(const char *stage)
{
    /* A file that stays cannot be helped here; the cause is said already. */
    (void)nftw(stage, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
