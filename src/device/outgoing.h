/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything the device publishes goes through here: what the broker allows is
 * respected, and of each QoS 1 message it is known what it was until its
 * PUBACK, also over a reconnect.
 */
#ifndef HWI_DEVICE_OUTGOING_H
#define HWI_DEVICE_OUTGOING_H

#include <stdbool.h>

#include "hawser/device.h"

enum hwi_kind {
    HWI_KIND_STATUS,
    HWI_KIND_SECURITY,
    HWI_KIND_DATA,
    HWI_KIND_REPLY,
    HWI_KIND_ANSWER, /* a reply whose arrival is remembered */
    HWI_KIND_EVENT,
    HWI_KIND_ALERT,
    HWI_KIND_LOST, /* an event: it tells what was lost */
    HWI_KINDS
};

struct hwi_outgoing {
    enum hwi_kind kind;
    const char *word; /* of its topic */
    struct hawser_view payload;
    uint8_t qos;
    bool retain;
    uint32_t seq;    /* DATA, ALERT, ANSWER */
    uint32_t ticket; /* DATA, in the outbox */
};

/*
 * Publishes. 0; FULL (not now: try again when something was sent or
 * acknowledged); ARG or LIMIT (it will never go: logged).
 */
int hwi_outgoing_send(struct hawser_device *d,
                      const struct hwi_outgoing *m) HAWSER_CHECKED;

/* The same, to a topic below our own prefix and with properties. */
int hwi_outgoing_send_to(struct hawser_device *d, const struct hwi_outgoing *m,
                         struct hawser_view below,
                         const struct hawser_property *correlation)
    HAWSER_CHECKED;

/* PUBACK, with its reason code. */
void hwi_outgoing_acked(struct hawser_device *d, uint16_t packet_id,
                        uint8_t reason);

/* How many of a kind await their PUBACK. */
unsigned hwi_outgoing_count(const struct hawser_device *d, enum hwi_kind kind);

/* Is a message out of a kind of which the broker, in this session, has not
 * acknowledged a single one? */
bool hwi_outgoing_is_unproven(const struct hawser_device *d);

/* Telemetry messages that may be out at once. */
unsigned hwi_outgoing_window(const struct hawser_device *d);

/* The client forgets its messages: telemetry goes back to the outbox. */
void hwi_outgoing_reset(struct hawser_device *d);

#endif
