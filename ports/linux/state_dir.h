/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state directory: made, locked against a second process, and with a note
 * of how each run ended, from which the next one tells its reset reason.
 *
 * The note is one line in the file "lock": the pid, a word ("running",
 * "stopped" or "restart") and the kernel's boot id. A machine that lost power leaves
 * "running" of another boot; a crash leaves it of this one.
 */
#ifndef HWI_LINUX_STATE_DIR_H
#define HWI_LINUX_STATE_DIR_H

#include "ports/linux/linux.h"

struct hwi_linux_state_dir {
    int fd;      /* of the directory; < 0: there is none */
    int lock_fd; /* holds the lock while open */
    char *path;
    enum hawser_reset_reason reset_reason;
};

/* Makes (0700), opens and locks the directory at path and reads the note. NULL:
 * none; then fd is -1 and the reset reason unknown. root: before /proc; "" but
 * in tests. 0; or STORAGE with words in message, *dir is then closed. */
int hwi_linux_state_dir_open(
    struct hwi_linux_state_dir *dir, const char *path, const char *root,
    char message[HAWSER_LINUX_MESSAGE_SIZE]) HAWSER_CHECKED;

/* Notes how the run ended (by the restart command, or stopped), unlocks and
 * closes. */
void hwi_linux_state_dir_close(struct hwi_linux_state_dir *dir,
                               bool is_restart);

#endif
