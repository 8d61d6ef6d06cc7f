/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words for a person who has to mend a configuration or a machine: what was
 * wrong, where, and what to do.
 */
#ifndef HWI_LINUX_MESSAGE_H
#define HWI_LINUX_MESSAGE_H

#include "ports/linux/linux.h"

/* Writes message (cut at its size; format as printf) and answers error, so that
 * a refusal is one statement. */
int hwi_linux_refuse(int error, char message[HAWSER_LINUX_MESSAGE_SIZE],
                     const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The words for an errno value; they stay until the thread asks again. */
const char *hwi_linux_errno_text(int error);

#endif
