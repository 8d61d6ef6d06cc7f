/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `hawser send` sends: the command's JSON and the topics around it.
 */
#ifndef HAWSER_CLI_SEND_REQUEST_H
#define HAWSER_CLI_SEND_REQUEST_H

#include "hawser/device.h"
#include "text.h"

/* A command on its way. id is random and comes back in the reply. */
struct hawser_cli_request {
    const char *device;
    const char *command;
    const char *id;
    char *const *pairs; /* "key=value" */
    size_t pair_count;
    const char *args; /* a JSON object as it stands, instead of arguments among
                         the pairs; NULL: none */
    const char *sig;  /* a signature of the form below; NULL: none */
    enum hawser_layout layout;
};

/* Where the parts of a conversation take place; each with its NUL. */
#define HAWSER_CLI_TOPIC_SIZE 192

struct hawser_cli_topics {
    char control[HAWSER_CLI_TOPIC_SIZE];
    char reply[HAWSER_CLI_TOPIC_SIZE];
    char reply_own[HAWSER_CLI_TOPIC_SIZE]; /* ends in the id; "" if flat */
    char status[HAWSER_CLI_TOPIC_SIZE];
};

/*
 * Adds {"command":...,"id":...,"args":{...}}; with the flat layout also
 * "device", as all devices share one control topic. if_boot and expires stand
 * beside args, as conditions of the command itself. Values: integers and
 * true/false as such, everything else as strings. False and words in *why: a
 * pair without =, an empty or repeated key, or too much for *t.
 */
bool hawser_cli_request_build(struct hawser_cli_text *t,
                              const struct hawser_cli_request *request,
                              struct hawser_cli_text *why);

/* Adds the bytes that are signed, as docs/commands.md has them. False and words
 * in *why as above, and for a condition that is no number. */
bool hawser_cli_request_form(struct hawser_cli_text *t,
                             const struct hawser_cli_request *request,
                             struct hawser_cli_text *why);

/* Is there an end to it: expires or if_boot? */
bool hawser_cli_request_is_bounded(const struct hawser_cli_request *request);

/* Fills the topics of a request. root and id are short (HAWSER_ROOT_MAX,
 * HAWSER_ID_MAX), so that everything fits. */
void hawser_cli_request_topics(struct hawser_cli_topics *out, const char *root,
                               const struct hawser_cli_request *request);

/* Can it be a device's id: 1 to 64 bytes of text without + # / ? */
bool hawser_cli_is_device_id(const char *id);

#endif
