/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way out of a session by our own will: tell everybody by a last status,
 * wait until the broker has it, DISCONNECT, close. Bounded to five seconds.
 */
#ifndef HWI_DEVICE_GOODBYE_H
#define HWI_DEVICE_GOODBYE_H

#include <stdbool.h>

#include "hawser/device.h"

/* Later ones go before earlier ones. */
enum hwi_goodbye {
    HWI_GOODBYE_NONE,
    HWI_GOODBYE_RECONFIGURE,
    HWI_GOODBYE_RESTART,
    HWI_GOODBYE_STOP
};

/* Asks for a goodbye; the supervisor begins it. A weaker one changes nothing. */
void hwi_goodbye_say(struct hawser_device *d, enum hwi_goodbye goodbye);

/* The last status becomes due, if there is a session to say it in. */
void hwi_goodbye_begin(struct hawser_device *d);

/* Drives it on. True: all is said and the line may be closed. */
bool hwi_goodbye_step(struct hawser_device *d);

#endif
