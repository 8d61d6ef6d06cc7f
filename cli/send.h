/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One command to one device and its replies, for `hawser send` and for commands
 * that show the replies in their own way.
 */
#ifndef HAWSER_CLI_SEND_H
#define HAWSER_CLI_SEND_H

#include "cli.h"
#include "json.h"
#include "send_request.h"

struct hawser_cli_send_job {
    const char *name;        /* of the subcommand, for words to people */
    const char *config_path; /* NULL: the default */
    unsigned timeout_s;      /* until the last reply */
    bool is_json;            /* prints replies as they come */
    const char *key_path;    /* of the key that signs it; NULL: not signed */
    /* device, command and pairs; the rest is filled in. */
    struct hawser_cli_request request;
    /* Adds a reply for a person; more of them may follow. */
    void (*show)(void *ctx, struct hawser_cli_text *t,
                 const struct hawser_cli_object *reply);
    void *ctx;
};

/* Sends it and prints the replies; an exit code. */
int hawser_cli_send_run(const struct hawser_cli_send_job *job);

/* Reads --timeout: 1 to 3600 seconds. *out is 0 without one. An exit code, its
 * message printed. */
int hawser_cli_send_timeout(const char *name, const char *text, unsigned *out);

#endif
