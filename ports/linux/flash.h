/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash on files: one file a region in the state directory, its bytes as they
 * would stand in the chip. It keeps to the rules of flash (struct
 * hawser_flash_geometry), so that code that works here works on a chip; what a
 * chip would spoil silently is refused here.
 *
 * A sync after each change makes it survive a power cut before 0 is answered.
 * All room is taken when a file is made, so a disk that is full later changes
 * nothing (on file systems that write in place).
 */
#ifndef HWI_LINUX_FLASH_H
#define HWI_LINUX_FLASH_H

#include "ports/linux/state_dir.h"

struct hwi_linux_flash {
    int fds[HAWSER_REGION_COUNT];          /* < 0: closed, or it failed */
    uint32_t sectors[HAWSER_REGION_COUNT]; /* 0: no such region */
};

#define HWI_LINUX_FLASH_SECTOR 4096u /* bytes */

/* Opens the files in dir, which must stay open for the call only; makes those
 * that are not there, all erased. Without a directory there are no regions.
 * outbox_sectors: of HAWSER_REGION_OUTBOX; 0: 256.
 *
 * 0; or STORAGE with words in message, *flash is then closed. A file of a wrong
 * size is left as it is and refused. Where the outbox cannot be opened (no room
 * on the disk) the answer is 0 and message says so: its region is there, but
 * fails; a device goes on without it. */
int hwi_linux_flash_open(
    struct hwi_linux_flash *flash, const struct hwi_linux_state_dir *dir,
    uint32_t outbox_sectors,
    char message[HAWSER_LINUX_MESSAGE_SIZE]) HAWSER_CHECKED;
void hwi_linux_flash_close(struct hwi_linux_flash *flash);

/* As struct hawser_port's flash_*. What lies outside the region, is not
 * aligned, crosses a sector, or is programmed already is answered by STORAGE,
 * and nothing changed. */
void hwi_linux_flash_geometry(const struct hwi_linux_flash *flash,
                              enum hawser_region region,
                              struct hawser_flash_geometry *out);
int hwi_linux_flash_read(const struct hwi_linux_flash *flash,
                         enum hawser_region region, uint32_t offset,
                         uint8_t *out, size_t len) HAWSER_CHECKED;
int hwi_linux_flash_program(const struct hwi_linux_flash *flash,
                            enum hawser_region region, uint32_t offset,
                            const uint8_t *bytes, size_t len) HAWSER_CHECKED;
int hwi_linux_flash_erase(const struct hwi_linux_flash *flash,
                          enum hawser_region region,
                          uint32_t sector) HAWSER_CHECKED;

#endif
