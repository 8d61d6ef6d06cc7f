/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The subcommands of `hawser cert`; the table is in cert.c.
 */
#ifndef HAWSER_CLI_CERT_H
#define HAWSER_CLI_CERT_H

/* Each answers an exit code. */
int hawser_cert_status(int argc, char **argv);
int hawser_cert_push(int argc, char **argv);
int hawser_cert_rotate(int argc, char **argv);

#endif
