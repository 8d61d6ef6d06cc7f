/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a command may be obeyed: by whom it is, and when it is. A refusal has
 * a code for programs and a text for people; neither holds anything of what was
 * sent.
 */
#ifndef HWI_DEVICE_PERMISSION_H
#define HWI_DEVICE_PERMISSION_H

#include "hawser/device.h"

#include "device/command.h"
#include "device/reply.h"

/* Why a command is not obeyed. code NULL: it is. */
struct hwi_verdict {
    enum hwi_reply_status status;
    const char *code;
    const char *text;
};

struct hwi_verdict hwi_permitted(void);
struct hwi_verdict hwi_rejected(const char *code, const char *text);

/* Is it signed, if it must be? Then arguments count only where a signature
 * covers them: c->args is an object. */
struct hwi_verdict hwi_permission_of_sender(struct hawser_device *d,
                                            struct hwi_command *c,
                                            const struct hwi_command_row *row);

/* if_boot, expires, and the guard against reboot loops. */
struct hwi_verdict hwi_permission_now(struct hawser_device *d,
                                      struct hwi_command *c,
                                      const struct hwi_command_row *row);

#endif
