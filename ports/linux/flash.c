/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash on files: flash.h.
 */
#include "ports/linux/flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ports/linux/message.h"

#define SECTOR_SIZE  HWI_LINUX_FLASH_SECTOR
#define PROGRAM_SIZE 4u /* as most chips have it */
#define ERASED       0xff
#define NEW_NAME     "new.flash" /* while a file is being made */

static const struct {
    const char *name;
    uint32_t sectors; /* unless told otherwise */
} regions[HAWSER_REGION_COUNT] = {
    [HAWSER_REGION_STATE] = {"state.flash", 4},
    [HAWSER_REGION_OUTBOX] = {"outbox.flash", 256},
    [HAWSER_REGION_CREDENTIALS] = {"credentials.flash", 16},
    [HAWSER_REGION_COMMANDS] = {"commands.flash", 8},
    [HAWSER_REGION_FLIGHTS] = {"flights.flash", 4},
};

static uint32_t region_size(const struct hwi_linux_flash *flash,
                            enum hawser_region region)
{
    return flash->sectors[region] * SECTOR_SIZE;
}

/* All of it, or false. */
static bool write_all(int fd, const uint8_t *bytes, size_t len, off_t at)
{
    while (len > 0) {
        ssize_t done = pwrite(fd, bytes, len, at);

        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return false;
        }
        bytes += done;
        len -= (size_t)done;
        at += done;
    }
    return true;
}

static bool read_all(int fd, uint8_t *out, size_t len, off_t at)
{
    while (len > 0) {
        ssize_t done = pread(fd, out, len, at);

        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return false;
        }
        out += done;
        len -= (size_t)done;
        at += done;
    }
    return true;
}

/* Writes an erased region into the file and syncs it. */
static bool fill(int fd, uint32_t sectors)
{
    uint8_t sector[SECTOR_SIZE];
    uint32_t i;

    memset(sector, ERASED, sizeof sector);
    for (i = 0; i < sectors; i++) {
        if (!write_all(fd, sector, sizeof sector, (off_t)i * SECTOR_SIZE)) {
            return false;
        }
    }
    return fsync(fd) == 0;
}

/* Makes the file under another name first: a power cut leaves a whole file or
 * none. -1: failed, errno says why. */
static int region_make(const struct hwi_linux_state_dir *dir,
                       enum hawser_region region, uint32_t sectors)
{
    int fd = openat(dir->fd, NEW_NAME,
                    O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int error;

    if (fd < 0) {
        return -1;
    }
    if (fill(fd, sectors) &&
        renameat(dir->fd, NEW_NAME, dir->fd, regions[region].name) == 0 &&
        fsync(dir->fd) == 0) {
        return fd;
    }
    error = errno;
    (void)close(fd);
    (void)unlinkat(dir->fd, NEW_NAME, 0);
    errno = error;
    return -1;
}

static int region_check(const struct hwi_linux_flash *flash, const char *path,
                        enum hawser_region region,
                        char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    struct stat facts;

    if (fstat(flash->fds[region], &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return hwi_linux_refuse(HAWSER_E_STORAGE, message,
                                "%.300s/%s is not a plain file", path,
                                regions[region].name);
    }
    if (facts.st_size != (off_t)region_size(flash, region)) {
        return hwi_linux_refuse(
            HAWSER_E_STORAGE, message,
            "%.300s/%s has %lld bytes instead of %u: damaged, or made for "
            "another size or version; move it away to start with an empty one",
            path, regions[region].name, (long long)facts.st_size,
            (unsigned)region_size(flash, region));
    }
    return 0;
}

static int region_open(struct hwi_linux_flash *flash,
                       const struct hwi_linux_state_dir *dir,
                       enum hawser_region region,
                       char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    int fd = openat(dir->fd, regions[region].name,
                    O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0 && errno == ENOENT) {
        fd = region_make(dir, region, flash->sectors[region]);
    }
    if (fd < 0) {
        bool is_link = errno == ELOOP; /* that is no accident */
        int err = hwi_linux_refuse(
            HAWSER_E_STORAGE, message, "cannot open %.300s/%s: %s", dir->path,
            regions[region].name, hwi_linux_errno_text(errno));

        return region == HAWSER_REGION_OUTBOX && !is_link ? 0 : err;
    }
    flash->fds[region] = fd;
    return region_check(flash, dir->path, region, message);
}

int hwi_linux_flash_open(struct hwi_linux_flash *flash,
                         const struct hwi_linux_state_dir *dir,
                         uint32_t outbox_sectors,
                         char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    unsigned region;

    message[0] = '\0';
    for (region = 0; region < HAWSER_REGION_COUNT; region++) {
        flash->fds[region] = -1;
        flash->sectors[region] = dir->fd < 0 ? 0 : regions[region].sectors;
    }
    if (outbox_sectors > 0 && dir->fd >= 0) {
        flash->sectors[HAWSER_REGION_OUTBOX] = outbox_sectors;
    }
    for (region = 0; dir->fd >= 0 && region < HAWSER_REGION_COUNT; region++) {
        int err = region_open(flash, dir, (enum hawser_region)region, message);

        if (err != 0) {
            hwi_linux_flash_close(flash);
            return err;
        }
    }
    return 0;
}

void hwi_linux_flash_close(struct hwi_linux_flash *flash)
{
    unsigned region;

    for (region = 0; region < HAWSER_REGION_COUNT; region++) {
        if (flash->fds[region] >= 0) {
            (void)close(flash->fds[region]); /* synced after each change */
        }
        flash->fds[region] = -1;
    }
}

/* The region's file; -1: there is no such region, or the bytes lie outside. */
static int file_of(const struct hwi_linux_flash *flash,
                   enum hawser_region region, uint32_t offset, size_t len)
{
    if ((unsigned)region >= HAWSER_REGION_COUNT ||
        offset > region_size(flash, region) ||
        len > region_size(flash, region) - offset) {
        return -1;
    }
    return flash->fds[region];
}

void hwi_linux_flash_geometry(const struct hwi_linux_flash *flash,
                              enum hawser_region region,
                              struct hawser_flash_geometry *out)
{
    *out = (struct hawser_flash_geometry){
        .sector_size = SECTOR_SIZE,
        .program_size = PROGRAM_SIZE,
    };
    if ((unsigned)region < HAWSER_REGION_COUNT) {
        out->sector_count = flash->sectors[region];
    }
}

int hwi_linux_flash_read(const struct hwi_linux_flash *flash,
                         enum hawser_region region, uint32_t offset,
                         uint8_t *out, size_t len)
{
    int fd = file_of(flash, region, offset, len);

    if (fd < 0 || !read_all(fd, out, len, (off_t)offset)) {
        return HAWSER_E_STORAGE;
    }
    return 0;
}

/* Programming turns ones into zeros and each unit once: what is not erased any
 * more was programmed before. */
static bool is_erased(int fd, uint32_t offset, size_t len)
{
    uint8_t present[SECTOR_SIZE];
    size_t i;

    if (!read_all(fd, present, len, (off_t)offset)) {
        return false;
    }
    for (i = 0; i < len; i++) {
        if (present[i] != ERASED) {
            return false;
        }
    }
    return true;
}

int hwi_linux_flash_program(const struct hwi_linux_flash *flash,
                            enum hawser_region region, uint32_t offset,
                            const uint8_t *bytes, size_t len)
{
    int fd = file_of(flash, region, offset, len);
    bool is_aligned = offset % PROGRAM_SIZE == 0 && len % PROGRAM_SIZE == 0 &&
                      len <= SECTOR_SIZE - offset % SECTOR_SIZE;

    if (fd < 0 || !is_aligned || !is_erased(fd, offset, len) ||
        !write_all(fd, bytes, len, (off_t)offset) || fdatasync(fd) != 0) {
        return HAWSER_E_STORAGE;
    }
    return 0;
}

int hwi_linux_flash_erase(const struct hwi_linux_flash *flash,
                          enum hawser_region region, uint32_t sector)
{
    uint8_t erased[SECTOR_SIZE];
    int fd = file_of(flash, region, 0, 0);

    if (fd < 0 || sector >= flash->sectors[region]) {
        return HAWSER_E_STORAGE;
    }
    memset(erased, ERASED, sizeof erased);
    if (!write_all(fd, erased, sizeof erased, (off_t)sector * SECTOR_SIZE) ||
        fdatasync(fd) != 0) {
        return HAWSER_E_STORAGE;
    }
    return 0;
}
