/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One MQTT connection: what CONNECT says, what the broker's packets mean for
 * the device, and which of its own messages are due.
 */
#ifndef HWI_DEVICE_SESSION_H
#define HWI_DEVICE_SESSION_H

#include <stdbool.h>

#include "hawser/device.h"

/* Messages to be published, in this order. */
#define HWI_DUE_STATUS      0x01u
#define HWI_DUE_SUBSCRIBE   0x02u
#define HWI_DUE_SECURITY    0x04u
#define HWI_DUE_PONG        0x08u
#define HWI_DUE_RETAINED    0x10u /* a retained command was refused */
#define HWI_DUE_LOST        0x20u /* telemetry was lost */
#define HWI_DUE_TIME_ASK    0x40u
#define HWI_DUE_RECONNECTED 0x80u

/* Those that are worth keeping until the next session. */
#define HWI_DUE_EVENTS (HWI_DUE_RETAINED | HWI_DUE_LOST | HWI_DUE_RECONNECTED)

/* Prepares the MQTT client for the present configuration; nothing is under way.
 * Errors: ARG as hawser_init(). */
int hwi_session_init(struct hawser_device *d) HAWSER_CHECKED;

/* The line is up: a new session number, CONNECT is queued.
 * Errors as hawser_opened(). */
int hwi_session_open(struct hawser_device *d,
                     enum hawser_version version) HAWSER_CHECKED;

/* These messages are due, as soon as there is a session. */
void hwi_session_say(struct hawser_device *d, uint32_t due);

/* Tells the broker that a message was taken, or with a reason code from 0x80 on
 * that it was not. Nothing to do with QoS 0. While there is no room for another
 * reply, the PUBACK waits: a broker of 5.0 sends no more until it comes. */
void hwi_session_accept(struct hawser_device *d, const struct hawser_event *ev,
                        uint8_t reason);

/* Acts on an event of the client. */
void hwi_session_event(struct hawser_device *d, const struct hawser_event *ev);

/* Publishes what is due, as far as there is room. True: something was. */
bool hwi_session_pump(struct hawser_device *d);

/* The line is gone: why, as far as the session knows. end: what the client or
 * the port says. */
enum hawser_cause hwi_session_cause(const struct hawser_device *d,
                                    enum hawser_cause end);

#endif
