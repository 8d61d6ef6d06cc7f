/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "mqtts://broker.example:8883", "[2001:db8::1]:123": where something is to be
 * reached, read strictly.
 */
#ifndef HAWSER_CLI_ENDPOINT_H
#define HAWSER_CLI_ENDPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "hawser/port.h"

struct hawser_cli_endpoint {
    char host[HAWSER_HOST_SIZE]; /* a name, IPv4 or IPv6, without brackets */
    uint16_t port;
};

/*
 * Reads HOST[:PORT] of len bytes. HOST is a DNS name, an IPv4 address or an
 * IPv6 address in brackets; PORT 1..65535, default_port if absent. NULL and
 * *out; or static words that say what is wrong (*out is then undefined).
 */
const char *hawser_cli_endpoint_read(struct hawser_cli_endpoint *out,
                                     const char *text, size_t len,
                                     uint16_t default_port);

/*
 * Reads mqtts://HOST[:PORT][/], port 8883 if absent. As above. The words never
 * repeat the text, as it may hold a password that should not be there.
 */
const char *hawser_cli_endpoint_read_url(struct hawser_cli_endpoint *out,
                                         const char *text, size_t len);

#endif
