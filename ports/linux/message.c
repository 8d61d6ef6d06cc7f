/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words for a person: message.h.
 */
#include "ports/linux/message.h"

#include <stdarg.h>
#include <stdio.h>

int hwi_linux_refuse(int error, char message[HAWSER_LINUX_MESSAGE_SIZE],
                     const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(message, HAWSER_LINUX_MESSAGE_SIZE, format, args);
    va_end(args);
    return error;
}
