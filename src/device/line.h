/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to the broker: which broker and address, the stream, and the bytes
 * between the stream and the MQTT client.
 */
#ifndef HWI_DEVICE_LINE_H
#define HWI_DEVICE_LINE_H

#include <stdbool.h>

#include "hawser/device.h"

/* The first broker, nothing open, MQTT 5 first. */
void hwi_line_init(struct hawser_device *d);

/* A look-up of the broker gave addresses: begin with the first. Nothing is
 * opened yet. count: 1..HWI_ADDRESSES_MAX, in d->line.addresses. */
void hwi_line_begin(struct hawser_device *d, size_t count);

/* The name was not found: begin with the address of the last session with this
 * broker, whose certificate will show whether it still is. False: there was
 * none. */
bool hwi_line_begin_by_guess(struct hawser_device *d) HAWSER_CHECKED;

/* The present address led to a session. */
void hwi_line_remember(struct hawser_device *d);

/*
 * Opens the stream to the address whose turn it is, or to the next ones if
 * that fails at once. False: none is left; d->line.cause and detail say why.
 */
bool hwi_line_open(struct hawser_device *d) HAWSER_CHECKED;

/* The present address failed: notes why, closes, and goes on to the next. False
 * as hwi_line_open(). detail: NULL if there is nothing to say. */
bool hwi_line_next(struct hawser_device *d, enum hawser_cause cause,
                   const char *detail) HAWSER_CHECKED;

/* The stream is open: why earlier addresses failed is of no interest. */
void hwi_line_forget(struct hawser_device *d);

/* How long the present address may take for TCP alone. */
uint64_t hwi_line_tcp_due_ms(const struct hawser_device *d);

/* Closes the stream and tells the client. Nothing open is fine. */
void hwi_line_close(struct hawser_device *d);

/*
 * Moves bytes and messages as long as anything moves. NONE, or the cause that
 * ended the connection (it is not yet closed); detail in d->line.detail.
 */
enum hawser_cause hwi_line_pump(struct hawser_device *d);

/* Are there no bytes left that the stream has to take? */
bool hwi_line_is_flushed(const struct hawser_device *d);

/* The version for the next CONNECT. */
enum hawser_version hwi_line_version(const struct hawser_device *d);

/* CONNACK came: the version is right. */
void hwi_line_confirm_version(struct hawser_device *d);

/* The first answer to CONNECT 5.0 was a no, or a close: true if the other
 * version should be tried at once. */
bool hwi_line_falls_back(struct hawser_device *d, enum hawser_cause cause);

/* Counts a failure; after five in a row the next broker is on. */
void hwi_line_count_failure(struct hawser_device *d);

const struct hawser_endpoint *hwi_line_broker(const struct hawser_device *d);

#endif
