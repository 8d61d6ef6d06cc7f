/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words for a person: message.h.
 */
#include "ports/linux/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int hwi_linux_refuse(int error, char message[HAWSER_LINUX_MESSAGE_SIZE],
                     const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(message, HAWSER_LINUX_MESSAGE_SIZE, format, args);
    va_end(args);
    return error;
}

const char *hwi_linux_errno_text(int error)
{
    /* glibc since 2.32 and musl keep the text a thread. */
    return strerror(error); /* NOLINT(concurrency-mt-unsafe) */
}
