/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device answered, for `hawser send`: is it ours, is it the last word,
 * and how does a person read it?
 */
#ifndef HAWSER_CLI_SEND_REPLY_H
#define HAWSER_CLI_SEND_REPLY_H

#include "cli.h"
#include "json.h"

enum hawser_cli_reply_kind {
    HAWSER_REPLY_OTHER,     /* not JSON, or the answer to another command */
    HAWSER_REPLY_PROGRESS,  /* accepted or running: more will come */
    HAWSER_REPLY_SUCCEEDED, /* done */
    HAWSER_REPLY_FAILED     /* any other word: the device did not do it */
};

/* Reads a reply; the views in *out live as long as payload. id: the command's. */
enum hawser_cli_reply_kind hawser_cli_reply_read(struct hawser_cli_object *out,
                                                 struct hawser_view payload,
                                                 const char *id);

/* Adds lines for a person: "DEVICE: COMMAND OUTCOME", then the other members,
 * one a line, indented. */
void hawser_cli_reply_add_shown(struct hawser_cli_text *t,
                                const struct hawser_cli_object *reply);

/* Is a status this device's? The flat layout has one topic for all devices;
 * a message without "device" is taken for its own. False: not JSON, too. */
bool hawser_cli_status_is_of(struct hawser_view payload, const char *device);

/* Adds what a retained status says of a device: "its last status is offline,
 * reported at ...", or that it is of another. payload {NULL, 0}: none has ever
 * been seen. */
void hawser_cli_status_add_shown(struct hawser_cli_text *t,
                                 struct hawser_view payload,
                                 const char *device);

#endif
