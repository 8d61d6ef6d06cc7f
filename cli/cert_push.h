/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What push and rotate share: a certificate on its way to a device.
 */
#ifndef HAWSER_CLI_CERT_PUSH_H
#define HAWSER_CLI_CERT_PUSH_H

#include "cert_ask.h"
#include "text.h"

#define HAWSER_CERT_DER_MAX 2200

struct hawser_cert_der {
    unsigned char bytes[HAWSER_CERT_DER_MAX];
    size_t len;
    char sha256[65]; /* hex */
};

/* Reads one certificate, PEM or DER. CONFIG: none, or too large to go with a
 * request; the message is said. */
int hawser_cert_der_read(const char *path, struct hawser_cert_der *out);

/* Adds ,"size":...,"sha256":...,"data":... */
void hawser_cert_add_file(struct hawser_cli_text *t,
                          const struct hawser_cert_der *der);

/* Looks at the options that both have. An exit code, its message said. */
int hawser_cert_way_read(struct hawser_cert_way *way, const char *timeout);

/* The exit code of a change: 0 also if there was nothing to change. */
int hawser_cert_verdict(int code, const struct hawser_cert_answer *answer);

#endif
