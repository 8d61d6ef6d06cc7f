/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arguments by a table: names, types and ranges are checked, all of them, and
 * what is wrong is said in words.
 */
#ifndef HWI_DEVICE_ARGUMENTS_H
#define HWI_DEVICE_ARGUMENTS_H

#include "hawser/device.h"

/* Is a table of arguments as hawser/command.h wants it? */
bool hwi_arguments_is_table(const struct hawser_arg *args, size_t count);

/* What a call gives, and where its texts are to stand. */
struct hwi_arguments {
    struct hawser_view object;   /* JSON */
    struct hawser_value *values; /* of HAWSER_ARGS_MAX */
    struct hawser_span room;
};

/*
 * Reads the arguments of a command. 0; ARG: one is missing, wrong or too much,
 * and *why (a view into out, for people) says which and what it should be.
 */
int hwi_arguments_read(const struct hawser_command *command,
                       const struct hwi_arguments *a, struct hawser_span out,
                       struct hawser_view *why) HAWSER_CHECKED;

#endif
