/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small text files of the kernel (sysfs, procfs) and of people, read whole and
 * bounded. Paths are printed together, so that tests can set another root.
 */
#ifndef HWI_LINUX_TEXT_FILE_H
#define HWI_LINUX_TEXT_FILE_H

#include "hawser/port.h"

/* The kernel's paths are short; so is a sensible one of a person. */
#define HWI_LINUX_PATH_SIZE 512

/*
 * Reads the file at the path that format makes (as printf) into out, at most
 * size - 1 bytes and a NUL, without its final newlines. A pipe without a writer
 * does not block. The length; or ABSENT (no such file, not readable, a NUL in
 * it, path too long), out is then "".
 */
int hwi_linux_text_read(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4))) HAWSER_CHECKED;

#endif
