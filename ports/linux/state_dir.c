/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state directory, its lock and its note: state_dir.h.
 */
#include "ports/linux/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ports/linux/message.h"
#include "ports/linux/text_file.h"

#define LOCK_NAME    "lock"
#define WORD_RUNNING "running"
#define WORD_STOPPED "stopped"
#define WORD_RESTART "restart"
#define BOOT_ID_SIZE 40
/* Every note is so long, so that one replaces another whole. */
#define NOTE_SIZE 64

struct note {
    char pid[24];
    char word[16];
    char boot_id[BOOT_ID_SIZE];
};

/* Takes the next word of a line out. false: there is none, or it is longer. */
static bool word_take(const char **line, char *out, size_t size)
{
    size_t len;

    *line += strspn(*line, " ");
    len = strcspn(*line, " \n");
    if (len == 0 || len >= size) {
        return false;
    }
    memcpy(out, *line, len);
    out[len] = '\0';
    *line += len;
    return true;
}

static bool note_read(int fd, struct note *out)
{
    char text[NOTE_SIZE + 1];
    const char *line = text;
    ssize_t len = pread(fd, text, NOTE_SIZE, 0);

    if (len <= 0) {
        return false;
    }
    text[len] = '\0';
    return word_take(&line, out->pid, sizeof out->pid) &&
           word_take(&line, out->word, sizeof out->word) &&
           word_take(&line, out->boot_id, sizeof out->boot_id);
}

/* Best effort: a note that is lost costs a reset reason and nothing else. */
static void note_write(int fd, const char *word, const char *boot_id)
{
    char text[NOTE_SIZE + 1];
    int len =
        snprintf(text, sizeof text, "%ld %s %s", (long)getpid(), word, boot_id);

    if (len < 0 || len >= NOTE_SIZE) {
        return;
    }
    memset(text + len, ' ', (size_t)(NOTE_SIZE - 1 - len));
    text[NOTE_SIZE - 1] = '\n';
    (void)(pwrite(fd, text, NOTE_SIZE, 0) == NOTE_SIZE);
}

/* "-" where the kernel has none: all runs then seem of one boot. */
static void boot_id_read(const char *root, char out[BOOT_ID_SIZE])
{
    if (hwi_linux_text_read(out, BOOT_ID_SIZE,
                            "%s/proc/sys/kernel/random/boot_id", root) <= 0) {
        memcpy(out, "-", 2);
    }
}

/* A first run is like one after power came: nothing before it is known to have
 * gone wrong. */
static enum hawser_reset_reason reason_of(const struct note *note,
                                          const char *boot_id)
{
    if (note != NULL && strcmp(note->word, WORD_RESTART) == 0) {
        return HAWSER_RESET_COMMAND;
    }
    if (note == NULL || strcmp(note->boot_id, boot_id) != 0) {
        return HAWSER_RESET_POWER_ON;
    }
    return strcmp(note->word, WORD_STOPPED) == 0 ? HAWSER_RESET_SOFTWARE
                                                 : HAWSER_RESET_CRASH;
}

static int refuse(const struct hwi_linux_state_dir *dir, const char *what,
                  char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    return hwi_linux_refuse(HAWSER_E_STORAGE, message, "%s %.300s: %s", what,
                            dir->path, hwi_linux_errno_text(errno));
}

static int directory_open(struct hwi_linux_state_dir *dir,
                          char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    if (mkdir(dir->path, 0700) != 0 && errno != EEXIST) {
        return refuse(dir, "cannot make the state directory", message);
    }
    dir->fd = open(dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir->fd < 0) {
        return refuse(dir, "cannot open the state directory", message);
    }
    return 0;
}

static int lock_take(struct hwi_linux_state_dir *dir, struct note *note,
                     char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    dir->lock_fd = openat(dir->fd, LOCK_NAME,
                          O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (dir->lock_fd < 0) {
        return refuse(dir, "cannot write in the state directory", message);
    }
    if (flock(dir->lock_fd, LOCK_EX | LOCK_NB) == 0) {
        return 0;
    }
    if (errno != EWOULDBLOCK) {
        return refuse(dir, "cannot lock the state directory", message);
    }
    if (!note_read(dir->lock_fd, note)) {
        (void)snprintf(note->pid, sizeof note->pid, "?");
    }
    return hwi_linux_refuse(HAWSER_E_STORAGE, message,
                            "the state directory %.300s is in use by process "
                            "%s: give each device one of its own",
                            dir->path, note->pid);
}

int hwi_linux_state_dir_open(struct hwi_linux_state_dir *dir, const char *path,
                             const char *root,
                             char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    struct note note = {"", "", ""};
    char boot_id[BOOT_ID_SIZE];
    int err;

    *dir = (struct hwi_linux_state_dir){.fd = -1, .lock_fd = -1};
    if (path == NULL) {
        return 0;
    }
    dir->path = strdup(path);
    if (dir->path == NULL) {
        return hwi_linux_refuse(HAWSER_E_STORAGE, message, "no memory");
    }
    err = directory_open(dir, message);
    if (err == 0) {
        err = lock_take(dir, &note, message);
    }
    if (err != 0) {
        /* Not ours: closing must not touch the note. */
        if (dir->lock_fd >= 0) {
            (void)close(dir->lock_fd);
        }
        dir->lock_fd = -1;
        hwi_linux_state_dir_close(dir, false);
        return err;
    }
    boot_id_read(root, boot_id);
    dir->reset_reason =
        reason_of(note_read(dir->lock_fd, &note) ? &note : NULL, boot_id);
    note_write(dir->lock_fd, WORD_RUNNING, boot_id);
    return 0;
}

void hwi_linux_state_dir_close(struct hwi_linux_state_dir *dir, bool is_restart)
{
    struct note note = {"", "", ""};

    if (dir->lock_fd >= 0) {
        if (note_read(dir->lock_fd, &note)) {
            note_write(dir->lock_fd, is_restart ? WORD_RESTART : WORD_STOPPED,
                       note.boot_id);
        }
        (void)close(dir->lock_fd);
    }
    if (dir->fd >= 0) {
        (void)close(dir->fd);
    }
    free(dir->path);
    *dir = (struct hwi_linux_state_dir){.fd = -1, .lock_fd = -1};
}
