/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the console's files share:
 *   console_line.c   bytes to lines
 *   console.c        lines to commands
 *   console_set.c    set, clear, show: settings in NVS
 *   console_paste.c  set ca: certificates
 *   console_task.c   the task, and the chip
 */
#ifndef HWI_ESP_CONSOLE_PARTS_H
#define HWI_ESP_CONSOLE_PARTS_H

#include "ports/esp-idf/console.h"

/* Writes as printf() does, 400 bytes at most. */
__attribute__((format(printf, 2, 3))) void
hwi_esp_console_say(const struct hwi_esp_console *c, const char *format, ...);

/* What came of storing under key: says so; if it is a good end, also what is
 * still missing, or that a restart makes use of it. */
void hwi_esp_console_tell(const struct hwi_esp_console *c, const char *key,
                          esp_err_t err);

/* Says what a device cannot do without and is not stored. False: nothing. */
bool hwi_esp_console_missing(const struct hwi_esp_console *c);

/* The commands; words: what stands behind the command's name. */
void hwi_esp_console_set(struct hwi_esp_console *c, char *words);
void hwi_esp_console_clear(struct hwi_esp_console *c, char *words);
void hwi_esp_console_show(struct hwi_esp_console *c, char *words);

/* The line that was asked for by "set wifi", "set password". */
void hwi_esp_console_passphrase(struct hwi_esp_console *c);
void hwi_esp_console_password(struct hwi_esp_console *c);

/* A paste begins: asked for by "set ca", or behind one that was taken. */
void hwi_esp_console_paste_begin(struct hwi_esp_console *c, bool is_asked);
/* Its next line; PASTE goes on until an END line. */
void hwi_esp_console_paste_line(struct hwi_esp_console *c);
/* Ctrl-C, or another command. */
void hwi_esp_console_paste_drop(struct hwi_esp_console *c);

#endif
