/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change brought to many devices in stages: one device, then a tenth of them,
 * then all. It stops at the first failure, and goes on there when it is run
 * again.
 */
#ifndef HAWSER_CLI_CERT_ROLLOUT_H
#define HAWSER_CLI_CERT_ROLLOUT_H

#include <stddef.h>

/* Devices by name, in their order; views into argv and text. */
struct hawser_cert_devices {
    const char **ids;
    size_t count;
    char *text; /* of the file that named some */
    size_t text_len;
};

/* Takes the ids of the command line and, if path is not NULL, those of a file,
 * one a line, # for comments. USAGE (none, twice the same, not an id) or CONFIG
 * (the file cannot be read), the message said. Free in any case. */
int hawser_cert_devices_read(struct hawser_cert_devices *out, int count,
                             char **argv, const char *path);
void hawser_cert_devices_free(struct hawser_cert_devices *devices);

struct hawser_cert_rollout {
    const struct hawser_cert_devices *devices;
    const char *what;        /* names the change, in one line: "add 5f0c..." */
    const char *resume_path; /* what is done is kept there; NULL: nowhere */
    /* Changes one device; an exit code, its message said. */
    int (*change)(void *ctx, const char *device);
    void *ctx;
};

/* Runs it; an exit code. CONFIG: the file is of another change. */
int hawser_cert_roll_out(const struct hawser_cert_rollout *r);

/* How many of count devices the stage (0, 1, 2) ends behind. */
size_t hawser_cert_stage_end(size_t count, unsigned stage);

#endif
